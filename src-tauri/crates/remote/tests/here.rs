//! This computer and recordings: the same contract as a server.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use remote::{Elevate, End, Event, Job, Local, NotRoot, Privilege, Recorded, Remote as _, Take};
use std::time::{Duration, Instant};

#[tokio::test]
async fn this_computer() {
    let out = Local.start(Job::new("echo out; echo err >&2; exit 5")).output().await.unwrap();
    assert_eq!((out.stdout.as_slice(), out.stderr.as_slice(), out.code), (&b"out\n"[..], &b"err\n"[..], 5));
    assert_eq!(out.privilege, Privilege::User(NotRoot::NotAsked));
    let big = "i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2; i=$((i+1)); done";
    let out = Local.start(Job::new(big)).output().await.unwrap();
    assert_eq!((out.stdout.len(), out.stderr.len()), (4 << 20, 4 << 20));
    let wished = Local.start(Job::new("id -u").elevate(Elevate::IfPossible)).output().await.unwrap();
    assert_eq!(wished.privilege.is_root(), wished.stdout == b"0\n");
    let killed = Local.start(Job::new("kill -9 $$")).output().await.unwrap_err();
    assert_eq!(killed.code(), "script-killed");
}

#[tokio::test]
async fn silence_and_stopping() {
    let began = Instant::now();
    let error = Local.start(Job::new("echo; sleep 60").silence(Duration::from_secs(1))).output().await.unwrap_err();
    assert_eq!(error.code(), "no-sign-of-life");
    let folder = tempfile::tempdir().unwrap();
    let flag = folder.path().join("alive");
    let mut running =
        Local.start(Job::new(format!("while :; do date +%N >{}; echo x; sleep 0.05; done", flag.display())));
    while !matches!(running.events.recv().await.unwrap(), Event::Stdout(_)) {}
    drop(running);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let then = std::fs::read(&flag).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(then, std::fs::read(&flag).unwrap());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn recordings() {
    let take = |has: &str, out: &str| Take {
        script_has: has.to_owned(),
        privilege: Privilege::Sudo,
        stdout: out.into(),
        stderr: vec![],
        end: End::Exit(0),
    };
    let machine = Recorded::new(vec![take("probe", "one"), take("apply", "two")]);
    assert_eq!(machine.start(Job::new("# apply")).output().await.unwrap().stdout, b"two");
    assert_eq!(machine.start(Job::new("# else")).output().await.unwrap_err().code(), "internal");
    assert_eq!(machine.jobs().len(), 2);
}
