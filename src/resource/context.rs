//! The context of one request: the Chime clients, the owner, and the claim on a created resource.

use crate::chime::call_log::CallLog;
use crate::chime::clients::Chime;
use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::Window;
use crate::properties::values::arns::{ArnScope, arn_scope};
use crate::request::Request;
use crate::request::clock::RequestClock;
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::request::stack_id::StackId;
use crate::resource::attribute::Provisioned;
use crate::resource::ownership::owner::Owner;
use crate::settings::Settings;
use crate::sync::lock;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// What is known of the create that a request cleans up after.
#[derive(Clone, Copy, Debug, Default)]
pub enum CleanedUp {
    /// Nothing.
    #[default]
    Unknown,
    /// It was sent at this time.
    SentAt(SystemTime),
    /// It was sent at this time or later.
    SentSince(SystemTime),
}

/// The context of one request.
#[derive(Debug)]
pub struct Context {
    chime: Chime,
    account: Option<String>,
    owner: Owner,
    default_name: String,
    client_request_token: String,
    claim: Mutex<Option<String>>,
    is_outcome_unknown: AtomicBool,
    clock: RequestClock,
    progress: Mutex<Option<String>>,
    cleaned_up: Mutex<CleanedUp>,
    refusal_window: Mutex<Option<Window>>,
}

impl Context {
    /// The context of `request`. Its Chime calls go to `account`, if that is known.
    pub fn new(chime: Chime, request: &Request, account: Option<String>) -> Self {
        Self {
            clock: request.clock,
            progress: Mutex::default(),
            cleaned_up: Mutex::default(),
            refusal_window: Mutex::default(),
            chime,
            account,
            owner: Owner::new(&request.stack_id, &request.logical_id, &request.request_id, request.clock.sent()),
            default_name: default_name(&request.stack_id, &request.logical_id),
            client_request_token: client_request_token(request.request_id.as_str()),
            claim: Mutex::new(None),
            is_outcome_unknown: AtomicBool::new(false),
        }
    }

