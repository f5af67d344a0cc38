//! Becoming an administrator, in every way that servers have, on real accounts.

use reach::{Script, Way};
use remote::{Elevate, Event, Job, NotRoot, Privilege, Remote as _, Secret, Ssh};

type Any = Result<(), Box<dyn std::error::Error>>;

fn id(elevate: Elevate) -> Job {
    Job::new("id -u").elevate(elevate)
}

async fn privilege(ssh: &Ssh, elevate: Elevate) -> Result<(Privilege, String), remote::Error> {
    let out = ssh.start(id(elevate)).output().await?;
    Ok((out.privilege, String::from_utf8_lossy(&out.stdout).trim().to_owned()))
}

fn root(privilege: Privilege) -> (Privilege, String) {
    (privilege, "0".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn root_and_nopasswd_need_no_word_more() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    for (user, got) in [("root", Privilege::Root), ("admin", Privilege::Sudo)] {
        let ssh = Way::key(&server, user).open_alone().await?;
        assert_eq!(privilege(&ssh, Elevate::IfPossible).await?, root(got), "{user}");
        assert_eq!(privilege(&ssh, Elevate::Required).await?, root(got), "{user}");
        let plain = privilege(&ssh, Elevate::No).await?;
        assert_eq!(plain.0, Privilege::User(NotRoot::NotAsked), "{user}");
        assert_eq!(plain.1 == "0", user == "root");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_once_and_kept_for_the_connection() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    let script = Script::new(&["op-pw"]);
    let ssh = Way::key(&server, "op").open(script.asker()).await?;
    // Nobody is asked where it is only wished for.
    let (got, id) = privilege(&ssh, Elevate::IfPossible).await?;
    assert_eq!(got, Privilege::User(NotRoot::NeedsPassword));
    assert_ne!(id, "0");
    assert!(script.asked().is_empty());
    for _ in 0..3 {
        assert_eq!(privilege(&ssh, Elevate::Required).await?, root(Privilege::Sudo));
        assert_eq!(privilege(&ssh, Elevate::IfPossible).await?, root(Privilege::Sudo));
    }
    assert_eq!(script.asked().len(), 1);
    Ok(())
}

/// sudo 1.9.5 and 1.9.16 beside 1.9.13: what it prints and how it starts a command has changed between them.
#[tokio::test(flavor = "multi_thread")]
async fn older_and_newer_sudo() -> Any {
    lab::slow!();
    for release in ["bullseye", "trixie"] {
        let server = lab::need!(lab::userns(release));
        // The newer default, where it is not one yet: sudo puts a terminal of its own between.
        server.must("echo 'Defaults use_pty' >/etc/sudoers.d/pty; chmod 440 /etc/sudoers.d/pty; visudo -cq")?;
        let script = Script::new(&["wrong", "op-pw"]);
        let ssh = Way::key(&server, "op").open(script.asker()).await?;
        let refused = privilege(&ssh, Elevate::Required).await.expect_err("a wrong password");
        assert_eq!(refused.code(), "sudo-password-wrong", "{release} {refused:?}");
        assert_eq!(privilege(&ssh, Elevate::Required).await?, root(Privilege::Sudo), "{release}");
        // Large both ways, byte for byte.
        let mut big = b"cksum <<'E'\n".to_vec();
        big.extend((0..3_000_000u32).map(|i| b'a' + (i % 26) as u8));
        big.extend(b"\nE\nhead -c 3000000 /dev/zero; exit 9\n");
        let plain = ssh.start(Job::new(big.clone())).output().await?;
        let raised = ssh.start(Job::new(big).elevate(Elevate::Required)).output().await?;
        assert!(raised.stdout.len() > 3_000_000 && raised.stdout == plain.stdout && raised.code == 9, "{release}");
        let admin = Way::key(&server, "admin").open_alone().await?;
        assert_eq!(privilege(&admin, Elevate::IfPossible).await?, root(Privilege::Sudo), "{release}");
        for (user, code) in [("guest", "sudo-not-allowed"), ("terminal", "sudo-needs-terminal")] {
            let ssh = Way::key(&server, user).open(Script::new(&[&format!("{user}-pw")]).asker()).await?;
            assert_eq!(privilege(&ssh, Elevate::Required).await.expect_err(user).code(), code, "{release}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_and_the_next_one_works() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    let script = Script::new(&["wrong", "op-pw"]);
    let ssh = Way::key(&server, "op").open(script.asker()).await?;
    let refused = privilege(&ssh, Elevate::Required).await.expect_err("a wrong password");
    assert_eq!(refused.code(), "sudo-password-wrong", "{refused:?}");
    assert_eq!(privilege(&ssh, Elevate::Required).await?, root(Privilege::Sudo));
    let again: Vec<bool> =
        script.asked().iter().map(|q| matches!(q, remote::Question::SudoPassword { again: true, .. })).collect();
    assert_eq!(again, [false, true]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_given_before_is_used_where_it_is_wanted_and_nowhere_else() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    // The shell repeats each line that it reads: a password that came in by mistake would be among them, and be run.
    let job = || Job::new("set -v\necho done\n").elevate(Elevate::IfPossible);
    for user in ["root", "admin", "op", "guest"] {
        let ssh = Way::key(&server, user).open_alone().await?;
        ssh.give_sudo_password(Secret::from(format!("{user}-pw")));
        let out = ssh.start(job()).output().await?;
        let read = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(
            out.stdout == b"done\n" && read.contains("echo done") && !read.contains("-pw") && out.code == 0,
            "{user} {read}"
        );
        assert_eq!(out.privilege.is_root(), user != "guest", "{user} {out:?}");
    }
    // sudo that has asked once and then remembers for all: the second time no prompt comes, and no password goes.
    server.must("echo 'Defaults:op timestamp_type=global' >/etc/sudoers.d/remembers; chmod 440 /etc/sudoers.d/remembers; visudo -cq")?;
    let ssh = Way::key(&server, "op").open_alone().await?;
    ssh.give_sudo_password(Secret::from("op-pw"));
    for turn in 0..3 {
        let out = ssh.start(job().elevate(Elevate::Required)).output().await?;
        let read = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(
            out.stdout == b"done\n" && read.contains("echo done") && !read.contains("-pw") && out.code == 0,
            "turn {turn} {read}"
        );
        assert!(out.privilege.is_root());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_in_no_process_and_no_file() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("echo 'op:canary-Zq81' | chpasswd")?;
    let script = Script::new(&["canary-Zq81"]);
    let ssh = Way::key(&server, "op").open(script.asker()).await?;
    let look = "for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/cmdline; tr '\\0' '\\n' <$p/environ; done 2>/dev/null | grep -c '[Z]q81'; echo looked; sleep 1";
    let mut running = ssh.start(Job::new(look).elevate(Elevate::Required));
    let mut said = String::new();
    let code = loop {
        match running.events.recv().await.ok_or("the job ended without a word")? {
            Event::Stdout(bytes) => said.push_str(&String::from_utf8_lossy(&bytes)),
            Event::Exit { code } => break code,
            Event::Started { privilege } => assert!(privilege.is_root()),
            Event::Stderr(_) => {}
            Event::Failed(error) => return Err(error.into()),
        }
    };
    assert_eq!((said.as_str(), code), ("0\nlooked\n", 0));
    let files = server.must("grep -rlaF 'canary-Zq81' /etc /home /root /tmp /var /run 2>/dev/null | head; :")?;
    assert_eq!(files, "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_name() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    for (user, answers, code) in [
        ("op", &[][..], "sudo-needs-password"),
        ("guest", &["guest-pw"], "sudo-not-allowed"),
        ("terminal", &["terminal-pw"], "sudo-needs-terminal"),
    ] {
        let ssh = Way::key(&server, user).open(Script::new(answers).asker()).await?;
        let refused = privilege(&ssh, Elevate::Required).await.expect_err(user);
        assert_eq!(refused.code(), code, "{refused:?}");
        assert_eq!(refused.user_name(), user);
        // The work that needs no administrator goes on.
        assert!(!privilege(&ssh, Elevate::IfPossible).await?.0.is_root());
    }
    server.must("mv /usr/bin/sudo /usr/bin/sudo.away")?;
    let ssh = Way::key(&server, "op").open_alone().await?;
    assert_eq!(privilege(&ssh, Elevate::Required).await.expect_err("no sudo").code(), "sudo-missing");
    assert_eq!(privilege(&ssh, Elevate::IfPossible).await?.0, Privilege::User(NotRoot::NoSudo));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sudo_that_asks_something_else_is_not_given_the_password() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    // A program in sudo's place that asks in its own words, as some two-factor modules do, and keeps what it is given.
    let other = "#!/bin/sh\ncase $1 in -n) echo 'sudo: a password is required' >&2; exit 1;; esac\nprintf 'Verification code: ' >&2\nread -r x\necho \"$x\" >/tmp/given\n";
    server.must("mv /usr/bin/sudo /usr/bin/sudo.away")?;
    server.write("/usr/bin/sudo", other.as_bytes())?;
    server.must("chmod 755 /usr/bin/sudo")?;
    let mut way = Way::key(&server, "op");
    way.options.limits.shell = std::time::Duration::from_secs(3);
    let ssh = way.open(Script::new(&["op-pw"]).asker()).await?;
    let refused = privilege(&ssh, Elevate::Required).await.expect_err("another question");
    assert_eq!(refused.code(), "sudo-asks-something-else", "{refused:?}");
    assert!(refused.raw().contains("Verification code"), "{refused:?}");
    assert_eq!(server.must("cat /tmp/given 2>/dev/null; :")?.trim(), "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn doas_where_there_is_no_sudo() -> Any {
    let server = lab::need!(lab::userns_with("bookworm", &["doas", "fish"]));
    server.must("mv /usr/bin/sudo /usr/bin/sudo.away; printf 'permit nopass admin\\npermit op\\n' >/etc/doas.conf; chmod 600 /etc/doas.conf")?;
    let ssh = Way::key(&server, "admin").open_alone().await?;
    assert_eq!(privilege(&ssh, Elevate::Required).await?, root(Privilege::Doas));
    for (user, code) in [("op", "doas-needs-terminal"), ("guest", "sudo-not-allowed")] {
        let ssh = Way::key(&server, user).open_alone().await?;
        let refused = privilege(&ssh, Elevate::Required).await.expect_err(user);
        assert_eq!(refused.code(), code, "{refused:?}");
    }
    Ok(())
}
