//! Errors. The log gets all details, and the stack's author gets a reason.

use crate::chime::service::Service;
use aws_sdk_chimesdkidentity::error::SdkError;
use aws_sdk_chimesdkidentity::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use serde_json::Value as Json;
use std::error::Error as StdError;
use std::fmt;

/// The result of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, as far as decisions and advice depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is invalid, by our own checks or by Chime's (400).
    Invalid,
    /// A quota of the account is used up (400 ResourceLimitExceeded).
    LimitExceeded,
    /// The resource does not exist (404).
    NotFound,
    /// The resource already exists, or another resource depends on it (409).
    Conflict,
    /// Chime denies access (403 Forbidden). Chime also returns this for missing resources.
    Forbidden,
    /// Chime rejects the caller (401 UnauthorizedClient). Chime also returns this for missing resources.
    Unauthorized,
    /// IAM denies access: the function's role does not allow the action.
    Denied,
    /// Chime throttled the calls until time ran out (429).
    Throttled,
    /// Chime could not be reached, or failed (500, 503).
    Unavailable,
    /// There was no response before the deadline.
    TimedOut,
    /// A bug in this function.
    Bug,
}

impl Kind {
    /// The kind of a failure for which Chime returns only a code.
    pub fn of_code(code: &str) -> Self {
        Self::of(code, 0, "")
    }

    /// The kind of a service error, derived from the code without its optional suffixes, or else from the status.
    fn of(code: &str, status: u16, message: &str) -> Self {
        let word = code.strip_suffix("Exception").unwrap_or(code);
        match word.strip_suffix("Client").unwrap_or(word) {
            // IAM uses these words with various codes.
            _ if message.contains("is not authorized to perform") || message.contains("AWS authorization failed") => {
                Self::Denied
            }
            "AccessDenied" | "UnrecognizedClient" | "ExpiredToken" => Self::Denied,
            "Unauthorized" => Self::Unauthorized,
            "Forbidden" => Self::Forbidden,
            "NotFound" => Self::NotFound,
            "Conflict" => Self::Conflict,
            "ResourceLimitExceeded" => Self::LimitExceeded,
            "Throttled" | "Throttling" | "TooManyRequests" => Self::Throttled,
            // A server that does not know the operation cannot know whether the resource exists.
            "ServiceFailure" | "ServiceUnavailable" | "UnknownOperation" => Self::Unavailable,
            // A proxy changed the request.
            "InvalidSignature" | "SignatureDoesNotMatch" => Self::Unavailable,
            "BadRequest" | "Unprocessable" | "PreconditionFailed" => Self::Invalid,
            // Chime's errors always have a code. An error without one comes from a proxy and says nothing about Chime.
            "" if status < 500 && status != 429 => Self::Unavailable,
            _ => match status {
                401 => Self::Unauthorized,
                403 => Self::Forbidden,
                404 => Self::NotFound,
                409 => Self::Conflict,
                429 => Self::Throttled,
                500.. => Self::Unavailable,
                _ => Self::Invalid,
            },
        }
    }

    /// What the stack's author can do.
    fn advice(self) -> &'static str {
        match self {
            Self::Invalid | Self::Conflict => "",
            Self::LimitExceeded => "Ask for a higher quota of the Amazon Chime SDK, or delete what is no longer used.",
            Self::NotFound => "Check that every ARN in the properties names an existing resource.",
            Self::Forbidden => {
                "Chime returns 403 both for missing and for forbidden resources. Check that every ARN in the properties names an \
                 existing resource in this account and in the function's Chime region. If there is a ChimeBearer, it must already \
                 be an admin of the app instance or a moderator of the channel (DependsOn)."
            }
            Self::Unauthorized => {
                "Check that the ChimeBearer, if there is one, names an existing user or bot, and that the role of the function \
                 allows the action."
            }
            Self::Denied => {
                "Allow the action in the role of the function, and look for a permissions boundary or a service \
                 control policy that denies it."
            }
            Self::Throttled => {
                "Deploy again. If the stack has many Chime resources, create fewer of them at once with DependsOn, or give the \
                 function a longer Timeout."
            }
            Self::Unavailable | Self::TimedOut => "Deploy again; if it persists, see the AWS Health Dashboard.",
            Self::Bug => "This is a bug in the function: please report it with the log.",
        }
    }
}

/// An error. Callers see only its [`Kind`]. [`reason`](Self::reason) is the text for the stack's author. `Display` is
/// the text for the log, and includes the sources.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    advice: String,
    aws_request_id: Option<String>,
    source: Option<Source>,
}

