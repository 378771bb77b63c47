//! One request, from the wire to the answer: signature, route, faults, validation, tokens, the
//! operation itself, and the log.

use crate::arn;
use crate::call::{Call, changing};
use crate::control::OnControl;
use crate::data_streams::DataStreams;
use crate::dispatch::dispatch;
use crate::error::{Answer, ApiError};
use crate::fault::{FaultKind, due};
use crate::held::Held;
use crate::model::{Apis, Members, Routed, Service, message};
use crate::names;
use crate::parameters::Parameters;
use crate::signature;
use crate::tokens::Key;
use crate::turn::Turn;
use loopback_server::{Handler, Outcome, Reply, Request, lock};
use serde_json::Value as Json;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// What the server's thread and the owner of the simulator share.
#[derive(Debug)]
pub(crate) struct Core {
    pub apis: &'static Apis,
    pub region: String,
    pub account: String,
    pub data_streams: Option<DataStreams>,
    pub on_control: Option<OnControl>,
    pub started: Instant,
    pub held: Mutex<Held>,
    pub parameters: Mutex<Parameters>,
}

/// A request that has arrived and been judged, but not carried out.
struct Visit {
    arrived: Instant,
    request_id: String,
    fault: Option<FaultKind>,
    /// The status of its success.
    status: u16,
    work: Result<Work, ApiError>,
    /// What the operation is answered because of the rest of the account, if anything.
    refusal: Option<ApiError>,
}

/// What is to be done for a request.
enum Work {
    /// Its token has been used: it is answered so.
    Known(Json),
    /// The operation itself, by its input.
    Operation(Routed, Members, Option<Key>),
}

impl Handler for Core {
    async fn handle(self: Arc<Self>, request: Request) -> Outcome {
        if request.path == "/_local" || request.path.starts_with("/_local/") {
            return Outcome::Reply(self.control(&request));
        }
        if Parameters::are_meant_by(&request) {
            return Outcome::Reply(self.parameters().answer(&request, &self.region));
        }
        // A task of its own: what was begun is carried out, also when the client hangs up.
        let answered = tokio::spawn(async move { self.answer(&request).await });
        answered.await.unwrap_or(Outcome::Close)
    }
}

impl Core {
    pub fn lock(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }

