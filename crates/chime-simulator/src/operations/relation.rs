//! The relations of users and bots to an app instance or a channel: admins, members, moderators and bans. Describe, Delete and List are
//! the same for all of them.

use crate::context::OperationContext;
use crate::error::{Answer, ApiError};
use crate::state::channel::Need;
use crate::state::entity::Entity;
use serde_json::{Value as Json, json};

/// A relation. The defaults are for relations to a channel.
pub(super) trait Relation {
    /// An entry of the parent's list.
    type Entry: Entity;

    /// The request's member with the ARN of the user or bot.
    const PERSON: &'static str;

    /// The name of the user or bot in the answers of Describe and List.
    const SHOWN_AS: &'static str;

    /// The member in Describe's answer.
    const DESCRIBED_AS: &'static str;

    /// The member in List's answer.
    const LISTED_AS: &'static str;

    /// The request's member with the ARN of the parent.
    const PARENT: &'static str = "ChannelArn";

    /// The list in the parent that the request names.
    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Self::Entry>, ApiError>;

    /// The name of the requested entry in an error.
    fn id(cx: &OperationContext) -> String;

    /// Rejects a bearer who may not see the entries.
    fn check_reader(cx: &mut OperationContext) -> Result<(), ApiError> {
        cx.act(Need::Read).map(drop)
    }

    /// Rejects a bearer who does not exist.
    fn check_bearer(cx: &OperationContext) -> Result<(), ApiError> {
        cx.bearer(&cx.text(Self::PARENT)).map(drop)
    }

    /// Rejects a bearer who may not remove the requested entry.
    fn check_remover(cx: &mut OperationContext) -> Result<(), ApiError> {
        cx.act(Need::Moderate).map(drop)
    }

    /// Whether List returns this entry.
    fn is_listed(_cx: &OperationContext, _entry: &Self::Entry) -> bool {
        true
    }

    /// What Describe shows of an entry, beside its user or bot and its parent.
    fn details(cx: &mut OperationContext, entry: &Self::Entry) -> Result<Json, ApiError>;

    /// The operation Describe….
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

    /// The operation Delete….
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

    /// The operation List….
    fn list(cx: &mut OperationContext) -> Answer {
        Self::check_reader(cx)?;
        let entries = Self::entries(cx)?.clone();
        let listed = entries.iter().filter(|entry| Self::is_listed(cx, entry));
        let known = listed.filter_map(|entry| cx.state.identity(entry.id()));
        let items = known.map(|identity| json!({Self::SHOWN_AS: identity})).collect();
        cx.page(json!({Self::PARENT: cx.text(Self::PARENT)}), Self::LISTED_AS, items)
    }
}
