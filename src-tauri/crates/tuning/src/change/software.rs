//! A program in a version that suffices, from the distribution. Where the distribution's is too old, or another version is
//! there already, a person decides: Plumbline moves no database and adds no package source by itself.

use super::packages::{Install, install};
use super::{Kind, Proposed, Scene};
use crate::before::Look;
use facts::{Kind as FactKind, Value, Version};

/// Package names by program: apt, dnf, zypper, apk.
const PROGRAMS: &[(&str, [&str; 4])] = &[
    ("node", ["nodejs", "nodejs", "nodejs20", "nodejs"]),
    ("postgresql", ["postgresql", "postgresql-server", "postgresql-server", "postgresql"]),
    ("redis", ["redis-server", "redis", "redis", "redis"]),
    ("nginx", ["nginx", "nginx", "nginx", "nginx"]),
    ("apache", ["apache2", "httpd", "apache2", "apache2"]),
    ("docker", ["docker.io", "docker", "docker", "docker"]),
    ("haproxy", ["haproxy", "haproxy", "haproxy", "haproxy"]),
    ("prometheus", ["prometheus", "", "", "prometheus"]),
    ("openvpn", ["openvpn", "openvpn", "openvpn", "openvpn"]),
    ("containerd", ["containerd", "containerd", "containerd", "containerd"]),
];

fn names(program: &str) -> Option<[&'static str; 4]> {
    PROGRAMS.iter().find(|(name, _)| *name == program).map(|(_, names)| *names)
}

pub(crate) fn look(id: &str, program: &str) -> Look {
    let names = names(program).unwrap_or([""; 4]);
    let mut words = vec![id.to_owned()];
    words.extend(names.map(str::to_owned));
    Look::Ask("look_software", words)
}

pub(super) fn propose(scene: &Scene<'_>, program: &str, at_least: &str) -> Proposed {
    let Ok(wanted) = at_least.parse::<Version>() else {
        return Proposed::NotHere(format!("\"{at_least}\" is no version of {program}."));
    };
    if let Some(Value::Version(there)) = scene.value(FactKind::SoftwareVersion, program)
        && *there < wanted
    {
        return Proposed::NotHere(format!(
            "{program} {there} is here. Moving it to {at_least} or newer is for a person, with a backup: data may have to be converted."
        ));
    }
    let offer = scene.before.value(&format!("software.{}", scene.tuning.id));
    match offer.and_then(|text| text.parse::<Version>().ok()) {
        None => {
            return Proposed::NotHere(format!(
                "The distribution here does not offer {program}. Its makers' own package source does; adding one is for a person."
            ));
        }
        Some(offered) if offered < wanted => {
            return Proposed::NotHere(format!(
                "The distribution here offers {program} {offered}, and {at_least} is needed. Its makers' own package source has newer \
                 ones; adding one is for a person."
            ));
        }
        Some(_) => {}
    }
    match install(scene.before, &scene.tuning.id) {
        Install::Nothing => Proposed::Settled,
        Install::Cannot(reason) => Proposed::NotHere(reason),
        Install::Needed(act, mut words) => {
            words.consequence =
                format!("Starts {program} as the distribution sets it up. {}", words.consequence).trim().to_owned();
            words.seconds = 60;
            Proposed::Offer(Kind::Software, vec![act], words)
        }
    }
}
