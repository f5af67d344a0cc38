//! What guards the machine: access control, FIPS, audit, second factors, key stores and algorithms.

use super::answers::{Answers, Silence};
use super::notes::{Notes, word};
use super::services::is_active;
use super::system::{container, no_source};
use super::{Context, sshd};
use crate::{Key, Kind, Value, Why};

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    read_access_control(answers, notes);
    read_fips(answers, notes);
    read_audit(answers, notes);
    read_second_factor(answers, notes);
    read_stores(answers, notes);
    read_algorithms(answers, notes);
}

fn read_access_control(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::MacKind, Kind::MacEnforcing];
    let files = match answers.files("system") {
        Ok(files) => files,
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    if let Some(enforce) = files.first("/sys/fs/selinux/enforce") {
        let cited = notes.cite("getenforce", if enforce.trim() == "1" { "Enforcing" } else { "Permissive" }, 0);
        notes.tell(Kind::MacKind, Value::Text("selinux".into()), &cited);
        return notes.tell(Kind::MacEnforcing, Value::Flag(enforce.trim() == "1"), &cited);
    }
    let by = match container(answers, notes) {
        Ok(by) => by,
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    };
    if let Some(by) = by {
        // The host's modules show, and say nothing about who guards us.
        return notes.silent_kinds(&kinds, &Silence::Because(Why::Hidden { by }));
    }
    let path = "/sys/module/apparmor/parameters/enabled";
    let enabled = files.first(path).map(str::trim);
    let cited = notes.cite(format!("cat {path}"), enabled.unwrap_or_default(), i32::from(enabled.is_none()));
    if enabled != Some("Y") {
        notes.tell(Kind::MacKind, Value::Text("none".into()), &cited);
        return notes.tell(Kind::MacEnforcing, Value::Flag(false), &cited);
    }
    notes.tell(Kind::MacKind, Value::Text("apparmor".into()), &cited);
    let profiles = "/sys/kernel/security/apparmor/profiles";
    let shown = files.text(profiles);
    let enforcing = shown.lines().any(|line| line.ends_with("(enforce)"));
    let cited = notes.cite("aa-status", &shown, 0);
    match answers.text("self").map(super::parameters::is_root) {
        Some(true) => notes.tell(Kind::MacEnforcing, Value::Flag(enforcing), &cited),
        Some(false) => notes.unknown(Key::plain(Kind::MacEnforcing), Why::NeedsAdministrator, &Vec::new()),
        None => {}
    }
}

fn read_fips(answers: &Answers, notes: &mut Notes) {
    match answers.files("system") {
        Ok(files) => {
            let path = "/proc/sys/crypto/fips_enabled";
            let line = files.first(path);
            let cited = notes.cite(format!("cat {path}"), line.unwrap_or_default(), i32::from(line.is_none()));
            // A kernel built without the mode has no such file.
            notes.tell(Kind::FipsEnabled, Value::Flag(line.is_some_and(|line| line.trim() == "1")), &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::FipsEnabled], &silence),
    }
}

fn read_audit(answers: &Answers, notes: &mut Notes) {
    match answers.said("process.names") {
        Ok(said) if answers.settled("service.show") => {
            let process = said.text.lines().any(|line| line.split_once(' ').is_some_and(|(_, name)| name == "auditd"));
            let runs = process || is_active(answers, "auditd") == Some(true);
            let cited = notes.cite("systemctl is-active auditd", if runs { "active" } else { "inactive" }, 0);
            notes.tell(Kind::AuditRunning, Value::Flag(runs), &cited);
        }
        Ok(_) => {}
        Err(silence) => notes.silent_kinds(&[Kind::AuditRunning], &silence),
    }
    match answers.said("audit.rules") {
        Ok(said) => {
            let cited = notes.cite("auditctl -l", &said.text, said.exit);
            let rules = said.text.lines().filter(|line| line.starts_with('-')).count();
            if said.exit == 0 {
                notes.tell(Kind::AuditRules, Value::Count(rules as u64), &cited);
            } else {
                notes.unknown(Key::plain(Kind::AuditRules), Why::Unreadable { answer: word(&said.text) }, &cited);
            }
        }
        // Without auditctl nobody loads rules.
        Err(Silence::Because(Why::NoSource { .. })) => {
            let cited = notes.cite("auditctl -l", "auditctl: not found", 127);
            notes.tell(Kind::AuditRules, Value::Absent, &cited);
        }
        Err(silence) => notes.silent_kinds(&[Kind::AuditRules], &silence),
    }
}

/// PAM modules that ask for a second thing.
const FACTORS: [&str; 8] = [
    "pam_google_authenticator",
    "pam_oath",
    "pam_duo",
    "pam_u2f",
    "pam_yubico",
    "pam_radius_auth",
    "pam_privacyidea",
    "pam_totp",
];

