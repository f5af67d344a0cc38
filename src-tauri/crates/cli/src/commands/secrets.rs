//! `plumb secrets`: what the keychain keeps for Plumbline. Never what it says.

use crate::args::{SecretKind, SecretsCommand};
use crate::ask;
use crate::commands::print_json;
use crate::outcome::{Failure, OrBadArguments, OrUnreached, Outcome};
use crate::place;
use crate::print::{column, println};
use remote::Target;
use serde_json::json;
use vault::{Account, Keeping, Kind, Secret, State, Vault};

pub(crate) fn run(command: SecretsCommand) -> Result<Outcome, Failure> {
    let vault = Vault::open();
    match command {
        SecretsCommand::List { json } => crate::work(list(vault, json)),
        SecretsCommand::Set { server, kind, fd } => {
            let (account, kind) = (account(&server)?, kind_of(kind));
            let secret = match fd {
                Some(number) => ask::from_descriptor(number, "--fd"),
                None => ask::person(&format!("The {} of {account}: ", kind.word()), "--fd N"),
            };
            crate::work(set(vault, account, kind, secret.or_bad_arguments()?))
        }
        SecretsCommand::Forget { server, kind } => crate::work(forget(vault, account(&server)?, kind.map(kind_of))),
    }
}

async fn list(vault: Vault, json: bool) -> Result<Outcome, Failure> {
    let state = vault.state().await;
    // A locked keychain would ask its owner to open it, only to say what is in it.
    let kept = if state == State::Available { vault.list().await.or_unreached()? } else { Vec::new() };
    if json {
        let told = |kept: &vault::Kept| json!({ "kind": kept.kind.word(), "for": kept.account.to_string() });
        print_json(
            &json!({ "schema": 1, "keychain": word(&state), "secrets": kept.iter().map(told).collect::<Vec<_>>() }),
        )?;
        return Ok(Outcome::Ready);
    }
    match &state {
        State::Available if kept.is_empty() => println!("The keychain keeps no secret for Plumbline."),
        State::Available => {}
        State::NoKeychain => println!("This computer has no keychain that Plumbline can use, so nothing is kept."),
        State::Locked => println!("The keychain is locked. Open it to see what it keeps for Plumbline."),
        State::Refused(why) => println!("The keychain does not let us in: {}", crate::print::safe(why)),
    }
    for entry in kept {
        println!("{} {}", column(entry.kind.word(), 12), entry.account);
    }
    Ok(Outcome::Ready)
}

fn word(state: &State) -> &'static str {
    match state {
        State::Available => "available",
        State::NoKeychain => "none",
        State::Locked => "locked",
        State::Refused(_) => "refused",
    }
}

async fn set(vault: Vault, account: Account, kind: Kind, secret: Secret) -> Result<Outcome, Failure> {
    vault.keep(&account, kind, secret, Keeping::Keychain).await.or_unreached()?;
    println!("Kept in the keychain.");
    Ok(Outcome::Ready)
}

async fn forget(vault: Vault, account: Account, kind: Option<Kind>) -> Result<Outcome, Failure> {
    let gone = match kind {
        Some(kind) => usize::from(vault.forget(&account, kind).await.or_unreached()?),
        None => vault.forget_account(&account).await.or_unreached()?,
    };
    println!("{}", if gone == 0 { "There was nothing to forget." } else { "Forgotten." });
    Ok(Outcome::Ready)
}

fn kind_of(kind: SecretKind) -> Kind {
    match kind {
        SecretKind::Password => Kind::Password,
        SecretKind::Passphrase => Kind::Passphrase,
        SecretKind::Sudo => Kind::Sudo,
    }
}

/// `user@host:port` as the keychain files it.
fn account(server: &str) -> Result<Account, Failure> {
    let target: Target = server
        .parse()
        .map_err(|error: remote::Error| Failure { outcome: Outcome::BadArguments, error: place::told(&error) })?;
    Ok(Account::new(target.user(), target.host.clone(), target.port))
}
