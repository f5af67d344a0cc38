//! Ways out, as the server itself finds them: what its role has to fetch or ask, tried from there in one go.
//!
//! Over HTTPS any answer with a certificate that the server trusts will do. A WebSocket counts once it is open, which
//! only one who read our question can say. Over UDP the time is asked, over IPv4 and IPv6 apart, and only an answer that
//! carries our own bytes counts; silence is "could not tell".

use crate::figures::Said;
use crate::{Figure, Outcome};
use facts::{Key, Kind, Value};
use remote::{Job, Remote};
use std::time::Duration;

/// Longer than the script takes.
const LIMIT: Duration = Duration::from_secs(25);

/// The port at which servers tell the time (RFC 5905), the one thing that strangers answer over UDP.
const TIME: &str = "123";

/// One way out: `github.com:443`, `github.com:443/websocket/live`, or `pool.ntp.org:123/udp`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    key: Key,
    host: String,
    port: String,
    by: By,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Https,
    /// At this path.
    WebSocket(String),
    /// By asking the time.
    Udp,
}

impl Way {
    /// `None` for what nobody could try.
    fn read(name: &str) -> Option<Way> {
        let (place, by) = match name.split_once('/') {
            None => (name, By::Https),
            Some((place, "udp")) => (place, By::Udp),
            Some((place, rest)) => {
                let path = rest.strip_prefix("websocket").filter(|path| path.is_empty() || path.starts_with('/'))?;
                (place, By::WebSocket(if path.is_empty() { "/".to_owned() } else { path.to_owned() }))
            }
        };
        let (host, port) = place.rsplit_once(':')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let fits = !host.is_empty() && !host.starts_with('-') && host.chars().all(plain);
        let fits = fits && port.parse::<u16>().is_ok_and(|port| port > 0) && (by != By::Udp || port == TIME);
        // What a key may hold means nothing to a shell.
        let key = Key::of(Kind::NetReach, name).ok()?;
        fits.then(|| Way { key, host: host.to_owned(), port: port.to_owned(), by })
    }

    /// The word in the script and in what it says.
    fn word(&self) -> String {
        let Way { host, port, by, .. } = self;
        match by {
            By::Https => format!("https:{host}:{port}"),
            By::WebSocket(path) => format!("socket:{host}:{port}:{path}"),
            By::Udp => format!("time:{host}:{port}"),
        }
    }

    /// What the two families of addresses came to, where both were tried: reached by one is reached.
    fn of_families(&self, said: &Said) -> Option<Figure> {
        let answered = |name: &str| Some(said.value_of(name, &self.word())? == "ok");
        let (v4, v6) = (answered("ipv4")?, answered("ipv6")?);
        let told = |answered: bool| if answered { "it answered us" } else { "no answer, which alone says nothing" };
        let told = format!("asked for the time: over IPv4 {}; over IPv6 {}", told(v4), told(v6));
        let text = if v4 || v6 { "reached" } else { "could not tell" };
        Some(self.figure_of((v4 || v6).then_some(true), text, &told))
    }

    fn figure(&self, said: &Said) -> Figure {
        self.of_families(said).unwrap_or_else(|| self.figure_of_word(said))
    }

    fn figure_of_word(&self, said: &Said) -> Figure {
        let told = said.value_of("way", &self.word());
        let (value, text, spread) = match told {
            Some("ok") if self.by == By::Udp => (Some(true), "reached", "asked for the time, and it answered us"),
            Some("ok") if self.by != By::Https => (Some(true), "opens", "it opened, which no proxy does by itself"),
            Some("ok") => (Some(true), "reached", "it answered, with a certificate that the server trusts"),
            Some("name") => (Some(false), "not reached", "the server cannot look its name up"),
            Some("closed") => {
                (Some(false), "not reached", "no connection: look at the way out, and at firewalls for it")
            }
            Some("untrusted") => (
                Some(false),
                "not reached",
                "the server does not trust who answers: its certificates are old, its clock is wrong, or a proxy is in between",
            ),
            Some("cut") => (Some(false), "not reached", "the connection was cut before an answer"),
            Some("proxy") => (Some(false), "does not open", "a proxy in between answers in its place"),
            Some("other") => {
                (None, "could not tell", "it is reached and opens none at this path, which says nothing of others")
            }
            Some("silent") => (None, "could not tell", "no answer, and over UDP that alone says nothing"),
            Some("no-tool") => (None, "could not tell", "the server has no tool to try it with"),
            _ => (None, "could not tell", "the server did not say"),
        };
        self.figure_of(value, text, spread)
    }

