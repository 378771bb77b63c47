//! `Custom::ChimeChannelFlowAssociation`: the channel flow that a channel's messages go through. A channel has one at most.

use crate::chime::backoff::{LAG, Patience};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, ChannelFlowArn};
use crate::resource::ids::setting;
use crate::resource::prelude::*;
use tokio::time::Instant;

properties! {
    /// The channel flow that a channel's messages go through. A channel has one at most.
    pub struct ChannelFlowAssociationProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" replaces,
        /// The flow. Another one takes its place.
        channel_flow_arn: ChannelFlowArn => "ChannelFlowArn",
        /// Who acts: an admin of the app instance, or a moderator of the channel.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer",
    }
}

fn fits_together(stated: &Stated<'_>, problems: &mut Problems) {
    let others = [
        ("ChannelFlowArn", app_instance_of::<ChannelFlowArn>(stated, "ChannelFlowArn")),
        ("ChimeBearer", app_instance_of::<AppInstanceMemberArn>(stated, "ChimeBearer")),
    ];
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(stated, "ChannelArn"), &others, problems);
}

setting! {
    /// The path of a channel's flow.
    pub struct ChannelFlowAssociationId(ChannelArn => "ChannelArn", "/channel-flow");
}

/// An association.
#[derive(Debug)]
pub struct ChannelFlowAssociation;

impl Resource for ChannelFlowAssociation {
    const TYPE: &'static str = "ChimeChannelFlowAssociation";
    const REF: &'static str = "`<ChannelArn>/channel-flow`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelArn", "The ARN of the channel.", |id| id.0.to_string()),
        Attribute::of_properties("ChannelFlowArn", "The ARN of the flow.", |properties| {
            properties.channel_flow_arn.to_string()
        }),
    ];
    const NOTED: Noted = Noted::Mark("cfn:channel-flow");
    const IS_NAMED: bool = true;
    const NEEDS_BEARER: bool = true;
    type Id = ChannelFlowAssociationId;
    type Properties = ChannelFlowAssociationProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        Some(Place::Known(ChannelFlowAssociationId(stated.get("ChannelArn")?)))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let id = ChannelFlowAssociationId(properties.channel_arn.clone());
        swap(cx, properties, false).await?;
        cx.claim(&id);
        Ok(Live::new(id))
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        if change.differs(|properties| &properties.channel_flow_arn) {
            swap(cx, change.wanted, true).await?;
        }
        Ok(Live::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<()> {
        // What was associated a moment ago may not be shown yet.
        let stated_flow = || stated.get::<ChannelFlowArn>("ChannelFlowArn").map(|flow| flow.to_string());
        let Some(flow) = flow_of(cx, &id.0, &stated.bearer()).await?.or_else(stated_flow) else {
            return Err(Error::new(Kind::NotFound, format!("{} has no channel flow", id.0)));
        };
        disassociate(cx, &id.0, &flow, &stated.bearer()).await
    }

    async fn is_there(cx: &Context, id: &Self::Id, stated: &Stated<'_>) -> Result<Option<bool>> {
        Ok(Some(flow_of(cx, &id.0, &stated.bearer()).await?.is_some()))
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let flow = flow_of(cx, &id.0, &stated.bearer()).await?;
        Seen::beside(None, wanted, |wanted| Ok(flow.as_deref() == Some(wanted.channel_flow_arn.as_str())))
    }

    fn noted_at(id: &Self::Id) -> String {
        id.0.to_string()
    }
}

/// The flow that the channel has.
async fn flow_of(cx: &Context, channel: &ChannelArn, bearer: &str) -> Result<Option<String>> {
    let output = cx.messaging().describe_channel().channel_arn(channel.as_str()).chime_bearer(bearer).send().await?;
    Ok(output.channel.and_then(|channel| channel.channel_flow_arn))
}

/// Associates the flow, in the place of another where there `may` be one: Chime may want that disassociated first.
async fn swap(cx: &Context, properties: &ChannelFlowAssociationProperties, may: bool) -> Result<()> {
    let (channel, flow, bearer) = (&properties.channel_arn, &properties.channel_flow_arn, &properties.chime_bearer);
    let associate = || {
        let associate = cx.messaging().associate_channel_flow().channel_arn(channel.as_str());
        associate.channel_flow_arn(flow.as_str()).chime_bearer(bearer.as_str()).send()
    };
    let conflict = match associate().await.map_err(Error::from) {
        Err(error) if error.kind() == Kind::Conflict => error,
        outcome => return outcome.map(drop),
    };
    let time_scale = cx.settings().time_scale;
    let mut patience = Patience::for_a_lag(Instant::now() + time_scale.of(LAG), time_scale);
    loop {
        match flow_of(cx, channel, bearer.as_str()).await? {
            // Or that was so before, and Chime does not show the other yet that it has now.
            Some(found) if found == flow.as_str() && may && patience.pause().await => {}
            Some(found) if found == flow.as_str() => return Ok(()),
            Some(found) if may => {
                disassociate(cx, channel, &found, bearer.as_str()).await?;
                associate().await?;
                return Ok(());
            }
            Some(found) => {
                return Err(conflict.advise(format!("The channel has the flow {found}: disassociate it first.")));
            }
            None => return Err(conflict),
        }
    }
}

async fn disassociate(cx: &Context, channel: &ChannelArn, flow: &str, bearer: &str) -> Result<()> {
    let disassociate = cx.messaging().disassociate_channel_flow().channel_arn(channel.as_str());
    disassociate.channel_flow_arn(flow).chime_bearer(bearer).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn channel_flow_and_bearer_are_of_one_app_instance() {
        let (a, b) = (
            "arn:aws:chime:us-east-1:123456789012:app-instance/a",
            "arn:aws:chime:us-east-1:123456789012:app-instance/b",
        );
        let of = |flow: &str, bearer: &str| {
            read::<ChannelFlowAssociationProperties>(&json!({"ChannelArn": format!("{a}/channel/c"),
                "ChannelFlowArn": format!("{flow}/channel-flow/f"), "ChimeBearer": format!("{bearer}/user/u")}))
        };
        assert!(of(a, a).is_ok());
        let problems = of(b, b).expect_err("wrong").to_string();
        assert_eq!(
            problems,
            format!("ChannelFlowArn must be of {a}, not of {b}; ChimeBearer must be of {a}, not of {b}")
        );
    }
}
