//! The server's key, its algorithms, and things that are no SSH server at all.

use reach::Way;
use remote::{Fault, HostKey, NoAnswers, Options, Ssh, Stage, Target};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(flavor = "multi_thread")]
async fn the_trusted_type_is_asked_for_whatever_else_the_server_has() -> Any {
    let folder = tempfile::tempdir()?;
    for kind in ["rsa", "ecdsa"] {
        let file = folder.path().join(kind);
        assert!(
            std::process::Command::new("ssh-keygen")
                .args(["-q", "-N", "", "-t", kind, "-f"])
                .arg(&file)
                .status()?
                .success()
        );
    }
    let config = format!("HostKey {0}/rsa\nHostKey {0}/ecdsa", folder.path().display());
    let server = lab::need!(lab::sshd_with(&config));
    for kind in ["rsa", "ecdsa"] {
        let way = Way::key(&server, &server.user);
        let public = std::fs::read_to_string(folder.path().join(format!("{kind}.pub")))?;
        let file = way.folder.path().join("known_hosts");
        std::fs::write(&file, format!("{} {public}", way.target.known_hosts_name()))?;
        let ssh = way.open_alone().await?;
        assert_eq!(ssh.server().host_key.to_base64(), public.split(' ').nth(1).ok_or("a key")?, "{kind}");
        // The same with a hashed name, as ssh-keygen writes it.
        assert!(std::process::Command::new("ssh-keygen").arg("-qHf").arg(&file).status()?.success());
        assert!(std::fs::read_to_string(&file)?.starts_with("|1|"));
        way.open_alone().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_withdrawn_or_vouched_for() -> Any {
    let server = lab::need!(lab::sshd());
    let key = server.host_key.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for (line, code) in [
        (format!("@revoked * {key}\n"), "host-key-revoked"),
        (format!("@cert-authority 127.0.0.*,[127.0.0.1]:* {key}\n"), "host-certificate-not-supported"),
    ] {
        let mut way = Way::key(&server, &server.user);
        let file = way.folder.path().join("persons_known_hosts");
        std::fs::write(&file, line)?;
        if code != "host-key-revoked" {
            std::fs::remove_file(way.folder.path().join("known_hosts"))?;
        }
        way.options.known_hosts = vec![file];
        assert_eq!(way.open_alone().await.expect_err(code).code(), code);
    }
    // A file that cannot be read could hold a revocation: nobody is let through for lack of it.
    let mut way = Way::key(&server, &server.user);
    way.options.known_hosts = vec![way.folder.path().to_owned()];
    assert_eq!(way.open_alone().await.expect_err("a folder").code(), "known-hosts-not-readable");
    assert_eq!(server.log().matches("Accepted").count(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn algorithms_that_do_not_meet_are_named() -> Any {
    for (config, what, theirs) in [
        ("KexAlgorithms diffie-hellman-group1-sha1", "way to exchange keys", "diffie-hellman-group1-sha1"),
        (
            "KexAlgorithms sntrup761x25519-sha512@openssh.com",
            "way to exchange keys",
            "sntrup761x25519-sha512@openssh.com",
        ),
        ("Ciphers aes128-cbc,3des-cbc", "cipher", "3des-cbc"),
        ("Ciphers aes128-ctr\nMACs hmac-sha1,hmac-md5", "checksum", "hmac-md5"),
    ] {
        let server = lab::need!(lab::sshd_with(config));
        let error = Way::key(&server, &server.user).open_alone().await.expect_err(config);
        let Fault::NoCommonAlgorithm { what: found, theirs: offered, ours } = error.fault() else {
            panic!("{config}: {error:?}")
        };
        assert_eq!((error.code(), *found), ("no-common-algorithm", what), "{error:?}");
        assert!(offered.iter().any(|name| name == theirs) && !ours.is_empty(), "{error:?}");
    }
    // What a hardened server leaves is enough.
    for config in [
        "KexAlgorithms curve25519-sha256\nCiphers chacha20-poly1305@openssh.com",
        "KexAlgorithms ecdh-sha2-nistp521\nCiphers aes256-gcm@openssh.com",
        "KexAlgorithms diffie-hellman-group16-sha512\nCiphers aes256-ctr\nMACs hmac-sha2-512-etm@openssh.com",
        "PubkeyAcceptedAlgorithms rsa-sha2-512,ssh-ed25519",
    ] {
        let server = lab::need!(lab::sshd_with(config));
        Way::key(&server, &server.user).open_alone().await.map_err(|e| format!("{config}: {e:?}"))?;
    }
    Ok(())
}

/// Answers every caller with these bytes and then holds the line or closes it.
fn impostor(says: &'static [u8], holds: bool) -> Result<Target, std::io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for caller in listener.incoming().flatten() {
            let mut caller = caller;
            std::thread::spawn(move || {
                let _ = caller.write_all(says);
                let mut heard = [0; 4096];
                if holds {
                    while caller.read(&mut heard).is_ok_and(|count| count > 0) {}
                } else {
                    // Read what was said, so that closing does not reset the line before the answer is out.
                    let _ = caller.set_read_timeout(Some(Duration::from_millis(200)));
                    let _ = caller.read(&mut heard);
                }
            });
        }
    });
    Ok(Target::new("127.0.0.1", port))
}

fn options() -> Result<(tempfile::TempDir, Options), std::io::Error> {
    let folder = tempfile::tempdir()?;
    let mut options = Options::new(folder.path());
    options.known_hosts = Vec::new();
    options.pace = remote::Pace::default();
    options.limits.connect = Duration::from_secs(2);
    Ok((folder, options))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ssh_server_is_told_apart() -> Any {
    let (_folder, options) = options()?;
    for (says, holds, code) in [
        (&b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>"[..], false, "not-ssh"),
        (b"220 mail.example.net ESMTP\r\n", false, "not-ssh"),
        (b"SSH-1.5-old\r\n", false, "not-ssh"),
        (b"Exceeded MaxStartups\r\n", false, "server-busy"),
        (b"Not allowed at this time\r\n", false, "server-busy"),
        (b"", false, "server-busy"),
        (b"", true, "no-answer"),
        (b"SSH-2.0-silent\r\n", true, "no-answer"),
        (b"SSH-2.0-gone\r\n", false, "connection-lost"),
        (b"SSH-2.0-mad\r\n\0\0\0\x0c\x0a\x14\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false, "connection-lost"),
    ] {
        let target = impostor(says, holds)?;
        let began = Instant::now();
        let error =
            Ssh::connect(&target, &Options { pace: Default::default(), ..options.clone() }, Arc::new(NoAnswers))
                .await
                .expect_err(code);
        assert_eq!(
            (error.code(), error.stage()),
            (code, Stage::Greeting),
            "{:?} {error:?}",
            String::from_utf8_lossy(says)
        );
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
    // Random bytes of every length: an error each time, and no panic.
    for length in [1usize, 7, 100, 5000, 70_000] {
        let bytes: Vec<u8> = (0..length).map(|i| (i * 7919 % 251) as u8).collect();
        let target = impostor(bytes.leak(), false)?;
        Ssh::connect(&target, &options, Arc::new(NoAnswers)).await.expect_err("noise");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_there() -> Any {
    let (_folder, options) = options()?;
    let connect = |target: Target| {
        let options = options.clone();
        async move { Ssh::connect(&target, &options, Arc::new(NoAnswers)).await.expect_err("nobody") }
    };
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let refused = connect(Target::new("127.0.0.1", port)).await;
    assert_eq!((refused.code(), refused.stage()), ("connection-refused", Stage::Address));
    assert!(refused.happened().contains(&port.to_string()));
    let unknown = connect("nothing.invalid".parse()?).await;
    assert!(["name-not-found", "no-answer"].contains(&unknown.code()), "{unknown:?}");
    assert_eq!(unknown.stage(), Stage::Name);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_is_felt_at_once_wherever_it_comes() -> Any {
    for (says, holds) in [(&b""[..], true), (b"SSH-2.0-silent\r\n", true)] {
        let (_folder, options) = options()?;
        let options = Options { limits: Default::default(), ..options };
        let target = impostor(says, holds)?;
        let cancel = options.cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            cancel.cancel();
        });
        let began = Instant::now();
        let error = Ssh::connect(&target, &options, Arc::new(NoAnswers)).await.expect_err("cancelled");
        assert_eq!(error.code(), "cancelled");
        assert!(began.elapsed() < Duration::from_secs(1));
    }
    // While a person is asked.
    let server = lab::need!(lab::userns("bookworm"));
    #[derive(Debug)]
    struct Never;
    impl remote::Asker for Never {
        fn ask(&self, _: remote::Question) -> remote::Asking<'_> {
            Box::pin(std::future::pending())
        }
    }
    let way = Way::password(&server, "guest");
    let cancel = way.options.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        cancel.cancel();
    });
    let began = Instant::now();
    assert_eq!(way.open(Arc::new(Never)).await.expect_err("cancelled").code(), "cancelled");
    assert!(began.elapsed() < Duration::from_secs(3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_a_person_takes_does_not_count() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    #[derive(Debug)]
    struct Slow;
    impl remote::Asker for Slow {
        fn ask(&self, _: remote::Question) -> remote::Asking<'_> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(4)).await;
                Some(vec![remote::Secret::from("guest-pw")])
            })
        }
    }
    let mut way = Way::password(&server, "guest");
    way.options.limits.sign_in = Duration::from_secs(3);
    way.open(Arc::new(Slow)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ipv6() -> Any {
    let server = lab::need!(lab::sshd());
    if std::net::TcpStream::connect(("::1", server.port)).is_err() {
        lab::record(
            "over_ipv6",
            &lab::Skipped { name: "IPv6".to_owned(), reason: "this machine has no ::1".to_owned() },
        );
        return Ok(());
    }
    let mut way = Way::key(&server, &server.user);
    let mut target: Target = format!("[::1]:{}", server.port).parse()?;
    target.identity = way.target.identity.clone();
    target.user = way.target.user.clone();
    way.options.trust =
        vec![HostKey::from_base64(server.host_key.split(' ').nth(1).ok_or("key")?).ok_or("key")?.fingerprint()];
    way.target = target;
    way.open_alone().await?;
    way.options.trust.clear();
    way.open_alone().await?;
    Ok(())
}
