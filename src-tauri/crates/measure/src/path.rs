//! The path between this computer and the server, over the connection that is there: round trips, clocks, losses, speed.
//!
//! Speed is what one connection carries from here: a lower bound for the server's own line, and said so.

use crate::figures::grouped;
use crate::{Figure, Outcome, Progress, Tell};
use facts::{Key, Kind, Value};
use remote::{Event, Fault, Input, Job, Remote, Running};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Enough for a median and a 95th percentile.
const TRIPS: usize = 25;
/// What `dd` sends at a time; the other direction is cut the same way.
const BLOCK: u64 = 64 * 1024;
/// At most so much in each direction, and about so long for the run that counts.
const MOST: u64 = 32 * 1024 * 1024;
const LONG: f64 = 2.5;
/// The whole of it. A line that needs longer gives no figure.
const LIMIT: Duration = Duration::from_secs(45);
/// What the far end says as it ends because a transfer took too long, as `timeout` would.
const TOO_LONG: i32 = 124;
/// Above this, in Mbps, our own encryption may be what is slow, and a difference between the ways says nothing.
const OURS: f64 = 300.0;
/// Bytes in a packet, roughly: losses are counted in packets.
const PACKET: f64 = 1400.0;

/// Measures the path. Dropping the future ends it on both sides.
pub(crate) async fn measure(remote: &dyn Remote, tell: &mut Tell<'_>) -> Result<Outcome, remote::Error> {
    let (running, input) = remote.converse(Job::new(script()).silence(LIMIT));
    let mut far = Far { running, input, heard: Vec::new() };
    match tokio::time::timeout(LIMIT, walk(&mut far, remote, tell)).await {
        Ok(Ok(Some(path))) => Ok(Outcome::of(path.figures(), path.transcript())),
        Ok(Ok(None)) => Ok(Outcome::withheld("The server has no tool to measure with.")),
        Ok(Err(Stop::Failed(error))) => Err(error),
        Ok(Err(Stop::TooSlow)) | Err(_) => {
            Ok(Outcome::withheld("The line is so slow that 45 seconds were not enough."))
        }
    }
}

/// The far end under its limit: it ends after that, whatever became of the line and of us.
fn script() -> String {
    format!(
        "command -v timeout >/dev/null 2>&1 || {{ echo 'refused no-tool'; exit 0; }}\n\
         exec timeout {} /bin/sh -c \"$(cat <<'THE_FAR_END'\n{}THE_FAR_END\n)\"\n",
        LIMIT.as_secs(),
        include_str!("path.sh")
    )
}

/// Why a measurement ends before its end.
#[derive(Debug)]
enum Stop {
    TooSlow,
    Failed(remote::Error),
}

/// All that was measured; times in milliseconds, losses in percent.
#[derive(Debug, Default)]
struct Path {
    trips: Vec<f64>,
    /// How far the server's clock is ahead, and how far that may be wrong.
    clock: Option<(f64, f64)>,
    down: Speed,
    up: Speed,
    lost_down: Option<f64>,
    lost_up: Option<f64>,
}

/// What the longest transfer of one way came to.
#[derive(Clone, Copy, Debug, Default)]
struct Speed {
    bytes: u64,
    seconds: f64,
}

impl Speed {
    fn mbps(self) -> f64 {
        // A clock that did not move would make any line endless.
        self.bytes as f64 * 8.0 / 1e6 / self.seconds.max(0.001)
    }
}

async fn walk(far: &mut Far, remote: &dyn Remote, tell: &mut Tell<'_>) -> Result<Option<Path>, Stop> {
    if far.line().await? != "ready" {
        return Ok(None);
    }
    let mut path = Path::default();
    for number in 0..TRIPS {
        let (_, trip) = far.ask(&format!("echo {number}")).await?;
        path.trips.push(trip);
    }
    path.clock = far.clock().await?;
    let before = far.sent_again().await?;
    path.down = far.longest(Way::Down, &mut |speed, share| tell(so_far(speed, share / 2.0))).await?;
    path.lost_down = far.sent_again().await?.zip(before).and_then(|(after, before)| {
        let sent = after.1.checked_sub(before.1).filter(|sent| *sent > 0)?;
        Some(after.0.saturating_sub(before.0) as f64 / sent as f64 * 100.0)
    });
    let before = remote.resent();
    let mut sent = 0;
    path.up = far.longest(Way::Up(&mut sent), &mut |speed, share| tell(so_far(speed, 0.5 + share / 2.0))).await?;
    let packets = sent as f64 / PACKET;
    path.lost_up =
        remote.resent().zip(before).map(|(after, before)| after.saturating_sub(before) as f64 / packets * 100.0);
    Ok(Some(path))
}

