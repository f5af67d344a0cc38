//! A dump of the database every night, by a timer of systemd: UTC, so that no change of the clock skips or doubles it;
//! spread, so that many servers do not start at once; caught up after a night without power.

use super::{Kind, Proposed, Scene, Words, service};
use crate::act::{Act, Again};
use crate::before::Look;
use crate::plan::Risk;

const SCRIPT: &str = "/etc/plumbline/backup-postgresql.sh";
const SERVICE: &str = "/etc/systemd/system/plumbline-backup.service";
const TIMER: &str = "/etc/systemd/system/plumbline-backup.timer";
const UNIT: &str = "plumbline-backup.timer";

pub(crate) fn looks() -> Vec<Look> {
    let paths = [SCRIPT, SERVICE, TIMER].map(|path| Look::Path(path.into()));
    let units = ["plumbline-backup.timer", "postgresql.service"].map(str::to_owned).to_vec();
    paths.into_iter().chain([Look::Units(units), Look::Ask("look_postgres", vec![])]).collect()
}

pub(super) fn propose(scene: &Scene<'_>, database: &str, at: &str, keep_days: u32) -> Proposed {
    if database != "postgresql" {
        return Proposed::NotHere(format!(
            "A dump of {database} needs its password. Set one up with its own tools, daily at {at} UTC."
        ));
    }
    let clock =
        at.split_once(':').and_then(|(hour, minute)| Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?)));
    let Some((hour, minute)) = clock.filter(|(hour, minute)| *hour < 24 && *minute < 60) else {
        return Proposed::NotHere(format!("\"{at}\" is no time of day."));
    };
    if scene.before.value("init") != Some("systemd") {
        return Proposed::NotHere("There is no systemd here; use this server's own scheduler.".into());
    }
    if scene.before.value("pg.port").is_none() {
        return Proposed::NotHere("No PostgreSQL answers here, so there is nothing to back up yet.".into());
    }
    let mut words = Words {
        risk: Risk::Low,
        consequence: format!("Dumps take room in /var/backups/plumbline: {keep_days} of them."),
        undo: "Takes the timer away. Dumps that are there by then stay.".into(),
        seconds: 3,
        ..Words::default()
    };
    let script = format!(
        "#!/bin/sh\n# Written by Plumbline: a dump of all databases, kept for {keep_days} days.\nset -eu\numask 077\n\
         folder=/var/backups/plumbline\nmkdir -p \"$folder\"\nfile=$folder/postgresql-$(date -u +%Y%m%dT%H%M%SZ).sql.gz\n\
         # a dump that was cut short must never look like one\n\
         status=$(mktemp \"$folder/.status.XXXXXX\")\n\
         {{ runuser -u postgres -- pg_dumpall || echo failed >\"$status\"; }} | gzip >\"$file.part\"\n\
         if [ -s \"$status\" ]; then rm -f \"$status\" \"$file.part\"; exit 1; fi\nrm -f \"$status\"\n\
         sync \"$file.part\"\nmv \"$file.part\" \"$file\"\n\
         find \"$folder\" -name 'postgresql-*.sql.gz' -mtime +{keep_days} -delete\n"
    );
    let unit = format!(
        "# Written by Plumbline.\n[Unit]\nDescription=Daily dump of PostgreSQL\nAfter=postgresql.service\n\
         [Service]\nType=oneshot\nExecStart=/bin/sh {SCRIPT}\nNice=10\nIOSchedulingClass=idle\n"
    );
    let timer = format!(
        "# Written by Plumbline.\n[Unit]\nDescription=Daily dump of PostgreSQL\n[Timer]\nOnCalendar=*-*-* {hour:02}:{minute:02}:00 UTC\n\
         RandomizedDelaySec=15m\nPersistent=true\n[Install]\nWantedBy=timers.target\n"
    );
    let files = [
        words.file(scene.before, SCRIPT, "700", script),
        words.file(scene.before, SERVICE, "644", unit),
        words.file(scene.before, TIMER, "644", timer),
    ];
    let mut acts: Vec<Act> = files.into_iter().flatten().collect();
    if !acts.is_empty() {
        acts.push(Act::Again { unit: "systemd".into(), how: Again::Daemon });
    }
    acts.extend(service::on(scene.before, UNIT, true, true).map(|(act, _)| act));
    if acts.is_empty() { Proposed::Settled } else { Proposed::Offer(Kind::Backup, acts, words) }
}