fn read_second_factor(answers: &Answers, notes: &mut Notes) {
    let files = match answers.files("sshd.pam") {
        Ok(files) => files,
        Err(silence) => return notes.silent_kinds(&[Kind::MfaSshd], &silence),
    };
    // Other files of the stack count only when sshd's own includes them.
    let own: Vec<_> = files.numbered().filter(|line| line.path == "/etc/pam.d/sshd").collect();
    let included = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        own.iter()
            .any(|line| (line.text.contains("include") || line.text.contains("substack")) && line.text.contains(name))
    };
    let module = files.numbered().find(|line| {
        let auth = line.text.trim_start().trim_start_matches('-').starts_with("auth");
        auth && FACTORS.iter().any(|factor| line.text.contains(factor))
            && (line.path == "/etc/pam.d/sshd" || included(line.path))
    });
    let methods = sshd::setting("authenticationmethods", answers);
    let interactive = sshd::setting("kbdinteractiveauthentication", answers)
        .or_else(|_| sshd::setting("challengeresponseauthentication", answers));
    if methods == Err(Silence::NotYet) || interactive == Err(Silence::NotYet) {
        return;
    }
    let two_steps = methods
        .as_ref()
        .is_ok_and(|(methods, _)| methods.split(' ').all(|way| way.contains(',')) && methods.contains(','));
    let asked = module.is_some() && interactive.map_or(true, |(value, _)| value != "no");
    let shown = format!(
        "{}\nAuthenticationMethods {}",
        module.map(|line| format!("{}:{}:{}", line.path, line.number, line.text)).unwrap_or_default(),
        methods.map(|(methods, _)| methods).unwrap_or_default(),
    );
    let cited = notes.cite("grep -n auth /etc/pam.d/sshd; sshd -T | grep authenticationmethods", &shown, 0);
    notes.tell(Kind::MfaSshd, Value::Flag(two_steps || asked), &cited);
}

fn read_stores(answers: &Answers, notes: &mut Notes) {
    let marks = match answers.said("marks") {
        Ok(marks) => marks,
        Err(silence) => return notes.silent_kinds(&[Kind::TpmPresent, Kind::Pkcs11Modules], &silence),
    };
    let chips = ["/sys/class/tpm/tpm0", "/dev/tpmrm0", "/dev/tpm0"];
    let chip = marks.text.lines().find(|line| chips.contains(line));
    let cited = notes.cite("ls /dev/tpmrm0 /dev/tpm0", chip.unwrap_or_default(), if chip.is_some() { 0 } else { 2 });
    notes.tell(Kind::TpmPresent, Value::Flag(chip.is_some()), &cited);
    let modules: Vec<_> = marks.text.lines().filter(|line| is_key_store(line)).map(word).collect();
    let cited =
        notes.cite("ls /usr/lib/*/pkcs11/*.so /usr/lib/*/*pkcs11*.so /usr/lib/softhsm/*.so", &modules.join("\n"), 0);
    notes.tell(Kind::Pkcs11Modules, Value::List(modules), &cited);
}

/// A module for keys; p11-kit's own two only pass on to others and to the system's certificates.
fn is_key_store(path: &str) -> bool {
    path.ends_with(".so") && !path.contains("/p11-kit-")
}

/// The algorithms that requirement documents name, and how OpenSSL lists each.
const ALGORITHMS: &[(&str, &[&str])] = &[
    ("chacha20-poly1305", &["chacha20-poly1305"]),
    ("aes-256-gcm", &["aes-256-gcm", "id-aes256-gcm"]),
    ("ed25519", &["ed25519"]),
    ("x25519", &["x25519"]),
    ("sha256", &["sha256", "sha2-256", "sha-256"]),
    ("sha512", &["sha512", "sha2-512", "sha-512"]),
    ("blake2b", &["blake2b512", "blake2b-512"]),
    ("pbkdf2", &["pbkdf2"]),
    ("argon2id", &["argon2id"]),
];

fn read_algorithms(answers: &Answers, notes: &mut Notes) {
    let (list, kdf) = match answers.said("openssl.list") {
        Ok(list) if answers.settled("openssl.kdf") => (list, answers.said("openssl.kdf").ok()),
        Ok(_) => return,
        Err(Silence::Because(Why::NoSource { .. })) => {
            let silence = Silence::Because(no_source("openssl"));
            return notes.silent_kinds(&[Kind::CryptoOffered], &silence);
        }
        Err(silence) => return notes.silent_kinds(&[Kind::CryptoOffered], &silence),
    };
    let text = format!("{}\n{}", list.text, kdf.map(|kdf| kdf.text.as_str()).unwrap_or_default()).to_ascii_lowercase();
    let words: std::collections::BTreeSet<&str> =
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}')).collect();
    // OpenSSL 1.x has PBKDF2 in its library and no list of such functions.
    let old = kdf.is_none_or(|kdf| kdf.exit != 0);
    let offered: Vec<String> = ALGORITHMS
        .iter()
        .filter(|(name, listed)| listed.iter().any(|word| words.contains(word)) || (old && *name == "pbkdf2"))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let shown = format!("{}\n\n{}", offered.join("\n"), list.text);
    let cited = notes.cite(
        "openssl list -cipher-algorithms -digest-algorithms -public-key-algorithms -kdf-algorithms",
        &shown,
        list.exit,
    );
    if list.exit == 0 || !offered.is_empty() {
        notes.tell(Kind::CryptoOffered, Value::List(offered), &cited);
    } else {
        notes.unknown(
            Key::plain(Kind::CryptoOffered),
            Why::Unreadable { answer: word(list.text.lines().next().unwrap_or_default()) },
            &cited,
        );
    }
}
