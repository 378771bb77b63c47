//! Failures on demand, for chosen calls.

use crate::call::Call;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A failure of certain calls.
///
/// As JSON: `{"operation": "CreateAppInstance", "skip": 1, "times": 2, "kind": "Throttle"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation's name; `*` for all.
    pub operation: String,
    /// How many calls succeed first.
    #[serde(default)]
    pub skip: u32,
    /// How many calls fail then; `u32::MAX` for all.
    #[serde(default = "once")]
    pub times: u32,
    /// Only calls whose path (percent-decoded) or input (as compact JSON) contains this text fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How they fail.
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// The next call of `operation` fails.
    pub fn once(operation: &str, kind: FaultKind) -> Self {
        Self { operation: operation.to_owned(), skip: 0, times: 1, about: None, kind }
    }

    /// Every call of `operation` fails.
    pub fn always(operation: &str, kind: FaultKind) -> Self {
        Self::once(operation, kind).times(u32::MAX)
    }

    /// The same, after `skip` calls that succeed.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same, for this many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same, only for calls whose path or input contains this text.
    #[must_use]
    pub fn about(self, text: &str) -> Self {
        Self { about: Some(text.to_owned()), ..self }
    }

    fn matches(&self, call: &Call) -> bool {
        let is_of_it = self.operation == "*" || self.operation == call.operation;
        is_of_it && self.about.as_ref().is_none_or(|text| call.is_about(text))
    }
}

/// How a call fails.
///
/// As JSON: the name, or an object if there is a value: `{"Hang": 500}` (milliseconds),
/// `{"Hang": null}` (for ever), `{"BadRequest": "message"}`,
/// `{"Status": {"status": 404, "content_type": "text/html", "body": "<html></html>"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// 429 ThrottledClientException; not processed.
    Throttle,
    /// 500 ServiceFailureException; not processed.
    InternalFailure,
    /// 503 ServiceUnavailableException; not processed.
    Unavailable,
    /// The connection is reset; not processed.
    ResetBefore,
    /// Processed; then the connection is closed without an answer.
    ReplyLost,
    /// Not processed; the connection is closed without an answer after this time, or never.
    Hang(#[serde(with = "optional_millis")] Option<Duration>),
    /// Processed; never answered.
    HangAfter,
    /// Processed, and answered after this time.
    Delay(#[serde(with = "crate::millis")] Duration),
    /// 403 AccessDeniedException, as from IAM; not processed.
    AccessDenied,
    /// 403 ForbiddenException, though it exists; not processed.
    Forbidden,
    /// 409 ConflictException; not processed.
    Conflict,
    /// 400 ResourceLimitExceededException; not processed.
    ResourceLimitExceeded,
    /// 400 BadRequestException with this message; not processed.
    BadRequest(String),
    /// 401 UnauthorizedClientException; not processed.
    Unauthorized,
    /// 404 NotFoundException, though it exists; not processed.
    NotFound,
    /// An answer of something in between, such as a proxy, without any header of AWS; not processed.
    Status {
        /// The HTTP status.
        status: u16,
        /// The Content-Type.
        content_type: String,
        /// The body, as it is.
        body: String,
    },
    /// Processed, and answered with the right status and a body that is not JSON.
    Garbled,
}

impl FaultKind {
    /// The name, without the value.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "Throttle",
            Self::InternalFailure => "InternalFailure",
            Self::Unavailable => "Unavailable",
            Self::ResetBefore => "ResetBefore",
            Self::ReplyLost => "ReplyLost",
            Self::Hang(_) => "Hang",
            Self::HangAfter => "HangAfter",
            Self::Delay(_) => "Delay",
            Self::AccessDenied => "AccessDenied",
            Self::Forbidden => "Forbidden",
            Self::Conflict => "Conflict",
            Self::ResourceLimitExceeded => "ResourceLimitExceeded",
            Self::BadRequest(_) => "BadRequest",
            Self::Unauthorized => "Unauthorized",
            Self::NotFound => "NotFound",
            Self::Status { .. } => "Status",
            Self::Garbled => "Garbled",
        }
    }
}

