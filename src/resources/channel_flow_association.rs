//! `Custom::ChimeChannelFlowAssociation`: the channel flow that processes a channel's messages. A channel has at most
//! one.

use crate::chime::poll::{Poll, Window, poll};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_of_one_app_instance};
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, ChannelFlowArn};
use crate::resource::ids::setting;
use crate::resource::prelude::*;

properties! {
    /// The channel flow that processes a channel's messages. A channel has at most one.
    pub struct ChannelFlowAssociationProperties where fits_together {
        /// The channel.
        channel_arn: ChannelArn => "ChannelArn" create_only,
        /// The flow. A new flow replaces the old one.
        channel_flow_arn: ChannelFlowArn => "ChannelFlowArn",
        /// Who manages the association: an admin of the app instance, or a moderator of the channel.
        chime_bearer: AppInstanceMemberArn => "ChimeBearer" unobserved,
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    let others = [
        ("ChannelFlowArn", app_instance_of::<ChannelFlowArn>(raw, "ChannelFlowArn")),
        ("ChimeBearer", app_instance_of::<AppInstanceMemberArn>(raw, "ChimeBearer")),
    ];
    must_be_of_one_app_instance(app_instance_of::<ChannelArn>(raw, "ChannelArn"), &others, problems);
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
    const TRACKING: Tracking = Tracking::ParentTag("cfn:channel-flow");
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["ChannelArn"];
    const NEEDS_BEARER: bool = true;
    const EXISTENCE: Existence = Existence::Observation;
    type Id = ChannelFlowAssociationId;
    type Properties = ChannelFlowAssociationProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::ById(ChannelFlowAssociationId(raw.get("ChannelArn")?)))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let id = ChannelFlowAssociationId(desired.channel_arn.clone());
        associate(cx, desired, OnExistingFlow::Fail).await?;
        cx.claim(&id);
        Ok(Provisioned::new(id))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| &properties.channel_flow_arn) {
            associate(cx, change.desired, OnExistingFlow::Replace).await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, raw: &RawProperties<'_>, actor: &Actor) -> Result<()> {
        // Chime may not show a recent association yet, or it may still show the flow before it.
        let shown = flow_of(cx, &id.0, actor.as_str()).await?;
        let stated = raw.get::<ChannelFlowArn>("ChannelFlowArn").map(|flow| flow.to_string());
        let stated = stated.filter(|stated| shown.as_ref() != Some(stated));
        let mut absence = Error::new(Kind::NotFound, format!("{} has no channel flow", id.0));
        for flow in [shown, stated].into_iter().flatten() {
            match disassociate(cx, &id.0, &flow, actor.as_str()).await {
                // Any other refusal is about the flow that is there, and says nothing about the stated one.
                Err(error) if error.kind() == Kind::NotFound => absence = error,
                outcome => return outcome,
            }
        }
        Err(absence)
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        actor: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        Ok(flow_of(cx, &id.0, actor.as_str()).await?.map(|flow| {
            let properties = ChannelFlowAssociationProperties {
                channel_arn: id.0.clone(),
                channel_flow_arn: ChannelFlowArn::unchecked(&flow),
                chime_bearer: AppInstanceMemberArn::unchecked(actor.as_str()),
            };
            Observed::new(properties, None)
        }))
    }

    fn owner_arn(id: &Self::Id) -> String {
        id.0.to_string()
    }
}

/// The channel's current flow.
async fn flow_of(cx: &Context, channel: &ChannelArn, bearer: &str) -> Result<Option<String>> {
    let output = cx.messaging().describe_channel().channel_arn(channel.as_str()).chime_bearer(bearer).send().await?;
    Ok(output.channel.and_then(|channel| channel.channel_flow_arn))
}

/// What to do if the channel already has a flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnExistingFlow {
    /// Keep it and fail.
    Fail,
    /// Replace it with the new one.
    Replace,
}

/// Associates the flow. Chime may require that the old one is disassociated first.
async fn associate(
    cx: &Context,
    desired: &ChannelFlowAssociationProperties,
    on_existing: OnExistingFlow,
) -> Result<()> {
    let (channel, flow, bearer) = (&desired.channel_arn, &desired.channel_flow_arn, &desired.chime_bearer);
    let associate = || {
        let associate = cx.messaging().associate_channel_flow().channel_arn(channel.as_str());
        associate.channel_flow_arn(flow.as_str()).chime_bearer(bearer.as_str()).send()
    };
    let conflict = match associate().await.map_err(Error::from) {
        Err(error) if error.kind() == Kind::Conflict => error,
        outcome => return outcome.map(drop),
    };
    let window = Window::consistency(cx.settings().time_scale);
    let found = poll(cx.settings().time_scale, async || {
        let found = flow_of(cx, channel, bearer.as_str()).await?;
        if on_existing == OnExistingFlow::Fail {
            return Ok(Poll::Ready(found));
        }
        match found.as_deref().filter(|found| *found != flow.as_str()) {
            // Without another flow there is no reason for a Conflict: Chime does not show the current state yet.
            None if window.is_open() => Ok(Poll::Again(window)),
            None => Ok(Poll::Ready(found)),
            Some(other) => match disassociate(cx, channel, other, bearer.as_str()).await {
                // Chime still shows a flow that has been replaced since.
                Err(error) if error.could_be_not_found() && window.is_open() => Ok(Poll::Again(window)),
                outcome => outcome.map(|()| Poll::Ready(found)),
            },
        }
    })
    .await?;
    match (found, on_existing) {
        (Some(found), _) if found == flow.as_str() => Ok(()),
        (Some(_), OnExistingFlow::Replace) => associate().await.map(drop).map_err(Error::from),
        (Some(found), OnExistingFlow::Fail) => {
            Err(conflict.with_advice(format!("The channel already has the flow {found}: disassociate it first.")))
        }
        (None, _) => Err(conflict),
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
    fn channel_flow_and_bearer_belong_to_one_app_instance() {
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
            format!("ChannelFlowArn must belong to {a}, not to {b}; ChimeBearer must belong to {a}, not to {b}")
        );
    }
}
