//! One request, from the wire to the answer: signature, route, faults, validation, tokens, the
//! operation itself, and the log.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::arn;
use super::behaviour::{Behaviour, TokenReplay};
use super::call::{Call, changing};
use super::dispatch::dispatch;
use super::error::{Answer, ApiError};
use super::fault::{Fault, FaultKind, due};
use super::signature;
use super::state::State;
use super::turn::Turn;
use crate::http::{Handler, Outcome, Reply, Request};
use crate::model::{Apis, Members, Routed, Service, message};

/// What the server's thread and the owner of the simulator share.
#[derive(Debug)]
pub(crate) struct Core {
    pub apis: &'static Apis,
    pub region: String,
    pub account: String,
    pub started: Instant,
    pub held: Mutex<Held>,
}

/// Everything that changes.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub state: State,
    /// What `state` is set back to.
    pub seed: State,
    pub behaviour: Behaviour,
    pub faults: Vec<Fault>,
    pub calls: Vec<Call>,
    /// By operation and ClientRequestToken: the request and its answer.
    tokens: BTreeMap<(&'static str, String), (Members, Value)>,
    /// Former states and since when each stood, while reads lag behind writes.
    history: VecDeque<(Instant, State)>,
}

impl Held {
    pub fn new(seed: State, behaviour: Behaviour) -> Held {
        Held { state: seed.clone(), seed, behaviour, ..Held::default() }
    }

    /// Back to the beginning, but for the behaviour.
    pub fn reset(&mut self) {
        self.state = self.seed.clone();
        self.faults.clear();
        self.calls.clear();
        self.tokens.clear();
        self.history.clear();
    }

    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
        self.history.clear();
    }

    /// The state as reads see it, where they lag behind.
    fn seen(&mut self) -> Option<State> {
        let lag = self.behaviour.read_after_write;
        let old = |since: &Instant| since.elapsed() >= lag;
        while self.history.get(1).is_some_and(|(since, _)| old(since)) {
            self.history.pop_front();
        }
        self.history.front().map(|(_, state)| state.clone())
    }

    /// Notes what `before` has become.
    fn note(&mut self, before: State) {
        let now = Instant::now();
        if self.history.is_empty() {
            self.history.push_back((now, before));
        }
        self.history.push_back((now, self.state.clone()));
    }
}

impl Handler for Core {
    async fn handle(&self, request: Request) -> Outcome {
        if request.path.starts_with("/_local/") {
            return Outcome::Reply(self.control(&request));
        }
        let (wait, outcome) = self.answer(&request);
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        outcome
    }
}

impl Core {
    pub fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> (Option<Duration>, Outcome) {
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
            input: Value::Null,
            fault: None,
            changing: false,
            duration: Duration::ZERO,
        };
        let (fault, decided) = self.decide(request, &mut held, &mut call);
        let mut reply = match &decided {
            Ok((status, Value::Null)) => Reply::empty(*status),
            Ok((status, body)) => Reply::json(*status, body),
            Err(error) => error.reply(),
        };
        reply.headers.push(("x-amzn-requestid", call.request_id.clone()));
        call.fault = fault.as_ref().map(|fault| fault.name().to_owned());
        call.status = Some(reply.status);
        if let Err(error) = decided {
            call.error = Some(error.name.to_owned());
            call.message = Some(error.message);
        }

