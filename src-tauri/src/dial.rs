//! What a person filled in on the connect screen, as `remote` wants it; and what came of it, as the window shows it.

use crate::failure;
use crate::wire::{ChangedKey, ConnectAsk, ConnectReply, SignIn, Trust};
use remote::{Fault, HostKey, KnownKey, Method, Options, Secret, SshConfig, Target};
use session::store::{KnownServer, Store};
use session::{Moment, Purpose};
use std::path::PathBuf;
use std::time::Duration;
use vault::Kind;

/// The place that is meant. An address may be a name from the SSH config and may carry its own user and port; the fields
/// fill in what it leaves out.
pub(crate) fn target(
    ask: &ConnectAsk,
    config: &SshConfig,
    saved: Option<&KnownServer>,
) -> Result<Target, remote::Error> {
    let mut target = config.target(ask.address.trim())?.target;
    let port = u16::try_from(ask.port).ok().filter(|port| *port > 0);
    match port {
        Some(port) if target.port == 22 => target.port = port,
        Some(_) => {}
        None => return Err(bad_port(ask)),
    }
    let typed: Target = ask.address.trim().parse()?;
    // The field holds what the config said when a name was picked, and the person may have changed it since.
    if typed.user.is_none() && !ask.user.is_empty() {
        target.user = Some(ask.user.clone());
    }
    if let Some(jump) = ask.jump.as_deref().filter(|jump| !jump.trim().is_empty()) {
        let hops = jump.split(',').map(|hop| config.target(hop.trim()).map(|resolved| resolved.target));
        target.jump = hops.collect::<Result<_, _>>()?;
    }
    let file = match &ask.sign_in {
        SignIn::KeyFile { path, .. } => Some(PathBuf::from(path)),
        SignIn::Saved => saved.and_then(key_file_of),
        SignIn::Agent | SignIn::Password { .. } => None,
    };
    if let Some(file) = file {
        target.identity.files = vec![file];
        target.identity.only_files = true;
    }
    Ok(target)
}

fn bad_port(ask: &ConnectAsk) -> remote::Error {
    let why = format!("{} is no port; ports go from 1 to 65535", ask.port);
    remote::Error::new(Fault::BadAddress { why }).server(&ask.address)
}

fn key_file_of(saved: &KnownServer) -> Option<PathBuf> {
    saved.sign_in.strip_prefix("key ").map(PathBuf::from)
}

pub(crate) fn options(ask: &ConnectAsk, target: &Target, store: &Store) -> Options {
    let mut options = Options::new(store.folder());
    options.methods = match &ask.sign_in {
        SignIn::Agent => vec![Method::Agent],
        SignIn::KeyFile { .. } => vec![Method::KeyFile],
        SignIn::Password { .. } => vec![Method::Password],
        SignIn::Saved => vec![Method::KeyFile, Method::Agent, Method::Password],
    };
    options.limits.connect = Duration::from_secs(u64::from(ask.time_limit_seconds.clamp(1, 600)));
    match &ask.trust {
        Trust::KnownOnly => {}
        Trust::First { fingerprint, compared } => {
            tracing::info!(host = target.host, fingerprint, compared, "first contact was accepted");
            options.trust = vec![fingerprint.clone()];
        }
        Trust::Replace { fingerprint, typed } if earned(fingerprint, typed, target) => {
            options.replace = Some(fingerprint.clone());
        }
        // Neither the fingerprint nor the name was typed: nothing is replaced, and the same screen comes back.
        Trust::Replace { .. } => {}
    }
    options
}

/// Whether the person has shown that they know which server this is: by its new fingerprint, or by its name.
fn earned(fingerprint: &str, typed: &str, target: &Target) -> bool {
    let bare = |text: &str| -> String {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        text.strip_prefix("SHA256:").unwrap_or(&text).trim_end_matches('=').to_owned()
    };
    let typed_name = typed.trim();
    let is_name = [target.name(), target.host.as_str()].iter().any(|name| name.eq_ignore_ascii_case(typed_name));
    !bare(typed).is_empty() && (bare(typed) == bare(fingerprint) || is_name)
}

/// What the person typed before anybody asked for it, and what it opens.
pub(crate) fn typed(sign_in: SignIn, target: &Target) -> Option<(Purpose, Kind, Secret)> {
    match sign_in {
        SignIn::KeyFile { path, passphrase } => {
            Some((Purpose::passphrase(&path), Kind::Passphrase, Secret::from(passphrase?)))
        }
        SignIn::Password { password } => {
            let purpose = Purpose::password(&target.user(), &target.host, target.port);
            Some((purpose, Kind::Password, Secret::from(password)))
        }
        SignIn::Agent | SignIn::Saved => None,
    }
}

