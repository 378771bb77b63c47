//! `Custom::ChimeChannel`: a channel in an app instance.
//!
//! A channel without a ChannelId gets one that is derived from CloudFormation's request. Its ARN is therefore known
//! before the call, and a call without a response can be checked afterwards. If the request is unknown too, the channel
//! is found by its tags.

use crate::properties::chime::channel::{
    ChannelExpirationSettings, ChannelMode, ChannelPrivacy, ElasticChannelConfiguration, must_have_elastic_channels,
};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceArn, AppInstanceMemberArn, ChannelArn, InAppInstance};
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{ResourceId, Text};
use crate::resource::ids::channel_id_of;
use crate::resource::ownership::tags::messaging::creation_tags;
use crate::resource::parent::list_channels;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{
    channel_expiration_settings, elastic_channel_configuration, observed_channel_expiration, observed_elastic_channel,
};

properties! {
    /// A channel in an app instance. Its creator is its moderator, and also a member unless the channel is elastic.
    pub struct ChannelProperties where fits_together {
        /// The app instance that contains the channel.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// Who creates and manages the channel: an admin of the app instance, or any of its other users or bots.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
        /// The name.
        name: Text<1, 256> => "Name",
        /// The id, which is the last part of the ARN. Defaults to an id derived from CloudFormation's request. With an
        /// id in the template, the channel is kept when the resource is renamed.
        channel_id: Option<ResourceId> => "ChannelId" create_only,
        /// Who may add members: admins and moderators (RESTRICTED, the default), or any member too (UNRESTRICTED).
        mode: ChannelMode => "Mode" default "RESTRICTED",
        /// Who can find the channel: its members (PRIVATE, the default), or anybody in the app instance (PUBLIC). If the template
        /// contains a ChannelId, it must be changed together with this property.
        privacy: ChannelPrivacy => "Privacy" create_only default "PRIVATE",
        /// Makes the channel elastic, for up to a million members. Available only in us-east-1. If the template
        /// contains a ChannelId, it must be changed together with this property.
        elastic_channel_configuration: Option<ElasticChannelConfiguration> => "ElasticChannelConfiguration" create_only,
        /// Arbitrary text that the application stores with the channel.
        metadata: Metadata => "Metadata",
        /// When Chime deletes the channel automatically. Defaults to never.
        expiration_settings: Option<ChannelExpirationSettings> => "ExpirationSettings",
        /// The tags. Chime allows fifty, six of which are reserved for ownership.
        tags: Option<Tags> => "Tags" unobserved,
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    let app_instance = raw.get::<AppInstanceArn>("AppInstanceArn");
    let bearer = app_instance_of::<AppInstanceMemberArn>(raw, "ChimeBearer");
    must_be_of_one_app_instance(app_instance.clone(), &[("ChimeBearer", bearer)], problems);
    if let Some(app_instance) = app_instance.filter(|_| raw.has("ElasticChannelConfiguration")) {
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
        Attribute::of_id("Arn", "The ARN, under the name that AWS::Chime::Channel uses.", ChannelArn::to_string),
        Attribute::of_id("ChannelId", "The id, which is the last part of the ARN.", |arn| arn.id().to_owned()),
    ];
    const TRACKING: Tracking = Tracking::Tags;
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["AppInstanceArn", "ChannelId"];
    const RENAME_NOTE: &'static str = " Without a ChannelId, a new channel is created.";
    const NEEDS_BEARER: bool = true;
    type Id = ChannelArn;
    type Properties = ChannelProperties;

    fn locate(raw: &RawProperties<'_>, made_by: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        let app_instance: AppInstanceArn = raw.get("AppInstanceArn")?;
        let id = raw.get::<ResourceId>("ChannelId").map(|id| id.as_str().to_owned());
        Some(match id.or_else(|| made_by.map(channel_id_of)) {
            Some(id) => Locator::ById(app_instance.channel(&id)),
            None => Locator::InParent(app_instance.to_string()),
        })
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let id = desired.channel_id.as_ref().map(|id| id.as_str().to_owned());
        let elastic = desired.elastic_channel_configuration.as_ref();
        let create = cx.messaging().create_channel().app_instance_arn(desired.app_instance_arn.as_str());
        let output = create
            .channel_id(id.unwrap_or_else(|| channel_id_of(cx.owner().request_id())))
            .name(desired.name.as_str())
            .mode(desired.mode.as_str().into())
            .privacy(desired.privacy.as_str().into())
            .set_elastic_channel_configuration(elastic.map(elastic_channel_configuration).transpose()?)
            .set_metadata(desired.metadata.to_create())
            .set_expiration_settings(channel_expiration_settings(&desired.expiration_settings)?)
            .set_tags(Some(creation_tags(cx, desired.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .chime_bearer(desired.chime_bearer.as_str())
            .send()
            .await?;
        cx.made(output.channel_arn(), Some(desired.app_instance_arn.as_str()))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let (desired, bearer) = (change.desired, change.desired.chime_bearer.as_str());
        if change.differs(|properties| (&properties.name, &properties.mode, &properties.metadata)) {
            let update = cx.messaging().update_channel().channel_arn(id.as_str()).chime_bearer(bearer);
            let update = update.name(desired.name.as_str()).mode(desired.mode.as_str().into());
            update.metadata(desired.metadata.to_update()).send().await?;
        }
        if change.differs(|properties| &properties.expiration_settings) {
            let put = cx.messaging().put_channel_expiration_settings().channel_arn(id.as_str()).chime_bearer(bearer);
            put.set_expiration_settings(channel_expiration_settings(&desired.expiration_settings)?).send().await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        let delete = cx.messaging().delete_channel().channel_arn(id.as_str());
        delete.chime_bearer(actor.as_str()).send().await?;
        Ok(())
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        actor: &Actor,
        stated: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let describe = cx.messaging().describe_channel().channel_arn(id.as_str());
        let output = describe.chime_bearer(actor.as_str()).send().await?;
        Ok(output.channel().map(|found| {
            let properties = ChannelProperties {
                app_instance_arn: id.app_instance_arn(),
                chime_bearer: AppInstanceMemberArn::unchecked(actor.as_str()),
                name: Text::unchecked(found.name().unwrap_or_default()),
                // If the template omits the id, the derived one is not a difference.
                channel_id: stated
                    .is_none_or(|stated| stated.channel_id.is_some())
                    .then(|| ResourceId::unchecked(id.id())),
                mode: ChannelMode::unchecked(found.mode().map_or("", |mode| mode.as_str())),
                privacy: ChannelPrivacy::unchecked(found.privacy().map_or("", |privacy| privacy.as_str())),
                elastic_channel_configuration: found.elastic_channel_configuration().map(observed_elastic_channel),
                metadata: Metadata::observed(found.metadata()),
                expiration_settings: found.expiration_settings().map(observed_channel_expiration),
                tags: None,
            };
            Observed::new(properties, found.created_timestamp())
        }))
    }

    async fn list(
        cx: &Context,
        parent: &str,
        token: Option<String>,
        _: &RawProperties<'_>,
        actor: &Actor,
    ) -> Result<Page> {
        list_channels(cx, parent, actor.as_str(), token).await
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn elastic_channels_require_us_east_1() {
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
