//! The plan as a playbook: the same changes, for whoever carries on with Ansible. Modules of ansible-core alone, so that
//! nothing else has to be fetched.

mod tasks;

use crate::Report;
use crate::yaml::{Yaml, bare, document, list, map, text, words};
use tasks::Tasks;
use tuning::{Prepared, PreparedChange};

/// The files of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// `playbook.yml`
    pub playbook: String,
    /// `inventory.yml`
    pub inventory: String,
    /// `README.md`
    pub readme: String,
}

const GROUP: &str = "plumbline";

impl Report {
    /// These changes as a playbook with its inventory. The same report gives the same bytes.
    pub fn ansible(&self, plan: &Prepared) -> Playbook {
        Playbook { playbook: self.playbook(plan), inventory: self.inventory(), readme: self.readme(plan) }
    }

    fn playbook(&self, plan: &Prepared) -> String {
        let ssh = if ["Debian", "Ubuntu"].iter().any(|name| self.server.os.starts_with(name)) { "ssh" } else { "sshd" };
        let mut tasks = Tasks::new(ssh);
        let changes: Vec<Yaml> = plan.changes.iter().map(|change| block(change, &mut tasks)).collect();
        let mut play = vec![
            ("name", text(sentence(&self.purpose()))),
            ("hosts", text(GROUP)),
            ("become", bare(true)),
            ("gather_facts", bare(false)),
        ];
        if !tasks.variables.is_empty() {
            play.push(("vars", map(tasks.variables.clone())));
        }
        play.push(("tasks", list(changes)));
        if !tasks.handlers.is_empty() {
            play.push(("handlers", list(tasks.handlers.clone())));
        }
        let comments = [
            format!("{}: what Plumbline would change on {}, as read on {}.", self.purpose(), self.server.name, self.at),
            "ansible-playbook -i inventory.yml playbook.yml --check --diff    shows what would change".to_owned(),
            "ansible-playbook -i inventory.yml playbook.yml                   changes it; a second time changes nothing".to_owned(),
        ];
        document(&comments, &list([map(play)]))
    }

    fn inventory(&self) -> String {
        let server = &self.server;
        let mut host = Vec::new();
        if server.host.is_empty() {
            host.push(("ansible_host", text(host_name(&server.name))));
        } else {
            host.push(("ansible_host", text(&server.host)));
            host.push(("ansible_port", bare(server.port)));
            host.push(("ansible_user", text(&server.user)));
        }
        let hosts = map([(host_name(&server.name), map(host))]);
        document(&[], &map([(GROUP, map([("hosts", hosts)]))]))
    }

    fn readme(&self, plan: &Prepared) -> String {
        let line = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let mut readme = format!(
            "# {}\n\nWhat Plumbline would change on {}, as read on {}, for ansible-core 2.15 or later and Python 3 on the server.\n\n\
             `ansible-playbook -i inventory.yml playbook.yml --check --diff` shows what would change; without `--check` it is \
             changed. A second run changes nothing. Values were worked out for this server: give other servers a check of their own.\n\n\
             | Tag | Change | To undo |\n|---|---|---|\n",
            line(&self.purpose()),
            line(&self.server.name),
            line(&self.at),
        );
        let cell = |text: &str| line(text).replace('|', "\\|");
        for change in &plan.changes {
            let view = &change.view;
            let off = if change.is_safe() { "" } else { " (runs only when its tag is named)" };
            readme.push_str(&format!("| `{}` | {}{off} | {} |\n", cell(&view.id), cell(&view.title), cell(&view.undo)));
        }
        readme.push_str(
            "\nAnsible keeps no way back: there is no safety timer and no undo here. `plumb apply` and the shell script have both.\n",
        );
        readme
    }

    /// "Reforms Messenger, Small team, 24 users".
    pub(crate) fn purpose(&self) -> String {
        let parts = [&self.role.product, &self.role.title, &self.role.scale];
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { self.role.id.clone() } else { parts.join(", ") }
    }
}

/// One change as one block, with its id as its tag. What is off by advice or of high risk runs only when it is named.
fn block(change: &PreparedChange, tasks: &mut Tasks) -> Yaml {
    let mut tags = vec![change.view.id.as_str()];
    if !change.is_safe() {
        tags.push("never");
    }
    let block = tasks.of(change);
    map([("name", text(sentence(&change.view.title))), ("tags", words(tags)), ("block", list(block))])
}

/// A name that Ansible's reader of style accepts: it begins with a capital and holds no template.
fn sentence(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() || matches!(c, '{' | '}') { ' ' } else { c }).collect();
    let mut chars = plain.trim().chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Change".to_owned(),
    }
}

/// A name that an inventory cannot take for a pattern.
fn host_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches(['-', '.']).to_owned();
    if name.is_empty() { "server".to_owned() } else { name }
}
