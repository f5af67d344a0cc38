//! Errors of the crates below, turned into what the window shows. The words live with the errors; here they are only
//! carried over, with the field that caused them and how far we got.

use crate::wire::Failure;
use remote::{Fault, Stage};
use session::WorkError;

/// A failure of ours that has no error below it.
fn own(code: &str, happened: &str, next: &str) -> Failure {
    Failure {
        code: code.to_owned(),
        happened: happened.to_owned(),
        safe: "Nothing on the server was changed.".to_owned(),
        next: next.to_owned(),
        field: String::new(),
        reached: String::new(),
        remedies: Vec::new(),
        details: String::new(),
    }
}

/// The window asks for a walk that is over: it was reopened, or it is older than the shell.
pub(crate) fn no_walk() -> Failure {
    own("no_walk", "The connection to this server is closed.", "Connect again.")
}

/// Something that was filled in cannot be used; said beside its field.
pub(crate) fn of_field(field: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure { field: field.to_owned(), ..own("bad_field", &why.to_string(), "") }
}

pub(crate) fn of_remote(error: &remote::Error) -> Failure {
    let details =
        if error.raw().is_empty() { error.code().to_owned() } else { format!("{}\n{}", error.code(), error.raw()) };
    Failure {
        code: error.code().to_owned(),
        happened: error.happened(),
        safe: error.safe(),
        next: error.next(),
        field: field(error.fault()).to_owned(),
        reached: reached(error.stage()).to_owned(),
        remedies: remedies(error),
        details,
    }
}

pub(crate) fn of_work(error: &WorkError) -> Failure {
    if let WorkError::Remote(error) = error {
        return of_remote(error);
    }
    let details = format!("{}\n{}", error.code(), error.raw());
    Failure { safe: error.safe(), details, ..own(error.code(), &error.to_string(), &error.next()) }
}

pub(crate) fn of_role(error: profiles::BadRole) -> Failure {
    of_work(&WorkError::Role(error))
}

pub(crate) fn of_choice(error: profiles::BadChoice) -> Failure {
    of_role(error.into())
}

/// The password was right, and could not be put into the keychain.
pub(crate) fn not_remembered(error: &vault::Error) -> Failure {
    own("not_remembered", &format!("The password is right. It was not remembered. {error}"), "Go on without.")
}

/// A check was forgotten between listing it and opening it.
pub(crate) fn no_check() -> Failure {
    own("no_check", "This check is no longer kept on this computer.", "Choose another.")
}

/// A requirements file that cannot be used as it is.
pub(crate) fn of_requirements(name: &str, details: String) -> Failure {
    let happened = format!("{name} cannot be used as it is. Nothing was taken from it.");
    let next = "Whoever wrote it can mend it with this list.";
    Failure { details, ..own("requirements", &happened, next) }
}

/// This computer has no folder for a log.
pub(crate) fn no_log() -> Failure {
    own("no_log", "This computer has no folder for a log.", "")
}

pub(crate) fn of_store(error: session::store::StoreError) -> Failure {
    of_work(&WorkError::Store(error))
}

/// A file on this computer that could not be read or written.
pub(crate) fn of_file(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let happened = format!("{} could not be written or read.", path.display());
    Failure { details: error.to_string(), ..own("file", &happened, "Choose another place.") }
}

/// The field of the connect screen that holds the cause.
fn field(fault: &Fault) -> &'static str {
    match fault {
        Fault::BadAddress { .. } | Fault::NameNotFound | Fault::ConfigUnreadable { .. } => "address",
        Fault::WrongUser { .. } | Fault::AccountLocked | Fault::AccountExpired => "user",
        Fault::PasswordMissing | Fault::PasswordRefused | Fault::PasswordExpired => "password",
        Fault::PassphraseMissing { .. } | Fault::PassphraseWrong { .. } => "passphrase",
        Fault::KeyUnreadable { .. }
        | Fault::KeyFormat { .. }
        | Fault::KeyPutty { .. }
        | Fault::KeyIsPublic { .. }
        | Fault::KeyHardware { .. }
        | Fault::KeyRefused { .. } => "keyFile",
        Fault::JumpRefused { .. } => "jump",
        _ => "",
    }
}

/// The farthest hop that answered.
fn reached(stage: Stage) -> &'static str {
    match stage {
        Stage::Before | Stage::Name => "",
        Stage::Address => "network",
        Stage::Greeting => "port",
        Stage::HostKey => "ssh",
        Stage::SignIn | Stage::Shell | Stage::Work => "sign_in",
    }
}

/// What usually helps when a server cannot be reached at all, most likely first.
fn remedies(error: &remote::Error) -> Vec<String> {
    let port = error.port_number();
    let switched_on =
        "Is it switched on? Look in your provider\u{2019}s console. A server that was just created can take a minute.";
    let right_port = "Is the port right? Some servers use another port for SSH, such as 2222.";
    let firewall = format!(
        "Does a firewall let you in? The provider may have a firewall of its own. It must allow {port}/tcp from your address."
    );
    let vpn = "Do you need a VPN or a jump host? Then connect the VPN first, or add the jump host under More.";
    match error.fault() {
        Fault::NoAnswer { .. } | Fault::NoRoute | Fault::TimedOut { .. } if error.stage() <= Stage::Greeting => {
            vec![switched_on.to_owned(), right_port.to_owned(), firewall, vpn.to_owned()]
        }
        Fault::Refused | Fault::NotSsh => vec![right_port.to_owned(), switched_on.to_owned(), firewall, vpn.to_owned()],
        _ => Vec::new(),
    }
}
