//! Both APIs: a request from the wire to the answer. Signature, route, faults, validation, tokens, the operation itself, the log.

use crate::account_state::AccountState;
use crate::arn;
use crate::call::{Call, is_change};
use crate::context::OperationContext;
use crate::data_streams::DataStreams;
use crate::error::{Answer, ApiError};
use crate::fault::{FaultKind, due};
use crate::model::{Apis, Members, Routed, Service, message};
use crate::names;
use crate::operations::{perform, streaming};
use crate::signature;
use crate::tokens::Key;
use loopback_server::{Outcome, Reply, Request, lock};
use serde_json::Value as Json;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The two APIs of one account.
#[derive(Debug)]
pub(crate) struct ChimeApi {
    pub models: &'static Apis,
    pub region: String,
    pub account: String,
    pub data_streams: Option<DataStreams>,
    pub started: Instant,
    state: Mutex<AccountState>,
}

/// A request that has been logged and not carried out yet.
struct PendingCall {
    arrived: Instant,
    request_id: String,
    fault: Option<FaultKind>,
    /// The HTTP status if it succeeds.
    status: u16,
    work: Result<Work, ApiError>,
    /// The error because of the rest of the account, if there is one.
    rejection: Option<ApiError>,
}

/// What to do for a request.
enum Work {
    /// Repeat the answer to a token that was used before.
    Known(Json),
    /// Carry out the operation.
    Operation(Routed, Members, Option<Key>),
}

impl ChimeApi {
    pub fn new(
        models: &'static Apis,
        region: String,
        account: String,
        data_streams: Option<DataStreams>,
        state: AccountState,
    ) -> Self {
        Self { models, region, account, data_streams, started: Instant::now(), state: Mutex::new(state) }
    }