/// What the window shows when a connection did not come about.
pub(crate) fn reply(error: &remote::Error, target: &Target) -> ConnectReply {
    match error.fault() {
        Fault::HostKeyFirst { shown } | Fault::HostCertAuthority { shown, .. } => ConnectReply::FirstContact {
            host: target.host.clone(),
            port: u32::from(target.port),
            fingerprint: shown.fingerprint(),
            key_type: key_type(shown),
            ask_at: format!("ssh-keygen -lf {}", key_file(shown)),
        },
        Fault::HostKeyChanged { shown, known } => ConnectReply::ChangedKey(changed(shown, known, target)),
        _ => ConnectReply::Refused { failure: failure::of_remote(error) },
    }
}

fn changed(shown: &HostKey, known: &[KnownKey], target: &Target) -> ChangedKey {
    let known = known.first();
    ChangedKey {
        host: target.host.clone(),
        name: target.name().to_owned(),
        known_fingerprint: known.map(|known| known.key.fingerprint()).unwrap_or_default(),
        known_type: known.map(|known| key_type(&known.key)).unwrap_or_default(),
        known_since: known.map(since).unwrap_or_default(),
        shown_fingerprint: shown.fingerprint(),
        shown_type: key_type(shown),
    }
}

/// "12 March 2026", or where it is noted when nobody wrote down the day.
fn since(known: &KnownKey) -> String {
    match known.since.and_then(Moment::at) {
        Some(moment) => moment.day_for_people(),
        None => format!("noted in {}", known.place),
    }
}

/// "Ed25519", as people say it.
fn key_type(key: &HostKey) -> String {
    match key.kind() {
        "ssh-ed25519" => "Ed25519".to_owned(),
        "ssh-rsa" => "RSA".to_owned(),
        kind if kind.starts_with("ecdsa-") => "ECDSA".to_owned(),
        kind => kind.to_owned(),
    }
}

/// Where the public half of such a key lies on nearly every server.
fn key_file(key: &HostKey) -> &'static str {
    match key.kind() {
        "ssh-rsa" => "/etc/ssh/ssh_host_rsa_key.pub",
        kind if kind.starts_with("ecdsa-") => "/etc/ssh/ssh_host_ecdsa_key.pub",
        _ => "/etc/ssh/ssh_host_ed25519_key.pub",
    }
}

#[cfg(test)]
mod tests {
    use super::earned;
    use crate::wire::{ConnectAsk, SignIn, Trust};
    use remote::{SshConfig, Target};

    fn ask(address: &str, port: u32, user: &str) -> ConnectAsk {
        ConnectAsk {
            address: address.to_owned(),
            port,
            user: user.to_owned(),
            sign_in: SignIn::Agent,
            remember: false,
            jump: None,
            time_limit_seconds: 10,
            trust: Trust::KnownOnly,
        }
    }

    fn target(ask: &ConnectAsk) -> Result<Target, remote::Error> {
        super::target(ask, &SshConfig::default(), None)
    }

    #[test]
    fn the_fields_fill_in_what_the_address_leaves_out() {
        let full = target(&ask("deploy@chat-01:2222", 22, "root")).expect("readable");
        assert_eq!((full.user(), full.port), ("deploy".to_owned(), 2222));
        let bare = target(&ask("chat-01", 2200, "root")).expect("readable");
        assert_eq!((bare.user(), bare.port), ("root".to_owned(), 2200));
        assert_eq!(target(&ask("chat-01", 70_000, "root")).expect_err("no port").code(), "address-not-readable");
    }

    #[test]
    fn a_saved_key_is_replaced_for_the_fingerprint_or_the_name_and_nothing_else() {
        let chat = Target::new("chat-01", 22);
        let new = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
        assert!(earned(new, " 47DE Qpj8 HBSa +/TI mW+5 JCeu QeRk m5NM pJWZ G3hS uFU", &chat));
        assert!(earned(new, "Chat-01 ", &chat));
        for typed in ["", " ", "SHA256:", "yes", "chat-0", "47DEQpj8"] {
            assert!(!earned(new, typed, &chat), "{typed:?}");
        }
    }
}
