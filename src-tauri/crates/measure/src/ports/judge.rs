//! What a knock, what the server saw of it and what its firewall says come to.

use super::Verdict;

/// What came of knocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knock {
    /// Over TCP it connected; with the port that answered with our nonce, where one did.
    Connected(Option<u16>),
    /// Over UDP our own answer came back, from this port.
    Answered(u16),
    /// Somebody said that nobody is there.
    Refused,
    Silent,
}

/// What stood at the port while we knocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Our responder.
    Ours,
    /// A program of the server's own.
    Taken,
    /// Nobody: there was nothing to start a responder with, or no right to.
    Nobody,
}

/// All that is known of one port in one family of addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) tcp: bool,
    pub(crate) port: u16,
    pub(crate) knock: Knock,
    pub(crate) holder: Holder,
    /// The port at which our responder took the knock in.
    pub(crate) got: Option<u16>,
    /// The port at which the knock came in, before any firewall of the server; `Err` where nobody could look.
    pub(crate) saw: Result<Option<u16>, Blind>,
    /// Whether the server's own firewall lets it in, as it was read.
    pub(crate) allowed: Option<bool>,
}

/// Nobody could look at what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blind;

/// Why, where the verdict alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Plain,
    /// A program of the server's own answered, or has the port.
    Taken,
    /// It comes out at another port.
    Elsewhere(u16),
    /// Something in front answers in the server's place.
    InItsPlace,
    /// Only what was read of the firewall says so.
    AsRead,
    /// UDP was silent, and nobody on the server could tell.
    Silence,
}

impl Known {
    pub(crate) fn judge(&self) -> (Verdict, Reason) {
        let answered = match self.knock {
            Knock::Connected(port) => port,
            Knock::Answered(port) => Some(port),
            Knock::Refused | Knock::Silent => None,
        };
        let arrived = [self.got, answered, self.saw.ok().flatten()];
        if let Some(other) = arrived.into_iter().flatten().find(|port| *port != self.port) {
            return (Verdict::BlockedBefore, Reason::Elsewhere(other));
        }
        match (self.knock, self.holder) {
            _ if self.got.is_some() || answered.is_some() => (Verdict::Open, Reason::Plain),
            (Knock::Connected(_), Holder::Ours) => (Verdict::BlockedBefore, Reason::InItsPlace),
            (Knock::Connected(_), _) if self.saw == Ok(None) => (Verdict::BlockedBefore, Reason::InItsPlace),
            (Knock::Connected(_), _) => (Verdict::Open, Reason::Taken),
            (_, _) if self.saw == Ok(None) => (Verdict::BlockedBefore, Reason::Plain),
            (Knock::Refused, Holder::Taken | Holder::Nobody) if self.allowed != Some(false) => {
                (Verdict::NothingListens, Reason::Plain)
            }
            (Knock::Silent, Holder::Taken) if !self.tcp => self.silent_program(),
            (Knock::Silent, Holder::Nobody) if !self.tcp && self.allowed != Some(false) => {
                (Verdict::Inconclusive, Reason::Silence)
            }
            (_, _) => self.by_the_firewall(),
        }
    }

    /// A program has a UDP port and says nothing to strangers: nobody knows whether it heard.
    fn silent_program(&self) -> (Verdict, Reason) {
        match (self.saw, self.allowed) {
            (_, Some(false)) => (Verdict::BlockedHere, Reason::AsRead),
            (Ok(Some(_)), _) => (Verdict::Inconclusive, Reason::Taken),
            _ => (Verdict::Inconclusive, Reason::Silence),
        }
    }

    /// It did not get through: where was it stopped?
    fn by_the_firewall(&self) -> (Verdict, Reason) {
        match (self.saw, self.allowed) {
            (Ok(Some(_)), _) => (Verdict::BlockedHere, Reason::Plain),
            (_, Some(false)) => (Verdict::BlockedHere, Reason::AsRead),
            (_, Some(true)) => (Verdict::BlockedBefore, Reason::AsRead),
            (_, None) => (Verdict::Inconclusive, Reason::Silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Blind, Holder, Knock, Known, Reason};
    use crate::Verdict;

    fn tcp(knock: Knock, holder: Holder) -> Known {
        Known { tcp: true, port: 443, knock, holder, got: None, saw: Err(Blind), allowed: None }
    }

    fn udp(knock: Knock, holder: Holder) -> Known {
        Known { tcp: false, port: 9000, ..tcp(knock, holder) }
    }

    #[test]
    fn tcp_is_open_where_our_own_word_or_a_program_answers() {
        let ours = tcp(Knock::Connected(Some(443)), Holder::Ours);
        assert_eq!(ours.judge(), (Verdict::Open, Reason::Plain));
        assert_eq!(tcp(Knock::Connected(None), Holder::Taken).judge(), (Verdict::Open, Reason::Taken));
    }

    #[test]
    fn who_answers_in_the_place_of_the_server_opens_nothing() {
        let ours = tcp(Knock::Connected(None), Holder::Ours);
        assert_eq!(ours.judge(), (Verdict::BlockedBefore, Reason::InItsPlace));
        let elsewhere = tcp(Knock::Connected(Some(8443)), Holder::Ours);
        assert_eq!(elsewhere.judge(), (Verdict::BlockedBefore, Reason::Elsewhere(8443)));
        let seen = Known { saw: Ok(Some(8443)), ..tcp(Knock::Refused, Holder::Ours) };
        assert_eq!(seen.judge(), (Verdict::BlockedBefore, Reason::Elsewhere(8443)));
    }

    #[test]
    fn a_packet_that_was_seen_was_stopped_on_the_server_and_one_that_was_not_before_it() {
        for known in
            [tcp(Knock::Silent, Holder::Ours), tcp(Knock::Refused, Holder::Ours), udp(Knock::Silent, Holder::Ours)]
        {
            assert_eq!(Known { saw: Ok(Some(known.port)), ..known }.judge().0, Verdict::BlockedHere);
            assert_eq!(Known { saw: Ok(None), ..known }.judge().0, Verdict::BlockedBefore);
            assert_eq!(Known { allowed: Some(false), ..known }.judge(), (Verdict::BlockedHere, Reason::AsRead));
            assert_eq!(Known { allowed: Some(true), ..known }.judge(), (Verdict::BlockedBefore, Reason::AsRead));
            assert_eq!(known.judge().0, Verdict::Inconclusive);
        }
    }

    #[test]
    fn nothing_listens_is_said_where_the_way_is_free() {
        let closed = tcp(Knock::Refused, Holder::Nobody);
        assert_eq!(closed.judge().0, Verdict::NothingListens);
        assert_eq!(Known { allowed: Some(false), ..closed }.judge().0, Verdict::BlockedHere);
        assert_eq!(udp(Knock::Refused, Holder::Nobody).judge().0, Verdict::NothingListens);
    }

    #[test]
    fn udp_is_open_for_our_nonce_and_for_nothing_else() {
        assert_eq!(Known { got: Some(9000), ..udp(Knock::Silent, Holder::Ours) }.judge().0, Verdict::Open);
        for holder in [Holder::Ours, Holder::Taken, Holder::Nobody] {
            for knock in [Knock::Silent, Knock::Refused] {
                for saw in [Err(Blind), Ok(None), Ok(Some(9000))] {
                    for allowed in [None, Some(true), Some(false)] {
                        let known = Known { saw, allowed, ..udp(knock, holder) };
                        assert_ne!(known.judge().0, Verdict::Open, "{known:?}");
                    }
                }
            }
        }
    }
}
