//! A server to try things on by hand: `cargo run -p lab --example server -- nspawn bookworm delay-ms=25`.
//!
//! Kinds: sshd, minimal, userns RELEASE, nspawn RELEASE [figures of a link], restricted RELEASE, vm RELEASE. It prints how
//! to sign in, takes orders on standard input (reboot, power-cut, cut, mend), and is gone when that ends.

use std::io::BufRead as _;

#[expect(clippy::print_stdout, reason = "a program for people at a terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut server =
        match words[..] {
            ["sshd"] => lab::sshd(),
            ["minimal"] => lab::minimal(),
            ["userns", release] => lab::userns(release),
            ["vm", release] => lab::vm(release),
            ["restricted", release] => lab::Nspawn::new(release).restricted().start(),
            ["nspawn", release] => lab::nspawn(release),
            ["nspawn", release, ref figures @ ..] => lab::Nspawn::new(release).link(&figures.join(" ")).start(),
            _ => return Err(
                "which? sshd, minimal, userns RELEASE, nspawn RELEASE [delay-ms=25 …], restricted RELEASE, vm RELEASE"
                    .into(),
            ),
        }?;
    println!(
        "HOST={} PORT={} USER={} PASSWORD={} KEY={}",
        server.host,
        server.port,
        server.user,
        server.password.as_deref().unwrap_or_default(),
        server.key_file.display()
    );
    println!("{:?}", server.ssh(&server.user));
    for order in std::io::stdin().lock().lines() {
        match order?.trim() {
            "reboot" => server.reboot()?,
            "power-cut" => server.cut_power()?,
            "cut" => server.cut_line()?,
            "mend" => server.mend_line()?,
            "log" => println!("{}", server.log()),
            other => println!("no such order: {other}"),
        }
        println!("done");
    }
    Ok(())
}