type Source = Box<dyn StdError + Send + Sync>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(id) = &self.aws_request_id {
            write!(f, " (AWS request id {id})")?;
        }
        let mut source = self.source();
        while let Some(error) = source {
            // The message may already contain the nearest source.
            let text = error.to_string();
            if !self.what.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            source = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// A request could not be built. By then every property has been checked against Chime's limits, and each required
/// field is a required property. An SDK that requires more than its model is therefore a bug.
impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self { source: Some(error.into()), ..Self::bug("The request could not be built") }
    }
}

impl Error {
    /// An error with this message and the default advice for its kind.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), advice: kind.advice().to_owned(), aws_request_id: None, source: None }
    }

    /// A bug in this function.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(Kind::Bug, what)
    }

    /// The kind of the error.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the resource may not exist: Chime either says so, or returns an error that it also returns for missing
    /// resources. In the latter case only a List can tell.
    pub fn could_be_not_found(&self) -> bool {
        matches!(self.kind, Kind::Invalid | Kind::Unauthorized | Kind::Forbidden | Kind::Conflict | Kind::NotFound)
    }

    /// The same error with more specific advice.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// The same error, which also says what had been tried by then.
    #[must_use]
    pub fn after(mut self, tried: &str) -> Self {
        self.what = format!("{} ({tried})", self.what.trim_end_matches('.'));
        self
    }

    /// Whether Chime refuses because of another service: a stream that it cannot write to, or a role that it cannot create.
    pub fn is_about_another_service(&self) -> bool {
        matches!(self.kind, Kind::Invalid | Kind::Forbidden)
            && ["Kinesis", "service linked role", "service-linked role"].iter().any(|word| self.what.contains(word))
    }

    /// A copy with more specific advice and without the sources.
    #[must_use]
    pub fn clone_with_advice(&self, advice: impl Into<String>) -> Self {
        let (what, aws_request_id) = (self.what.clone(), self.aws_request_id.clone());
        Self { kind: self.kind, what, advice: advice.into(), aws_request_id, source: None }
    }

    /// The text for the stack's author: what failed and why, what to do, and the AWS request id.
    pub fn reason(&self) -> String {
        let mut sentences = sentence(&self.what);
        if !self.advice.is_empty() {
            sentences = format!("{sentences} {}", sentence(&self.advice));
        }
        match &self.aws_request_id {
            Some(id) => format!("{sentences} AWS request id: {id}."),
            None => sentences,
        }
    }
}

/// Adds a full stop, unless `text` already ends a sentence.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    /// Converts the errors of all operations by their code, because neither API models IAM's
    /// AccessDeniedException, and only some operations model NotFoundException.
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let operation = operation(std::any::type_name::<E>());
        // This code is compiled once for each operation's error type, so it only takes the error apart. Shared
        // functions interpret it.
        let (kind, what) = match &error {
            SdkError::ServiceError(service) => return error_response(Service::Chime, operation, service.raw()),
            SdkError::ResponseError(response) => return error_response(Service::Chime, operation, response.raw()),
            SdkError::TimeoutError(_) => return timed_out(operation),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => return timed_out(operation),
            SdkError::DispatchFailure(_) => (Kind::Unavailable, "Chime could not be reached"),
            _ => (Kind::Bug, "the request could not be built"),
        };
        no_response(operation, kind, what, error.into_source().unwrap_or_else(|error| error.to_string().into()))
    }
}

fn timed_out(operation: &str) -> Error {
    Error::new(Kind::TimedOut, format!("{operation}: Chime did not answer in time"))
}

