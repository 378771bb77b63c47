//! Bans from channels.

use crate::admin::Admin;
use crate::channel::Need;
use crate::error::{Answer, ApiError};
use crate::turn::Turn;
use serde_json::{Value as Json, json};

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let bearer = turn.act(Need::Moderate)?;
    let arn = turn.text("MemberArn");
    let member = turn.identity(&arn)?;
    let admin = turn.is_admin(&arn);
    let channel = turn.channel()?;
    if admin || channel.moderators.iter().any(|moderator| moderator.arn == arn) {
        return Err(ApiError::forbidden("Admins and moderators cannot be banned"));
    }
    let made = json!({"ChannelArn": channel.channel_arn, "Member": member});
    if channel.bans.iter().any(|ban| ban.arn == arn) {
        return turn.associated(made, format!("{arn} is already banned from the channel"));
    }
    channel.memberships.retain(|membership| membership.member_arn != arn);
    channel.bans.push(Admin::made_by(arn, bearer));
    Ok(made)
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    turn.act(Need::Moderate)?;
    let arn = turn.text("MemberArn");
    let missing = turn.missing(&format!("{}/bans/{arn}", turn.text("ChannelArn")));
    let channel = turn.channel()?;
    let created_by = channel.created_by.clone();
    let found = channel.bans.iter().find(|ban| ban.arn == arn).ok_or(missing)?;
    let (created, created_by) = (found.stamp.created, found.by.clone().unwrap_or(created_by));
    let described = json!({
        "ChannelArn": turn.text("ChannelArn"),
        "Member": turn.identity(&arn)?,
        "CreatedBy": turn.state.identity(&created_by),
        "CreatedTimestamp": created,
    });
    Ok(json!({"ChannelBan": described}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("MemberArn");
    turn.bearer(&turn.text("ChannelArn"))?;
    let channel = turn.channel();
    if !channel.is_ok_and(|channel| channel.bans.iter().any(|ban| ban.arn == arn)) {
        return turn.delete_missing(&format!("{}/bans/{arn}", turn.text("ChannelArn")));
    }
    turn.act(Need::Moderate)?;
    turn.channel()?.bans.retain(|ban| ban.arn != arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    turn.act(Need::Moderate)?;
    let bans = turn.channel()?.bans.clone();
    let known = bans.iter().filter_map(|ban| turn.state.identity(&ban.arn));
    let (page, next) = turn.page(known.map(|member| json!({"Member": member})).collect())?;
    let channel = turn.text("ChannelArn");
    Ok(json!({"ChannelArn": channel, "ChannelBans": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_ban_is_made_once_and_lifted() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let (owner, other) = (account.user(&instance, "o").await, account.user(&instance, "m").await);
        let channel = account.channel(&instance, &owner, "c").await;
        let ban = |member: &str| {
            let create = chime.create_channel_ban().channel_arn(&channel);
            create.member_arn(member).chime_bearer(&owner).send()
        };
        ban(&other).await.unwrap();
        assert_eq!(failure(ban(&other).await), is(409, "Conflict"));
        assert_eq!(failure(ban(&owner).await), is(403, "Forbidden"));
        let list = chime.list_channel_bans().channel_arn(&channel).chime_bearer(&owner);
        assert_eq!(list.send().await.unwrap().channel_bans.unwrap().len(), 1);
        let describe = || {
            let describe = chime.describe_channel_ban().channel_arn(&channel);
            describe.member_arn(&other).chime_bearer(&owner).send()
        };
        describe().await.unwrap();
        let delete = chime.delete_channel_ban().channel_arn(&channel);
        delete.member_arn(&other).chime_bearer(&owner).send().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }
}
