//! What people said about a server counts in later walks as well, until they say something else.
#![cfg(unix)]

use checks::Verdict;
use remote::NoAnswers;
use session::store::Store;
use session::{Aim, Session, WalkAnswers, history};
use std::error::Error;
use std::sync::Arc;

type Any<T> = Result<T, Box<dyn Error>>;

const ONE_KEY: &str = "dusk.one-key";

/// A walk of this computer: looks, says something where there is something to say, and gives the verdict of the need.
async fn walk(store: &Store, says: Option<Option<bool>>) -> Any<(Verdict, String)> {
    let catalog = Arc::new(profiles::catalog().clone());
    let mut session = Session::here(catalog, Arc::new(WalkAnswers::new(Arc::new(NoAnswers))));
    history::recall_words(&mut session, store)?;
    session.examine("dusk/archiver".parse()?, Aim::Judge, &mut |_| {}).await?;
    if let Some(yes) = says {
        session.give_word(ONE_KEY, yes, "Mara");
        history::keep_words(&session, store)?;
    }
    let findings = &session.examination().ok_or("nothing was read")?.findings;
    let finding = findings.iter().find(|finding| finding.id == ONE_KEY).ok_or("no such need")?;
    Ok((finding.verdict, finding.sentence.clone()))
}

#[tokio::test]
async fn an_answer_counts_until_another_is_given() -> Any<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::at(folder.path().join("plumbline"))?;
    assert_eq!(walk(&store, None).await?.0, Verdict::YouConfirm);
    assert_eq!(walk(&store, Some(Some(true))).await?.0, Verdict::Met);
    let (verdict, sentence) = walk(&store, None).await?;
    assert_eq!(verdict, Verdict::Met);
    assert!(sentence.contains("says Mara"), "{sentence}");
    assert_eq!(walk(&store, Some(Some(false))).await?.0, Verdict::Missing);
    assert_eq!(walk(&store, None).await?.0, Verdict::Missing);
    // "Later" takes it back
    assert_eq!(walk(&store, Some(None)).await?.0, Verdict::YouConfirm);
    assert_eq!(walk(&store, None).await?.0, Verdict::YouConfirm);
    walk(&store, Some(Some(true))).await?;
    store.forget("here")?;
    assert_eq!(walk(&store, None).await?.0, Verdict::YouConfirm);
    Ok(())
}

/// Whether the need is set aside when this computer is looked at, after saying something about that.
async fn aside(store: &Store, says: impl FnOnce(&mut Session)) -> Any<Option<(String, String)>> {
    let catalog = Arc::new(profiles::catalog().clone());
    let mut session = Session::here(catalog, Arc::new(WalkAnswers::new(Arc::new(NoAnswers))));
    history::recall_words(&mut session, store)?;
    session.examine("dusk/archiver".parse()?, Aim::Judge, &mut |_| {}).await?;
    says(&mut session);
    history::keep_words(&session, store)?;
    let examination = session.examination().ok_or("nothing was read")?;
    let finding = examination.findings.iter().find(|finding| finding.id == ONE_KEY).ok_or("no such need")?;
    assert_eq!(examination.counts.waived, u32::from(finding.waiver.is_some()), "counted apart");
    Ok(finding.waiver.as_ref().map(|waiver| (waiver.reason.clone(), waiver.name.clone())))
}

#[tokio::test]
async fn a_need_is_set_aside_until_it_is_taken_up_again() -> Any<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::at(folder.path().join("plumbline"))?;
    let said = Some(("moved next month".to_owned(), "Mara".to_owned()));
    assert_eq!(aside(&store, |session| session.set_aside(ONE_KEY, "moved next month", "Mara", 30)).await?, said);
    let holds = |session: &mut Session| {
        let waived = session.examination().map(|examination| examination.counts.waived);
        assert_eq!(waived, Some(1), "it holds for a later walk");
        session.take_up_again(ONE_KEY);
    };
    assert_eq!(aside(&store, holds).await?, None);
    assert_eq!(aside(&store, |_| {}).await?, None);
    Ok(())
}
