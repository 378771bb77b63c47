//! Channel flows.

use crate::arn::uuid;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::channel_flow::ChannelFlow;
use crate::state::entity::Stamp;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("CreateChannelFlow", create),
    ("DescribeChannelFlow", describe),
    ("UpdateChannelFlow", update),
    ("DeleteChannelFlow", delete),
    ("ListChannelFlows", list),
];

fn create(cx: &mut OperationContext) -> Answer {
    let arn = format!("{}/channel-flow/{}", cx.text("AppInstanceArn"), uuid());
    let flow = ChannelFlow {
        channel_flow_arn: arn.clone(),
        name: cx.text("Name"),
        processors: processors(cx)?,
        tags: cx.tags()?,
        stamp: Stamp::default(),
    };
    cx.app_instance()?.channel_flows.push(flow);
    Ok(json!({"ChannelFlowArn": arn}))
}

fn describe(cx: &mut OperationContext) -> Answer {
    let flow = cx.channel_flow()?;
    let mut described = flow.summary();
    flow.stamp.write_to(&mut described);
    Ok(json!({"ChannelFlow": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    let (name, processors) = (cx.text("Name"), processors(cx)?);
    let flow = cx.channel_flow()?;
    flow.name = name;
    flow.processors = processors;
    flow.stamp.touch();
    Ok(json!({"ChannelFlowArn": flow.channel_flow_arn}))
}

fn delete(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("ChannelFlowArn");
    if cx.channel_flow().is_err() {
        return cx.delete_missing(&arn);
    }
    let instance = cx.app_instance_of("ChannelFlowArn")?;
    if instance.channels.iter().any(|channel| channel.channel_flow_arn.as_ref() == Some(&arn)) {
        return Err(ApiError::conflict("The channel flow is associated with a channel"));
    }
    instance.channel_flows.retain(|flow| flow.channel_flow_arn != arn);
    Ok(Json::Null)
}

fn list(cx: &mut OperationContext) -> Answer {
    let flows = cx.app_instance()?.channel_flows.iter().map(ChannelFlow::summary).collect();
    cx.page(json!({}), "ChannelFlows", flows)
}

/// The processors in the request.
fn processors(cx: &OperationContext) -> Result<Vec<Json>, ApiError> {
    let processors: Vec<Json> = cx.read("Processors");
    for (index, one) in processors.iter().enumerate() {
        if processors[..index].iter().any(|before| before["ExecutionOrder"] == one["ExecutionOrder"]) {
            return Err(ApiError::bad_request("Two processors have the same ExecutionOrder"));
        }
        cx.check_scope(one["Configuration"]["Lambda"]["ResourceArn"].as_str().unwrap_or_default())?;
    }
    Ok(processors)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, processor, processor_of};

    #[tokio::test]
    async fn a_channel_flow_is_created_updated_listed_and_deleted() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let arn = account.channel_flow(&instance).await;
        assert!(arn.starts_with(&format!("{instance}/channel-flow/")), "{arn}");

        let update = chime.update_channel_flow().channel_flow_arn(&arn).name("new");
        update.processors(processor(1)).processors(processor(2)).send().await.unwrap();
        let describe = || chime.describe_channel_flow().channel_flow_arn(&arn).send();
        let flow = describe().await.unwrap().channel_flow.unwrap();
        assert_eq!((flow.name(), flow.processors().len()), (Some("new"), 2));
        let list = chime.list_channel_flows().app_instance_arn(&instance).send().await.unwrap();
        assert_eq!(list.channel_flows.unwrap().len(), 1);
        let list = chime.list_channels_associated_with_channel_flow().channel_flow_arn(&arn);
        assert!(list.send().await.unwrap().channels.unwrap().is_empty());

        chime.delete_channel_flow().channel_flow_arn(&arn).send().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn there_are_one_to_three_processors_in_a_distinct_order() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let create = async |orders: &[i32]| {
            let list = orders.iter().copied().map(processor).collect();
            let create = account.messaging.create_channel_flow().app_instance_arn(&instance);
            failure(create.name("f").set_processors(Some(list)).send().await)
        };
        assert_eq!(create(&[]).await, is(400, "BadRequest"));
        assert_eq!(create(&[1, 1]).await, is(400, "BadRequest"));
        assert_eq!(create(&[4]).await, is(400, "BadRequest"));
    }

    #[tokio::test]
    async fn a_processors_function_is_in_the_same_account_and_region() {
        let account = Account::new();
        let instance = account.app_instance().await;
        for scope in ["us-east-1:210987654321", "eu-central-1:123456789012"] {
            let arn = format!("arn:aws:lambda:{scope}:function:processor");
            let create = account.messaging.create_channel_flow().app_instance_arn(&instance);
            let create = create.name("f").processors(processor_of(1, &arn)).send().await;
            assert_eq!(failure(create), is(400, "BadRequest"), "{scope}");
        }
        assert!(account.simulator.holds()[0].get("ChannelFlows").is_none());
    }
}
