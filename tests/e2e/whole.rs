//! The whole walk, from the first screen to an undo that leaves nothing behind.

use crate::doors::fingerprint;
use crate::rules::Judged;
use crate::stage::Stage;
use crate::window::Window;
use anyhow::{Result, ensure};
use plumbline_tests::canary::Watch;
use std::process::Command;
use std::time::Duration;

/// Fresh for every place where a secret is typed, so that a leak tells which.
const PASSWORD: &str = "canary-sign-in-3f9a1c";

/// A check, a run or a proof on a machine whose processor is worked out in software, on a computer that does other work.
const WORK: Duration = Duration::from_secs(600);

/// Everything on a server that changes may touch, as one text: files with mode, owner and content, and live values.
const PICTURE: &str = r"
find /etc /usr/lib/systemd /usr/local -xdev \( -type f -o -type l \) ! -name '*-' ! -name 'ld.so.cache' -printf '%p %m %u:%g %l\n' | sort
find /etc /usr/lib/systemd /usr/local -xdev -type f ! -name '*-' ! -name 'ld.so.cache' -print0 | sort -z | xargs -0 sha256sum
sysctl -a 2>/dev/null | grep -E '^(net\.core\.(rmem|wmem|somaxconn|netdev)|net\.ipv4\.(tcp_|udp_|ip_local)|vm\.(swap|dirty|over)|fs\.(file-max|nr_open))' | sort
systemctl list-unit-files --no-legend --no-pager | grep -v ' transient ' | tr -s ' ' | sort
";

/// One walk: what is chosen, which row is opened, which changes are made, and what the server then says of itself.
struct Story {
    name: &'static str,
    server: fn() -> Result<lab::Server, lab::Error>,
    role: Role,
    /// Read on paper.
    on_paper: &'static [&'static str],
    row: &'static str,
    evidence: &'static str,
    changes: [&'static str; 2],
    /// Of one of them that this server refuses: how the person is told.
    refused: Option<&'static str>,
    /// Asked on the server itself, not through Plumbline.
    took: [(&'static str, &'static str); 2],
}

