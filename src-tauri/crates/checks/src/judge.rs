//! Needs judged by facts. One finding for each need, in the order of the needs.

use crate::bound::{Stands, ratio, stands};
use crate::finding::{Figure, Finding, PartFinding, Verdict};
use crate::{maintained, sentence};
use facts::{Confidence, Evidence, Facts, Kind, Reading, Value, Why};
use profiles::{BeyondVerdict, Bound, Condition, Meets, Need, Part, Severity, Support, magnitude, say};

/// Judges every need. `today` is the day in UTC, `2026-11-20`: support dates are compared with it.
pub fn judge(needs: &[Need], facts: &Facts, today: &str) -> Vec<Finding> {
    needs.iter().map(|need| judge_one(need, facts, today)).collect()
}

/// Judges one need, so that results can be shown while they arrive.
pub fn judge_one(need: &Need, facts: &Facts, today: &str) -> Finding {
    judge_with(need, facts, today, &profiles::catalog().support)
}

/// One part, judged, with what the whole needs to know of it.
pub(crate) struct Judged<'a> {
    pub(crate) part: &'a Part,
    pub(crate) verdict: Verdict,
    pub(crate) found: Figure,
    pub(crate) needed: Figure,
    ratio: Option<f64>,
    pub(crate) why_unknown: Option<Why>,
    /// Why it does not apply.
    pub(crate) otherwise: Option<String>,
    note: Option<String>,
    barely: bool,
    /// Whether it has a say in the verdict.
    pub(crate) counts: bool,
}

/// [`judge_one`] with a support table of the caller's.
pub fn judge_with(need: &Need, facts: &Facts, today: &str, support: &Support) -> Finding {
    let judged: Vec<Judged<'_>> = need.parts.iter().map(|part| judge_part(part, facts)).collect();
    let (verdict, lead) = combine(&judged, need.meets);
    let mut notes: Vec<String> = need.note.iter().cloned().collect();
    notes.extend(judged.iter().filter(|judged| judged.counts).filter_map(|judged| judged.note.clone()));
    let mut maintained_verdict = None;
    for part in need.parts.iter() {
        let known = part.key.as_ref().and_then(|key| Some((key, facts.value(key)?)));
        if let Some((verdict, sentence)) =
            known.and_then(|(key, value)| maintained::maintained(key, value, support, today))
        {
            notes.push(sentence);
            maintained_verdict.get_or_insert(verdict);
        }
    }
    let barely = verdict == Verdict::Short && judged.iter().all(|j| j.barely || !is_unmet(j.verdict));
    let unmet = matches!(verdict, Verdict::Short | Verdict::Missing);
    let why_unknown = match verdict {
        Verdict::CouldNotTell => lead.and_then(|lead| judged.get(lead)).and_then(|lead| lead.why_unknown.clone()),
        _ => None,
    };
    let found = sentence::found(need, &judged, verdict, lead);
    let sentence = sentence::sentence(need, &judged, verdict, lead, &found, facts);
    Finding {
        id: need.id.clone(),
        catalog: need.catalog.clone(),
        title: need.title.clone(),
        area: need.area,
        // A reading within a whisker of the line warns; it does not stand in the way.
        severity: if barely { need.severity.max(Severity::Recommended) } else { need.severity },
        verdict,
        why_unknown,
        needed: sentence::needed(need, &judged),
        found,
        ratio: lowest_ratio(&judged),
        sentence,
        why: need.why.clone(),
        source: need.source.clone(),
        arithmetic: need.arithmetic.clone(),
        evidence: evidence(need, facts),
        maintained: maintained_verdict,
        open: judged
            .iter()
            .filter(|judged| judged.counts && judged.verdict != Verdict::Met)
            .filter_map(|judged| judged.part.key.clone())
            .collect(),
        // What would let a person say yes is offered too.
        change: need.change.clone().filter(|_| unmet || verdict == Verdict::YouConfirm),
        steps: need.steps.clone().filter(|_| verdict != Verdict::Met && verdict != Verdict::NotApplicable),
        waiver: None,
        confirmed: None,
        note: (!notes.is_empty()).then(|| notes.join(" ")),
        parts: if judged.len() > 1 { judged.iter().map(part_finding).collect() } else { Vec::new() },
    }
}

fn is_unmet(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Short | Verdict::Missing)
}

