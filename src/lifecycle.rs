//! The lifecycle of a resource as CloudFormation sees it: what each request promises, even when Chime or Lambda misbehaves.
//!
//! - Every request is answered before its deadline, even if the code below panics.
//! - A failed create reports an id that lets the rollback's Delete clean up: the resource's own id, or [`OUTCOME_UNKNOWN`] if
//!   Chime never said whether the call succeeded. It reports [`NOT_CREATED`] only if nothing can have been created.
//! - A create continues with a resource that an earlier delivery of the same request created, or an earlier create of the same
//!   logical resource. It takes over a resource of another logical id in the same stack if the properties match. It leaves
//!   alone what belongs to another stack or to none.
//! - An update decides by the new properties and the id whether to replace the resource. The previous properties may stem from
//!   a failed update, or be nonsense. They only save calls: what they already say is not sent to Chime again.
//! - A replacement leaves the old resource alone. CloudFormation deletes it once the whole stack has succeeded, or keeps it
//!   when the stack rolls back.
//! - A delete succeeds if nothing is left, whoever removed it, and fails if that cannot be established. It removes only what
//!   belongs to this logical resource.
//!
//! [`decide`] turns facts into decisions, [`inquiry`] collects the facts, and `execute` makes the calls.
//!
//! [`OUTCOME_UNKNOWN`]: physical_id::OUTCOME_UNKNOWN
//! [`NOT_CREATED`]: physical_id::NOT_CREATED

pub mod deadlines;
pub mod decide;
mod execute;
mod find;
pub mod inquiry;
pub mod physical_id;
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

/// One request about one resource, with what every step needs.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The Chime clients, the clock, and what this request has created so far.
    pub cx: &'a Context,
    /// The resource type.
    pub resource: &'a dyn DynResource,
    /// The request.
    pub request: &'a Request,
    /// When each part of the work has to end.
    pub deadlines: &'a Deadlines,
    /// The requests that this process has handled before.
    pub history: &'a RequestHistory,
}

/// The answer to a request that cannot be carried out, such as one with invalid properties.
///
/// A Delete of a resource that was never created succeeds all the same: the Delete that follows a rejected Create must not fail
/// for the same reason.
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

/// The answer of `work`, or a failure if it panics. [`Operation::with_deadline`] turns a panic into an error where it happens; this is for the
/// code around it, which makes no call.
pub async fn unless_panicked(request: &Request, cx: &Context, work: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(Box::pin(work)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            let id = match &request.action {
                Action::Create => cx.claimed().unwrap_or_else(|| physical_id::outcome_unknown(request)),
                Action::Delete { physical_id } | Action::Update { physical_id, .. } => physical_id.clone(),
            };
            Response::failed(id, Error::bug("The function panicked"))
        }
    }
}

impl<'a> Operation<'a> {
    /// Carries out the request.
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

    /// The scale of every wait; only tests change it.
    pub fn time_scale(&self) -> TimeScale {
        self.cx.settings().time_scale
    }

    /// The time that Chime may take to show a change: `CONSISTENCY_WINDOW`, or half of the time left if that is less.
    pub fn consistency_window(&self) -> Window {
        Window::consistency(self.time_scale()).and_until(self.deadlines.half_remaining())
    }

    /// Runs `work` until `by` at the latest and turns a panic into an error, so the caller can always answer.
    ///
    /// # Errors
    /// Those of `work`, a panic, or the end of the time.
    pub async fn with_deadline<T>(&self, by: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
        match timeout_at(by, AssertUnwindSafe(Box::pin(work)).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::bug("The function panicked")),
            Err(_) => Err(self.time_is_up()),
        }
    }

    /// Says which limit ended the work, and what Chime said last.
    fn time_is_up(&self) -> Error {
        let what = ended_by(self.deadlines.limit);
        let (in_flight, last) = (self.cx.calls().in_flight(), self.cx.calls().last_failure());
        // The last failure explains the delay only if it was a failure of the call that is still in flight.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chime::clients::Chime;
    use crate::chime::transport;
    use crate::settings::Settings;
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn a_panic_outside_the_work_is_answered_too() {
        let answered = async |kind: &str| {
            let event = json!({
                "RequestType": kind, "RequestId": "r", "StackId": "s", "LogicalResourceId": "App", "ResponseURL": "https://a.test/",
                "ResourceType": "Custom::ChimeAppInstance", "ResourceProperties": {}, "OldResourceProperties": {},
                "PhysicalResourceId": "an-id",
            });
            let request = Request::read(&event.to_string()).unwrap();
            let http = transport::client(None).unwrap();
            let chime = Chime::new(Arc::new(Settings::of(|_| None)), http, Duration::from_secs(1));
            let cx = Context::new(chime, &request, None);
            unless_panicked(&request, &cx, async { panic!("a defect") }).await
        };
        for (kind, id) in [("Create", "unfinished:r"), ("Update", "an-id"), ("Delete", "an-id")] {
            let response = answered(kind).await;
            assert_eq!(response.status(), "FAILED");
            assert!(response.physical_resource_id.starts_with(id), "{}", response.physical_resource_id);
            assert!(response.reason().contains("panicked"), "{}", response.reason());
        }
    }
}