enum Role {
    Prover(u32),
    Reforms(&'static str),
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dusk_prover_with_six_workers() -> Result<()> {
    walk(&Story {
        name: "whole",
        // Kernel parameters of a container belong to its host, so this walk wants a machine with a kernel of its own.
        server: || lab::vm("bookworm"),
        role: Role::Prover(6),
        on_paper: &["Dusk", "Prover", "6 workers"],
        row: "Network buffers",
        evidence: "net.core.rmem_max",
        changes: ["Give the network more room", "Close all other ports"],
        refused: None,
        took: [("sysctl -n net.core.rmem_max", "50000000"), ("ufw status | head -n 1", "Status: active")],
    })
    .await
}

const MESSENGER: Story = Story {
    name: "whole-messenger",
    server: || lab::vm("bookworm"),
    role: Role::Reforms("Minimum"),
    on_paper: &["Reforms", "Minimum"],
    row: "TCP buffer ranges",
    evidence: "net.ipv4.tcp_rmem",
    changes: ["Give connections more room", "Let services keep"],
    refused: None,
    took: [
        ("sysctl -n net.ipv4.tcp_rmem", "4096\t131072\t134217728"),
        ("su - op -c 'ulimit -Hn; ulimit -Sn' | sort -n | head -n 1", "65536"),
    ],
};

/// Dusk asks for no number of open files; this role does.
#[tokio::test(flavor = "multi_thread")]
async fn a_messenger_with_a_kernel_value_and_a_limit() -> Result<()> {
    lab::full!();
    walk(&MESSENGER).await
}

/// Whoever is root in a container may not raise its host's limit of open files.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_server_refuses_is_left_out_and_said() -> Result<()> {
    let container = || lab::Nspawn::new("bookworm").limited_files(20_000).start();
    walk(&Story {
        name: "whole-refused",
        server: container,
        refused: Some("Let services keep 65,536 files open: a fresh sign-in may open"),
        took: [MESSENGER.took[0], ("systemctl show -p DefaultLimitNOFILESoft --value", "1024")],
        ..MESSENGER
    })
    .await
}

async fn walk(story: &Story) -> Result<()> {
    lab::slow!();
    let server = lab::need!((story.server)());
    let mut stage = lab::need!(Stage::set(story.name));
    server.write("/root/new", format!("op:{PASSWORD}\n").as_bytes())?;
    server.must("chpasswd < /root/new && rm /root/new")?;
    let untouched = server.must(PICTURE)?;
    let watch = Watch::over(&[PASSWORD]);

    let window = stage.open_window(&[("PLUMBLINE_LOG", "trace")]).await?;
    // A machine that is worked out in software would give the judge's time to nobody else.
    let mut judged = story.refused.map(|_| Judged::new(&window)).transpose()?;
    match story.role {
        Role::Prover(workers) => window.choose_prover(workers).await?,
        Role::Reforms(role) => window.choose("Reforms", role).await?,
    }
    window.to_server(&server.host, server.port, "op").await?;
    window.sign_in_with_password("wrong-password").await?;
    window.see("Is this really your server?").await?;
    window.fill("Fingerprint you were given", &fingerprint(&server.host_key)?).await?;
    window.press("It matches, connect").await?;
    window.see_within("did not accept this password for op", WORK).await?;
    show(&window, &mut judged, "wrong-password").await?;
    window.sign_in_again(PASSWORD).await?;

    window.see_within("asks for a password", WORK).await?;
    show(&window, &mut judged, "sudo").await?;
    window.fill("Password for sudo", PASSWORD).await?;
    window.press("Continue").await?;
    window.gone("asks for a password", WORK).await?;
    window.see_within("Check again", WORK).await?;
    window.picture("checked").await?;
    window.press(story.row).await?;
    window.see("What we asked, and what it said").await?;
    window.see(story.evidence).await?;
    show(&window, &mut judged, "row").await?;

    window.press("See what to change").await?;
    window.see("Nothing happens until you press Apply.").await?;
    window.picture("tune").await?;
    window.leave_on(&story.changes).await?;
    window.picture("chosen").await?;
    window.press("Apply 2 changes").await?;
    window.see("Set the safety timer").await?;
    window.picture("applying").await?;
    window.see_within("Keep these changes?", WORK).await?;
    if let Some(refused) = story.refused {
        window.see(refused).await?;
    }
    show(&window, &mut judged, "keep").await?;
    ensure!(server.must("ls /var/lib/plumbline/runs | wc -l")?.trim() == "1", "one run is on the server");
    stage.close_and_stay("^Plumbline$", "^Close anyway")?;
    window.see("Keep these changes?").await?;
    window.press("Keep these changes").await?;

    window.see_within("Save PDF report", WORK).await?;
    window.picture("summary").await?;
    ensure!(window.title().await?.contains("is not ready for"), "this machine is too small for any role");
    for (asked, due) in story.took {
        let said = server.must(asked)?;
        ensure!(said.trim() == due, "{asked} says {said}");
    }
    ensure!(server.must(PICTURE)? != untouched, "nothing changed on the server");

    let pdf = stage.home.path().join("Documents/report.pdf");
    window.press("Save PDF report").await?;
    stage.save_dialog("Save", &pdf)?;
    window.see("Saved to").await?;
    ensure!(pdf.exists(), "saved elsewhere: {}", window.text().await?);
    let text = text_of(&pdf)?;
    // Pages are packed in the file, so what is printed on them is looked through here.
    ensure!(!text.contains(PASSWORD), "the password is printed in the PDF");
    for wanted in story.on_paper.iter().chain(&["Not ready"]) {
        ensure!(text.contains(wanted), "the PDF lacks {wanted:?}:\n{text}");
    }

    window.press("Undo everything").await?;
    window.see("Leave as it is").await?;
    show(&window, &mut judged, "undo").await?;
    if let Some(judged) = judged {
        judged.verdict(5)?;
    }
    window.press(if story.refused.is_some() { "Undo 1 change" } else { "Undo 2 changes" }).await?;
    window.see_within("Keep it this way?", WORK).await?;
    window.press("Keep it this way").await?;
    window.see_within("Save PDF report", WORK).await?;
    window.picture("undone").await?;
    let now = server.must(PICTURE)?;
    ensure!(now == untouched, "the server is not as it was:\n{}", difference(&untouched, &now));
    window.close().await?;

    let mut leaks = watch.heard(&[stage.home.path()]);
    let on_server = format!("grep -rslF --exclude-dir=proc --exclude-dir=sys '{PASSWORD}' / 2>/dev/null || true");
    leaks.extend(server.must(&on_server)?.lines().map(|file| format!("{file} on the server")));
    ensure!(leaks.is_empty(), "the password stood in {leaks:#?}");
    Ok(())
}

/// A picture of what stands there, and the rules it is held to.
async fn show(window: &Window, judged: &mut Option<Judged<'_>>, name: &str) -> Result<()> {
    match judged {
        Some(judged) => judged.screen(name).await,
        None => window.picture(name).await,
    }
}

fn text_of(pdf: &std::path::Path) -> Result<String> {
    let output = Command::new("pdftotext").arg(pdf).arg("-").output()?;
    ensure!(output.status.success(), "pdftotext cannot read {}", pdf.display());
    Ok(String::from_utf8(output.stdout)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Lines that stand in only one of two texts.
fn difference(before: &str, now: &str) -> String {
    let lost = before.lines().filter(|line| !now.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let new = now.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    lost.chain(new).collect::<Vec<_>>().join("\n")
}
