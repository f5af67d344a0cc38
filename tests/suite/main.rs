//! Every recorded server, judged for its roles, against the page that was last agreed to.
//! `cargo insta review`, or `INSTA_UPDATE=always`, takes over a new page.

use anyhow::Result;

#[test]
fn recorded_servers_get_the_findings_that_were_agreed_to() -> Result<()> {
    let mut judged = 0;
    for server in suite::servers()? {
        let case = suite::case(&server)?;
        let facts = suite::facts_of(&server, &case)?;
        let mut pages = Vec::new();
        for role in &case.roles {
            pages.push((role.clone(), suite::page(role, &case, &facts)?));
        }
        for measured in &case.measured {
            let page = suite::page_of_measured(measured, &case, &facts)?;
            pages.push((format!("{} {}", measured.role, measured.name), page));
        }
        for (name, page) in pages {
            let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            insta::with_settings!({ snapshot_path => &server, prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, page);
            });
            judged += 1;
        }
    }
    assert!(judged > 0, "no server is recorded");
    println!("{judged} pages");
    Ok(())
}

#[test]
fn recorded_servers_have_the_facts_that_were_agreed_to() -> Result<()> {
    for server in suite::servers()? {
        let case = suite::case(&server)?;
        let page = suite::facts_page(&suite::facts_of(&server, &case)?);
        insta::with_settings!({ snapshot_path => &server, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("facts", page);
        });
    }
    Ok(())
}

/// A server that was written down is probed again: its recording is what today's probe makes of it.
#[test]
#[cfg(unix)]
fn what_was_written_down_is_what_was_recorded() -> Result<()> {
    for server in suite::written_down()? {
        let recorded = std::fs::read(server.join("probe.txt"))?;
        let asked = |bytes: &[u8]| facts::frame::sections(bytes).into_iter().find(|section| section.name == "asked");
        let printed = suite::Written::read(&server)?.probe(&suite::script())?;
        if asked(&recorded) != asked(&printed) {
            println!("left out: {} was recorded when less was asked (record again)", server.display());
            continue;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&recorded), text(&printed), "{}: cargo run -p suite --example record again", server.display());
    }
    Ok(())
}

/// Servers that were written down hold secrets; the probe lets none of them out.
#[test]
fn no_recording_carries_a_secret() -> Result<()> {
    let mut written = 0;
    for server in suite::servers()? {
        let said = std::fs::read_to_string(server.join("server.txt")).unwrap_or_default();
        written += said.matches("never-leaves-the-server").count();
        let recorded = std::fs::read(server.join("probe.txt"))?;
        let recorded = String::from_utf8_lossy(&recorded);
        assert!(!recorded.contains("never-leaves-the-server"), "{}", server.display());
        // A hash of a password, as crypt(3) writes it.
        assert!(!recorded.contains("$6$") && !recorded.contains("$y$"), "{}", server.display());
    }
    assert!(written >= 2, "no secret was written down, so none could leak");
    Ok(())
}

/// What a server says is hostile: no page may carry a character that steers a terminal.
#[test]
fn no_page_carries_control_characters() -> Result<()> {
    for server in suite::servers()? {
        let case = suite::case(&server)?;
        let facts = suite::facts_of(&server, &case)?;
        for role in &case.roles {
            let page = suite::page(role, &case, &facts)?;
            assert!(!page.chars().any(|c| c.is_control() && c != '\n'), "{role} on {}", server.display());
        }
    }
    Ok(())
}

/// Whatever is cut off a recording, nothing becomes met by it that was not met before.
#[test]
fn a_shorter_recording_never_meets_more() -> Result<()> {
    for server in suite::servers()? {
        let case = suite::case(&server)?;
        let recorded = std::fs::read(server.join("probe.txt"))?;
        let sections = facts::frame::sections(&recorded);
        let context = facts::Context { dialled: case.dialled, clock: None };
        for role in &case.roles {
            let needs = profiles::needs(&role.parse()?)?;
            let met = |kept: usize| {
                let kept: Vec<_> = sections.iter().take(kept).cloned().collect();
                let findings = checks::judge(&needs, &facts::read(&kept, &context), &case.at);
                let of_readings = findings.into_iter().filter(|finding| finding.verdict == checks::Verdict::Met);
                of_readings.map(|finding| finding.id).collect::<Vec<_>>()
            };
            let whole = met(sections.len());
            for kept in (0..sections.len()).step_by(7) {
                let more: Vec<_> = met(kept).into_iter().filter(|id| !whole.contains(id)).collect();
                assert!(more.is_empty(), "{role} on {}, {kept} sections: {more:?}", server.display());
            }
        }
    }
    Ok(())
}
