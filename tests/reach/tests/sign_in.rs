//! Who is let in and who is not, on real accounts and with real agents.

use reach::{Script, Way};
use remote::{Job, Method, Question, Remote as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

type Any = Result<(), Box<dyn std::error::Error>>;

async fn code(way: &Way, script: &Script) -> String {
    match way.open(script.asker()).await {
        Ok(ssh) => format!("in by {}", ssh.server().signed_in_by),
        Err(error) => error.code().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    let way = Way::password(&server, "guest");
    server.must("printf 'KbdInteractiveAuthentication yes\\nBanner /etc/hostname\\n' >/etc/ssh/sshd_config.d/10-plain.conf; kill -HUP 1; sleep 0.5")?;
    let ssh = way.open(Script::new(&["guest-pw"]).asker()).await?;
    assert_eq!(
        (ssh.server().signed_in_by.as_str(), ssh.server().banner.as_str()),
        ("keyboard-interactive", "server\n")
    );
    assert_eq!(code(&way, &Script::new(&[])).await, "password-missing");
    assert_eq!(code(&way, &Script::new(&["wrong"])).await, "password-refused");
    // Mistyped once, in the same connection.
    let script = Script::new(&["wrong", "guest-pw"]);
    assert!(code(&way, &script).await.starts_with("in by"));
    let again: Vec<bool> = script.asked().iter().map(|q| matches!(q, Question::Password { again: true, .. })).collect();
    assert_eq!(again, [false, true]);
    assert_eq!(code(&Way::password(&server, "nobody-here"), &Script::new(&["x"])).await, "password-refused");
    // A server that has only the plain method.
    server
        .must("echo 'KbdInteractiveAuthentication no' >/etc/ssh/sshd_config.d/10-plain.conf; kill -HUP 1; sleep 0.5")?;
    assert_eq!(code(&way, &Script::new(&["guest-pw"])).await, "in by password");
    assert_eq!(code(&way, &Script::new(&["wrong"])).await, "password-refused");
    // And one that has none.
    server.must("echo 'PasswordAuthentication no' >>/etc/ssh/sshd_config.d/10-plain.conf; kill -HUP 1; sleep 0.5")?;
    let refused = way.open(Script::new(&["guest-pw"]).asker()).await.expect_err("no passwords");
    assert_eq!(refused.code(), "sign-in-not-offered");
    assert!(refused.happened().contains("publickey"), "{}", refused.happened());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_closed() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("echo 'KbdInteractiveAuthentication yes' >/etc/ssh/sshd_config.d/10-pam.conf; kill -HUP 1; sleep 0.5; chage -E 0 guest; usermod -L op; mkdir -p /home/guest/.ssh; cp /root/.ssh/authorized_keys /home/guest/.ssh/; chown -R guest: /home/guest")?;
    assert_eq!(code(&Way::key(&server, "guest"), &Script::new(&[])).await, "account-expired");
    assert_eq!(code(&Way::password(&server, "op"), &Script::new(&["op-pw"])).await, "password-refused");
    // A password that has run out shows itself in the questions, or after them.
    let way = Way::password(&server, "expired");
    let end = match way.open(Script::new(&["expired-pw"]).asker()).await {
        Ok(ssh) => ssh.start(Job::new("echo")).output().await.expect_err("expired").code(),
        Err(error) => error.code(),
    };
    assert_eq!(end, "password-expired");
    server.must("echo 'System is going down. Unprivileged users are not permitted to log in anymore.' >/run/nologin; touch /etc/nologin; cp /run/nologin /etc/nologin")?;
    assert_eq!(code(&Way::key(&server, "admin"), &Script::new(&[])).await, "server-going-down");
    Ok(())
}

/// A real agent of its own.
struct Agent {
    socket: PathBuf,
    process: Child,
}

impl Agent {
    fn start(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let socket = folder.join("agent.sock");
        let process = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn()?;
        for _ in 0..200 {
            if socket.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(Agent { socket, process })
    }

    fn add(&self, file: &Path) -> Any {
        let out = Command::new("ssh-add").arg(file).env("SSH_AUTH_SOCK", &self.socket).output()?;
        assert!(out.status.success(), "{out:?}");
        Ok(())
    }

    /// Locks or unlocks it; ssh-add takes the password from a program.
    fn lock(&self, flag: &str, folder: &Path) -> Any {
        let ask = folder.join("ask.sh");
        std::fs::write(&ask, "#!/bin/sh\necho secret\n")?;
        std::fs::set_permissions(&ask, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let out = Command::new("ssh-add")
            .arg(flag)
            .env("SSH_AUTH_SOCK", &self.socket)
            .env("SSH_ASKPASS", &ask)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null())
            .output()?;
        assert!(out.status.success(), "{out:?}");
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn new_key(folder: &Path, name: &str, kind: &[&str]) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let file = folder.join(name);
    let out = Command::new("ssh-keygen").args(["-q", "-N", ""]).args(kind).arg("-f").arg(&file).output()?;
    assert!(out.status.success(), "{out:?}");
    Ok(file)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_an_agent() -> Any {
    let server = lab::need!(lab::sshd());
    let mut way = Way::key(&server, &server.user);
    let key = way.target.identity.files[0].clone();
    way.target.identity.files.clear();
    way.options.methods = vec![Method::Agent];
    way.target.identity.agent = Some(way.folder.path().join("nothing"));
    assert_eq!(code(&way, &Script::new(&[])).await, "agent-missing");
    let agent = Agent::start(way.folder.path())?;
    way.target.identity.agent = Some(agent.socket.clone());
    assert_eq!(code(&way, &Script::new(&[])).await, "agent-empty");
    agent.lock("-x", way.folder.path())?;
    assert_eq!(code(&way, &Script::new(&[])).await, "agent-locked");
    agent.lock("-X", way.folder.path())?;
    for (index, kind) in [&["-t", "ed25519"][..], &["-t", "rsa"], &["-t", "ecdsa"]].into_iter().enumerate() {
        agent.add(&new_key(way.folder.path(), &format!("stranger{index}"), kind)?)?;
    }
    let refused = way.open_alone().await.expect_err("strangers");
    assert_eq!(
        (refused.code(), refused.happened().contains("none of the 3 keys")),
        ("agent-keys-refused", true),
        "{refused:?}"
    );
    agent.add(&key)?;
    assert_eq!(code(&way, &Script::new(&[])).await, "in by agent");
    // Seven keys: only the right one is offered where the file is named, and five at most where it is not.
    for index in 3..6 {
        agent.add(&new_key(way.folder.path(), &format!("stranger{index}"), &["-t", "ed25519"])?)?;
    }
    way.target.identity.files = vec![key.clone()];
    way.target.identity.only_files = true;
    assert_eq!(code(&way, &Script::new(&[])).await, "in by agent");
    way.target.identity.files = vec![way.folder.path().join("stranger0")];
    assert_eq!(code(&way, &Script::new(&[])).await, "agent-keys-refused");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_keys_for_the_server() -> Any {
    let server = lab::need!(lab::sshd_with("MaxAuthTries 2"));
    let mut way = Way::key(&server, &server.user);
    let agent = Agent::start(way.folder.path())?;
    for index in 0..4 {
        agent.add(&new_key(way.folder.path(), &format!("stranger{index}"), &["-t", "ed25519"])?)?;
    }
    way.target.identity.agent = Some(agent.socket.clone());
    way.options.methods = vec![Method::Agent, Method::KeyFile];
    way.target.identity.files.clear();
    assert_eq!(code(&way, &Script::new(&[])).await, "too-many-tries");
    Ok(())
}

/// A security key is used through the agent: its signature is longer than others. The key here is software, the server real.
#[tokio::test(flavor = "multi_thread")]
async fn a_security_key_in_the_agent() -> Any {
    use std::io::BufRead as _;
    let server = lab::need!(lab::sshd());
    let mut way = Way::key(&server, &server.user);
    let python = std::env::var("PLUMB_LAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !Command::new(&python).args(["-c", "import cryptography"]).stderr(Stdio::null()).status()?.success() {
        let reason = "the module cryptography is not installed for python3 (PLUMB_LAB_PYTHON names another)".to_owned();
        lab::record("a_security_key_in_the_agent", &lab::Skipped { name: "security key".to_owned(), reason });
        return Ok(());
    }
    let socket = way.folder.path().join("sk.sock");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("security_key.py");
    let mut process = Command::new(python).arg(script).arg(&socket).stdout(Stdio::piped()).spawn()?;
    let mut public = String::new();
    std::io::BufReader::new(process.stdout.take().ok_or("stdout")?).read_line(&mut public)?;
    let _agent = Agent { socket: socket.clone(), process };
    way.target.identity = remote::Identity { agent: Some(socket), ..Default::default() };
    way.options.methods = vec![Method::Agent];
    assert_eq!(code(&way, &Script::new(&[])).await, "agent-keys-refused");
    server.must(&format!("echo '{}' >>{}/authorized_keys", public.trim(), server.state().display()))?;
    assert_eq!(code(&way, &Script::new(&[])).await, "in by agent");
    Ok(())
}