    pub fn lock(&self) -> MutexGuard<'_, AccountState> {
        lock(&self.state)
    }

    /// Rejects the name of an operation that does not exist: a fault of it would never happen.
    pub fn check_operation(&self, operation: &str) -> Result<(), String> {
        let apis = [&self.models.identity, &self.models.messaging];
        let is_known = operation == "*" || apis.iter().any(|api| api.operations.contains_key(operation));
        if is_known { Ok(()) } else { Err(format!("{operation} is not an operation of the Chime APIs")) }
    }

    /// Answers a request, or does what a fault says instead.
    pub async fn answer(&self, request: &Request) -> Outcome {
        let (time, mut pending) = self.receive(request);
        if let (Some(streams), Ok(Work::Operation(routed, input, _))) = (&self.data_streams, &pending.work) {
            let (region, account) = (&self.region, &self.account);
            pending.rejection = streaming::rejection(streams, routed.name, input, region, account).await;
        }
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        let (wait, outcome) = self.conclude(pending, time);
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        outcome
    }

    /// Logs a request and decides what to do for it, and after what time.
    fn receive(&self, request: &Request) -> (Duration, PendingCall) {
        let arrived = Instant::now();
        let mut account = self.lock();
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
        let mut pending = PendingCall {
            arrived,
            request_id: call.request_id.clone(),
            fault: None,
            status: 200,
            work: Err(ApiError::unavailable()),
            rejection: None,
        };
        pending.work = self.decide(request, &mut account, &mut call, &mut pending);
        call.fault = pending.fault.as_ref().map(|fault| fault.name().to_owned());
        let creates = ["Create", "Register"].iter().any(|verb| call.operation.starts_with(verb));
        let time = match pending.work {
            Ok(Work::Operation(..)) if creates => account.time_scale.of(account.behaviour.create_time),
            _ => Duration::ZERO,
        };
        account.calls.push(call);
        (time, pending)
    }

    /// What to do for the request, or the error that it gets. The error of a call that is never answered means nothing.
    fn decide(
        &self,
        request: &Request,
        account: &mut AccountState,
        call: &mut Call,
        pending: &mut PendingCall,
    ) -> Result<Work, ApiError> {
        let Some(routed) = self.models.route(request.method.as_str(), &request.path, &request.query) else {
            let message = format!("No operation at {} {}", request.method, request.path);
            return Err(ApiError::unknown_operation(message));
        };
        let input = routed.input(self.models, &request.query, |name| request.header(name), &request.body);
        pending.status = routed.operation.status;
        call.operation = routed.name.to_owned();
        call.changing = is_change(routed.name);
        call.input = input.clone().map_or(Json::Null, Json::Object);
        call.service = self.intended_service(request, &routed, &call.input);
        signature::check(request.header("authorization"), "chime", &self.region)?;
        if !account.allows_call() {
            return Err(ApiError::throttled());
        }
        pending.fault = due(&mut account.faults, call);
        if let Some(error) = pending.fault.as_ref().and_then(|fault| self.fault_error(fault, &routed, &call.input)) {
            return Err(error);
        }
        self.validate(routed, input.map_err(ApiError::bad_request)?, account)
    }

    /// The error of a fault, unless the call is processed all the same.
    fn fault_error(&self, fault: &FaultKind, routed: &Routed, input: &Json) -> Option<ApiError> {
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
    fn validate(&self, routed: Routed, input: Members, account: &mut AccountState) -> Result<Work, ApiError> {
        let model = self.models.of(routed.service);
        if let Some(shape) = &routed.operation.input {
            let violations = model.violations(shape, &input);
            if !violations.is_empty() {
                return Err(ApiError::bad_request(message(&violations)));
            }
        }
        let token = model.tokens(routed.operation).first().and_then(|name| input.get(*name));
        let token = token.and_then(Json::as_str).map(|token| (routed.name, token.to_owned()));
        let replay = account.behaviour.token_replay;
        match token.as_ref().and_then(|token| account.tokens.begin(token, &input, replay)) {
            Some(answer) => answer.map(Work::Known),
            None => Ok(Work::Operation(routed, input, token)),
        }
    }

    /// Carries it out and completes the log entry. `time` has passed since it was received.
    fn conclude(&self, pending: PendingCall, time: Duration) -> (Option<Duration>, Outcome) {
        let mut account = self.lock();
        let decided = pending.work.and_then(|work| match work {
            Work::Known(answer) => Ok(answer),
            Work::Operation(routed, input, token) => {
                let answer = match pending.rejection {
                    Some(rejection) => Err(rejection),
                    None => self.perform(&routed, &input, &mut account),
                };
                if let Some(token) = token {
                    let success = answer.as_ref().ok().map(|answer| (input, answer.clone()));
                    account.tokens.end(token, success);
                }
                answer.and_then(|answer| self.shape(&routed, answer, &account))
            }
        });
        let mut reply = match &decided {
            Ok(Json::Null) => Reply::empty(pending.status),
            Ok(body) => Reply::json(pending.status, body),
            Err(error) => error.reply(),
        };
        reply.headers.push(("x-amzn-requestid", pending.request_id.clone()));
        let mut error = decided.err();

        let (wait, outcome) = match pending.fault {
            Some(FaultKind::ResetBefore) => (None, Outcome::Reset),
            Some(FaultKind::ReplyLost) => (None, Outcome::Close),
            Some(FaultKind::Hang(time)) => (None, Outcome::Hang(time.map(|time| account.time_scale.of(time)))),
            Some(FaultKind::HangAfter) => (None, Outcome::Hang(None)),
            Some(FaultKind::Delay(time)) => (Some(account.time_scale.of(time)), Outcome::Reply(reply)),
            Some(FaultKind::Status { status, content_type, body }) => {
                error = None;
                let headers = vec![("content-type", content_type)];
                (None, Outcome::Reply(Reply { status, headers, body: body.into_bytes() }))
            }
            Some(FaultKind::Garbled) => (None, Outcome::Reply(reply.garbled())),
            _ => (None, Outcome::Reply(reply)),
        };
        // Somebody may have taken the log in the meantime.
        if let Some(call) = account.calls.iter_mut().rev().find(|call| call.request_id == pending.request_id) {
            if let Outcome::Reply(reply) = &outcome {
                call.status = Some(reply.status);
                call.error = error.as_ref().map(|error| error.name.to_owned());
                call.message = error.map(|error| error.message);
            }
            call.duration = pending.arrived.elapsed().saturating_sub(time);
        }
        (wait, outcome)
    }

    /// The operation itself.
    fn perform(&self, routed: &Routed, input: &Members, account: &mut AccountState) -> Answer {
        let changes = is_change(routed.name);
        let before = (changes && account.keeps_history()).then(|| account.state.clone());
        let mut visible = if changes { None } else { account.visible_state(routed.name) };
        let mut with_deleted = if routed.name.starts_with("Create") { account.state_with_deleted() } else { None };
        let (behaviour, time_scale) = (&account.behaviour, account.time_scale);
        let (region, own_account) = (&*self.region, &*self.account);
        let context = |state| OperationContext { state, behaviour, time_scale, input, region, account: own_account };
        // An id stays taken while its entity is being deleted.
        if let Some(Err(conflict)) = with_deleted.as_mut().map(|state| perform(routed.name, &mut context(state)))
            && conflict.status == 409
        {
            return Err(conflict);
        }
        if behaviour.tags_empty_in_lag && routed.name == "ListTagsForResource" {
            let arn = input.get("ResourceARN").and_then(Json::as_str).unwrap_or_default();
            let is_unseen = visible.as_mut().is_some_and(|state| state.tags_mut(arn).is_none());
            if is_unseen && account.state.tags_mut(arn).is_some() {
                return Ok(Json::Object(Members::new()));
            }
        }
        let state = visible.as_mut().unwrap_or(&mut account.state);
        let answer = pruned(perform(routed.name, &mut context(state))?);
        if changes {
            account.record(routed.name, before);
        }
        Ok(answer)
    }

    /// The answer as it is sent: checked against the model, with the names in Lists as the behaviour says.
    fn shape(&self, routed: &Routed, mut answer: Json, account: &AccountState) -> Answer {
        let model = self.models.of(routed.service);
        let Some(shape) = &routed.operation.output else { return Ok(answer) };
        if let Json::Object(members) = &answer {
            let violations = model.violations(shape, members);
            if !violations.is_empty() {
                let message = message(&violations);
                return Err(ApiError::failure(format!("The simulator's own answer: {message}")));
            }
        }
        if routed.name.starts_with("List") {
            names::list(model, shape, account.behaviour.listed_names, &mut answer);
        }
        Ok(answer)
    }

    /// Which API the client means if both have the operation.
    fn intended_service(&self, request: &Request, routed: &Routed, input: &Json) -> Service {
        let both = [&self.models.identity, &self.models.messaging]
            .iter()
            .all(|model| model.operations.contains_key(routed.name));
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

    /// IAM's error. Its message names the first resource in the request's path.
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

/// Removes members that are null: they do not appear on the wire.
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
