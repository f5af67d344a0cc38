//! What is left out says so: a name, a reason, and a line in a file that `npm test` reads aloud.

use std::fmt;
use std::io::Write as _;

/// Something that cannot run on this machine, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub name: String,
    pub reason: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "left out: {}: {}", self.name, self.reason)
    }
}

impl Skipped {
    pub(crate) fn error(name: &str, reason: impl Into<String>) -> crate::Error {
        crate::Error::Skipped(Self { name: name.to_owned(), reason: reason.into() })
    }
}

/// Says what is left out: in the file named by `PLUMB_LEFT_OUT`, whose reader prints it; else past the capture of test
/// output.
///
/// # Panics
/// Where `PLUMB_NOTHING_LEFT_OUT` is set: the machine was meant to be able to run everything.
pub fn record(test: &str, skipped: &Skipped) {
    let line = format!("left out: {test}: {}: {}\n", skipped.name, skipped.reason);
    if let Some(path) = std::env::var_os("PLUMB_LEFT_OUT") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    } else {
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    assert!(std::env::var_os("PLUMB_NOTHING_LEFT_OUT").is_none(), "nothing may be left out in this run: {line}");
}

/// Whether tests of more than a few seconds run: `npm test` sets `PLUMB_SLOW`, a plain `cargo test` does not.
#[must_use]
pub fn slow_lanes() -> bool {
    std::env::var_os("PLUMB_SLOW").is_some_and(|value| value != "0")
}

/// Whether every combination runs, or one of each kind: `npm run test:full` sets `PLUMB_FULL`.
#[must_use]
pub fn full_matrix() -> bool {
    std::env::var_os("PLUMB_FULL").is_some_and(|value| value != "0")
}

/// What a test returns when it has nothing more to say.
pub trait Passed {
    fn passed() -> Self;
}

impl Passed for () {
    fn passed() -> Self {}
}

impl<E> Passed for Result<(), E> {
    fn passed() -> Self {
        Ok(())
    }
}

/// `let server = lab::need!(lab::sshd());`: the server, or the end of this test with the reason printed and counted.
/// A start that should have worked and did not is a failed test.
#[macro_export]
macro_rules! need {
    ($start:expr) => {
        match $start {
            Ok(server) => server,
            Err($crate::Error::Skipped(skipped)) => {
                $crate::record(&$crate::test_name!(), &skipped);
                return $crate::Passed::passed();
            }
            #[allow(clippy::panic)]
            Err(failed) => panic!("{failed}"),
        }
    };
}

/// `lab::slow!();` as a test's first line: it runs only where `PLUMB_SLOW` is set, as `npm test` does.
#[macro_export]
macro_rules! slow {
    () => {
        if !$crate::slow_lanes() {
            let reason = "takes long; PLUMB_SLOW=1 runs it, npm test sets it".to_owned();
            $crate::record(&$crate::test_name!(), &$crate::Skipped { name: "slow lane".to_owned(), reason });
            return $crate::Passed::passed();
        }
    };
}

/// `lab::full!();` as a test's first line: it takes minutes and runs only where `PLUMB_FULL` is set, as
/// `npm run test:full` does.
#[macro_export]
macro_rules! full {
    () => {
        if !$crate::full_matrix() {
            let reason = "takes minutes; PLUMB_FULL=1 runs it, npm run test:full sets it".to_owned();
            $crate::record(&$crate::test_name!(), &$crate::Skipped { name: "full matrix".to_owned(), reason });
            return $crate::Passed::passed();
        }
    };
}

/// The path of the function this stands in.
#[doc(hidden)]
#[macro_export]
macro_rules! test_name {
    () => {{
        fn here() {}
        let name = std::any::type_name_of_val(&here);
        name.strip_suffix("::here").unwrap_or(name).replace("::{{closure}}", "")
    }};
}
