//! "name value" lines as figures, and how a few runs are told as one.

/// All that a script said.
#[derive(Debug)]
pub(crate) struct Said(Vec<(String, String)>);

impl Said {
    /// What is no line of two words is noise.
    pub(crate) fn read(text: &str) -> Said {
        let pair = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Said(text.lines().filter_map(pair).collect())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value whose second word is `which`: "way ok WHICH" gives "ok" for "way".
    pub(crate) fn value_of(&self, name: &str, which: &str) -> Option<&str> {
        self.values(name)
            .filter_map(|value| value.split_once(' '))
            .find(|(_, named)| *named == which)
            .map(|(word, _)| word)
    }

    pub(crate) fn refused(&self) -> Option<&str> {
        self.values("refused").next()
    }

    pub(crate) fn one(&self, name: &str) -> Option<f64> {
        self.values(name).next()?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// Whole numbers only: what a server prints is taken as it is or not at all.
    pub(crate) fn all(&self, name: &str) -> Vec<u64> {
        self.values(name).filter_map(|value| value.parse().ok()).collect()
    }
}

pub(crate) fn median(runs: &[u64]) -> Option<u64> {
    let mut sorted = runs.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// "three runs, 9,504 to 9,933".
pub(crate) fn spread(runs: &[u64]) -> String {
    let count = match runs.len() {
        1 => return "one run".to_owned(),
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        more => more.to_string(),
    };
    let (least, most) = (runs.iter().min().copied().unwrap_or(0), runs.iter().max().copied().unwrap_or(0));
    format!("{count} runs, {} to {}", grouped(least), grouped(most))
}

/// "9,812".
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
