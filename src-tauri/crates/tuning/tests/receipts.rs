//! Yesterday's records must be read for ever: `receipts/` holds what `runs` printed for each schema there has been.

use tuning::journal::Word;
use tuning::receipt::{self, RunState};

#[test]
fn the_first_schema() {
    let receipts = receipt::read(include_bytes!("receipts/schema-1.txt"), "b2c3f00d");
    assert_eq!(receipts.len(), 3);
    let [kept, back, open] = &receipts[..] else { panic!("{receipts:#?}") };
    assert_eq!((kept.state, back.state, open.state), (RunState::Undone, RunState::PutBack, RunState::Open));
    assert_eq!(kept.manifest.changes[0].id, "sysctl.buffers");
    assert_eq!(kept.manifest.changes[0].acts[0].target, "/etc/sysctl.d/zz-plumbline.conf");
    assert!(kept.journal.iter().any(|entry| entry.word == Word::Kept));
    assert_eq!(open.left, Some(118));
    assert!(open.is_open() && !kept.is_open());
}

#[test]
fn a_record_of_tomorrow_is_read_as_far_as_it_goes() {
    let line = r#"n M {"schema":9,"id":"x","at":"2030-01-01T00:00:00Z","role":"r","changes":[],"moon":true}"#;
    let text = format!("n R confirmed 0 \n{line}\nn J 1\t5\tblessed\trun\t\nn Z x\n");
    assert_eq!(receipt::read(text.as_bytes(), "n").len(), 1);
    // a state that we do not know is no record that we may act on
    assert!(receipt::read(text.replace("confirmed", "levitating").as_bytes(), "n").is_empty());
}
