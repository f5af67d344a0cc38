//! Whether others can reach what listens on a port, as far as the server itself can tell: three facts put together.

use super::Context;
use super::answers::Answers;
use super::listeners::ports;
use super::notes::{Cited, Notes};
use crate::{Facts, Key, Kind, Reading, Value, Why};

/// Programs that stand in for a container: what they listen on goes past the firewall.
const STAND_INS: [&str; 3] = ["docker-proxy", "rootlessport", "rootlesskit"];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    let keys: Vec<Key> = answers.asked(Kind::PortExposed).cloned().collect();
    for key in keys {
        let (Ok(listeners), Ok(allowed)) =
            (Key::of(Kind::PortListeners, key.argument()), Key::of(Kind::PortAllowed, key.argument()))
        else {
            continue;
        };
        let published = Key::plain(Kind::PortPublished);
        let facts = notes.facts();
        if ![&listeners, &allowed, &published].iter().all(|key| facts.has(key) || answers.ended()) {
            continue;
        }
        let cited = cited(facts, &[&listeners, &allowed, &published]);
        match exposed(key.argument(), facts.reading(&listeners), facts.reading(&allowed), facts.reading(&published)) {
            Ok(flag) => notes.reported(key, Value::Flag(flag), &cited),
            Err(why) => notes.unknown(key, why, &cited),
        }
    }
}

fn exposed(port: &str, listeners: &Reading, allowed: &Reading, published: &Reading) -> Result<bool, Why> {
    let heard = beyond_loopback(listeners)?;
    if heard.iter().any(|item| STAND_INS.contains(&item.split(' ').next_back().unwrap_or_default())) {
        return Ok(true);
    }
    match published {
        Reading::Known { value: Value::List(items), .. } if items.iter().any(|item| publishes(item, port)) => {
            return Ok(true);
        }
        // Without an engine nothing is published.
        Reading::Known { .. } | Reading::Unknown(Why::NoSource { .. }) => {}
        Reading::Unknown(why) => return Err(why.clone()),
    }
    match allowed {
        _ if heard.is_empty() => Ok(false),
        Reading::Known { value: Value::Flag(allowed), .. } => Ok(*allowed),
        Reading::Known { .. } => Err(Why::NotRead),
        Reading::Unknown(why) => Err(why.clone()),
    }
}

/// "0.0.0.0 postgres", without those that listen to this machine alone.
fn beyond_loopback(listeners: &Reading) -> Result<Vec<&str>, Why> {
    match listeners {
        Reading::Known { value: Value::List(items), .. } => {
            Ok(items.iter().map(String::as_str).filter(|item| !is_loopback(item)).collect())
        }
        Reading::Known { .. } => Ok(Vec::new()),
        Reading::Unknown(why) => Err(why.clone()),
    }
}

fn is_loopback(item: &str) -> bool {
    let address = item.split(' ').next().unwrap_or_default();
    address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.")
}

/// "8000-8010/tcp 0.0.0.0 web": published beyond loopback, and over this port.
fn publishes(item: &str, port: &str) -> bool {
    let Some((range, address)) = item.split_once(' ') else { return false };
    let overlap = ports(range)
        .zip(ports(port))
        .is_some_and(|((low, high, protocol), (from, to, wanted))| protocol == wanted && low <= to && from <= high);
    overlap && !is_loopback(address)
}

fn cited(facts: &Facts, keys: &[&Key]) -> Cited {
    let of_keys = facts.iter().filter(|(key, _)| keys.contains(key));
    let mut cited: Cited = of_keys.flat_map(|(_, fact)| fact.evidence.iter().copied()).collect();
    cited.sort_unstable();
    cited.dedup();
    cited
}

#[cfg(test)]
mod tests {
    use super::exposed;
    use crate::{Reading, Value, Why};

    fn list(items: &[&str]) -> Reading {
        Reading::reported(Value::List(items.iter().map(|item| (*item).to_owned()).collect()))
    }

    #[test]
    fn three_facts_make_one() {
        let (open, shut) = (Reading::reported(Value::Flag(true)), Reading::reported(Value::Flag(false)));
        let (nobody, none) = (Reading::reported(Value::Absent), list(&[]));
        let hidden = Reading::Unknown(Why::NeedsAdministrator);
        let no_engine = Reading::Unknown(Why::NoSource { looked_for: "docker".into() });
        let everywhere = list(&["0.0.0.0 postgres", "127.0.0.1 postgres"]);
        let port = "5432/tcp";
        assert_eq!(exposed(port, &everywhere, &open, &none), Ok(true));
        assert_eq!(exposed(port, &everywhere, &shut, &no_engine), Ok(false));
        assert_eq!(exposed(port, &list(&["127.0.0.1 postgres", "::1 postgres"]), &open, &none), Ok(false));
        assert_eq!(exposed(port, &nobody, &hidden, &none), Ok(false));
        assert_eq!(exposed(port, &everywhere, &hidden, &none), Err(Why::NeedsAdministrator));
        assert_eq!(exposed(port, &nobody, &open, &hidden), Err(Why::NeedsAdministrator));
        // A container's port goes past the firewall, with a stand-in or without.
        assert_eq!(exposed(port, &list(&["0.0.0.0 docker-proxy"]), &shut, &none), Ok(true));
        assert_eq!(exposed(port, &nobody, &shut, &list(&["5400-5500/tcp 0.0.0.0 db"])), Ok(true));
        assert_eq!(exposed(port, &nobody, &shut, &list(&["5432/tcp 127.0.0.1 db", "5432/udp 0.0.0.0 db"])), Ok(false));
    }
}
