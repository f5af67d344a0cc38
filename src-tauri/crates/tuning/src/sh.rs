//! The only place that quotes for the shell.

/// One word of a POSIX shell script that means exactly `text`, whatever is in it.
///
/// NUL cannot stand in a script and is left out; nothing that we write holds one.
///
/// ```
/// assert_eq!(tuning::sh::quote("it's"), r"'it'\''s'");
/// ```
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("'\\''"),
            '\0' => {}
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// Several words, each quoted.
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::quote;
    use proptest::prelude::*;
    use std::process::Command;

    /// Every shell that a server may have for /bin/sh.
    fn shells() -> Vec<Vec<&'static str>> {
        [vec!["dash"], vec!["bash", "--posix"], vec!["busybox", "sh"]]
            .into_iter()
            .filter(|shell| Command::new(shell[0]).arg("--help").output().is_ok())
            .collect()
    }

    #[test]
    fn every_byte_that_text_can_hold_comes_out_as_it_went_in() {
        let all: String = (1..=0x7f_u8).map(char::from).chain("é€𝄞\u{202e}$(id)`id`\\n%s".chars()).collect();
        assert!(!shells().is_empty());
        for shell in shells() {
            let script = format!("printf '%s' {}", quote(&all));
            let output = Command::new(shell[0]).args(&shell[1..]).arg("-c").arg(script).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&output.stdout), all, "{shell:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_text_leaves_its_word(text in "[^\0]{0,60}") {
            let script = format!("set -- {} end; printf '%s' \"$#\"", quote(&text));
            let output = Command::new("dash").arg("-c").arg(script).output().expect("dash");
            prop_assert_eq!(String::from_utf8_lossy(&output.stdout), "2");
        }
    }
}
