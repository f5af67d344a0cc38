//! A system user that cannot sign in, for a service to run as.

use super::{Kind, Proposed, Scene, Words};
use crate::act::Act;

pub(super) fn propose(scene: &Scene<'_>, user: &str, group: &str) -> Proposed {
    let known = |kind: &str, name: &str| scene.before.value(&format!("{kind}.{name}")).is_some();
    if known("user", user) && known("group", group) {
        return Proposed::Settled;
    }
    let mut words = Words {
        undo: format!("Removes the user {user} again. Files that it owns by then keep its number."),
        seconds: 2,
        ..Words::default()
    };
    words.value(&format!("User {user}"), "not there", "there, without a sign-in");
    Proposed::Offer(Kind::User, vec![Act::SystemUser { user: user.into(), group: group.into() }], words)
}
