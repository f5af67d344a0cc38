//! Which facts judging looks at, so that the probe can be asked for them and no others.

use facts::{Key, Kind};
use profiles::{Bound, Catalog, Condition, Need, RoleChoice};
use std::collections::BTreeSet;

/// Every fact that judging these needs reads: their own, those of their conditions, and those that findings mention.
pub fn keys<'a>(needs: impl IntoIterator<Item = &'a Need>) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for part in needs.into_iter().flat_map(|need| &need.parts) {
        for Condition { key, bound, .. } in &part.only_if {
            keys.insert(key.clone());
            of_bound(bound, &mut keys);
        }
        of_bound(&part.bound, &mut keys);
        let Some(key) = &part.key else { continue };
        keys.insert(key.clone());
        match key.kind() {
            // A program that is too old comes with what the distribution offers.
            Kind::SoftwareVersion => keys.extend(Key::of(Kind::SoftwareCandidate, key.argument()).ok()),
            Kind::CpuClock => keys.extend([Key::plain(Kind::CpuBaseClock)]),
            // What a disk calls itself in a virtual machine is settled by measuring it.
            Kind::DiskKind => keys.extend(Key::of(Kind::DiskIops, key.argument()).ok()),
            _ => {}
        }
    }
    keys
}

fn of_bound(bound: &Bound, keys: &mut BTreeSet<Key>) {
    if let Bound::AtLeastShare { of, .. } = bound {
        keys.insert(of.clone());
    }
}

/// Every fact that comparing these roles reads.
pub fn keys_of_roles(catalog: &Catalog, roles: &[RoleChoice]) -> BTreeSet<Key> {
    let needs: Vec<Need> = roles.iter().filter_map(|role| catalog.needs(role).ok()).flatten().collect();
    keys(&needs)
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn conditions_shares_and_offers_are_asked_for_too() {
        let needs = profiles::needs(&"reforms/small".parse().expect("a role")).expect("needs");
        let keys: Vec<String> = keys(&needs).iter().map(ToString::to_string).collect();
        for wanted in
            ["software.version:redis", "software.candidate:postgresql", "memory.total", "cpu.base_clock", "address.nat"]
        {
            assert!(keys.iter().any(|key| key == wanted), "{wanted}");
        }
    }
}
