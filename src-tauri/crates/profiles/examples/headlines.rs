//! Prints the few lines beside the choice of each role: `cargo run -p profiles --example headlines`.
#![allow(clippy::print_stdout)]

fn main() {
    let catalog = profiles::catalog();
    for role in catalog.roles() {
        println!("{role}");
        for line in catalog.headlines(&role).unwrap_or_default() {
            let notes: Vec<String> = [line.arithmetic, line.comfortable].into_iter().flatten().collect();
            println!("    {:24} {} {}   {}", line.title, line.value, line.unit, notes.join("; "));
        }
    }
}
