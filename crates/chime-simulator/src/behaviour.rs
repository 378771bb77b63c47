//! How Chime behaves where nobody outside AWS knows: each plausible way can be chosen.

use crate::millis;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How the simulator behaves where Chime's documentation does not say.
///
/// As JSON: the fields by name, without those that have their default, e.g.
/// `{"missing": "Forbidden403", "app_instance_delete": {"Asynchronous": {"listed_for_ms": 500}}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The answer to every operation but a deletion on something that does not exist, or whose app instance does not exist.
    pub missing: Missing,
    /// The answer to the deletion of something that does not exist.
    pub delete_missing: DeleteMissing,
    /// [`missing`](Self::missing) if the app instance that an ARN names does not exist (any more); null if that makes no difference.
    pub missing_parent: Option<Missing>,
    /// [`delete_missing`](Self::delete_missing) if the app instance that an ARN names does not exist (any more); null if that makes no
    /// difference.
    pub delete_missing_parent: Option<DeleteMissing>,
    /// The answer to the Create of an admin, a member, a moderator or a ban that exists already, and to the association of a channel flow
    /// with a channel that has it already.
    pub association_exists: AssociationExists,
    /// The answer to a ClientRequestToken that has succeeded before with the same parameters. With other parameters it is always a
    /// Conflict. Tokens outlive the resource, except with [`TokenReplay::Forgotten`].
    pub token_replay: TokenReplay,
    /// What remains of an app instance for a while after DeleteAppInstance.
    pub app_instance_delete: AppInstanceDelete,
    /// The answer to AssociateChannelFlow for a channel that has another flow.
    pub channel_flow_swap: ChannelFlowSwap,
    /// How BatchCreateChannelMembership reports somebody who is a member already.
    pub batch_member_exists: BatchMemberExists,
    /// How long Describe, Get and List (and Search) do not see a change.
    #[serde(rename = "read_after_write_ms", with = "millis")]
    pub read_after_write: Duration,
    /// The same for Lists other than ListTagsForResource, if it is longer than `read_after_write`.
    #[serde(rename = "list_lag_ms", with = "millis")]
    pub list_lag: Duration,
    /// The same for ListTagsForResource, if it is longer than `read_after_write`.
    #[serde(rename = "tags_lag_ms", with = "millis")]
    pub tags_lag: Duration,
    /// During the lag, ListTagsForResource returns an empty list for a new resource, and not that it is missing.
    pub tags_empty_in_lag: bool,
    /// How many calls are answered in a second, and in a burst after a pause. The others are throttled, and not processed.
    pub rate: Option<u32>,
    /// How long a Create or Register takes before it is carried out and answered, even if its client hangs up. Until then its
    /// ClientRequestToken is a Conflict: "Resource creation in progress or has already been created."
    #[serde(rename = "create_time_ms", with = "millis")]
    pub create_time: Duration,
    /// How long Describe, Get and List (of tags, too) still show a deleted entity, and a Create with the same id is a Conflict. The Delete
    /// itself is answered at once, and for all other operations the entity is gone.
    #[serde(rename = "delete_time_ms", with = "millis")]
    pub delete_time: Duration,
    /// How Lists show names.
    pub listed_names: ListedNames,
    /// Every page of a List has the same NextToken, for ever.
    pub looping_next_token: bool,
    /// The most items on a page, whatever MaxResults says; Chime returns at most 50.
    pub page_size: usize,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            missing: Missing::default(),
            delete_missing: DeleteMissing::default(),
            missing_parent: None,
            delete_missing_parent: None,
            association_exists: AssociationExists::default(),
            token_replay: TokenReplay::default(),
            app_instance_delete: AppInstanceDelete::default(),
            channel_flow_swap: ChannelFlowSwap::default(),
            batch_member_exists: BatchMemberExists::default(),
            read_after_write: Duration::ZERO,
            list_lag: Duration::ZERO,
            tags_lag: Duration::ZERO,
            tags_empty_in_lag: false,
            rate: None,
            create_time: Duration::ZERO,
            delete_time: Duration::ZERO,
            listed_names: ListedNames::default(),
            looping_next_token: false,
            page_size: 50,
        }
    }
}

