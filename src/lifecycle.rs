//! The lifecycle of a resource, from CloudFormation's point of view: what each request promises, and keeps on a bad day.
//!
//! - A request ends before its deadline, with an answer, even if the code below panics.
//! - A create that fails names what it made, so that the rollback's Delete removes it: by its id, or, where no answer from
//!   Chime says what became of the call, as [`OUTCOME_UNKNOWN`]. Only what was surely not made is [`NOT_CREATED`].
//! - A create that meets what an earlier delivery of the same request made, or an earlier create of the same logical resource,
//!   adopts it. What another logical id of the same stack owns is handed over, if it is as stated. What belongs to another
//!   stack, or to none, is left alone.
//! - Whether an update replaces is decided between the new properties and the id. The previous properties may be those of a
//!   failed update, or nonsense: they only tell what need not be said to Chime again.
//! - A replacement leaves the old resource alone. CloudFormation deletes it once the whole stack has succeeded, or keeps it
//!   when the stack rolls back.
//! - A delete succeeds if there is nothing left, whoever removed it, and fails if nobody can say so. It removes what is this
//!   logical resource's, and nothing else.
//!
//! [`decide`] says what to do, by facts alone; [`inquiry`] collects the facts; `execute` makes the calls.
//!
//! [`OUTCOME_UNKNOWN`]: physical_id::OUTCOME_UNKNOWN
//! [`NOT_CREATED`]: physical_id::NOT_CREATED

pub mod deadlines;
pub mod decide;
mod execute;
mod find;
pub mod inquiry;
mod physical_id;
pub mod region;
pub mod request_history;

use crate::chime::call_log::InFlight;
use crate::chime::error::{Error, Kind, LastFailure, Result, sentence};
use crate::chime::poll::Window;
use crate::lifecycle::deadlines::{Deadlines, ended_by};
use crate::lifecycle::physical_id::PhysicalIdKind;
use crate::lifecycle::request_history::RequestHistory;
use crate::properties::raw::RawProperties;
use crate::request::{Action, Request};
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::response::Response;
use crate::settings::TimeScale;
use futures_util::FutureExt;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use tokio::time::{Instant, timeout_at};

/// A request about a resource, and what every step works with.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The request's surroundings.
    pub cx: &'a Context,
    /// The resource's type.
    pub resource: &'a dyn DynResource,
    /// What is asked.
    pub request: &'a Request,
    /// Until when.
    pub deadlines: &'a Deadlines,
    /// The requests that this process has handled before.
    pub history: &'a RequestHistory,
}

/// The answer to a request that nothing can be done for. What was never created is deleted all the same: the Delete that
/// follows a rejected Create must not fail for the same reason.
pub fn reject(request: &Request, reason: impl Display) -> Response {
    let reason = sentence(&reason.to_string());
    match &request.action {
        Action::Delete { physical_id: id } if !id.starts_with("arn:") && !PhysicalIdKind::is_outcome_unknown(id) => {
            Response::success(id, Vec::new())
        }
        Action::Delete { physical_id } | Action::Update { physical_id, .. } => Response::rejected(physical_id, reason),
        Action::Create => Response::rejected(physical_id::not_created(request), reason),
    }
}

impl<'a> Operation<'a> {
    /// Does what the request asks.
    pub async fn run(&self) -> Response {
        match &self.request.action {
            Action::Create => self.create().await,
            Action::Update { physical_id, old_properties, reliability } => {
                self.update(physical_id, old_properties, *reliability).await
            }
            Action::Delete { physical_id } => self.delete(physical_id).await,
        }
    }

    /// The properties of the request, unchecked.
    pub fn raw(&self) -> RawProperties<'a> {
        RawProperties::of(&self.request.properties)
    }

    /// How fast time passes.
    pub fn time_scale(&self) -> TimeScale {
        self.cx.settings().time_scale
    }

    /// The time within which Chime comes to show what it has just done; half of what is left, if that is less.
    pub fn consistency_window(&self) -> Window {
        Window::consistency(self.time_scale()).and_until(self.deadlines.half_remaining())
    }

    /// Lets `work` end by `by`, and turns a panic into an error: whatever happens, an answer follows.
    pub async fn with_deadline<T>(&self, by: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
        match timeout_at(by, AssertUnwindSafe(Box::pin(work)).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::bug("The function panicked")),
            Err(_) => Err(self.time_is_up()),
        }
    }

    /// Which time was up, and what Chime said last.
    fn time_is_up(&self) -> Error {
        let what = ended_by(self.deadlines.limit);
        let (in_flight, last) = (self.cx.calls().in_flight(), self.cx.calls().last_failure());
        // What was said to another call does not say why this one takes so long.
        let error = match (last, in_flight) {
            (Some(LastFailure { service, operation, text, is_throttling }), in_flight)
                if in_flight.as_ref().is_none_or(|in_flight| in_flight.operation == operation) =>
            {
                match is_throttling {
                    true => Error::new(Kind::Throttled, format!("{what} while {service} throttled: {text}")),
                    false => Error::new(Kind::TimedOut, format!("{what}. Before that: {text}")),
                }
            }
            (_, Some(InFlight { service, operation })) => {
                Error::new(Kind::TimedOut, format!("{what} before {service} had answered {operation}"))
            }
            (_, None) => Error::new(Kind::TimedOut, what),
        };
        match self.cx.progress() {
            Some(progress) => error.with_advice(format!("{} {}", sentence(&progress), self.deadlines.advice())),
            None if error.kind() == Kind::Throttled => error,
            None => error.with_advice(self.deadlines.advice()),
        }
    }
}
