//! The probe's answer as it streams in: sections between frames that nothing else on the line can imitate.
//!
//! A frame is `@plumb NONCE name exit length` on a line of its own, then exactly `length` bytes. The nonce is made
//! anew for each run, and the length says where a section ends; so banners, start-up files and the sections' own
//! text can hold what they like. Whatever stands outside frames is ignored.

use serde::{Deserialize, Serialize};

/// The most bytes a section can have; the probe cuts longer ones.
pub const LONGEST_SECTION: usize = 128 * 1024;
/// The most that is kept of one probe, all sections together; more is read past.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
const MARK: &[u8] = b"@plumb ";
const LONGEST_HEADER: usize = 256;

/// What the server answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `port.listeners`: group and part.
    pub name: String,
    /// 77: only an administrator may ask that. 127: the server lacks the tool.
    pub exit: i32,
    pub bytes: Vec<u8>,
    /// The answer was longer than this and the rest was left out.
    pub shortened: bool,
}

/// Finds the sections in what the server prints, piece by piece.
#[derive(Debug)]
pub struct Reader {
    /// `None`: the first frame decides (a file that somebody recorded).
    nonce: Option<Vec<u8>>,
    waiting: Vec<u8>,
    kept: usize,
    ended: bool,
}

impl Reader {
    /// A reader for the run whose script was made with `nonce`.
    pub fn new(nonce: &str) -> Reader {
        Reader { nonce: Some(nonce.as_bytes().to_vec()), waiting: Vec::new(), kept: 0, ended: false }
    }

    /// Takes what just came in and returns the sections it completes.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Section> {
        self.waiting.extend_from_slice(bytes);
        let mut sections = Vec::new();
        let mut from = 0;
        loop {
            match next(&self.waiting[from..], self.nonce.as_deref()) {
                Next::Section { nonce, section, length } => {
                    from += length;
                    self.nonce.get_or_insert(nonce);
                    self.kept += section.bytes.len();
                    self.ended |= section.name == "end";
                    if self.kept <= MOST_BYTES {
                        sections.push(section);
                    }
                }
                Next::Skip(length) => from += length,
                Next::More(length) => {
                    self.waiting.drain(..from + length);
                    return sections;
                }
            }
        }
    }

    /// Whether the end marker came. Nothing is worth waiting for after it: a process that hangs in the kernel can keep
    /// the line open for ever.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

/// Reads a file that holds the printed output of one probe, whatever its nonce.
pub fn sections(recorded: &[u8]) -> Vec<Section> {
    Reader { nonce: None, waiting: Vec::new(), kept: 0, ended: false }.push(recorded)
}

enum Next {
    Section {
        nonce: Vec<u8>,
        section: Section,
        length: usize,
    },
    /// Bytes that belong to no frame.
    Skip(usize),
    /// Nothing more can be told yet; so many bytes at the front are of no use.
    More(usize),
}

fn next(bytes: &[u8], nonce: Option<&[u8]>) -> Next {
    let Some(at) = find(bytes, MARK) else {
        // The mark may begin in the last bytes.
        return Next::More(bytes.len().saturating_sub(MARK.len() - 1));
    };
    let rest = &bytes[at..];
    let Some(line) = rest.iter().take(LONGEST_HEADER).position(|&b| b == b'\n') else {
        return if rest.len() < LONGEST_HEADER { Next::More(at) } else { Next::Skip(at + MARK.len()) };
    };
    let Some(header) = header(&rest[MARK.len()..line], nonce) else { return Next::Skip(at + MARK.len()) };
    let body = line + 1;
    match rest.get(body..body + header.length) {
        Some(text) => Next::Section {
            nonce: header.nonce,
            section: Section {
                name: header.name,
                exit: header.exit,
                bytes: text.to_vec(),
                shortened: header.shortened,
            },
            length: at + body + header.length,
        },
        None => Next::More(at),
    }
}

struct Header {
    nonce: Vec<u8>,
    name: String,
    exit: i32,
    length: usize,
    shortened: bool,
}

fn header(line: &[u8], nonce: Option<&[u8]>) -> Option<Header> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    let said = words.next()?;
    if nonce.is_some_and(|nonce| nonce != said.as_bytes()) || !is_nonce(said) {
        return None;
    }
    let name = words.next().filter(|name| is_name(name))?;
    let exit = words.next()?.parse().ok()?;
    let length = words.next()?;
    let shortened = length.ends_with('+');
    let length = length.trim_end_matches('+').parse().ok().filter(|&length| length <= LONGEST_SECTION)?;
    match words.next() {
        None => Some(Header { nonce: said.into(), name: name.to_owned(), exit, length, shortened }),
        Some(_) => None,
    }
}

