//! How many made-up cases a test of foreign bytes tries, and where it keeps what went wrong.
//!
//! The same cases come in the same order on every computer: 64 of each in a plain run, 2000 in `npm test`, a quarter of a
//! million in `npm run test:full`. PROPTEST_CASES asks for another number, PROPTEST_RNG_SEED for other cases. What once
//! went wrong is kept in the tests/seeds of its crate and tried first.
//!
//! One file, which every crate that reads foreign bytes takes in by its path: the pure ones depend on no crate for tests.

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

pub(crate) fn many_cases(seeds: &'static str) -> Config {
    let on = |name: &str| std::env::var_os(name).is_some_and(|value| value != "0");
    let usual = Config::default();
    let cases = match (on("PROPTEST_CASES"), on("PLUMB_FULL"), on("PLUMB_SLOW")) {
        (true, ..) => usual.cases,
        (false, true, _) => 250_000,
        (false, false, true) => 2000,
        (false, false, false) => 64,
    };
    let rng_seed = if on("PROPTEST_RNG_SEED") { usual.rng_seed } else { RngSeed::Fixed(22) };
    let failure_persistence: Option<Box<dyn proptest::test_runner::FailurePersistence>> =
        Some(Box::new(FileFailurePersistence::Direct(seeds)));
    Config { cases, rng_seed, failure_persistence, ..usual }
}
