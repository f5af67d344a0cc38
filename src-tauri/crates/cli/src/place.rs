//! WHERE: which server, and how to sign in. Turns the options into a session.

use crate::args::Where;
use crate::ask;
use crate::outcome::{Failure, OrBadArguments, OrUnreached};
use anyhow::{Context, anyhow};
use profiles::Catalog;
use remote::{Answers, Asker, Asking, Method, Options, Question, Secret, SshConfig, Target};
use session::store::Store;
use session::{Purpose, Session, WalkAnswers};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use vault::{Account, Vault};

impl Where {
    /// Opens the walk: reads the file, takes this computer, or connects.
    pub(crate) async fn open(&self, catalog: Arc<Catalog>) -> Result<Session, Failure> {
        let store = Store::of_this_user().or_unreached()?;
        let mut session = match (&self.host, &self.facts) {
            (Some(host), _) => self.connect(host, catalog, &store).await?,
            (None, Some(file)) => {
                let raw = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()));
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Session::from_file(catalog, &name, raw.or_bad_arguments()?, Arc::new(self.answers()))
            }
            (None, None) => Session::here(catalog, Arc::new(self.answers())),
        };
        if let Some(password) = self.sudo_password().or_bad_arguments()? {
            session.give_sudo_password(password);
        }
        session::history::recall_words(&mut session, &store).or_unreached()?;
        Ok(session)
    }

    async fn connect(&self, host: &str, catalog: Arc<Catalog>, store: &Store) -> Result<Session, Failure> {
        let (target, options) = self.dial(host, store)?;
        let account = Account::new(target.user(), target.host.clone(), target.port);
        let answers = Arc::new(self.answers().with_keychain(Vault::open(), account));
        if let Some(number) = self.password_fd {
            let secret = ask::from_descriptor(number, "--password-fd").or_bad_arguments()?;
            let purpose = match &self.key {
                // What opens a key is nobody's business but the key's: it is never sent to a server.
                Some(key) if is_locked(key) => Purpose::passphrase(&key.to_string_lossy()),
                _ => Purpose::password(&target.user(), &target.host, target.port),
            };
            answers.give(purpose, secret);
        } else if self.ask_password {
            let question = format!("Password for {} on {}: ", target.user(), target.name());
            let secret = ask::person(&question, "--password-fd N").or_bad_arguments()?;
            answers.give(Purpose::password(&target.user(), &target.host, target.port), secret);
        }
        Session::connect(catalog, target, options, answers).await.map_err(|error| unreached(&error))
    }

    /// The target and the manner, from the options and the SSH config.
    fn dial(&self, host: &str, store: &Store) -> Result<(Target, Options), Failure> {
        let config = SshConfig::read(self.ssh_config.as_deref()).map_err(|error| bad(&error))?;
        let named = config.target(host).map_err(|error| bad(&error))?;
        for line in &named.not_understood {
            eprintln!("In your SSH config, this is not followed: {}", crate::print::safe(&line.to_string()));
        }
        let mut target = named.target;
        let mut options = Options::new(store.folder());
        if let Some(files) = named.known_hosts {
            options.known_hosts = files;
        }
        if let Some(file) = &self.known_hosts {
            options.known_hosts = vec![file.clone()];
        }
        if let Some(jump) = &self.jump {
            target.jump = jump
                .split(',')
                .map(|hop| Ok(config.target(hop)?.target))
                .collect::<Result<_, _>>()
                .map_err(|e| bad(&e))?;
        }
        options.trust.extend(self.trust.clone());
        if let Some(key) = &self.key {
            target.identity.files = vec![key.clone()];
            target.identity.only_files = true;
            options.methods = vec![Method::KeyFile, Method::Password];
        }
        if self.agent {
            options.methods = vec![Method::Agent];
        } else if self.ask_password || (self.password_fd.is_some() && self.key.is_none()) {
            options.methods = vec![Method::Password];
        }
        Ok((target, options))
    }

    fn answers(&self) -> WalkAnswers {
        WalkAnswers::new(Arc::new(AtTheTerminal))
    }

    fn sudo_password(&self) -> anyhow::Result<Option<Secret>> {
        if let Some(number) = self.sudo_password_fd {
            return Ok(Some(ask::from_descriptor(number, "--sudo-password-fd")?));
        }
        if self.ask_sudo {
            return Ok(Some(ask::person("Password for sudo: ", "--sudo-password-fd N")?));
        }
        Ok(None)
    }
}

fn is_locked(key: &Path) -> bool {
    remote::look_at_key(key).is_ok_and(|key| key.locked)
}

/// Asks the person at the terminal, and nobody when there is none.
#[derive(Debug)]
struct AtTheTerminal;

impl Asker for AtTheTerminal {
    fn ask(&self, question: Question) -> Asking<'_> {
        Box::pin(async move {
            if !std::io::stdin().is_terminal() {
                return None;
            }
            tokio::task::spawn_blocking(move || asked(&question)).await.ok().flatten()
        })
    }
}

fn asked(question: &Question) -> Answers {
    let one = |text: String| ask::person(&text, "--password-fd N").ok();
    match question {
        Question::Password { host, user, again, .. } => {
            let again = if *again { "That was not accepted. " } else { "" };
            Some(vec![one(format!("{again}Password for {user} on {host}: "))?])
        }
        Question::Passphrase { file, again } => {
            let again = if *again { "That does not open it. " } else { "" };
            Some(vec![one(format!("{again}Passphrase for {}: ", file.display()))?])
        }
        Question::SudoPassword { host, user, again, .. } => {
            let again = if *again { "sudo did not accept that. " } else { "" };
            Some(vec![one(format!("{again}Password for sudo of {user} on {host}: "))?])
        }
        Question::Prompts { prompts, .. } => prompts.iter().map(|prompt| one(format!("{} ", prompt.text))).collect(),
    }
}

/// An error of connecting, in the words made for people.
fn unreached(error: &remote::Error) -> Failure {
    Failure { outcome: crate::outcome::Outcome::Unreached, error: told(error) }
}

fn bad(error: &remote::Error) -> Failure {
    Failure { outcome: crate::outcome::Outcome::BadArguments, error: told(error) }
}

/// What happened, what is safe, what to do, and the code at the end for whoever looks it up.
pub(crate) fn told(error: &remote::Error) -> anyhow::Error {
    let hint = match error.fault() {
        remote::Fault::HostKeyFirst { shown } => {
            format!("\nHint: compare it with the one you were given, then add --trust {}", shown.fingerprint())
        }
        _ => String::new(),
    };
    anyhow!("{}\n{}\n{}{hint}\n({})", error.happened(), error.safe(), error.next(), error.code())
}