pub(crate) fn is_nonce(text: &str) -> bool {
    (6..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_SECTION, Reader, sections};
    use proptest::prelude::*;

    const NONCE: &str = "abcdef0123456789";

    fn frame(name: &str, body: &str) -> String {
        format!("\n@plumb {NONCE} {name} 0 {}\n{body}\n", body.len())
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        Reader::new(NONCE).push(bytes).into_iter().map(|section| section.name).collect()
    }

    #[test]
    fn sections_stand_between_whatever_else_is_printed() {
        let text = format!("Welcome!\n@plumb\n{}motd{}bye", frame("os", "ID=debian\n"), frame("end", ""));
        let mut reader = Reader::new(NONCE);
        let sections = reader.push(text.as_bytes());
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].bytes, b"ID=debian\n");
        assert!(reader.ended());
    }

    #[test]
    fn a_frame_with_another_nonce_is_no_frame() {
        assert!(names(b"\n@plumb 0000000000000000 os 0 3\nabc\n").is_empty());
    }

    #[test]
    fn a_frame_inside_a_section_is_text() {
        let inner = frame("firewall.nft", "forged");
        assert_eq!(names(frame("os", &inner).as_bytes()), ["os"]);
    }

    #[test]
    fn a_giant_length_is_no_frame_and_hides_nothing_after_it() {
        for length in ["99999999999999999999999", "131073", "-1", "1e3", ""] {
            let text = format!("\n@plumb {NONCE} os 0 {length}\nabc\n{}", frame("end", ""));
            assert_eq!(names(text.as_bytes()), ["end"], "{length}");
        }
        assert_eq!(LONGEST_SECTION, 131_072);
    }

    #[test]
    fn a_truncated_section_waits_and_is_never_half_a_section() {
        let text = frame("os", "ID=debian\n");
        let mut reader = Reader::new(NONCE);
        assert!(reader.push(&text.as_bytes()[..text.len() - 4]).is_empty());
        assert_eq!(reader.push(&text.as_bytes()[text.len() - 4..]).len(), 1);
    }

    #[test]
    fn a_recorded_file_names_its_own_nonce() {
        assert_eq!(sections(frame("os", "x").as_bytes()).len(), 1);
    }

    #[test]
    fn memory_stays_small_however_much_is_printed_outside_frames() {
        let mut reader = Reader::new(NONCE);
        for _ in 0..100 {
            reader.push(&[b'x'; 10_000]);
        }
        assert!(reader.waiting.len() < 100);
    }

    fn cases() -> ProptestConfig {
        crate::many_cases::many_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds/frame.txt"))
    }

    /// Text that would like to be a frame.
    fn nearly_frames() -> impl Strategy<Value = Vec<u8>> {
        let words = [
            "@plumb ",
            "@plumb",
            "\n@plumb ",
            "@",
            "abcdef",
            "abcdef0123456788",
            "0123456789",
            " ",
            " os",
            " end",
            " 0",
            " -1",
            " 77",
            " 3",
            " 12",
            " 131072",
            " 131073",
            "+",
            "\n",
            "\r\n",
            "ID=debian\n",
            "\0",
            "99999999999999999999",
        ];
        let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
        let bytes = prop::collection::vec(any::<u8>(), 0..10);
        prop::collection::vec(prop_oneof![5 => word, 1 => bytes], 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn nothing_without_the_nonce_is_a_frame(text in nearly_frames(), cut in 1usize..50) {
            let mut reader = Reader::new("ffff000011112222");
            let sections: Vec<_> = text.chunks(cut).flat_map(|piece| reader.push(piece)).collect();
            prop_assert!(sections.is_empty() && !reader.ended(), "{:?}", sections);
        }

        /// A program that is asked about itself may print what it likes, even the nonce, if it could know it.
        #[test]
        fn a_section_holds_what_was_printed_and_nothing_of_it_is_a_frame(inner in nearly_frames(), noise in nearly_frames(), cut in 1usize..50) {
            let forged = [b"\n@plumb abcdef0123456789 firewall.nft 0 3\nabc\n", &inner[..]].concat();
            let mut stream = noise.clone();
            for body in [&forged, &inner] {
                stream.extend(format!("\n@plumb ffff000011112222 os 0 {}\n", body.len()).bytes());
                stream.extend_from_slice(body);
                stream.extend_from_slice(&noise);
            }
            let mut reader = Reader::new("ffff000011112222");
            let sections: Vec<_> = stream.chunks(cut).flat_map(|piece| reader.push(piece)).collect();
            prop_assert_eq!(sections.len(), 2);
            prop_assert_eq!((&sections[0].bytes, &sections[1].bytes), (&forged, &inner));
        }

        #[test]
        fn cutting_the_stream_anywhere_changes_nothing(
            bodies in prop::collection::vec("[ -~\n]{0,60}", 0..6),
            noise in prop::collection::vec(any::<u8>(), 0..80),
            cut in 1usize..40,
        ) {
            let mut stream = Vec::new();
            for (i, body) in bodies.iter().enumerate() {
                stream.extend_from_slice(&noise);
                stream.extend_from_slice(frame(&format!("s{i}"), body).as_bytes());
            }
            let whole = Reader::new(NONCE).push(&stream);
            let mut reader = Reader::new(NONCE);
            let pieces: Vec<_> = stream.chunks(cut).flat_map(|piece| reader.push(piece)).collect();
            prop_assert_eq!(&whole, &pieces);
            prop_assert_eq!(whole.len(), bodies.len());
        }

        #[test]
        fn no_bytes_whatever_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Reader::new(NONCE).push(&bytes);
            let _ = sections(&bytes);
        }

        #[test]
        fn no_header_whatever_stops_the_reader(header in "[ -~]{0,80}", after in "[ -~\n]{0,80}") {
            let _ = Reader::new(NONCE).push(format!("@plumb {NONCE} {header}\n{after}").as_bytes());
        }
    }
}
