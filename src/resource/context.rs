//! One request's surroundings: the Chime clients, the owner, and the claim on what was made.

use crate::chime::call_log::CallLog;
use crate::chime::clients::Chime;
use crate::chime::error::{Error, Result};
use crate::request::Request;
use crate::request::clock::RequestClock;
use crate::resource::attribute::Provisioned;
use crate::resource::ownership::owner::Owner;
use crate::settings::Settings;
use crate::sync::lock;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// One request's surroundings.
#[derive(Debug)]
pub struct Context {
    chime: Chime,
    owner: Owner,
    default_name: String,
    client_request_token: String,
    claim: Mutex<Option<String>>,
    is_outcome_unknown: AtomicBool,
    clock: RequestClock,
    progress: Mutex<Option<String>>,
}

impl Context {
    /// The surroundings of `request`.
    pub fn new(chime: Chime, request: &Request) -> Self {
        let default_name = format!("{}-{}", request.stack_id.stack_name(), request.logical_id);
        Self {
            clock: request.clock,
            progress: Mutex::default(),
            chime,
            owner: Owner::new(&request.stack_id, &request.logical_id, &request.request_id, request.clock.sent()),
            default_name: default_name.chars().take(256).collect(),
            client_request_token: client_request_token(request.request_id.as_str()),
            claim: Mutex::new(None),
            is_outcome_unknown: AtomicBool::new(false),
        }
    }

    /// The client of the Chime SDK identity API.
    pub fn identity(&self) -> &aws_sdk_chimesdkidentity::Client {
        self.chime.identity()
    }

    /// The client of the Chime SDK messaging API.
    pub fn messaging(&self) -> &aws_sdk_chimesdkmessaging::Client {
        self.chime.messaging()
    }

    /// What the clients are made from.
    pub fn chime(&self) -> &Chime {
        &self.chime
    }

    /// The calls that were made.
    pub fn calls(&self) -> &CallLog {
        self.chime.calls()
    }

    /// Where the calls go, and how fast time passes.
    pub fn settings(&self) -> &Settings {
        self.chime.settings()
    }

    /// The logical resource that this request is about.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// When the request was sent, and what that says of what Chime shows.
    pub fn clock(&self) -> &RequestClock {
        &self.clock
    }

    /// Says how far something long has come, and what to do if time does not suffice for it.
    pub fn note_progress(&self, progress: String) {
        *lock(&self.progress) = Some(progress);
    }

    /// How far something long has come.
    pub fn progress(&self) -> Option<String> {
        lock(&self.progress).clone()
    }

    /// The ClientRequestToken of a create: CloudFormation's RequestId, the same when an event is delivered twice and new
    /// for every new request.
    pub fn client_request_token(&self) -> &str {
        &self.client_request_token
    }

    /// The name of a resource that was given none: `<stack>-<logical id>`, cut to the 256 characters of a name.
    pub fn default_name(&self) -> &str {
        &self.default_name
    }

    /// What Chime says it has made, [claimed](Self::claim).
    ///
    /// # Errors
    /// Chime said yes without a usable ARN. Something was made that nobody can name, so that its outcome counts as unknown.
    pub fn made<Id: FromStr + Display>(&self, arn: Option<&str>) -> Result<Provisioned<Id>> {
        match arn.and_then(|arn| arn.parse::<Id>().ok()) {
            Some(id) => {
                self.claim(&id);
                Ok(Provisioned::new(id))
            }
            None => {
                self.set_outcome_unknown();
                Err(Error::bug(format!("Chime named what it made {}", arn.unwrap_or("nothing"))))
            }
        }
    }

    /// Says that something may exist because of this request that is not claimed.
    pub fn set_outcome_unknown(&self) {
        self.is_outcome_unknown.store(true, Ordering::Relaxed);
    }

    /// Says that nothing exists because of this request but what is claimed.
    pub fn set_outcome_known(&self) {
        self.is_outcome_unknown.store(false, Ordering::Relaxed);
    }

    /// Whether something may exist because of this request that is not claimed.
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_outcome_unknown.load(Ordering::Relaxed) || self.calls().is_outcome_unknown()
    }

    /// Says that `id` exists because of this request. It is reported even if what follows fails, panics or runs out of
    /// time, so that a rollback removes it. Never before Chime has said yes: a rollback would delete somebody else's.
    pub fn claim(&self, id: impl Display) {
        *lock(&self.claim) = Some(id.to_string());
    }

    /// Releases a claim: what was claimed is not there, or was there before.
    pub fn release_claim(&self) {
        *lock(&self.claim) = None;
    }

    /// The id that was claimed.
    pub fn claimed(&self) -> Option<String> {
        lock(&self.claim).clone()
    }
}

/// A RequestId as Chime takes it for a token: 2 to 64 letters, digits, hyphens and underscores. CloudFormation's own ids are
/// UUIDs and stay as they are; those of hand-written events may hold anything.
fn client_request_token(request_id: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    format!("{:-<2}", request_id.chars().take(64).map(legal).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_that_chime_takes() {
        let uuid = "8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        assert_eq!(client_request_token(uuid), uuid);
        assert_eq!(client_request_token("unique id for this request"), "unique-id-for-this-request");
        assert_eq!(client_request_token("1"), "1-");
        assert_eq!(client_request_token(&"x".repeat(99)).len(), 64);
    }
}
