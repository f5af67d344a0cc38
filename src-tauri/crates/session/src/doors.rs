//! The ports that a role wants people to reach, knocked at from this computer before a run and after it: what answered
//! before has to answer again, or people would be shut out of what the server is there for.

use crate::link::Link;
use crate::run::{Proof, Proved};
use facts::{Kind, Value};
use profiles::{Bound, Need};
use remote::{Cancel, Family};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A door that does not open within this is shut from here.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whatever a run restarted may take this long to listen again, in tries and between them.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_secs(2);

/// TCP ports that needs want to be reached from outside. Of UDP silence says nothing, and ports that stay closed are no
/// doors.
pub(crate) fn wanted(needs: &[Need]) -> Vec<u16> {
    let open = Value::Text("open".to_owned());
    let parts = needs.iter().flat_map(|need| &need.parts);
    let parts = parts.filter(|part| !matches!(&part.bound, Bound::NoneOf(values) if values.contains(&open)));
    let keys = parts.filter_map(|part| part.key.as_ref()).filter(|key| key.kind() == Kind::PortOutside);
    let mut ports: Vec<u16> = keys.filter_map(|key| key.argument().strip_suffix("/tcp")?.parse().ok()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Those of `ports` that answer from here, in order. None where the server's address is not ours to dial: this computer,
/// and servers behind others. The port of the line itself is left alone: it is proved by signing in.
pub(crate) async fn knock(link: &Link, ports: &[u16]) -> Vec<u16> {
    let Some(address) = link.address() else { return Vec::new() };
    let mut knocking = JoinSet::new();
    for port in ports.iter().copied().filter(|port| *port != address.port()) {
        knocking.spawn(async move { opens(address.ip(), port).await.then_some(port) });
    }
    let mut opened: Vec<u16> = knocking.join_all().await.into_iter().flatten().collect();
    opened.sort_unstable();
    opened
}

async fn opens(host: IpAddr, port: u16) -> bool {
    let family = if host.is_ipv4() { Family::V4 } else { Family::V6 };
    remote::answers(&host.to_string(), port, family, PATIENCE).await
}

/// Knocks again, more than once where something that answered `before` does not. Nothing to prove where nothing answered,
/// neither before nor now.
pub(crate) async fn prove(link: &Link, wanted: &[u16], before: &[u16], cancel: &Cancel) -> Option<Proof> {
    let started = Instant::now();
    let mut now = knock(link, wanted).await;
    for _ in 1..TRIES {
        if before.iter().all(|port| now.contains(port)) {
            break;
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = tokio::time::sleep(BETWEEN_TRIES) => {}
        }
        now = knock(link, wanted).await;
    }
    judge(before, &now, started.elapsed().as_secs_f64())
}

fn judge(before: &[u16], now: &[u16], seconds: f64) -> Option<Proof> {
    let list = |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let shut: Vec<u16> = before.iter().copied().filter(|port| !now.contains(port)).collect();
    if before.is_empty() && now.is_empty() {
        return None;
    }
    let proved = shut.is_empty();
    let note = if proved { list(now) } else { format!("No answer any more: {}", list(&shut)) };
    Some(Proof { what: Proved::Doors, proved, seconds, note })
}

#[cfg(test)]
mod tests {
    use super::{judge, wanted};
    use crate::run::Proved;

    #[test]
    fn what_answered_before_has_to_answer_again() {
        let told = |before: &[u16], now: &[u16]| judge(before, now, 0.1).map(|proof| (proof.proved, proof.note));
        assert_eq!(told(&[], &[]), None, "nothing listens yet: there is nothing to prove");
        assert_eq!(told(&[443], &[443]), Some((true, "443".to_owned())));
        assert_eq!(told(&[443], &[80, 443]), Some((true, "80, 443".to_owned())), "opened by this run");
        assert_eq!(told(&[80, 443], &[80]), Some((false, "No answer any more: 443".to_owned())));
        assert_eq!(told(&[443], &[]), Some((false, "No answer any more: 443".to_owned())));
        assert_eq!(judge(&[443], &[443], 0.1).map(|proof| proof.what), Some(Proved::Doors));
    }

    #[test]
    fn doors_are_the_ports_of_the_role_that_can_be_knocked_at() {
        let catalog = profiles::catalog();
        let of = |role: &str| wanted(&catalog.needs(&role.parse().expect("a role")).expect("its needs"));
        let messenger = of("reforms/small");
        assert!(messenger.contains(&443), "{messenger:?}");
        assert!(messenger.iter().all(|port| *port != 5432), "a database is no door: {messenger:?}");
    }
}
