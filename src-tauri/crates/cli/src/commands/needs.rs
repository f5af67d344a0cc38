//! `plumb needs ROLE`: what the role needs, each with its source and why.

use crate::commands::check;
use crate::commands::findings::severity_word;
use crate::commands::print_json;
use crate::outcome::{Failure, OrBadArguments, Outcome};
use crate::print::{Ink, column, println};
use profiles::{Need, RoleChoice};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(crate) fn run(role: &str, profile: &[PathBuf], json: bool) -> Result<Outcome, Failure> {
    let choice: RoleChoice = role.parse().or_bad_arguments()?;
    let catalog = check::catalog(profile)?;
    let product = catalog.product(&choice.product).or_bad_arguments()?;
    let choice = product.complete(&choice).or_bad_arguments()?;
    let needs = product.needs(&choice).or_bad_arguments()?;
    let title = product.title_of(&choice).or_bad_arguments()?;
    if json {
        let needs: Vec<Value> = needs.iter().map(need).collect();
        let role = json!({ "id": choice.to_string(), "product": product.title, "title": title });
        print_json(&json!({ "schema": 1, "role": role, "needs": needs }))?;
        return Ok(Outcome::Ready);
    }
    let ink = Ink::for_stdout();
    println!("{}: {title} needs", ink.bold(&product.title));
    let mut area = None;
    for need in &needs {
        if area != Some(need.area) {
            area = Some(need.area);
            println!("\n{}", ink.bold(need.area.title()));
        }
        println!("  {} {}", column(&need.title, 38), need.needed_text());
        let told = format!("{}. {}", severity_word(need.severity), need.why);
        println!("  {} {}", column("", 38), ink.dim(&told));
        println!("  {} {}", column("", 38), ink.dim(&source(need)));
    }
    Ok(Outcome::Ready)
}

fn source(need: &Need) -> String {
    let section = need.source.section.as_ref().map(|section| format!(", {section}")).unwrap_or_default();
    let line = need.source.line.as_ref().map(|line| format!(", line {line}")).unwrap_or_default();
    format!("{}{section}{line}, verified {}", need.source.document, need.source.verified)
}

fn need(need: &Need) -> Value {
    json!({
        "id": need.id,
        "catalog": need.catalog,
        "title": need.title,
        "area": need.area,
        "severity": need.severity,
        "needed": need.needed_text(),
        "why": need.why,
        "source": need.source,
        "arithmetic": need.arithmetic,
        "parts": need.parts,
        "change": need.change,
        "steps": need.steps,
        "note": need.note,
    })
}
