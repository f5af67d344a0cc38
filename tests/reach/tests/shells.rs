//! Whatever the account's shell is, and however noisy: the script's output comes back clean. And accounts that have no shell.

use reach::{Script, Way};
use remote::{Elevate, Fault, Job, Remote as _};
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

/// A megabyte on each stream, with no newline at its end.
const NOISE: &str = "head -c 1000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero | tr '\\0' y >&2";

#[tokio::test(flavor = "multi_thread")]
async fn every_login_shell() -> Any {
    let server = lab::need!(lab::userns_with("bookworm", &["doas", "fish"]));
    // sshrc and MOTD speak before any shell does; a banner before the sign-in.
    server.must(&format!(
        "printf '{}\\n' >/etc/ssh/sshrc; echo 'Banner /etc/motd.txt' >/etc/ssh/sshd_config.d/10-banner.conf; printf 'All is\\nwatched\\n' | tee /etc/motd.txt >/etc/motd; kill -HUP 1",
        NOISE.replace('\\', "\\\\\\\\")
    ))?;
    // The shell of small systems, from this machine: Debian's own has no package of it in the tree.
    let mut shells = vec!["/bin/bash", "/bin/dash", "/usr/bin/fish", "/bin/tcsh", "/bin/zsh"];
    match std::env::var_os("PATH")
        .and_then(|all| std::env::split_paths(&all).map(|f| f.join("busybox")).find(|f| f.exists()))
    {
        Some(busybox) => {
            server.write("/usr/local/bin/ash", &std::fs::read(busybox)?)?;
            server.must("chmod 755 /usr/local/bin/ash")?;
            shells.push("/usr/local/bin/ash");
        }
        None => {
            let reason = "busybox-static is not installed".to_owned();
            lab::record("every_login_shell", &lab::Skipped { name: "busybox".to_owned(), reason });
        }
    }
    for shell in shells {
        server.must(&format!("usermod -s {shell} admin"))?;
        for file in [".bashrc", ".profile", ".zshenv", ".cshrc", ".config/fish/config.fish"] {
            server.must(&format!(
                "mkdir -p /home/admin/.config/fish; cat >/home/admin/{file} <<'E'\n/bin/sh -c \"{}\"\nE",
                NOISE.replace('"', "\\\"")
            ))?;
        }
        server.must("chown -R admin: /home/admin")?;
        let ssh = Way::key(&server, "admin").open_alone().await.map_err(|e| format!("{shell}: {e:?}"))?;
        for elevate in [Elevate::No, Elevate::IfPossible] {
            let began = Instant::now();
            let job = Job::new("printf 'out $HOME %s' '!x\\'; echo err >&2; exit 5").elevate(elevate);
            let out = ssh.start(job).output().await.map_err(|e| format!("{shell}: {e:?}"))?;
            assert_eq!(
                (String::from_utf8_lossy(&out.stdout), out.code),
                ("out $HOME !x\\".into(), 5),
                "{shell} {elevate:?}"
            );
            assert!(String::from_utf8_lossy(&out.stderr).ends_with("err\n"), "{shell} {out:?}");
            assert_eq!(out.privilege.is_root(), elevate == Elevate::IfPossible, "{shell}");
            println!("{shell} {elevate:?} {:?}", began.elapsed());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_server() -> Any {
    let server = lab::need!(lab::minimal());
    let ssh = Way::key(&server, "root").open_alone().await?;
    let out = ssh.start(Job::new("id -u; echo err >&2; exit 5").elevate(Elevate::IfPossible)).output().await?;
    assert_eq!((out.stdout.as_slice(), out.stderr.as_slice(), out.code), (&b"0\n"[..], &b"err\n"[..], 5));
    assert!(ssh.server().version.contains("dropbear"), "{:?}", ssh.server());
    let script = Script::new(&["guest-pw"]);
    let guest = Way::password(&server, "guest").open(script.asker()).await?;
    assert_eq!(
        guest.start(Job::new("id -u").elevate(Elevate::Required)).output().await.expect_err("no sudo").code(),
        "sudo-missing"
    );
    let mut big = b"wc -c <<'E'\n".to_vec();
    big.extend(vec![b'x'; 2_000_000]);
    big.extend(b"\nE\n");
    assert_eq!(guest.start(Job::new(big)).output().await?.stdout, b"2000001\n");
    let wrong = Way::password(&server, "guest").open(Script::new(&["wrong"]).asker()).await.expect_err("wrong");
    assert_eq!(wrong.code(), "password-refused", "{wrong:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_without_a_shell_have_their_names() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    for user in ["files", "nologin", "expired", "guest", "op"] {
        server.must(&format!("mkdir -p /home/{user}/.ssh; cp /root/.ssh/authorized_keys /home/{user}/.ssh/; chown -R {user}: /home/{user}"))?;
    }
    let forced = |user: &str, command: &str| {
        server.must(&format!("sed -i 's|^|command=\"{command}\" |' /home/{user}/.ssh/authorized_keys"))
    };
    forced("guest", "echo Please choose; sleep 100 >/dev/null 2>\\&1 </dev/null \\&")?;
    forced(
        "op",
        "echo Please login as the user \\\\\\\\\"ubuntu\\\\\\\\\" rather than the user \\\\\\\\\"op\\\\\\\\\".; echo; sleep 10",
    )?;
    for (user, code) in
        [("files", "sftp-only"), ("nologin", "no-login-shell"), ("guest", "shell-forced"), ("op", "wrong-user")]
    {
        let ssh = Way::key(&server, user).open_alone().await.map_err(|e| format!("{user} {e:?}"))?;
        let began = Instant::now();
        let refused = ssh.start(Job::new("echo")).output().await.expect_err(user);
        assert_eq!(
            refused.code(),
            code,
            "{refused:?}\n{}",
            server.must(&format!("cat /home/{user}/.ssh/authorized_keys"))?
        );
        assert!(!refused.raw().is_empty(), "{refused:?}");
        if let Fault::WrongUser { suggested } = refused.fault() {
            assert_eq!(suggested, "ubuntu");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{user} {:?}", began.elapsed());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_never_comes() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must("echo 'sleep 1000' >/home/admin/.bashrc; chown admin: /home/admin/.bashrc")?;
    let mut way = Way::key(&server, "admin");
    way.options.limits.shell = Duration::from_secs(2);
    let ssh = way.open_alone().await?;
    let began = Instant::now();
    assert_eq!(ssh.start(Job::new("echo")).output().await.expect_err("silence").code(), "shell-silent");
    assert!(began.elapsed() < Duration::from_secs(4));
    Ok(())
}