fn judge_part<'a>(part: &'a Part, facts: &Facts) -> Judged<'a> {
    let needed = Figure {
        text: part.needed_text(),
        value: wanted(&part.bound),
        unit: wanted(&part.bound).zip(kind_of(part)).map(|(value, kind)| say(&value, kind).unit).unwrap_or_default(),
        confidence: None,
    };
    let mut judged = Judged {
        part,
        verdict: Verdict::CouldNotTell,
        found: nothing(""),
        needed,
        ratio: None,
        why_unknown: None,
        otherwise: None,
        note: None,
        barely: false,
        counts: !matches!(part.bound, Bound::Shown),
    };
    let reading = part.key.as_ref().map(|key| facts.reading(key));
    if let Some(known) = reading
        && let (Reading::Known { value, confidence }, Some(kind)) = (known, kind_of(part))
    {
        judged.found = figure(value, &part.bound, kind, *confidence);
    }
    // A condition that is known not to hold settles it, whatever the others are.
    let mut unsure = None;
    for condition in &part.only_if {
        match holds(condition, facts) {
            Ok(true) => {}
            Ok(false) => {
                judged.verdict = Verdict::NotApplicable;
                judged.otherwise = Some(condition.otherwise.clone());
                judged.counts = false;
                return judged;
            }
            Err(why) => unsure = unsure.or(Some(why)),
        }
    }
    if let Some(why) = unsure {
        unknown(&mut judged, why);
        return judged;
    }
    if let Bound::YourWord { .. } = part.bound {
        judged.verdict = Verdict::YouConfirm;
        return judged;
    }
    match reading {
        Some(Reading::Known { value, confidence }) if !settles_nothing(part, value) => {
            judge_value(&mut judged, value, *confidence, facts);
        }
        Some(Reading::Unknown(why)) => unknown(&mut judged, why.clone()),
        Some(Reading::Known { .. }) => unknown(&mut judged, Why::NotMeasured),
        None => unknown(&mut judged, Why::NotRead),
    }
    judged
}

fn unknown(judged: &mut Judged<'_>, why: Why) {
    judged.verdict = Verdict::CouldNotTell;
    judged.counts = judged.counts && !judged.part.supporting;
    judged.why_unknown = Some(why);
}

/// A try from outside that could not tell is no reading at all.
fn settles_nothing(part: &Part, value: &Value) -> bool {
    kind_of(part) == Some(Kind::PortOutside) && *value == Value::Text("inconclusive".to_owned())
}

fn judge_value(judged: &mut Judged<'_>, value: &Value, confidence: Confidence, facts: &Facts) {
    let (part, Some(kind)) = (judged.part, kind_of(judged.part)) else { return };
    let bound = match worked_out(&part.bound, facts) {
        Ok(bound) => bound,
        Err(why) => return unknown(judged, why),
    };
    if let (Bound::AtLeastShare { .. }, Some(Value::Bytes(enough))) = (&part.bound, wanted(&bound)) {
        let wanted = Value::Bytes((enough as f64 / SHARE_MET).round() as u64);
        let said = say(&wanted, kind);
        judged.needed = Figure { text: said.text, value: Some(wanted), unit: said.unit, confidence: None };
    }
    judged.ratio = ratio(value, &bound, kind);
    let stands = stands(value, &bound, kind);
    judged.verdict = match stands {
        Stands::Met => Verdict::Met,
        Stands::BarelyShort | Stands::Short => Verdict::Short,
        Stands::Missing => Verdict::Missing,
        Stands::Incomparable => {
            // Whose a port is, only an administrator sees.
            let hidden = matches!(bound, Bound::OnlyBy(_));
            let unreadable = Why::Unreadable { answer: say(value, kind).text };
            unknown(judged, if hidden { Why::NeedsAdministrator } else { unreadable });
            return;
        }
    };
    if stands == Stands::BarelyShort {
        judged.barely = true;
        judged.note = Some("A little less than was sold. It warns, and stops nothing.".to_owned());
    }
    if is_unmet(judged.verdict)
        && let Some(beyond) = &part.beyond
        && *value != Value::Absent
        && (beyond.values.is_empty() || beyond.values.iter().any(|other| crate::bound::same(value, other, kind)))
    {
        judged.note = Some(beyond.note.clone());
        judged.verdict = match beyond.counts_as {
            BeyondVerdict::Met => Verdict::Met,
            BeyondVerdict::YouConfirm => Verdict::YouConfirm,
        };
        judged.ratio = None;
    }
    // Virtual machines set the flag that tells spinning disks from others at random, so it is never held against one.
    if is_unmet(judged.verdict) && kind == Kind::DiskKind && confidence == Confidence::Inferred {
        match faster_than_spinning(part, facts) {
            Some(note) => {
                judged.verdict = Verdict::Met;
                judged.note = Some(note);
            }
            None => unknown(judged, Why::Hidden { by: "the virtual machine".to_owned() }),
        }
    }
    // One connection from one place shows what there is at least. Too little of it may be the fault of the line here.
    let speed = matches!(kind, Kind::NetBandwidth | Kind::NetUpload | Kind::NetDownload);
    if is_unmet(judged.verdict) && speed && confidence == Confidence::Measured {
        unknown(judged, Why::LowerBound { least: say(value, kind).text });
        judged.ratio = None;
    }
    if judged.verdict == Verdict::Met && kind == Kind::CpuClock {
        judged.note = base_clock_note(&part.bound, facts);
    }
}

