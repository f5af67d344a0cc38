//! What leaves the app does what it says, on real servers: the playbook and the script make what `plumb apply` makes.

mod canary;
mod playbook;
#[allow(dead_code, reason = "the tests of the command line use all of it")]
#[path = "../command/plumb.rs"]
mod plumb;
mod script;
mod twin;
