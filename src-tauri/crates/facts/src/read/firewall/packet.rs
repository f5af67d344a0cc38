//! A packet from somewhere on the internet that opens a connection, and what may become of it.

use std::net::IpAddr;
use std::ops::BitOr;

/// The packet whose way through the rules is followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) v6: bool,
    pub(super) protocol: &'a str,
    pub(super) port: u16,
    /// Interface of the default route, by which it comes in.
    pub(super) interface: Option<&'a str>,
}

/// Whether a condition holds for the packet. What we do not understand may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    Maybe,
}

impl Holds {
    pub(super) fn of(yes: bool) -> Holds {
        if yes { Holds::Yes } else { Holds::No }
    }

    pub(super) fn and(self, other: Holds) -> Holds {
        match (self, other) {
            (Holds::No, _) | (_, Holds::No) => Holds::No,
            (Holds::Yes, Holds::Yes) => Holds::Yes,
            (Holds::Maybe, _) | (_, Holds::Maybe) => Holds::Maybe,
        }
    }

    pub(super) fn flip(self, flip: bool) -> Holds {
        match self {
            Holds::Yes if flip => Holds::No,
            Holds::No if flip => Holds::Yes,
            held => held,
        }
    }
}

/// All that may become of the packet: a set of accepted, dropped, and not decided here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate(u8);

impl Fate {
    pub(super) const NONE: Fate = Fate(0);
    pub(super) const ACCEPT: Fate = Fate(1);
    pub(super) const DROP: Fate = Fate(2);
    pub(super) const PASS: Fate = Fate(4);

    pub(super) fn may(self, other: Fate) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn without(self, other: Fate) -> Fate {
        Fate(self.0 & !other.0)
    }

    /// What the policy makes of a packet that no rule decided.
    pub(super) fn under(self, policy: Fate) -> Fate {
        if self.may(Fate::PASS) { self.without(Fate::PASS) | policy } else { self }
    }

    /// The fate after this chain and another one behind it: both must let the packet through.
    pub(super) fn then(self, next: Fate) -> Fate {
        match self {
            Fate::ACCEPT => next,
            Fate::DROP => Fate::DROP,
            _ if next == Fate::DROP => Fate::DROP,
            _ => Fate::ACCEPT | Fate::DROP,
        }
    }

    /// Whether the packet gets in, where that can be told.
    pub(super) fn accepted(self) -> Option<bool> {
        match self {
            Fate::ACCEPT => Some(true),
            Fate::DROP => Some(false),
            _ => None,
        }
    }
}

impl BitOr for Fate {
    type Output = Fate;

    fn bitor(self, other: Fate) -> Fate {
        Fate(self.0 | other.0)
    }
}

/// Whether "22", "1000:2000" or "1000-2000" covers the port.
pub(super) fn port_in(word: &str, port: u16) -> Holds {
    let (low, high) = word.split_once([':', '-']).unwrap_or((word, word));
    match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
        (Ok(low), Ok(high)) => Holds::of((low..=high).contains(&port)),
        // nft prints well-known ports by number unless asked; a name is rare.
        _ if low == "ssh" => Holds::of(port == 22),
        _ if low == "http" => Holds::of(port == 80),
        _ if low == "https" => Holds::of(port == 443),
        _ => Holds::Maybe,
    }
}

/// Whether a source of "10.0.0.0/8" covers somebody out on the internet: only when it covers everybody.
pub(super) fn source(word: &str) -> Holds {
    Holds::of(matches!(word, "0.0.0.0/0" | "::/0" | "anywhere"))
}

/// Whether the packet may be addressed so. Our own address it may be; that of a group it never is.
pub(super) fn destination(word: &str) -> Holds {
    let (address, bits) = word.split_once('/').unwrap_or((word, "x"));
    match address.parse::<IpAddr>() {
        Ok(_) if bits == "0" => Holds::Yes,
        Ok(IpAddr::V4(v4)) => {
            if v4.is_multicast() || v4.is_broadcast() || v4.is_loopback() {
                Holds::No
            } else {
                Holds::Maybe
            }
        }
        Ok(IpAddr::V6(v6)) => {
            let local = v6.segments()[0] & 0xffc0 == 0xfe80;
            if v6.is_multicast() || v6.is_loopback() || local { Holds::No } else { Holds::Maybe }
        }
        Err(_) => Holds::Maybe,
    }
}

/// Whether the packet comes in by this interface; a plus or star at the end covers all that begin so.
pub(super) fn interface(word: &str, packet: &Packet<'_>) -> Holds {
    let word = word.trim_matches('"');
    if word == "lo" {
        return Holds::No;
    }
    match (packet.interface, word.strip_suffix(['+', '*'])) {
        (Some(ours), Some(start)) => Holds::of(ours.starts_with(start)),
        (Some(ours), None) => Holds::of(ours == word),
        (None, _) => Holds::Maybe,
    }
}
