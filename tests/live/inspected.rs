//! A stack as the library left it, as tools see it: nothing is changed, and nothing is taken over.

use super::world::*;
use chime_messaging_resources::inspection::{Inspection, Owner, StatedResource, inspect};
use chime_messaging_resources::{Chime, ChimeError, Settings, http_client};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

async fn inspected(live: &Live, kind: &str, properties: &Value) -> Result<Inspection, ChimeError> {
    let variables = [
        ("AWS_ENDPOINT_URL", live.url()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
    ];
    let settings = Settings::of(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()));
    let chime = Chime::new(Arc::new(settings), http_client(None).unwrap(), Duration::from_secs(20));
    let event = resource(kind).create(properties);
    let stated = StatedResource {
        stack_id: event["StackId"].as_str().unwrap(),
        logical_id: kind,
        resource_type: "AWS::CloudFormation::CustomResource",
        physical_id: LEGACY_ID,
        properties,
        unknown: &[],
    };
    let before = live.holds();
    let inspection = inspect(chime, None, stated).await;
    assert_eq!(live.holds(), before);
    inspection
}

#[tokio::test]
async fn every_construct_is_found_and_compared_by_our_names() {
    let live = Live::written(&[APP], &[OWN_SESSION]);
    for (kind, properties) in constructs(APP) {
        match inspected(&live, kind, &properties).await {
            Ok(Inspection::Present { identity, differences, owner: Ok(Owner::OlderLibrary), .. }) => {
                assert!(identity.id.starts_with(APP) && differences.is_empty(), "{kind}: {identity:?} {differences:?}");
            }
            other => panic!("{kind}: {other:?}"),
        }
    }
    for (kind, name, value, path) in [
        ("AppInstance", "name", "Support", "Name"),
        ("AppInstanceUser", "name", "Augusta", "Name"),
        ("DataRetention", "dataRetention", "9", "RetentionDays"),
    ] {
        let properties = with(&constructs(APP)[kind], name, value);
        let Ok(Inspection::Present { differences, .. }) = inspected(&live, kind, &properties).await else {
            panic!("{kind} is not there")
        };
        assert_eq!(differences.iter().map(|it| &*it.path).collect::<Vec<_>>(), [path], "{kind}");
    }
}

#[tokio::test]
async fn what_has_been_taken_over_is_its_constructs_own() {
    let live = Live::written(&[APP], &[OWN_SESSION]);
    let properties = &constructs(APP)["AppInstanceUser"];
    live.succeed(resource("AppInstanceUser").update(LEGACY_ID, properties, properties)).await;
    let inspection = inspected(&live, "AppInstanceUser", properties).await;
    assert!(matches!(&inspection, Ok(Inspection::Present { owner: Ok(Owner::This(_)), .. })), "{inspection:?}");
}

#[tokio::test]
async fn what_is_gone_is_gone_and_doubt_is_an_error() {
    let live = Live::written(&[APP], &[OWN_SESSION]);
    let constructs = constructs(APP);
    live.change(|mut held| {
        held[0]["Users"].as_array_mut().unwrap().retain(|user| user["Name"] != "Ada");
        held[0]["Admins"] = serde_json::json!([]);
        held
    })
    .unwrap();
    let inspection = inspected(&live, "AppInstanceUser", &constructs["AppInstanceUser"]).await;
    assert!(matches!(inspection, Ok(Inspection::Gone(_))), "{inspection:?}");
    // Nothing says which app instance it was.
    live.delete_parameters();
    let error = inspected(&live, "AppInstance", &constructs["AppInstance"]).await.expect_err("nobody knows");
    assert!(error.to_string().contains("Cannot determine which ChimeAppInstance this is"), "{error}");
}
