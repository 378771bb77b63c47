//! How users and bots stand to an app instance or a channel: its admins, members, moderators, and who is banned. Describe, Delete and
//! List are the same for all of them.

use crate::context::OperationContext;
use crate::error::{Answer, ApiError};
use crate::state::channel::Need;
use crate::state::entity::Entity;
use serde_json::{Value as Json, json};

/// One such relation. What it does not say itself is said for a channel.
pub(super) trait Relation {
    /// One of them.
    type Entry: Entity;

    /// The member of a request that names the user or bot.
    const PERSON: &'static str;

    /// What Describe and List call the user or bot.
    const SHOWN_AS: &'static str;

    /// The member of Describe's answer.
    const DESCRIBED_AS: &'static str;

    /// The member of List's answer.
    const LISTED_AS: &'static str;

    /// The member of a request that names the parent.
    const PARENT: &'static str = "ChannelArn";

    /// All of them.
    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Self::Entry>, ApiError>;

    /// What the one that the request names is called in an error.
    fn id(cx: &OperationContext) -> String;

    /// Refuses who may not see them.
    fn check_reader(cx: &mut OperationContext) -> Result<(), ApiError> {
        cx.act(Need::Read).map(drop)
    }

    /// Refuses who is nobody.
    fn check_bearer(cx: &OperationContext) -> Result<(), ApiError> {
        cx.bearer(&cx.text(Self::PARENT)).map(drop)
    }

    /// Refuses who may not remove the one that the request names.
    fn check_remover(cx: &mut OperationContext) -> Result<(), ApiError> {
        cx.act(Need::Moderate).map(drop)
    }

    /// Whether the request asks for this one.
    fn is_listed(_cx: &OperationContext, _entry: &Self::Entry) -> bool {
        true
    }

    /// What Describe shows of one beside who it is and where.
    fn details(cx: &mut OperationContext, entry: &Self::Entry) -> Result<Json, ApiError>;

    /// Describe…
    fn describe(cx: &mut OperationContext) -> Answer {
        Self::check_reader(cx)?;
        let person = cx.text(Self::PERSON);
        let missing = cx.missing(&Self::id(cx));
        let found = Self::entries(cx)?.iter().find(|entry| entry.id() == person).ok_or(missing)?.clone();
        let mut described = Self::details(cx, &found)?;
        described[Self::PARENT] = json!(cx.text(Self::PARENT));
        described[Self::SHOWN_AS] = cx.identity(&person)?;
        Ok(json!({Self::DESCRIBED_AS: described}))
    }

    /// Delete…
    fn delete(cx: &mut OperationContext) -> Answer {
        Self::check_bearer(cx)?;
        let person = cx.text(Self::PERSON);
        if !Self::entries(cx).is_ok_and(|entries| entries.iter().any(|entry| entry.id() == person)) {
            return cx.delete_missing(&Self::id(cx));
        }
        Self::check_remover(cx)?;
        Self::entries(cx)?.retain(|entry| entry.id() != person);
        Ok(Json::Null)
    }

    /// List…
    fn list(cx: &mut OperationContext) -> Answer {
        Self::check_reader(cx)?;
        let entries = Self::entries(cx)?.clone();
        let listed = entries.iter().filter(|entry| Self::is_listed(cx, entry));
        let known = listed.filter_map(|entry| cx.state.identity(entry.id()));
        let items = known.map(|identity| json!({Self::SHOWN_AS: identity})).collect();
        cx.page(json!({Self::PARENT: cx.text(Self::PARENT)}), Self::LISTED_AS, items)
    }
}
