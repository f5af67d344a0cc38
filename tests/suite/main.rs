//! Every recorded server, judged for its roles, against the page that was last agreed to.
//! `cargo insta review`, or `INSTA_UPDATE=always`, takes over a new page.

use anyhow::Result;

#[test]
fn recorded_servers_get_the_findings_that_were_agreed_to() -> Result<()> {
    let mut judged = 0;
    for server in suite::servers()? {
        let case = suite::case(&server)?;
        let facts = suite::facts_of(&server, &case)?;
        for role in &case.roles {
            let page = suite::page(role, &case, &facts)?;
            let name = role.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
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
