//! Requirement files that people bring: what they can add without a line of Rust, and what is said when they are wrong.
#![expect(clippy::expect_used, reason = "a test may stop where it stands, in its own helpers too")]

use profiles::{Problem, RoleChoice, catalog, parse};
use proptest::prelude::*;

/// A small product of its own.
const WIKI: &str = r#"schema = 1
product = "wiki"
title = "Wiki"
purpose = "Write things down together."
verified = "2026-11-20"

[[document]]
id = "handbook"
title = "Our handbook"

[[role]]
id = "server"
title = "Server"
purpose = "Serves the pages."
size = "1 core, 1 GB"
scale = { of = "users", min = 1, max = 500, default = 10, ticks = [10, 100] }

[[need]]
id = "memory"
title = "Memory"
area = "hardware"
severity = "required"
why = "Pages are kept in memory."
source = { section = "Sizes" }
key = "memory.total"
at_least = { of = "users", least = "1 GB", each = "1 GB", per = 100 }
"#;

/// The wiki with one text replaced, and what is wrong with it.
fn problems(from: &str, to: &str) -> Vec<Problem> {
    assert!(WIKI.contains(from), "{from}");
    parse("wiki.toml", &WIKI.replacen(from, to, 1)).expect_err(to)
}

#[track_caller]
fn says(from: &str, to: &str, line: usize, message: &str, hint: &str) {
    let problems = problems(from, to);
    let found = problems.iter().any(|p| p.line == line && p.message.contains(message) && p.hint.contains(hint));
    assert!(found, "wanted line {line}: {message} ({hint}); got:\n{}", show(&problems));
}

