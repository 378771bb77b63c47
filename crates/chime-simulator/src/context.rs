//! The context of an operation: its request, the account, and how Chime behaves.

use crate::arn;
use crate::behaviour::{AssociationExists, Behaviour, DeleteMissing, Missing};
use crate::error::{Answer, ApiError};
use crate::model::Members;
use crate::state::State;
use crate::state::app_instance::AppInstance;
use crate::state::bot::Bot;
use crate::state::channel::{Channel, Need};
use crate::state::channel_flow::ChannelFlow;
use crate::state::entity::Entity;
use crate::state::tag::Tag;
use crate::state::user::User;
use crate::time_scale::TimeScale;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The implementation of an operation.
pub(crate) type Operation = fn(&mut OperationContext) -> Answer;

/// The largest page, unless the request asks for fewer items.
const PAGE_SIZE: u64 = 50;

/// The beginning of a NextToken; the number of items before the page follows it.
const NEXT_TOKEN: &str = "page-from-";

/// One operation's view of its request and of the account. The input has been validated, so that all required members are there.
pub(crate) struct OperationContext<'a> {
    pub state: &'a mut State,
    pub behaviour: &'a Behaviour,
    pub time_scale: TimeScale,
    pub input: &'a Members,
    pub region: &'a str,
    pub account: &'a str,
}

/// The request.
impl OperationContext<'_> {
    /// A required string.
    pub fn text(&self, member: &str) -> String {
        self.optional(member).unwrap_or_default()
    }

    /// A string.
    pub fn optional(&self, member: &str) -> Option<String> {
        self.input.get(member).and_then(Json::as_str).map(str::to_owned)
    }

    /// A member, or null.
    pub fn value(&self, member: &str) -> Json {
        self.input.get(member).cloned().unwrap_or_default()
    }

    /// A member, read as `T`.
    pub fn read<T: DeserializeOwned + Default>(&self, member: &str) -> T {
        serde_json::from_value(self.value(member)).unwrap_or_default()
    }

    /// Metadata. Empty metadata is the same as none: that is how an update clears it.
    pub fn metadata(&self) -> Option<String> {
        self.optional("Metadata").filter(|metadata| !metadata.is_empty())
    }

    /// Tags, checked beyond the models: no duplicate keys, and no key that is reserved for AWS.
    pub fn tags(&self) -> Result<Vec<Tag>, ApiError> {
        let tags: Vec<Tag> = self.read("Tags");
        for (index, tag) in tags.iter().enumerate() {
            if tag.key.to_lowercase().starts_with("aws:") {
                return Err(ApiError::bad_request("Tag keys that begin with aws: are reserved"));
            }
            if tags[..index].iter().any(|before| before.key == tag.key) {
                return Err(ApiError::bad_request(format!("Duplicate tag key {}", tag.key)));
            }
        }
        Ok(tags)
    }
}

/// What the request names.
impl OperationContext<'_> {
    /// The app instance.
    pub fn app_instance(&mut self) -> Result<&mut AppInstance, ApiError> {
        let arn = self.text("AppInstanceArn");
        let missing = self.missing(&arn);
        // The ARN of something in an app instance does not name the app instance.
        let is_whole = arn::kind(&arn) == Some("app-instance");
        self.state.app_instance_mut(&arn).filter(|_| is_whole).ok_or(missing)
    }

    /// The app instance of the entity that `member` names.
    pub fn app_instance_of(&mut self, member: &str) -> Result<&mut AppInstance, ApiError> {
        let arn = self.text(member);
        let missing = self.missing(&arn);
        self.state.app_instance_mut(&arn).ok_or(missing)
    }

    /// The user.
    pub fn user(&mut self) -> Result<&mut User, ApiError> {
        self.entity("AppInstanceUserArn", |instance| &mut instance.users)
    }

    /// The bot.
    pub fn bot(&mut self) -> Result<&mut Bot, ApiError> {
        self.entity("AppInstanceBotArn", |instance| &mut instance.bots)
    }

    /// The channel flow.
    pub fn channel_flow(&mut self) -> Result<&mut ChannelFlow, ApiError> {
        self.entity("ChannelFlowArn", |instance| &mut instance.channel_flows)
    }

    /// The channel.
    pub fn channel(&mut self) -> Result<&mut Channel, ApiError> {
        self.entity("ChannelArn", |instance| &mut instance.channels)
    }

    fn entity<T: Entity>(&mut self, member: &str, of: fn(&mut AppInstance) -> &mut Vec<T>) -> Result<&mut T, ApiError> {
        let arn = self.text(member);
        let missing = self.missing(&arn);
        let entities = of(self.app_instance_of(member)?);
        entities.iter_mut().find(|entity| entity.id() == arn).ok_or(missing)
    }

    /// `{"Arn", "Name"}` of a user or bot, which has to exist.
    pub fn identity(&self, arn: &str) -> Result<Json, ApiError> {
        self.state.identity(arn).ok_or_else(|| self.missing(arn))
    }
}

