//! The function: an event in, an answer to CloudFormation out.

use crate::callback::{self, Undelivered};
use crate::chime::Chime;
use crate::http;
use crate::lifecycle::{self, Deadlines};
use crate::request::{Request, Unreadable};
use crate::resource::Context;
use crate::resources;
use crate::response::{Outcome, Response};
use crate::settings::Settings;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The regions that have Chime's messaging control plane.
/// <https://docs.aws.amazon.com/general/latest/gr/chime-sdk.html>
const CHIME_REGIONS: [&str; 2] = ["us-east-1", "eu-central-1"];

/// What is kept of the time for the removal of a failed replacement and for the answer: a quarter, within these bounds.
const RESERVE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// What one attempt at a Chime call may take: a third of the time for work, so that there is a second one, within these bounds.
const ATTEMPT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// How long before the deadline the last attempt at an answer ends, so that Lambda hears how it went.
const LAST_MOMENT: Duration = Duration::from_millis(50);

/// The time for an event whose deadline is past when it arrives. Lambda sends none such; `cargo lambda watch` sends a duration
/// in the place of a time.
const UNKNOWN: Duration = Duration::from_secs(60);

/// The longest time that Lambda gives a function.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long before the ServiceTimeout an answer has to be there.
const MARGIN: Duration = Duration::from_secs(1);

/// The function, once for each process.
#[derive(Debug)]
pub struct Function {
    settings: Arc<Settings>,
    /// Made before the first event; an error is kept for the first event's log line, because nobody reads those of a start.
    http: Result<reqwest::Client, String>,
}

impl Function {
    /// A function with these settings.
    pub fn new(settings: Settings) -> Self {
        let http = http::client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string());
        Self { settings: Arc::new(settings), http }
    }

    /// Handles one event: does what it asks and delivers the answer, before the deadline of the event's context.
    ///
    /// # Errors
    /// CloudFormation did not get an answer, so that Lambda has to deliver the event again.
    pub async fn handle(&self, event: LambdaEvent<Json>) -> Result<(), Error> {
        let (payload, context) = event.into_parts();
        let started = Instant::now();
        let left = context.deadline().duration_since(SystemTime::now()).unwrap_or(UNKNOWN).min(LONGEST);
        let (request, unreadable) = match Request::read(payload) {
            Ok(request) => (request, None),
            Err(Unreadable { problems, request: Some(request) }) => (*request, Some(problems)),
            Err(Unreadable { problems, request: None }) => {
                tracing::error!(reason = %problems, "the event is not a request of CloudFormation and cannot be answered");
                return Err(problems.to_string().into());
            }
        };
        // CloudFormation may be less patient than Lambda; an answer after that is none.
        let patience = request.service_timeout.map_or(LONGEST, |timeout| timeout.saturating_sub(MARGIN));
        let left = left.min(patience);
        let (group, stream) = (&context.env_config.log_group, &context.env_config.log_stream);
        let log = format!("Log: {}.", format!("{group} {stream}").trim());
        let work = Work { started, left, lambda_request_id: &context.request_id, log: &log };
        match &self.http {
            Ok(http) => {
                work.conclude(&self.settings, http, &request, unreadable.map(|problems| problems.to_string())).await
            }
            Err(why) => {
                tracing::error!(reason = %why, "there is no HTTP client, and so no answer");
                Err(why.clone().into())
            }
        }
    }
}

/// One event's share of time, and where to read about it.
struct Work<'a> {
    started: Instant,
    left: Duration,
    lambda_request_id: &'a str,
    log: &'a str,
}

impl Work<'_> {
    async fn conclude(
        &self,
        settings: &Arc<Settings>,
        http: &reqwest::Client,
        request: &Request,
        unreadable: Option<String>,
    ) -> Result<(), Error> {
        let reserve = (self.left / 4).clamp(RESERVE.0, RESERVE.1);
        let work = self.left.saturating_sub(reserve);
        let deadlines =
            Deadlines { work: self.started + work, removal: self.started + self.left.saturating_sub(reserve / 2) };
        let chime = Chime::new(Arc::clone(settings), http.clone(), (work / 3).clamp(ATTEMPT.0, ATTEMPT.1));
        let cx = Context::new(chime, request);
        // Before any call: whoever sends events with a URL of their own must not learn what our role can do.
        let destination = callback::destination(&request.response_url, &request.stack_id, &settings.response_url_hosts);
        let concluded = match destination {
            Ok(url) => {
                let mut response = match unreadable.or_else(|| region_problem(settings)) {
                    Some(problem) => lifecycle::refuse(request, problem),
                    None => resources::conclude(&cx, request, deadlines).await,
                };
                match &mut response.outcome {
                    Outcome::Failed(reason) => *reason = request.redact(reason),
                    Outcome::Success(attributes) => {
                        if let Some(construct) = &request.construct {
                            *attributes = construct.attributes(std::mem::take(attributes));
                        }
                    }
                }
                let deadline = self.started + self.left.saturating_sub(LAST_MOMENT);
                let delivered = callback::deliver(http, &url, response.body(request, self.log), deadline).await;
                (Some(response), delivered)
            }
            Err(refused) => (None, Err(refused)),
        };
        self.write_log(request, &cx, &concluded);
        concluded.1.map_err(Error::from)
    }

    /// The one line for each event.
    fn write_log(&self, request: &Request, cx: &Context, concluded: &(Option<Response>, Result<(), Undelivered>)) {
        let (response, delivered) = concluded;
        let undelivered = delivered.as_ref().err().map(ToString::to_string);
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    stack = request.stack_id.as_str(),
                    logical_resource_id = request.logical_resource_id,
                    resource_type = request.resource_type,
                    request_type = request.request_type(),
                    request_id = request.request_id,
                    lambda_request_id = self.lambda_request_id,
                    physical_resource_id = response.as_ref().map(|response| &*response.physical_resource_id),
                    status = response.as_ref().map_or("UNDELIVERED", Response::status),
                    reason = response.as_ref().map(Response::reason).filter(|reason| !reason.is_empty()),
                    undelivered,
                    duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
                    chime_calls = cx.chime().calls(),
                    $message
                )
            };
        }
        match (response.as_ref().map(Response::status), &delivered) {
            (Some("SUCCESS"), Ok(())) => line!(info, "answered"),
            (_, Ok(())) => line!(warn, "answered"),
            (_, Err(_)) => line!(error, "not answered"),
        }
    }
}

/// Why no Chime call can be made from where the function runs.
fn region_problem(settings: &Settings) -> Option<String> {
    let region = settings.region.as_deref().unwrap_or_default();
    let is_elsewhere = settings.identity_endpoint.is_some() || settings.messaging_endpoint.is_some();
    let is_fine = CHIME_REGIONS.contains(&region) || is_elsewhere && !region.is_empty();
    (!is_fine).then(|| {
        let named = if region.is_empty() { "no region" } else { region };
        format!(
            "Chime's messaging control plane exists only in {}, and the function's Chime calls go to {named}: set its \
             environment variable CHIME_REGION to one of them.",
            CHIME_REGIONS.join(" and ")
        )
    })
}
