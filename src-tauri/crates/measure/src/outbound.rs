//! Ways out, as the server itself finds them: what its role has to fetch or ask, tried from there in one go.
//!
//! Over HTTPS any answer with a certificate that the server trusts will do. Over UDP the time is asked, and only an
//! answer that carries our own bytes counts; silence is "could not tell".

use crate::figures::Said;
use crate::{Figure, Outcome};
use facts::{Key, Kind, Value};
use remote::{Job, Remote};
use std::time::Duration;

/// Longer than the script takes.
const LIMIT: Duration = Duration::from_secs(25);

/// The port at which servers tell the time (RFC 5905), the one thing that strangers answer over UDP.
const TIME: &str = "123";

/// One way out: `github.com:443`, or `pool.ntp.org:123/udp`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    key: Key,
    host: String,
    port: String,
    udp: bool,
}

impl Way {
    /// `None` for what nobody could try.
    fn read(name: &str) -> Option<Way> {
        let (place, udp) = match name.rsplit_once('/') {
            Some((place, protocol)) => (place, protocol == "udp"),
            None => (name, false),
        };
        let (host, port) = place.rsplit_once(':')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let fits = !host.is_empty() && !host.starts_with('-') && host.chars().all(plain);
        let fits = fits && port.parse::<u16>().is_ok_and(|port| port > 0) && (!udp || port == TIME);
        let key = Key::of(Kind::NetReach, name).ok()?;
        fits.then(|| Way { key, host: host.to_owned(), port: port.to_owned(), udp })
    }

    /// The word in the script and in what it says.
    fn word(&self) -> String {
        format!("{}:{}:{}", if self.udp { "time" } else { "https" }, self.host, self.port)
    }

    fn figure(&self, said: &Said) -> Figure {
        let told = said.value_of("way", &self.word());
        let (value, text, spread) = match told {
            Some("ok") if self.udp => (Some(true), "reached", "asked for the time, and it answered us"),
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
            Some("silent") => (None, "could not tell", "no answer, and over UDP that alone says nothing"),
            Some("no-tool") => (None, "could not tell", "the server has no tool to try it with"),
            _ => (None, "could not tell", "the server did not say"),
        };
        let title = format!("{} port {}{}", self.host, self.port, if self.udp { " over UDP" } else { "" });
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
    use super::{Said, Way, script};
    use facts::Value;

    #[test]
    fn only_what_can_be_tried_is_a_way() {
        assert!(Way::read("github.com:443").is_some_and(|way| !way.udp));
        assert!(Way::read("pool.ntp.org:123/udp").is_some_and(|way| way.udp));
        for odd in ["github.com", "pool.ntp.org:9000/udp", "a'b:443", "-x:443", ":443", "github.com:0", "a/b:443"] {
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
        let hostile = Said::read("way ok\nway  https:github.com:443\n\u{1b}[2J");
        assert_eq!(web.figure(&hostile).value, None);
    }

    #[test]
    fn the_script_carries_every_way_as_one_word() {
        let ways = ["github.com:443", "pool.ntp.org:123/udp"].map(|name| Way::read(name).expect("a way"));
        assert!(script(&ways).starts_with("ways='https:github.com:443 time:pool.ntp.org:123'\n"));
    }
}
