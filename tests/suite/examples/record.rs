//! Prints the probe that asks for everything any role reads. To record a server:
//! `cargo run -p suite --example record | ssh SERVER sudo sh -s > tests/suite/NAME/probe.txt`
//!
//! `cargo run -p suite --example record again` probes anew every server that was written down in a `server.txt`.
#![allow(clippy::print_stdout)]

fn main() -> anyhow::Result<()> {
    let script = suite::script();
    if std::env::args().nth(1).as_deref() != Some("again") {
        println!("{script}");
        return Ok(());
    }
    for server in suite::written_down()? {
        let printed = suite::Written::read(&server)?.probe(&script)?;
        std::fs::write(server.join("probe.txt"), &printed)?;
        println!("{}: {} bytes", server.display(), printed.len());
    }
    Ok(())
}
