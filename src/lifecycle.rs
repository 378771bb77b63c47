//! The life of a resource, from CloudFormation's point of view: what each request promises, and keeps on a bad day.
//!
//! - A request ends before its deadline, with an answer, even if the code below panics.
//! - A create that fails names what it made, so that the rollback's Delete removes it: by its id, or, where no answer from
//!   Chime says what became of the call, as [`UNFINISHED`]. Only what was surely not made is [`NOT_CREATED`].
//! - A create that meets what an earlier delivery of the same request made, or an earlier life of the same logical resource,
//!   adopts it. What another logical id of the same stack owns is handed over, if it is as it is wanted. What belongs to another
//!   stack, or to none, is left alone.
//! - Whether an update replaces is decided between the new properties and the id. The old properties may be those of a
//!   failed update, or nonsense: they only tell what need not be said to Chime again.
//! - A replacement leaves the old resource alone. CloudFormation deletes it once the whole stack has succeeded, or keeps it
//!   when the stack rolls back.
//! - A delete succeeds if there is nothing left, whoever removed it, and fails if nobody can say so. It removes what is this
//!   logical resource's, and nothing else.
//!
//! [`UNFINISHED`]: physical_id::UNFINISHED
//! [`NOT_CREATED`]: physical_id::NOT_CREATED

mod create;
pub mod deadlines;
mod delete;
mod find;
mod physical_id;
pub mod region;
pub mod request_history;
mod untracked;
mod update;

use crate::chime::error::{Error, Kind, Result, sentence};
use crate::lifecycle::deadlines::{Deadlines, ended_by};
use crate::lifecycle::physical_id::Meaning;
use crate::lifecycle::request_history::Memory;
use crate::properties::raw::Stated;
use crate::request::{Action, Request};
use crate::resource::bearer::acting;
use crate::resource::context::Context;
use crate::resource::erased::Face;
use crate::resource::observed::Seen;
use crate::response::Response;
use futures_util::FutureExt;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use tokio::time::{Instant, timeout_at};

/// A request about a resource, and what every step of its life works with.
#[derive(Clone, Copy)]
pub struct Life<'a> {
    /// The request's surroundings.
    pub cx: &'a Context,
    /// The resource's type.
    pub face: &'a dyn Face,
    /// What is asked.
    pub request: &'a Request,
    /// Until when.
    pub deadlines: &'a Deadlines,
    /// What this process remembers.
    pub memory: &'a Memory,
}

/// The answer to a request that nothing can be done for. What was never created is deleted all the same: the Delete that
/// follows a refused Create must not fail for the same reason.
pub fn refuse(request: &Request, reason: impl Display) -> Response {
    let reason = sentence(&reason.to_string());
    match &request.action {
        Action::Delete { physical_id: id } if !id.starts_with("arn:") && !Meaning::is_unfinished(id) => {
            Response::success(id, Vec::new())
        }
        Action::Delete { physical_id } | Action::Update { physical_id, .. } => Response::refused(physical_id, reason),
        Action::Create => Response::refused(physical_id::not_created(request), reason),
    }
}

impl Life<'_> {
    /// Does what the request asks.
    pub async fn conclude(&self) -> Response {
        match &self.request.action {
            Action::Create => self.create().await,
            Action::Update { physical_id, old_properties, is_repeated } => {
                self.update(physical_id, old_properties, *is_repeated).await
            }
            Action::Delete { physical_id } => self.delete(physical_id).await,
        }
    }

    /// What the properties of the request say.
    pub fn stated(&self) -> Stated<'_> {
        Stated::of(&self.request.properties)
    }

    /// What Chime shows of the thing `id`, whoever may see it.
    async fn look(&self, id: &str) -> Result<Seen> {
        self.look_as(id, self.stated()).await
    }

    /// The same of a thing that other properties have made.
    async fn look_as(&self, id: &str, stated: Stated<'_>) -> Result<Seen> {
        acting(self.cx, self.face, id, stated, |stated| self.face.look(self.cx, id, stated)).await
    }

    /// Lets `work` end by `by`, and turns a panic into an error: whatever happens, an answer follows.
    pub async fn guarded<T>(&self, by: Instant, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        match timeout_at(by, AssertUnwindSafe(Box::pin(work)).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::bug("The function panicked")),
            Err(_) => Err(self.time_is_up()),
        }
    }

    /// Which time was up, and what Chime said last.
    fn time_is_up(&self) -> Error {
        let what = ended_by(self.deadlines.limit);
        let (under_way, last) = (self.cx.calls().under_way(), self.cx.calls().last_failure());
        // What was said to another call does not say why this one takes so long.
        let error = match (last, under_way) {
            (Some(last), under_way) if under_way.as_ref().is_none_or(|under_way| *under_way == last.operation) => {
                match last.is_throttling {
                    true => Error::new(Kind::Throttled, format!("{what} while Chime throttled: {}", last.text)),
                    false => Error::new(Kind::TimedOut, format!("{what}. The last that Chime said: {}", last.text)),
                }
            }
            (_, Some(under_way)) => Error::new(Kind::TimedOut, format!("{what} before Chime had answered {under_way}")),
            (_, None) => Error::new(Kind::TimedOut, what),
        };
        match self.cx.progress() {
            Some(progress) => error.advise(progress),
            None if error.kind() == Kind::Throttled => error,
            None => error.advise(self.deadlines.advice()),
        }
    }
}
