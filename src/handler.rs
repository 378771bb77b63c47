//! The function: an event in, an answer to CloudFormation out.

use crate::chime::call_log::CallLog;
use crate::chime::clients::Chime;
use crate::chime::transport;
use crate::legacy_cdk::takeover;
use crate::legacy_cdk::translate::{Origin, translate};
use crate::lifecycle::Operation;
use crate::lifecycle::deadlines::Deadlines;
use crate::lifecycle::request_history::RequestHistory;
use crate::logging::{self, escape_controls, truncate_for_log};
use crate::registry;
use crate::request::clock::MAX_LAMBDA_TIMEOUT;
use crate::request::{InvalidRequest, Request};
use crate::resource::context::Context;
use crate::response::Response;
use crate::response::delivery::{DeliveryError, deliver};
use crate::response::redaction::redact;
use crate::response::response_url_policy::destination;
use crate::settings::Settings;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The time for an event whose deadline is past when it arrives. Lambda sends none such; `cargo lambda watch` sends a duration
/// in the place of a time.
const FALLBACK_TIME_LEFT: Duration = Duration::from_secs(60);

/// The regions that have Chime's messaging control plane.
/// <https://docs.aws.amazon.com/general/latest/gr/chime-sdk.html>
pub const CHIME_REGIONS: [&str; 2] = ["us-east-1", "eu-central-1"];

/// The function, once for each process.
#[derive(Debug)]
pub struct Function {
    settings: Arc<Settings>,
    /// Made before the first event; an error is kept for the first event's log line, because nobody reads those of a start.
    http: Result<reqwest::Client, String>,
    history: RequestHistory,
    /// An event has come before.
    is_warm: AtomicBool,
}

/// Where and when an event is handled.
struct Invocation {
    started: Instant,
    time_left: Duration,
    lambda_request_id: String,
    function_name: String,
    is_cold_start: bool,
    /// X-Ray's id of the trace, if there is one, without what else is in Lambda's header.
    xray_trace_id: Option<String>,
    log_group: String,
    /// Where the log is, as a sentence; empty where nobody says.
    log_location: String,
}

impl Function {
    /// A function with these settings.
    pub fn new(settings: Settings) -> Self {
        let http = transport::client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string());
        Self { settings: Arc::new(settings), http, history: RequestHistory::default(), is_warm: AtomicBool::new(false) }
    }

    /// Handles one event: does what it asks and delivers the answer, before the deadline of the event's context.
    ///
    /// # Errors
    /// CloudFormation did not get an answer, so that Lambda has to deliver the event again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<(), Error> {
        let (event, context) = event.into_parts();
        let time_left =
            context.deadline().duration_since(SystemTime::now()).unwrap_or(FALLBACK_TIME_LEFT).min(MAX_LAMBDA_TIMEOUT);
        let (group, stream) = (&context.env_config.log_group, &context.env_config.log_stream);
        let invocation = Invocation {
            started: Instant::now(),
            time_left,
            lambda_request_id: context.request_id,
            function_name: context.env_config.function_name.clone(),
            is_cold_start: !self.is_warm.swap(true, Ordering::Relaxed),
            xray_trace_id: context.xray_trace_id.as_deref().and_then(logging::trace_id).map(str::to_owned),
            // What Lambda calls it, unless a template says otherwise.
            log_group: match group.is_empty() {
                true => format!("{}{}", takeover::LOG_GROUP, context.env_config.function_name),
                false => group.clone(),
            },
            // Lambda always names the group. Where an emulator does not, there is nothing to point to.
            log_location: if group.is_empty() { String::new() } else { format!("Log: {group} {stream}.") },
        };
        match Request::read(event.get()).and_then(translate) {
            Ok((request, origin)) => self.answer(&request, origin.as_ref(), None, &invocation).await,
            Err(InvalidRequest { problems, request: Some(request) }) => {
                self.answer(&request, None, Some(problems.to_string()), &invocation).await
            }
            Err(InvalidRequest { problems, request: None }) => {
                let problems = truncate_for_log(&problems.to_string()).into_owned();
                invocation.error(&problems, "the event is not a request of CloudFormation and cannot be answered");
                Err(problems.into())
            }
        }
    }

    /// Dispatches a request, or refuses what is `unreadable` of it, and delivers the answer.
    async fn answer(
        &self,
        request: &Request,
        origin: Option<&Origin>,
        unreadable: Option<String>,
        invocation: &Invocation,
    ) -> Result<(), Error> {
        let http = match &self.http {
            Ok(http) => http,
            Err(why) => {
                invocation.error(why, "there is no HTTP client, and so no answer");
                return Err(why.clone().into());
            }
        };
        // Before any call: whoever sends events with a URL of their own must not learn what our role can do.
        let url = match destination(&request.response_url, &request.stack_id, &self.settings.response_url_hosts) {
            Ok(url) => url,
            Err(refused) => {
                write_log(invocation, request, None, None, Some(&refused));
                return Err(refused.into());
            }
        };
        let deadlines = Deadlines::of(&request.clock, invocation.time_left, self.settings.time_scale);
        let chime = Chime::new(Arc::clone(&self.settings), http.clone(), deadlines.attempt);
        let cx = Context::new(chime, request);
        let response = match unreadable.or_else(|| check_chime_region(&self.settings)) {
            Some(problem) => takeover::reject(request, origin, problem),
            None => match registry::find(&request.resource_type) {
                Ok(resource) => {
                    let operation =
                        Operation { cx: &cx, resource, request, deadlines: &deadlines, history: &self.history };
                    match origin {
                        Some(origin) => Box::pin(takeover::run(operation, origin, &invocation.log_group)).await,
                        None => Box::pin(operation.run()).await,
                    }
                }
                Err(unknown) => takeover::reject(request, origin, unknown),
            },
        };
        let response = redacted(response, request, &cx);
        let body = response.body(request, &invocation.log_location);
        let delivered = deliver(http, &url, body, deadlines.answer, self.settings.time_scale).await;
        write_log(invocation, request, Some(cx.calls()), Some(&response), delivered.as_ref().err());
        delivered.map_err(Error::from)
    }
}

