//! The scripts of a run: text in, text out. Each is one `sh -s` as an administrator, and its answer goes through
//! [`crate::Reader`].

use crate::act::Act;
use crate::before::Before;
use crate::change::Change;
use crate::plan::Proposal;
use crate::receipt::{Manifest, ManifestAct, ManifestChange, Receipt, SCHEMA};
use crate::sh;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};
use std::str::FromStr;

const PICTURE: &str = include_str!("runner/picture.sh");
const RUNNER: &str = include_str!("runner/runner.sh");
pub(crate) const FOLLOW: &str = include_str!("runner/follow.sh");

/// The name of a run: lower-case letters, digits and dashes, so that it can stand in paths and unit names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" cannot name a run")]
pub struct BadRunId(pub String);

impl FromStr for RunId {
    type Err = BadRunId;

    fn from_str(text: &str) -> Result<RunId, BadRunId> {
        let fits = (1..=48).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-');
        if fits { Ok(RunId(text.to_owned())) } else { Err(BadRunId(text.chars().take(60).collect())) }
    }
}

impl TryFrom<String> for RunId {
    type Error = BadRunId;

    fn try_from(text: String) -> Result<RunId, BadRunId> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the caller decides about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpec {
    pub id: RunId,
    /// The role it is for, as a person reads it.
    pub role: String,
    /// When it was asked for, RFC 3339.
    pub at: String,
    /// Seconds from the end of the changes until the server puts back by itself.
    pub window: u32,
    /// Seconds that one step may take before the server takes the program for lost and puts back.
    pub step: u32,
    /// Seconds that no extension goes beyond.
    pub longest: u32,
    /// One-time value that the proof of access must read back.
    pub proof: String,
}

impl RunSpec {
    /// Two minutes to answer, two minutes a step (starting a service may take 100 seconds), an hour at most.
    pub const WINDOW: u32 = 120;
    pub const STEP: u32 = 120;
    pub const LONGEST: u32 = 3600;

    /// A run with the usual times.
    pub fn new(id: RunId, role: impl Into<String>, at: impl Into<String>, proof: impl Into<String>) -> RunSpec {
        RunSpec {
            id,
            role: role.into(),
            at: at.into(),
            window: RunSpec::WINDOW,
            step: RunSpec::STEP,
            longest: RunSpec::LONGEST,
            proof: proof.into(),
        }
    }
}

/// Starts a run of these changes as a job of the server and follows it until it waits for an answer.
///
/// Sent again with the same id it starts nothing twice: it follows.
pub fn launch(proposal: &Proposal, before: &Before, spec: &RunSpec, nonce: &str) -> String {
    let acts = proposal.changes.iter().flat_map(|change| &change.acts);
    let previews: Vec<Option<String>> = acts.map(|act| act.preview(before)).collect();
    let mut script = opening(nonce);
    upload(&mut script, &sh::quote(&spec.id.0), &spec.proof, &contents(&proposal.changes, &previews, spec));
    let _ =
        writeln!(script, "detach {id} apply '' run\nfollow {id} on\nexit 0\n}} </dev/null", id = sh::quote(&spec.id.0));
    script
}

/// Which of the edited places an undo leaves as they are, and which it overwrites. Numbers of acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    pub leave: Vec<u32>,
    pub overwrite: Vec<u32>,
}

/// Takes a kept run back, as a run of its own with its own safety timer. Refused with [`crate::Refusal::Drifted`] where
/// somebody edited since, until the answers say what to do there.
pub fn undo(receipt: &Receipt, answers: &Answers, spec: &RunSpec, nonce: &str) -> String {
    let list = |numbers: &[u32]| {
        if numbers.is_empty() {
            "-".to_owned()
        } else {
            numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
        }
    };
    let undone = Manifest {
        schema: SCHEMA,
        id: spec.id.clone(),
        at: spec.at.clone(),
        role: receipt.manifest.role.clone(),
        undoes: Some(receipt.manifest.id.clone()),
        changes: receipt.manifest.changes.clone(),
        new_ssh_ports: Vec::new(),
    };
    let mode = format!("undo {} {} {}\n", receipt.manifest.id, list(&answers.leave), list(&answers.overwrite));
    let files = [("mode".to_owned(), mode), ("manifest".to_owned(), json(&undone))];
    let mut script = opening(nonce);
    let source = sh::quote(&receipt.manifest.id.0);
    let _ = writeln!(script, "[ -e \"$BASE/runs/\"{source}/confirmed ] || over {source}");
    let _ = writeln!(script, "SOURCE={source}");
    upload(&mut script, &sh::quote(&spec.id.0), &spec.proof, &files);
    let _ =
        writeln!(script, "detach {id} apply '' run\nfollow {id} on\nexit 0\n}} </dev/null", id = sh::quote(&spec.id.0));
    script
}

