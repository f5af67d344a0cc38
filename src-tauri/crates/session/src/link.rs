//! The line to one server: one connection for the whole walk, and the way to call again.

use crate::answers::{Purpose, WalkAnswers};
use crate::clock::Moment;
use crate::session::ServerHead;
use remote::{Cancel, Family, Local, Options, Remote, Secret, Ssh, Target};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A family of addresses that does not answer within this is not in use.
const OTHER_FAMILY: Duration = Duration::from_secs(3);

/// A line, and how it came about.
#[derive(Debug)]
pub(crate) enum Link {
    Here(Local),
    Ssh { line: Ssh, dial: Box<Dial> },
}

/// All that a new connection needs.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) target: Target,
    pub(crate) options: Options,
    pub(crate) answers: Arc<WalkAnswers>,
}

impl Dial {
    async fn call(&self, options: &Options) -> Result<Ssh, remote::Error> {
        let line = Ssh::connect(&self.target, options, self.answers.clone()).await?;
        let server = line.server();
        let sudo = Purpose::sudo(&server.user, &server.host, server.port);
        if let Some(password) = self.answers.given(&sudo) {
            line.give_sudo_password(password);
        }
        Ok(line)
    }
}

impl Link {
    pub(crate) fn here() -> Link {
        Link::Here(Local)
    }

    /// Calls the server for the first time. Afterwards its key is known, so trust given for this once is used up.
    pub(crate) async fn over_ssh(mut dial: Dial) -> Result<(Link, ServerHead), remote::Error> {
        let line = dial.call(&dial.options).await?;
        dial.options.trust.clear();
        dial.options.replace = None;
        let server = line.server();
        let head = ServerHead {
            name: server.name.clone(),
            host: server.host.clone(),
            port: server.port,
            user: server.user.clone(),
            host_key: Some(server.host_key.fingerprint()),
            dialled: server.address.map(|address| address.ip().to_string()).unwrap_or_default(),
            signed_in_by: server.signed_in_by.clone(),
            connect_ms: 0,
        };
        Ok((Link::Ssh { line, dial: Box::new(dial) }, head))
    }

    pub(crate) fn remote(&self) -> &dyn Remote {
        match self {
            Link::Here(local) => local,
            Link::Ssh { line, .. } => line,
        }
    }

    /// The line, called anew where it was lost meanwhile: the walk goes on where it stood.
    pub(crate) async fn ready(&mut self) -> Result<&dyn Remote, remote::Error> {
        let lost = matches!(self, Link::Ssh { line, .. } if line.ended().is_some());
        if lost {
            tracing::info!("the line was lost; calling again");
            self.call_again().await?;
        }
        Ok(self.remote())
    }

    /// Gives up a line on which nobody can be heard.
    pub(crate) fn hang_up(&self) {
        if let Link::Ssh { line, .. } = self {
            line.close();
        }
    }

    /// Replaces a lost line by a new one.
    pub(crate) async fn call_again(&mut self) -> Result<(), remote::Error> {
        match self {
            Link::Here(_) => Ok(()),
            Link::Ssh { line, dial } => {
                line.close();
                *line = dial.call(&dial.options).await?;
                Ok(())
            }
        }
    }

    /// A second connection beside the first: what the first shows about signing in is the past. On this computer there
    /// is no door to prove, only a fresh shell. With a family, by an address of that family and no other.
    pub(crate) async fn fresh(&self, family: Option<Family>) -> Result<Box<dyn Remote>, remote::Error> {
        match self {
            Link::Here(local) => Ok(Box::new(*local)),
            Link::Ssh { dial, .. } => {
                let options = Options { proof: true, family, ..dial.options.clone() };
                Ok(Box::new(dial.call(&options).await?))
            }
        }
    }

    /// The same, by another port of the same server: with the key that it is known by here and the secrets that it had, and
    /// known by that key there from then on.
    pub(crate) async fn fresh_at(&self, port: u16) -> Result<Box<dyn Remote>, remote::Error> {
        let Link::Ssh { line, dial } = self else { return self.fresh(None).await };
        let server = line.server();
        dial.answers.same_at(&server.user, &server.host, server.port, port);
        let there = Target { port, ..dial.target.clone() };
        let target = Target { known_as: Some(dial.target.known_hosts_name()), ..there.clone() };
        let options = Options { proof: true, ..dial.options.clone() };
        let fresh = Dial { target, ..Dial::clone(dial) }.call(&options).await?;
        let (file, name) = (&dial.options.own_known_hosts, there.known_hosts_name());
        if let Err(error) = remote::trust(file, &name, &server.host_key, Moment::now().unix_seconds()) {
            tracing::info!(%error, "the new port is met again as if for the first time");
        }
        Ok(Box::new(fresh))
    }

    /// The families of address that this server can be reached by right now; of a server that is called by an address or
    /// through others, none but the one in use.
    pub(crate) async fn families(&self) -> Vec<Family> {
        let Link::Ssh { line, dial } = self else { return Vec::new() };
        let Some(used) = line.server().address.map(|address| Family::of(&address)) else { return Vec::new() };
        let other = if used == Family::V4 { Family::V6 } else { Family::V4 };
        let by_name = dial.target.host.parse::<std::net::IpAddr>().is_err();
        let limit = dial.options.limits.connect.min(OTHER_FAMILY);
        let both = by_name && remote::answers(&dial.target.host, dial.target.port, other, limit).await;
        if both { vec![used, other] } else { vec![used] }
    }

    /// Where this computer dials the server itself; none for this computer and for servers behind others.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        match self {
            Link::Here(_) => None,
            Link::Ssh { line, .. } => line.server().address,
        }
    }

    /// From now on `cancel` stops calling.
    pub(crate) fn stop_with(&mut self, cancel: &Cancel) {
        match self {
            Link::Here(_) => {}
            Link::Ssh { dial, .. } => dial.options.cancel = cancel.clone(),
        }
    }

    /// Keeps a password for sudo on this line.
    pub(crate) fn give_sudo_password(&self, password: Secret) {
        match self {
            // A person at this computer has a terminal of their own for sudo.
            Link::Here(_) => {}
            Link::Ssh { line, .. } => line.give_sudo_password(password),
        }
    }
}
