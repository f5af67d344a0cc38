//! Prints what a role needs: `cargo run -p profiles --example needs -- 'dusk/prover?workers=6'`.
#![allow(clippy::print_stdout)]

fn main() {
    for argument in std::env::args().skip(1) {
        let needs = argument.parse().map_err(profiles::BadRole::from).and_then(|choice| profiles::needs(&choice));
        match needs {
            Ok(needs) => {
                println!("{argument}: {} needs", needs.len());
                for need in needs {
                    let (area, severity) = (format!("{:?}", need.area), format!("{:?}", need.severity));
                    println!("{area:10} {severity:13} {:32} {:40} {}", need.id, need.title, need.needed_text());
                }
            }
            Err(bad) => println!("{argument}: {bad}"),
        }
    }
}
