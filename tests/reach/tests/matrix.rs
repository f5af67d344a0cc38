//! Every way to sign in, with every form of key, to every form of server: one table, each of its cells due beforehand.

use reach::{Asking, Script, Way};
use remote::Method;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

type Any<T> = Result<T, Box<dyn std::error::Error>>;

/// What a hardened server is told: one exchange, one cipher, one kind of key, no passwords.
const HARDENED: &str = "KexAlgorithms curve25519-sha256\nCiphers chacha20-poly1305@openssh.com\n\
     HostKeyAlgorithms ssh-ed25519\nPubkeyAcceptedAlgorithms ssh-ed25519";

/// `ssh-keygen -t`, bits, `-m`. ssh-keygen writes Ed25519 in its own format only.
const KEYS: [(&str, &str, &str); 7] = [
    ("ed25519", "", "RFC4716"),
    ("rsa", "2048", "PEM"),
    ("rsa", "3072", "PKCS8"),
    ("rsa", "4096", "RFC4716"),
    ("ecdsa", "256", "PEM"),
    ("ecdsa", "384", "PKCS8"),
    ("ecdsa", "521", "RFC4716"),
];

struct Form {
    name: &'static str,
    place: Place,
}

enum Place {
    Usual(lab::Server),
    Hardened(lab::Server),
    /// Wants a code after each key and password.
    Asking(Asking),
}

impl Form {
    fn authorize(&self, public: &str) -> Any<()> {
        match &self.place {
            Place::Usual(server) => {
                server.must(&format!("printf '%s' '{public}' >>/root/.ssh/authorized_keys"))?;
            }
            Place::Hardened(server) => {
                let file = server.state().join("authorized_keys");
                std::fs::write(&file, format!("{}{public}", std::fs::read_to_string(&file)?))?;
            }
            Place::Asking(server) => server.authorize(public)?,
        }
        Ok(())
    }

    /// How this way must end here: in, or the code of the refusal; `-` where there is no such way.
    fn due(&self, row: &Row) -> &'static str {
        match (&self.place, row) {
            (Place::Hardened(_), Row::Key { kind, .. }) if *kind != "ed25519" => "key-refused",
            (Place::Hardened(_), Row::Password) => "sign-in-not-offered",
            (Place::Usual(_) | Place::Hardened(_), Row::Rounds) => "-",
            _ => "in",
        }
    }

    /// The way there, and what a person answers.
    fn way(&self, row: &Row, agent: &Agent) -> Any<(Way, Vec<String>)> {
        let mut answers = Vec::new();
        let mut way = match (&self.place, row) {
            (Place::Usual(server), Row::Password) => {
                answers.push(server.password_of("root"));
                Way::password(server, "root")
            }
            (Place::Hardened(server), Row::Password) => {
                answers.push("secret".to_owned());
                Way::password(server, &server.user)
            }
            (Place::Usual(server), _) => Way::key(server, "root"),
            (Place::Hardened(server), _) => Way::key(server, &server.user),
            (Place::Asking(server), Row::Password) => server.way("password-then-code")?,
            (Place::Asking(server), Row::Rounds) => server.way("three-rounds")?,
            (Place::Asking(server), _) => server.way("key-then-code")?,
        };
        match row {
            Row::Key { file, passphrase, .. } => {
                way.target.identity.files = vec![file.clone()];
                answers.extend((!passphrase.is_empty()).then(|| (*passphrase).to_owned()));
            }
            Row::Agent => {
                way.target.identity.agent = Some(agent.1.clone());
                way.target.identity.files = Vec::new();
                way.options.methods.retain(|method| *method != Method::KeyFile);
                way.options.methods.insert(0, Method::Agent);
            }
            Row::Password | Row::Rounds => {}
        }
        if let Place::Asking(_) = self.place {
            answers.extend(match row {
                Row::Rounds => vec!["secret".to_owned(), "blue".to_owned(), "42".to_owned()],
                Row::Password => vec!["secret".to_owned(), "123456".to_owned()],
                Row::Key { .. } | Row::Agent => vec!["123456".to_owned()],
            });
        }
        Ok((way, answers))
    }
}

