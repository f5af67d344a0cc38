//! How a command ends: its exit code is part of the contract with scripts.

use std::process::ExitCode;

/// The five ways to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ready,
    NotReady,
    /// A required need could not be told or was set aside.
    CouldNotTell,
    /// The server could not be reached, or the work there could not run.
    Unreached,
    /// The arguments or a requirement file are wrong.
    BadArguments,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Ready => 0,
            Outcome::NotReady => 1,
            Outcome::CouldNotTell => 2,
            Outcome::Unreached => 3,
            Outcome::BadArguments => 4,
        })
    }
}

/// An error that carries its exit code. Words are for people; the code is for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) error: anyhow::Error,
}

/// Marks an error as the caller's: exit code 4.
pub(crate) trait OrBadArguments<T> {
    fn or_bad_arguments(self) -> Result<T, Failure>;
}

/// Marks an error as one of reaching or running: exit code 3.
pub(crate) trait OrUnreached<T> {
    fn or_unreached(self) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrBadArguments<T> for Result<T, E> {
    fn or_bad_arguments(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { outcome: Outcome::BadArguments, error: error.into() })
    }
}

impl<T, E: Into<anyhow::Error>> OrUnreached<T> for Result<T, E> {
    fn or_unreached(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { outcome: Outcome::Unreached, error: error.into() })
    }
}
