//! The port that ssh answers on, moved in two runs: the first opens the new one beside the old, and a person comes in by
//! it; the second, begun over the new one, closes the old. There is no moment with one door that nobody has tried.

use super::{Kind, Proposed, Scene, Words, firewall};
use crate::act::{Act, Again, numbers};
use crate::before::{Before, Look};
use crate::diff;
use crate::plan::{Risk, RuntimeChange};
use profiles::{PortRule, PortSource};
use std::collections::BTreeSet;

/// Ports add up, so this file need not be read first.
const PATH: &str = "/etc/ssh/sshd_config.d/01-plumbline-port.conf";

fn socket_path(socket: &str) -> String {
    format!("/etc/systemd/system/{socket}.d/plumbline.conf")
}

pub(crate) fn looks(port: u16) -> Vec<Look> {
    let files = [PATH.to_owned(), socket_path("ssh.socket"), socket_path("sshd.socket")].map(Look::Path);
    let asked = [Look::Ask("look_sshd", vec![]), Look::Ask("look_ssh_port", vec![port.to_string()])];
    files.into_iter().chain(asked).chain(firewall::looks()).collect()
}

pub(super) fn propose(scene: &Scene<'_>, wanted: u16) -> Proposed {
    let before = scene.before;
    let number = |text: &str| text.parse::<u16>().ok();
    let now: BTreeSet<u16> = before.words("sshport.ports").iter().filter_map(|port| number(port)).collect();
    if now.is_empty() {
        return Proposed::NotHere("Plumbline cannot see here which ports ssh answers on.".into());
    }
    if now.iter().eq([&wanted]) {
        return Proposed::Settled;
    }
    let others: Vec<u16> = now.iter().copied().filter(|port| *port != wanted).collect();
    let here = before.value("sshport.here").and_then(number);
    let ports = match here {
        None => {
            let text = "Which port ssh answers on is changed over ssh, so that the new one can be proved. Connect to this server over ssh.";
            return Proposed::NotHere(text.into());
        }
        Some(_) if !now.contains(&wanted) => now.iter().copied().chain([wanted]).collect(),
        Some(here) if here == wanted => BTreeSet::from([wanted]),
        Some(_) => {
            return Proposed::NotHere(format!(
                "ssh answers on port {wanted} already, beside {others}. Connect at port {wanted} and check again: from there {others} can be closed.",
                others = numbers(&others, ", ")
            ));
        }
    };
    let opens = !now.contains(&wanted);
    if let Some(reason) = hindered(before, wanted, opens, &others) {
        return Proposed::NotHere(reason);
    }
    let mut words = words(wanted, opens, &others);
    let mut acts = Vec::new();
    if opens && let Err(reason) = way_in(scene, wanted, &mut acts, &mut words) {
        return Proposed::NotHere(reason);
    }
    // what others have written stays theirs, and twice the same port is one too many
    let mine = ports.iter().filter(|port| !written_by_others(before, **port));
    let text =
        mine.fold(format!("# Written by Plumbline.\n{}", scene.comment()), |text, port| format!("{text}Port {port}\n"));
    acts.extend(words.file(before, PATH, "600", text));
    let socket = before.value("sshport.socket");
    if let Some(socket) = socket.filter(|_| before.value("sshport.generated").is_none()) {
        let path = socket_path(socket);
        let listens = ports.iter().fold(String::new(), |text, port| format!("{text}ListenStream={port}\n"));
        // the empty line forgets what the unit itself says
        let text = format!("# Written by Plumbline.\n[Socket]\nListenStream=\n{listens}");
        words.files.push(diff::file(&path, before.text(&path), &text, |_| None));
        acts.push(Act::File { path, mode: "644".into(), text });
        acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
    }
    acts.push(Act::SshAnswersOn {
        on: ports.into_iter().collect(),
        new: opens.then_some(wanted).into_iter().collect(),
        socket: socket.map(str::to_owned),
    });
    Proposed::Offer(Kind::Sshd, acts, words)
}

