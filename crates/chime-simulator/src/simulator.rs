//! The simulator: both Chime APIs at one address, and what its owner can inspect and change.

use crate::account_state::AccountState;
use crate::behaviour::Behaviour;
use crate::call::Call;
use crate::chime_api::ChimeApi;
use crate::control::OnControl;
use crate::data_streams::DataStreams;
use crate::fault::Fault;
use crate::model::Apis;
use crate::router::Router;
use crate::seed::{seed, snapshot};
use crate::state::State;
use crate::time_scale::TimeScale;
use loopback_server::Server;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

/// How to start a [`Simulator`].
#[derive(Debug, Clone)]
pub struct Options {
    /// How Chime behaves where its documentation does not say; can be changed later.
    pub behaviour: Behaviour,
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// The region that requests have to be signed for, and that ARNs are in.
    pub region: String,
    /// The account in ARNs.
    pub account: String,
    /// How fast time passes for lags, rates and delays.
    pub time_scale: TimeScale,
    /// The initial contents: a list of app instances in the form of [`Simulator::holds`], or null.
    pub seed: Json,
    /// The Kinesis data streams of the account; without them, any stream with a valid ARN is accepted.
    pub data_streams: Option<DataStreams>,
    /// Called for requests that control the simulator over HTTP.
    pub on_control: Option<OnControl>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            behaviour: Behaviour::default(),
            port: 0,
            region: "us-east-1".into(),
            account: "123456789012".into(),
            time_scale: TimeScale::default(),
            seed: Json::Null,
            data_streams: None,
            on_control: None,
        }
    }
}

/// A running simulator; it stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    router: Arc<Router>,
    server: Server,
}

impl Simulator {
    /// Starts a simulator on a thread of its own. It accepts requests when this returns.
    ///
    /// # Errors
    /// The port is taken, or the seed is invalid.
    pub fn start(options: Options) -> io::Result<Self> {
        let invalid = |problem: String| io::Error::new(io::ErrorKind::InvalidInput, problem);
        let mut initial = State::default();
        seed(&mut initial, options.seed).map_err(invalid)?;
        let state = AccountState::new(initial, options.behaviour, options.time_scale);
        let models = Apis::load().map_err(invalid)?;
        let chime = ChimeApi::new(models, options.region, options.account, options.data_streams, state);
        let router = Arc::new(Router::new(chime, options.on_control));
        let server = Server::start(options.port, Arc::clone(&router))?;
        Ok(Self { router, server })
    }

