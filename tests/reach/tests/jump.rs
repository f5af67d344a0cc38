//! Through other servers, and the questions that some servers ask.

use reach::{Asking, Script, Way};
use remote::{Fault, Job, Prompt, Question, Remote as _, SshConfig};
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

fn through(hops: &[&lab::Server], last: &lab::Server) -> Result<Way, Box<dyn std::error::Error>> {
    let mut way = Way::key(last, &last.user);
    let own = way.folder.path().join("known_hosts");
    for hop in hops {
        let key = Way::key(hop, &hop.user);
        let line = std::fs::read_to_string(key.folder.path().join("known_hosts"))?;
        std::fs::write(&own, std::fs::read_to_string(&own)? + &line)?;
        way.target.jump.push(key.target.clone());
    }
    Ok(way)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_and_two_servers_on_the_way() -> Any {
    let (a, b, c) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let way = through(&[&a, &b], &c)?;
    let ssh = way.open_alone().await?;
    assert_eq!((ssh.server().port, ssh.server().address), (c.port, None));
    // Both ways, more than any window, several at once.
    let mut script = b"wc -c <<'E'\n".to_vec();
    script.extend(vec![b'x'; 5_000_000]);
    script.extend(b"\nE\nhead -c 5000000 /dev/zero\n");
    let running: Vec<_> = (0..3).map(|_| ssh.start(Job::new(script.clone()))).collect();
    for running in running {
        let out = running.output().await?;
        assert_eq!((&out.stdout[..8], out.stdout.len()), (&b"5000001\n"[..], 5_000_008));
    }
    drop(ssh);
    // Everybody has hung up a moment later.
    for server in [&a, &b, &c] {
        let end = Instant::now() + Duration::from_secs(5);
        while !server.log().contains("isconnect") && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(server.log().contains("isconnect"), "{}", server.log());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_on_the_way_is_judged() -> Any {
    let (a, b) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    for unknown in [&a, &b] {
        let way = through(&[&a], &b)?;
        let own = way.folder.path().join("known_hosts");
        let name = format!("[127.0.0.1]:{}", unknown.port);
        let rest: String = std::fs::read_to_string(&own)?
            .lines()
            .filter(|line| !line.starts_with(&name))
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(&own, rest)?;
        let error = way.open_alone().await.expect_err("an unknown key");
        assert!(matches!(error.fault(), Fault::HostKeyFirst { .. }), "{error:?}");
        assert_eq!(error.port_number(), unknown.port);
    }
    assert!(!b.log().contains("Accepted"), "{}", b.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_passes_nothing_on() -> Any {
    let (a, b) = (lab::need!(lab::sshd_with("AllowTcpForwarding no")), lab::need!(lab::sshd()));
    let error = through(&[&a], &b)?.open_alone().await.expect_err("no forwarding");
    assert_eq!((error.code(), error.port_number()), ("jump-refused", b.port), "{error:?}");
    let a = lab::need!(lab::sshd());
    let mut way = through(&[&a], &b)?;
    way.target.port = 1;
    assert_eq!(way.open_alone().await.expect_err("nobody there").code(), "jump-refused");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn as_the_ssh_config_says() -> Any {
    let (a, b) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let mut way = through(&[&a], &b)?;
    let text = format!(
        "Host target\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {}\n ProxyJump gate\nHost gate\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile \"{}\"\n",
        b.port,
        b.user,
        b.key_file.display(),
        a.port,
        a.user,
        a.key_file.display()
    );
    let file = way.folder.path().join("config");
    std::fs::write(&file, text)?;
    let resolved = SshConfig::read(Some(&file))?.target("target")?;
    assert!(resolved.not_understood.is_empty());
    way.target = resolved.target;
    let ssh = way.open_alone().await?;
    assert_eq!(ssh.server().name, "target");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_ask_in_their_own_words() -> Any {
    let server = match Asking::start()? {
        Ok(server) => server,
        Err(reason) => {
            lab::record("servers_that_ask_in_their_own_words", &lab::Skipped { name: "asyncssh".to_owned(), reason });
            return Ok(());
        }
    };
    // A key, then a code.
    let script = Script::new(&["123456"]);
    let ssh = server.way("key-then-code")?.open(script.asker()).await?;
    assert!(ssh.server().signed_in_by.ends_with(" + keyboard-interactive"), "{:?}", ssh.server());
    let [Question::Prompts { title, instruction, prompts, .. }] = &script.asked()[..] else {
        panic!("{:?}", script.asked())
    };
    assert_eq!((title.as_str(), instruction.as_str()), ("Second step", "Look at your token"));
    assert_eq!(prompts, &[Prompt { text: "Code: ".to_owned(), echo: true }]);
    // A password, then two things at once, then a round with nothing to answer.
    let script = Script::new(&["secret", "blue", "42"]);
    let ssh = server.way("three-rounds")?.open(script.asker()).await?;
    assert_eq!(ssh.server().signed_in_by, "keyboard-interactive");
    let asked = script.asked();
    assert!(matches!(&asked[0], Question::Password { again: false, .. }), "{asked:?}");
    assert!(
        matches!(&asked[1], Question::Prompts { prompts, .. } if prompts.len() == 2 && !prompts[1].echo),
        "{asked:?}"
    );
    // A password that only opens the way to a code.
    let script = Script::new(&["secret", "123456"]);
    let ssh = server.way("password-then-code")?.open(script.asker()).await?;
    assert_eq!(ssh.server().signed_in_by, "password + keyboard-interactive");
    // A wrong code is used up; it is not sent again.
    let script = Script::new(&["999999", "123456"]);
    let error = server.way("key-then-code")?.open(script.asker()).await.expect_err("a wrong code");
    assert_eq!((error.code(), script.asked().len()), ("code-refused", 1), "{error:?}");
    // Nobody there to answer.
    let error = server.way("key-then-code")?.open(Script::new(&[]).asker()).await.expect_err("no code");
    assert_eq!(error.code(), "code-missing");
    // Words that are meant to deceive a terminal.
    let script = Script::new(&["x"]);
    let _ = server.way("hostile-words")?.open(script.asker()).await;
    let Some(Question::Prompts { prompts, title, .. }) = script.asked().into_iter().next() else { panic!("not asked") };
    assert!(!format!("{}{title}", prompts[0].text).contains(['\u{1b}', '\u{202e}', '\u{7}']), "{prompts:?} {title}");
    // A password that has run out.
    let error = server.way("old-password")?.open(Script::new(&["secret"]).asker()).await.expect_err("too old");
    assert_eq!(error.code(), "password-expired", "{error:?}");
    Ok(())
}
