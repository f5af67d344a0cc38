//! Measurements: what could be, what is going on, what it came to.

use super::{Checked, Failure, word};
use crate::failure;
use remote::Secret;
use serde::{Deserialize, Serialize};
use session::history::{KeptCheck, Remembered};
use session::{Examination, Figure, Measured, Measuring, Port, PortVerdict, Storage, StorageKey, What};
use specta::Type;
use specta_typescript::Number;

/// What could be measured, before it is: the person chooses.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measurable {
    /// Names it in [`crate::commands::work::measure`].
    pub(crate) id: String,
    /// `disk`, `cpu`, `path`, `ports`, `services` or `outbound`.
    pub(crate) what: String,
    pub(crate) title: String,
    /// What it costs the server and the line.
    pub(crate) cost: String,
    /// About how long it takes.
    pub(crate) seconds: u32,
    /// The ports that would be tried, as `9000/udp`.
    pub(crate) ports: Vec<String>,
    /// What it came to in an earlier check, with its spread: "Safe writes: 9,812 a second (three runs, 9,504 to 9,933)".
    pub(crate) before: Vec<String>,
    /// A person has to name what is measured: see [`StorageAsk`].
    pub(crate) asks: bool,
}

/// A place for files that a person named, and a key for it. Secrets travel this way only: from the field into Rust, never
/// back.
#[derive(Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StorageAsk {
    /// `https://HOST/BUCKET`, with `?region=REGION` where it wants one.
    pub(crate) address: String,
    /// Empty where nothing is to be signed.
    pub(crate) key_id: String,
    pub(crate) secret: String,
}

