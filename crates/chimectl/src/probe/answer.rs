//! The answer to a call, and the reasons why a question may have no answer.

use aws_sdk_chimesdkidentity::config::http::HttpResponse;
use aws_sdk_chimesdkidentity::error::{ProvideErrorMetadata, SdkError};
use chime_messaging_resources::{ChimeError, ErrorKind, error_code};
use std::fmt;

/// How much of a message or a body is kept, in characters.
const LONGEST: usize = 300;

/// The result of an SDK's `send`.
pub type Sent<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// Chime's own answer to a call.
#[derive(Debug)]
pub enum Answer<T> {
    /// It did what the call asked for.
    Accepted(T),
    /// It refused.
    Refused(Refusal),
}

/// A refusal by Chime itself: not by IAM, no throttling, and no failure.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The name of the error, such as `NotFoundException`.
    pub code: String,
    /// The message.
    pub message: String,
    /// The header `x-amzn-ErrorType`, as received.
    pub header: Option<String>,
    /// The beginning of the body, as received.
    pub body: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Abort {
    /// IAM denies a call. This says nothing about Chime.
    Denied(String),
    /// A call was throttled, failed or got no answer in time.
    Unanswered(String),
    /// Chime refused something that the question needs first.
    NotPrepared(String),
    /// Somebody interrupted the probe.
    Interrupted,
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(why) => write!(f, "IAM denies it: {why}"),
            Self::Unanswered(why) => write!(f, "no answer: {why}"),
            Self::NotPrepared(why) => write!(f, "not prepared: {why}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl<T> Answer<T> {
    /// The result, if the question cannot go on without it.
    ///
    /// # Errors
    /// Chime refused.
    pub fn require(self, operation: &str) -> Result<T, Abort> {
        match self {
            Self::Accepted(yes) => Ok(yes),
            Self::Refused(refusal) => Err(Abort::NotPrepared(format!("{operation}: {refusal}"))),
        }
    }

    /// The result, unless Chime refused.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(yes) => Some(yes),
            Self::Refused(_) => None,
        }
    }

    /// The same with another result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Accepted(yes) => Answer::Accepted(f(yes)),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    /// The refusal, if Chime refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(refusal) => Some(refusal),
        }
    }
}

impl<T> fmt::Display for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("done"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Reads the result of a call. Errors are classified as in the function.
///
/// # Errors
/// IAM denied it, or Chime did not answer.
pub fn read<T, E>(sent: Sent<T, E>) -> Result<Answer<T>, Abort>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let error = match sent {
        Ok(yes) => return Ok(Answer::Accepted(yes)),
        Err(error) => error,
    };
    let refusal = error.raw_response().map(|raw| Refusal {
        status: raw.status().as_u16(),
        code: error_code(raw),
        message: cut(error.message().unwrap_or_default()),
        header: raw.headers().get("x-amzn-errortype").map(str::to_owned),
        body: cut(&String::from_utf8_lossy(raw.body().bytes().unwrap_or_default())),
    });
    let error = ChimeError::from(error);
    match (error.kind(), refusal) {
        (ErrorKind::Denied, _) => Err(Abort::Denied(error.to_string())),
        (ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Bug, _) | (_, None) => {
            Err(Abort::Unanswered(error.to_string()))
        }
        (_, Some(refusal)) => Ok(Answer::Refused(refusal)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