enum Row {
    Key {
        kind: &'static str,
        title: String,
        file: PathBuf,
        passphrase: &'static str,
    },
    Agent,
    Password,
    /// The server's own questions: one, then two at once, then none.
    Rounds,
}

impl Row {
    fn title(&self) -> &str {
        match self {
            Row::Key { title, .. } => title,
            Row::Agent => "agent",
            Row::Password => "password",
            Row::Rounds => "questions, three rounds",
        }
    }
}

fn new_key(folder: &Path, (kind, bits, format): (&'static str, &str, &str), passphrase: &'static str) -> Any<Row> {
    let locked = if passphrase.is_empty() { "" } else { ", passphrase" };
    let format_title = if format == "RFC4716" { "OpenSSH" } else { format };
    let title = format!("{kind} {bits} {format_title}{locked}").replace("  ", " ");
    let file = folder.join(title.replace([' ', ','], "-"));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-m", format, "-N", passphrase, "-f"]).arg(&file);
    if !bits.is_empty() {
        command.args(["-b", bits]);
    }
    if !command.status()?.success() {
        return Err(format!("ssh-keygen made no {title}").into());
    }
    Ok(Row::Key { kind, title, file, passphrase })
}

/// An agent that holds one key.
struct Agent(Child, PathBuf);

impl Agent {
    fn with(folder: &Path, key: &Path) -> Any<Agent> {
        let socket = folder.join("agent");
        let child = Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn()?;
        let agent = Agent(child, socket);
        for _ in 0..100 {
            let mut add = Command::new("ssh-add");
            add.arg("-q").arg(key).env("SSH_AUTH_SOCK", &agent.1).stderr(Stdio::null());
            if add.status()?.success() {
                return Ok(agent);
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Err("the agent takes no key".into())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// "in", or the code of what stood in the way.
async fn tried(form: &Form, row: &Row, agent: &Agent) -> Any<&'static str> {
    let (way, answers) = form.way(row, agent)?;
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    Ok(match way.open(Script::new(&answers).asker()).await {
        Ok(_) => "in",
        Err(error) => error.code(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_into_every_form_of_server() -> Any<()> {
    lab::slow!();
    let usual = |name, server| Form { name, place: Place::Usual(server) };
    let mut forms = vec![
        usual("Debian 11", lab::need!(lab::userns("bullseye"))),
        usual("Debian 12", lab::need!(lab::userns("bookworm"))),
        usual("Debian 13", lab::need!(lab::userns("trixie"))),
        usual("dropbear", lab::need!(lab::minimal())),
        Form { name: "hardened", place: Place::Hardened(lab::need!(lab::sshd_with(HARDENED))) },
    ];
    match Asking::start()? {
        Ok(server) => forms.push(Form { name: "asyncssh", place: Place::Asking(server) }),
        Err(reason) => {
            lab::record("every_way_into_every_form_of_server", &lab::Skipped { name: "asyncssh".to_owned(), reason });
        }
    }
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    for key in KEYS {
        for passphrase in ["", "correct horse"] {
            let row = new_key(folder.path(), key, passphrase)?;
            if let Row::Key { file, .. } = &row {
                let public = std::fs::read_to_string(file.with_extension("pub"))?;
                forms.iter().try_for_each(|form| form.authorize(&public))?;
            }
            rows.push(row);
        }
    }
    rows.extend([Row::Agent, Row::Password, Row::Rounds]);
    let Some(Row::Key { file, .. }) = rows.first() else { return Err("no key".into()) };
    let agent = Agent::with(folder.path(), file)?;

    let mut wrong = Vec::new();
    let titles: String = forms.iter().map(|form| format!(" {:<20}", form.name)).collect();
    println!("{:<30}{titles}", "");
    for row in &rows {
        let mut line = format!("{:<30}", row.title());
        for form in &forms {
            let due = form.due(row);
            let got = if due == "-" { due } else { tried(form, row, &agent).await? };
            line.push_str(&format!(" {got:<20}"));
            if got != due {
                wrong.push(format!("{} to {}: {got} where {due} was due", row.title(), form.name));
            }
        }
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}
