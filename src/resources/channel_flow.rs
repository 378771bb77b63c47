//! `Custom::ChimeChannelFlow`: Lambda functions that process each message of a channel before it is delivered.
//!
//! Chime can invoke a processor only if the function's resource policy allows `messaging.chime.amazonaws.com`. It does
//! not check the policy when the flow is created. Without the permission, the FallbackAction applies to every message.

use crate::properties::chime::processors::{Processor, must_fit_together};
use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceArn, ChannelFlowArn, InAppInstance};
use crate::properties::values::lists::List;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{Text, or_empty};
use crate::resource::ownership::tags::messaging::creation_tags;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{observed_processors, processors};

properties! {
    /// Lambda functions that process each message of a channel before it is delivered. The functions' resource policies
    /// must allow messaging.chime.amazonaws.com to invoke them.
    pub struct ChannelFlowProperties where fit_together {
        /// The app instance that contains the channel flow.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// The processors of each message. By default, the account's quota allows one processor.
        processors: List<Processor, 1, 3> => "Processors",
        /// The name. Defaults to `<stack>-<logical id>`, truncated to fit.
        name: Option<Text<1, 256>> => "Name",
        /// The tags. Chime allows fifty, six of which are reserved for ownership.
        tags: Option<Tags> => "Tags" unobserved,
    }
}

fn fit_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    must_fit_together(&raw.each_within("Processors"), raw.get("AppInstanceArn").as_ref(), problems);
}

/// A channel flow.
#[derive(Debug)]
pub struct ChannelFlow;

