//! The function's entry point: it takes an event and sends a response to CloudFormation.

use crate::chime::call_log::CallLog;
use crate::chime::clients::Chime;
use crate::chime::transport;
use crate::legacy_cdk::takeover;
use crate::legacy_cdk::translate::{Origin, translate};
use crate::lifecycle::deadlines::Deadlines;
use crate::lifecycle::request_history::RequestHistory;
use crate::lifecycle::{Operation, unless_panicked};
use crate::logging::{self, escape_controls, truncate_for_log};
use crate::properties::values::arns::arn_scope;
use crate::registry;
use crate::request::clock::MAX_LAMBDA_TIMEOUT;
use crate::request::response_url::ResponseUrl;
use crate::request::stack_id::StackId;
use crate::request::{InvalidRequest, Request};
use crate::resource::context::Context;
use crate::response::Response;
use crate::response::delivery::{DeliveryError, deliver};
use crate::response::redaction::redact;
use crate::response::response_url_policy::check_response_url;
use crate::settings::{CHIME_REGIONS, Settings};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The time to assume when an event's deadline has already passed on arrival. Lambda never sends such an event, but
/// `cargo lambda watch` sends a duration where a point in time belongs.
const FALLBACK_TIME_LEFT: Duration = Duration::from_secs(60);

/// The function. Each process has one.
#[derive(Debug)]
pub struct Function {
    settings: Arc<Settings>,
    /// Built before the first event. An error is kept until then, because nobody reads the log lines of a cold start.
    http: Result<reqwest::Client, String>,
    history: RequestHistory,
    /// Whether this process has already received an event.
    is_warm: AtomicBool,
}

/// Where and when an event is handled.
struct Invocation {
    started: Instant,
    time_left: Duration,
    lambda_request_id: String,
    function_name: String,
    /// The function's account, which its Chime calls go to.
    account: Option<String>,
    is_cold_start: bool,
    /// The X-Ray trace id, if there is one, without the other fields of Lambda's header.
    xray_trace_id: Option<String>,
    log_group: String,
    /// A sentence that says where the log is. Empty if the location is unknown.
    log_location: String,
}

/// Whether a function with these settings would answer a stack's request at this ResponseURL. Nothing is sent.
///
/// # Errors
/// Why it would not.
pub fn check_destination(stack_id: &str, response_url: &str, settings: &Settings) -> Result<(), String> {
    let (url, stack) = (ResponseUrl::new(response_url), StackId::new(stack_id));
    let checked = check_response_url(&url, &stack, &settings.response_url_hosts);
    checked.map(drop).map_err(|rejected| rejected.to_string())
}

