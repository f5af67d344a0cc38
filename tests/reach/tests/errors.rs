//! The rarer errors, each from what really brings it about. The others are met where their subject is tested; tests/tidy
//! holds that none is missing.

use reach::{Script, Way};
use remote::{Elevate, Fault, Job, NoAnswers, Remote as _, Ssh, SshConfig, Stage, Target};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Any = Result<(), Box<dyn std::error::Error>>;

#[test]
fn what_was_asked_for_cannot_be_read() -> Any {
    for address in ["", "[::1", "a b", "-oProxyCommand=x", "host:0", "host:99999", "user@"] {
        let error = address.parse::<Target>().expect_err(address);
        assert_eq!((error.code(), error.exit_code()), ("address-not-readable", 4), "{address:?}");
    }
    for config in ["Host a\n Port many\n", "Host \"a\n", "Port\n", "Host a\n IdentitiesOnly perhaps\n"] {
        let read = SshConfig::parse(Path::new("c"), config.as_bytes(), Path::new("/nowhere"));
        let error = read.and_then(|config| config.target("a")).expect_err(config);
        assert_eq!((error.code(), error.exit_code()), ("ssh-config-not-readable", 4), "{config:?}");
        assert!(error.happened().contains("c:"), "the line is named: {}", error.happened());
    }
    Ok(())
}

/// Names as people in other countries write them, and addresses that need to say on which link they are.
#[tokio::test(flavor = "multi_thread")]
async fn names_in_other_scripts_and_addresses_of_one_link() -> Any {
    let name: Target = "root@bücher.example:2222".parse()?;
    assert_eq!(
        (name.host.as_str(), name.known_hosts_name().as_str()),
        ("xn--bcher-kva.example", "[xn--bcher-kva.example]:2222")
    );
    let server = lab::need!(lab::nspawn("bookworm"));
    // The address of the server on its own link: without the zone this computer cannot know which link is meant.
    let inside = server.must("ip -6 -o addr show scope link | awk '{ print $2, $4 }' | head -n 1")?;
    let outside = std::process::Command::new("ip").args(["-4", "-o", "route", "get", &server.host]).output()?;
    let outside = String::from_utf8_lossy(&outside.stdout).into_owned();
    let link = outside.split_whitespace().skip_while(|word| *word != "dev").nth(1).ok_or("no link to the server")?;
    let address = inside.split_whitespace().nth(1).and_then(|a| a.split('/').next()).ok_or("no address of the link")?;
    let mut way = Way::key(&server, "root");
    let known = std::fs::read_to_string(way.folder.path().join("known_hosts"))?;
    let target: Target = format!("root@[{address}%{link}]").parse()?;
    let line = known.replacen(&way.target.known_hosts_name(), &target.known_hosts_name(), 1);
    std::fs::write(way.folder.path().join("known_hosts"), line)?;
    way.target = Target { identity: way.target.identity.clone(), ..target };
    let ssh = way.open_alone().await?;
    assert_eq!(ssh.start(Job::new("echo here")).output().await?.stdout, b"here\n");
    Ok(())
}