/// Who acts.
impl OperationContext<'_> {
    /// The ARN of the bearer, who has to exist in the app instance of `arn`.
    pub fn bearer(&self, arn: &str) -> Result<String, ApiError> {
        let bearer = self.text("ChimeBearer");
        if self.state.identity(&bearer).is_none() {
            return Err(ApiError::unauthorized(
                "An invalid app instance user ARN was supplied for the x-amz-chime-bearer HTTP header.",
            ));
        }
        match arn::app_instance(&bearer) == arn::app_instance(arn) {
            true => Ok(bearer),
            false => Err(ApiError::forbidden("The bearer is of another AppInstance")),
        }
    }

    /// The ARN of the bearer, who has to be allowed to do this in the channel of the request.
    pub fn act(&mut self, need: Need) -> Result<String, ApiError> {
        let bearer = self.bearer(&self.text("ChannelArn"))?;
        let is_admin = self.state.is_admin(&bearer);
        match self.channel()?.allows(&bearer, need) || is_admin {
            true => Ok(bearer),
            false => Err(ApiError::forbidden(format!("{bearer} is not allowed to do this in the channel"))),
        }
    }

    /// Rejects a stream, function or bot of another account or region. Chime's own wording is not known.
    pub fn check_scope(&self, arn: &str) -> Result<(), ApiError> {
        check_scope(arn, self.region, self.account)
    }
}

/// Answers that several operations share.
impl OperationContext<'_> {
    /// The error for something that does not exist.
    pub fn missing(&self, arn: &str) -> ApiError {
        let without_parent = self.behaviour.missing_parent.filter(|_| self.has_no_parent(arn));
        match without_parent.unwrap_or(self.behaviour.missing) {
            Missing::NotFound404 => not_found(arn),
            Missing::Forbidden403 => forbidden(arn),
            Missing::BadRequest400 => ApiError::bad_request(format!("{arn} is not valid")),
            Missing::Unauthorized401 => unauthorized(arn),
        }
    }

    /// The answer to the deletion of something that does not exist.
    pub fn delete_missing(&self, arn: &str) -> Answer {
        let without_parent = self.behaviour.delete_missing_parent.filter(|_| self.has_no_parent(arn));
        match without_parent.unwrap_or(self.behaviour.delete_missing) {
            DeleteMissing::NotFound404 => Err(not_found(arn)),
            DeleteMissing::Forbidden403 => Err(forbidden(arn)),
            DeleteMissing::Success204 => Ok(Json::Null),
            DeleteMissing::BadRequest400 => Err(ApiError::bad_request(format!("{arn} is not valid"))),
            DeleteMissing::Unauthorized401 => Err(unauthorized(arn)),
            DeleteMissing::Conflict409 => Err(ApiError::conflict(format!("{arn} cannot be deleted"))),
        }
    }

    /// Whether `arn` names an app instance that does not exist.
    fn has_no_parent(&self, arn: &str) -> bool {
        arn::app_instance(arn).is_some() && self.state.app_instance(arn).is_none()
    }

    /// The answer to the Create of an association that exists already; `success` is the answer to the first Create.
    pub fn associated(&self, success: Json, conflict: String) -> Answer {
        match self.behaviour.association_exists {
            AssociationExists::Conflict409 => Err(ApiError::conflict(conflict)),
            AssociationExists::Success201 => Ok(success),
        }
    }

    /// The answer of a List: `answer` with the requested page of `items`, as the member `name`, and the token of the next page.
    pub fn page(&self, mut answer: Json, name: &str, items: Vec<Json>) -> Answer {
        let asked = self.input.get("MaxResults").and_then(Json::as_u64).unwrap_or(PAGE_SIZE) as usize;
        let size = asked.min(self.behaviour.page_size).max(1);
        let token = self.optional("NextToken");
        let start = match &token {
            None => 0,
            Some(token) => token
                .strip_prefix(NEXT_TOKEN)
                .and_then(|start| start.parse::<usize>().ok())
                .ok_or_else(|| ApiError::bad_request("Invalid NextToken"))?,
        };
        let is_last = items.len() <= start + size;
        let next = format!("{NEXT_TOKEN}{}", start + size);
        answer[name] = items.into_iter().skip(start).take(size).collect();
        answer["NextToken"] = match self.behaviour.looping_next_token {
            true => token.unwrap_or(next).into(),
            false if is_last => Json::Null,
            false => next.into(),
        };
        Ok(answer)
    }
}