impl Function {
    /// A function with these settings.
    pub fn new(settings: Settings) -> Self {
        let http = transport::client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string());
        Self { settings: Arc::new(settings), http, history: RequestHistory::default(), is_warm: AtomicBool::new(false) }
    }

    /// Handles one event: does what it asks for and delivers the response before the deadline in the event's context.
    ///
    /// # Errors
    /// CloudFormation did not receive a response, so Lambda has to deliver the event again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<(), Error> {
        let (event, context) = event.into_parts();
        let started = Instant::now();
        let time_left =
            context.deadline().duration_since(SystemTime::now()).unwrap_or(FALLBACK_TIME_LEFT).min(MAX_LAMBDA_TIMEOUT);
        let (group, stream) = (&context.env_config.log_group, &context.env_config.log_stream);
        let invocation = Invocation {
            started,
            time_left,
            lambda_request_id: context.request_id,
            function_name: context.env_config.function_name.clone(),
            account: arn_scope(&context.invoked_function_arn).map(|scope| scope.account.to_owned()),
            is_cold_start: !self.is_warm.swap(true, Ordering::Relaxed),
            xray_trace_id: context.xray_trace_id.as_deref().and_then(logging::trace_id).map(str::to_owned),
            // Lambda's default name. A template can override it.
            log_group: match group.is_empty() {
                true => format!("{}{}", takeover::LOG_GROUP, context.env_config.function_name),
                false => group.clone(),
            },
            // Lambda always sets the log group. An emulator may not, and then there is no location to report.
            log_location: if group.is_empty() { String::new() } else { format!("Log: {group} {stream}.") },
        };
        match Request::read(event.get()).and_then(translate) {
            Ok((request, origin)) => self.respond(&request, origin.as_ref(), None, &invocation).await,
            Err(InvalidRequest { problems, request: Some(request) }) => {
                self.respond(&request, None, Some(problems.to_string()), &invocation).await
            }
            Err(InvalidRequest { problems, request: None }) => {
                let problems = truncate_for_log(&problems.to_string()).into_owned();
                invocation.error(&problems, "the event is not a CloudFormation request and cannot be answered");
                Err(problems.into())
            }
        }
    }

    /// Dispatches a request and delivers the response. A request with an `invalid` part is rejected.
    async fn respond(
        &self,
        request: &Request,
        origin: Option<&Origin>,
        invalid: Option<String>,
        invocation: &Invocation,
    ) -> Result<(), Error> {
        let http = match &self.http {
            Ok(http) => http,
            Err(why) => {
                invocation.error(why, "the HTTP client could not be built, so no response can be sent");
                return Err(why.clone().into());
            }
        };
        // This comes before any Chime call. Otherwise a caller who supplies their own ResponseURL could learn what the
        // function's role is allowed to do.
        let url = match check_response_url(&request.response_url, &request.stack_id, &self.settings.response_url_hosts)
        {
            Ok(url) => url,
            Err(rejected) => {
                write_log(invocation, request, None, None, Some(&rejected));
                return Err(rejected.into());
            }
        };
        // A large event takes a while to parse.
        let time_left = invocation.time_left.saturating_sub(invocation.started.elapsed());
        let deadlines = Deadlines::of(&request.clock, time_left, self.settings.time_scale);
        let chime = Chime::new(Arc::clone(&self.settings), http.clone(), deadlines.attempt);
        let cx = Context::new(chime, request, invocation.account.clone());
        let work = async {
            let response = match invalid.or_else(|| check_chime_region(&self.settings)) {
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
            redacted(response, request, &cx)
        };
        let response = unless_panicked(request, &cx, work).await;
        let body = response.body(request, &invocation.log_location);
        let delivered = deliver(http, &url, body, deadlines.answer, self.settings.time_scale).await;
        write_log(invocation, request, Some(cx.calls()), Some(&response), delivered.as_ref().err());
        delivered.map_err(Error::from)
    }
}

impl Invocation {
    /// Logs an event that cannot get a response.
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

/// The response with all secrets masked.
fn redacted(response: Response, request: &Request, cx: &Context) -> Response {
    let properties: Vec<_> = [Some(&request.properties), request.old_properties()].into_iter().flatten().collect();
    let claimed = cx.claimed().unwrap_or_default();
    let id = response.physical_resource_id.clone();
    // When AWS rejects a signature, its error message may repeat the request with all headers.
    let credentials = cx.settings().credentials.as_ref();
    let own = credentials.into_iter().flat_map(|keys| [Some(keys.secret_access_key()), keys.session_token()]).flatten();
    let own: Vec<&str> = own.chain(request.response_url.secrets()).collect();
    response.map_texts(|text| {
        escape_controls(&redact(text, &properties, &own, &[&id, &claimed, request.stack_id.as_str()])).into_owned()
    })
}

/// Why the function cannot call Chime from its region, or `None` if it can.
fn check_chime_region(settings: &Settings) -> Option<String> {
    let region = settings.region.as_deref().unwrap_or_default();
    let has_custom_endpoint = settings.identity_endpoint.is_some() || settings.messaging_endpoint.is_some();
    let is_supported = CHIME_REGIONS.contains(&region) || has_custom_endpoint && !region.is_empty();
    (!is_supported).then(|| {
        let configured = if region.is_empty() { "no region" } else { region };
        format!(
            "Chime's messaging control plane exists only in {}, but the function is configured for {configured}. Set its \
             environment variable CHIME_REGION to one of them.",
            CHIME_REGIONS.join(" and ")
        )
    })
}

/// Writes the one log line for each event.
fn write_log(
    invocation: &Invocation,
    request: &Request,
    calls: Option<&CallLog>,
    response: Option<&Response>,
    undelivered: Option<&DeliveryError>,
) {
    let for_log = |text: &str| Some(truncate_for_log(text).into_owned()).filter(|text| !text.is_empty());
    let undelivered_because = undelivered.and_then(|undelivered| for_log(&undelivered.to_string()));
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
                // The status that CloudFormation received.
                status = response.filter(|_| undelivered.is_none()).map_or("UNDELIVERED", Response::status),
                reason = response.and_then(|response| for_log(response.reason())),
                error = response.and_then(|response| for_log(response.detail())),
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
