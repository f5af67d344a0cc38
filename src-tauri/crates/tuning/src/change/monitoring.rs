//! A monitoring agent that only this server can ask, and alert rules for a Prometheus that is there.

use super::packages::{Install, install, look_same, tool};
use super::{Kind, Proposed, Scene, Words, is_ours, service};
use crate::act::{Act, Again};
use crate::before::Look;
use profiles::AlertRule;

const LABEL: &str = "agent";
const UNIT: &str = "prometheus-node-exporter.service";
/// Written before the package: its first start would otherwise answer to everybody.
const DROP_IN: &str = "/etc/systemd/system/prometheus-node-exporter.service.d/zz-plumbline.conf";

pub(crate) fn looks_agent() -> Vec<Look> {
    vec![
        look_same(LABEL, "prometheus-node-exporter", "", "", ""),
        Look::Path(DROP_IN.into()),
        Look::Units(vec![UNIT.into()]),
    ]
}

pub(super) fn propose_agent(scene: &Scene<'_>, address: &str) -> Proposed {
    let parsed = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    let Some((host, port)) = parsed.filter(|(host, _)| host.parse::<std::net::IpAddr>().is_ok()) else {
        return Proposed::NotHere(format!("\"{address}\" is no address to listen on."));
    };
    if scene.before.value("init") != Some("systemd") || tool(scene.before) != Some("apt") {
        return Proposed::NotHere(
            "This distribution does not package node_exporter; its makers offer a single file to run.".into(),
        );
    }
    let mut words = Words {
        undo: "Removes the agent again, with what it brought along, and our file.".into(),
        seconds: 30,
        ..Words::default()
    };
    let text = format!(
        "# Written by Plumbline.\n{}[Service]\nExecStart=\nExecStart=/usr/bin/prometheus-node-exporter --web.listen-address={address}\n",
        scene.comment()
    );
    let mut acts = Vec::new();
    let file = words.file(scene.before, DROP_IN, "644", text);
    let written = file.is_some();
    acts.extend(file);
    match install(scene.before, LABEL) {
        Install::Nothing => {}
        Install::Cannot(reason) => return Proposed::NotHere(reason),
        Install::Needed(act, of_install) => {
            acts.push(act);
            words.consequence = of_install.consequence;
            words.runtime.extend(of_install.runtime);
        }
    }
    if written {
        acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
        acts.push(Act::Again { unit: UNIT.into(), how: Again::Restart });
    }
    acts.extend(service::on(scene.before, UNIT, true, true).map(|(act, _)| act));
    if acts.is_empty() {
        return Proposed::Settled;
    }
    acts.push(Act::ListensOnly { address: host.to_owned(), port });
    Proposed::Offer(Kind::Monitoring, acts, words)
}

const PROMETHEUS: &str = "/etc/prometheus/prometheus.yml";
const RULES: &str = "plumbline.rules.yml";
const PROMETHEUS_UNIT: &str = "prometheus.service";

pub(crate) fn looks_rules() -> Vec<Look> {
    let folders =
        ["", "rules/", "rules.d/", "alerts/"].map(|folder| Look::Path(format!("/etc/prometheus/{folder}{RULES}")));
    [Look::Ask("look_prometheus", vec![]), Look::Units(vec![PROMETHEUS_UNIT.into()])]
        .into_iter()
        .chain(folders)
        .collect()
}

pub(super) fn propose_rules(scene: &Scene<'_>, rules: &[AlertRule]) -> Proposed {
    let Some(config) = scene.before.text(PROMETHEUS) else {
        return Proposed::NotHere(
            "No Prometheus runs here. The same rules are in the report, for the one that watches this server.".into(),
        );
    };
    let Some(path) = rule_path(config) else {
        let text = "Prometheus here reads no folder of rules. Add \"- rules/*.yml\" under rule_files in /etc/prometheus/prometheus.yml first.";
        return Proposed::NotHere(text.into());
    };
    if !is_ours(scene.before, &path) {
        return Proposed::NotHere(format!("{path} is there already and somebody else's."));
    }
    let mut words =
        Words { undo: "Takes the file away; Prometheus reads its rules again.".into(), seconds: 3, ..Words::default() };
    let text = rules_file(rules);
    let Some(file) = words.file(scene.before, &path, "644", text) else { return Proposed::Settled };
    let acts = vec![file, Act::RulesRead { path }, Act::Again { unit: PROMETHEUS_UNIT.into(), how: Again::Reload }];
    Proposed::Offer(Kind::Monitoring, acts, words)
}

/// The rules as a file that Prometheus reads.
///
/// ```
/// assert!(tuning::rules_file(&[]).starts_with("# Written by Plumbline.\n"));
/// ```
pub fn rules_file(rules: &[AlertRule]) -> String {
    let mut text = String::from("# Written by Plumbline.\ngroups:\n  - name: plumbline\n    rules:\n");
    for rule in rules {
        text.push_str(&format!(
            "      - alert: {}\n        expr: {}\n        for: {}\n        annotations:\n          summary: {}\n",
            rule.name,
            yaml(&rule.expression),
            rule.lasts,
            yaml(&rule.summary)
        ));
    }
    text
}

/// A text as YAML's double-quoted scalar, which is JSON's.
fn yaml(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Where a file of ours is read: the first pattern of `rule_files` that our name fits, below /etc/prometheus.
fn rule_path(config: &str) -> Option<String> {
    let mut lines = config.lines().skip_while(|line| !line.starts_with("rule_files:")).skip(1);
    lines
        .by_ref()
        .take_while(|line| line.starts_with([' ', '-', '#']) || line.trim().is_empty())
        .filter_map(|line| line.trim().strip_prefix("- "))
        .map(|pattern| pattern.trim().trim_matches(['"', '\'']))
        .find_map(|pattern| {
            let folder = pattern.strip_suffix("*.yml").or_else(|| pattern.strip_suffix("*.rules.yml"))?;
            let folder = folder.strip_prefix("/etc/prometheus/").unwrap_or(folder);
            matches!(folder, "" | "rules/" | "rules.d/" | "alerts/").then(|| format!("/etc/prometheus/{folder}{RULES}"))
        })
}

#[cfg(test)]
mod tests {
    use super::rule_path;

    #[test]
    fn rules_go_where_prometheus_looks() {
        let config =
            "global:\n  scrape_interval: 15s\nrule_files:\n  # - first.yml\n  - \"rules/*.yml\"\nscrape_configs:\n";
        assert_eq!(rule_path(config).as_deref(), Some("/etc/prometheus/rules/plumbline.rules.yml"));
        assert_eq!(rule_path("rule_files:\n  # - \"first_rules.yml\"\nscrape_configs:\n  - x"), None);
        assert_eq!(rule_path("rule_files:\n  - /srv/elsewhere/*.yml\n"), None);
    }
}