    /// The context of a logical resource outside of a request, for calls that only read.
    pub fn for_reading(chime: Chime, stack: &StackId, logical_id: &LogicalId) -> Self {
        let (clock, request_id) = (RequestClock::new(None, None), RequestId::new("reading"));
        Self {
            chime,
            account: None,
            owner: Owner::new(stack, logical_id, &request_id, clock.sent()),
            default_name: default_name(stack, logical_id),
            client_request_token: client_request_token(request_id.as_str()),
            claim: Mutex::new(None),
            is_outcome_unknown: AtomicBool::new(false),
            clock,
            progress: Mutex::default(),
            cleaned_up: Mutex::default(),
            refusal_window: Mutex::default(),
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

    /// The source of both clients.
    pub fn chime(&self) -> &Chime {
        &self.chime
    }

    /// The log of the calls.
    pub fn calls(&self) -> &CallLog {
        self.chime.calls()
    }

    /// Where the calls go, and how fast time runs.
    pub fn settings(&self) -> &Settings {
        self.chime.settings()
    }

    /// The logical resource of this request.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The times of the request.
    pub fn clock(&self) -> &RequestClock {
        &self.clock
    }

    /// Records the progress of a long operation, with advice for the case that it runs out of time.
    pub fn note_progress(&self, progress: String) {
        *lock(&self.progress) = Some(progress);
    }

    /// The progress of a long operation.
    pub fn progress(&self) -> Option<String> {
        lock(&self.progress).clone()
    }

    /// Records what is known of the create that this request cleans up after.
    pub fn set_cleaned_up(&self, create: CleanedUp) {
        *lock(&self.cleaned_up) = create;
    }

    /// Whether the create that this request cleans up after may have made what Chime created at `created`: within its run, if it is known
    /// when it was sent, and otherwise within the time in which CloudFormation may not have had an answer to it.
    pub fn may_clean_up(&self, created: SystemTime) -> bool {
        match *lock(&self.cleaned_up) {
            CleanedUp::SentAt(sent) => self.clock.is_of_the_run_of(Some(sent), created),
            CleanedUp::SentSince(sent) => self.clock.may_be_abandoned(created) && self.clock.is_since(created, sent),
            CleanedUp::Unknown => self.clock.may_be_abandoned(created),
        }
    }

    /// How long a refusal by Chime may not last: the consistency window, which opens with the first refusal. A request asks several times
    /// and as several bearers, and waits for it once.
    pub fn refusal_window(&self) -> Window {
        *lock(&self.refusal_window).get_or_insert_with(|| Window::consistency(self.settings().time_scale))
    }

    /// Records that Chime does not refuse any more.
    pub fn close_refusal_window(&self) {
        *lock(&self.refusal_window) = None;
    }

    /// The ClientRequestToken of a create. It is derived from CloudFormation's RequestId, which stays the same when an
    /// event is delivered twice and is new for every new request.
    pub fn client_request_token(&self) -> &str {
        &self.client_request_token
    }

    /// The default name of a resource: `<stack>-<logical id>`, cut to the maximum of 256 characters.
    pub fn default_name(&self) -> &str {
        &self.default_name
    }

    /// The resource that Chime says it created in `parent`, or in the account if there is none. It is also
    /// [claimed](Self::claim).
    ///
    /// # Errors
    /// Chime reported success without a usable ARN: there is none, or it is in another partition, region or account. Chime has created
    /// something whose id is unknown, so the outcome counts as unknown.
    pub fn made<Id: FromStr + Display>(&self, arn: Option<&str>, parent: Option<&str>) -> Result<Provisioned<Id>> {
        let is_here = |arn: &&str| arn_scope(arn).is_some_and(|scope| self.has_scope(&scope, parent));
        match arn.filter(is_here).and_then(|arn| arn.parse::<Id>().ok()) {
            Some(id) => {
                self.claim(&id);
                Ok(Provisioned::new(id))
            }
            None => {
                self.set_outcome_unknown();
                let what = "Chime returned no usable ARN for the created resource";
                Err(match arn.filter(|arn| arn_scope(arn).is_some_and(|scope| !self.has_scope(&scope, parent))) {
                    Some(elsewhere) => Error::new(Kind::Unavailable, format!("{what}: {elsewhere}")).with_advice(
                        "It is in another account, region or partition than the one that was called: check the function's credentials \
                         and CHIME_REGION.",
                    ),
                    None => Error::bug(format!("{what}: {}", arn.unwrap_or("none"))),
                })
            }
        }
    }

    /// Whether `own` is the scope of `parent`, or the region and account of the Chime calls if there is no parent.
    fn has_scope(&self, own: &ArnScope<'_>, parent: Option<&str>) -> bool {
        match parent.and_then(arn_scope) {
            Some(parent) => *own == parent,
            None => {
                self.settings().region.as_deref().is_none_or(|region| own.region == region)
                    && self.account.as_deref().is_none_or(|account| own.account == account)
            }
        }
    }

    /// Records that this request may have created something that is not claimed.
    pub fn set_outcome_unknown(&self) {
        self.is_outcome_unknown.store(true, Ordering::Relaxed);
    }

    /// Records that this request has created nothing except what is claimed.
    pub fn set_outcome_known(&self) {
        self.is_outcome_unknown.store(false, Ordering::Relaxed);
    }

    /// Whether this request may have created something that is not claimed.
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_outcome_unknown.load(Ordering::Relaxed) || self.calls().is_outcome_unknown()
    }

    /// Records that this request created `id`. The response reports it even if a later step fails, panics or runs out
    /// of time, so that a rollback deletes it. Must not be called before Chime has confirmed the creation: a rollback
    /// would then delete somebody else's resource.
    pub fn claim(&self, id: impl Display) {
        *lock(&self.claim) = Some(id.to_string());
    }

    /// Releases the claim, because the resource does not exist or existed before.
    pub fn release_claim(&self) {
        *lock(&self.claim) = None;
    }

    /// The claimed id.
    pub fn claimed(&self) -> Option<String> {
        lock(&self.claim).clone()
    }
}

fn default_name(stack: &StackId, logical_id: &LogicalId) -> String {
    format!("{}-{logical_id}", stack.stack_name()).chars().take(256).collect()
}

/// Converts a RequestId to a token that Chime accepts: 2 to 64 letters, digits, hyphens and underscores.
/// CloudFormation's ids are UUIDs and stay unchanged. Ids in hand-written events may contain anything.
fn client_request_token(request_id: &str) -> String {
    let to_valid = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    format!("{:-<2}", request_id.chars().take(64).map(to_valid).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_for_chime() {
        let uuid = "8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        assert_eq!(client_request_token(uuid), uuid);
        assert_eq!(client_request_token("unique id for this request"), "unique-id-for-this-request");
        assert_eq!(client_request_token("1"), "1-");
        assert_eq!(client_request_token(&"x".repeat(99)).len(), 64);
    }
}
