//! Prints the probe that asks for everything any role reads. To record a server:
//! `cargo run -p suite --example record | ssh SERVER sudo sh -s > tests/suite/NAME/probe.txt`
#![allow(clippy::print_stdout)]

fn main() {
    let catalog = profiles::catalog();
    let keys = checks::keys_of_roles(catalog, &catalog.roles());
    println!("{}", facts::probe::script(&facts::probe::Asks::of(&keys), "recorded"));
}
