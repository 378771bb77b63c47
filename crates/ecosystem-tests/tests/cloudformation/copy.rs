//! A second copy of the function in the same account, with every parameter of `template.yaml` set.

use chimectl::function_stack::deploy_copy;
use cloudformation_local::Stack;
use ecosystem_tests::programs::function;
use serde_json::json;

use super::world::World;

/// A value other than the default for each parameter.
const PARAMETERS: [(&str, &str); 9] = [
    ("ResponseBuckets", "answers.s3.us-east-1.amazonaws.com"),
    ("NamePrefix", "staging-chime-messaging-resources"),
    ("ChimeRegion", "us-east-1"),
    ("LogRetentionInDays", "30"),
    ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:operators"),
    ("PermissionsBoundaryArn", "arn:aws:iam::123456789012:policy/boundary"),
    ("LogKmsKeyArn", "arn:aws:kms:us-east-1:123456789012:key/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e"),
    ("ReservedConcurrency", "5"),
    ("Architecture", "arm64"),
];

#[tokio::test]
async fn a_second_copy_of_the_function_works_beside_the_first() {
    let world = World::new();
    let parameters = PARAMETERS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let copy =
        deploy_copy(&world.account, &function(), &world.simulator.url(), "staging", &parameters, |_| ()).await.unwrap();
    assert_eq!(copy.status, "CREATE_COMPLETE", "{:#?}", copy.events);
    let outputs = Stack::new(&world.account, "staging").outputs().await.unwrap();
    assert!(outputs[0].value.ends_with(":function:staging-chime-messaging-resources"), "{outputs:?}");

    let of = |token: &str| {
        let properties = json!({"ServiceToken": {"Fn::ImportValue": token}, "ServiceTimeout": 60});
        json!({"Type": "Custom::ChimeAppInstance", "Properties": properties})
    };
    let both = json!({"Resources": {
        "Live": of("chime-messaging-resources-ServiceToken"), "Staging": of("staging-chime-messaging-resources-ServiceToken"),
    }});
    let ids = world.deploy(&both).await;
    assert_ne!(ids["Live"], ids["Staging"]);
    world.delete().await;
}

#[test]
fn every_parameter_of_the_template_is_set_here() {
    let template = include_str!("../../../../template.yaml");
    let (_, after) = template.split_once("\nParameters:\n").unwrap();
    let (parameters, _) = after.split_once("\nConditions:\n").unwrap();
    let mut names: Vec<_> = parameters.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':')).collect();
    names.retain(|name| !name.starts_with(' '));
    names.sort_unstable();
    let mut set = PARAMETERS.map(|(name, _)| name);
    set.sort_unstable();
    assert_eq!(names, set);
}
