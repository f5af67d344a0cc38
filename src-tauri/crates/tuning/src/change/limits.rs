//! How many files may be open: for sign-ins through limits.d, for services through systemd. Never lowered, never above
//! what the kernel allows (a limit above fs.nr_open locks people out: the sign-in itself then fails).

use super::{Kind, Proposed, Scene, Words};
use crate::act::{Act, with_block};
use crate::diff;
use crate::plan::{FileDiff, Risk, RuntimeChange};
use facts::Kind as FactKind;

const LOGIN: &str = "/etc/security/limits.d/zz-plumbline.conf";
const LOGIN_SYSTEM: &str = "/etc/security/limits.conf";
const SERVICES: &str = "/etc/systemd/system.conf.d/zz-plumbline.conf";

fn unit_drop_in(unit: &str) -> String {
    format!("/etc/systemd/system/{unit}.d/zz-plumbline-files.conf")
}

fn unit_name(unit: &str) -> String {
    if unit.contains('.') { unit.to_owned() } else { format!("{unit}.service") }
}

pub(crate) fn paths(units: &[String]) -> Vec<String> {
    let mut paths = vec![LOGIN.to_owned(), LOGIN_SYSTEM.to_owned(), SERVICES.to_owned()];
    paths.extend(units.iter().map(|unit| unit_drop_in(&unit_name(unit))));
    paths
}

#[derive(Default)]
struct Offer {
    acts: Vec<Act>,
    files: Vec<FileDiff>,
    runtime: Vec<RuntimeChange>,
}

pub(super) fn propose(scene: &Scene<'_>, files: u64, units: &[String]) -> Proposed {
    // what every kernel since 2.6.25 starts with, where nobody could look
    let most = scene.before.value("nr_open").and_then(|n| n.parse().ok()).unwrap_or(1_048_576);
    if files > most {
        return Proposed::NotHere(format!(
            "The kernel here allows at most {most} open files; {files} would lock people out."
        ));
    }
    let mut offer = Offer::default();
    sign_ins(scene, files, &mut offer);
    if scene.text(FactKind::InitKind, "") == Some("systemd") {
        let here: Vec<String> = units
            .iter()
            .map(|unit| unit_name(unit))
            .filter(|unit| {
                scene.text(FactKind::ServiceState, unit).is_some() || scene.count(FactKind::UnitFiles, unit).is_some()
            })
            .collect();
        if here.is_empty() {
            services(scene, files, most, &mut offer);
        }
        for unit in &here {
            one_unit(scene, unit, files, most, &mut offer);
        }
    }
    if offer.acts.is_empty() {
        return Proposed::Settled;
    }
    let undo = "Takes the limits out of our files again. Services and people who are signed in keep theirs until they start anew.";
    let words = Words {
        risk: Risk::Low,
        consequence: String::new(),
        undo: undo.into(),
        seconds: 3,
        files: offer.files,
        runtime: offer.runtime,
    };
    Proposed::Offer(Kind::Limits, offer.acts, words)
}

fn sign_ins(scene: &Scene<'_>, files: u64, offer: &mut Offer) {
    let (soft, hard) = (scene.count(FactKind::LoginFilesSoft, ""), scene.count(FactKind::LoginFilesHard, ""));
    // without the folder of pam_limits nobody reads such a file
    let read_here = scene.before.is_there(LOGIN_SYSTEM) || scene.before.is_there(LOGIN);
    let Some(soft) = soft.filter(|&soft| soft < files && read_here) else { return };
    let mut text = scene.comment();
    // "*" does not count for root
    for who in ["*", "root"] {
        if hard.is_none_or(|hard| hard < files) {
            text.push_str(&format!("{who} hard nofile {files}\n"));
        }
        text.push_str(&format!("{who} soft nofile {files}\n"));
    }
    let name = scene.tuning.id.as_str();
    let standing = scene.before.text(LOGIN);
    offer.files.push(diff::file(LOGIN, standing, &with_block(standing, name, &text), |_| None));
    offer.runtime.push(RuntimeChange {
        name: "Files a fresh sign-in may open".into(),
        before: soft.to_string(),
        after: files.to_string(),
    });
    offer.acts.push(Act::Block { path: LOGIN.into(), mode: "644".into(), name: name.into(), text });
    offer.acts.push(Act::LoginLimit { hard: false, files });
}

fn services(scene: &Scene<'_>, files: u64, most: u64, offer: &mut Offer) {
    let Some(soft) = scene.count(FactKind::ServiceFilesSoft, "").filter(|&soft| soft < files) else { return };
    let hard = scene.count(FactKind::ServiceFilesHard, "").unwrap_or(files).max(files).min(most);
    let text = format!("{}[Manager]\nDefaultLimitNOFILE={files}:{hard}\n", scene.comment());
    let name = scene.tuning.id.as_str();
    let standing = scene.before.text(SERVICES);
    offer.files.push(diff::file(SERVICES, standing, &with_block(standing, name, &text), |_| None));
    offer.runtime.push(RuntimeChange {
        name: "Files a service may open".into(),
        before: soft.to_string(),
        after: files.to_string(),
    });
    offer.acts.push(Act::Block { path: SERVICES.into(), mode: "644".into(), name: name.into(), text });
    offer.acts.push(Act::ManagerValue { name: "DefaultLimitNOFILESoft".into(), value: files.to_string() });
}

fn one_unit(scene: &Scene<'_>, unit: &str, files: u64, most: u64, offer: &mut Offer) {
    let now = scene.count(FactKind::UnitFiles, unit);
    if now.is_some_and(|now| now >= files) {
        return;
    }
    let path = unit_drop_in(unit);
    // the hard limit stays at least what it is
    let hard = scene.count(FactKind::ServiceFilesHard, "").unwrap_or(files).max(files).min(most);
    let text = format!("# Written by Plumbline.\n{}[Service]\nLimitNOFILE={files}:{hard}\n", scene.comment());
    offer.files.push(diff::file(&path, scene.before.text(&path), &text, |_| None));
    offer.runtime.push(RuntimeChange {
        name: format!("Files {unit} may open"),
        before: now.map_or_else(|| "unknown".into(), |now| now.to_string()),
        after: files.to_string(),
    });
    offer.acts.push(Act::File { path, mode: "644".into(), text });
    offer.acts.push(Act::UnitFiles { unit: unit.into(), files });
}
