//! Against a real sshd that the test starts as this user on 127.0.0.1: keys, host keys, many scripts at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod sshd;

use remote::{
    AnswerWith, Elevate, Event, Fault, Job, Limits, Method, NoAnswers, Options, Remote as _, Running, Secret, Ssh,
    Target,
};
use sshd::{Sshd, keygen};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Setup {
    sshd: Sshd,
    home: tempfile::TempDir,
}

impl Setup {
    fn new(config: &str) -> Self {
        Setup { sshd: Sshd::start(config), home: tempfile::tempdir().unwrap() }
    }

    fn target(&self) -> Target {
        let mut target = Target::new("127.0.0.1", self.sshd.port);
        target.identity.files = vec![self.sshd.key.clone()];
        target
    }

    fn options(&self) -> Options {
        Options {
            known_hosts: vec![],
            methods: vec![Method::KeyFile],
            pace: Default::default(),
            ..Options::new(self.home.path())
        }
    }

    fn trusting(&self) -> Options {
        Options { trust: vec![self.sshd.fingerprint()], ..self.options() }
    }

    async fn connect(&self) -> Ssh {
        Ssh::connect(&self.target(), &self.trusting(), Arc::new(NoAnswers)).await.unwrap()
    }
}

async fn until_output(running: &mut Running) {
    loop {
        match running.events.recv().await {
            Some(Event::Stdout(_)) => return,
            Some(Event::Started { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_then_known_then_changed() {
    let mut setup = Setup::new("");
    let first = Ssh::connect(&setup.target(), &setup.options(), Arc::new(NoAnswers)).await.unwrap_err();
    let Fault::HostKeyFirst { shown } = first.fault() else { panic!("{first:?}") };
    assert_eq!(shown.fingerprint(), setup.sshd.fingerprint());
    assert!(
        !setup.sshd.log().contains("userauth-request"),
        "no sign-in before the key is judged:\n{}",
        setup.sshd.log()
    );

    let wrong = Options { trust: vec!["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".into()], ..setup.options() };
    let error = Ssh::connect(&setup.target(), &wrong, Arc::new(NoAnswers)).await.unwrap_err();
    assert_eq!(error.code(), "host-key-not-the-one");

    let ssh = setup.connect().await;
    assert_eq!(ssh.start(Job::new("echo hello; echo there >&2; exit 7")).output().await.unwrap().code, 7);
    drop(ssh);
    // Pinned now: no trust is needed again.
    let again = Ssh::connect(&setup.target(), &setup.options(), Arc::new(NoAnswers)).await.unwrap();
    assert!(again.server().known_from.contains("known_hosts:1"), "{:?}", again.server());
    drop(again);

    setup.sshd.swap_host_key();
    // Even the old fingerprint in `trust`, and a wrong one in `replace`, do not open a changed server.
    let options =
        Options { replace: Some("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".into()), ..setup.trusting() };
    let error = Ssh::connect(&setup.target(), &options, Arc::new(NoAnswers)).await.unwrap_err();
    assert!(matches!(error.fault(), Fault::HostKeyChanged { .. }), "{error:?}");
    assert!(!setup.sshd.log().contains("userauth-request"), "no sign-in to a changed server:\n{}", setup.sshd.log());
    let replacing = Options { replace: Some(setup.sshd.fingerprint()), ..setup.options() };
    Ssh::connect(&setup.target(), &replacing, Arc::new(NoAnswers)).await.unwrap();
    assert!(setup.sshd.log().contains("userauth-request"), "the check above can see a sign-in");
    Ssh::connect(&setup.target(), &setup.options(), Arc::new(NoAnswers)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_is_clean_and_whole() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let out = ssh.start(Job::new("printf 'a\\nb'; printf 'c' >&2; exit 3")).output().await.unwrap();
    assert_eq!((out.stdout.as_slice(), out.stderr.as_slice(), out.code), (&b"a\nb"[..], &b"c"[..], 3));
    // 4 MB of stderr beside 4 MB of stdout: neither stalls the other.
    let big = "i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2; i=$((i+1)); done";
    let out = ssh.start(Job::new(big)).output().await.unwrap();
    assert_eq!((out.stdout.len(), out.stderr.len()), (4 << 20, 4 << 20));
    // A script of 8 MB, far beyond any window, while the server prints too.
    let mut script = b"echo begin\n".to_vec();
    while script.len() < 8 << 20 {
        script.extend_from_slice(
            b"# a comment of some length, to fill the window of the channel and the buffers of the socket\n",
        );
    }
    script.extend_from_slice(b"echo end\n");
    let out = ssh.start(Job::new(script)).output().await.unwrap();
    assert_eq!(out.stdout, b"begin\nend\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let began = Instant::now();
    let running: Vec<_> = (0..8).map(|n| ssh.start(Job::new(format!("sleep 1; echo {n}")))).collect();
    for (n, running) in running.into_iter().enumerate() {
        assert_eq!(running.output().await.unwrap().stdout, format!("{n}\n").into_bytes());
    }
    // One after the other would take eight.
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_the_server_allows_at_once() {
    let setup = Setup::new("MaxSessions 2");
    let ssh = setup.connect().await;
    let running: Vec<_> = (0..6).map(|n| ssh.start(Job::new(format!("sleep 0.3; echo {n}")))).collect();
    for (n, running) in running.into_iter().enumerate() {
        assert_eq!(running.output().await.unwrap().stdout, format!("{n}\n").into_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_job_ends_it_and_nothing_else() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let flag = setup.home.path().join("alive");
    let script = format!("while :; do date +%N > {}; echo x || exit; sleep 0.1; done", flag.display());
    let mut running = ssh.start(Job::new(script));
    until_output(&mut running).await;
    drop(running);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let then = std::fs::read(&flag).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(then, std::fs::read(&flag).unwrap(), "the script still runs");
    assert_eq!(ssh.start(Job::new("echo ok")).output().await.unwrap().stdout, b"ok\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_has_a_limit() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let began = Instant::now();
    let error = ssh.start(Job::new("echo a; sleep 60").silence(Duration::from_secs(1))).output().await.unwrap_err();
    assert_eq!(error.code(), "no-sign-of-life");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_up_nobody_else() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let mut slow = ssh.start(Job::new("head -c 30000000 /dev/zero").silence(Duration::from_secs(2)));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(ssh.start(Job::new("echo ok")).output().await.unwrap().stdout, b"ok\n");
    let mut count = 0;
    loop {
        match slow.events.recv().await.unwrap() {
            Event::Stdout(bytes) => count += bytes.len(),
            Event::Exit { code } => break assert_eq!(code, 0),
            Event::Started { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(count, 30_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_ends_is_typed() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let mut running = ssh.start(Job::new("echo up; sleep 60"));
    until_output(&mut running).await;
    setup.sshd.kill_sessions();
    let error = running.output().await.unwrap_err();
    assert!(matches!(error.fault(), Fault::ConnectionLost { silent: false }), "{error:?}");
    assert_eq!(ssh.start(Job::new("echo ok")).output().await.unwrap_err().code(), "connection-lost");
    assert_eq!(ssh.ended().unwrap().code(), "connection-lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_line_that_ends_is_noticed() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    setup.sshd.kill_sessions();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ssh.ended().map(|e| e.code()), Some("connection-lost"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_falls_silent_is_typed() {
    let setup = Setup::new("");
    let options = Options { limits: Limits { lost: Duration::from_secs(3), ..Limits::default() }, ..setup.trusting() };
    let ssh = Ssh::connect(&setup.target(), &options, Arc::new(NoAnswers)).await.unwrap();
    let mut running = ssh.start(Job::new("echo up; sleep 60"));
    until_output(&mut running).await;
    let began = Instant::now();
    // A stopped server answers nothing and closes nothing, like a cut cable.
    setup.sshd.stop_sessions();
    let error = running.output().await.unwrap_err();
    assert!(matches!(error.fault(), Fault::ConnectionLost { silent: true }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_format() {
    let setup = Setup::new("");
    let folder = setup.home.path();
    let mut tried = 0;
    for kind in [
        &["-t", "ed25519"][..],
        &["-t", "rsa", "-b", "2048"],
        &["-t", "rsa", "-b", "4096"],
        &["-t", "ecdsa", "-b", "256"],
        &["-t", "ecdsa", "-b", "384"],
        &["-t", "ecdsa", "-b", "521"],
    ] {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            for passphrase in ["", "correct horse"] {
                let file = folder.join(format!("key{tried}"));
                // ssh-keygen writes Ed25519 in its own format whatever it is asked for.
                keygen(&file, &[kind, &["-m", format, "-N", passphrase]].concat());
                setup.sshd.authorize(&file);
                let mut target = setup.target();
                target.identity.files = vec![file.clone()];
                let asker = Arc::new(AnswerWith(move |_| Some(vec![Secret::from(passphrase)])));
                let options = Options { pace: Default::default(), ..setup.trusting() };
                let label = format!("{kind:?} {format} {passphrase:?}");
                let ssh = Ssh::connect(&target, &options, asker).await.unwrap_or_else(|e| panic!("{label}: {e:?}"));
                assert_eq!(ssh.server().signed_in_by, format!("key {}", file.display()));
                tried += 1;
                if !passphrase.is_empty() {
                    let options = Options { pace: Default::default(), ..setup.trusting() };
                    let wrong = Arc::new(AnswerWith(|_| Some(vec![Secret::from("wrong")])));
                    let error = Ssh::connect(&target, &options, wrong).await.unwrap_err();
                    assert_eq!(error.code(), "passphrase-wrong", "{label} {error:?}");
                    let options = Options { pace: Default::default(), ..setup.trusting() };
                    let error = Ssh::connect(&target, &options, Arc::new(NoAnswers)).await.unwrap_err();
                    assert_eq!(error.code(), "passphrase-missing", "{label}");
                }
            }
        }
    }
    assert_eq!(tried, 36);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_refused() {
    let setup = Setup::new("");
    let stranger = setup.home.path().join("stranger");
    keygen(&stranger, &["-t", "ed25519", "-N", ""]);
    let mut target = setup.target();
    target.identity.files = vec![stranger, setup.home.path().join("nothing")];
    let error = Ssh::connect(&target, &setup.trusting(), Arc::new(NoAnswers)).await.unwrap_err();
    assert_eq!(error.code(), "key-refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn root_needs_no_sudo() {
    let setup = Setup::new("");
    let ssh = setup.connect().await;
    let out = ssh.start(Job::new("id -u").elevate(Elevate::IfPossible)).output().await.unwrap();
    let root = std::env::var("USER").is_ok_and(|u| u == "root") || out.stdout == b"0\n";
    assert!(!root || out.privilege.is_root(), "{out:?}");
}
