//! What people say about needs: answers to questions that no reading can settle, and needs set aside for a while.

use crate::parse::Problem;
use serde::{Deserialize, Serialize};

/// The answer of a person to one need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Id of the need, or one of its catalogue rows.
    pub need: String,
    pub yes: bool,
    pub name: String,
    /// The day it was said, UTC, `2026-11-20`.
    pub date: String,
}

/// A need set aside by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Id of the need, or one of its catalogue rows.
    pub need: String,
    pub reason: String,
    pub name: String,
    /// Last day it counts, UTC, `2027-01-31`.
    pub until: String,
}

/// Reads a file of answers: `[[answer]]` with need, answer ("yes" or "no"), name and date.
pub fn parse_answers(file: &str, text: &str) -> Result<Vec<Answer>, Vec<Problem>> {
    crate::parse::answers(file, text)
}

/// Reads a file of needs set aside: `[[waiver]]` with need, reason, name and until.
pub fn parse_waivers(file: &str, text: &str) -> Result<Vec<SetAside>, Vec<Problem>> {
    crate::parse::waivers(file, text)
}

#[cfg(test)]
mod tests {
    use super::{parse_answers, parse_waivers};

    #[test]
    fn answers_and_waivers_are_read() {
        let answers =
            "schema = 1\n[[answer]]\nneed = \"RM-163\"\nanswer = \"yes\"\nname = \"Mara\"\ndate = \"2026-11-20\"\n";
        assert!(parse_answers("a.toml", answers).expect("answers")[0].yes);
        let waivers =
            "schema = 1\n[[waiver]]\nneed = \"dusk.time\"\nreason = \"lab\"\nname = \"Mara\"\nuntil = \"2027-01-31\"\n";
        assert_eq!(parse_waivers("w.toml", waivers).expect("waivers")[0].until, "2027-01-31");
    }

    #[test]
    fn a_waiver_without_reason_name_or_end_is_refused() {
        for left_out in ["reason", "name", "until"] {
            let lines = ["need = \"dusk.time\"", "reason = \"lab\"", "name = \"Mara\"", "until = \"2027-01-31\""];
            let kept: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with(left_out)).collect();
            let text = format!("schema = 1\n[[waiver]]\n{}\n", kept.join("\n"));
            let problems = parse_waivers("w.toml", &text).expect_err(left_out);
            assert!(problems.iter().any(|p| p.line == 2 && p.message.contains(left_out)), "{problems:?}");
        }
        let problems = parse_answers(
            "a.toml",
            "schema = 1\n[[answer]]\nneed = \"x\"\nanswer = \"maybe\"\nname = \"M\"\ndate = \"2026-11-20\"",
        );
        assert!(problems.expect_err("maybe")[0].message.contains("yes or no"));
    }
}
