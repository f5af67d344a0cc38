//! A secret is searched for in everything that this program writes while it is used, at the most talkative level.

use reach::{Script, Way, files_with};
use remote::{Elevate, Job, Remote as _};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_no_debug_no_file_holds_a_secret() -> Result<(), Box<dyn std::error::Error>> {
    let server = lab::need!(lab::userns("bookworm"));
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).init();
    server.must("echo 'op:canary-Lw37' | chpasswd")?;
    let mut said = String::new();
    let way = Way::password(&server, "op");
    for answers in [&["canary-Lw37", "canary-Lw37"][..], &["canary-Lw37x", "canary-Lw37y", "canary-Lw37z"]] {
        let script = Script::new(answers);
        let opened = way.open(script.asker()).await;
        said += &format!("{opened:?} {:?}", script.asked());
        if let Ok(ssh) = opened {
            let out = ssh.start(Job::new("echo").elevate(Elevate::Required)).output().await;
            assert!(out.as_ref().is_ok_and(|o| o.privilege.is_root()), "{out:?}");
            said += &format!("{out:?} {ssh:?} {:?}", ssh.server());
        } else if let Err(error) = opened {
            said += &format!("{error} {} {} {} {}", error.happened(), error.safe(), error.next(), error.raw());
        }
    }
    said += &String::from_utf8_lossy(&log.0.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(said.contains("signed in"), "the log is being read: {said}");
    assert!(!said.contains("Lw37"), "{said}");
    assert_eq!(files_with("Lw37", way.folder.path()), "");
    assert_eq!(server.must("grep -rlaF canary-Lw37 /var /tmp /run /home /root /etc 2>/dev/null; :")?, "");
    Ok(())
}

/// What a person sends us after a crash: the words of the panic, with everything at hand in them, and the whole backtrace.
#[test]
fn no_panic_tells_a_secret() -> Result<(), Box<dyn std::error::Error>> {
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "inner_panic", "--ignored", "--nocapture"])
        .env("RUST_BACKTRACE", "full")
        .output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        said.contains("everything at hand") && said.contains("stack backtrace") && said.contains("planted"),
        "{said}"
    );
    assert!(!said.contains("Lw38"), "{said}");
    Ok(())
}

#[tokio::test]
#[ignore = "panics on purpose, in a process of its own"]
async fn inner_panic() {
    use vault::{Account, Keeping, Kind, Vault};
    let (word, account) = ("canary-Lw38", Account::new("op", "planted", 22));
    let secret = remote::Secret::from(word);
    let vault = Vault::open();
    let kept = vault::Secret::from(word);
    let held = vault.keep(&account, Kind::Password, vault::Secret::from(word), Keeping::ThisSession).await;
    let answers = session::WalkAnswers::new(Script::new(&[word]).asker()).with_keychain(vault.clone(), account);
    answers.give(session::Purpose::password("op", "planted", 22), secret.clone());
    let found = answers.given(&session::Purpose::password("op", "planted", 22));
    panic!(
        "everything at hand: {secret:?} {kept:?} {vault:?} {held:?} {answers:?} {found:?} {:?} of planted",
        Some(vec![secret.clone()])
    );
}
