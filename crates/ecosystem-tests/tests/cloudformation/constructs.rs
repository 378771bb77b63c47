//! The CDK app of `examples/cdk`: the example of cdk-amazon-chime-resources, unmodified, and our types with only aws-cdk-lib.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cloudformation_local::workspace::target;
use ecosystem_tests::node::{copy, install};
use ecosystem_tests::run;
use serde_json::{Value, json};

use super::chat::tags;
use super::world::{World, file};

/// The files of the app.
const SOURCES: [&str; 7] = ["bin", "lib", "live", "src", "cdk.json", "tsconfig.json", "package.json"];

/// The output of the app, which is synthesized once for all tests.
fn synthesized() -> &'static Path {
    static OUTPUT: OnceLock<PathBuf> = OnceLock::new();
    OUTPUT.get_or_init(|| {
        let mut npm = Command::new("npm");
        run(npm.args(["run", "synth"]).current_dir(installed()).env("CDK_VALIDATION", "false"));
        installed().join("cdk.out")
    })
}

/// A copy of the app with its dependencies, which is installed once for all tests.
pub fn installed() -> &'static Path {
    static APP: OnceLock<PathBuf> = OnceLock::new();
    APP.get_or_init(|| {
        let app = target().join("ecosystem-tests/cdk");
        fs::create_dir_all(&app).unwrap();
        for source in SOURCES.into_iter().chain(["package-lock.json"]) {
            copy(&file("examples/cdk").join(source), &app.join(source));
        }
        install(&app);
        app
    })
}

/// Synthesizes another app in the same folder with this context, and returns the output folder.
pub fn synthesized_app(app: &str, output: &str, context: &Value) -> PathBuf {
    let output = installed().join(output);
    let mut node = Command::new("npx");
    node.args(["ts-node", "--transpile-only", app]).current_dir(installed());
    // CDK's own validator takes eight seconds for an app, and no test is about it.
    run(node.env("CDK_VALIDATION", "false").env("CDK_OUTDIR", &output).env("CDK_CONTEXT_JSON", context.to_string()));
    output
}

/// The logical ID of the only resource with this `resourceType` property or of this type.
fn logical_id<'a>(template: &'a Value, kind: &str) -> &'a str {
    let resources = template["Resources"].as_object().unwrap();
    let mut of_kind = resources.iter().filter(|(_, it)| it["Properties"]["resourceType"] == kind || it["Type"] == kind);
    let (id, _) = of_kind.next().unwrap();
    assert_eq!(of_kind.next(), None, "several {kind}");
    id
}

#[tokio::test]
async fn the_librarys_own_example_is_deployed_unmodified() {
    let path = synthesized().join("MessagingConstructs.template.json");
    let mut template: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let functions =
        template["Resources"].as_object().unwrap().values().filter(|it| it["Type"] == "AWS::Lambda::Function");
    assert_eq!(functions.count(), 1, "only the processor, not the library's own function");

    let world = World::new();
    let ids = world.deploy_file(&path).await;
    let stack_id = world.stack().id().await.unwrap().unwrap();
    let id = |kind: &str| ids[logical_id(&template, kind)].clone();
    let (instance, user, flow) = (id("AppInstance"), id("AppInstanceUser"), id("ChannelFlow"));
    assert_eq!(
        json!(world.outputs().await),
        json!({"appInstanceArn": instance, "appInstanceUserArn": user, "channelFlowArn": flow})
    );
    let account = world.account.id();
    let stream = format!("arn:aws:kinesis:us-east-1:{account}:stream/chime-messaging-channel-stream");
    let function = format!("arn:aws:lambda:us-east-1:{account}:function:{}", id("AWS::Lambda::Function"));
    let uid = |kind: &str| template["Resources"][logical_id(&template, kind)]["Properties"]["uid"].clone();
    let mut expected = json!([{
        "AppInstanceArn": instance,
        "Name": "MessagingAppInstanceExample",
        "Tags": tags(&stack_id, logical_id(&template, "AppInstance"), &[]),
        "Users": [{
            "AppInstanceUserArn": format!("{instance}/user/1234"),
            "Name": uid("AppInstanceUser"),
            "Tags": tags(&stack_id, logical_id(&template, "AppInstanceUser"), &[]),
        }],
        "Admins": [user],
        "RetentionDays": 2,
        "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": stream}],
        "ChannelFlows": [{
            "ChannelFlowArn": flow,
            "Name": uid("ChannelFlow"),
            "Processors": [{
                "Name": "channelFlowName", "ExecutionOrder": 1, "FallbackAction": "ABORT",
                "Configuration": {"Lambda": {"ResourceArn": function, "InvocationType": "ASYNC"}},
            }],
            "Tags": tags(&stack_id, logical_id(&template, "ChannelFlow"), &[]),
        }],
    }]);
    assert_eq!(world.holds(), expected);

    // The property names of older versions of the library, and an update of another construct.
    let streaming = logical_id(&template, "StreamingConfig").to_owned();
    let retention = logical_id(&template, "DataRetention").to_owned();
    let configuration = &mut template["Resources"][&streaming]["Properties"]["properties"]["streamingConfigs"][0];
    let arn = configuration["resourceArn"].take();
    *configuration = json!({"appInstanceDataType": "ChannelMessage", "resourceArn": arn});
    template["Resources"][&retention]["Properties"]["properties"]["dataRetention"] = json!(3);
    assert_eq!(world.deploy(&template).await, ids);
    assert_eq!(world.changes(), ["PutAppInstanceRetentionSettings", "PutMessagingStreamingConfigurations"]);
    expected[0]["StreamingConfigurations"][0]["DataType"] = json!("ChannelMessage");
    expected[0]["RetentionDays"] = json!(3);
    assert_eq!(world.holds(), expected);
    world.delete().await;
}

#[tokio::test]
async fn our_types_need_nothing_but_aws_cdk_lib() {
    let world = World::new();
    let ids = world.deploy_file(&synthesized().join("MessagingPlain.template.json")).await;
    let stack_id = world.stack().id().await.unwrap().unwrap();
    let instance = &ids["AppInstance"];
    let expected = json!([{
        "AppInstanceArn": instance,
        "Name": "Support chat",
        "Tags": tags(&stack_id, "AppInstance", &[("team", "support")]),
        "Users": [{
            "AppInstanceUserArn": format!("{instance}/user/supervisor"),
            "Name": "Supervisor",
            "Tags": tags(&stack_id, "Supervisor", &[]),
        }],
        "Admins": [format!("{instance}/user/supervisor")],
        "RetentionDays": 365,
    }]);
    assert_eq!(world.holds(), expected);
    assert_eq!(json!(world.outputs().await), json!({"AppInstanceArn": instance, "AdminName": "Supervisor"}));
    world.delete().await;
}