impl Invocation {
    /// A line about an event that no answer can be given to.
    fn error(&self, reason: &str, message: &str) {
        tracing::error!(
            function_name = self.function_name,
            cold_start = self.is_cold_start,
            xray_trace_id = self.xray_trace_id,
            lambda_request_id = self.lambda_request_id,
            reason,
            "{message}"
        );
    }
}

/// The answer without anything that is nobody's business.
fn redacted(response: Response, request: &Request, cx: &Context) -> Response {
    let properties: Vec<_> = [Some(&request.properties), request.old_properties()].into_iter().flatten().collect();
    let claimed = cx.claimed().unwrap_or_default();
    let id = response.physical_resource_id.clone();
    // AWS may repeat a request whose signature it does not like, with all of its headers.
    let credentials = cx.settings().credentials.as_ref();
    let own = credentials.into_iter().flat_map(|own| [Some(own.secret_access_key()), own.session_token()]).flatten();
    let own: Vec<&str> = own.chain(request.response_url.secrets()).collect();
    response.redacted(|text| {
        escape_controls(&redact(text, &properties, &own, &[&id, &claimed, request.stack_id.as_str()])).into_owned()
    })
}

/// Why no Chime call can be made from where the function runs.
fn check_chime_region(settings: &Settings) -> Option<String> {
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

/// The one line for each event.
fn write_log(
    invocation: &Invocation,
    request: &Request,
    calls: Option<&CallLog>,
    response: Option<&Response>,
    undelivered: Option<&DeliveryError>,
) {
    let told = |text: &str| Some(truncate_for_log(text).into_owned()).filter(|text| !text.is_empty());
    let undelivered_because = undelivered.and_then(|undelivered| told(&undelivered.to_string()));
    macro_rules! log_event {
        ($level:ident, $message:literal) => {
            tracing::$level!(
                function_name = invocation.function_name,
                cold_start = invocation.is_cold_start,
                xray_trace_id = invocation.xray_trace_id,
                stack = &*truncate_for_log(request.stack_id.as_str()),
                logical_resource_id = &*truncate_for_log(request.logical_id.as_str()),
                resource_type = &*truncate_for_log(&request.resource_type),
                request_type = request.request_type(),
                request_id = &*truncate_for_log(request.request_id.as_str()),
                lambda_request_id = invocation.lambda_request_id,
                physical_resource_id =
                    response.map(|response| truncate_for_log(&response.physical_resource_id).into_owned()),
                // What CloudFormation heard.
                status = response.filter(|_| undelivered.is_none()).map_or("UNDELIVERED", Response::status),
                reason = response.and_then(|response| told(response.reason())),
                error = response.and_then(|response| told(response.detail())),
                undelivered = undelivered_because,
                duration_ms = u64::try_from(invocation.started.elapsed().as_millis()).unwrap_or(u64::MAX),
                chime_calls = calls.map_or(0, CallLog::sent),
                throttled_calls = calls.map_or(0, CallLog::throttled),
                $message
            )
        };
    }
    match (response.map(Response::status), undelivered) {
        (Some("SUCCESS"), None) => log_event!(info, "answered"),
        (_, None) => log_event!(warn, "answered"),
        (_, Some(_)) => log_event!(error, "not answered"),
    }
}