fn so_far(speed: Speed, share: f64) -> Progress {
    Progress::SoFar { text: format!("{} so far", mbps_text(speed.mbps())), share }
}

/// The script at the other end.
struct Far {
    running: Running,
    input: Input,
    /// Heard and not yet used.
    heard: Vec<u8>,
}

enum Way<'a> {
    /// From the server to here.
    Down,
    /// From here to the server, counting what was sent.
    Up(&'a mut u64),
}

impl Far {
    /// The next piece of what the script prints.
    async fn hear(&mut self) -> Result<Vec<u8>, Stop> {
        loop {
            match self.running.events.recv().await {
                Some(Event::Stdout(bytes)) => return Ok(bytes),
                Some(Event::Started { .. } | Event::Stderr(_)) => {}
                Some(Event::Failed(error)) => return Err(Stop::Failed(error)),
                Some(Event::Exit { code, .. }) if code == TOO_LONG => return Err(Stop::TooSlow),
                Some(Event::Exit { .. }) | None => return Err(ended()),
            }
        }
    }

    async fn line(&mut self) -> Result<String, Stop> {
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Ok(remote::visible(String::from_utf8_lossy(&line).trim_end(), 200));
            }
            if self.heard.len() > 4096 {
                return Err(ended());
            }
            let more = self.hear().await?;
            self.heard.extend(more);
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), Stop> {
        if self.input.send(format!("{line}\n").into_bytes()).await { Ok(()) } else { Err(self.end().await) }
    }

    /// Why it takes nothing more in.
    async fn end(&mut self) -> Stop {
        loop {
            if let Err(stop) = self.hear().await {
                return stop;
            }
        }
    }

    /// A line there and a line back, and how long that took.
    async fn ask(&mut self, line: &str) -> Result<(String, f64), Stop> {
        let began = Instant::now();
        self.say(line).await?;
        let answer = self.line().await?;
        Ok((answer, began.elapsed().as_secs_f64() * 1000.0))
    }

    /// The quickest of a few answers errs least: by half its round trip at most.
    async fn clock(&mut self) -> Result<Option<(f64, f64)>, Stop> {
        let mut best: Option<(f64, f64)> = None;
        for _ in 0..5 {
            let (answer, trip) = self.ask("clock now").await?;
            let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0;
            // Without fractions of a second it is no clock to compare with.
            let told = answer.strip_prefix("clock ").filter(|text| text.contains('.'));
            let Some(there) = told.and_then(|text| text.parse::<f64>().ok()).filter(|there| there.is_finite()) else {
                return Ok(None);
            };
            if best.is_none_or(|(_, error)| trip / 2.0 < error) {
                best = Some((there * 1000.0 - (here - trip / 2.0), trip / 2.0));
            }
        }
        Ok(best)
    }

    /// Packets that the server had to send again, and all that it sent.
    async fn sent_again(&mut self) -> Result<Option<(u64, u64)>, Stop> {
        self.say("again now").await?;
        let mut told = None;
        loop {
            let line = self.line().await?;
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["end"] => return Ok(told),
                ["again", again, all] => told = again.parse().ok().zip(all.parse().ok()),
                _ => {}
            }
        }
    }

    /// Ever longer transfers one way, until one is long enough to count.
    async fn longest(&mut self, mut way: Way<'_>, tell: &mut (dyn FnMut(Speed, f64) + Send)) -> Result<Speed, Stop> {
        let (mut left, mut size) = (MOST, BLOCK);
        loop {
            left -= size;
            let speed = match &mut way {
                Way::Down => self.down(size, tell).await?,
                Way::Up(sent) => {
                    **sent += size;
                    self.up(size, tell).await?
                }
            };
            // The next one: long enough, a tenth of a second of a start at a time, and never more than was promised.
            let wanted = speed.bytes as f64 / speed.seconds.max(0.001) * LONG;
            let next = (wanted.min(size as f64 * 16.0) as u64 / BLOCK * BLOCK).min(left / BLOCK * BLOCK);
            if speed.seconds > LONG / 2.0 || next <= size {
                return Ok(speed);
            }
            size = next;
        }
    }

    async fn down(&mut self, size: u64, tell: &mut (dyn FnMut(Speed, f64) + Send)) -> Result<Speed, Stop> {
        self.say(&format!("down {}", size / BLOCK)).await?;
        // What comes with the first piece took its time before we looked.
        let mut first = None;
        let mut got = 0;
        let mut speed = Speed::default();
        while got < size {
            let more = self.hear().await?.len() as u64;
            got += more;
            let (began, already) = *first.get_or_insert((Instant::now(), more));
            speed = Speed { bytes: got - already, seconds: began.elapsed().as_secs_f64() };
            tell(speed, got as f64 / size as f64);
        }
        if got > size { Err(ended()) } else { Ok(speed) }
    }

    async fn up(&mut self, size: u64, tell: &mut (dyn FnMut(Speed, f64) + Send)) -> Result<Speed, Stop> {
        self.say(&format!("up {size}")).await?;
        let began = Instant::now();
        let piece = vec![0; 32 * 1024];
        let mut sent = 0;
        while sent < size {
            if !self.input.send(piece.clone()).await {
                return Err(self.end().await);
            }
            sent += piece.len() as u64;
            tell(Speed { bytes: sent, seconds: began.elapsed().as_secs_f64() }, sent as f64 / size as f64);
        }
        if self.line().await? != "taken" {
            return Err(ended());
        }
        Ok(Speed { bytes: size, seconds: began.elapsed().as_secs_f64() })
    }
}

