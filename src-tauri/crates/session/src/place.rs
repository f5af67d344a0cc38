//! Where a walk takes place: on a server, on the output of a probe, or on a recorded server to practise on. What differs
//! between them is answered here, so that the walk itself reads the same on all three.

use crate::error::WorkError;
use crate::examine::{self, Examination, Places, Question};
use crate::guarded::{self, Ending, Guarded};
use crate::link::Link;
use crate::practice::Practice;
use crate::progress::CheckProgress;
use crate::remembered;
use crate::run::{Settled, Tell, Waiting};
use crate::session::Aim;
use facts::Context;
use remote::{Cancel, Secret};
use tuning::Proposal;
use tuning::before::Before;
use tuning::receipt::Receipt;
use tuning::run::{Answers, RunId, RunSpec};
use tuning::script::BY_HAND;

#[derive(Debug)]
pub(crate) enum Place {
    Line(Link),
    /// Output of a probe that somebody ran by hand.
    File(Vec<u8>),
    /// Recorded readings to try things on: everything that leaves this walk says so.
    Practice(Practice),
}

/// What a run is to make.
pub(crate) struct Making<'a> {
    pub(crate) proposal: &'a Proposal,
    pub(crate) stands: &'a Before,
    /// Ports that the role wants people to reach.
    pub(crate) doors: &'a [u16],
}

/// What a run is to take back.
pub(crate) struct Undoing<'a> {
    pub(crate) run: &'a str,
    /// The run, where it was one of this walk.
    pub(crate) of_walk: Option<&'a Settled>,
    pub(crate) answers: &'a Answers,
    pub(crate) window_seconds: u32,
    pub(crate) doors: &'a [u16],
}

impl Place {
    /// The line to the server; there is none where readings stand for one.
    pub(crate) fn line(&mut self) -> Result<&mut Link, WorkError> {
        match self {
            Place::Line(link) => Ok(link),
            Place::File(_) | Place::Practice(_) => Err(WorkError::OnlyAFile),
        }
    }

    pub(crate) fn is_a_server(&self) -> bool {
        matches!(self, Place::Line(_))
    }

    pub(crate) fn is_carried(&self) -> bool {
        matches!(self, Place::File(_))
    }

    pub(crate) fn is_practice(&self) -> bool {
        matches!(self, Place::Practice(_))
    }

    /// From now on `cancel` stops calling.
    pub(crate) fn stop_with(&mut self, cancel: &Cancel) {
        if let Place::Line(link) = self {
            link.stop_with(cancel);
        }
    }

    pub(crate) fn give_sudo_password(&self, password: &Secret) {
        if let Place::Line(link) = self {
            link.give_sudo_password(password.clone());
        }
    }

    /// Reads and judges, and looks at what stands where changes would be made.
    pub(crate) async fn look(
        &mut self,
        question: &Question<'_>,
        context: &Context,
        aim: Aim,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(CheckProgress) + Send),
    ) -> Result<(Examination, Before), WorkError> {
        match self {
            Place::File(raw) => Ok((examine::examine_saved(raw, question, context)?, Before::read(raw, BY_HAND))),
            Place::Practice(practice) => practice.examine(question, context),
            Place::Line(link) => {
                let remote = link.ready().await?;
                let probing = examine::ask(remote, question);
                let places = (aim == Aim::Change).then(|| Places::look(remote, question));
                let examination = examine::examine(probing, question, context, cancel, progress).await?;
                let stands = match places {
                    Some(places) => places.seen(remote, cancel).await,
                    None => Before::default(),
                };
                Ok((examination, stands))
            }
        }
    }

    pub(crate) async fn make(
        &mut self,
        making: &Making<'_>,
        spec: &RunSpec,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Guarded, WorkError> {
        match self {
            Place::File(_) => Err(WorkError::OnlyAFile),
            Place::Practice(practice) => practice.make(&making.proposal.view().changes, spec, cancel, tell).await,
            Place::Line(link) => {
                let nonce = crate::nonce();
                let script = tuning::run::launch(making.proposal, making.stands, spec, &nonce);
                let new_ssh_ports = &tuning::run::new_ssh_ports(&making.proposal.changes);
                let doors = guarded::Doors { wanted: making.doors, new_ssh_ports };
                guarded::begin(link, spec, (script, &nonce), doors, cancel, tell).await
            }
        }
    }

    pub(crate) async fn unmake(
        &mut self,
        undoing: &Undoing<'_>,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Guarded, WorkError> {
        match self {
            Place::File(_) => Err(WorkError::OnlyAFile),
            Place::Practice(practice) => {
                let of_walk = undoing.of_walk.ok_or_else(|| WorkError::NoSuchRun(undoing.run.to_owned()))?;
                let spec = guarded::spec("", undoing.window_seconds)?;
                practice.unmake(&of_walk.changes, &spec, cancel, tell).await
            }
            Place::Line(link) => {
                let receipt = remembered::receipt(link, undoing.run, cancel).await?;
                let spec = guarded::spec(&receipt.manifest.role, undoing.window_seconds)?;
                let nonce = crate::nonce();
                let script = tuning::run::undo(&receipt, undoing.answers, &spec, &nonce);
                let doors = guarded::Doors { wanted: undoing.doors, new_ssh_ports: &[] };
                guarded::begin(link, &spec, (script, &nonce), doors, cancel, tell).await
            }
        }
    }

    pub(crate) async fn keep(&mut self, waiting: &Waiting, cancel: &Cancel) -> Result<Ending, WorkError> {
        match self {
            Place::Practice(_) => Ok(Practice::keep(waiting)),
            _ => guarded::keep(self.line()?, waiting, cancel).await,
        }
    }

    pub(crate) async fn put_back(
        &mut self,
        waiting: &Waiting,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Ending, WorkError> {
        match self {
            Place::Practice(_) => Ok(Practice::put_back(waiting)),
            _ => guarded::put_back(self.line()?, waiting, cancel, tell).await,
        }
    }

    /// Sets the safety timer anew. Returns the seconds that are left now.
    pub(crate) async fn more_time(&mut self, run: &RunId, seconds: u32, cancel: &Cancel) -> Result<u32, WorkError> {
        match self {
            Place::Practice(_) => Ok(seconds),
            _ => guarded::more_time(self.line()?, run, seconds, cancel).await,
        }
    }

    /// A run was answered, or answered itself.
    pub(crate) fn settle(&mut self, kept: bool) {
        if let Place::Practice(practice) = self {
            practice.settle(kept);
        }
    }

    /// Every run that the server remembers, oldest first.
    pub(crate) async fn runs(&mut self, cancel: &Cancel) -> Result<Vec<Receipt>, WorkError> {
        match self {
            Place::Practice(_) => Ok(Vec::new()),
            _ => remembered::runs(self.line()?, cancel).await,
        }
    }

    /// Runs that the output of a probe tells of.
    pub(crate) fn runs_by_hand(&self) -> Vec<Receipt> {
        match self {
            Place::File(raw) => tuning::receipt::read(raw, BY_HAND),
            Place::Line(_) | Place::Practice(_) => Vec::new(),
        }
    }
}