impl Behaviour {
    /// By how much a reading operation lags.
    pub(crate) fn lag(&self, operation: &str) -> Duration {
        let own = match operation {
            "ListTagsForResource" => self.tags_lag,
            list if list.starts_with("List") => self.list_lag,
            _ => Duration::ZERO,
        };
        own.max(self.read_after_write)
    }

    /// The longest lag of any operation.
    pub(crate) fn longest_lag(&self) -> Duration {
        self.read_after_write.max(self.list_lag).max(self.tags_lag)
    }
}

/// See [`Behaviour::missing`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// NotFoundException, also where the model does not declare it.
    #[default]
    NotFound404,
    /// ForbiddenException: "does not exist, or is not yours".
    Forbidden403,
    /// BadRequestException.
    BadRequest400,
    /// UnauthorizedClientException.
    Unauthorized401,
}

/// See [`Behaviour::delete_missing`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeleteMissing {
    /// NotFoundException, also where the model does not declare it.
    #[default]
    NotFound404,
    /// ForbiddenException.
    Forbidden403,
    /// As if it had existed.
    Success204,
    /// BadRequestException.
    BadRequest400,
    /// UnauthorizedClientException.
    Unauthorized401,
    /// ConflictException.
    Conflict409,
}

/// See [`Behaviour::association_exists`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssociationExists {
    /// ConflictException.
    #[default]
    Conflict409,
    /// As if it had just been created.
    Success201,
}

/// See [`Behaviour::token_replay`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenReplay {
    /// The first answer again.
    #[default]
    FirstResult201,
    /// ConflictException: "Resource creation in progress or has already been created."
    Conflict409,
    /// The first answer again, until the resource is deleted. Then the token is forgotten, and creates a new resource.
    Forgotten,
}

/// See [`Behaviour::listed_names`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListedNames {
    /// As they are.
    #[default]
    AsGiven,
    /// With a blank at the end.
    TrailingBlank,
    /// Not at all, unless the model requires them.
    LeftOut,
}

/// See [`Behaviour::app_instance_delete`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppInstanceDelete {
    /// Nothing.
    #[default]
    Immediate,
    /// ListAppInstances still shows it. For all other operations, it and everything in it is missing.
    Asynchronous {
        /// How long after the deletion.
        #[serde(rename = "listed_for_ms", with = "millis")]
        listed_for: Duration,
    },
}

/// See [`Behaviour::channel_flow_swap`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelFlowSwap {
    /// The new flow replaces the old one.
    #[default]
    Replaces200,
    /// ConflictException: the old one has to be disassociated first.
    Conflict409,
}

