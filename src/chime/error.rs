//! What can go wrong with a request, told twice: to the log in full, and to the stack's author as a reason.

use crate::chime::service::Service;
use aws_sdk_chimesdkidentity::error::SdkError;
use aws_sdk_chimesdkidentity::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use serde_json::Value as Json;
use std::error::Error as StdError;
use std::fmt;

/// What came of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an error is, where somebody decides by it or advises on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is wrong: in our own judgement, or in Chime's (400).
    Invalid,
    /// A quota of the account is used up (400 ResourceLimitExceeded).
    LimitExceeded,
    /// Chime knows no such thing (404).
    NotFound,
    /// There is such a thing already, or something holds on to it (409).
    Conflict,
    /// Chime's own refusal (403 Forbidden). It says so of what is missing as well as of what may not be touched.
    Forbidden,
    /// Chime's refusal of whoever asks (401 UnauthorizedClient). It says so of what is missing, too.
    Unauthorized,
    /// IAM's refusal: the function's role may not do this.
    Denied,
    /// Chime asked for patience for longer than there was time (429).
    Throttled,
    /// Chime could not be reached, or failed (500, 503).
    Unavailable,
    /// No answer before the deadline.
    TimedOut,
    /// A defect of ours.
    Bug,
}

impl Kind {
    /// The kind of a failure that Chime gives a bare code for.
    pub fn of_code(code: &str) -> Self {
        Self::of(code, 0, "")
    }

    /// The kind of a service error, by its code without the endings that the APIs add or leave out, or else by its status.
    fn of(code: &str, status: u16, message: &str) -> Self {
        let word = code.strip_suffix("Exception").unwrap_or(code);
        match word.strip_suffix("Client").unwrap_or(word) {
            // Whichever code it comes under, these are IAM's words.
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
            // Whoever does not know the operation knows nothing of the thing either.
            "ServiceFailure" | "ServiceUnavailable" | "UnknownOperation" => Self::Unavailable,
            // Somebody in between has changed the request.
            "InvalidSignature" | "SignatureDoesNotMatch" => Self::Unavailable,
            "BadRequest" | "Unprocessable" | "PreconditionFailed" => Self::Invalid,
            // Chime names each of its errors: what has no name was said by somebody in between, and says nothing of Chime's.
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

    /// What the stack's author can do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Invalid => "",
            Self::LimitExceeded => "Ask for a higher quota of the Amazon Chime SDK, or delete what is no longer used.",
            Self::NotFound => "Check that every ARN in the properties names something that exists.",
            Self::Conflict => "",
            Self::Forbidden => {
                "Chime gives the same answer for what does not exist: check that every ARN in the properties names something \
                 that exists, in this account and in the function's Chime region, and that the ChimeBearer, where there is one, \
                 is an admin of the app instance or a moderator of the channel by then (DependsOn)."
            }
            Self::Unauthorized => {
                "Check that the ChimeBearer, where there is one, names a user or bot that exists, and that the role of the \
                 function allows the action."
            }
            Self::Denied => {
                "Allow the action in the role of the function, and look for a permissions boundary or a service \
                 control policy that denies it."
            }
            Self::Throttled => {
                "Deploy again. If the stack has many Chime resources, let fewer of them be made at once, with DependsOn, or give the \
                 function a longer Timeout."
            }
            Self::Unavailable => "Deploy again; if it persists, see the AWS Health Dashboard.",
            Self::TimedOut => "Deploy again; if it persists, see the AWS Health Dashboard.",
            Self::Bug => "This is a defect of the function: please report it with the log.",
        }
    }
}

/// A failure. Opaque but for its [`Kind`]. It has two faces: [`reason`](Self::reason) is for the stack's author; `Display`, with
/// the sources behind it, for the log.
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
            // The nearest of them may be in the words already.
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

/// What came of a request that could not be built. Every property has been checked against Chime's own limits by then, and
/// each required member is a required property: an SDK that asks for more than its model did is a defect.
impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self { source: Some(error.into()), ..Self::bug("The request could not be built") }
    }
}

impl Error {
    /// A failure in words of ours, with the kind's own advice.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), advice: kind.advice().to_owned(), aws_request_id: None, source: None }
    }

    /// A defect of ours.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(Kind::Bug, what)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether Chime has said no for good: that there is no such thing, or something that it says of what is missing as well, so that
    /// only a List tells.
    pub fn could_be_not_found(&self) -> bool {
        matches!(self.kind, Kind::Invalid | Kind::Unauthorized | Kind::Forbidden | Kind::Conflict | Kind::NotFound)
    }

    /// The same failure with better advice than its kind alone gives.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// The same failure, with what had been tried by then.
    #[must_use]
    pub fn after(mut self, tried: &str) -> Self {
        self.what = format!("{} ({tried})", self.what.trim_end_matches('.'));
        self
    }

    /// Whether Chime's refusal is about a service that it works with: a stream that it cannot write to, or a role that it cannot create.
    pub fn is_about_another_service(&self) -> bool {
        matches!(self.kind, Kind::Invalid | Kind::Forbidden)
            && ["Kinesis", "service linked role", "service-linked role"].iter().any(|word| self.what.contains(word))
    }

    /// The same failure for the stack's author, with better advice, and without what it came from.
    #[must_use]
    pub fn clone_with_advice(&self, advice: impl Into<String>) -> Self {
        let (what, aws_request_id) = (self.what.clone(), self.aws_request_id.clone());
        Self { kind: self.kind, what, advice: advice.into(), aws_request_id, source: None }
    }

    /// What failed and why, what to do, and the id by which AWS knows the call: sentences for a stack's author.
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

