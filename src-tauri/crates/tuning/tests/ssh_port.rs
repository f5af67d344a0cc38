//! What is planned for the port of ssh, by what the server shows: which of the two runs, or why neither.

#![expect(clippy::expect_used, reason = "a test's own words")]

use checks::Finding;
use facts::Facts;
use profiles::{Tuning, TuningKind};
use tuning::before::Before;
use tuning::{Act, Asked, Proposal};

/// A server that answers on port 22, where sshd reads drop-ins and nobody has named a port.
const FRESH: [(&str, &str); 5] = [
    ("sshd.include", "yes"),
    ("sshport.ports", "22"),
    ("sshport.here", "22"),
    ("sshport.everywhere", "yes"),
    ("fw.ssh", "22"),
];

fn plan(tunings: &[Tuning], shown: &[(&str, &str)]) -> Proposal {
    let lines = FRESH.iter().chain(shown).map(|(name, value)| format!("n V {name} {value}\n"));
    let before = Before::read(lines.collect::<String>().as_bytes(), "n");
    let findings: Vec<Finding> = tunings.iter().map(|tuning| short(&tuning.id)).collect();
    tuning::plan(&Asked { tunings, findings: &findings, facts: &Facts::default(), before: &before, role: "a role" })
}

fn short(change: &str) -> Finding {
    let figure = serde_json::json!({ "text": "", "value": null, "unit": "", "confidence": null });
    serde_json::from_value(serde_json::json!({
        "id": "need", "catalog": [], "title": "", "area": "security", "severity": "required", "verdict": "short",
        "needed": figure, "found": figure, "sentence": "", "why": "",
        "source": { "document": "", "section": null, "line": null, "url": null, "verified": "2026-11-22" },
        "evidence": [], "change": change, "parts": [],
    }))
    .expect("a finding")
}

fn tuning(id: &str, kind: TuningKind) -> Tuning {
    let text = String::new;
    Tuning { id: id.into(), title: id.into(), effect: text(), group: text(), advised_off: None, kind }
}

fn moved(shown: &[(&str, &str)]) -> Proposal {
    plan(&[tuning("ssh.port", TuningKind::SshPort { port: 2222 })], shown)
}

/// What is written, and what ssh is to answer on, old and new.
fn offered(plan: &Proposal) -> (Vec<String>, Vec<u16>, Vec<u16>) {
    assert!(!plan.changes.is_empty(), "nothing is offered: {:?}", plan.left);
    let change = &plan.changes[0];
    let texts = change.acts.iter().filter_map(|act| match act {
        Act::File { text, .. } => {
            Some(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("|"))
        }
        _ => None,
    });
    let answers = change.acts.iter().find_map(|act| match act {
        Act::SshAnswersOn { on, new, .. } => Some((on.clone(), new.clone())),
        _ => None,
    });
    let (ports, new) = answers.expect("the act");
    (texts.collect(), ports, new)
}

/// Why nothing is offered.
fn refused(plan: &Proposal) -> &str {
    assert!(plan.changes.is_empty(), "{plan:?}");
    plan.left.first().map(|(_, why)| why.as_str()).unwrap_or_default()
}

#[test]
fn the_new_port_is_opened_beside_the_old_and_the_old_closed_from_the_new() {
    assert_eq!(offered(&moved(&[])), (vec!["Port 22|Port 2222".into()], vec![22, 2222], vec![2222]));
    let both = ("sshport.ports", "22 2222");
    assert!(refused(&moved(&[both])).contains("Connect at port 2222 and check again"));
    let there = [both, ("sshport.here", "2222")];
    assert_eq!(offered(&moved(&there)), (vec!["Port 2222".into()], vec![2222], vec![]));
    assert!(moved(&[("sshport.ports", "2222")]).left[0].1.is_empty(), "it is so already");
}

#[test]
fn nobody_who_is_not_there_over_ssh_moves_it() {
    assert!(refused(&moved(&[("sshport.here", "")])).contains("over ssh"));
    assert!(refused(&moved(&[("sshport.ports", "")])).contains("cannot see"));
}

#[test]
fn what_others_have_written_is_theirs() {
    assert!(refused(&moved(&[("sshport.everywhere", "")])).contains("ListenAddress"));
    assert!(refused(&moved(&[("sshd.include", "")])).contains("Port 2222"));
    assert!(refused(&moved(&[("sshport.taken", "nginx")])).contains("by nginx"));
    let theirs = ("sshport.written.22", "yes");
    assert_eq!(offered(&moved(&[theirs])).0, ["Port 2222"], "twice the same port is one too many");
    let then = [theirs, ("sshport.ports", "22 2222"), ("sshport.here", "2222")];
    assert!(refused(&moved(&then)).contains("Port 22 stands in a file"));
}

#[test]
fn a_socket_opens_the_ports_itself_unless_they_are_made_from_the_files() {
    let socket = ("sshport.socket", "ssh.socket");
    let (texts, ..) = offered(&moved(&[socket]));
    assert_eq!(texts, ["Port 22|Port 2222", "[Socket]|ListenStream=|ListenStream=22|ListenStream=2222"]);
    let (texts, ..) = offered(&moved(&[socket, ("sshport.generated", "yes")]));
    assert_eq!(texts, ["Port 22|Port 2222"]);
}

#[test]
fn selinux_is_told_asked_for_or_respected() {
    let label = |label: &str| moved(&[("sshport.selinux", "yes"), ("sshport.label", label)]);
    let told = |plan: &Proposal| matches!(plan.changes[0].acts[0], Act::SshPortLabel { port: 2222 });
    assert!(told(&label("-")));
    assert!(!told(&label("ssh_port_t")));
    assert!(refused(&label("http_port_t")).contains("http_port_t"));
    assert!(refused(&label("")).contains("policycoreutils-python-utils"));
}

/// The firewall lets the new port in before ssh answers there, and a change that closes all others leaves it open.
#[test]
fn every_firewall_is_told_first() {
    let ufw = [("fw.manager", "ufw"), ("fw.ufw", "22/tcp")];
    let plan_of_it = moved(&ufw);
    let at = |wanted: fn(&Act) -> bool| plan_of_it.changes[0].acts.iter().position(wanted).expect("the act");
    assert!(at(|act| matches!(act, Act::Ufw { .. })) < at(|act| matches!(act, Act::SshAnswersOn { .. })));
    let close = tuning("firewall.close", TuningKind::CloseOtherPorts { ports: vec![] });
    let port = tuning("ssh.port", TuningKind::SshPort { port: 2222 });
    let both = plan(&[close, port], &[("fw.has.ufw", "yes")]);
    let closing = both.changes.iter().flat_map(|change| &change.acts);
    let open =
        closing.filter_map(|act| if let Act::Ufw { ports, close: true } = act { Some(ports.clone()) } else { None });
    assert_eq!(open.collect::<Vec<_>>(), [["22/tcp", "2222/tcp"]]);
}
