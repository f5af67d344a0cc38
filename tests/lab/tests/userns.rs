//! Servers without systemd: what they let in, and what they cannot reach.

type Any = Result<(), Box<dyn std::error::Error>>;

fn said(mut command: std::process::Command, words: &str) -> Result<String, std::io::Error> {
    let out = command.arg(words).output()?;
    Ok(format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

/// OpenSSH's client with a password, which it only takes from a program.
fn with_password(server: &lab::Server, user: &str, password: &str, words: &str) -> Result<String, std::io::Error> {
    let ask = server.state().join("ask.sh");
    std::fs::write(&ask, format!("#!/bin/sh\necho '{password}'\n"))?;
    std::fs::set_permissions(&ask, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let mut ssh = std::process::Command::new("ssh");
    ssh.args([
        "-F",
        "none",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
    ])
    .args(["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1", "-p", &server.port.to_string()])
    .args(["-l", user, &server.host])
    .env("SSH_ASKPASS", &ask)
    .env("SSH_ASKPASS_REQUIRE", "force")
    .stdin(std::process::Stdio::null());
    said(ssh, words)
}

#[test]
fn accounts_sign_in_by_key_and_by_password() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    assert_eq!(
        said(server.ssh("root"), "id -u; cat /etc/hostname; ls /run/systemd 2>/dev/null || echo no systemd")?,
        "0\nserver\nno systemd\n"
    );
    assert_eq!(said(server.ssh("admin"), "sudo -n id -u")?, "0\n");
    assert_eq!(said(server.ssh("op"), "echo op-pw | sudo -S -p '' id -u 2>/dev/null")?, "0\n");
    assert_eq!(with_password(&server, "guest", "guest-pw", "id -un")?, "guest\n");
    assert!(with_password(&server, "guest", "wrong", "id -un")?.contains("Permission denied"));
    Ok(())
}

#[test]
fn it_has_its_own_network_and_not_this_kernel() -> Any {
    let server = lab::need!(lab::userns("bookworm"));
    for change in
        ["nft add table inet mine", "sysctl -qw net.ipv4.tcp_keepalive_time=1234", "apt-get -qq install jq >/dev/null"]
    {
        assert!(server.ssh("root").arg(change).status()?.success(), "{change}");
    }
    let swap = "dd if=/dev/zero of=/s bs=1M count=1 2>/dev/null; chmod 600 /s; mkswap -q /s; swapon /s";
    for change in
        ["sysctl -qw vm.swappiness=11", swap, "mount -t tmpfs none /mnt", "date -s 2020-01-01", "mknod /d b 1 1"]
    {
        assert!(!server.ssh("root").arg(change).status()?.success(), "{change}");
    }
    assert!(!std::fs::read_to_string("/proc/swaps")?.contains("/s "));
    Ok(())
}

#[test]
fn the_smallest_has_nothing_but_a_shell() -> Any {
    let server = lab::need!(lab::minimal());
    // Not "dpkg": some builds of busybox have an applet of that name, which their shell finds without any link to it.
    let probe = "id -u; for p in bash sudo systemctl python3 apt-get dpkg-query; do command -v $p; done; echo end";
    assert_eq!(said(server.ssh("root"), probe)?, "0\nend\n");
    assert_eq!(with_password(&server, "guest", "guest-pw", "id -un")?, "guest\n", "{}", server.log());
    assert_eq!(server.must("cat /etc/hostname 2>/dev/null; . /etc/os-release; echo $ID")?, "minimal\n");
    let scan =
        std::process::Command::new("ssh-keyscan").args(["-p", &server.port.to_string(), &server.host]).output()?;
    assert!(String::from_utf8_lossy(&scan.stdout).contains(server.host_key.split(' ').nth(1).ok_or("key")?));
    Ok(())
}

#[test]
fn nothing_is_left_of_it() -> Any {
    let server = lab::need!(lab::minimal());
    let (port, state) = (server.port, server.state().to_owned());
    drop(server);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && !state.exists());
    assert!(!std::fs::read_to_string("/proc/mounts")?.contains(&*state.to_string_lossy()));
    Ok(())
}