impl Resource for ChannelFlow {
    const TYPE: &'static str = "ChimeChannelFlow";
    const REF: &'static str = "The ARN of the channel flow.";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("ChannelFlowArn", "The ARN.", ChannelFlowArn::to_string),
        Attribute::of_id(
            "Arn",
            "The ARN, under the name that AWS::Chime::ChannelFlow uses.",
            ChannelFlowArn::to_string,
        ),
        Attribute::of_id("AppInstanceId", "The id of the app instance.", |arn| arn.app_instance_arn().id().to_owned()),
        Attribute::of_id("ChannelFlowId", "The id chosen by Chime, which is the last part of the ARN.", |arn| {
            arn.id().to_owned()
        }),
    ];
    const TRACKING: Tracking = Tracking::Tags;
    const HAS_TEMPLATE_ID: bool = false;
    type Id = ChannelFlowArn;
    type Properties = ChannelFlowProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::InParent(raw.get::<AppInstanceArn>("AppInstanceArn")?.to_string()))
    }

    fn desired(cx: &Context, stated: &Self::Properties) -> Self::Properties {
        let name = stated.name.clone().unwrap_or_else(|| Text::unchecked(cx.default_name()));
        ChannelFlowProperties { name: Some(name), ..stated.clone() }
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let create = cx.messaging().create_channel_flow();
        let output = create
            .app_instance_arn(desired.app_instance_arn.as_str())
            .name(or_empty(&desired.name))
            .set_processors(Some(processors(&desired.processors)?))
            .set_tags(Some(creation_tags(cx, desired.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.channel_flow_arn(), Some(desired.app_instance_arn.as_str()))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| (&properties.name, &properties.processors)) {
            let update = cx.messaging().update_channel_flow().channel_flow_arn(id.as_str());
            let update = update.name(or_empty(&change.desired.name));
            update.set_processors(Some(processors(&change.desired.processors)?)).send().await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        let delete = cx.messaging().delete_channel_flow().channel_flow_arn(id.as_str());
        match delete.send().await.map_err(Error::from) {
            Err(error) if error.kind() == Kind::Conflict => {
                Err(error.with_advice(advice_for_flow_in_use(cx, id).await))
            }
            outcome => outcome.map(drop),
        }
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let output = cx.messaging().describe_channel_flow().channel_flow_arn(id.as_str()).send().await?;
        Ok(output.channel_flow().map(|found| {
            let properties = ChannelFlowProperties {
                app_instance_arn: id.app_instance_arn(),
                processors: observed_processors(found.processors()),
                name: found.name().map(Text::unchecked),
                tags: None,
            };
            Observed::new(properties, found.created_timestamp())
        }))
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        let list = cx.messaging().list_channel_flows().app_instance_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let flows = page.channel_flows().iter();
        Ok(Page::of(flows.map(|flow| (flow.channel_flow_arn(), flow.name())), page.next_token()))
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
}

/// Advice for a flow that Chime does not delete. A flow can be deleted only if no channel is associated with it.
async fn advice_for_flow_in_use(cx: &Context, id: &ChannelFlowArn) -> String {
    let list = cx.messaging().list_channels_associated_with_channel_flow().channel_flow_arn(id.as_str());
    let page = list.max_results(10).send().await.ok();
    let channels = page.as_ref().map(|page| page.channels()).unwrap_or_default().iter();
    let channels: Vec<_> = channels.filter_map(|channel| Some((channel.name(), channel.channel_arn()?))).collect();
    let has_more = page.as_ref().is_some_and(|page| page.next_token().is_some_and(|token| !token.is_empty()));
    let (users, verb) = named(&channels, has_more);
    format!("{users} {verb} the flow: call DisassociateChannelFlow for each, and delete again.")
}

/// Channels by name and ARN as the subject of a sentence, and its verb. Chime may not show a name.
fn named(channels: &[(Option<&str>, &str)], has_more: bool) -> (String, &'static str) {
    let one = |(name, arn): &(Option<&str>, &str)| match name.filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({arn})"),
        None => (*arn).to_owned(),
    };
    let names = channels.iter().map(one).collect::<Vec<_>>().join(", ");
    match (channels, has_more) {
        ([], _) => ("Channels".to_owned(), "use"),
        ([_], false) => (names, "uses"),
        (_, false) => (names, "use"),
        (_, true) => (format!("{names} and other channels"), "use"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use crate::test_bed::ChimeTestBed;
    use chime_simulator::TimeScale;
    use chime_simulator::{Fault, FaultKind, Options};
    use cloudformation_local::LogicalResource;
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

    #[test]
    fn the_channels_of_a_flow_are_named_by_their_arns_and_others_are_mentioned() {
        let (room, hall) = ((Some("Room"), "arn:room"), (None, "arn:hall"));
        assert_eq!(named(&[], false), ("Channels".to_owned(), "use"));
        assert_eq!(named(&[room], false), ("Room (arn:room)".to_owned(), "uses"));
        assert_eq!(named(&[room, hall], false), ("Room (arn:room), arn:hall".to_owned(), "use"));
        assert_eq!(named(&[hall], true), ("arn:hall and other channels".to_owned(), "use"));
    }

    #[tokio::test]
    async fn a_function_is_invoked_asynchronously_by_default() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let bed = ChimeTestBed::start(Options { seed, ..Options::default() }).expect("it starts");
        let resource = LogicalResource::new("Custom::ChimeChannelFlow");
        bed.invoke(&resource.create(&flow(&["1"], "ABORT"))).await;
        let held = &bed.simulator.holds()[0]["ChannelFlows"][0];
        assert_eq!(held["Name"], "chat-Resource");
        assert_eq!(held["Processors"][0]["Configuration"]["Lambda"]["InvocationType"], "ASYNC");
    }

    #[tokio::test]
    async fn a_flow_in_use_is_not_deleted_and_the_reason_says_what_to_do() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let bed = ChimeTestBed::start(Options { seed, time_scale: TimeScale::times(20), ..Options::default() })
            .expect("it starts");
        let (resource, properties) = (LogicalResource::new("Custom::ChimeChannelFlow"), flow(&["1"], "ABORT"));
        let id = bed.invoke(&resource.create(&properties)).await.id().to_owned();
        bed.simulator.inject(Fault::always("DeleteChannelFlow", FaultKind::Conflict));
        let failed = bed.invoke(&resource.delete(&id, &properties)).await;
        assert!(failed.reason().contains("call DisassociateChannelFlow for each"), "{}", failed.reason());
        assert!(failed.reason().contains("AWS request id"), "{}", failed.reason());
    }
}
