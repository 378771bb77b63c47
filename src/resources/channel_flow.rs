//! `Custom::ChimeChannelFlow`: Lambda functions that see each message of a channel before it is delivered.
//!
//! Chime calls a processor only if its resource policy lets `messaging.chime.amazonaws.com` invoke it. It does not check that
//! here: without the permission, each message meets the FallbackAction.

use super::app_instance::nothing_if_gone;
use crate::arns::{AppInstanceArn, ChannelFlowArn, InAppInstance, LambdaFunctionArn};
use crate::chime::list;
use crate::error::{Error, Kind, Result};
use crate::ownership::Owner;
use crate::properties::Problems;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::tags::{TagChange, Tags, messaging as tagging};
use crate::values::{List, Text, Whole};
use aws_sdk_chimesdkmessaging::types as sdk;

crate::properties! {
    /// Lambda functions that see each message of a channel before it is delivered. Their permissions must let
    /// messaging.chime.amazonaws.com invoke them.
    pub struct ChannelFlowProperties where has_distinct_orders {
        /// The app instance it belongs to.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// What messages pass through. An account is allowed one processor unless AWS has raised that quota.
        processors: List<Processor, 1, 3> => "Processors",
        /// Its name. `<stack>-<logical id>` unless given, cut to fit.
        name: Option<Text<1, 256>> => "Name",
        /// Its tags. Chime takes fifty, three of which say whose the resource is.
        tags: Option<Tags> => "Tags",
    }
}

crate::properties! {
    /// One step of a flow.
    pub struct Processor {
        /// Its name.
        name: Text<1, 256> => "Name",
        /// Its place among the steps, each taken once.
        execution_order: Whole<1, 3> => "ExecutionOrder",
        /// What becomes of a message that it does not process.
        fallback_action: FallbackAction => "FallbackAction",
        /// What it runs.
        configuration: ProcessorConfiguration => "Configuration",
    }
}

crate::properties! {
    /// What a processor runs.
    pub struct ProcessorConfiguration {
        /// A Lambda function.
        lambda: LambdaConfiguration => "Lambda",
    }
}

crate::properties! {
    /// The function that a processor runs.
    pub struct LambdaConfiguration {
        /// The function, in the account and region of the app instance.
        resource_arn: LambdaFunctionArn => "ResourceArn",
        /// How Chime invokes it. ASYNC unless given.
        invocation_type: Option<InvocationType> => "InvocationType",
    }
}

crate::choices! {
    /// What becomes of a message that a processor does not process.
    pub enum FallbackAction {
        /// It goes on.
        Continue = "CONTINUE",
        /// It goes no further.
        Abort = "ABORT",
    }
}

crate::choices! {
    /// How Chime invokes a function. It knows one way.
    pub enum InvocationType {
        /// Asynchronously: the function answers by ChannelFlowCallback.
        Async = "ASYNC",
    }
}

fn has_distinct_orders(properties: &ChannelFlowProperties, problems: &mut Problems) {
    for (at, processor) in properties.processors.iter().enumerate() {
        let order = processor.execution_order;
        if properties.processors.iter().take(at).any(|earlier| earlier.execution_order == order) {
            problems.within(&format!("Processors[{at}].ExecutionOrder"), |problems| {
                problems.add(format_args!("must not repeat {}", order.get()));
            });
        }
    }
}

impl ChannelFlowProperties {
    fn name(&self, cx: &Context) -> String {
        self.name.as_ref().map_or_else(|| cx.default_name(), |name| name.as_str().to_owned())
    }

    fn sdk_processors(&self) -> Result<Vec<sdk::Processor>> {
        self.processors.iter().map(Processor::to_sdk).collect()
    }
}

impl Processor {
    fn to_sdk(&self) -> Result<sdk::Processor> {
        let lambda = &self.configuration.lambda;
        let invocation_type = lambda.invocation_type.unwrap_or(InvocationType::Async);
        let lambda = sdk::LambdaConfiguration::builder()
            .resource_arn(lambda.resource_arn.as_str())
            .invocation_type(invocation_type.as_str().into())
            .build()
            .map_err(Error::bug)?;
        sdk::Processor::builder()
            .name(self.name.as_str())
            .execution_order(self.execution_order.get())
            .fallback_action(self.fallback_action.as_str().into())
            .configuration(sdk::ProcessorConfiguration::builder().lambda(lambda).build())
            .build()
            .map_err(Error::bug)
    }
}

/// A channel flow.
#[derive(Debug)]
pub struct ChannelFlow;

impl Resource for ChannelFlow {
    const TYPE: &'static str = "ChimeChannelFlow";
    const IDENTITY: Identity = Identity::ChosenByChime;
    const REF: &'static str = "The ARN of the channel flow.";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] = &[("ChannelFlowArn", "The ARN.")];
    type Id = ChannelFlowArn;
    type Properties = ChannelFlowProperties;

    fn replaces(id: &ChannelFlowArn, properties: &ChannelFlowProperties) -> bool {
        id.app_instance_arn() != properties.app_instance_arn
    }

