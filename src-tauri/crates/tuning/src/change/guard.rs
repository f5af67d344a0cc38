//! Who fails to sign in again and again is kept out for a while, by fail2ban; never the one who is here, whose own wrong
//! key would otherwise lock the door behind them.

use super::packages::{Install, install, look_same};
use super::{Kind, Proposed, Scene, Words, is_ours, service};
use crate::act::{Act, Again};
use crate::before::Look;
use crate::plan::Risk;

const LABEL: &str = "guard";
const UNIT: &str = "fail2ban.service";
/// Read after what the package brings (`jail.conf`, `jail.d/*.conf`), and written before the package: its first start
/// would otherwise look for log files that a journal-only system does not have.
const PATH: &str = "/etc/fail2ban/jail.d/zz-plumbline.local";
/// Where a person who has set fail2ban up has done so.
const THEIRS: &str = "/etc/fail2ban/jail.local";

pub(crate) fn looks() -> Vec<Look> {
    vec![
        // reads the journal through this module, which Debian only recommends
        look_same(LABEL, "fail2ban python3-systemd", "fail2ban", "fail2ban", ""),
        Look::Path(PATH.into()),
        Look::Path(THEIRS.into()),
        Look::Units(vec![UNIT.into()]),
        Look::Ask("look_sshd", vec![]),
        Look::Firewall,
    ]
}

pub(super) fn propose(scene: &Scene<'_>, failures: u32) -> Proposed {
    let before = scene.before;
    if before.value("init") != Some("systemd") {
        return Proposed::NotHere("There is no systemd here, whose journal fail2ban would read.".into());
    }
    if before.is_there(THEIRS) {
        return Proposed::NotHere(format!(
            "Somebody has set fail2ban up in {THEIRS} already. Start it with: systemctl enable --now fail2ban"
        ));
    }
    if !is_ours(before, PATH) {
        return Proposed::NotHere(format!("{PATH} is there already and somebody else's."));
    }
    let address = before.value("sshd.address").filter(|text| text.parse::<std::net::IpAddr>().is_ok());
    let Some(address) = address else {
        return Proposed::NotHere("Plumbline cannot see from where you come, and would not shut you out.".into());
    };
    let mut ports = before.words("fw.ssh");
    if ports.is_empty() || ports.iter().any(|port| port.parse::<u16>().is_err()) {
        return Proposed::NotHere("Plumbline cannot see which port ssh comes in by.".into());
    }
    ports.extend(scene.ssh_moves_to().map(|port| port.to_string()).filter(|port| !ports.contains(port)));
    let mut words = Words {
        risk: Risk::Medium,
        undo: "Removes fail2ban again, with what it brought along, and our file. Whoever is shut out then gets in."
            .into(),
        seconds: 40,
        ..Words::default()
    };
    let shuts_out = format!(
        "Shuts an address out of ssh for 10 minutes after {failures} wrong sign-ins in one. Never {address}, where you are now."
    );
    // loopback stays in the list: ours replaces the one that the package brings
    let text = format!(
        "# Written by Plumbline.\n{}[sshd]\nenabled = true\nbackend = systemd\nport = {}\nmaxretry = {failures}\nfindtime = 1m\n\
         bantime = 10m\nignoreip = 127.0.0.1/8 ::1 {address}\n",
        scene.comment(),
        ports.join(",")
    );
    let mut acts: Vec<Act> = words.file(before, PATH, "644", text).into_iter().collect();
    let written = !acts.is_empty();
    match install(before, LABEL) {
        Install::Nothing => {}
        Install::Cannot(reason) => return Proposed::NotHere(reason),
        Install::Needed(act, of_install) => {
            acts.push(act);
            words.consequence = of_install.consequence;
            words.runtime.extend(of_install.runtime);
        }
    }
    words.consequence = format!("{shuts_out} {}", words.consequence).trim().to_owned();
    if written && before.unit(UNIT).is_some_and(|unit| unit.active) {
        acts.push(Act::Again { unit: UNIT.into(), how: Again::Restart });
    }
    if let Some((act, runtime)) = service::on(before, UNIT, true, true) {
        acts.push(act);
        words.runtime.extend(runtime);
    }
    if acts.is_empty() {
        return Proposed::Settled;
    }
    acts.push(Act::Jail { name: "sshd".into(), address: address.to_owned() });
    Proposed::Offer(Kind::Guard, acts, words)
}
