//! Where a long word may break: after the signs that paths and keys are made of, and anywhere in what is still too long
//! then. The template sets a gap without width there, so that copied text is the text.
//!
//! Text crosses to the template as a string, or as a list of pieces where a word in it may break.

use serde::{Serialize, Serializer};
use unicode_segmentation::UnicodeSegmentation;

/// Signs of a word that fits in a narrow column, and in a place with room.
const NARROW: usize = 16;
const WIDE: usize = 24;
/// Whatever its letters, a word that is this short fits everywhere.
const SHORT: usize = 10;
/// A line may end after each of these signs when nothing better is found.
const CRUMB: usize = 3;

/// For narrow columns.
pub(crate) fn narrow<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    serialize(text, NARROW, to)
}

/// For places with room.
pub(crate) fn wide<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    serialize(text, WIDE, to)
}

/// The same for a list of texts.
pub(crate) fn each_wide<S: Serializer>(texts: &[String], to: S) -> Result<S::Ok, S::Error> {
    struct Wide<'a>(&'a str);
    impl Serialize for Wide<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            wide(self.0, to)
        }
    }
    to.collect_seq(texts.iter().map(|text| Wide(text)))
}

fn serialize<S: Serializer>(text: &str, longest: usize, to: S) -> Result<S::Ok, S::Error> {
    match pieces(text, longest).as_slice() {
        [whole] => to.serialize_str(whole),
        pieces => to.collect_seq(pieces),
    }
}

/// `text` in pieces, where each seam is a place at which a line may end inside a word of more than `longest` signs.
fn pieces(text: &str, longest: usize) -> Vec<&str> {
    let mut seams = Vec::new();
    let mut start = 0;
    for word in text.split(' ') {
        if !fits(word, longest) {
            let mut at = start;
            for part in parts(word) {
                if fits(part, longest) {
                    seams.push(at);
                } else {
                    seams.extend(part.grapheme_indices(true).step_by(CRUMB).map(|(offset, _)| at + offset));
                }
                at += part.len();
            }
            // Its beginning stands behind a space, where a line may end anyway.
            let first = seams.partition_point(|&seam| seam < start);
            seams.remove(first);
        }
        start += word.len() + 1;
    }
    let mut pieces = Vec::with_capacity(seams.len() + 1);
    let mut rest = text;
    for seam in seams.into_iter().rev() {
        let (before, piece) = rest.split_at(seam);
        pieces.push(piece);
        rest = before;
    }
    pieces.push(rest);
    pieces.reverse();
    pieces
}

/// Broad letters need more room than their number says.
fn fits(word: &str, longest: usize) -> bool {
    if word.len() <= SHORT {
        return true;
    }
    let count = word.graphemes(true).count();
    let broad = word.chars().filter(|c| matches!(c, 'A'..='Z' | 'А'..='Я' | 'm' | 'w' | '@' | '%')).count();
    count <= SHORT || (count <= longest && 2 * count + broad <= 2 * (longest + CRUMB))
}

/// A word in parts, each with the signs at its end that join it to the next.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    const JOINTS: [char; 12] = ['/', '-', '_', ':', '=', ',', ';', '@', '?', '&', '+', '}'];
    let mut rest = word;
    std::iter::from_fn(move || {
        let letters = rest.find(JOINTS).unwrap_or(rest.len());
        let end = letters + rest[letters..].find(|c| !JOINTS.contains(&c)).unwrap_or(rest.len() - letters);
        let (part, behind) = rest.split_at(end);
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::{NARROW, WIDE, pieces};

    #[test]
    fn what_fits_stays_whole() {
        for text in ["", " ", "  led by blanks", "ssh.service", "a short line of words", "net.core.somaxc"] {
            assert_eq!(pieces(text, NARROW), [text]);
        }
        assert_eq!(pieces("max_connections_total", WIDE), ["max_connections_total"]);
    }

    #[test]
    fn a_long_word_breaks_behind_its_joints_and_then_anywhere() {
        for (text, broken) in [
            ("in /etc/sysctl.d/60-plumbline.conf now", "in /|etc/|sysctl.d/|60-|plumbline.conf now"),
            ("PasswordAuthentication=no", "Pas|swo|rdA|uth|ent|ica|tio|n=|no"),
            ("two-very-long-words and-another-long-one", "two-|very-|long-|words and-|another-|long-|one"),
        ] {
            assert_eq!(pieces(text, NARROW).join("|"), broken);
            assert_eq!(pieces(text, NARROW).concat(), text);
        }
    }

    /// A letter and the marks upon it are one sign, which nothing tears.
    #[test]
    fn marks_stay_with_their_letters() {
        let accents = "e\u{301}".repeat(20);
        assert!(pieces(&accents, NARROW).iter().all(|piece| piece.starts_with('e')));
        assert_eq!(pieces(&"e\u{301}".repeat(10), NARROW).len(), 1);
    }

    #[test]
    fn broad_letters_need_more_room() {
        assert_eq!(pieces("lllllllllllllll", NARROW).len(), 1);
        assert_eq!(pieces("WWWWWWWWWWWWWWW", NARROW).len(), 5);
    }
}
