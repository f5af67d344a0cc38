//! Mode and owner of files and folders that are there. System folders keep their owner whatever is asked: a server whose
//! /var/lib belongs to somebody else needs a person, not a change of owner.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;
use crate::before::Look;
use profiles::Permission;

pub(crate) fn looks(permissions: &[Permission]) -> Vec<Look> {
    let mut looks: Vec<Look> =
        permissions.iter().map(|permission| Look::Ask("look_mode", vec![permission.path.clone()])).collect();
    let names =
        permissions.iter().flat_map(|permission| [permission.owner.clone(), permission.group.clone()]).collect();
    looks.push(Look::Ask("look_accounts", names));
    looks
}

/// Whether a path belongs to the system itself: the root, its folders, and what stands directly below /var.
fn is_system(path: &str) -> bool {
    let depth = path.trim_matches('/').split('/').filter(|part| !part.is_empty()).count();
    let first = path.trim_matches('/').split('/').next().unwrap_or_default();
    let system = [
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var",
    ];
    depth <= 1 || (depth == 2 && system.contains(&first)) || ["usr", "proc", "sys", "dev", "boot"].contains(&first)
}

pub(super) fn propose(scene: &Scene<'_>, permissions: &[Permission]) -> Proposed {
    let mut words =
        Words { undo: "Sets mode and owner back to what they are now.".into(), seconds: 1, ..Words::default() };
    let (mut acts, mut reasons) = (Vec::new(), Vec::new());
    for permission in permissions {
        let Permission { path, mode, owner, group } = permission;
        let Some(now) = scene.before.value(&format!("mode.{path}")) else { continue };
        let mut parts = now.split(' ');
        let (now_mode, now_owner) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>().join(":"));
        let wanted = format!("{owner}:{group}");
        let own = now_owner != wanted;
        if !own && now_mode == mode {
            continue;
        }
        if own && is_system(path) {
            reasons.push(format!("{path} belongs to {now_owner}, which a person should look into."));
            continue;
        }
        let known = |kind: &str, name: &str| scene.before.value(&format!("{kind}.{name}")).is_some();
        let made_here = scene.all.iter().any(|tuning| {
            matches!(&tuning.kind, profiles::TuningKind::SystemUser { user, group: g } if user == owner || g == group)
        });
        if own && !made_here && !(known("user", owner) && known("group", group)) {
            reasons.push(format!("There is no {wanted} here yet to own {path}."));
            continue;
        }
        words.value(path, &format!("{now_mode} {now_owner}"), &format!("{mode} {wanted}"));
        let owner = own.then(|| (owner.clone(), group.clone()));
        acts.push(Act::Mode { path: path.clone(), mode: mode.clone(), owner });
    }
    words.consequence = reasons.join(" ");
    match (acts.is_empty(), reasons.is_empty()) {
        (true, true) => Proposed::Settled,
        (true, false) => Proposed::NotHere(reasons.join(" ")),
        (false, _) => Proposed::Offer(Kind::Permissions, acts, words),
    }
}

#[cfg(test)]
mod tests {
    use super::is_system;

    #[test]
    fn no_system_path_changes_its_owner() {
        for path in ["/", "/etc", "/var/lib", "/var/log", "/usr/local/bin", "/home/op", "/opt"] {
            assert!(is_system(path), "{path}");
        }
        assert!(!is_system("/opt/dusk/bin") && !is_system("/var/lib/rancher/k3s"));
    }
}
