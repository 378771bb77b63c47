//! Moderators of channels.

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::operations::relation::Relation;
use crate::state::association::Association;
use crate::state::channel::Need;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 4] = [
    ("CreateChannelModerator", create),
    ("DescribeChannelModerator", Moderators::describe),
    ("DeleteChannelModerator", Moderators::delete),
    ("ListChannelModerators", Moderators::list),
];

struct Moderators;

impl Relation for Moderators {
    type Entry = Association;
    const PERSON: &'static str = "ChannelModeratorArn";
    const SHOWN_AS: &'static str = "Moderator";
    const DESCRIBED_AS: &'static str = "ChannelModerator";
    const LISTED_AS: &'static str = "ChannelModerators";

    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Association>, ApiError> {
        Ok(&mut cx.channel()?.moderators)
    }

    fn id(cx: &OperationContext) -> String {
        format!("{}/moderators/{}", cx.text(Self::PARENT), cx.text(Self::PERSON))
    }

    fn details(cx: &mut OperationContext, moderator: &Association) -> Result<Json, ApiError> {
        created(cx, moderator)
    }
}

/// The creation of a moderator or a ban: when, and by whom.
pub(super) fn created(cx: &mut OperationContext, association: &Association) -> Result<Json, ApiError> {
    let by = association.by.clone().unwrap_or(cx.channel()?.created_by.clone());
    Ok(json!({"CreatedBy": cx.state.identity(&by), "CreatedTimestamp": association.stamp.created}))
}

fn create(cx: &mut OperationContext) -> Answer {
    let bearer = cx.act(Need::Moderate)?;
    let arn = cx.text("ChannelModeratorArn");
    let moderator = cx.identity(&arn)?;
    let channel = cx.channel()?;
    let made = json!({"ChannelArn": channel.channel_arn, "ChannelModerator": moderator});
    if channel.is_moderator(&arn) {
        return cx.associated(made, format!("{arn} is already a moderator of the channel"));
    }
    // "Every moderator is also a channel member", except in an elastic channel.
    if channel.elastic_channel_configuration.is_null() {
        channel.join(&arn, &bearer, "DEFAULT");
    }
    channel.moderators.push(Association::created_by(arn, bearer));
    Ok(made)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_moderator_is_created_once_and_becomes_a_member() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let (owner, other) = (account.user(&instance, "o").await, account.user(&instance, "m").await);
        let channel = account.channel(&instance, &owner, "c").await;
        let create = || {
            let create = chime.create_channel_moderator().channel_arn(&channel);
            create.channel_moderator_arn(&other).chime_bearer(&owner).send()
        };
        create().await.unwrap();
        assert_eq!(failure(create().await), is(409, "Conflict"));
        let members = account.simulator.holds()[0]["Channels"][0]["Memberships"].clone();
        assert_eq!(members.as_array().unwrap().len(), 2);

        let list = chime.list_channel_moderators().channel_arn(&channel).chime_bearer(&other);
        assert_eq!(list.send().await.unwrap().channel_moderators.unwrap().len(), 2);
        let describe = || {
            let describe = chime.describe_channel_moderator().channel_arn(&channel);
            describe.channel_moderator_arn(&other).chime_bearer(&owner).send()
        };
        describe().await.unwrap();
        let delete = chime.delete_channel_moderator().channel_arn(&channel);
        delete.channel_moderator_arn(&other).chime_bearer(&owner).send().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }
}