/// Follows a run that somebody started, here or on another computer.
pub fn follow(run: &RunId, nonce: &str) -> String {
    request(nonce, format!("follow {} on", sh::quote(&run.0)))
}

/// Goes on with a run whose program was lost in the middle: what is done is skipped.
pub fn resume(run: &RunId, nonce: &str) -> String {
    let run = sh::quote(&run.0);
    request(nonce, format!("lives {run}\ndetach {run} apply '' \"resume-$$\"\nfollow {run} on"))
}

/// Keeps what was changed. Of this and putting back exactly one wins; the answer says which.
pub fn keep(run: &RunId, nonce: &str) -> String {
    request(nonce, format!("answer {} keep", sh::quote(&run.0)))
}

/// Puts everything back now, and follows that.
pub fn put_back(run: &RunId, nonce: &str) -> String {
    let run = sh::quote(&run.0);
    request(nonce, format!("lives {run}\ndetach {run} revert asked \"back-$$\"\nfollow {run} back"))
}

/// Moves the deadline to so many seconds from now, within the hard maximum of the run.
pub fn extend(run: &RunId, seconds: u32, nonce: &str) -> String {
    request(nonce, format!("answer {} extend {seconds}", sh::quote(&run.0)))
}

/// Reads the one-time value back. Sent over a NEW connection it proves that signing in and becoming administrator work.
pub fn proof(run: &RunId, nonce: &str) -> String {
    let run = sh::quote(&run.0);
    request(nonce, format!("lives {run}\nread -r value <\"$BASE/runs/\"{run}/proof\necho \"$NONCE E proof $value\""))
}

/// Shows what an act touched as it was before the run, as the run left it, and as it is now: what a person needs to see
/// before an undo goes over somebody's edit. For [`crate::receipt::read_comparison`]. Reads only.
pub fn compare(run: &RunId, act: &ManifestAct, nonce: &str) -> String {
    request(nonce, format!("compare {} {} {}", sh::quote(&run.0), act.number, sh::quote(&act.target)))
}

/// Every run that this server remembers: manifests and journals for [`crate::receipt::read`]. Reads only.
pub fn runs(nonce: &str) -> String {
    request(nonce, "remember".to_owned())
}

/// Forgets a run that is over; it can then no longer be undone.
pub fn purge(run: &RunId, nonce: &str) -> String {
    request(nonce, format!("purge {}", sh::quote(&run.0)))
}

fn request(nonce: &str, what: String) -> String {
    format!("{}{what}\nexit 0\n}} </dev/null\n", opening(nonce))
}

/// All in one pair of braces: the shell has read the whole script before the first line runs, so that no command can
/// swallow a part of it, and half a script does nothing.
fn opening(nonce: &str) -> String {
    format!("{{\nNONCE={}\n{FOLLOW}", sh::quote(nonce))
}

/// The files of a run by name: its program, what its acts write, and what was asked. `previews` has one entry an act.
pub(crate) fn contents(changes: &[Change], previews: &[Option<String>], spec: &RunSpec) -> Vec<(String, String)> {
    let mut files = vec![("run.sh".to_owned(), program(changes, previews, spec))];
    for (number, act) in (1..).zip(changes.iter().flat_map(|change| &change.acts)) {
        files.extend(act.text().map(|text| (format!("after/{number}"), text)));
    }
    files.push(("manifest".to_owned(), manifest(changes, spec, None)));
    files
}