    async fn create(cx: &Context, properties: &ChannelFlowProperties) -> Result<Live> {
        let output = cx
            .messaging()
            .create_channel_flow()
            .app_instance_arn(properties.app_instance_arn.as_str())
            .name(properties.name(cx))
            .set_processors(Some(properties.sdk_processors()?))
            .set_tags(Some(tagging::at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        Ok(live(&cx.made(output.channel_flow_arn())?))
    }

    async fn update(cx: &Context, id: &ChannelFlowArn, change: &Change<'_, ChannelFlowProperties>) -> Result<Live> {
        if change.differs(|properties| (properties.name(cx), &properties.processors)) {
            let update = cx.messaging().update_channel_flow().channel_flow_arn(id.as_str());
            let update = update.name(change.wanted.name(cx));
            update.set_processors(Some(change.wanted.sdk_processors()?)).send().await?;
        }
        tagging::apply(cx, id.as_str(), &TagChange::of(change, |properties| properties.tags.as_ref())).await?;
        Ok(live(id))
    }

    async fn delete(cx: &Context, id: &ChannelFlowArn) -> Result<()> {
        let delete = cx.messaging().delete_channel_flow().channel_flow_arn(id.as_str());
        delete.send().await.map_err(|error| match Error::from(error) {
            error if error.kind() == Kind::Conflict => error.advise(
                "A flow can be deleted only while no channel is associated with it: find them with \
                 ListChannelsAssociatedWithChannelFlow, call DisassociateChannelFlow for each, and delete again.",
            ),
            error => error,
        })?;
        Ok(())
    }

    async fn is_listed(cx: &Context, id: &ChannelFlowArn) -> Result<bool> {
        let flows = list(cx, &id.app_instance_arn()).await?;
        Ok(flows.iter().any(|flow| flow.channel_flow_arn() == Some(id.as_str())))
    }

    async fn find(cx: &Context, properties: &ChannelFlowProperties, owner: &Owner) -> Result<Vec<ChannelFlowArn>> {
        let name = properties.name(cx);
        let flows = list(cx, &properties.app_instance_arn).await?;
        let candidates = flows.iter().filter(|flow| flow.name().is_none_or(|found| found == name));
        tagging::owned(cx, candidates.filter_map(|flow| flow.channel_flow_arn()).collect(), owner).await
    }
}

async fn list(cx: &Context, app_instance: &AppInstanceArn) -> Result<Vec<sdk::ChannelFlowSummary>> {
    match list!(cx.messaging().list_channel_flows().app_instance_arn(app_instance.as_str()), channel_flows) {
        Ok(found) => Ok(found),
        Err(error) => nothing_if_gone(cx, app_instance, error).await,
    }
}

fn live(arn: &ChannelFlowArn) -> Live {
    Live::new(arn, [("ChannelFlowArn", arn.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use chime_local::logical_resource::LogicalResource;
    use chime_local::rehearsal::Rehearsal;
    use chime_local::simulator::{Fault, FaultKind, Options};
    use serde_json::{Value as Json, json};

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn flow(orders: &[&str], action: &str) -> Json {
        let processor = |order: &&str| {
            json!({"Name": "P", "ExecutionOrder": order, "FallbackAction": action,
                "Configuration": {"Lambda": {"ResourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}}})
        };
        json!({"AppInstanceArn": APP, "Processors": orders.iter().map(processor).collect::<Vec<_>>()})
    }

    #[test]
    fn processors_have_distinct_orders_and_known_actions() {
        let problems = |json| read::<ChannelFlowProperties>(&json).expect_err("wrong").to_string();
        assert_eq!(problems(flow(&["1", "2", "1"], "ABORT")), "Processors[2].ExecutionOrder must not repeat 1");
        assert_eq!(
            problems(flow(&["4"], "ABBORT")),
            "Processors[0].ExecutionOrder must be a whole number from 1 to 3, not \"4\"; \
             Processors[0].FallbackAction must be CONTINUE or ABORT, not \"ABBORT\", did you mean ABORT?"
        );
        assert_eq!(
            problems(flow(&["1", "2", "3", "1"], "ABORT")),
            "Processors must be a list of 1 to 3 items, it has 4; Processors[3].ExecutionOrder must not repeat 1"
        );
    }

    #[tokio::test]
    async fn a_function_is_invoked_asynchronously_unless_it_is_said_otherwise() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let rehearsal = Rehearsal::start(Options { seed, ..Options::default() }).expect("it starts");
        let resource = LogicalResource::new("Custom::ChimeChannelFlow");
        rehearsal.invoke(&resource.create(&flow(&["1"], "ABORT"))).await;
        let held = &rehearsal.simulator.holds()[0]["ChannelFlows"][0];
        assert_eq!(held["Name"], "chat-Resource");
        assert_eq!(held["Processors"][0]["Configuration"]["Lambda"]["InvocationType"], "ASYNC");
    }

    #[tokio::test]
    async fn a_flow_that_a_channel_holds_on_to_is_not_deleted_and_the_reason_says_how_to() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let rehearsal = Rehearsal::start(Options { seed, ..Options::default() }).expect("it starts");
        let (resource, properties) = (LogicalResource::new("Custom::ChimeChannelFlow"), flow(&["1"], "ABORT"));
        let id = rehearsal.invoke(&resource.create(&properties)).await.id().to_owned();
        rehearsal.simulator.inject(Fault::always("DeleteChannelFlow", FaultKind::Conflict));
        let failed = rehearsal.invoke(&resource.delete(&id, &properties)).await;
        assert!(failed.reason().contains("call DisassociateChannelFlow for each"), "{}", failed.reason());
        assert!(failed.reason().contains("AWS request id"), "{}", failed.reason());
    }
}