fn ended() -> Stop {
    let what = "the far end of a measurement stopped answering".to_owned();
    Stop::Failed(remote::Error::new(Fault::Internal { what }))
}

impl Path {
    fn transcript(&self) -> String {
        let trips: Vec<String> = self.trips.iter().map(|trip| format!("{trip:.2}")).collect();
        let share = |lost: Option<f64>| lost.map_or_else(|| "not told".to_owned(), |lost| format!("{lost:.2} %"));
        format!(
            "round trips, ms: {}\nfrom the server: {} bytes in {:.2} s, sent again {}\nto the server: {} bytes in {:.2} s, sent again {}\nclock: {}\n",
            trips.join(" "),
            self.down.bytes,
            self.down.seconds,
            share(self.lost_down),
            self.up.bytes,
            self.up.seconds,
            share(self.lost_up),
            self.clock.map_or_else(
                || "not told".to_owned(),
                |(ahead, error)| format!("{ahead:.1} ms ahead, give or take {error:.1}")
            ),
        )
    }

    fn figures(&self) -> Vec<Figure> {
        [self.times(), self.losses(), self.speeds()].concat()
    }

    fn times(&self) -> Vec<Figure> {
        let mut sorted = self.trips.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((sorted.len() as f64 * share) as usize).copied();
        let (Some(least), Some(median), Some(late), Some(most)) = (at(0.0), at(0.5), at(0.95), sorted.last()) else {
            return Vec::new();
        };
        let steps = self.trips.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let jitter = steps.sum::<f64>() / (self.trips.len().max(2) - 1) as f64;
        let spread = format!(
            "{} round trips, {} to {}, 19 of 20 within {}",
            sorted.len(),
            milliseconds(least),
            milliseconds(*most),
            milliseconds(late)
        );
        let mut figures = vec![
            figure(Kind::NetRoundTrip, Value::Millis(median), "Round trip", milliseconds(median), spread),
            figure(
                Kind::NetJitter,
                Value::Millis(jitter),
                "Jitter",
                milliseconds(jitter),
                "from one trip to the next".to_owned(),
            ),
        ];
        if let Some((ahead, error)) = self.clock {
            let side = if ahead < 0.0 { "behind" } else { "ahead" };
            let text = format!("{} {side}", milliseconds(ahead.abs()));
            let spread = format!("give or take {}", milliseconds(error));
            figures.push(figure(Kind::TimeOffset, Value::Millis(ahead), "Its clock", text, spread));
        }
        figures
    }

    fn losses(&self) -> Vec<Figure> {
        let ways = [(self.lost_down, "from the server"), (self.lost_up, "to the server")];
        let known: Vec<_> = ways.iter().filter_map(|(lost, way)| Some(((*lost)?, *way))).collect();
        let Some(worst) = known.iter().map(|(lost, _)| *lost).max_by(f64::total_cmp) else { return Vec::new() };
        let each: Vec<String> = known.iter().map(|(lost, way)| format!("{lost:.1}% {way}")).collect();
        let spread = format!("packets sent again: {}", each.join(", "));
        vec![figure(Kind::NetLoss, Value::Percent(worst), "Lost on the way", format!("{worst:.1}%"), spread)]
    }

    fn speeds(&self) -> Vec<Figure> {
        let (down, up) = (self.down.mbps(), self.up.mbps());
        let (slower, faster) = (down.min(up), down.max(up));
        let took = |speed: Speed| format!("{} kB in {:.1} s", grouped(speed.bytes / 1000), speed.seconds);
        let bound = "what one connection carries from here: a lower bound".to_owned();
        let mut figures = vec![
            figure(Kind::NetUpload, Value::Mbps(down), "From the server", mbps_text(down), took(self.down)),
            figure(Kind::NetDownload, Value::Mbps(up), "To the server", mbps_text(up), took(self.up)),
            figure(Kind::NetBandwidth, Value::Mbps(slower), "Slower way", mbps_text(slower), bound),
        ];
        let share = slower / faster.max(0.001) * 100.0;
        if slower < OURS || share > 90.0 {
            let spread = if share >= 70.0 { "much the same both ways" } else { "one way is slower" };
            let text = format!("{share:.0}%");
            let title = "Slower way as share of the faster";
            figures.push(figure(Kind::NetSymmetry, Value::Percent(share), title, text, spread.to_owned()));
        }
        figures
    }
}

