//! Errors of the crates below, turned into what the window shows. The words live with the errors; here they are only
//! carried over.

use crate::wire::Failure;

/// A role that does not exist; the window only offers those that do, so a person meets this with a file of their own.
pub(crate) fn of_role(error: profiles::BadRole) -> Failure {
    Failure { code: "bad_role".to_owned(), happened: format!("{error}."), ..not_yet() }
}

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