    pub fn parameters(&self) -> MutexGuard<'_, Parameters> {
        lock(&self.parameters)
    }

    async fn answer(&self, request: &Request) -> Outcome {
        let (time, mut visit) = self.admit(request);
        if let (Some(data_streams), Ok(Work::Operation(routed, input, _))) = (&self.data_streams, &visit.work) {
            visit.refusal = data_streams.refusal(routed.name, input, &self.region, &self.account).await;
        }
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        let (wait, outcome) = self.conclude(visit, time);
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        outcome
    }

    /// Judges and logs a request; it is to be concluded after so long.
    fn admit(&self, request: &Request) -> (Duration, Visit) {
        let arrived = Instant::now();
        let mut held = self.lock();
        let mut call = Call {
            at: arrived - self.started,
            service: Service::Identity,
            operation: String::new(),
            method: request.method.to_string(),
            path: request.path.clone(),
            status: None,
            error: None,
            message: None,
            request_id: arn::uuid(),
            input: Json::Null,
            fault: None,
            changing: false,
            duration: Duration::ZERO,
        };
        let mut visit = Visit {
            arrived,
            request_id: call.request_id.clone(),
            fault: None,
            status: 200,
            work: Err(ApiError::unavailable()),
            refusal: None,
        };
        visit.work = self.judge(request, &mut held, &mut call, &mut visit);
        call.fault = visit.fault.as_ref().map(|fault| fault.name().to_owned());
        let creates = ["Create", "Register"].iter().any(|verb| call.operation.starts_with(verb));
        let time = match visit.work {
            Ok(Work::Operation(..)) if creates => held.time_scale.of(held.behaviour.create_time),
            _ => Duration::ZERO,
        };
        held.calls.push(call);
        (time, visit)
    }

    /// What is to be done for the request, or the error that it gets; of a call that is never answered
    /// the latter means nothing.
    fn judge(&self, request: &Request, held: &mut Held, call: &mut Call, visit: &mut Visit) -> Result<Work, ApiError> {
        let Some(routed) = self.apis.route(request.method.as_str(), &request.path, &request.query) else {
            let message = format!("No operation at {} {}", request.method, request.path);
            return Err(ApiError::unknown_operation(message));
        };
        let input = routed.input(self.apis, &request.query, |name| request.header(name), &request.body);
        visit.status = routed.operation.status;
        call.operation = routed.name.to_owned();
        call.changing = changing(routed.name);
        call.input = input.clone().map_or(Json::Null, Json::Object);
        call.service = self.service(request, &routed, &call.input);
        signature::check(request.header("authorization"), "chime", &self.region)?;
        if !held.admits() {
            return Err(ApiError::throttled());
        }
        visit.fault = due(&mut held.faults, call);
        if let Some(error) = visit.fault.as_ref().and_then(|fault| self.refusal(fault, &routed, &call.input)) {
            return Err(error);
        }
        self.validated(routed, input.map_err(ApiError::bad_request)?, held)
    }

    /// The error of a fault; none for one with which the call is processed.
    fn refusal(&self, fault: &FaultKind, routed: &Routed, input: &Json) -> Option<ApiError> {
        Some(match fault {
            FaultKind::Throttle => ApiError::throttled(),
            FaultKind::InternalFailure => ApiError::failure("Internal failure"),
            FaultKind::Unavailable | FaultKind::ResetBefore | FaultKind::Hang(_) => ApiError::unavailable(),
            FaultKind::Status { .. } => ApiError::unavailable(),
            FaultKind::AccessDenied => self.denied(routed, input),
            FaultKind::Forbidden => ApiError::forbidden("Forbidden"),
            FaultKind::Conflict => ApiError::conflict("Conflict"),
            FaultKind::ResourceLimitExceeded => ApiError::limit("Limit exceeded"),
            FaultKind::BadRequest(message) => ApiError::bad_request(message),
            FaultKind::Unauthorized => ApiError::unauthorized("Unauthorized"),
            FaultKind::NotFound => ApiError::not_found("Not found"),
            FaultKind::ReplyLost | FaultKind::HangAfter | FaultKind::Delay(_) | FaultKind::Garbled => return None,
        })
    }

    /// Validation and tokens.
    fn validated(&self, routed: Routed, input: Members, held: &mut Held) -> Result<Work, ApiError> {
        let model = self.apis.of(routed.service);
        if let Some(shape) = &routed.operation.input {
            let violations = model.violations(shape, &input);
            if !violations.is_empty() {
                return Err(ApiError::bad_request(message(&violations)));
            }
        }
        let token = model.tokens(routed.operation).first().and_then(|name| input.get(*name));
        let token = token.and_then(Json::as_str).map(|token| (routed.name, token.to_owned()));
        let replay = held.behaviour.token_replay;
        match token.as_ref().and_then(|token| held.tokens.begin(token, &input, replay)) {
            Some(answer) => answer.map(Work::Known),
            None => Ok(Work::Operation(routed, input, token)),
        }
    }

    /// Carries out what is to be done, and completes the log. `time` has been waited for.
    fn conclude(&self, visit: Visit, time: Duration) -> (Option<Duration>, Outcome) {
        let mut held = self.lock();
        let decided = visit.work.and_then(|work| match work {
            Work::Known(answer) => Ok(answer),
            Work::Operation(routed, input, token) => {
                let answer = match visit.refusal {
                    Some(refusal) => Err(refusal),
                    None => self.perform(&routed, &input, &mut held),
                };
                if let Some(token) = token {
                    let success = answer.as_ref().ok().map(|answer| (input, answer.clone()));
                    held.tokens.end(token, success);
                }
                answer.and_then(|answer| self.given(&routed, answer, &held))
            }
        });
        let mut reply = match &decided {
            Ok(Json::Null) => Reply::empty(visit.status),
            Ok(body) => Reply::json(visit.status, body),
            Err(error) => error.reply(),
        };
        reply.headers.push(("x-amzn-requestid", visit.request_id.clone()));
        let mut error = decided.err();

        let (wait, outcome) = match visit.fault {
            Some(FaultKind::ResetBefore) => (None, Outcome::Reset),
            Some(FaultKind::ReplyLost) => (None, Outcome::Close),
            Some(FaultKind::Hang(time)) => (None, Outcome::Hang(time.map(|time| held.time_scale.of(time)))),
            Some(FaultKind::HangAfter) => (None, Outcome::Hang(None)),
            Some(FaultKind::Delay(time)) => (Some(held.time_scale.of(time)), Outcome::Reply(reply)),
            Some(FaultKind::Status { status, content_type, body }) => {
                error = None;
                let headers = vec![("content-type", content_type)];
                (None, Outcome::Reply(Reply { status, headers, body: body.into_bytes() }))
            }
            Some(FaultKind::Garbled) => (None, Outcome::Reply(reply.garbled())),
            _ => (None, Outcome::Reply(reply)),
        };
        // The log may have been taken meanwhile.
        if let Some(call) = held.calls.iter_mut().rev().find(|call| call.request_id == visit.request_id) {
            if let Outcome::Reply(reply) = &outcome {
                call.status = Some(reply.status);
                call.error = error.as_ref().map(|error| error.name.to_owned());
                call.message = error.map(|error| error.message);
            }
            call.duration = visit.arrived.elapsed().saturating_sub(time);
        }
        (wait, outcome)
    }

    /// The operation itself.
    fn perform(&self, routed: &Routed, input: &Members, held: &mut Held) -> Answer {
        let changes = changing(routed.name);
        let before = (changes && held.has_past()).then(|| held.state.clone());
        let mut seen = if changes { None } else { held.seen(routed.name) };
        let mut shown = if routed.name.starts_with("Create") { held.shown() } else { None };
        let (behaviour, time_scale) = (&held.behaviour, held.time_scale);
        let turn = |state| Turn { state, behaviour, time_scale, input, region: &self.region, account: &self.account };
        // What is being deleted is still in the way of its like.
        if let Some(Err(conflict)) = shown.as_mut().map(|shown| dispatch(routed.name, &mut turn(shown)))
            && conflict.status == 409
        {
            return Err(conflict);
        }
        if behaviour.tags_empty_in_lag && routed.name == "ListTagsForResource" {
            let arn = input.get("ResourceARN").and_then(Json::as_str).unwrap_or_default();
            let is_unseen = seen.as_mut().is_some_and(|seen| seen.tags_mut(arn).is_none());
            if is_unseen && held.state.tags_mut(arn).is_some() {
                return Ok(Json::Object(Members::new()));
            }
        }
        let answer = pruned(dispatch(routed.name, &mut turn(seen.as_mut().unwrap_or(&mut held.state)))?);
        if changes {
            held.note(routed.name, before);
        }
        Ok(answer)
    }

    /// The answer as it is given: it keeps to the model, and Lists have names in their own way.
    fn given(&self, routed: &Routed, mut answer: Json, held: &Held) -> Answer {
        let model = self.apis.of(routed.service);
        let Some(shape) = &routed.operation.output else { return Ok(answer) };
        if let Json::Object(members) = &answer {
            let violations = model.violations(shape, members);
            if !violations.is_empty() {
                let message = message(&violations);
                return Err(ApiError::failure(format!("The simulator's own answer: {message}")));
            }
        }
        if routed.name.starts_with("List") {
            names::list(model, shape, held.behaviour.listed_names, &mut answer);
        }
        Ok(answer)
    }

    /// Which API the client means, where both have the operation.
    fn service(&self, request: &Request, routed: &Routed, input: &Json) -> Service {
        let both =
            [&self.apis.identity, &self.apis.messaging].iter().all(|model| model.operations.contains_key(routed.name));
        let says = |name: &str| {
            let agents = [request.header("x-amz-user-agent"), request.header("user-agent")];
            agents.into_iter().flatten().any(|agent| agent.contains(name))
        };
        let arn = input.get("ResourceARN").and_then(Json::as_str).unwrap_or_default();
        match arn::kind(arn) {
            _ if !both => routed.service,
            _ if says("chimesdkidentity") => Service::Identity,
            _ if says("chimesdkmessaging") => Service::Messaging,
            Some("channel" | "channel-flow") => Service::Messaging,
            _ => Service::Identity,
        }
    }

    /// The error that IAM gives: its message names the first resource of the request's path.
    fn denied(&self, routed: &Routed, input: &Json) -> ApiError {
        let account = &self.account;
        let resource = ["ChannelArn", "ChannelFlowArn", "AppInstanceUserArn", "AppInstanceBotArn"]
            .iter()
            .chain(&["AppInstanceArn", "ResourceARN"])
            .find_map(|member| input.get(member).and_then(Json::as_str))
            .unwrap_or("*");
        let operation = routed.name;
        ApiError::access_denied(format!(
            "User: arn:aws:sts::{account}:assumed-role/function/session is not \
             authorized to perform: chime:{operation} on resource: {resource} because no \
             identity-based policy allows the chime:{operation} action"
        ))
    }
}

/// Without members that are null: on the wire they are left out.
fn pruned(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(name, value)| (name, pruned(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(pruned).collect()),
        value => value,
    }
}
