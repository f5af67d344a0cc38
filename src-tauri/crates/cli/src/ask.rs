//! Where the command line gets secrets from: a file descriptor that the caller named, or a person at a terminal.
//! Never an option's value, never the environment.

use anyhow::{Context, bail};
use remote::Secret;
use std::io::{IsTerminal, Read};
use zeroize::Zeroizing;

/// The first line of file descriptor `number`, without its line end. Each descriptor is read once.
pub(crate) fn from_descriptor(number: u32, option: &str) -> anyhow::Result<Secret> {
    // /dev/fd stands on Linux and macOS and needs no unsafe code.
    let path = format!("/dev/fd/{number}");
    let mut file = std::fs::File::open(&path)
        .with_context(|| format!("{option} {number}: nothing to read there. Hint: plumb … {option} 3 3< file"))?;
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0u8; 1];
    while line.len() < LONGEST && file.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let text = std::str::from_utf8(&line).with_context(|| format!("{option} {number} does not hold text"))?;
    Ok(Secret::from(text))
}

/// Longer than any password; the buffer is made once at this size so that no copy of a secret is left in a moved one.
const LONGEST: usize = 4096;

/// Asks a person, without showing what is typed. `option` is named when there is nobody to ask.
pub(crate) fn person(question: &str, option: &str) -> anyhow::Result<Secret> {
    if !std::io::stdin().is_terminal() {
        bail!("{question} cannot be asked: standard input is no terminal. Give {option}.");
    }
    Ok(Secret::from(rpassword::prompt_password(question)?))
}