    /// The endpoint of both APIs: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// The calls so far, in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.router.chime.lock().calls.clone()
    }

    /// The calls so far; the log is empty afterwards.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.router.chime.lock().calls)
    }

    /// When a call arrived.
    pub fn time_of(&self, call: &Call) -> SystemTime {
        SystemTime::now() - self.router.chime.started.elapsed() + call.at
    }

    /// Makes calls fail. Several faults may wait at once; a call gets the first one that matches and is due.
    pub fn inject(&self, fault: Fault) {
        self.router.chime.lock().faults.push(fault);
    }

    /// The same for a fault that somebody typed.
    ///
    /// # Errors
    /// The Chime APIs have no such operation, and so the fault would never happen.
    pub fn inject_checked(&self, fault: Fault) -> Result<(), String> {
        self.router.chime.check_operation(&fault.operation)?;
        self.inject(fault);
        Ok(())
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.router.chime.lock().faults.clear();
    }

    /// Changes the behaviour for all further requests.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.router.chime.lock().set_behaviour(behaviour);
    }

    /// The contents of the account: a list of app instances, each with its users, admins, bots, retention, streaming, channel flows and
    /// channels, and with all tags. It has no times, nothing that is being deleted, and no lag.
    pub fn holds(&self) -> Json {
        snapshot(&self.router.chime.lock().state)
    }

    /// Whether the account is empty.
    pub fn is_empty(&self) -> bool {
        self.router.chime.lock().state.app_instances.is_empty()
    }

    /// Puts app instances in place, in the form of [`holds`](Self::holds). One whose ARN exists already replaces the old one. They are
    /// visible at once.
    ///
    /// # Errors
    /// The seed is invalid. Then nothing changes.
    pub fn seed(&self, seed: Json) -> Result<(), String> {
        self.router.chime.lock().seed(seed)
    }

    /// Replaces the [contents](Self::holds) of the account with what `f` makes of them, as if somebody else had changed them. The change is
    /// visible at once, and what was there before keeps its times. `f` must not call the simulator.
    ///
    /// # Errors
    /// The result of `f` is invalid. Then nothing changes.
    pub fn change(&self, f: impl FnOnce(Json) -> Json) -> Result<(), String> {
        self.router.chime.lock().change(f)
    }

    /// Lets everything in the account have been there for longer, as if no test had just put it there.
    pub fn grow_older(&self, by: Duration) {
        self.router.chime.lock().grow_older(by);
    }

    /// The SSM parameters of the account, by name.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        self.router.parameters().values()
    }

    /// Writes an SSM parameter, as PutParameter with Overwrite does for a caller with the ARN `writer`.
    pub fn put_parameter(&self, name: &str, value: &str, writer: &str) {
        self.router.parameters().put(name, value, writer);
    }

    /// Deletes all SSM parameters.
    pub fn delete_parameters(&self) {
        self.router.parameters().clear();
    }

    /// The SSM operations called so far; the log is empty afterwards.
    pub fn take_parameter_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.router.parameters().calls)
    }

    /// Answers every further call to SSM with this status and code; `None` ends that.
    pub fn fail_parameter_calls(&self, error: Option<(u16, &'static str)>) {
        self.router.parameters().error = error;
    }

    /// Restores the initial seed and clears calls, faults and tokens. The behaviour stays.
    pub fn reset(&self) {
        self.router.chime.lock().reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Account, failure};
    use loopback_server::exchange;
    use serde_json::json;

    const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/chime/aws4_request, \
         SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n";

    fn ask(simulator: &Simulator, line: &str, headers: &str, body: &str) -> (String, Json) {
        let length = body.len();
        let raw = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        let answer = exchange(simulator.server.address(), &raw).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
    }

    #[test]
    fn it_works_without_a_runtime() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let create = r#"{"Name":"n","ClientRequestToken":"ab"}"#;
        let (head, body) = ask(&simulator, "POST /app-instances", SIGNED, create);
        assert!(head.starts_with("HTTP/1.1 201"), "{head}");
        assert!(head.contains("x-amzn-requestid: "), "{head}");
        assert!(body["AppInstanceArn"].is_string());
        let call = simulator.calls().remove(0);
        assert_eq!(call.operation, "CreateAppInstance");
        assert_eq!(call.input["Name"], "n");
        assert!(call.changing);
        assert!(head.contains(&call.request_id));
    }

    #[test]
    fn a_bad_request_lists_all_violations_of_the_model() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let (head, body) = ask(&simulator, "POST /app-instances", SIGNED, r#"{"Name":""}"#);
        assert!(head.starts_with("HTTP/1.1 400"), "{head}");
        assert!(head.contains("x-amzn-errortype: BadRequestException"), "{head}");
        assert_eq!(body["Code"], "BadRequest");
        let message = "2 validation errors detected: Value at 'clientRequestToken' failed to satisfy \
             constraint: Member must not be null; Value at 'name' failed to satisfy constraint: \
             Member must have length greater than or equal to 1";
        assert_eq!(body["Message"], message);
        let (head, body) = ask(&simulator, "POST /app-instances", SIGNED, "{");
        assert!(head.starts_with("HTTP/1.1 400"), "{head} {body}");
        assert!(simulator.is_empty());
    }

    #[test]
    fn an_unsigned_request_is_rejected() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let (head, body) = ask(&simulator, "GET /app-instances", "", "");
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
        assert!(head.contains("MissingAuthenticationTokenException"), "{head}");
        assert_eq!(body, json!({"Message": "Missing Authentication Token"}));
    }

    #[tokio::test]
    async fn a_request_signed_for_another_region_is_rejected() {
        let account = Account::of(Options::default(), "eu-central-1");
        let refused = account.identity.list_app_instances().send().await;
        assert_eq!(failure(refused), (403, "InvalidSignatureException".into()));
    }

    #[test]
    fn an_operation_that_is_not_simulated_answers_501() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let (head, _) = ask(&simulator, "GET /endpoints/messaging-session", SIGNED, "");
        assert!(head.starts_with("HTTP/1.1 501"), "{head}");
        let (head, _) = ask(&simulator, "GET /nowhere", SIGNED, "");
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    }

    #[test]
    fn other_tools_control_it_over_http() {
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let seed = json!([{"AppInstanceArn": arn, "Name": "sample"}]);
        let options = Options { seed: seed.clone(), ..Options::default() };
        let simulator = Simulator::start(options).unwrap();
        let path = format!("/app-instances/{}", arn.replace(':', "%3A").replace('/', "%2F"));
        let describe = || ask(&simulator, &format!("GET {path}"), SIGNED, "").0;
        assert!(describe().starts_with("HTTP/1.1 200"));

        let fault = r#"{"operation":"DescribeAppInstance","kind":"Throttle"}"#;
        assert!(ask(&simulator, "POST /_local/faults", "", fault).0.starts_with("HTTP/1.1 200"));
        let waiting = ask(&simulator, "GET /_local/faults", "", "").1;
        assert_eq!(waiting, json!([{"operation": "DescribeAppInstance", "skip": 0, "times": 1, "kind": "Throttle"}]));
        assert!(describe().starts_with("HTTP/1.1 429"));
        assert_eq!(ask(&simulator, "GET /_local/faults", "", "").1, json!([]));
        let calls = ask(&simulator, "GET /_local/calls", "", "").1;
        assert_eq!(calls[1]["error"], "ThrottledClientException");
        assert_eq!(calls[1]["fault"], "Throttle");

        assert!(ask(&simulator, &format!("DELETE {path}"), SIGNED, "").0.starts_with("HTTP/1.1 204"));
        assert_eq!(ask(&simulator, "GET /_local/state", "", "").1, json!([]));
        let behaviour = r#"{"missing":"Forbidden403"}"#;
        ask(&simulator, "POST /_local/behaviour", "", behaviour);
        assert!(describe().starts_with("HTTP/1.1 403"));
        ask(&simulator, "POST /_local/reset", "", "");
        assert_eq!(ask(&simulator, "GET /_local/state", "", "").1, seed);
        assert_eq!(ask(&simulator, "GET /_local/calls", "", "").1, json!([]));
        let bad = ask(&simulator, "POST /_local/behaviour", "", r#"{"mising":1}"#);
        assert!(bad.0.starts_with("HTTP/1.1 400"), "{bad:?}");
    }

    #[test]
    fn a_bad_seed_or_a_taken_port_is_an_error() {
        let seed = json!([{"AppInstanceArn": "x", "Name": "n"}]);
        assert!(Simulator::start(Options { seed, ..Options::default() }).is_err());
        let first = Simulator::start(Options::default()).unwrap();
        let port = first.server.address().port();
        assert!(Simulator::start(Options { port, ..Options::default() }).is_err());
        drop(first);
        Simulator::start(Options { port, ..Options::default() }).unwrap();
    }
}
