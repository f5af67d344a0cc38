//! Errors of the crates below, turned into what the window shows. The words live with the errors; here they are only
//! carried over.

use crate::wire::Failure;

/// For the commands whose crate has not landed.
pub(crate) fn not_yet() -> Failure {
    Failure {
        code: "not_yet".to_owned(),
        happened: "This part is not built yet.".to_owned(),
        safe: "Nothing was done.".to_owned(),
        next: String::new(),
        field: String::new(),
        reached: String::new(),
        remedies: Vec::new(),
        details: String::new(),
    }
}
