//! The lab itself: a server that a test trusts must be what it says, and must be gone afterwards.

type Any = Result<(), Box<dyn std::error::Error>>;

#[test]
fn own_sshd_takes_its_key_and_nothing_else() -> Any {
    let server = lab::need!(lab::sshd());
    let out = server.ssh(&server.user).arg("echo in as $(id -un)").output()?;
    assert_eq!(String::from_utf8_lossy(&out.stdout), format!("in as {}\n", server.user), "{out:?}");
    let out = std::process::Command::new("ssh")
        .args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes"])
        .args(["-o", "UserKnownHostsFile=/dev/null", "-i", "/dev/null", "-p", &server.port.to_string()])
        .args([&server.host, "true"])
        .output()?;
    assert!(String::from_utf8_lossy(&out.stderr).contains("Permission denied"), "{out:?}");
    Ok(())
}

#[test]
fn own_sshd_shows_the_host_key_it_says() -> Any {
    let server = lab::need!(lab::sshd());
    let scan =
        std::process::Command::new("ssh-keyscan").args(["-p", &server.port.to_string(), &server.host]).output()?;
    let blob = server.host_key.split(' ').nth(1).ok_or("no key")?;
    assert!(String::from_utf8_lossy(&scan.stdout).contains(blob));
    Ok(())
}

#[test]
fn dropping_a_server_leaves_nothing() -> Any {
    let server = lab::need!(lab::sshd());
    let (port, state) = (server.port, server.state().to_owned());
    let mut session = server.ssh(&server.user).arg("sleep 100").spawn()?;
    std::thread::sleep(std::time::Duration::from_millis(400));
    drop(server);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody still listens");
    assert!(!state.exists());
    assert!(!session.wait()?.success(), "an open session outlived its server");
    Ok(())
}

#[test]
fn lines_given_win_over_ours() -> Any {
    let server = lab::need!(lab::sshd_with("Ciphers aes128-ctr\nBanner none"));
    let out = server.ssh(&server.user).args(["-c", "aes256-ctr", "true"]).output()?;
    assert!(!out.status.success());
    Ok(())
}

#[test]
fn files_go_there_and_back_byte_for_byte() -> Any {
    let server = lab::need!(lab::sshd());
    let path = server.state().join("it's a file").to_string_lossy().into_owned();
    assert_eq!(server.read(&path)?, None);
    server.write(&path, b"\x00\xff\n\n")?;
    assert_eq!(server.read(&path)?.as_deref(), Some(&b"\x00\xff\n\n"[..]));
    Ok(())
}

#[test]
fn a_stopped_server_refuses_and_keeps_its_sessions() -> Any {
    let mut server = lab::need!(lab::sshd());
    let session =
        server.ssh(&server.user).arg("sleep 1; echo still here").stdout(std::process::Stdio::piped()).spawn()?;
    std::thread::sleep(std::time::Duration::from_millis(400));
    server.stop_listening()?;
    assert!(std::net::TcpStream::connect((&*server.host, server.port)).is_err());
    assert_eq!(session.wait_with_output()?.stdout, b"still here\n");
    Ok(())
}

/// Not a test by itself: what `a_killed_test_leaves_nothing` starts, and kills.
#[test]
#[ignore = "run by another test"]
fn waits_to_be_killed() -> Any {
    let server = lab::sshd()?;
    println!("PORT={} STATE={}", server.port, server.state().display());
    std::thread::sleep(std::time::Duration::from_secs(60));
    Ok(())
}

#[test]
fn a_killed_test_leaves_nothing() -> Any {
    use std::io::BufRead as _;
    let mut test = std::process::Command::new(std::env::current_exe()?)
        .args(["--ignored", "--nocapture", "--exact", "waits_to_be_killed"])
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    let mut lines = std::io::BufReader::new(test.stdout.take().ok_or("stdout")?).lines().map_while(Result::ok);
    let line = lines.find_map(|line| Some(line.split_once("PORT=")?.1.to_owned())).ok_or("no server")?;
    let (port, state) = line.split_once(" STATE=").ok_or("no state")?;
    let port = port.parse()?;
    std::net::TcpStream::connect(("127.0.0.1", port))?;
    test.kill()?;
    test.wait()?;
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() || std::path::Path::new(state).exists() {
        assert!(std::time::Instant::now() < end, "the server outlived its test");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok(())
}
