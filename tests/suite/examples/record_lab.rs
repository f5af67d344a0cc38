//! Records a server of the lab: `cargo run -p suite --example record_lab -- bookworm+postgresql [SETUP] > tests/suite/NAME/probe.txt`
//! `rpm` is the stand-in for a server with dnf. SETUP is a line of shell that is run on it first.
#![allow(clippy::print_stdout)]

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let release = arguments.next().unwrap_or_else(|| "bookworm".to_owned());
    let mut parts = release.split('+');
    let release = parts.next().unwrap_or_default();
    let packages: Vec<&str> = parts.collect();
    let server = if release == "rpm" { lab::rpm()? } else { lab::Nspawn::new(release).with(&packages).start()? };
    if let Some(setup) = arguments.next() {
        server.must(&setup)?;
    }
    let catalog = profiles::catalog();
    let keys = checks::keys_of_roles(catalog, &catalog.every_choice());
    let script = facts::probe::script(&facts::probe::Asks::of(&keys), "recorded");
    print!("{}", server.exec(&script)?.stdout);
    Ok(())
}
