//! What Chime says to one call, and why there may be no answer to a question.

use aws_sdk_chimesdkidentity::config::http::HttpResponse;
use aws_sdk_chimesdkidentity::error::{ProvideErrorMetadata, SdkError};
use chime_messaging_resources::{ChimeError, ErrorKind, error_code};
use std::fmt;

/// The most of a message or a body that is repeated, in characters.
const LONGEST: usize = 300;

/// What an SDK's `send` gives.
pub type Sent<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// Chime's own answer to a call.
#[derive(Debug)]
pub enum Answer<T> {
    /// It did what it was asked.
    Yes(T),
    /// It refused.
    No(Refusal),
}

/// A refusal of Chime's own: not IAM's, not throttling, not a failure.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error's name, `NotFoundException`.
    pub code: String,
    /// What it says.
    pub message: String,
    /// The header `x-amzn-ErrorType`, as it came.
    pub header: Option<String>,
    /// The body, as it came, and cut.
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
pub enum Stop {
    /// IAM denies a call. That says nothing of Chime.
    Denied(String),
    /// A call was throttled, failed or got no answer for as long as there was patience.
    Unanswered(String),
    /// Chime refused what the question needs before it can be asked.
    Unprepared(String),
    /// Somebody interrupted the probe.
    Interrupted,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(why) => write!(f, "IAM denies it: {why}"),
            Self::Unanswered(why) => write!(f, "no answer: {why}"),
            Self::Unprepared(why) => write!(f, "not prepared: {why}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl<T> Answer<T> {
    /// The yes, where the question cannot go on without it.
    ///
    /// # Errors
    /// The refusal, in words.
    pub fn needed(self, operation: &str) -> Result<T, Stop> {
        match self {
            Self::Yes(yes) => Ok(yes),
            Self::No(refusal) => Err(Stop::Unprepared(format!("{operation}: {refusal}"))),
        }
    }

    /// The yes, if it is one.
    pub fn yes(self) -> Option<T> {
        match self {
            Self::Yes(yes) => Some(yes),
            Self::No(_) => None,
        }
    }

    /// The same, with another yes.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Yes(yes) => Answer::Yes(f(yes)),
            Self::No(refusal) => Answer::No(refusal),
        }
    }

    /// The refusal, if it is one.
    pub fn no(&self) -> Option<&Refusal> {
        match self {
            Self::Yes(_) => None,
            Self::No(refusal) => Some(refusal),
        }
    }
}

impl<T> fmt::Display for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes(_) => f.write_str("done"),
            Self::No(refusal) => refusal.fmt(f),
        }
    }
}

/// Reads what came of a call, by the function's own judgement of errors.
///
/// # Errors
/// IAM denied it, or Chime did not answer.
pub fn read<T, E>(sent: Sent<T, E>) -> Result<Answer<T>, Stop>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let error = match sent {
        Ok(yes) => return Ok(Answer::Yes(yes)),
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
        (ErrorKind::Denied, _) => Err(Stop::Denied(error.to_string())),
        (ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Bug, _) | (_, None) => {
            Err(Stop::Unanswered(error.to_string()))
        }
        (_, Some(refusal)) => Ok(Answer::No(refusal)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
