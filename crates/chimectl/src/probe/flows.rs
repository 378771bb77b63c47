//! Channel flows: the number of processors, replacing one, and deleting one that is in use.
//!
//! A flow names a Lambda function. By default it is one that does not exist: without messages, it is never invoked. If Chime checks it,
//! the questions cannot be asked, and suggest what would help.

use crate::probe::answer::{Abort, Answer};
use crate::probe::associations::exists;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkmessaging::types::{
    FallbackAction, InvocationType, LambdaConfiguration, Processor, ProcessorConfiguration,
};
use chime_simulator::ChannelFlowSwap;
use serde_json::json;

/// Two processors, while AWS documents one.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/using-channel-flows.html>
pub async fn two_processors(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    flow(cx, 1).await.map_err(hint)?;
    let answer = create(cx, 2).await?;
    notes.record("CreateChannelFlow with two processors", answer);
    Ok(())
}

/// Replacing the flow of a channel, and deleting one that a channel has.
pub async fn swap(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (sandbox, messaging) = (cx.sandbox()?, cx.messaging());
    let (one, other) = (flow(cx, 1).await.map_err(hint)?, flow(cx, 1).await.map_err(hint)?);
    let channel = cx.channel().await?;
    let associate = async |flow: &str| {
        let associate = messaging.associate_channel_flow().channel_arn(&channel).channel_flow_arn(flow);
        cx.call(associate.chime_bearer(&sandbox.bearer).send()).await
    };
    cx.retry_until_accepted("AssociateChannelFlow", async || associate(&one).await).await?;
    exists(notes, "AssociateChannelFlow with the flow that the channel has", &associate(&one).await?);
    let delete = messaging.delete_channel_flow().channel_flow_arn(&one).send();
    let answer = cx.call(delete).await?;
    notes.record("DeleteChannelFlow of a flow that a channel has", &answer);
    if answer.refusal().is_none() {
        return Err(Abort::NotPrepared("the channel's flow was deleted, so there is nothing to replace".to_owned()));
    }
    let answer = associate(&other).await?;
    let variant = match &answer {
        Answer::Accepted(_) => Some(ChannelFlowSwap::Replaces200),
        Answer::Refused(refusal) if refusal.status == 409 => Some(ChannelFlowSwap::Conflict409),
        Answer::Refused(_) => None,
    };
    let what = "AssociateChannelFlow with another flow than the channel has";
    notes.switch(what, answer, "channel_flow_swap", variant.map(|variant| json!(variant)));
    Ok(())
}

fn hint(stop: Abort) -> Abort {
    match stop {
        Abort::NotPrepared(why) => {
            Abort::NotPrepared(format!("{why}. --processor-arn takes a Lambda function that exists"))
        }
        stop => stop,
    }
}

async fn flow(cx: &Session, processors: i32) -> Result<String, Abort> {
    create(cx, processors).await?.require("CreateChannelFlow")
}

async fn create(cx: &Session, processors: i32) -> Result<Answer<String>, Abort> {
    let sandbox = cx.sandbox()?;
    let processors: Result<Vec<_>, _> =
        (1..=processors).map(|order| processor(cx, &sandbox.app_instance, order)).collect();
    let processors = processors.map_err(|error| Abort::NotPrepared(error.to_string()))?;
    let create = cx.messaging().create_channel_flow().app_instance_arn(&sandbox.app_instance).name(cx.fresh("flow"));
    let create = create.client_request_token(cx.token()).set_processors(Some(processors)).send();
    Ok(cx.call(create).await?.map(|made| made.channel_flow_arn.unwrap_or_default()))
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
        .resource_arn(cx.options.processor_arn.clone().unwrap_or(made_up))
        .invocation_type(InvocationType::Async)
        .build()?;
    Processor::builder()
        .name(format!("processor-{order}"))
        .execution_order(order)
        .fallback_action(FallbackAction::Continue)
        .configuration(ProcessorConfiguration::builder().lambda(lambda).build())
        .build()
}
