//! What a resource type is, and what it is given to work with.

use crate::chime::Chime;
use crate::error::{Error, Result};
use crate::ownership::Owner;
use crate::properties::Value;
use crate::request::Request;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// One `Custom::…` type. An implementation says what Chime needs; [`lifecycle`](crate::lifecycle) decides when.
#[allow(async_fn_in_trait)] // Nothing asks these futures to be Send: one event is handled at a time, on one thread.
pub trait Resource {
    /// The type's name, without the leading `Custom::`.
    const TYPE: &'static str;

    /// What `Ref` gives.
    const REF: &'static str;

    /// What `Fn::GetAtt` gives: names and what they are.
    const ATTRIBUTES: &'static [(&'static str, &'static str)];

    /// What makes a thing of this type this one and no other.
    const IDENTITY: Identity;

    /// The physical id. Whatever does not parse as one was never created.
    type Id: FromStr + Display;

    /// The properties, as a template states them.
    type Properties: Value + PartialEq;

    /// Whether `properties` name a different thing from `id`. Chime's ids carry all that cannot change.
    fn replaces(id: &Self::Id, properties: &Self::Properties) -> bool;

    /// Creates, in one Chime call where Chime allows it, and calls [`Context::claim`] as soon as Chime has said yes.
    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live>;

    /// Brings what exists to what is wanted. Without a difference it makes no changing call.
    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live>;

    /// Deletes. An error NotFound or Forbidden may mean that there is nothing left to delete.
    async fn delete(cx: &Context, id: &Self::Id) -> Result<()>;

    /// Whether the List of the parent holds `id`: the second opinion on a Forbidden.
    async fn is_listed(cx: &Context, id: &Self::Id) -> Result<bool>;

    /// Those of `owner`'s resources that `properties` may have made.
    async fn find(cx: &Context, properties: &Self::Properties, owner: &Owner) -> Result<Vec<Self::Id>>;
}

/// What makes a thing this one and no other. It decides what a Conflict means, and whether asking twice makes two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An id that Chime chooses. The same again is another one, and a Conflict means that this request has been carried out.
    ChosenByChime,
    /// An id that the template chooses. A Conflict means that it exists, and its tags say whose it is.
    ChosenByTemplate,
    /// Being there at all, as a setting or a relation is, whoever asked for it. It carries no tags.
    Shared,
}

/// A resource that exists: what `Ref` and `Fn::GetAtt` give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The physical id.
    pub id: String,
    /// The attributes, all of them, after an update as after a create.
    pub attributes: Vec<(&'static str, String)>,
}

impl Live {
    /// A resource with this id and these attributes.
    pub fn new(id: impl Display, attributes: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { id: id.to_string(), attributes: attributes.into_iter().collect() }
    }
}

/// What an update is from and to.
#[derive(Debug)]
pub struct Change<'a, P> {
    /// The properties to bring the resource to.
    pub wanted: &'a P,
    /// The properties that it has; `None` where nobody knows, and everything has to be said again.
    pub before: Option<&'a P>,
}

impl<'a, P> Change<'a, P> {
    /// Whether this part of the properties is different, or may be.
    pub fn differs<T: PartialEq>(&self, part: impl Fn(&'a P) -> T) -> bool {
        self.before.is_none_or(|before| part(before) != part(self.wanted))
    }
}

/// One request's surroundings: the Chime clients, the owner, and the claim on what was made.
#[derive(Debug)]
pub struct Context {
    chime: Chime,
    owner: Owner,
    default_name: String,
    client_request_token: String,
    claim: Mutex<Option<String>>,
    is_in_doubt: AtomicBool,
}

impl Context {
    /// The surroundings of `request`.
    pub fn new(chime: Chime, request: &Request) -> Self {
        let owner = Owner::new(request.stack_id.as_str(), &request.logical_resource_id, &request.request_id);
        let default_name = format!("{}-{}", request.stack_id.stack_name(), request.logical_resource_id);
        Self {
            chime,
            owner,
            default_name,
            client_request_token: client_request_token(&request.request_id),
            claim: Mutex::new(None),
            is_in_doubt: AtomicBool::new(false),
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

    /// The calls that were made.
    pub fn chime(&self) -> &Chime {
        &self.chime
    }

    /// The logical resource that this request is about.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The ClientRequestToken of a create: CloudFormation's RequestId, the same when an event is delivered twice and new
    /// for every new request.
    pub fn client_request_token(&self) -> &str {
        &self.client_request_token
    }

    /// The name of a resource that was given none: `<stack>-<logical id>`, cut to the 256 characters of a name.
    pub fn default_name(&self) -> String {
        self.default_name.chars().take(256).collect()
    }

    /// The id of what Chime says it has made, [claimed](Self::claim).
    ///
    /// # Errors
    /// Chime said yes without a usable ARN. Something was made that nobody can name, so that its outcome counts as unknown.
    pub fn made<Id: FromStr + Display>(&self, arn: Option<&str>) -> Result<Id> {
        match arn.and_then(|arn| arn.parse::<Id>().ok()) {
            Some(id) => {
                self.claim(&id);
                Ok(id)
            }
            None => {
                self.doubt(true);
                Err(Error::bug(format!("Chime named what it made {}", arn.unwrap_or("nothing"))))
            }
        }
    }

    /// Says whether something may exist that nobody can name yet.
    pub fn doubt(&self, is_in_doubt: bool) {
        self.is_in_doubt.store(is_in_doubt, Ordering::Relaxed);
    }

    /// Whether something may have been made that is not claimed.
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_in_doubt.load(Ordering::Relaxed) || self.chime.is_outcome_unknown()
    }

    /// Says that `id` exists because of this request. It is reported even if what follows fails, panics or runs out of
    /// time, so that a rollback removes it. Never before Chime has said yes: a rollback would delete somebody else's.
    pub fn claim(&self, id: impl Display) {
        *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_string());
    }

    /// The id that was claimed.
    pub fn claimed(&self) -> Option<String> {
        self.claim.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    fn a_change_from_nobody_knows_what_differs_in_everything() {
        assert!(Change { wanted: &1, before: None }.differs(|n| n));
        assert!(!Change { wanted: &1, before: Some(&1) }.differs(|n| n));
        assert!(Change { wanted: &1, before: Some(&2) }.differs(|n| n));
    }

    #[test]
    fn a_token_is_one_that_chime_takes() {
        let uuid = "8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        assert_eq!(client_request_token(uuid), uuid);
        assert_eq!(client_request_token("unique id for this request"), "unique-id-for-this-request");
        assert_eq!(client_request_token("1"), "1-");
        assert_eq!(client_request_token(&"x".repeat(99)).len(), 64);
    }
}