fn show(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_product_of_ones_own_is_used_like_a_built_in_one() {
    let mut catalog = catalog().clone();
    catalog.add("wiki.toml", parse("wiki.toml", WIKI).expect("the wiki")).expect("a new product");
    let needs = catalog.needs(&"wiki/server?users=250".parse().expect("a role")).expect("needs");
    assert_eq!(needs.len(), 1);
    assert_eq!(needs[0].id, "wiki.memory");
    assert_eq!(needs[0].arithmetic.as_deref(), Some("3 GB: 1 per 100 users, at least 1"));
    assert!(catalog.roles().iter().any(|role| role.to_string() == "wiki/server?users=10"));
    // No need of it is marked for the lines beside the choice, so the first ones stand there.
    let lines = catalog.headlines(&"wiki/server?users=250".parse().expect("a role")).expect("headlines");
    assert_eq!(
        lines.iter().map(|line| (line.title.as_str(), line.value.as_str())).collect::<Vec<_>>(),
        [("Memory", "3")]
    );
}

#[test]
fn a_requirement_is_added_to_a_built_in_role_by_one_entry() {
    let entry = r#"schema = 1
adds_to = "dusk"
verified = "2026-11-20"

[[document]]
id = "ours"
title = "Rules of our company"

[[need]]
id = "company.swap"
roles = ["provisioner"]
title = "A swap file"
area = "system"
severity = "required"
why = "We want one on every server."
source = { section = "Servers" }
key = "swap.total"
at_least = "2 GB"
"#;
    let mut catalog = catalog().clone();
    let before = catalog.needs(&"dusk/provisioner".parse().expect("a role")).expect("needs").len();
    catalog.add("ours.toml", parse("ours.toml", entry).expect("our rules")).expect("added");
    let needs = catalog.needs(&"dusk/provisioner".parse().expect("a role")).expect("needs");
    assert_eq!(needs.len(), before + 1);
    let ours = needs.iter().find(|need| need.id == "dusk.company.swap").expect("our need");
    assert_eq!((ours.needed_text().as_str(), ours.source.document.as_str()), ("2 GB", "Rules of our company"));
    let archiver = catalog.needs(&"dusk/archiver".parse().expect("a role")).expect("needs");
    assert!(archiver.iter().all(|need| need.id != "dusk.company.swap"));
    // The same file twice is refused, and so is one for a product or role that is not there.
    assert!(catalog.add("ours.toml", parse("ours.toml", entry).expect("our rules")).is_err());
    let other = entry.replace("provisioner", "provisoner").replace("company.swap", "other");
    assert!(catalog.add("ours.toml", parse("ours.toml", &other).expect("our rules")).is_err());
    let nobody = entry.replace("adds_to = \"dusk\"", "adds_to = \"dsk\"");
    assert!(catalog.add("ours.toml", parse("ours.toml", &nobody).expect("our rules")).is_err());
    assert!(catalog.add("wiki.toml", parse("d.toml", &WIKI.replace("\"wiki\"", "\"dusk\"")).expect("a file")).is_err());
}

#[test]
fn a_condition_on_an_option_that_a_role_lacks_does_not_hold() {
    let option = "[[option]]\nid = \"store\"\ntitle = \"Store\"\ndefault = \"disk\"\nroles = [\"other\"]\nchoice = [{ id = \"disk\", title = \"Disk\" }]\n\n[[role]]\nid = \"other\"\ntitle = \"Other\"\npurpose = \"Keeps pages.\"\nsize = \"1 core\"\n\n[[need]]";
    let more = "\n[[need]]\nid = \"swap\"\nlike = \"memory\"\nkey = \"swap.total\"\nat_least = \"1 GB\"\nwhen = { store = \"disk\" }\n";
    let text = format!("{}{more}", WIKI.replacen("[[need]]", option, 1));
    let wiki = parse("wiki.toml", &text).expect("the wiki");
    let count = |role: &str| wiki.needs(&role.parse().expect("a role")).expect("needs").len();
    assert_eq!((count("wiki/server"), count("wiki/other")), (1, 2));
}

#[test]
fn unknown_fields_are_named_with_the_nearest() {
    says("title = \"Memory\"", "tittle = \"Memory\"", 20, "unknown field \"tittle\"", "did you mean \"title\"?");
    says("purpose = \"Serves", "porpose = \"Serves", 14, "unknown field \"porpose\"", "did you mean \"purpose\"?");
    says("schema = 1", "schema = 1\nauthor = \"me\"", 2, "unknown field \"author\"", "known fields: ");
    says("[[need]]", "[[needs]]", 18, "unknown field \"needs\"", "did you mean \"need\"?");
    says("each = \"1 GB\"", "eech = \"1 GB\"", 26, "unknown field \"eech\"", "did you mean \"each\"?");
}

#[test]
fn unknown_facts_get_a_suggestion() {
    says(
        "memory.total",
        "memory.totel",
        25,
        "there is no fact called \"memory.totel\"",
        "did you mean \"memory.total\"?",
    );
    says("memory.total", "disk.size", 25, "needs an argument", "disk.size:…");
    says("memory.total", "memory.total:x", 25, "takes no argument", "leave out the colon");
    says("memory.total", "port.allowed:{port}/tcp", 25, "cannot be the argument", "must be an option of this file");
}

#[test]
fn bounds_must_fit_the_unit_of_their_fact() {
    let amount = "at_least = { of = \"users\", least = \"1 GB\", each = \"1 GB\", per = 100 }";
    says(amount, "at_least = \"1 GHz\"", 26, "\"1 GHz\" does not fit memory.total", "a size with its unit");
    says(amount, "at_least = 4", 26, "\"4\" does not fit memory.total", "such as 4 GB");
    says(amount, "at_least = \"1 GB\"\nat_most = \"2 GB\"", 18, "one bound too many", "[[need.part]]");
    says(amount, "", 18, "does not say what the fact must be", "at_least");
    says(amount, "holds_all = [\"x\"]", 18, "is for facts that are lists", "");
    says(
        "key = \"memory.total\"\nat_least",
        "key = \"tpm.present\"\nat_least",
        26,
        "needs a quantity, and tpm.present is none",
        "equals",
    );
    says("of = \"users\", least", "of = \"people\", least", 26, "\"people\" is no scale", "workers");
    says("per = 100", "per = 0", 26, "per and servers are 1 or more", "");
    says(amount, "present = false", 18, "either true or left out", "");
}

#[test]
fn what_stands_twice_is_refused() {
    let need = &WIKI[WIKI.find("[[need]]").expect("a need")..];
    let twice = format!("{WIKI}\n{need}");
    let problems = parse("wiki.toml", &twice).expect_err("twice");
    assert!(
        problems.iter().any(|p| p.line == 28 && p.message.contains("\"memory\" stands twice")),
        "{}",
        show(&problems)
    );
    // A key of TOML that stands twice is a matter of TOML, with its line.
    says("key = \"memory.total\"", "key = \"memory.total\"\nkey = \"swap.total\"", 26, "duplicate key", "TOML");
}

#[test]
fn empty_lists_and_empty_texts_are_refused() {
    says("ticks = [10, 100]", "ticks = []", 16, "ticks is an empty list", "leave the field out");
    says("severity = \"required\"", "severity = \"required\"\nrows = []", 23, "rows is an empty list", "");
    says("title = \"Memory\"", "title = \"\"", 20, "title is empty", "");
}

#[test]
fn needs_that_lead_back_to_themselves_are_refused() {
    let one = "id = \"memory\"\nlike = \"other\"";
    let other = "\n[[need]]\nid = \"other\"\nlike = \"memory\"\n";
    let text = format!("{}{other}", WIKI.replacen("id = \"memory\"", one, 1));
    let problems = parse("wiki.toml", &text).expect_err("a loop");
    assert!(problems.iter().any(|p| p.message.contains("leads back to itself")), "{}", show(&problems));
    says(
        "id = \"memory\"",
        "id = \"memory\"\nlike = \"memry\"",
        18,
        "there is no need \"memry\"",
        "did you mean \"memory\"?",
    );
}

#[test]
fn a_role_without_needs_is_refused() {
    let role = "[[role]]\nid = \"empty\"\ntitle = \"Empty\"\npurpose = \"Nothing.\"\nsize = \"none\"\n\n[[need]]\nroles = [\"server\"]";
    says("[[need]]", role, 1, "role empty needs nothing", "would call every server ready");
    says(
        "severity = \"required\"",
        "severity = \"required\"\nroles = [\"sever\"]",
        18,
        "there is no role \"sever\"",
        "did you mean \"server\"?",
    );
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    says("severity = \"required\"", "severity = \"mandatory\"", 18, "severity cannot be \"mandatory\"", "required");
    says("area = \"hardware\"", "area = \"hardwear\"", 18, "area cannot be \"hardwear\"", "did you mean \"hardware\"?");
    says("source = { section", "source = { document = \"x\", section", 24, "there is no document x", "[[document]]");
    says(
        "severity = \"required\"",
        "severity = \"required\"\nchange = \"swap.on\"",
        18,
        "there is no change \"swap.on\"",
        "[[change]]",
    );
    says(
        "severity = \"required\"",
        "severity = \"required\"\nwhen = { db = \"x\" }",
        23,
        "there is no option \"db\"",
        "[[option]]",
    );
    says("verified = \"2026-11-20\"", "verified = \"today\"", 1, "verified is no day", "2026-11-20");
    says("schema = 1", "schema = 2", 1, "schema is not known here", "schema = 1");
    says("min = 1,", "min = 20,", 16, "lie between min and max", "");
}

#[test]
fn one_reading_names_every_problem() {
    let text = WIKI
        .replace("memory.total", "memory.totel")
        .replace("tittle", "")
        .replace("purpose = \"Serves", "porpose = \"Serves");
    let lines: Vec<usize> = parse("wiki.toml", &text).expect_err("two problems").iter().map(|p| p.line).collect();
    assert!(lines.contains(&14) && lines.contains(&25), "{lines:?}");
}

proptest! {
    #[test]
    fn no_file_can_stop_the_reader(text in "\\PC{0,400}") {
        let _ = parse("any.toml", &text);
    }

    /// A good file with a piece cut out or doubled: read or refused, never a panic, and every problem has a line of the file.
    #[test]
    fn a_damaged_file_is_refused_with_lines(from in 0usize..700, length in 0usize..60, double in any::<bool>()) {
        let text = WIKI;
        let (from, to) = (from.min(text.len()), (from + length).min(text.len()));
        prop_assume!(text.is_char_boundary(from) && text.is_char_boundary(to));
        let damaged = if double {
            format!("{}{}{}", &text[..to], &text[from..to], &text[to..])
        } else {
            format!("{}{}", &text[..from], &text[to..])
        };
        if let Err(problems) = parse("wiki.toml", &damaged) {
            prop_assert!(!problems.is_empty());
            let lines = damaged.lines().count() + 1;
            prop_assert!(problems.iter().all(|p| (1..=lines).contains(&p.line)));
        }
    }

    #[test]
    fn a_role_id_reads_as_it_prints(product in "[a-z][a-z0-9-]{0,9}", role in "[a-z][a-z0-9-]{0,9}", users in 1u32..1_000_000, port in 1u16..) {
        let text = format!("{product}/{role}?users={users}&web_port={port}");
        let choice: RoleChoice = text.parse().expect("a role id");
        prop_assert_eq!(choice.to_string(), text);
    }

    #[test]
    fn no_text_can_stop_the_reader_of_role_ids(text in "\\PC{0,60}") {
        if let Ok(choice) = text.parse::<RoleChoice>() {
            prop_assert_eq!(choice.to_string().parse::<RoleChoice>().expect("again"), choice);
        }
    }

    /// More workers never need less, and what is comfortable is never below what is required.
    #[test]
    fn needs_of_a_prover_only_grow(workers in 1u32..64) {
        let of = |workers: u32| profiles::needs(&format!("dusk/prover?workers={workers}").parse().expect("a role")).expect("needs");
        for (small, large) in of(workers).iter().zip(of(workers + 1)) {
            for (small, large) in small.parts.iter().zip(&large.parts) {
                if let (profiles::Bound::AtLeast(small_value), profiles::Bound::AtLeast(large_value)) = (&small.bound, &large.bound) {
                    let (a, b) = (profiles::magnitude(small_value), profiles::magnitude(large_value));
                    prop_assert!(a <= b);
                    if let Some(comfortable) = &large.comfortable {
                        prop_assert!(profiles::magnitude(comfortable) >= b);
                    }
                }
            }
        }
    }

    /// What is written with a unit is read back from its own words, for round figures.
    #[test]
    fn a_size_reads_as_it_is_said(gb in 1u64..999) {
        for kind in [facts::Kind::MemoryTotal, facts::Kind::DiskSize] {
            let value = profiles::value_of(kind, &format!("{gb} GB")).expect("a size");
            prop_assert_eq!(profiles::say(&value, kind).text, format!("{gb} GB"));
        }
    }
}