fn figure(kind: Kind, value: Value, title: &'static str, text: String, spread: String) -> Figure {
    Figure { key: Key::plain(kind), value: Some(value), title: title.to_owned(), text, spread }
}

/// "50 ms", "0.4 ms".
fn milliseconds(value: f64) -> String {
    if value < 9.95 { format!("{value:.1} ms") } else { format!("{value:.0} ms") }
}

/// "938 Mbps", "1.4 Gbps".
fn mbps_text(value: f64) -> String {
    match value {
        value if value < 9.95 => format!("{value:.1} Mbps"),
        value if value < 999.5 => format!("{value:.0} Mbps"),
        value => format!("{:.1} Gbps", value / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Speed, script};
    use facts::Kind;

    fn path(down: f64, up: f64) -> Path {
        let speed = |mbps: f64| Speed { bytes: (mbps * 1e6 / 8.0) as u64, seconds: 1.0 };
        Path { trips: vec![50.0, 52.0, 50.0, 90.0, 51.0], down: speed(down), up: speed(up), ..Path::default() }
    }

    fn text(path: &Path, kind: Kind) -> Option<String> {
        path.figures().into_iter().find(|figure| figure.key.kind() == kind).map(|figure| figure.text)
    }

    #[test]
    fn a_late_packet_moves_the_jitter_and_not_the_median() {
        let path = path(20.0, 20.0);
        assert_eq!(text(&path, Kind::NetRoundTrip).as_deref(), Some("51 ms"));
        assert_eq!(text(&path, Kind::NetJitter).as_deref(), Some("21 ms"));
        assert_eq!(text(&path, Kind::NetBandwidth).as_deref(), Some("20 Mbps"));
    }

    #[test]
    fn one_slow_way_is_seen_and_two_fast_ones_are_not_compared() {
        assert_eq!(text(&path(20.0, 5.0), Kind::NetSymmetry).as_deref(), Some("25%"));
        assert_eq!(text(&path(2400.0, 900.0), Kind::NetSymmetry), None);
    }

    #[test]
    fn what_nobody_told_is_no_figure_and_no_time_is_no_endless_line() {
        assert_eq!(text(&path(20.0, 20.0), Kind::NetLoss), None);
        assert_eq!(text(&path(20.0, 20.0), Kind::TimeOffset), None);
        assert!(Path::default().figures().iter().all(|figure| figure.key.kind() != Kind::NetRoundTrip));
        let still = Path { down: Speed { bytes: 1_000_000, seconds: 0.0 }, ..Path::default() };
        assert!(still.down.mbps().is_finite());
    }

    /// The far end with its limits shortened, told one thing and then nothing, its line neither read nor closed.
    #[cfg(target_os = "linux")]
    fn far_end(limits: [(&str, &str); 2], word: &str) -> std::io::Result<std::process::ExitStatus> {
        use std::io::{BufRead as _, BufReader, Write as _};
        use std::process::{Command, Stdio};
        let [whole, step] = limits;
        assert!(script().contains(whole.0) && script().contains(step.0), "{}", script());
        let script = script().replace(whole.0, whole.1).replace(step.0, step.1);
        let mut sh = Command::new("/bin/sh");
        let mut far = sh.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = far.stdin.take().expect("an input");
        let mut output = BufReader::new(far.stdout.take().expect("an output"));
        input.write_all(script.as_bytes())?;
        let mut ready = String::new();
        output.read_line(&mut ready)?;
        assert_eq!(ready, "ready\n");
        input.write_all(word.as_bytes())?;
        let ended = far.wait();
        drop((input, output));
        ended
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn on_a_line_that_is_cut_without_a_word_the_far_end_ends_by_itself() -> std::io::Result<()> {
        // The limit of the whole, were it needed, would be seen: it kills, and that has another code.
        let (whole, step) = (("timeout 45 ", "timeout -s KILL 300 "), ("limit=20\n", "limit=1\n"));
        // What it sends is taken by nobody, and what it waits for never comes.
        for word in ["down 100\n", "up 100\n"] {
            assert_eq!(far_end([whole, step], word)?.code(), Some(super::TOO_LONG), "{word}");
        }
        // Nothing more is said, and nothing closed.
        let whole = ("timeout 45 ", "timeout 1 ");
        assert_eq!(far_end([whole, ("limit=20\n", "limit=20\n")], "echo 1\n")?.code(), Some(super::TOO_LONG));
        Ok(())
    }
}
