//! Channels.

use crate::arn::uuid;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::channel::{Channel, Need};
use crate::state::entity::Stamp;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("CreateChannel", create),
    ("DescribeChannel", describe),
    ("UpdateChannel", update),
    ("DeleteChannel", delete),
    ("ListChannels", list),
];

fn create(cx: &mut OperationContext) -> Answer {
    let instance = cx.app_instance()?.app_instance_arn.clone();
    let bearer = cx.bearer(&instance)?;
    let id = cx.optional("ChannelId").unwrap_or_else(uuid);
    let arn = format!("{instance}/channel/{id}");
    let members: Vec<String> = cx.read("MemberArns");
    let moderators: Vec<String> = cx.read("ModeratorArns");
    for named in members.iter().chain(&moderators) {
        cx.identity(named)?;
    }
    let elastic = cx.value("ElasticChannelConfiguration");
    let mut channel = Channel {
        channel_arn: arn.clone(),
        name: cx.text("Name"),
        mode: cx.optional("Mode").unwrap_or_else(|| "RESTRICTED".into()),
        privacy: cx.optional("Privacy").unwrap_or_else(|| "PRIVATE".into()),
        metadata: cx.metadata(),
        elastic_channel_configuration: elastic.clone(),
        expiration_settings: cx.value("ExpirationSettings"),
        channel_flow_arn: None,
        created_by: bearer.clone(),
        memberships: Vec::new(),
        moderators: Vec::new(),
        bans: Vec::new(),
        tags: cx.tags()?,
        stamp: Stamp::default(),
    };
    // The creator becomes a member and a moderator; of an elastic channel, only a moderator.
    let joining = elastic.is_null().then(|| bearer.clone());
    for arn in joining.into_iter().chain(members) {
        channel.join(&arn, &bearer, "DEFAULT");
    }
    for arn in [bearer].into_iter().chain(moderators) {
        if !channel.is_moderator(&arn) {
            channel.moderators.push(arn.into());
        }
    }
    let channels = &mut cx.app_instance()?.channels;
    if channels.iter().any(|found| found.channel_arn == arn) {
        return Err(ApiError::conflict(format!("Channel {id} already exists")));
    }
    channels.push(channel);
    Ok(json!({"ChannelArn": arn}))
}

fn describe(cx: &mut OperationContext) -> Answer {
    cx.act(Need::Read)?;
    let channel = cx.channel()?.clone();
    let mut described = channel.summary();
    described["CreatedBy"] = cx.state.identity(&channel.created_by).unwrap_or_default();
    channel.stamp.write_to(&mut described);
    described["ChannelFlowArn"] = json!(channel.channel_flow_arn);
    described["ElasticChannelConfiguration"] = channel.elastic_channel_configuration;
    described["ExpirationSettings"] = channel.expiration_settings;
    Ok(json!({"Channel": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    cx.act(Need::Moderate)?;
    let (name, mode) = (cx.optional("Name"), cx.optional("Mode"));
    let metadata = cx.optional("Metadata").map(|_| cx.metadata());
    let channel = cx.channel()?;
    channel.name = name.unwrap_or_else(|| channel.name.clone());
    channel.mode = mode.unwrap_or_else(|| channel.mode.clone());
    channel.metadata = metadata.unwrap_or_else(|| channel.metadata.clone());
    channel.stamp.touch();
    Ok(json!({"ChannelArn": channel.channel_arn}))
}

fn delete(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("ChannelArn");
    cx.bearer(&arn)?;
    if cx.channel().is_err() {
        return cx.delete_missing(&arn);
    }
    cx.act(Need::Moderate)?;
    cx.app_instance_of("ChannelArn")?.channels.retain(|channel| channel.channel_arn != arn);
    Ok(Json::Null)
}

fn list(cx: &mut OperationContext) -> Answer {
    let instance = cx.app_instance()?.clone();
    let bearer = cx.bearer(&instance.app_instance_arn)?;
    let is_admin = cx.state.is_admin(&bearer);
    let privacy = cx.optional("Privacy");
    let seen = instance.channels.iter().filter(|channel| {
        (is_admin || channel.allows(&bearer, Need::Read))
            && privacy.as_ref().is_none_or(|privacy| *privacy == channel.privacy)
    });
    cx.page(json!({}), "Channels", seen.map(Channel::summary).collect())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_channel_is_created_updated_listed_and_deleted() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        let arn = account.channel(&instance, &user, "c").await;
        assert_eq!(arn, format!("{instance}/channel/c"));
        let again = chime.create_channel().app_instance_arn(&instance).name("c").channel_id("c");
        assert_eq!(failure(again.chime_bearer(&user).send().await), is(409, "Conflict"));

        let update = chime.update_channel().channel_arn(&arn).chime_bearer(&user).metadata("m");
        update.send().await.unwrap();
        let describe = || chime.describe_channel().channel_arn(&arn).chime_bearer(&user).send();
        let channel = describe().await.unwrap().channel.unwrap();
        assert_eq!((channel.name(), channel.metadata()), (Some("c"), Some("m")));
        assert_eq!(channel.created_by.unwrap().arn.as_ref(), Some(&user));
        let list = chime.list_channels().app_instance_arn(&instance).chime_bearer(&user);
        assert_eq!(list.send().await.unwrap().channels.unwrap().len(), 1);

        let delete = || chime.delete_channel().channel_arn(&arn).chime_bearer(&user).send();
        delete().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
        assert_eq!(failure(delete().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn only_moderators_and_admins_may_update_a_channel() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let (owner, admin) = (account.user(&instance, "o").await, account.user(&instance, "a").await);
        let stranger = account.user(&instance, "s").await;
        account.admin(&instance, &admin).await;
        let arn = account.channel(&instance, &owner, "c").await;
        let update = async |bearer: &str| {
            let update = account.messaging.update_channel().channel_arn(&arn).name("new");
            update.chime_bearer(bearer).send().await
        };
        update(&owner).await.unwrap();
        update(&admin).await.unwrap();
        assert_eq!(failure(update(&stranger).await), is(403, "Forbidden"));
        let nobody = format!("{instance}/user/nobody");
        assert_eq!(failure(update(&nobody).await), is(401, "UnauthorizedClient"));
        let elsewhere = account.user(&account.app_instance().await, "u").await;
        assert_eq!(failure(update(&elsewhere).await), is(403, "Forbidden"));
    }
}
