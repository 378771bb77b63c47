//! Bans from channels.

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::operations::moderator::created;
use crate::operations::relation::Relation;
use crate::state::association::Association;
use crate::state::channel::Need;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 4] = [
    ("CreateChannelBan", create),
    ("DescribeChannelBan", Bans::describe),
    ("DeleteChannelBan", Bans::delete),
    ("ListChannelBans", Bans::list),
];

struct Bans;

impl Relation for Bans {
    type Entry = Association;
    const PERSON: &'static str = "MemberArn";
    const SHOWN_AS: &'static str = "Member";
    const DESCRIBED_AS: &'static str = "ChannelBan";
    const LISTED_AS: &'static str = "ChannelBans";

    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Association>, ApiError> {
        Ok(&mut cx.channel()?.bans)
    }

    fn id(cx: &OperationContext) -> String {
        format!("{}/bans/{}", cx.text(Self::PARENT), cx.text(Self::PERSON))
    }

    fn check_reader(cx: &mut OperationContext) -> Result<(), ApiError> {
        cx.act(Need::Moderate).map(drop)
    }

    fn details(cx: &mut OperationContext, ban: &Association) -> Result<Json, ApiError> {
        created(cx, ban)
    }
}

fn create(cx: &mut OperationContext) -> Answer {
    let bearer = cx.act(Need::Moderate)?;
    let arn = cx.text("MemberArn");
    let member = cx.identity(&arn)?;
    let is_admin = cx.state.is_admin(&arn);
    let channel = cx.channel()?;
    if is_admin || channel.is_moderator(&arn) {
        return Err(ApiError::forbidden("Admins and moderators cannot be banned"));
    }
    let made = json!({"ChannelArn": channel.channel_arn, "Member": member});
    if channel.is_banned(&arn) {
        return cx.associated(made, format!("{arn} is already banned from the channel"));
    }
    channel.memberships.retain(|membership| membership.member_arn != arn);
    channel.bans.push(Association::created_by(arn, bearer));
    Ok(made)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_ban_is_created_once_and_lifted() {
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
