//! Every way to sign in, with every form of key, to every form of server: one table, each of its cells due beforehand.

use reach::{Script, Way};
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
    server: lab::Server,
    hardened: bool,
}

impl Form {
    /// As whom one signs in here.
    fn user(&self) -> &str {
        if self.hardened { &self.server.user } else { "root" }
    }

    fn authorize(&self, public: &str) -> Any<()> {
        if self.hardened {
            let file = self.server.state().join("authorized_keys");
            std::fs::write(&file, format!("{}{public}", std::fs::read_to_string(&file)?))?;
        } else {
            self.server.must(&format!("printf '%s' '{public}' >>/root/.ssh/authorized_keys"))?;
        }
        Ok(())
    }

    /// How this way must end here: in, or the code of the refusal.
    fn due(&self, row: &Row) -> &'static str {
        match row {
            Row::Key { kind, .. } if self.hardened && *kind != "ed25519" => "key-refused",
            Row::Password if self.hardened => "sign-in-not-offered",
            _ => "in",
        }
    }
}

enum Row {
    Key { kind: &'static str, title: String, file: PathBuf, passphrase: &'static str },
    Agent,
    Password,
}

impl Row {
    fn title(&self) -> &str {
        match self {
            Row::Key { title, .. } => title,
            Row::Agent => "agent",
            Row::Password => "password",
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
async fn tried(form: &Form, row: &Row, agent: &Agent) -> &'static str {
    let (mut way, answers) = match row {
        Row::Key { file, passphrase, .. } => {
            let mut way = Way::key(&form.server, form.user());
            way.target.identity.files = vec![file.clone()];
            (way, Script::new(&[passphrase]))
        }
        Row::Agent => (Way::key(&form.server, form.user()), Script::new(&[])),
        Row::Password => (Way::password(&form.server, form.user()), Script::new(&[&form.server.password_of("root")])),
    };
    if let Row::Agent = row {
        way.target.identity.agent = Some(agent.1.clone());
        way.target.identity.files = Vec::new();
        way.options.methods = vec![Method::Agent];
    }
    match way.open(answers.asker()).await {
        Ok(_) => "in",
        Err(error) => error.code(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_into_every_form_of_server() -> Any<()> {
    lab::slow!();
    let form = |name, server| Form { name, server, hardened: false };
    let forms = [
        form("Debian 11", lab::need!(lab::userns("bullseye"))),
        form("Debian 12", lab::need!(lab::userns("bookworm"))),
        form("Debian 13", lab::need!(lab::userns("trixie"))),
        form("dropbear", lab::need!(lab::minimal())),
        Form { name: "hardened", server: lab::need!(lab::sshd_with(HARDENED)), hardened: true },
    ];
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
    rows.extend([Row::Agent, Row::Password]);
    let Some(Row::Key { file, .. }) = rows.first() else { return Err("no key".into()) };
    let agent = Agent::with(folder.path(), file)?;

    let mut wrong = Vec::new();
    let titles: String = forms.iter().map(|form| format!(" {:<20}", form.name)).collect();
    println!("{:<30}{titles}", "");
    for row in &rows {
        let mut line = format!("{:<30}", row.title());
        for form in &forms {
            let (due, got) = (form.due(row), tried(form, row, &agent).await);
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