fn words(wanted: u16, opens: bool, others: &[u16]) -> Words {
    let standing = numbers(others, ", ");
    let mut words = Words { risk: Risk::Medium, seconds: 5, ..Words::default() };
    if opens {
        words.consequence = format!(
            "ssh answers on port {wanted} as well; {standing} stays open until you have come in by {wanted}. A firewall of your provider must let {wanted} in too."
        );
        words.undo = "Closes the new port again. Lines that are open stay open.".into();
    } else {
        words.consequence =
            format!("Nobody can sign in on port {standing} any more: tell everybody who does, and their scripts.");
        words.undo = format!("Opens port {standing} again. Lines that are open stay open.");
    }
    let port = |port: u16, before: &str, after: &str| RuntimeChange {
        name: format!("ssh on port {port}"),
        before: before.into(),
        after: after.into(),
    };
    words.runtime = if opens {
        vec![port(wanted, "closed", "open")]
    } else {
        others.iter().map(|other| port(*other, "open", "closed")).collect()
    };
    words
}

/// Why it cannot be done here, said to a person.
fn hindered(before: &Before, wanted: u16, opens: bool, others: &[u16]) -> Option<String> {
    if before.value("sshd.include").is_none() {
        return Some(format!(
            "sshd here reads no drop-ins, and Plumbline edits no file of somebody else's. Put this line at the top of /etc/ssh/sshd_config: Port {wanted}"
        ));
    }
    if before.value("sshport.everywhere").is_none() {
        return Some("Somebody has named the addresses that sshd answers on, each with its port; a port belongs to them. It is for a person to change: ListenAddress in /etc/ssh/sshd_config.".into());
    }
    if !opens {
        let theirs: Vec<u16> = others.iter().copied().filter(|port| written_by_others(before, *port)).collect();
        return (!theirs.is_empty()).then(|| {
            format!(
                "Port {} stands in a file of somebody else's. Take that line out, and it closes with the next change: grep -rn ^Port /etc/ssh",
                numbers(&theirs, ", ")
            )
        });
    }
    if let Some(name) = before.value("sshport.taken") {
        return Some(format!(
            "Port {wanted} is in use here, by {name}. Choose another one, or move that program first."
        ));
    }
    if before.value("sshport.selinux").is_some() {
        return match before.value("sshport.label") {
            Some("-" | "ssh_port_t") => None,
            Some(kept) => {
                Some(format!("SELinux here keeps port {wanted} for something else ({kept}). Choose another one."))
            }
            None => Some(
                "SELinux here must be told of the port, and its tool is missing: install policycoreutils-python-utils."
                    .into(),
            ),
        };
    }
    None
}

/// What must let the new port in before ssh answers on it: the firewall in charge, and SELinux.
fn way_in(scene: &Scene<'_>, wanted: u16, acts: &mut Vec<Act>, words: &mut Words) -> Result<(), String> {
    if scene.before.value("sshport.label") == Some("-") {
        acts.push(Act::SshPortLabel { port: wanted });
        words.value(&format!("SELinux, port {wanted}"), "not for ssh", "ssh_port_t");
    }
    if !firewall::is_in_charge(scene.before) {
        return Ok(());
    }
    let rule = PortRule { port: format!("{wanted}/tcp"), title: "ssh".into(), from: PortSource::Anywhere };
    match firewall::propose_ports(scene, &[rule]) {
        Proposed::Offer(_, opening, of_firewall) => {
            acts.extend(opening);
            words.files.extend(of_firewall.files);
            words.runtime.extend(of_firewall.runtime);
            Ok(())
        }
        Proposed::NotHere(reason) => Err(reason),
        Proposed::Settled | Proposed::InPart(..) => Ok(()),
    }
}

fn written_by_others(before: &Before, port: u16) -> bool {
    let ours = format!("Port {port}");
    before.value(&format!("sshport.written.{port}")).is_some()
        && !before.text(PATH).is_some_and(|text| text.lines().any(|line| line == ours))
}