        let (wait, outcome) = match fault {
            Some(FaultKind::ResetBefore) => (None, Outcome::Reset),
            Some(FaultKind::ReplyLost) => (None, Outcome::Close),
            Some(FaultKind::Hang(time)) => (None, Outcome::Hang(time)),
            Some(FaultKind::HangAfter) => (None, Outcome::Hang(None)),
            Some(FaultKind::Delay(time)) => (Some(time), Outcome::Reply(reply)),
            _ => (None, Outcome::Reply(reply)),
        };
        if !matches!(outcome, Outcome::Reply(_)) {
            (call.status, call.error, call.message) = (None, None, None);
        }
        call.duration = arrived.elapsed();
        held.calls.push(call);
        (wait, outcome)
    }

    /// The fault that the call meets, and the status and body (or error) that it would be answered
    /// with; of a call that is never answered the latter means nothing.
    fn decide(
        &self,
        request: &Request,
        held: &mut Held,
        call: &mut Call,
    ) -> (Option<FaultKind>, Result<(u16, Value), ApiError>) {
        let Some(routed) = self.apis.route(request.method.as_str(), &request.path, &request.query) else {
            let message = format!("No operation at {} {}", request.method, request.path);
            return (None, Err(ApiError::unknown_operation(message)));
        };
        let input = routed.input(self.apis, &request.query, |name| request.header(name), &request.body);
        call.operation = routed.name.to_owned();
        call.changing = changing(routed.name);
        call.input = input.clone().map_or(Value::Null, Value::Object);
        call.service = self.service(request, &routed, &call.input);
        if let Err(error) = signature::check(request.header("authorization"), &self.region) {
            return (None, Err(error));
        }
        let fault = due(&mut held.faults, routed.name);
        let answer = match &fault {
            Some(FaultKind::Throttle) => Err(ApiError::throttled()),
            Some(FaultKind::InternalFailure) => Err(ApiError::failure("Internal failure")),
            Some(FaultKind::Unavailable | FaultKind::ResetBefore | FaultKind::Hang(_)) => Err(ApiError::unavailable()),
            Some(FaultKind::AccessDenied) => Err(self.denied(&routed, &call.input)),
            Some(FaultKind::Forbidden) => Err(ApiError::forbidden("Forbidden")),
            Some(FaultKind::Conflict) => Err(ApiError::conflict("Conflict")),
            Some(FaultKind::ResourceLimitExceeded) => Err(ApiError::limit("Limit exceeded")),
            Some(FaultKind::BadRequest(message)) => Err(ApiError::bad_request(message)),
            None | Some(FaultKind::ReplyLost | FaultKind::HangAfter | FaultKind::Delay(_)) => {
                input.map_err(ApiError::bad_request).and_then(|input| self.process(&routed, &input, held))
            }
        };
        (fault, answer.map(|body| (routed.operation.status, body)))
    }

    /// Validation, tokens, and the operation itself.
    fn process(&self, routed: &Routed, input: &Members, held: &mut Held) -> Answer {
        let model = self.apis.of(routed.service);
        if let Some(shape) = &routed.operation.input {
            let violations = model.violations(shape, input);
            if !violations.is_empty() {
                return Err(ApiError::bad_request(message(&violations)));
            }
        }
        let token = model.tokens(routed.operation).first().and_then(|name| input.get(*name));
        let token = token.and_then(Value::as_str).map(|token| (routed.name, token.to_owned()));
        if let Some((first, answer)) = token.as_ref().and_then(|token| held.tokens.get(token)) {
            return match held.behaviour.token_replay {
                TokenReplay::FirstResult201 if first == input => Ok(answer.clone()),
                _ => Err(ApiError::conflict("Resource creation in progress or has already been created.")),
            };
        }

        let lags = !held.behaviour.read_after_write.is_zero();
        let changes = changing(routed.name);
        let mut seen = if lags && !changes { held.seen() } else { None };
        let before = (lags && changes).then(|| held.state.clone());
        let mut turn = Turn {
            state: seen.as_mut().unwrap_or(&mut held.state),
            behaviour: &held.behaviour,
            input,
            region: &self.region,
            account: &self.account,
        };
        let answer = pruned(dispatch(routed.name, &mut turn)?);
        if let Some(before) = before {
            held.note(before);
        }
        if let Some(token) = token {
            held.tokens.insert(token, (input.clone(), answer.clone()));
        }
        if let (Some(shape), Value::Object(members)) = (&routed.operation.output, &answer) {
            let violations = model.violations(shape, members);
            if !violations.is_empty() {
                let message = message(&violations);
                return Err(ApiError::failure(format!("The simulator's own answer: {message}")));
            }
        }
        Ok(answer)
    }

    /// Which API the client means, where both have the operation.
    fn service(&self, request: &Request, routed: &Routed, input: &Value) -> Service {
        let both =
            [&self.apis.identity, &self.apis.messaging].iter().all(|model| model.operations.contains_key(routed.name));
        let says = |name: &str| {
            let agents = [request.header("x-amz-user-agent"), request.header("user-agent")];
            agents.into_iter().flatten().any(|agent| agent.contains(name))
        };
        let arn = input.get("ResourceARN").and_then(Value::as_str).unwrap_or_default();
        match arn::kind(arn) {
            _ if !both => routed.service,
            _ if says("chimesdkidentity") => Service::Identity,
            _ if says("chimesdkmessaging") => Service::Messaging,
            Some("channel" | "channel-flow") => Service::Messaging,
            _ => Service::Identity,
        }
    }

    /// The error that IAM gives: its message names the first resource of the request's path.
    fn denied(&self, routed: &Routed, input: &Value) -> ApiError {
        let account = &self.account;
        let resource = ["ChannelArn", "ChannelFlowArn", "AppInstanceUserArn", "AppInstanceBotArn"]
            .iter()
            .chain(&["AppInstanceArn", "ResourceARN"])
            .find_map(|member| input.get(member).and_then(Value::as_str))
            .unwrap_or("*");
        let operation = routed.name;
        ApiError::access_denied(format!(
            "User: arn:aws:sts::{account}:assumed-role/chime-messaging-resources/function is not \
             authorized to perform: chime:{operation} on resource: {resource} because no \
             identity-based policy allows the chime:{operation} action"
        ))
    }
}

/// Without members that are null: on the wire they are left out.
fn pruned(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, pruned(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(pruned).collect()),
        value => value,
    }
}
