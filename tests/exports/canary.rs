//! A secret that was typed, and one that lies on the server beside what we write, are in no form that leaves the app.

use crate::plumb::Plumb;
use anyhow::{Result, ensure};
use lab::Nspawn;
use std::path::Path;
use std::process::Command;

const TYPED: &str = "canary-typed-7f3a91";
const LYING: &str = "canary-lying-5b20c4";

#[test]
fn no_form_that_leaves_the_app_holds_a_secret() -> Result<()> {
    lab::slow!();
    let server = lab::need!(Nspawn::new("bookworm").with(&["postgresql"]).start());
    server.must(&format!(
        "echo 'op:{TYPED}' | chpasswd; mkdir -p /etc/sysctl.d /etc/security/limits.d\n\
         for file in /etc/fstab /etc/sysctl.d/zz-plumbline.conf /etc/security/limits.d/zz-plumbline.conf; do echo '# {LYING}' >>$file; done"
    ))?;
    let plumb = Plumb::new()?;
    let known = plumb.know(&server, &server.host_key)?.to_string_lossy().into_owned();
    let host = format!("op@{}:{}", server.host, server.port);
    let check = plumb.file("check.json");
    let place = ["--host", &host, "--known-hosts", &known, "--password-fd", "3", "--sudo-password-fd", "4"];
    let call = ["check", "--role", "reforms/small?users=24", "--json", &check.to_string_lossy()];
    let said = plumb.call(&[&call[..], &place].concat(), &[TYPED, TYPED])?;
    ensure!(matches!(said.code, 0..=2), "exit {}: {}", said.code, said.err);
    let text = std::fs::read_to_string(&check)?;
    ensure!(text.contains("sysctl.buffers") && text.contains("limits.files"), "the plan is not whole: {}", said.err);
    holds_none("check.json", text.as_bytes())?;
    holds_none("the words of plumb", format!("{}{}", said.out, said.err).as_bytes())?;
    for form in ["ansible", "shell", "json", "junit", "csv", "pdf", "note", "monitoring"] {
        let out = plumb.file(form);
        let call = ["export", form, "--from", &check.to_string_lossy(), "--out", &out.to_string_lossy()];
        plumb.call(&call, &[])?.ended(0)?;
        let files = if out.is_dir() {
            std::fs::read_dir(&out)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?
        } else {
            vec![out]
        };
        for file in files {
            holds_none(form, &std::fs::read(&file)?)?;
            if form == "pdf" {
                holds_none("the text of the pdf", &text_of(&file)?)?;
            }
        }
    }
    Ok(())
}

fn text_of(pdf: &Path) -> Result<Vec<u8>> {
    Ok(Command::new("pdftotext").arg(pdf).arg("-").output()?.stdout)
}

fn holds_none(what: &str, bytes: &[u8]) -> Result<()> {
    for secret in [TYPED, LYING] {
        let held = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        ensure!(!held, "{what} holds {secret}");
    }
    Ok(())
}
