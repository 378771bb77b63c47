//! Defects of `cdk-amazon-chime-resources` 3.2.25 that this function does not share. It serves that library's
//! constructs.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

#[path = "support/test_bed.rs"]
mod test_bed;

use crate::test_bed::{ChimeTestBed, Outcome};
use chime_simulator::Options;
use cloudformation_local::LogicalResource;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";
const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

fn bed() -> ChimeTestBed {
    let seed = json!([{"AppInstanceArn": APP, "Name": "Chat", "Users": [{"AppInstanceUserArn": format!("{APP}/user/u"), "Name": "U"}]}]);
    ChimeTestBed::start(Options { seed, ..Options::default() }).expect("it starts")
}

fn construct(resource_type: &str, properties: Value) -> Value {
    json!({"resourceType": resource_type, "uid": "stackConstruct", "properties": properties})
}

fn resource(logical_id: &str) -> LogicalResource {
    LogicalResource { logical_id: logical_id.to_owned(), ..LogicalResource::new(CUSTOM_RESOURCE) }
}

async fn succeed(bed: &ChimeTestBed, event: Value) -> Outcome {
    let outcome = bed.invoke(&event).await;
    assert_eq!(outcome.status(), "SUCCESS", "{}", outcome.reason());
    outcome
}

/// The properties of the seven constructs, each with a change if one is possible.
fn constructs() -> Vec<(Value, Option<Value>)> {
    let bot = |name: &str| {
        json!({"name": name, "appInstanceArn": APP, "configuration": {"lex": {"localeId": "en_US",
            "lexBotAliasArn": "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID"}}})
    };
    let flow = |action: &str| {
        json!({"name": "F", "appInstanceArn": APP, "processors": [{"name": "P", "executionOrder": "1",
            "fallbackAction": action, "configuration": {"lambda": {"invocationType": "ASYNC",
            "resourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}}}]})
    };
    let streaming = |data_type: &str| {
        json!({"appInstanceArn": APP, "streamingConfigs": [{"appInstanceDataType": data_type,
            "resourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a"}]})
    };
    let user = |name: &str| json!({"name": name, "appInstanceArn": APP, "appInstanceUserId": "ada"});
    let both = |name, first: Value, second: Value| (construct(name, first), Some(construct(name, second)));
    vec![
        both("AppInstance", json!({"name": "A"}), json!({"name": "B", "metadata": "m"})),
        both("AppInstanceUser", user("A"), user("B")),
        (
            construct(
                "AppInstanceAdmin",
                json!({"appInstanceArn": APP, "appInstanceAdminArn": format!("{APP}/user/u")}),
            ),
            None,
        ),
        both("AppInstanceBot", bot("A"), bot("B")),
        both("ChannelFlow", flow("ABORT"), flow("CONTINUE")),
        both("StreamingConfig", streaming("Channel"), streaming("ChannelMessage")),
        both(
            "DataRetention",
            json!({"appInstanceArn": APP, "dataRetention": "1"}),
            json!({"appInstanceArn": APP, "dataRetention": "2"}),
        ),
    ]
}

#[tokio::test]
async fn a_response_does_not_contain_attributes_of_an_earlier_resource() {
    let bed = bed();
    let user = construct("AppInstanceUser", json!({"name": "A", "appInstanceArn": APP, "appInstanceUserId": "ada"}));
    let created = succeed(&bed, resource("User").create(&user)).await;
    assert_eq!(created.attribute("appInstanceUser"), created.id());
    let retention = construct("DataRetention", json!({"appInstanceArn": APP, "dataRetention": "1"}));
    let created = succeed(&bed, resource("Retention").create(&retention)).await;
    let data = created.answer.expect("an answer")["Data"].clone();
    assert_eq!(data, json!({"AppInstanceArn": APP, "RetentionDays": "1"}));
}

#[tokio::test]
async fn an_update_is_applied_and_returns_the_construct_attributes() {
    let read = [
        "appInstanceArn",
        "appInstanceUser",
        "AppInstanceAdminArn",
        "appInstanceBot",
        "channelFlowArn",
        "AppInstanceArn",
        "AppInstanceArn",
    ];
    for ((properties, changed), attribute) in constructs().into_iter().zip(read) {
        let bed = bed();
        let created = succeed(&bed, resource("R").create(&properties)).await;
        let (before, changed) = (bed.simulator.holds(), changed.unwrap_or(properties.clone()));
        let updated = succeed(&bed, resource("R").update(created.id(), &properties, &changed)).await;
        assert!(!updated.attribute(attribute).is_empty(), "{attribute}");
        assert_eq!(updated.attribute(attribute), created.attribute(attribute));
        assert_eq!(bed.simulator.holds() == before, changed == properties, "{properties}");
    }
}

#[tokio::test]
async fn a_delete_works_for_every_construct() {
    for (properties, _) in constructs() {
        let bed = bed();
        let before = bed.simulator.holds();
        let created = succeed(&bed, resource("R").create(&properties)).await;
        assert_ne!(bed.simulator.holds(), before, "{properties}");
        succeed(&bed, resource("R").delete(created.id(), &properties)).await;
        assert_eq!(bed.simulator.holds(), before, "{properties}");
    }
}

#[tokio::test]
async fn every_resource_has_a_physical_id_of_its_own() {
    let bed = bed();
    let mut ids = Vec::new();
    for (at, (properties, _)) in constructs().into_iter().enumerate() {
        ids.push(succeed(&bed, resource(&format!("R{at}")).create(&properties)).await.id().to_owned());
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn a_user_name_has_chimes_limit() {
    let bed = bed();
    let user = |name: &str| {
        construct("AppInstanceUser", json!({"name": name, "appInstanceArn": APP, "appInstanceUserId": "ada"}))
    };
    let failed = bed.invoke(&resource("User").create(&user(&"n".repeat(101)))).await;
    assert!(failed.reason().starts_with("Name must be text of 1 to 100 characters"), "{}", failed.reason());
    assert!(failed.calls.is_empty());
    succeed(&bed, resource("User").create(&user(&"n".repeat(100)))).await;
}

#[test]
fn the_function_stores_nothing_outside_chime_and_writes_no_role_policy() {
    let template = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml")).expect("a template");
    for action in ["ssm:", "iam:PutRolePolicy", "- chime:*", "Action: \"*\""] {
        assert!(!template.contains(action), "{action}");
    }
}