/// How much of a share is enough: the sources ask for "a quarter", not for the last page of it.
const SHARE_MET: f64 = 0.90;

/// A share of another reading as a plain least; other bounds as they are.
fn worked_out(bound: &Bound, facts: &Facts) -> Result<Bound, Why> {
    let Bound::AtLeastShare { percent, of, at_most } = bound else { return Ok(bound.clone()) };
    let whole = match facts.reading(of) {
        Reading::Known { value, .. } => magnitude(value).unwrap_or_default(),
        Reading::Unknown(why) => return Err(why.clone()),
    };
    let share = whole * f64::from(*percent) / 100.0;
    let most = at_most.as_ref().and_then(magnitude).unwrap_or(f64::INFINITY);
    Ok(Bound::AtLeast(Value::Bytes((share.min(most) * SHARE_MET) as u64)))
}

/// Safe writes a second that no spinning disk reaches: the upper figure of Reforms' own table (line 390).
const SOLID_STATE_WRITES: u64 = 500;

/// Where an SSD would do and the disk was measured, its speed says more than what it calls itself.
fn faster_than_spinning(part: &Part, facts: &Facts) -> Option<String> {
    let Bound::OneOf(kinds) = &part.bound else { return None };
    let measured = facts::Key::of(Kind::DiskIops, part.key.as_ref()?.argument()).ok()?;
    let Some(Value::Count(writes)) = facts.value(&measured) else { return None };
    let enough = *writes >= SOLID_STATE_WRITES && kinds.contains(&Value::Text("ssd".to_owned()));
    let shown = say(&Value::Count(*writes), Kind::DiskIops).text;
    enough.then(|| format!("Measured at {shown}, which no spinning disk reaches."))
}

/// A processor that reaches the needed clock only at full speed counts, and the report says so.
fn base_clock_note(bound: &Bound, facts: &Facts) -> Option<String> {
    let (Bound::AtLeast(Value::Mhz(wanted)), Some(Value::Mhz(base))) =
        (bound, facts.value(&facts::Key::plain(Kind::CpuBaseClock)))
    else {
        return None;
    };
    let text = say(&Value::Mhz(*base), Kind::CpuBaseClock).text;
    (base < wanted).then(|| format!("Its base clock is {text}; it reaches the needed clock at full speed."))
}

/// Whether a condition holds; unknown is an error with the reason.
fn holds(condition: &Condition, facts: &Facts) -> Result<bool, Why> {
    match facts.reading(&condition.key) {
        Reading::Unknown(why) => Err(why.clone()),
        Reading::Known { value, .. } => match stands(value, &condition.bound, condition.key.kind()) {
            Stands::Met => Ok(true),
            Stands::BarelyShort | Stands::Short | Stands::Missing => Ok(false),
            Stands::Incomparable => Err(Why::Unreadable { answer: say(value, condition.key.kind()).text }),
        },
    }
}

