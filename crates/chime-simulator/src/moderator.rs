//! Moderators of channels.

use crate::admin::Admin;
use crate::channel::Need;
use crate::error::Answer;
use crate::turn::Turn;
use serde_json::{Value as Json, json};

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let bearer = turn.act(Need::Moderate)?;
    let arn = turn.text("ChannelModeratorArn");
    let moderator = turn.identity(&arn)?;
    let channel = turn.channel()?;
    let made = json!({"ChannelArn": channel.channel_arn, "ChannelModerator": moderator});
    if channel.moderators.iter().any(|found| found.arn == arn) {
        return turn.associated(made, format!("{arn} is already a moderator of the channel"));
    }
    // "Every moderator is also a channel member"; an elastic channel's only moderates.
    if channel.elastic_channel_configuration.is_null() {
        channel.join(&arn, &bearer, "DEFAULT");
    }
    channel.moderators.push(Admin::made_by(arn, bearer));
    Ok(made)
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let arn = turn.text("ChannelModeratorArn");
    let missing = turn.missing(&format!("{}/moderators/{arn}", turn.text("ChannelArn")));
    let channel = turn.channel()?;
    let created_by = channel.created_by.clone();
    let found = channel.moderators.iter().find(|moderator| moderator.arn == arn).ok_or(missing)?;
    let (created, created_by) = (found.stamp.created, found.by.clone().unwrap_or(created_by));
    let described = json!({
        "ChannelArn": turn.text("ChannelArn"),
        "Moderator": turn.identity(&arn)?,
        "CreatedBy": turn.state.identity(&created_by),
        "CreatedTimestamp": created,
    });
    Ok(json!({"ChannelModerator": described}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("ChannelModeratorArn");
    turn.bearer(&turn.text("ChannelArn"))?;
    let channel = turn.channel();
    if !channel.is_ok_and(|channel| channel.moderators.iter().any(|found| found.arn == arn)) {
        return turn.delete_missing(&format!("{}/moderators/{arn}", turn.text("ChannelArn")));
    }
    turn.act(Need::Moderate)?;
    turn.channel()?.moderators.retain(|found| found.arn != arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let moderators = turn.channel()?.moderators.clone();
    let known = moderators.iter().filter_map(|moderator| turn.state.identity(&moderator.arn));
    let (page, next) = turn.page(known.map(|one| json!({"Moderator": one})).collect())?;
    let channel = turn.text("ChannelArn");
    Ok(json!({"ChannelArn": channel, "ChannelModerators": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_moderator_is_made_once_and_is_a_member_too() {
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
