//! Channel flows.

use crate::arn::uuid;
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::tags::Tag;
use crate::turn::{Turn, must_be_at_home};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ChannelFlow {
    pub channel_flow_arn: String,
    pub name: String,
    pub processors: Vec<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl ChannelFlow {
    fn summary(&self) -> Json {
        json!({
            "ChannelFlowArn": self.channel_flow_arn,
            "Name": self.name,
            "Processors": self.processors,
        })
    }
}

impl Turn<'_> {
    /// The channel flow that the request names.
    pub fn channel_flow(&mut self) -> Result<&mut ChannelFlow, ApiError> {
        let arn = self.text("ChannelFlowArn");
        let missing = self.missing(&arn);
        let flows = &mut self.around("ChannelFlowArn")?.channel_flows;
        flows.iter_mut().find(|flow| flow.channel_flow_arn == arn).ok_or(missing)
    }

    fn processors(&self) -> Result<Vec<Json>, ApiError> {
        let processors: Vec<Json> = self.read("Processors");
        for (index, one) in processors.iter().enumerate() {
            if processors[..index].iter().any(|b| b["ExecutionOrder"] == one["ExecutionOrder"]) {
                return Err(ApiError::bad_request("Two processors have the same ExecutionOrder"));
            }
            let function = one["Configuration"]["Lambda"]["ResourceArn"].as_str().unwrap_or_default();
            must_be_at_home(function, self.region, self.account)?;
        }
        Ok(processors)
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let arn = Turn::arn_in(&turn.text("AppInstanceArn"), "channel-flow", &uuid());
    let flow = ChannelFlow {
        channel_flow_arn: arn.clone(),
        name: turn.text("Name"),
        processors: turn.processors()?,
        tags: turn.tags()?,
        stamp: Stamp::default(),
    };
    turn.app_instance()?.channel_flows.push(flow);
    Ok(json!({"ChannelFlowArn": arn}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let flow = turn.channel_flow()?;
    let mut described = flow.summary();
    described["CreatedTimestamp"] = flow.stamp.created.into();
    described["LastUpdatedTimestamp"] = flow.stamp.updated.into();
    Ok(json!({"ChannelFlow": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    let (name, processors) = (turn.text("Name"), turn.processors()?);
    let flow = turn.channel_flow()?;
    flow.name = name;
    flow.processors = processors;
    flow.stamp.touch();
    Ok(json!({"ChannelFlowArn": flow.channel_flow_arn}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("ChannelFlowArn");
    if turn.channel_flow().is_err() {
        return turn.delete_missing(&arn);
    }
    let instance = turn.around("ChannelFlowArn")?;
    if instance.channels.iter().any(|channel| channel.channel_flow_arn.as_ref() == Some(&arn)) {
        return Err(ApiError::conflict("The channel flow is associated with a channel"));
    }
    instance.channel_flows.retain(|flow| flow.channel_flow_arn != arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let flows = turn.app_instance()?.channel_flows.iter().map(ChannelFlow::summary).collect();
    let (page, next) = turn.page(flows)?;
    Ok(json!({"ChannelFlows": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, processor, processor_of};

    #[tokio::test]
    async fn a_channel_flow_lives_and_dies() {
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
    async fn processors_are_one_to_three_in_an_order() {
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
    async fn a_processors_function_is_of_the_same_account_and_region() {
        let account = Account::new();
        let instance = account.app_instance().await;
        for home in ["us-east-1:210987654321", "eu-central-1:123456789012"] {
            let arn = format!("arn:aws:lambda:{home}:function:processor");
            let create = account.messaging.create_channel_flow().app_instance_arn(&instance);
            let create = create.name("f").processors(processor_of(1, &arn)).send().await;
            assert_eq!(failure(create), is(400, "BadRequest"), "{home}");
        }
        assert!(account.simulator.holds()[0].get("ChannelFlows").is_none());
    }
}