fn no_response(operation: &str, kind: Kind, what: &str, source: Source) -> Error {
    // The errors in between only say that there was an error, and of which type.
    let mut root: &(dyn StdError + 'static) = &*source;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    let what = format!("{operation}: {what}: {root}");
    Error { source: Some(source), ..Error::new(kind, what) }
}

/// How many characters of a message are repeated. A proxy's error page or Chime's list of violations may be longer than
/// any reason and any log line.
const MAX_MESSAGE: usize = 2000;

/// The parts of an error response. Chime puts the code into a header and into the body, and names the fields of the
/// body in several ways.
struct ErrorDetails {
    name: String,
    code: String,
    message: String,
    aws_request_id: Option<String>,
}

impl ErrorDetails {
    fn of(service: Service, raw: &HttpResponse) -> Self {
        let code = code(raw);
        let body = body(raw);
        let message = ["Message", "message", "errorMessage"].iter().find_map(|name| body.get(name)?.as_str());
        let message = message.unwrap_or_default().chars().take(MAX_MESSAGE).collect();
        let status = raw.status().as_u16();
        let name = match (code.as_str(), raw.status().is_success()) {
            ("", false) => format!("HTTP status {status} without an error code from {service}"),
            (_, true) => format!("HTTP status {status} with an unreadable body"),
            (code, false) => code.to_owned(),
        };
        Self { name, code, message, aws_request_id: raw.request_id().map(str::to_owned) }
    }

    fn text(&self, operation: &str) -> String {
        let colon = if self.message.is_empty() { "" } else { ": " };
        format!("{operation} failed: {}{colon}{}", self.name, self.message)
    }

    fn kind(&self, raw: &HttpResponse) -> Kind {
        match raw.status().is_success() {
            true => Kind::Unavailable,
            false => Kind::of(&self.code, raw.status().as_u16(), &self.message),
        }
    }
}

/// Converts an error response.
pub fn error_response(service: Service, operation: &str, raw: &HttpResponse) -> Error {
    let details = ErrorDetails::of(service, raw);
    let error = Error::new(details.kind(raw), details.text(operation));
    Error { aws_request_id: details.aws_request_id, ..error }
}

/// The last failure that a service reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
    /// The operation, the error and the AWS request id, as far as they are known.
    pub text: String,
    /// Whether the service throttled the call.
    pub is_throttling: bool,
}

impl LastFailure {
    /// A call to `operation` got no response, because of `why`.
    pub fn of(service: Service, operation: &str, why: &str) -> Self {
        let text = format!("{operation}: {service} {why}");
        Self { service, operation: operation.to_owned(), text, is_throttling: false }
    }
}

/// Describes a service's response to an attempt.
pub fn last_failure(service: Service, operation: &str, raw: &HttpResponse) -> LastFailure {
    let details = ErrorDetails::of(service, raw);
    let id = details.aws_request_id.as_ref().map(|id| format!(" (AWS request id {id})")).unwrap_or_default();
    LastFailure {
        service,
        operation: operation.to_owned(),
        text: format!("{}{id}", details.text(operation)),
        is_throttling: details.kind(raw) == Kind::Throttled,
    }
}

/// The error code from the header or else the body, without the surrounding namespace and URL.
pub fn code(raw: &HttpResponse) -> String {
    let in_header = raw.headers().get("x-amzn-errortype").map(str::to_owned);
    let in_body = || {
        let body = body(raw);
        ["Code", "code", "__type"].iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned))
    };
    let code = in_header.or_else(in_body).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().chars().take(100).collect()
}

fn body(raw: &HttpResponse) -> Json {
    raw.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
}

/// The operation for an error type's name. The SDK calls the type `<operation>Error`.
fn operation(name: &'static str) -> &'static str {
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Error").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_recognized_in_each_spelling() {
        for code in ["Forbidden", "ForbiddenException"] {
            assert_eq!(Kind::of(code, 403, "An invalid ARN was supplied"), Kind::Forbidden);
        }
        for code in ["ThrottledClientException", "Throttled", "Throttling", "ThrottlingException"] {
            assert_eq!(Kind::of(code, 429, ""), Kind::Throttled, "{code}");
        }
        assert_eq!(Kind::of("UnauthorizedClientException", 401, ""), Kind::Unauthorized);
        assert_eq!(Kind::of("", 404, ""), Kind::Unavailable);
        assert_eq!(Kind::of("ResourceLimitExceededException", 400, ""), Kind::LimitExceeded);
        assert_eq!(Kind::of("SomethingNew", 404, ""), Kind::NotFound);
        assert_eq!(Kind::of("UnknownOperationException", 404, ""), Kind::Unavailable);
    }

    #[test]
    fn iams_message_is_a_denial_with_any_code() {
        let words = "User: x is not authorized to perform: chime:DeleteAppInstance on resource: y";
        assert_eq!(Kind::of("ForbiddenException", 403, words), Kind::Denied);
        assert_eq!(Kind::of("AccessDeniedException", 403, ""), Kind::Denied);
    }

    #[test]
    fn a_reason_says_what_failed_what_to_do_and_the_aws_request_id() {
        let error =
            Error { aws_request_id: Some("r-1".into()), ..Error::new(Kind::NotFound, "DeleteX failed: NotFound") };
        assert_eq!(
            error.reason(),
            "DeleteX failed: NotFound. Check that every ARN in the properties names an existing resource. AWS request id: r-1."
        );
    }
}
