//! A plan as one plain script that a person carries to a server which nothing here can reach. It is the same run as ever:
//! before-images, journal, safety timer and the way back belong to the server; only who starts it differs.

use crate::prepared::Prepared;
use crate::run::{FOLLOW, RunSpec, contents, upload};
use crate::sh;
use std::fmt::Write as _;

/// Marks what a script prints that is run by hand: there is nobody to make a fresh mark each time.
pub const BY_HAND: &str = "by-hand";

/// What stands on the label of a script.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// "chat-01".
    pub server: &'a str,
    /// "Reforms Messenger, Small team, 24 users".
    pub role: &'a str,
    /// The id of the role, which the record of the run keeps.
    pub role_id: &'a str,
    /// When the server was read, RFC 3339.
    pub at: &'a str,
    /// Reads the server anew, for `plumb check --facts`.
    pub probe: &'a str,
}

/// The script, the same bytes for the same plan. `sh SCRIPT` alone shows what it would do.
///
/// ```
/// use tuning::{Prepared, script};
/// let label = script::Label { server: "chat-01", role: "a test", role_id: "dusk/prover", at: "2026-11-21", probe: "" };
/// assert!(script::by_hand(&Prepared::default(), &label).starts_with("#!/bin/sh\n"));
/// ```
pub fn by_hand(plan: &Prepared, label: &Label<'_>) -> String {
    let (changes, previews) = plan.whole();
    let Ok(id) = BY_HAND.parse() else { return String::new() };
    let spec = RunSpec::new(id, label.role_id, label.at, BY_HAND);
    let files = contents(&changes, &previews, &spec);
    // the same plan has the same name on every computer, so that each copy of a script finds the runs of the others
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let name = format!("hand-{}", crate::act::sha256(&all).get(..8).unwrap_or_default());

    let mut script = format!(
        "#!/bin/sh\n# {} for {} ({}), worked out by Plumbline from what was read on {}.\n#\n{HOW_TO}#\n",
        count(changes.len()),
        line(label.server),
        line(label.role),
        line(label.at),
    );
    for change in &changes {
        let _ = writeln!(script, "#   {}: {}", line(&change.id), line(&change.title));
    }
    script.push_str("{\nset -u\n");
    let _ = write!(script, "show() {{\n  cat <<'LIST'\n{}LIST\n}}\n", listed(plan));
    script.push_str(
        "case ${1:-show} in show | help | -h | --help) show && exit 0 ;; esac\n\
         [ \"$(id -u)\" = 0 ] || { echo \"Only root can do that: sudo sh $0 $*\" >&2; exit 3; }\n",
    );
    let _ = write!(script, "NONCE={BY_HAND}\nNAME={name}\n{FOLLOW}");
    let _ = writeln!(script, "title_of() {{ case $1 in");
    for change in &changes {
        let _ = writeln!(script, "  {}) echo {} ;;", sh::quote(&change.id), sh::quote(&line(&change.title)));
    }
    script.push_str("  *) echo \"$1\" ;;\nesac; }\ntarget_of() { case $1 in\n");
    for (number, act) in (1..).zip(changes.iter().flat_map(|change| &change.acts)) {
        let _ = writeln!(script, "  {number}) echo {} ;;", sh::quote(&line(act.target())));
    }
    script.push_str("  *) echo \"$1\" ;;\nesac; }\nplace_files() {\n");
    upload(&mut script, "\"$ID\"", BY_HAND, &files);
    let _ = write!(script, "}}\nprobe() {{ printf '%s' {} | /bin/sh -s; }}\n", sh::quote(label.probe));
    script.push_str(include_str!("runner/by_hand.sh"));
    script.push_str("exit\n}\n");
    script
}

const HOW_TO: &str = "\
#   sh THIS                 says what it would do; changes nothing
#   sudo sh THIS apply      makes the changes, then asks; without an answer in 2 minutes the server puts everything back
#   sudo sh THIS keep       keeps changes that wait for an answer         sudo sh THIS back    puts them back
#   sudo sh THIS undo       takes kept changes back: files, owners, modes, values, services, as they were before
#   sudo sh THIS report >result.txt       what was done and how the server is now, for plumb check --facts result.txt
#   apply and undo take --keep or --back where nobody can be asked. The record is in /var/lib/plumbline.
";

/// What a person reads before they run it.
fn listed(plan: &Prepared) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let view = &change.view;
        let _ = writeln!(text, "{}  ({})", line(&view.title), line(&view.id));
        for words in [&view.effect, &view.consequence].into_iter().filter(|words| !words.is_empty()) {
            let _ = writeln!(text, "  {}", line(words));
        }
        for value in &view.runtime {
            let _ = writeln!(text, "    {}: {} -> {}", line(&value.name), line(&value.before), line(&value.after));
        }
        for file in &view.files {
            let _ = writeln!(text, "    {}", line(&file.path));
        }
        let _ = writeln!(text, "  To undo: {}", line(&view.undo));
    }
    let _ = writeln!(text, "Nothing was changed. sudo sh THIS apply makes these changes.");
    text
}

fn count(changes: usize) -> String {
    if changes == 1 { "One change".to_owned() } else { format!("{changes} changes") }
}

/// On one line, so that nothing leaves its comment or ends the list early.
fn line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text == "LIST" { "list".to_owned() } else { text }
}
