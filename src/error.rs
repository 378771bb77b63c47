//! What can go wrong with a request, told twice: to the log in full, and to the stack's author as a reason.

use aws_sdk_chimesdkidentity::error::SdkError;
use aws_sdk_chimesdkidentity::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value as Json;
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
    /// The kind of a service error, by its code without the endings that the APIs add or leave out, or else by its status.
    fn of(code: &str, status: u16, message: &str) -> Self {
        let word = code.strip_suffix("Exception").unwrap_or(code);
        match word.strip_suffix("Client").unwrap_or(word) {
            // Whichever code it comes under, these are IAM's words.
            _ if message.contains("is not authorized to perform") || message.contains("AWS authorization failed") => {
                Self::Denied
            }
            "AccessDenied" | "Unauthorized" | "UnrecognizedClient" | "InvalidSignature" | "ExpiredToken" => {
                Self::Denied
            }
            "Forbidden" => Self::Forbidden,
            "NotFound" => Self::NotFound,
            "Conflict" => Self::Conflict,
            "ResourceLimitExceeded" => Self::LimitExceeded,
            "Throttled" | "Throttling" | "TooManyRequests" => Self::Throttled,
            "ServiceFailure" | "ServiceUnavailable" => Self::Unavailable,
            "BadRequest" | "Unprocessable" | "PreconditionFailed" => Self::Invalid,
            _ => match status {
                401 => Self::Denied,
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
                "Chime says so of what does not exist, too: check that every ARN in the properties names something \
                 that exists, in this account and in the function's Chime region."
            }
            Self::Denied => {
                "Allow the action in the role of the function, and look for a permissions boundary or a service \
                 control policy that denies it."
            }
            Self::Throttled => {
                "Deploy again. If the stack has many Chime resources, let fewer of them be made at once, with DependsOn."
            }
            Self::Unavailable => "Deploy again; if it persists, see the AWS Health Dashboard.",
            Self::TimedOut => "Deploy again; if it persists, give the function a longer Timeout.",
            Self::Bug => "This is a defect of the function: please report it with the log.",
        }
    }
}

/// A failure. Opaque but for its [`Kind`]; [`reason`](Self::reason) is for CloudFormation, `Display` for the log.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    advice: String,
    aws_request_id: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl std::error::Error for Error {}

impl Error {
    /// A failure in words of ours, with the kind's own advice.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), advice: kind.advice().to_owned(), aws_request_id: None }
    }

    /// A defect of ours, with what it came from.
    pub fn bug(source: impl fmt::Display) -> Self {
        Self::new(Kind::Bug, source.to_string())
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The same failure with better advice than its kind alone gives.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
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
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    /// The one conversion for all operations. It goes by the error's code: IAM's AccessDeniedException is modelled in
    /// neither API, and NotFoundException only where the model's authors thought of it.
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let operation = operation::<E>();
        let aws_request_id = error.request_id();
        // What follows is generic over thirty types of errors: it only takes apart, and leaves the judging to others.
        match &error {
            SdkError::ServiceError(service) => answered(operation, service.raw(), service.err().meta(), aws_request_id),
            SdkError::ResponseError(response) => {
                answered(operation, response.raw(), &ErrorMetadata::default(), aws_request_id)
            }
            SdkError::TimeoutError(_) => timed_out(operation),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => timed_out(operation),
            SdkError::DispatchFailure(_) => {
                unanswered(operation, Kind::Unavailable, "Chime could not be reached", &error)
            }
            _ => unanswered(operation, Kind::Bug, "the request could not be made", &error),
        }
    }
}

fn timed_out(operation: &str) -> Error {
    Error::new(Kind::TimedOut, format!("{operation}: Chime did not answer in time"))
}

fn unanswered(operation: &str, kind: Kind, what: &str, error: &(dyn std::error::Error + 'static)) -> Error {
    let sources = std::iter::successors(error.source(), |error| error.source()).map(ToString::to_string);
    Error::new(kind, format!("{operation}: {what}: {}", sources.collect::<Vec<_>>().join(": ")))
}

/// An answer that is an error. Chime puts the code into a header and into the body, and spells the members of the body in
/// more than one way.
fn answered(operation: &str, raw: &HttpResponse, meta: &ErrorMetadata, aws_request_id: Option<&str>) -> Error {
    let code = code(raw);
    let body = body(raw);
    let member = |names: [&str; 3]| names.iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned));
    let message = meta.message().map(str::to_owned).or_else(|| member(["Message", "message", "errorMessage"]));
    let message = message.unwrap_or_default();
    let status = raw.status().as_u16();
    let name = if code.is_empty() { format!("HTTP status {status}") } else { code.clone() };
    let colon = if message.is_empty() { "" } else { ": " };
    let error = Error::new(Kind::of(&code, status, &message), format!("{operation} failed: {name}{colon}{message}"));
    Error { aws_request_id: aws_request_id.map(str::to_owned), ..error }
}

/// The code of an answer that is an error, out of the header or else the body, without the namespace and the address around it.
pub fn code(raw: &HttpResponse) -> String {
    let in_header = raw.headers().get("x-amzn-errortype").map(str::to_owned);
    let body = body(raw);
    let in_body = || ["Code", "code", "__type"].iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned));
    let code = in_header.or_else(in_body).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().to_owned()
}

fn body(raw: &HttpResponse) -> Json {
    raw.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
}

/// The operation whose error `E` is: the SDK names the type `<operation>Error`.
fn operation<E>() -> &'static str {
    let name = std::any::type_name::<E>();
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
        assert_eq!(Kind::of("UnauthorizedClientException", 401, ""), Kind::Denied);
        assert_eq!(Kind::of("ResourceLimitExceededException", 400, ""), Kind::LimitExceeded);
        assert_eq!(Kind::of("SomethingNew", 404, ""), Kind::NotFound);
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