/// The verdict of the whole, and the part that decided it.
fn combine(judged: &[Judged<'_>], meets: Meets) -> (Verdict, Option<usize>) {
    let counting: Vec<(usize, Verdict)> =
        judged.iter().enumerate().filter(|(_, j)| j.counts).map(|(i, j)| (i, j.verdict)).collect();
    let first = |wanted: &[Verdict]| {
        counting.iter().find(|(_, verdict)| wanted.contains(verdict)).map(|(i, verdict)| (*verdict, Some(*i)))
    };
    let order: [&[Verdict]; 4] = match meets {
        Meets::All => {
            [&[Verdict::Short, Verdict::Missing], &[Verdict::CouldNotTell], &[Verdict::YouConfirm], &[Verdict::Met]]
        }
        Meets::Any => {
            [&[Verdict::Met], &[Verdict::YouConfirm], &[Verdict::CouldNotTell], &[Verdict::Short, Verdict::Missing]]
        }
    };
    if let Some(decided) = order.into_iter().find_map(first) {
        return decided;
    }
    // Nothing had a say: all parts are for information, do not apply, or support what is not known.
    let silent = |verdict| judged.iter().position(|j| j.verdict == verdict && !matches!(j.part.bound, Bound::Shown));
    match (silent(Verdict::NotApplicable), silent(Verdict::CouldNotTell)) {
        (_, Some(part)) => (Verdict::CouldNotTell, Some(part)),
        (part, None) => (Verdict::NotApplicable, part),
    }
}

fn kind_of(part: &Part) -> Option<Kind> {
    part.key.as_ref().map(facts::Key::kind)
}

fn wanted(bound: &Bound) -> Option<Value> {
    match bound {
        Bound::AtLeast(value) | Bound::AtMost(value) | Bound::Equals(value) => Some(value.clone()),
        Bound::AtLeastShare { .. }
        | Bound::OneOf(_)
        | Bound::NoneOf(_)
        | Bound::HoldsAll(_)
        | Bound::HoldsNone(_)
        | Bound::HoldsAny(_)
        | Bound::OnlyBy(_)
        | Bound::Present
        | Bound::Absent
        | Bound::YourWord { .. }
        | Bound::Shown => None,
    }
}

fn figure(value: &Value, bound: &Bound, kind: Kind, confidence: Confidence) -> Figure {
    let said = match (value, bound) {
        (Value::List(items), Bound::HoldsAll(wanted) | Bound::HoldsAny(wanted) | Bound::HoldsNone(wanted)) => {
            // Of a long list, what the need is about.
            let named = wanted.iter().filter(|wanted| items.iter().any(|item| item.eq_ignore_ascii_case(wanted)));
            say(&Value::List(named.cloned().collect()), kind)
        }
        (Value::Text(text), bound) if profiles::text_is_quantity(kind) => {
            let quantity = profiles::quantity_in_text(text).unwrap_or_else(|| value.clone());
            // Bytes and plain numbers are shown as the need writes its own.
            match (quantity, wanted(bound)) {
                (Value::Count(number), Some(Value::Bytes(_))) => say(&Value::Bytes(number), kind),
                (Value::Bytes(number), Some(Value::Count(_))) => say(&Value::Count(number), kind),
                (quantity, _) => say(&quantity, kind),
            }
        }
        _ => say(value, kind),
    };
    Figure { text: said.text, value: Some(value.clone()), unit: said.unit, confidence: Some(confidence) }
}

pub(crate) fn nothing(text: &str) -> Figure {
    Figure { text: text.to_owned(), value: None, unit: String::new(), confidence: None }
}

/// The lowest of the bars, where every part that counts has one.
fn lowest_ratio(judged: &[Judged<'_>]) -> Option<f64> {
    let counting: Vec<Option<f64>> = judged.iter().filter(|j| j.counts).map(|j| j.ratio).collect();
    if counting.is_empty() || counting.iter().any(Option::is_none) {
        return None;
    }
    counting.into_iter().flatten().reduce(f64::min)
}

fn evidence(need: &Need, facts: &Facts) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = Vec::new();
    for key in need.parts.iter().filter_map(|part| part.key.as_ref()) {
        for evidence in facts.evidence(key) {
            if !all.contains(evidence) {
                all.push(evidence.clone());
            }
        }
    }
    all
}

fn part_finding(judged: &Judged<'_>) -> PartFinding {
    PartFinding {
        title: sentence::part_title(judged.part),
        verdict: judged.verdict,
        needed: judged.needed.clone(),
        found: match (&judged.otherwise, judged.why_unknown.as_ref()) {
            (Some(otherwise), _) => nothing(otherwise),
            (None, Some(why)) if judged.verdict == Verdict::CouldNotTell => nothing(&sentence::short_reason(why)),
            _ => judged.found.clone(),
        },
    }
}
