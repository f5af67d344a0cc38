//! What Plumbline keeps about servers: their keys in a file of its own, their secrets in the computer's keychain.

use crate::plumb::{Plumb, Said};
use anyhow::{Context, Result, ensure};
use lab::Server;
use reach::Wire;
use std::process::{Command, Stdio};

fn fingerprint(server: &Server) -> Result<String> {
    let key = remote::HostKey::from_base64(server.host_key.split(' ').nth(1).context("a key")?).context("a key")?;
    Ok(key.fingerprint())
}

#[test]
fn keys_of_servers_are_trusted_listed_replaced_and_forgotten() -> Result<()> {
    let (first, second) = (lab::need!(lab::sshd()), lab::need!(lab::sshd()));
    let wire = Wire::to(&first.host, first.port)?;
    let plumb = Plumb::new()?;
    let host = format!("127.0.0.1:{}", wire.port);
    let (one, two) = (fingerprint(&first)?, fingerprint(&second)?);
    let call = |words: &[&str]| plumb.call(&[&["servers"], words].concat(), &[]);
    ensure!(call(&["list"])?.ended(0)?.out.contains("no server's key yet"));
    call(&["trust", &host, &two])?.ended(4)?.says("(host-key-not-the-one)")?;
    call(&["trust", &host, &one])?.ended(0)?;
    let listed = call(&["list", "--json"])?.ended(0)?.json()?;
    let noted = &listed["servers"][0];
    ensure!(noted["fingerprint"] == one.as_str() && noted["type"] == "ssh-ed25519", "{listed:#}");
    ensure!(noted["names"].as_str().is_some_and(|names| names == format!("[127.0.0.1]:{}", wire.port)), "{listed:#}");
    // Another server in its place is trusted by nobody's word but --replace, and only with its own fingerprint.
    wire.lead_to(&second.host, second.port);
    call(&["trust", &host, &two])?.ended(3)?.says("(host-key-changed)")?;
    call(&["trust", &host, &one, "--replace"])?.ended(3)?.says("(host-key-changed)")?;
    ensure!(call(&["list"])?.ended(0)?.out.contains(&one));
    call(&["trust", &host, &two, "--replace"])?.ended(0)?;
    let listed = call(&["list"])?.ended(0)?.out;
    ensure!(listed.contains(&two) && !listed.contains(&one), "{listed}");
    call(&["forget", &host])?.ended(0)?;
    call(&["forget", &host])?.ended(4)?.says("no key of")?;
    for server in [&first, &second] {
        let log = server.log();
        ensure!(!["Accepted", "Failed", "Invalid user"].iter().any(|word| log.contains(word)), "signed in:\n{log}");
    }
    Ok(())
}

/// `plumb …` line by line in one session with an open keyring; each line's exit code, output and words.
fn in_a_session(plumb: &Plumb, lines: &[String]) -> Result<Vec<Said>> {
    let mut script = String::from("printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n");
    for (index, line) in lines.iter().enumerate() {
        script.push_str(&format!("{line} >{index}.out 2>{index}.err; echo $? >{index}.code\n"));
    }
    let home = plumb.home.path();
    std::fs::create_dir_all(home.join("run"))?;
    let ended = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs([("HOME", home), ("XDG_DATA_HOME", &home.join("data")), ("XDG_RUNTIME_DIR", &home.join("run"))])
        .env("PLUMB", plumb.program())
        .stdin(Stdio::null())
        .status()?;
    ensure!(ended.success());
    let read = |index: usize, part: &str| std::fs::read_to_string(home.join(format!("{index}.{part}")));
    (0..lines.len())
        .map(|index| {
            Ok(Said { code: read(index, "code")?.trim().parse()?, out: read(index, "out")?, err: read(index, "err")? })
        })
        .collect()
}

#[test]
fn secrets_are_set_used_kept_after_a_refusal_and_forgotten() -> Result<()> {
    for program in ["dbus-run-session", "gnome-keyring-daemon"] {
        if Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            let reason = format!("{program} is not installed");
            lab::record("secrets_are_set", &lab::Skipped { name: "keychain".to_owned(), reason });
            return Ok(());
        }
    }
    let server = lab::need!(lab::userns("bookworm"));
    let plumb = Plumb::new()?;
    let known = plumb.know(&server, &server.host_key)?.to_string_lossy().into_owned();
    let who = format!("op@{}:{}", server.host, server.port);
    std::fs::write(plumb.file("right"), "op-pw\n")?;
    std::fs::write(plumb.file("wrong"), "not-it\n")?;
    let check = format!("$PLUMB check --role reforms/minimum --host {who} --known-hosts {known} --json -");
    let said = in_a_session(
        &plumb,
        &[
            "$PLUMB secrets list".to_owned(),
            format!("$PLUMB secrets set {who} --fd 3 3<right"),
            format!("$PLUMB secrets set {who} --kind sudo --fd 3 3<wrong"),
            format!("$PLUMB secrets set {who} --kind sudo --fd 3 3<right"),
            "$PLUMB secrets list --json".to_owned(),
            check.clone(),
            format!("$PLUMB secrets set {who} --fd 3 3<wrong"),
            check,
            "$PLUMB secrets list".to_owned(),
            format!("$PLUMB secrets forget {who} --kind sudo"),
            "$PLUMB secrets list --json".to_owned(),
            format!("$PLUMB secrets forget {who}"),
            format!("$PLUMB secrets forget {who}"),
        ],
    )?;
    let codes: Vec<i32> = said.iter().map(|said| said.code).collect();
    ensure!(matches!(codes[..], [0, 0, 0, 0, 0, 0..=2, 0, 3, 0, 0, 0, 0, 0]), "{codes:?} {said:#?}");
    ensure!(said[0].out.contains("keeps no secret"), "{:?}", said[0]);
    let listed = said[4].json()?;
    ensure!(
        listed["keychain"] == "available" && listed["secrets"].as_array().is_some_and(|all| all.len() == 2),
        "{listed:#}"
    );
    ensure!(said[5].json()?["server"]["user"] == "op", "{:?}", said[5].out);
    said[7].says("(password-refused)")?;
    ensure!(said[8].out.contains("password"), "a refused secret is kept: {:?}", said[8]);
    let listed = said[10].json()?;
    ensure!(listed["secrets"][0]["kind"] == "password" && listed["secrets"][1].is_null(), "{listed:#}");
    ensure!(said[11].out.contains("Forgotten") && said[12].out.contains("nothing to forget"), "{said:#?}");
    for said in &said {
        ensure!(!format!("{}{}", said.out, said.err).contains("op-pw"), "it is shown: {said:?}");
    }
    Ok(())
}

#[test]
fn without_a_keychain_it_is_said_and_nothing_is_written() -> Result<()> {
    let plumb = Plumb::new()?;
    let listed = plumb.call(&["secrets", "list"], &[])?.ended(0)?;
    ensure!(listed.out.contains("no keychain"), "{listed:?}");
    ensure!(plumb.call(&["secrets", "list", "--json"], &[])?.ended(0)?.json()?["keychain"] == "none");
    let refused = plumb.call(&["secrets", "set", "op@chat-01", "--fd", "3"], &["sing-canary-kept"])?.ended(3)?;
    refused.says("no keychain")?;
    std::fs::remove_file(plumb.file("secret-0"))?;
    let found = Command::new("grep").arg("-rlaF").arg("sing-canary-kept").arg(plumb.home.path()).output()?;
    ensure!(found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stdout));
    Ok(())
}