/// See [`Behaviour::batch_member_exists`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchMemberExists {
    /// Among the errors, as a Conflict.
    #[default]
    Conflict,
    /// Among the members, as if it had been added.
    Success,
    /// Nothing.
    LeftOut,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Account, failure, is};

    const NOBODY: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/nobody";

    #[test]
    fn json_may_leave_out_defaults() {
        let text = r#"{"missing":"Forbidden403","read_after_write_ms":250,
            "app_instance_delete":{"Asynchronous":{"listed_for_ms":500}}}"#;
        let behaviour: Behaviour = serde_json::from_str(text).unwrap();
        let expected = Behaviour {
            missing: Missing::Forbidden403,
            read_after_write: Duration::from_millis(250),
            app_instance_delete: AppInstanceDelete::Asynchronous { listed_for: Duration::from_millis(500) },
            ..Behaviour::default()
        };
        assert_eq!(behaviour, expected);
        let again = serde_json::to_string(&behaviour).unwrap();
        assert_eq!(serde_json::from_str::<Behaviour>(&again).unwrap(), expected);
        assert!(serde_json::from_str::<Behaviour>(r#"{"mising":1}"#).is_err());
        let text = r#"{"list_lag_ms":1,"tags_lag_ms":2,"tags_empty_in_lag":true,"rate":3,"create_time_ms":4,
            "delete_time_ms":5,"listed_names":"LeftOut","looping_next_token":true,"token_replay":"Forgotten"}"#;
        let behaviour: Behaviour = serde_json::from_str(text).unwrap();
        let lags = [behaviour.lag("ListChannels"), behaviour.lag("ListTagsForResource"), behaviour.lag("GetThing")];
        assert_eq!(lags.map(|lag| lag.as_millis()), [1, 2, 0]);
        assert_eq!((behaviour.rate, behaviour.create_time.as_millis()), (Some(3), 4));
    }

    #[tokio::test]
    async fn a_missing_entity_has_several_answers() {
        for (missing, expected) in [
            (Missing::NotFound404, is(404, "NotFound")),
            (Missing::Forbidden403, is(403, "Forbidden")),
            (Missing::BadRequest400, is(400, "BadRequest")),
            (Missing::Unauthorized401, is(401, "UnauthorizedClient")),
        ] {
            let account = Account::with(Behaviour { missing, ..Behaviour::default() });
            let chime = &account.identity;
            let instance = account.app_instance().await;
            for arn in [NOBODY.to_owned(), format!("{instance}/user/nobody")] {
                let describe = chime.describe_app_instance_user().app_instance_user_arn(&arn);
                assert_eq!(failure(describe.send().await), expected);
                let update = chime.update_app_instance_user().app_instance_user_arn(&arn);
                assert_eq!(failure(update.name("n").metadata("").send().await), expected);
                let tags = chime.list_tags_for_resource().resource_arn(&arn);
                assert_eq!(failure(tags.send().await), expected);
                // Its deletion is another switch.
                let delete = chime.delete_app_instance_user().app_instance_user_arn(&arn);
                assert_eq!(failure(delete.send().await), is(404, "NotFound"));
            }
            let flow = format!("{instance}/channel-flow/none");
            let describe = account.messaging.describe_channel_flow().channel_flow_arn(flow);
            assert_eq!(failure(describe.send().await), expected);
            let get = account.messaging.get_messaging_streaming_configurations();
            assert_eq!(failure(get.app_instance_arn(&instance).send().await), expected);
        }
    }

    #[tokio::test]
    async fn the_deletion_of_a_missing_entity_has_several_answers() {
        for (delete_missing, expected) in [
            (DeleteMissing::NotFound404, Some(is(404, "NotFound"))),
            (DeleteMissing::Forbidden403, Some(is(403, "Forbidden"))),
            (DeleteMissing::Success204, None),
            (DeleteMissing::BadRequest400, Some(is(400, "BadRequest"))),
            (DeleteMissing::Unauthorized401, Some(is(401, "UnauthorizedClient"))),
            (DeleteMissing::Conflict409, Some(is(409, "Conflict"))),
        ] {
            let account = Account::with(Behaviour { delete_missing, ..Behaviour::default() });
            let instance = account.app_instance().await;
            let user = account.user(&instance, "u").await;
            let (identity, messaging) = (&account.identity, &account.messaging);
            let instances = identity.delete_app_instance();
            let instances = instances.app_instance_arn(format!("{instance}x")).send().await;
            let users = identity.delete_app_instance_user().app_instance_user_arn(NOBODY);
            let users = users.send().await;
            let bots = identity.delete_app_instance_bot();
            let bots = bots.app_instance_bot_arn(format!("{instance}/bot/none")).send().await;
            let admins = identity.delete_app_instance_admin().app_instance_arn(&instance);
            let admins = admins.app_instance_admin_arn(&user).send().await;
            let flows = messaging.delete_channel_flow();
            let flows = flows.channel_flow_arn(format!("{instance}/channel-flow/x")).send().await;
            let streaming = messaging.delete_messaging_streaming_configurations();
            let streaming = streaming.app_instance_arn(&instance).send().await;
            match expected {
                None => {
                    instances.unwrap();
                    users.unwrap();
                    bots.unwrap();
                    admins.unwrap();
                    flows.unwrap();
                    streaming.unwrap();
                }
                Some(expected) => {
                    assert_eq!(failure(instances), expected);
                    assert_eq!(failure(users), expected);
                    assert_eq!(failure(bots), expected);
                    assert_eq!(failure(admins), expected);
                    assert_eq!(failure(flows), expected);
                    assert_eq!(failure(streaming), expected);
                }
            }
        }
    }

    #[tokio::test]
    async fn an_entity_without_an_app_instance_may_have_another_answer() {
        let behaviour = Behaviour {
            missing_parent: Some(Missing::Forbidden403),
            delete_missing_parent: Some(DeleteMissing::Success204),
            ..Behaviour::default()
        };
        let account = Account::with(behaviour);
        let chime = &account.identity;
        let instance = account.app_instance().await;
        for (arn, expected) in
            [(NOBODY.to_owned(), None), (format!("{instance}/user/nobody"), Some(is(404, "NotFound")))]
        {
            let describe = chime.describe_app_instance_user().app_instance_user_arn(&arn).send().await;
            assert_eq!(failure(describe), expected.clone().unwrap_or(is(403, "Forbidden")));
            let delete = chime.delete_app_instance_user().app_instance_user_arn(&arn).send().await;
            match expected {
                None => drop(delete.unwrap()),
                Some(expected) => assert_eq!(failure(delete), expected),
            }
        }
        // The app instance itself, and an operation that names only it.
        let describe = chime.describe_app_instance().app_instance_arn(format!("{instance}x")).send().await;
        assert_eq!(failure(describe), is(403, "Forbidden"));
        chime.delete_app_instance().app_instance_arn(format!("{instance}x")).send().await.unwrap();
    }

    #[tokio::test]
    async fn an_association_that_exists_may_be_a_success() {
        let association_exists = AssociationExists::Success201;
        let account = Account::with(Behaviour { association_exists, ..Behaviour::default() });
        let (identity, messaging) = (&account.identity, &account.messaging);
        let instance = account.app_instance().await;
        let (admin, member) = (account.user(&instance, "admin").await, account.user(&instance, "member").await);
        let channel = account.channel(&instance, &admin, "c").await;
        let flow = account.channel_flow(&instance).await;
        let by = || (channel.clone(), admin.clone());
        for _ in 0..2 {
            account.admin(&instance, &admin).await;
            let (channel, bearer) = by();
            let create = messaging.create_channel_moderator().channel_arn(channel).chime_bearer(bearer);
            let made = create.channel_moderator_arn(&member).send().await.unwrap();
            assert_eq!(made.channel_moderator.unwrap().arn.as_ref(), Some(&member));
            let (channel, bearer) = by();
            let associate = messaging.associate_channel_flow().channel_arn(channel).chime_bearer(bearer);
            associate.channel_flow_arn(&flow).send().await.unwrap();
            let (channel, bearer) = by();
            let create = messaging.create_channel_membership().channel_arn(channel).chime_bearer(bearer);
            let create = create.member_arn(&member).r#type("DEFAULT".into());
            assert_eq!(create.send().await.unwrap().member.unwrap().arn.as_ref(), Some(&member));
        }
        let banned = account.user(&instance, "banned").await;
        for _ in 0..2 {
            let (channel, bearer) = by();
            let create = messaging.create_channel_ban().channel_arn(channel).chime_bearer(bearer);
            create.member_arn(&banned).send().await.unwrap();
        }
        let list = identity.list_app_instance_admins().app_instance_arn(&instance).send().await.unwrap();
        assert_eq!(list.app_instance_admins.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_deleted_app_instance_may_be_listed_for_a_while() {
        let listed_for = Duration::from_millis(300);
        let app_instance_delete = AppInstanceDelete::Asynchronous { listed_for };
        let account = Account::with(Behaviour { app_instance_delete, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        chime.delete_app_instance().app_instance_arn(&instance).send().await.unwrap();
        let list = async || chime.list_app_instances().send().await.unwrap().app_instances.unwrap().len();
        assert_eq!(list().await, 1);
        let describe = chime.describe_app_instance().app_instance_arn(&instance).send().await;
        assert_eq!(failure(describe), is(404, "NotFound"));
        let again = chime.delete_app_instance().app_instance_arn(&instance).send().await;
        assert_eq!(failure(again), is(404, "NotFound"));
        let child = chime.describe_app_instance_user().app_instance_user_arn(user).send().await;
        assert_eq!(failure(child), is(404, "NotFound"));
        assert!(account.simulator.is_empty());
        tokio::time::sleep(listed_for).await;
        assert_eq!(list().await, 0);
    }
}