impl StorageAsk {
    /// The place, and the key where both its halves are there.
    pub(crate) fn read(self) -> Result<(Storage, Option<StorageKey>), Box<Failure>> {
        let place =
            self.address.trim().parse::<Storage>().map_err(|why| Box::new(failure::of_field("storage", &why)))?;
        let key_id = self.key_id.trim();
        let key = match (key_id.is_empty(), self.secret.is_empty()) {
            (true, true) => None,
            (false, false) => Some(StorageKey::from(Secret::from(format!("{key_id}:{}", self.secret)))),
            _ => return Err(Box::new(failure::of_field("storageKey", &"A key has two parts: its ID and its secret."))),
        };
        Ok((place, key))
    }
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum MeasureStep {
    Started {
        id: String,
    },
    SoFar {
        id: String,
        /// "412 Mbps so far".
        text: String,
        /// How much of it is done, 0 to 1.
        #[specta(type = Number)]
        share: f64,
    },
    Port {
        id: String,
        port: MeasuredPort,
    },
    Done {
        id: String,
        figures: Vec<MeasuredFigure>,
        /// Why there are none.
        withheld: Option<String>,
    },
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeasuredFigure {
    pub(crate) title: String,
    /// "9,812 a second".
    pub(crate) text: String,
    /// "three runs, 9,504 to 9,933".
    pub(crate) spread: String,
    /// The verdict of the need that asks for it; empty where none does.
    pub(crate) verdict: String,
    pub(crate) needed: String,
    pub(crate) ratio: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeasuredPort {
    /// `9000/udp`.
    pub(crate) name: String,
    /// `met`, `missing` or `could_not_tell`, as a need's verdict.
    pub(crate) verdict: String,
    /// Where it is stopped and should not be: `here` (the server), `before` (in front of it), or nothing.
    pub(crate) stopped: String,
    pub(crate) sentence: String,
    pub(crate) next: String,
    pub(crate) tried: String,
}

#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub(crate) enum MeasureReply {
    Measured(Checked),
    /// What was measured before the person stopped it stays.
    Stopped(Checked),
    Refused {
        failure: Failure,
    },
}

/// `disk:/var/lib`, `cpu`, `path`, `ports`, `services`, `outbound`: one measurement's name for as long as its walk lasts.
pub(crate) fn id(what: &What) -> String {
    match what {
        What::Disk(folder) => format!("disk:{folder}"),
        other => kind(other).to_owned(),
    }
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Disk(_) => "disk",
        What::Processor => "cpu",
        What::Path => "path",
        What::Ports(_) => "ports",
        What::Services(_) => "services",
        What::Outbound(_) => "outbound",
        What::Storage(_) => STORAGE,
    }
}

pub(crate) fn measurable(what: &What, last: Option<&KeptCheck>) -> Measurable {
    let title = what.title();
    let earlier = last.map(|last| last.measured.as_slice()).unwrap_or_default();
    let of_this = earlier.iter().filter_map(|old| {
        let figure = old.title.strip_prefix(&title)?.strip_prefix(": ")?;
        Some(earlier_figure(figure, old))
    });
    Measurable {
        id: id(what),
        what: kind(what).to_owned(),
        cost: what.cost(),
        seconds: what.seconds(),
        ports: if let What::Ports(ports) = what { ports.clone() } else { Vec::new() },
        before: of_this.collect(),
        asks: false,
        title,
    }
}

/// "Safe writes: 9,812 a second (three runs, 9,504 to 9,933)". The spread stands last in how it was measured.
fn earlier_figure(title: &str, old: &Remembered) -> String {
    match old.detail.rsplit_once("; ") {
        Some((_, spread)) if !spread.is_empty() => format!("{title}: {} ({spread})", old.text),
        _ => format!("{title}: {}", old.text),
    }
}

pub(crate) const STORAGE: &str = "storage";

/// The row for a place that is still to be named.
pub(crate) fn storage_of_yours(last: Option<&KeptCheck>) -> Measurable {
    let earlier = last.map(|last| last.measured.as_slice()).unwrap_or_default();
    let of_this = earlier.iter().filter_map(|old| {
        let figure = old.title.strip_prefix("Storage at ")?;
        Some(earlier_figure(figure, old))
    });
    Measurable {
        id: STORAGE.to_owned(),
        what: STORAGE.to_owned(),
        title: "Storage of your own".to_owned(),
        cost: session::storage_cost("a place that speaks S3"),
        seconds: session::STORAGE_SECONDS,
        ports: Vec::new(),
        before: of_this.collect(),
        asks: true,
    }
}

pub(crate) fn step(what: &What, progress: Measuring) -> MeasureStep {
    match progress {
        Measuring::SoFar { text, share } => MeasureStep::SoFar { id: id(what), text, share: share.clamp(0.0, 1.0) },
        Measuring::Port(port) => MeasureStep::Port { id: id(what), port: self::port(port) },
    }
}

pub(crate) fn done(measured: &Measured, examination: &Examination) -> MeasureStep {
    MeasureStep::Done {
        id: id(&measured.what),
        figures: measured.figures.iter().map(|one| figure(one, examination)).collect(),
        withheld: measured.withheld.clone(),
    }
}

fn figure(figure: &Figure, examination: &Examination) -> MeasuredFigure {
    let answered = examination.answered_by(&figure.key);
    let (verdict, needed, ratio) =
        answered.map(|answered| (word(&answered.verdict), answered.needed, answered.ratio)).unwrap_or_default();
    let Figure { title, text, spread, .. } = figure.clone();
    let ratio = ratio.filter(|ratio| ratio.is_finite());
    MeasuredFigure { title, text, spread, verdict, needed, ratio }
}

fn port(port: Port) -> MeasuredPort {
    // That a service is not there yet is another need's business.
    let verdict = match port.good {
        Some(true) => "met",
        Some(false) => "missing",
        None => "could_not_tell",
    };
    let stopped = match port.verdict {
        PortVerdict::BlockedHere if port.good == Some(false) => "here",
        PortVerdict::BlockedBefore if port.good == Some(false) => "before",
        _ => "",
    };
    let Port { name, sentence, next, tried, .. } = port;
    MeasuredPort { name, verdict: verdict.to_owned(), stopped: stopped.to_owned(), sentence, next, tried }
}

#[cfg(test)]
mod tests {
    use super::{Remembered, earlier_figure};

    #[test]
    fn an_earlier_figure_is_told_with_its_spread() {
        let old = |detail: &str| Remembered {
            title: "Disk: Safe writes".into(),
            text: "9,812 a second".into(),
            detail: detail.into(),
            at: String::new(),
        };
        let told = earlier_figure("Safe writes", &old("dd; sync; three runs, 9,504 to 9,933"));
        assert_eq!(told, "Safe writes: 9,812 a second (three runs, 9,504 to 9,933)");
        assert_eq!(earlier_figure("Safe writes", &old("")), "Safe writes: 9,812 a second");
    }
}
