//! `Custom::ChimeChannel`: a place to chat in an app instance.
//!
//! A channel without a ChannelId gets one that is derived from CloudFormation's request, so that its ARN is known before the call, and what
//! became of a call without an answer can be found out. Where the request is not known either, its tags tell.

use crate::properties::chime::channel::{
    ChannelExpirationSettings, ChannelMode, ChannelPrivacy, ElasticChannelConfiguration, must_have_elastic_channels,
};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceArn, AppInstanceMemberArn, ChannelArn};
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{ResourceId, Text};
use crate::resource::ids::channel_id_of;
use crate::resource::ownership::tags::messaging::at_creation;
use crate::resource::parent::list_channels;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{channel_expiration_settings, elastic_channel_configuration};

properties! {
    /// A place to chat in an app instance. Whoever creates it is its moderator, and a member unless it is elastic.
    pub struct ChannelProperties where fits_together {
        /// The app instance it belongs to.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// Who acts, and creates the channel: an admin of the app instance, or any other user or bot of it.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer",
        /// Its name.
        name: Text<1, 256> => "Name",
        /// Its id, the last part of its ARN. Derived from CloudFormation's request unless given; one that is given is kept by a rename of
        /// the resource.
        channel_id: Option<ResourceId> => "ChannelId" replaces,
        /// Who may add members.
        mode: ChannelMode => "Mode" default "RESTRICTED",
        /// Who finds it. Another one needs another ChannelId as well, where one is stated.
        privacy: ChannelPrivacy => "Privacy" replaces default "PRIVATE",
        /// What makes it elastic, for up to a million members. In us-east-1 alone. Another one needs another ChannelId as well, where one
        /// is stated.
        elastic_channel_configuration: Option<ElasticChannelConfiguration> => "ElasticChannelConfiguration" replaces,
        /// Whatever the application wants to keep with it, as text.
        metadata: Metadata => "Metadata",
        /// When Chime deletes it by itself. Never unless given.
        expiration_settings: Option<ChannelExpirationSettings> => "ExpirationSettings",
        /// Its tags. Chime takes fifty, six of which are reserved for its ownership.
        tags: Option<Tags> => "Tags",
    }
}

fn fits_together(stated: &Stated<'_>, problems: &mut Problems) {
    let app_instance = stated.get::<AppInstanceArn>("AppInstanceArn");
    let bearer = app_instance_of::<AppInstanceMemberArn>(stated, "ChimeBearer");
    must_be_of_one_app_instance(app_instance.clone(), &[("ChimeBearer", bearer)], problems);
    if let Some(app_instance) = app_instance.filter(|_| stated.has("ElasticChannelConfiguration")) {
        problems.within("ElasticChannelConfiguration", |at| must_have_elastic_channels(&app_instance, at));
    }
}

/// A channel.
#[derive(Debug)]
pub struct Channel;

