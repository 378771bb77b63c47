//! Channels, and who may do what in them.

use crate::admin::Admin;
use crate::arn::{self, uuid};
use crate::error::{Answer, ApiError};
use crate::membership::Membership;
use crate::state::Stamp;
use crate::tags::Tag;
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Channel {
    pub channel_arn: String,
    pub name: String,
    pub mode: String,
    pub privacy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub elastic_channel_configuration: Json,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub expiration_settings: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_flow_arn: Option<String>,
    #[serde(default)]
    pub created_by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<Membership>,
    /// In JSON just the ARNs, as for the admins of an app instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moderators: Vec<Admin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bans: Vec<Admin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

/// What an operation on a channel asks of its bearer. An admin of the app instance may do all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Need {
    /// To be a member, or the channel to be public.
    Read,
    /// To moderate, or to be a member where the mode is UNRESTRICTED.
    Invite,
    /// To moderate.
    Moderate,
}

impl Channel {
    pub fn summary(&self) -> Json {
        json!({
            "ChannelArn": self.channel_arn,
            "Name": self.name,
            "Mode": self.mode,
            "Privacy": self.privacy,
            "Metadata": self.metadata,
        })
    }

    fn allows(&self, bearer: &str, need: Need) -> bool {
        let moderates = self.moderators.iter().any(|moderator| moderator.arn == bearer);
        let member = self.memberships.iter().any(|membership| membership.member_arn == bearer);
        match need {
            Need::Read => moderates || member || self.privacy == "PUBLIC",
            Need::Invite => moderates || member && self.mode == "UNRESTRICTED",
            Need::Moderate => moderates,
        }
    }
}

impl Turn<'_> {
    /// The ARN of the bearer, who exists and is of the app instance in which `arn` lies.
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

    /// The ARN of the bearer, who may do this in the channel of the request, which exists.
    pub fn act(&mut self, need: Need) -> Result<String, ApiError> {
        let bearer = self.bearer(&self.text("ChannelArn"))?;
        let admin = self.is_admin(&bearer);
        match self.channel()?.allows(&bearer, need) || admin {
            true => Ok(bearer),
            false => Err(ApiError::forbidden(format!("{bearer} is not allowed to do this in the channel"))),
        }
    }

    /// Whether `arn` is an admin of its app instance.
    pub fn is_admin(&self, arn: &str) -> bool {
        let instance = self.state.around(arn);
        instance.is_some_and(|instance| instance.admins.iter().any(|admin| admin.arn == arn))
    }

    /// The channel that the request names.
    pub fn channel(&mut self) -> Result<&mut Channel, ApiError> {
        let arn = self.text("ChannelArn");
        let missing = self.missing(&arn);
        let channels = &mut self.around("ChannelArn")?.channels;
        channels.iter_mut().find(|channel| channel.channel_arn == arn).ok_or(missing)
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?.app_instance_arn.clone();
    let bearer = turn.bearer(&instance)?;
    let id = turn.optional("ChannelId").unwrap_or_else(uuid);
    let arn = Turn::arn_in(&instance, "channel", &id);
    let members: Vec<String> = turn.read("MemberArns");
    let moderators: Vec<String> = turn.read("ModeratorArns");
    for named in members.iter().chain(&moderators) {
        turn.identity(named)?;
    }
    let elastic = turn.value("ElasticChannelConfiguration");
    let mut channel = Channel {
        channel_arn: arn.clone(),
        name: turn.text("Name"),
        mode: turn.optional("Mode").unwrap_or_else(|| "RESTRICTED".into()),
        privacy: turn.optional("Privacy").unwrap_or_else(|| "PRIVATE".into()),
        metadata: turn.metadata(),
        elastic_channel_configuration: elastic.clone(),
        expiration_settings: turn.value("ExpirationSettings"),
        channel_flow_arn: None,
        created_by: bearer.clone(),
        memberships: Vec::new(),
        moderators: Vec::new(),
        bans: Vec::new(),
        tags: turn.tags()?,
        stamp: Stamp::default(),
    };
    // The creator joins and moderates; an elastic channel it only moderates.
    let joining = elastic.is_null().then(|| bearer.clone());
    for arn in joining.into_iter().chain(members) {
        channel.join(&arn, &bearer, "DEFAULT");
    }
    for arn in [bearer].into_iter().chain(moderators) {
        if !channel.moderators.iter().any(|moderator| moderator.arn == arn) {
            channel.moderators.push(arn.into());
        }
    }
    let channels = &mut turn.app_instance()?.channels;
    if channels.iter().any(|found| found.channel_arn == arn) {
        return Err(ApiError::conflict(format!("Channel {id} already exists")));
    }
    channels.push(channel);
    Ok(json!({"ChannelArn": arn}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let channel = turn.channel()?.clone();
    let mut described = channel.summary();
    described["CreatedBy"] = turn.state.identity(&channel.created_by).unwrap_or_default();
    described["CreatedTimestamp"] = channel.stamp.created.into();
    described["LastUpdatedTimestamp"] = channel.stamp.updated.into();
    described["ChannelFlowArn"] = json!(channel.channel_flow_arn);
    described["ElasticChannelConfiguration"] = channel.elastic_channel_configuration;
    described["ExpirationSettings"] = channel.expiration_settings;
    Ok(json!({"Channel": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    turn.act(Need::Moderate)?;
    let (name, mode) = (turn.optional("Name"), turn.optional("Mode"));
    let metadata = turn.optional("Metadata").map(|_| turn.metadata());
    let channel = turn.channel()?;
    channel.name = name.unwrap_or_else(|| channel.name.clone());
    channel.mode = mode.unwrap_or_else(|| channel.mode.clone());
    channel.metadata = metadata.unwrap_or_else(|| channel.metadata.clone());
    channel.stamp.touch();
    Ok(json!({"ChannelArn": channel.channel_arn}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("ChannelArn");
    turn.bearer(&arn)?;
    if turn.channel().is_err() {
        return turn.delete_missing(&arn);
    }
    turn.act(Need::Moderate)?;
    turn.around("ChannelArn")?.channels.retain(|channel| channel.channel_arn != arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?.clone();
    let bearer = turn.bearer(&instance.app_instance_arn)?;
    let admin = turn.is_admin(&bearer);
    let privacy = turn.optional("Privacy");
    let seen = instance.channels.iter().filter(|channel| {
        (admin || channel.allows(&bearer, Need::Read))
            && privacy.as_ref().is_none_or(|privacy| *privacy == channel.privacy)
    });
    let (page, next) = turn.page(seen.map(Channel::summary).collect())?;
    Ok(json!({"Channels": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_channel_lives_and_dies() {
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
    async fn what_one_may_do_depends_on_who_one_is() {
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