/// `text` with a full stop, unless it ends with a stop of its own.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    /// The one conversion for all operations. It goes by the error's code: IAM's AccessDeniedException is modelled in
    /// neither API, and NotFoundException only where the model's authors thought of it.
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let operation = operation(std::any::type_name::<E>());
        // What follows is compiled for the error type of each operation: it only takes apart, and leaves the judging to others.
        let (kind, what) = match &error {
            SdkError::ServiceError(service) => return answered(Service::Chime, operation, service.raw()),
            SdkError::ResponseError(response) => return answered(Service::Chime, operation, response.raw()),
            SdkError::TimeoutError(_) => return timed_out(operation),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => return timed_out(operation),
            SdkError::DispatchFailure(_) => (Kind::Unavailable, "Chime could not be reached"),
            _ => (Kind::Bug, "the request could not be made"),
        };
        unanswered(operation, kind, what, error.into_source().unwrap_or_else(|error| error.to_string().into()))
    }
}

fn timed_out(operation: &str) -> Error {
    Error::new(Kind::TimedOut, format!("{operation}: Chime did not answer in time"))
}

fn unanswered(operation: &str, kind: Kind, what: &str, source: Source) -> Error {
    // What lies between says that there was an error, and of which sort.
    let mut root: &(dyn StdError + 'static) = &*source;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    let what = format!("{operation}: {what}: {root}");
    Error { source: Some(source), ..Error::new(kind, what) }
}

/// How much of a message is repeated, in characters. A proxy's page, or Chime's list of everything wrong, may be longer than any
/// reason and any log line.
const LONGEST_MESSAGE: usize = 2000;

/// An answer that is an error, taken apart. Chime puts the code into a header and into the body, and spells the members of the
/// body in more than one way.
struct Answer {
    name: String,
    code: String,
    message: String,
    aws_request_id: Option<String>,
}

impl Answer {
    fn of(service: Service, raw: &HttpResponse) -> Self {
        let code = code(raw);
        let body = body(raw);
        let message = ["Message", "message", "errorMessage"].iter().find_map(|name| body.get(name)?.as_str());
        let message = message.unwrap_or_default().chars().take(LONGEST_MESSAGE).collect();
        let status = raw.status().as_u16();
        let name = match (code.as_str(), raw.status().is_success()) {
            ("", false) => format!("HTTP status {status}, without an error of {service}'s own"),
            (_, true) => format!("HTTP status {status} with an answer that cannot be read"),
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

/// An answer that is an error, in words.
pub fn answered(service: Service, operation: &str, raw: &HttpResponse) -> Error {
    let answer = Answer::of(service, raw);
    let error = Error::new(answer.kind(raw), answer.text(operation));
    Error { aws_request_id: answer.aws_request_id, ..error }
}

/// What a service said last, where that was not yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
    /// The operation, the error and the AWS request id, as far as there are any.
    pub text: String,
    /// Whether it asked for patience.
    pub is_throttling: bool,
}

impl LastFailure {
    /// Nothing was said to a call of `operation`, because of `why`.
    pub fn of(service: Service, operation: &str, why: &str) -> Self {
        let text = format!("{operation}: {service} {why}");
        Self { service, operation: operation.to_owned(), text, is_throttling: false }
    }
}

/// What a service said to an attempt, in words.
pub fn said(service: Service, operation: &str, raw: &HttpResponse) -> LastFailure {
    let answer = Answer::of(service, raw);
    let id = answer.aws_request_id.as_ref().map(|id| format!(" (AWS request id {id})")).unwrap_or_default();
    LastFailure {
        service,
        operation: operation.to_owned(),
        text: format!("{}{id}", answer.text(operation)),
        is_throttling: answer.kind(raw) == Kind::Throttled,
    }
}

/// The code of an answer that is an error, out of the header or else the body, without the namespace and the address around it.
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

/// The operation of the error whose type has this name: the SDK calls it `<operation>Error`.
fn operation(name: &'static str) -> &'static str {
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Error").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_under_each_of_its_spellings() {
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
    fn the_words_of_iam_are_a_denial_under_any_code() {
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
            "DeleteX failed: NotFound. Check that every ARN in the properties names something that exists. AWS request id: r-1."
        );
    }
}