impl Resource for Channel {
    const TYPE: &'static str = "ChimeChannel";
    const REF: &'static str = "The ARN of the channel.";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelArn", "The ARN.", ChannelArn::to_string),
        Attribute::of_id("Arn", "The ARN, as AWS::Chime::Channel calls it.", ChannelArn::to_string),
        Attribute::of_id("ChannelId", "The id, the last part of the ARN.", |arn| arn.id().to_owned()),
    ];
    const NOTED: Noted = Noted::OwnTags;
    const IS_NAMED: bool = true;
    const RENAME_NOTE: &'static str = " Without a ChannelId it is made anew.";
    const NEEDS_BEARER: bool = true;
    type Id = ChannelArn;
    type Properties = ChannelProperties;

    fn place(stated: &Stated<'_>, made_by: Option<&str>) -> Option<Place<Self::Id>> {
        let app_instance: AppInstanceArn = stated.get("AppInstanceArn")?;
        let id = stated.get::<ResourceId>("ChannelId").map(|id| id.as_str().to_owned());
        Some(match id.or_else(|| made_by.map(channel_id_of)) {
            Some(id) => Place::Known(app_instance.channel(&id)),
            None => Place::In(app_instance.to_string()),
        })
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let id = properties.channel_id.as_ref().map(|id| id.as_str().to_owned());
        let elastic = properties.elastic_channel_configuration.as_ref();
        let create = cx.messaging().create_channel().app_instance_arn(properties.app_instance_arn.as_str());
        let output = create
            .channel_id(id.unwrap_or_else(|| channel_id_of(cx.owner().request_id())))
            .name(properties.name.as_str())
            .mode(properties.mode.as_str().into())
            .privacy(properties.privacy.as_str().into())
            .set_elastic_channel_configuration(elastic.map(elastic_channel_configuration).transpose()?)
            .set_metadata(properties.metadata.to_create())
            .set_expiration_settings(channel_expiration_settings(&properties.expiration_settings)?)
            .set_tags(Some(at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .chime_bearer(properties.chime_bearer.as_str())
            .send()
            .await?;
        cx.made(output.channel_arn())
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        let (wanted, bearer) = (change.wanted, change.wanted.chime_bearer.as_str());
        if change.differs(|properties| (&properties.name, properties.mode, &properties.metadata)) {
            let update = cx.messaging().update_channel().channel_arn(id.as_str()).chime_bearer(bearer);
            let update = update.name(wanted.name.as_str()).mode(wanted.mode.as_str().into());
            update.metadata(wanted.metadata.to_update()).send().await?;
        }
        if change.differs(|properties| &properties.expiration_settings) {
            let expiration = channel_expiration_settings(&wanted.expiration_settings)?;
            // What Chime makes of a removal where there is nothing to remove is not documented, and so not asked of it.
            if change.before.is_some() || expiration.is_some() || expires(cx, id, bearer).await? {
                let put =
                    cx.messaging().put_channel_expiration_settings().channel_arn(id.as_str()).chime_bearer(bearer);
                put.set_expiration_settings(expiration).send().await?;
            }
        }
        Ok(Live::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<()> {
        let delete = cx.messaging().delete_channel().channel_arn(id.as_str());
        delete.chime_bearer(stated.bearer()).send().await?;
        Ok(())
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, stated: &Stated<'_>) -> Result<Page> {
        list_channels(cx, parent, &stated.bearer(), token).await
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let describe = cx.messaging().describe_channel().channel_arn(id.as_str());
        let output = describe.chime_bearer(stated.bearer()).send().await?;
        let Some(found) = output.channel() else { return Ok(Seen::NOTHING) };
        let seen = Seen::beside(found.created_timestamp(), wanted, |wanted| {
            Ok(found.name() == Some(wanted.name.as_str())
                && found.mode().is_some_and(|mode| mode.as_str() == wanted.mode.as_str())
                && wanted.metadata.is(found.metadata())
                && found.expiration_settings() == channel_expiration_settings(&wanted.expiration_settings)?.as_ref())
        })?;
        let Some(wanted) = wanted else { return Ok(seen) };
        let elastic = wanted.elastic_channel_configuration.as_ref().map(elastic_channel_configuration).transpose()?;
        Ok(seen.meant(
            found.elastic_channel_configuration() == elastic.as_ref()
                && found.privacy().is_some_and(|privacy| privacy.as_str() == wanted.privacy.as_str()),
        ))
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
}

async fn expires(cx: &Context, id: &ChannelArn, bearer: &str) -> Result<bool> {
    let output = cx.messaging().describe_channel().channel_arn(id.as_str()).chime_bearer(bearer).send().await?;
    Ok(output.channel().is_some_and(|channel| channel.expiration_settings().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn elastic_channels_are_of_us_east_1_alone() {
        let of = |region: &str| {
            let app = format!("arn:aws:chime:{region}:123456789012:app-instance/a");
            read::<ChannelProperties>(
                &json!({"AppInstanceArn": app, "ChimeBearer": format!("{app}/user/u"), "Name": "All",
                "ElasticChannelConfiguration": {"MaximumSubChannels": "2", "TargetMembershipsPerSubChannel": "2",
                    "MinimumMembershipPercentage": "40"}}),
            )
        };
        assert!(of("us-east-1").is_ok());
        let problems = of("eu-central-1").expect_err("wrong").to_string();
        assert!(problems.starts_with("ElasticChannelConfiguration must be left out: "), "{problems}");
    }
}