/// Puts the files of run `id` (a word of the shell) in their place, each checked on its arrival.
pub(crate) fn upload(script: &mut String, id: &str, proof: &str, files: &[(String, String)]) {
    let _ = writeln!(script, "if begin_upload {id}; then");
    for (name, text) in files.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([
        ("proof", format!("{proof}\n").as_str()),
        (
            "revert.sh",
            "#!/bin/sh\n# Puts back what this run changed.\nexec /bin/sh \"${0%/*}/run.sh\" revert \"${1:-asked}\"\n",
        ),
    ]) {
        let _ = writeln!(script, "printf '%s' {} >\"$new/{name}\" || x room \"$new/{name}\"", sh::quote(text));
        let _ = writeln!(
            script,
            "[ \"$(sha256sum <\"$new/{name}\")\" = '{}  -' ] || x start 'it arrived damaged: {name}'",
            crate::act::sha256(text)
        );
    }
    let _ = writeln!(script, "end_upload {id}\nfi");
}

/// The program of a run: what is particular to it, then what all runs share.
fn program(changes: &[Change], previews: &[Option<String>], spec: &RunSpec) -> String {
    let mut numbers = Vec::new();
    let (mut acts_of, mut wants, mut acts, mut preview) = (String::new(), String::new(), String::new(), String::new());
    let mut number = 0;
    let mut previews = previews.iter();
    for change in changes {
        let id = sh::quote(&change.id);
        let mut mine = Vec::new();
        for act in &change.acts {
            number += 1;
            mine.push(number.to_string());
            let _ = writeln!(acts, "  {number}) {} ;;", act.call(number, "\"$2\""));
            if let Some(Some(state)) = previews.next() {
                let _ = writeln!(preview, "  {number}) printf '%s\\n' {} ;;", sh::quote(state));
            }
        }
        let _ = writeln!(acts_of, "  {id}) echo '{}' ;;", mine.join(" "));
        if !change.wants.is_empty() {
            let _ = writeln!(wants, "  {id}) echo {} ;;", sh::quote(&change.wants.join(" ")));
        }
        numbers.push(change.id.as_str());
    }
    let mut parts: Vec<&str> = changes.iter().flat_map(|change| &change.acts).map(Act::part).collect();
    // a block is written as a file is
    parts.push(include_str!("runner/kinds/file.sh"));
    parts.sort_unstable();
    parts.dedup();
    let parts = parts.concat();
    let cuts = changes.iter().flat_map(|change| &change.acts).any(|act| act.cuts());
    format!(
        "#!/bin/sh\n# A run of Plumbline. \"sh run.sh revert\" puts back what it changed.\nCHANGES={}\nWINDOW={}\nSTEP={}\nLONGEST={}\nCUTS={}\n\
         acts_of() {{ case $1 in\n{acts_of}  *) : ;; esac; }}\nwants() {{ case $1 in\n{wants}  *) : ;; esac; }}\n\
         act() {{ case $1 in\n{acts}  *) return 1 ;; esac; }}\npreview() {{ case $1 in\n{preview}  *) : ;; esac; }}\n{PICTURE}{parts}{RUNNER}",
        sh::quote(&numbers.join(" ")),
        spec.window,
        spec.step,
        spec.longest,
        u8::from(cuts),
    )
}

fn manifest(changes: &[Change], spec: &RunSpec, undoes: Option<RunId>) -> String {
    let mut number = 0;
    let new_ssh_ports = new_ssh_ports(changes);
    let changes = changes
        .iter()
        .map(|change| ManifestChange {
            id: change.id.clone(),
            title: change.title.clone(),
            undo: change.words.undo.clone(),
            settles: change.settles.clone(),
            acts: change
                .acts
                .iter()
                .map(|act| {
                    number += 1;
                    ManifestAct { number, target: act.target().to_owned() }
                })
                .collect(),
        })
        .collect();
    json(&Manifest {
        schema: SCHEMA,
        id: spec.id.clone(),
        at: spec.at.clone(),
        role: spec.role.clone(),
        undoes,
        changes,
        new_ssh_ports,
    })
}

/// Ports that these changes make ssh answer on, and by which nobody has come in yet.
pub fn new_ssh_ports(changes: &[Change]) -> Vec<u16> {
    let acts = changes.iter().flat_map(|change| &change.acts);
    let new = acts.filter_map(|act| if let Act::SshAnswersOn { new, .. } = act { Some(new) } else { None });
    new.flatten().copied().collect()
}

/// One line; these types cannot fail to become JSON.
fn json(manifest: &Manifest) -> String {
    format!("{}\n", serde_json::to_string(manifest).unwrap_or_default())
}