/// The kernel's own "network is unreachable", from an address that no packet is ever sent to.
#[tokio::test(flavor = "multi_thread")]
async fn no_way_there() -> Any {
    let folder = tempfile::tempdir()?;
    let mut options = remote::Options::new(folder.path());
    options.known_hosts = Vec::new();
    let error =
        Ssh::connect(&Target::new("127.255.255.255", 22), &options, Arc::new(NoAnswers)).await.expect_err("none");
    assert_eq!((error.code(), error.stage()), ("no-route", Stage::Address), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_compared_and_cannot_be_noted() -> Any {
    let server = lab::need!(lab::sshd());
    let mut way = Way::key(&server, &server.user);
    let key = remote::HostKey::from_base64(server.host_key.split(' ').nth(1).ok_or("key")?).ok_or("key")?;
    way.options.trust = vec![key.fingerprint()];
    // Not even root makes a folder here.
    way.options.own_known_hosts = "/proc/plumbline/known_hosts".into();
    let error = way.open_alone().await.expect_err("nowhere to note it");
    assert_eq!(error.code(), "known-hosts-not-writable", "{error:?}");
    assert!(!server.log().contains("Accepted"), "{}", server.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_hold_no_key_that_we_can_use() -> Any {
    let server = lab::need!(lab::sshd());
    let mut way = Way::key(&server, &server.user);
    let folder = way.folder.path().to_owned();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).map(|()| folder.join(name));
    let mut hardware = b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01".to_vec();
    let public = [&b"\0\0\0\x1ask-ssh-ed25519@openssh.com\0\0\0\x20"[..], &[7; 32], b"\0\0\0\x04ssh:"].concat();
    hardware.extend((public.len() as u32).to_be_bytes());
    hardware.extend(&public);
    hardware.extend(b"\0\0\0\x08handle..");
    let hardware = base64(&hardware)?;
    let public = std::fs::read_to_string(server.state().join("authorized_keys"))?;
    for (file, code, says) in [
        (folder.join("nothing"), "key-not-readable", "nothing"),
        (write("a.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n")?, "key-putty", "PuTTY"),
        (write("id.pub", &public)?, "key-is-public", "public"),
        (write("poem", "Shall I compare thee")?, "key-format-unknown", "poem"),
        (
            write(
                "id_sk",
                &format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{hardware}-----END OPENSSH PRIVATE KEY-----\n"),
            )?,
            "key-on-hardware",
            "security key",
        ),
    ] {
        way.target.identity.files = vec![file];
        let error = way.open_alone().await.expect_err(code);
        assert_eq!((error.code(), error.stage()), (code, Stage::SignIn), "{error:?}");
        assert!(error.happened().contains(says), "{}", error.happened());
        if code == "key-putty" {
            assert!(error.next().contains("puttygen") || error.next().contains("PuTTYgen"), "{}", error.next());
        }
    }
    assert!(!server.log().contains("Accepted"), "{}", server.log());
    Ok(())
}

fn base64(bytes: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("base64").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("stdin")?.write_all(bytes)?;
    Ok(String::from_utf8(child.wait_with_output()?.stdout)?)
}

/// pam_faillock, as Debian and Red Hat ship it.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_locks_itself() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must(
        "printf 'KbdInteractiveAuthentication yes\\n' >/etc/ssh/sshd_config.d/10-pam.conf; kill -HUP 1; \
         printf 'auth required pam_faillock.so preauth deny=2\\nauth [default=die] pam_faillock.so authfail deny=2\\n' >/tmp/f; \
         sed -i -e '1i auth required pam_faillock.so preauth deny=2' /etc/pam.d/sshd; \
         sed -i -e 's/^\\(auth.*pam_deny.so.*\\)/auth [default=die] pam_faillock.so authfail deny=2\\n\\1/' /etc/pam.d/common-auth; \
         sed -i -e 's/success=1 default=ignore\\(.*pam_unix\\)/success=2 default=ignore\\1/' /etc/pam.d/common-auth; sleep 0.5",
    )?;
    let way = Way::password(&server, "guest");
    let mut codes = Vec::new();
    for _ in 0..4 {
        let error = way.open(Script::new(&["wrong"]).asker()).await.expect_err("a wrong password");
        codes.push(error.code());
    }
    assert_eq!((codes[0], codes[3]), ("password-refused", "account-locked"), "{codes:?} {}", server.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_opens_no_channel() -> Any {
    let server = lab::need!(lab::sshd_with("MaxSessions 0"));
    let ssh = Way::key(&server, &server.user).open_alone().await?;
    let error = ssh.start(Job::new("echo")).output().await.expect_err("no session");
    assert_eq!((error.code(), error.stage()), ("channel-limit", Stage::Shell), "{error:?}");
    Ok(())
}

/// sshd says that the home is gone, and a shell that cannot do without it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_is_gone() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must(
        "printf '#!/bin/sh\\ncd \"$HOME\" || exit 1\\nexec /bin/sh \"$@\"\\n' >/usr/local/bin/at-home; \
         chmod 755 /usr/local/bin/at-home; usermod -s /usr/local/bin/at-home guest",
    )?;
    let way = Way::password(&server, "guest");
    let ssh = way.open(Script::new(&["guest-pw"]).asker()).await?;
    assert_eq!(ssh.start(Job::new("echo here")).output().await?.stdout, b"here\n");
    server.must("rm -rf /home/guest")?;
    let again = remote::Options { pace: remote::Pace::default(), ..way.options.clone() };
    let ssh = Ssh::connect(&way.target, &again, Script::new(&["guest-pw"]).asker()).await?;
    let error = ssh.start(Job::new("echo here")).output().await.expect_err("no home");
    assert_eq!((error.code(), error.stage()), ("home-missing", Stage::Shell), "{error:?}");
    // Where the shell gets along without one, so do we.
    server.must("usermod -s /bin/bash guest")?;
    let again = remote::Options { pace: remote::Pace::default(), ..way.options.clone() };
    let ssh = Ssh::connect(&way.target, &again, Script::new(&["guest-pw"]).asker()).await?;
    assert_eq!(ssh.start(Job::new("echo here")).output().await?.stdout, b"here\n");
    Ok(())
}

/// What Windows says to a command of ours; its words stand in for it, since it cannot run in the lab.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_no_shell_of_ours() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    server.must(
        "printf '#!/bin/sh\\necho \"The system cannot find the path specified.\" >&2\\nexit 1\\n' >/usr/local/bin/cmd; \
         chmod 755 /usr/local/bin/cmd; usermod -s /usr/local/bin/cmd admin; \
         mkdir -p /home/admin/.ssh; cp /root/.ssh/authorized_keys /home/admin/.ssh/; chown -R admin: /home/admin/.ssh",
    )?;
    let ssh = Way::key(&server, "admin").open_alone().await?;
    for elevate in [Elevate::No, Elevate::IfPossible, Elevate::Required] {
        let error = ssh.start(Job::new("echo").elevate(elevate)).output().await.expect_err("no shell");
        assert_eq!(error.code(), "system-not-supported", "{error:?}");
        assert_eq!(error.fault(), &Fault::UnsupportedSystem { found: "Windows".to_owned() });
    }
    Ok(())
}

/// The kernel ends the script, as it does when memory runs out.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_is_killed() -> Any {
    let server = lab::need!(lab::sshd());
    let ssh = Way::key(&server, &server.user).open_alone().await?;
    let began = Instant::now();
    let error = ssh.start(Job::new("echo up; kill -KILL $$; sleep 10")).output().await.expect_err("killed");
    assert_eq!((error.code(), error.stage()), ("script-killed", Stage::Work), "{error:?}");
    assert!(error.happened().contains("KILL") && began.elapsed() < Duration::from_secs(5), "{error:?}");
    Ok(())
}