/// How this call fails, if it does: by the first matching fault that is due. All matching faults count the call.
pub(crate) fn due(faults: &mut Vec<Fault>, call: &Call) -> Option<FaultKind> {
    let mut met = None;
    for fault in faults.iter_mut().filter(|fault| fault.matches(call)) {
        if fault.skip > 0 {
            fault.skip -= 1;
        } else if met.is_none() && fault.times > 0 {
            met = Some(fault.kind.clone());
            if fault.times != u32::MAX {
                fault.times -= 1;
            }
        }
    }
    faults.retain(|fault| fault.times > 0);
    met
}

mod optional_millis {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.as_millis() as u64).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Account, failure, is};
    use serde_json::{Value as Json, json};

    fn call_of(operation: &str, input: Json) -> Call {
        serde_json::from_value(json!({
            "at_ms": 0, "service": "identity", "operation": operation, "method": "POST", "path": "/tags/a%2Fb",
            "request_id": "", "input": input, "changing": true, "duration_us": 0,
        }))
        .unwrap()
    }

    #[test]
    fn a_fault_may_be_limited_to_a_text_in_path_or_input() {
        for (text, expected) in [("s/a/b", true), (r#"{"Key":"k"}"#, true), ("%2F", false)] {
            let mut faults = vec![Fault::always("TagResource", FaultKind::Throttle).about(text)];
            let call = call_of("TagResource", json!({"Tags": [{"Key": "k"}]}));
            assert_eq!(due(&mut faults, &call).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn a_fault_skips_some_calls_and_then_fails_some() {
        let mut faults = vec![Fault::once("TagResource", FaultKind::Throttle).after(1).times(2)];
        let mut call = |operation| due(&mut faults, &call_of(operation, json!({}))).map(|kind| kind.name());
        assert_eq!(call("UntagResource"), None);
        assert_eq!(call("TagResource"), None);
        assert_eq!(call("TagResource"), Some("Throttle"));
        assert_eq!(call("TagResource"), Some("Throttle"));
        assert_eq!(call("TagResource"), None);
        assert!(faults.is_empty());
    }

    #[test]
    fn faults_of_one_operation_happen_in_order() {
        let mut faults =
            vec![Fault::once("*", FaultKind::ReplyLost), Fault::always("TagResource", FaultKind::Conflict)];
        let mut call = || due(&mut faults, &call_of("TagResource", json!({}))).map(|kind| kind.name());
        assert_eq!([call(), call(), call()], [Some("ReplyLost"), Some("Conflict"), Some("Conflict")]);
    }

    #[test]
    fn json_forms() {
        let read =
            |kind: &str| serde_json::from_str::<Fault>(&format!(r#"{{"operation":"*","kind":{kind}}}"#)).unwrap();
        assert_eq!(read(r#""Throttle""#), Fault::once("*", FaultKind::Throttle));
        assert_eq!(read(r#"{"Hang":null}"#).kind, FaultKind::Hang(None));
        let half = Duration::from_millis(500);
        assert_eq!(read(r#"{"Hang":500}"#).kind, FaultKind::Hang(Some(half)));
        assert_eq!(read(r#"{"Delay":500}"#).kind, FaultKind::Delay(half));
        let page = read(r#"{"Status":{"status":404,"content_type":"text/html","body":"<html>"}}"#).kind;
        assert_eq!(page, html(404));
    }

    /// How a call fails, whether it was processed, and the status in the log.
    async fn met(kind: FaultKind) -> ((u16, String), bool, Option<u16>) {
        let account = Account::new();
        let name = kind.name().to_owned();
        account.simulator.inject(Fault::once("CreateAppInstance", kind));
        let result = account.identity.create_app_instance().name("n").send().await;
        let done = !account.simulator.is_empty();
        let calls = account.simulator.take_calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].fault, Some(name));
        account.identity.create_app_instance().name("n").send().await.unwrap();
        (failure(result), done, calls[0].status)
    }

    #[tokio::test]
    async fn faults_with_an_answer_are_not_processed() {
        for (kind, status, name) in [
            (FaultKind::Throttle, 429, "ThrottledClient"),
            (FaultKind::InternalFailure, 500, "ServiceFailure"),
            (FaultKind::Unavailable, 503, "ServiceUnavailable"),
            (FaultKind::AccessDenied, 403, "AccessDenied"),
            (FaultKind::Forbidden, 403, "Forbidden"),
            (FaultKind::Conflict, 409, "Conflict"),
            (FaultKind::ResourceLimitExceeded, 400, "ResourceLimitExceeded"),
            (FaultKind::BadRequest("so".into()), 400, "BadRequest"),
            (FaultKind::Unauthorized, 401, "UnauthorizedClient"),
            (FaultKind::NotFound, 404, "NotFound"),
        ] {
            assert_eq!(met(kind).await, (is(status, name), false, Some(status)));
        }
    }

    fn html(status: u16) -> FaultKind {
        FaultKind::Status { status, content_type: "text/html".into(), body: "<html>".into() }
    }

    #[tokio::test]
    async fn a_proxy_may_answer_and_answers_may_be_garbled() {
        assert_eq!(met(html(404)).await, ((404, String::new()), false, Some(404)));
        assert_eq!(met(html(200)).await, ((200, String::new()), false, Some(200)));
        assert_eq!(met(FaultKind::Garbled).await, ((201, String::new()), true, Some(201)));
    }

    #[tokio::test]
    async fn calls_without_an_answer_are_processed_or_not() {
        let none = (0, "DispatchFailure".to_owned());
        assert_eq!(met(FaultKind::ResetBefore).await, (none.clone(), false, None));
        let hang = FaultKind::Hang(Some(Duration::from_millis(30)));
        assert_eq!(met(hang).await, (none.clone(), false, None));
        assert_eq!(met(FaultKind::ReplyLost).await, (none, true, None));
    }

    #[tokio::test]
    async fn a_hanging_call_is_never_answered() {
        for (kind, done) in [(FaultKind::Hang(None), false), (FaultKind::HangAfter, true)] {
            let account = Account::new();
            account.simulator.inject(Fault::once("*", kind));
            let call = account.identity.create_app_instance().name("n").send();
            assert!(tokio::time::timeout(Duration::from_millis(150), call).await.is_err());
            assert_eq!(account.simulator.is_empty(), !done);
            assert_eq!(account.take_calls(), ["CreateAppInstance -"]);
        }
    }

    #[tokio::test]
    async fn a_delayed_call_succeeds_late() {
        let account = Account::new();
        let delay = Duration::from_millis(80);
        account.simulator.inject(Fault::once("*", FaultKind::Delay(delay)));
        let before = std::time::Instant::now();
        account.app_instance().await;
        assert!(before.elapsed() >= delay);
        assert_eq!(account.take_calls(), ["CreateAppInstance 201"]);
    }

    #[tokio::test]
    async fn a_denial_names_the_action_and_the_resource() {
        let account = Account::new();
        let instance = account.app_instance().await;
        account.simulator.inject(Fault::always("*", FaultKind::AccessDenied));
        for _ in 0..2 {
            let delete = account.identity.delete_app_instance().app_instance_arn(&instance);
            assert_eq!(failure(delete.send().await), is(403, "AccessDenied"));
        }
        let message = account.simulator.calls().pop().unwrap().message.unwrap();
        let said = format!("not authorized to perform: chime:DeleteAppInstance on resource: {instance}");
        assert!(message.contains(&said), "{message}");
        account.simulator.clear_faults();
        account.app_instance().await;
    }
}
