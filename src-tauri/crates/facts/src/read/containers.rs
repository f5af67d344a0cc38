//! Containers: which engines run, what they publish past the firewall, and which images they run.

use super::Context;
use super::answers::{Answers, Said, Silence};
use super::notes::{Cited, Notes, word};
use super::services::is_active;
use super::system::no_source;
use crate::software::Software;
use crate::{Kind, Value, Version, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_runtimes(answers, notes);
    read_published(answers, notes);
    read_disabled(answers, notes);
}

fn read_runtimes(answers: &Answers, notes: &mut Notes) {
    let marks = match answers.said("marks") {
        Ok(marks) if answers.settled("service.show") => marks,
        Ok(_) => return,
        Err(silence) => return notes.silent_kinds(&[Kind::ContainerRuntimes], &silence),
    };
    let mark = |path: &str| marks.text.lines().any(|line| line == path);
    let active = |name: &str| is_active(answers, name) == Some(true);
    let found: Vec<String> = [
        ("docker", active("docker")),
        ("containerd", active("containerd")),
        ("cri-dockerd", mark("/run/cri-dockerd.sock")),
        ("crio", mark("/run/crio/crio.sock")),
        ("k3s", mark("/run/k3s/containerd/containerd.sock")),
        ("podman", mark("/run/podman/podman.sock")),
    ]
    .into_iter()
    .filter(|(_, runs)| *runs)
    .map(|(name, _)| name.to_owned())
    .collect();
    let cited = notes.cite("systemctl is-active docker containerd; ls /run/*.sock /run/*/*.sock", &found.join("\n"), 0);
    notes.tell(Kind::ContainerRuntimes, Value::List(found), &cited);
}

/// What `docker ps` and `podman ps` printed: name, image, ports.
fn running(answers: &Answers) -> Vec<(&'static str, &Said)> {
    let engines = [("docker", "container.docker"), ("podman", "container.podman")];
    engines.into_iter().filter_map(|(engine, section)| Some((engine, answers.said(section).ok()?))).collect()
}

fn rows(said: &Said) -> impl Iterator<Item = (&str, &str, &str)> {
    said.text.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?, fields.next()?, fields.next().unwrap_or_default()))
    })
}

fn read_published(answers: &Answers, notes: &mut Notes) {
    let said = running(answers);
    if let Some(silence) = ["container.docker", "container.podman"].iter().find_map(|name| match answers.said(name) {
        Err(silence @ Silence::Because(Why::NeedsAdministrator | Why::TimedOut { .. })) => Some(silence),
        _ => None,
    }) {
        return notes.silent_kinds(&[Kind::PortPublished], &silence);
    }
    if said.is_empty() && !answers.ended() {
        return;
    }
    let mut cited = Cited::new();
    let mut list = Vec::new();
    for (engine, said) in said {
        cited.extend(notes.cite(
            format!("{engine} ps --format '{{{{.Names}}}} {{{{.Image}}}} {{{{.Ports}}}}'"),
            &said.text,
            said.exit,
        ));
        for (name, _, ports) in rows(said) {
            list.extend(ports.split(", ").filter_map(|port| published(port, name)));
        }
    }
    list.sort();
    list.dedup();
    notes.tell(Kind::PortPublished, Value::List(list), &cited);
}

/// "0.0.0.0:8080->80/tcp", ":::8000-8010->8000-8010/tcp"; without an arrow the port stays inside.
fn published(port: &str, name: &str) -> Option<String> {
    let (outside, inside) = port.split_once("->")?;
    let (address, ports) = outside.rsplit_once(':')?;
    let protocol = inside.rsplit('/').next().filter(|protocol| matches!(*protocol, "tcp" | "udp"))?;
    let address = address.trim_matches(['[', ']']);
    Some(format!("{}/{protocol} {} {}", word(ports), word(address), word(name)))
}

/// The version in the tag of an image that runs, such as `postgres:15.4-alpine`.
pub(super) fn image_version(software: &Software, answers: &Answers, notes: &mut Notes) -> Option<(Version, Cited)> {
    for (engine, said) in running(answers) {
        for (_, image, _) in rows(said) {
            let Some((name, tag)) = image.rsplit_once(':') else { continue };
            let name = name.rsplit('/').next().unwrap_or(name);
            if let (true, Ok(version)) = (software.images.iter().any(|known| known == name), tag.parse::<Version>()) {
                return Some((version, notes.cite(format!("{engine} ps"), image, said.exit)));
            }
        }
    }
    None
}

fn read_disabled(answers: &Answers, notes: &mut Notes) {
    let files = match answers.files("setting.containerd") {
        Ok(files) => files,
        Err(silence) => return notes.silent_kinds(&[Kind::ContainerdDisabled], &silence),
    };
    if !answers.settled("setting.closed") {
        return;
    }
    if answers.is_closed("/etc/containerd") {
        return notes.silent_kinds(&[Kind::ContainerdDisabled], &Silence::Because(Why::NeedsAdministrator));
    }
    let line = files.numbered().find(|line| line.text.trim_start().starts_with("disabled_plugins"));
    let command = "grep disabled_plugins /etc/containerd/config.toml";
    match line {
        Some(line) => {
            let cited = notes.cite(command, line.text, 0);
            // disabled_plugins = ["cri", "zfs"]
            let list = line.text.split('"').skip(1).step_by(2).map(word).collect();
            notes.tell(Kind::ContainerdDisabled, Value::List(list), &cited);
        }
        None if answers.settled("service.show") => {
            let cited = notes.cite(command, "", 1);
            match is_active(answers, "containerd") {
                // Nothing is switched off where nobody says so.
                Some(_) => notes.infer(Kind::ContainerdDisabled, Value::List(Vec::new()), &cited),
                None if answers.text("marks").unwrap_or_default().contains("/containerd.sock") => {
                    notes.silent_kinds(
                        &[Kind::ContainerdDisabled],
                        &Silence::Because(no_source("/etc/containerd/config.toml")),
                    );
                }
                None => notes.tell(Kind::ContainerdDisabled, Value::Absent, &cited),
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::published;

    #[test]
    fn only_a_port_with_an_arrow_is_published() {
        assert_eq!(published("0.0.0.0:8080->80/tcp", "web").as_deref(), Some("8080/tcp 0.0.0.0 web"));
        assert_eq!(published(":::8080->80/tcp", "web").as_deref(), Some("8080/tcp :: web"));
        assert_eq!(published("5432/tcp", "db"), None);
    }
}
