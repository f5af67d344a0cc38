//! The probe's sections become facts: pure, cheap, and again each time more sections have come in.

mod answers;
mod notes;

mod accounts;
mod addresses;
mod certificates;
mod containers;
mod disks;
mod exposed;
mod files;
mod firewall;
mod limits;
mod listeners;
mod memory;
mod modules;
mod packages;
mod parameters;
mod postgres;
mod processor;
mod security;
pub(crate) mod services;
mod sshd;
mod system;
mod time;
mod turn;
mod updates;
mod upkeep;

use crate::frame::Section;
use crate::{Facts, Reading, Why};
use answers::Answers;
use notes::Notes;
use std::net::IpAddr;

/// What this side of the line knows and the server does not.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The address that was dialled, where one was.
    pub dialled: Option<IpAddr>,
    /// When the script went out and when the section `now` came in, by this computer's clock.
    pub clock: Option<Clock>,
}

/// Two moments of this computer's clock, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub sent: f64,
    pub received: f64,
}

/// Reads what has come in so far.
///
/// A key whose section is still on its way is absent from the facts; once the end marker has come, whatever was asked
/// and not delivered is unknown, with the reason.
pub fn read(sections: &[Section], context: &Context) -> Facts {
    let answers = Answers::new(sections);
    let mut notes = Notes::default();
    for area in [
        system::read,
        processor::read,
        memory::read,
        disks::read,
        parameters::read,
        modules::read,
        limits::read,
        listeners::read,
        firewall::read,
        addresses::read,
        sshd::read,
        time::read,
        updates::read,
        packages::read,
        services::read,
        containers::read,
        postgres::read,
        files::read,
        accounts::read,
        security::read,
        certificates::read,
        turn::read,
        upkeep::read,
        // Puts together what the others found.
        exposed::read,
    ] {
        area(&answers, context, &mut notes);
    }
    let mut facts = notes.into_facts();
    for key in answers.all_keys().filter(|key| !facts.has(key)).collect::<Vec<_>>() {
        // Nothing that is still on its way could tell what is only ever measured, so nobody need wait for it.
        let why = match how_measured(key.kind()) {
            Measured::Only => Why::NotMeasured,
            Measured::OrRead if answers.ended() => Why::NotMeasured,
            Measured::Never if answers.ended() => Why::NotRead,
            Measured::OrRead | Measured::Never => continue,
        };
        facts.learn(key, Reading::Unknown(why), Vec::new());
    }
    facts
}

/// Where a fact can come from.
enum Measured {
    /// No reading gives it, only a measurement that somebody agreed to.
    Only,
    /// A section may tell it; where none does, it could be measured.
    OrRead,
    Never,
}

/// Whether no probe can tell it.
pub(crate) fn only_measured(kind: crate::Kind) -> bool {
    matches!(how_measured(kind), Measured::Only)
}

fn how_measured(kind: crate::Kind) -> Measured {
    use crate::Kind::*;
    match kind {
        CpuScore | DiskIops | DiskLatency | DiskThroughput | NetDownload | NetUpload | NetSymmetry | NetRoundTrip
        | NetJitter | NetLoss | NetReach | PortOutside | CertificateTrusted | HttpStatus | WebsocketAnswers
        | StorageSpeaks | StorageClock | StorageAllows => Measured::Only,
        NetBandwidth | TimeOffset => Measured::OrRead,
        _ => Measured::Never,
    }
}