/// Deletions.
impl OperationContext<'_> {
    /// Deletes the user or bot that `member` names, from all lists of its app instance.
    pub fn delete_identity<T: Entity>(&mut self, member: &str, of: fn(&mut AppInstance) -> &mut Vec<T>) -> Answer {
        let arn = self.text(member);
        if self.entity(member, of).is_err() {
            return self.delete_missing(&arn);
        }
        let instance = self.app_instance_of(member)?;
        of(instance).retain(|entity| entity.id() != arn);
        instance.forget(&arn);
        Ok(Json::Null)
    }
}

/// See [`OperationContext::check_scope`].
pub(crate) fn check_scope(arn: &str, region: &str, account: &str) -> Result<(), ApiError> {
    let mut fields = arn.split(':').skip(3);
    if fields.next() == Some(region) && fields.next() == Some(account) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{arn} is not of the account {account} and the region {region}")))
}

fn not_found(arn: &str) -> ApiError {
    ApiError::not_found(format!("{arn} was not found"))
}

fn unauthorized(arn: &str) -> ApiError {
    ApiError::unauthorized(format!("not authorized for {arn}"))
}

fn forbidden(arn: &str) -> ApiError {
    ApiError::forbidden(format!("{arn} does not exist, or access to it is not allowed"))
}

#[cfg(test)]
mod tests {
    use crate::behaviour::Behaviour;
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn lists_come_in_pages() {
        let account = Account::with(Behaviour { page_size: 2, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        for id in ["a", "b", "c"] {
            account.user(&instance, id).await;
        }
        let list = |token: Option<String>| {
            let list = chime.list_app_instance_users().app_instance_arn(&instance);
            list.max_results(50).set_next_token(token).send()
        };
        let first = list(None).await.unwrap();
        assert_eq!(first.app_instance_users.unwrap().len(), 2);
        let second = list(first.next_token).await.unwrap();
        assert_eq!(second.app_instance_users.unwrap().len(), 1);
        assert_eq!(second.next_token, None);
        assert_eq!(failure(list(Some("nonsense".into())).await), is(400, "BadRequest"));
        for _ in 0..50 {
            account.app_instance().await;
        }
        account.simulator.set_behaviour(Behaviour::default());
        let full = chime.list_app_instances().send().await.unwrap();
        assert_eq!(full.app_instances.unwrap().len(), 50);
        assert!(full.next_token.is_some());
        let too_many = chime.list_app_instances().max_results(51).send().await;
        assert_eq!(failure(too_many), is(400, "BadRequest"));
    }

    #[tokio::test]
    async fn a_next_token_may_lead_to_the_same_page_for_ever() {
        let account = Account::with(Behaviour { looping_next_token: true, ..Behaviour::default() });
        account.app_instance().await;
        let list = async |token: Option<String>| {
            account.identity.list_app_instances().set_next_token(token).send().await.unwrap()
        };
        let first = list(None).await;
        assert_eq!(first.app_instances.unwrap().len(), 1);
        let second = list(first.next_token.clone()).await;
        assert_eq!(second.next_token, first.next_token);
        assert_eq!(list(second.next_token).await.next_token, first.next_token);
        assert!(first.next_token.is_some());
    }
}
