//! The words for closed sets, as they stand on paper and in tables.

use crate::moment;
use checks::{FitAnswer, Maintained, MaintainedState, Verdict};
use facts::Why;

pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "Met",
        Verdict::Short => "Short",
        Verdict::Missing => "Missing",
        Verdict::CouldNotTell => "Could not tell",
        Verdict::YouConfirm => "You confirm",
        Verdict::NotApplicable => "Not needed",
    }
}

/// Why there is no reading, as short as a cell is wide.
pub(crate) fn why(why: &Why) -> &'static str {
    match why {
        Why::NeedsAdministrator => "no access",
        Why::TimedOut { .. } => "took too long",
        Why::NoSource { .. } => "nothing tells",
        Why::Unreadable { .. } => "answer unclear",
        Why::Hidden { .. } => "hidden",
        Why::NotMeasured => "not measured",
        Why::LowerBound { .. } => "a lower bound",
        Why::NotRead => "not read",
    }
}

pub(crate) fn fit(answer: FitAnswer) -> &'static str {
    match answer {
        FitAnswer::Yes => "Yes",
        FitAnswer::Almost => "Almost",
        FitAnswer::No => "No",
        FitAnswer::CouldNotTell => "Could not tell",
    }
}

/// "Gets fixes until 12 November 2026 (as of 18 November 2026)."
pub(crate) fn maintained(maintained: &Maintained) -> String {
    let as_of = moment::day(&maintained.as_of);
    let until = maintained.until.as_deref().map(moment::day);
    match (maintained.state, until) {
        (MaintainedState::Maintained | MaintainedState::EndingSoon, Some(day)) => {
            format!("Gets fixes until {day} (as of {as_of}).")
        }
        (MaintainedState::Maintained, None) => format!("Gets fixes (as of {as_of})."),
        (MaintainedState::EndingSoon, None) => format!("Gets fixes, but not for long (as of {as_of})."),
        (MaintainedState::Ended, Some(day)) => format!("Got its last fixes on {day} (as of {as_of})."),
        (MaintainedState::Ended, None) => format!("Gets no fixes any more (as of {as_of})."),
        (MaintainedState::CouldNotTell, _) => format!("Whether it still gets fixes is not known (as of {as_of})."),
    }
}
