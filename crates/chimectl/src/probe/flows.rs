//! Channel flows: how many processors, one in place of another, and one that is in use.
//!
//! A flow names a Lambda function. Without one from the user, it is one that does not exist: no message is sent, and so none is
//! invoked. Where Chime looks for it, the questions could not be asked, and say what would help.

use crate::probe::answer::{Answer, Stop};
use crate::probe::associations::exists;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkmessaging::types::{
    FallbackAction, InvocationType, LambdaConfiguration, Processor, ProcessorConfiguration,
};
use chime_simulator::ChannelFlowSwap;
use serde_json::json;

/// Two processors where AWS documents one.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/using-channel-flows.html>
pub async fn two_processors(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    flow(cx, 1).await.map_err(hint)?;
    let answer = create(cx, 2).await?;
    notes.told("CreateChannelFlow with two processors", answer);
    Ok(())
}

/// A flow in the place of another, and the deletion of one that a channel has.
pub async fn swap(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let (place, messaging) = (cx.place()?, cx.messaging());
    let (one, other) = (flow(cx, 1).await.map_err(hint)?, flow(cx, 1).await.map_err(hint)?);
    let channel = cx.channel().await?;
    let associate = async |flow: &str| {
        let associate = messaging.associate_channel_flow().channel_arn(&channel).channel_flow_arn(flow);
        cx.ask(associate.chime_bearer(&place.bearer).send()).await
    };
    cx.soon("AssociateChannelFlow", async || associate(&one).await).await?;
    exists(notes, "AssociateChannelFlow with the flow that the channel has", &associate(&one).await?);
    let delete = messaging.delete_channel_flow().channel_flow_arn(&one).send();
    let answer = cx.ask(delete).await?;
    notes.told("DeleteChannelFlow of a flow that a channel has", &answer);
    if answer.no().is_none() {
        return Err(Stop::Unprepared(
            "the flow that the channel has is deleted, and nothing is left to swap".to_owned(),
        ));
    }
    let answer = associate(&other).await?;
    let variant = match &answer {
        Answer::Yes(_) => Some(ChannelFlowSwap::Replaces200),
        Answer::No(refusal) if refusal.status == 409 => Some(ChannelFlowSwap::Conflict409),
        Answer::No(_) => None,
    };
    let what = "AssociateChannelFlow with another flow than the channel has";
    notes.switch(what, answer, "channel_flow_swap", variant.map(|variant| json!(variant)));
    Ok(())
}

fn hint(stop: Stop) -> Stop {
    match stop {
        Stop::Unprepared(why) => {
            Stop::Unprepared(format!("{why}. With --processor-arn, a Lambda function that exists is the processor"))
        }
        stop => stop,
    }
}

async fn flow(cx: &Session, processors: i32) -> Result<String, Stop> {
    create(cx, processors).await?.needed("CreateChannelFlow")
}

async fn create(cx: &Session, processors: i32) -> Result<Answer<String>, Stop> {
    let place = cx.place()?;
    let processors: Result<Vec<_>, _> =
        (1..=processors).map(|order| processor(cx, &place.app_instance, order)).collect();
    let processors = processors.map_err(|error| Stop::Unprepared(error.to_string()))?;
    let create = cx.messaging().create_channel_flow().app_instance_arn(&place.app_instance).name(cx.fresh("flow"));
    let create = create.client_request_token(cx.token()).set_processors(Some(processors)).send();
    Ok(cx.ask(create).await?.map(|made| made.channel_flow_arn.unwrap_or_default()))
}

fn processor(
    cx: &Session,
    app_instance: &str,
    order: i32,
) -> Result<Processor, aws_sdk_chimesdkmessaging::error::BuildError> {
    let parts: Vec<&str> = app_instance.split(':').collect();
    let made_up = match parts[..] {
        ["arn", partition, "chime", region, account, _] => {
            format!("arn:{partition}:lambda:{region}:{account}:function:chimectl-probe")
        }
        _ => String::new(),
    };
    let lambda = LambdaConfiguration::builder()
        .resource_arn(cx.given.processor_arn.clone().unwrap_or(made_up))
        .invocation_type(InvocationType::Async)
        .build()?;
    Processor::builder()
        .name(format!("processor-{order}"))
        .execution_order(order)
        .fallback_action(FallbackAction::Continue)
        .configuration(ProcessorConfiguration::builder().lambda(lambda).build())
        .build()
}
