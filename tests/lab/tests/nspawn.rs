//! The booted Debian must behave as a server would: accounts, services, its own firewall, reboots, a line that breaks.

type Any = Result<(), Box<dyn std::error::Error>>;

fn said(mut command: std::process::Command, words: &str) -> Result<String, std::io::Error> {
    let out = command.arg(words).output()?;
    Ok(format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn every_release_boots_and_signs_in() -> Any {
    for (release, version) in [("bullseye", "11"), ("bookworm", "12"), ("trixie", "13")] {
        let server = lab::need!(lab::nspawn(release));
        assert_eq!(
            server.must(". /etc/os-release; echo $VERSION_ID; cat /proc/1/comm")?,
            format!("{version}\nsystemd\n")
        );
        assert_eq!(said(server.ssh("root"), "id -u")?, "0\n");
        let scan = std::process::Command::new("ssh-keyscan").args(["-t", "ed25519", &server.host]).output()?;
        assert!(String::from_utf8_lossy(&scan.stdout).contains(server.host_key.split(' ').nth(1).ok_or("key")?));
    }
    Ok(())
}

#[test]
fn accounts_are_what_they_are_called() -> Any {
    let server = lab::need!(lab::nspawn("bookworm"));
    assert_eq!(said(server.ssh("admin"), "sudo -n id -u")?, "0\n");
    assert!(said(server.ssh("op"), "sudo -n id -u")?.contains("a password is required"));
    assert_eq!(said(server.ssh("op"), "echo op-pw | sudo -S -p '' id -u 2>/dev/null")?, "0\n");
    assert!(said(server.ssh("guest"), "echo guest-pw | sudo -S -p '' id -u")?.contains("not in the sudoers"));
    assert!(said(server.ssh("terminal"), "echo terminal-pw | sudo -S -p '' id -u")?.contains("must have a tty"));
    assert_eq!(said(server.ssh("csh"), "echo $shell")?, "/bin/tcsh\n");
    assert!(said(server.ssh("expired"), "id")?.contains("expired"));
    assert!(said(server.ssh("nologin"), "id")?.contains("not available"));
    assert!(said(server.ssh("files"), "id")?.contains("sftp"));
    Ok(())
}

#[test]
fn it_has_a_firewall_services_and_packages_of_its_own() -> Any {
    let server = lab::need!(lab::nspawn("bookworm"));
    server.must("nft add table inet mine")?;
    let here = std::process::Command::new("nft").args(["list", "tables"]).output()?;
    assert!(!String::from_utf8_lossy(&here.stdout).contains("mine"), "it is this machine's firewall");
    server.must("sysctl -qw net.ipv4.tcp_keepalive_time=1234 && systemctl restart ssh")?;
    server.must("DEBIAN_FRONTEND=noninteractive apt-get -qq install jq && jq -n 1")?;
    assert!(server.must("apt-get -s upgrade")?.contains("Inst lab-demo [1.0] (1.1 Debian-Security"));
    assert!(server.host6.as_deref().is_some_and(|host| std::net::TcpStream::connect((host, 22)).is_ok()));
    Ok(())
}

#[test]
fn a_restricted_one_can_change_neither_firewall_nor_kernel() -> Any {
    let server = lab::need!(lab::Nspawn::new("bookworm").restricted().start());
    for change in
        ["nft add table inet mine", "sysctl -w net.ipv4.tcp_keepalive_time=1234", "sysctl -w vm.swappiness=11"]
    {
        // Through ssh: what runs beside it has this machine's rights.
        let out = server.ssh("root").arg(change).output()?;
        assert!(!out.status.success(), "{change}: {out:?}");
    }
    Ok(())
}

#[test]
fn it_comes_back_from_a_reboot_and_a_power_cut() -> Any {
    let mut server = lab::need!(lab::nspawn("bookworm"));
    server.must("echo kept >/var/lib/kept; echo gone >/run/gone")?;
    server.reboot()?;
    assert_eq!(server.must("cat /var/lib/kept; ls /run/gone 2>/dev/null || echo none")?, "kept\nnone\n");
    server.must("echo more >>/var/lib/kept; echo gone >/run/gone")?;
    server.cut_power()?;
    assert_eq!(server.must("cat /var/lib/kept; ls /run/gone 2>/dev/null || echo none")?, "kept\nmore\nnone\n");
    assert_eq!(said(server.ssh("root"), "id -u")?, "0\n");
    Ok(())
}

#[test]
fn a_line_delays_breaks_in_silence_and_mends() -> Any {
    let mut server = lab::need!(lab::Nspawn::new("bookworm").link("delay-ms=25").start());
    let start = std::time::Instant::now();
    std::net::TcpStream::connect((&*server.host, 22))?;
    let trip = start.elapsed().as_millis();
    assert!((50..150).contains(&trip), "{trip} ms");
    let within = |limit| std::time::Duration::from_millis(limit);
    let addr = format!("{}:22", server.host).parse()?;
    server.cut_line()?;
    let cut = std::net::TcpStream::connect_timeout(&addr, within(600));
    assert_eq!(cut.err().map(|why| why.kind()), Some(std::io::ErrorKind::TimedOut), "refused is not silence");
    server.mend_line()?;
    std::net::TcpStream::connect_timeout(&addr, within(3000))?;
    Ok(())
}

#[test]
fn nothing_is_left_of_it() -> Any {
    let server = lab::need!(lab::nspawn("bookworm"));
    let state = server.state().to_owned();
    let name = server.host.split('.').nth(2).map(|n| format!("lab{n}")).ok_or("address")?;
    assert!(std::path::Path::new("/run/netns").join(&name).exists());
    drop(server);
    assert!(!state.exists());
    assert!(!std::fs::read_to_string("/proc/mounts")?.contains(&*state.to_string_lossy()));
    Ok(())
}