    fn figure_of(&self, value: Option<bool>, text: &str, spread: &str) -> Figure {
        let how = match &self.by {
            By::Https => String::new(),
            By::WebSocket(path) => format!(", WebSocket at {path}"),
            By::Udp => " over UDP".to_owned(),
        };
        let title = format!("{} port {}{how}", self.host, self.port);
        let value = value.map(Value::Flag);
        Figure { key: self.key.clone(), value, title, text: text.to_owned(), spread: spread.to_owned() }
    }
}

/// Tries them all in one script. Dropping the future ends it on both sides.
pub(crate) async fn measure(remote: &dyn Remote, names: &[String]) -> Result<Outcome, remote::Error> {
    let ways: Vec<Way> = names.iter().filter_map(|name| Way::read(name)).collect();
    if ways.is_empty() {
        return Ok(Outcome::withheld("There is no way out that could be tried."));
    }
    // As the user who signed in: what a program may reach does not hang on being an administrator.
    let output = remote.start(Job::new(script(&ways)).silence(LIMIT)).output().await?;
    let text = remote::visible(&String::from_utf8_lossy(&output.stdout), 4000);
    let said = Said::read(&text);
    Ok(Outcome::of(ways.iter().map(|way| way.figure(&said)).collect(), text))
}

fn script(ways: &[Way]) -> String {
    let words: Vec<String> = ways.iter().map(Way::word).collect();
    // Plain characters alone, as `Way::read` left them.
    format!("ways='{}'\n{}", words.join(" "), include_str!("outbound.sh"))
}

#[cfg(test)]
mod tests {
    use super::{By, Said, Way, script};
    use facts::Value;

    #[test]
    fn only_what_can_be_tried_is_a_way() {
        assert!(Way::read("github.com:443").is_some_and(|way| way.by == By::Https));
        assert!(Way::read("pool.ntp.org:123/udp").is_some_and(|way| way.by == By::Udp));
        for (name, path) in [("a.example:443/websocket", "/"), ("a.example:443/websocket/live/v1", "/live/v1")] {
            assert!(Way::read(name).is_some_and(|way| way.by == By::WebSocket(path.to_owned())), "{name}");
        }
        for odd in [
            "github.com",
            "pool.ntp.org:9000/udp",
            "a'b:443",
            "-x:443",
            ":443",
            "github.com:0",
            "a/b:443",
            "a.example:443/websockets",
            "a.example:443/websocket/a b",
        ] {
            assert_eq!(Way::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn silence_over_udp_and_a_lack_of_tools_are_no_reading() {
        let (web, time) = (Way::read("github.com:443").expect("a way"), Way::read("a.example:123/udp").expect("a way"));
        let said = Said::read("way ok https:github.com:443\nway silent time:a.example:123\n");
        assert_eq!((web.figure(&said).value, time.figure(&said).value), (Some(Value::Flag(true)), None));
        let said = Said::read("way untrusted https:github.com:443\nway ok time:other:123\n");
        assert_eq!((web.figure(&said).value, time.figure(&said).value), (Some(Value::Flag(false)), None));
        let both = |v4: &str, v6: &str| {
            time.figure(&Said::read(&format!("ipv4 {v4} time:a.example:123\nipv6 {v6} time:a.example:123\n")))
        };
        assert_eq!(both("silent", "silent").value, None);
        let one = both("ok", "silent");
        assert_eq!(one.value, Some(Value::Flag(true)));
        assert!(one.spread.contains("over IPv4 it answered us; over IPv6 no answer"), "{}", one.spread);
        let hostile = Said::read("way ok\nway  https:github.com:443\n\u{1b}[2J");
        assert_eq!(web.figure(&hostile).value, None);
    }

    #[test]
    fn a_socket_is_open_or_a_proxy_is_in_the_way_and_any_other_answer_settles_nothing() {
        let socket = Way::read("a.example:443/websocket/live").expect("a way");
        let of = |word: &str| socket.figure(&Said::read(&format!("way {word} socket:a.example:443:/live\n"))).value;
        assert_eq!((of("ok"), of("proxy"), of("other")), (Some(Value::Flag(true)), Some(Value::Flag(false)), None));
        assert_eq!((of("name"), of("no-tool")), (Some(Value::Flag(false)), None));
    }

    #[test]
    fn the_script_carries_every_way_as_one_word() {
        let ways = ["github.com:443", "pool.ntp.org:123/udp", "a.example:443/websocket"]
            .map(|name| Way::read(name).expect("a way"));
        assert!(
            script(&ways).starts_with("ways='https:github.com:443 time:pool.ntp.org:123 socket:a.example:443:/'\n")
        );
    }
}
