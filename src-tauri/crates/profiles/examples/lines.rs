fn main() {
    let catalog = profiles::catalog();
    let mut all: Vec<_> = catalog.every_choice().into_iter().map(|role| (catalog.needs(&role).map(|n| n.len()).unwrap_or(0), role.to_string())).collect();
    all.sort();
    for (n, role) in all { println!("{n} {role}"); }
}
