//! What a person carries to a server that nothing here can reach, and back: the probe, and changes as a script.

use profiles::{Catalog, RoleChoice};
use report::Report;
use tuning::Prepared;
use tuning::script::{BY_HAND, Label, by_hand};

/// The probe to run by hand. For a role it also looks at the places that changes would touch, so that a plan can be made
/// of its output; without one it reads what every role asks.
pub fn probe(catalog: &Catalog, role: Option<&RoleChoice>) -> String {
    let choices = match role {
        Some(role) => vec![role.clone()],
        // Nobody knows yet which options the role will have, and the server is asked only this once.
        None => catalog.every_choice(),
    };
    let needs: Vec<_> = choices.iter().filter_map(|role| catalog.needs(role).ok()).flatten().collect();
    let probe = facts::probe::script(&crate::everything(catalog, &needs), BY_HAND);
    let tunings = role.and_then(|role| catalog.product(&role.product).ok()?.tunings(role).ok());
    match tunings {
        // each in a shell of its own: both end with "exit"
        Some(tunings) => format!("(\n{probe})\n(\n{})\n", tuning::before::script(&tunings, BY_HAND)),
        None => probe,
    }
}

/// Changes of a report as a script with its undo. Its "report" reads the server anew, for the role of the report.
pub fn script(catalog: &Catalog, report: &Report, plan: &Prepared) -> String {
    let role = report.role.id.parse::<RoleChoice>().ok().filter(|role| catalog.needs(role).is_ok());
    let title = [&report.role.product, &report.role.title, &report.role.scale];
    let title: Vec<&str> = title.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let label = Label {
        server: &report.server.name,
        role: &title.join(", "),
        role_id: &report.role.id,
        at: &report.at,
        probe: &probe(catalog, role.as_ref()),
    };
    by_hand(plan, &label)
}
