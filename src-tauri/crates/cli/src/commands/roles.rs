//! `plumb roles`: every product, role and scale with its id.

use crate::commands::print_json;
use crate::outcome::{Failure, Outcome};
use crate::print::{Ink, column, println};
use profiles::{Profile, Role, RoleOption};
use serde_json::{Value, json};

pub(crate) fn run(json: bool) -> Result<Outcome, Failure> {
    let catalog = profiles::catalog();
    if json {
        let products: Vec<Value> = catalog.profiles.iter().map(product).collect();
        print_json(&json!({ "schema": 1, "products": products }))?;
        return Ok(Outcome::Ready);
    }
    let ink = Ink::for_stdout();
    for profile in &catalog.profiles {
        println!("{}  {}", ink.bold(&profile.title), ink.dim(&profile.purpose));
        for role in &profile.roles {
            println!("  {} {} {}", column(&id(profile, role), 34), column(&role.title, 26), role.size);
        }
        println!();
    }
    println!("{}", ink.dim("plumb needs ROLE tells what a role needs."));
    Ok(Outcome::Ready)
}

/// The id of a role at its default size: `dusk/prover?workers=1`.
fn id(profile: &Profile, role: &Role) -> String {
    match &role.scale {
        Some(range) => format!("{}/{}?{}={}", profile.id, role.id, range.scale.name(), range.default),
        None => format!("{}/{}", profile.id, role.id),
    }
}

fn product(profile: &Profile) -> Value {
    json!({
        "id": profile.id,
        "title": profile.title,
        "purpose": profile.purpose,
        "verified": profile.verified,
        "roles": profile.roles.iter().map(|one| role(profile, one)).collect::<Vec<_>>(),
    })
}

fn role(profile: &Profile, role: &Role) -> Value {
    json!({
        "id": format!("{}/{}", profile.id, role.id),
        "example": id(profile, role),
        "title": role.title,
        "purpose": role.purpose,
        "size": role.size,
        "group": role.group,
        "servers": role.servers,
        "scale": role.scale.as_ref().map(|range| json!({
            "kind": range.scale.name(),
            "min": range.min,
            "max": range.max,
            "default": range.default,
        })),
        "options": profile.options_of(&role.id).map(option).collect::<Vec<_>>(),
    })
}

fn option(option: &RoleOption) -> Value {
    let choices: Vec<Value> = option.choices.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
    json!({ "id": option.id, "title": option.title, "default": option.default, "choices": choices })
}
