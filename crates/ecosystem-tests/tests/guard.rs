//! `guard/chime-messaging.guard` in cfn-guard and in cloudformation-validate.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chime_messaging_resources::registry::{schemas, types};
use cloudformation_local::workspace::root;
use ecosystem_tests::node::node_modules;
use ecosystem_tests::{python_tools, run};
use serde_json::{Value as Json, json};

const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52";

fn rules() -> PathBuf {
    root().join("guard/chime-messaging.guard")
}

/// A folder for templates.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("guard-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What cfn-guard says of templates: its exit status, and the messages by the template's name.
fn cfn_guard(templates: &[PathBuf]) -> (i32, BTreeMap<String, Vec<String>>) {
    let machine = if cfg!(target_os = "macos") { "macos" } else { "ubuntu" };
    let program = format!("@cdklabs/cdk-validator-cfnguard/bin/{machine}/{}/cfn-guard", std::env::consts::ARCH);
    let mut guard = Command::new(node_modules().join(program));
    guard.arg("validate").arg("--rules").arg(rules()).arg("--data").args(templates);
    let output = guard.output().expect("cfn-guard");
    let (mut found, mut template) = (BTreeMap::new(), String::new());
    for line in String::from_utf8_lossy(&output.stdout).lines().map(str::trim) {
        if let Some((path, _)) = line.split_once(" Status = ") {
            template = path.rsplit('/').next().unwrap_or_default().to_owned();
        } else if let Some(message) = line.strip_prefix("Message") {
            let message = message.trim_start_matches([' ', '=']).to_owned();
            found.entry(template.clone()).or_insert_with(Vec::new).push(message);
        }
    }
    (output.status.code().unwrap_or(-1), in_order(found))
}

/// The messages in order, each once: Guard repeats one for each clause that fails.
fn in_order(mut found: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    for messages in found.values_mut() {
        messages.sort();
        messages.dedup();
    }
    found
}

/// What cloudformation-validate says of templates: the messages, by the template's name.
fn validate(templates: &[PathBuf]) -> BTreeMap<String, Vec<String>> {
    let mut python = Command::new(python_tools().join("python"));
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guard.py")).arg(rules()).args(templates);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in run(&mut python).lines() {
        let mut parts = line.splitn(3, ' ');
        if let (Some(template), Some(_), Some(message)) = (parts.next(), parts.next(), parts.next()) {
            found.entry(template.to_owned()).or_default().push(message.to_owned());
        }
    }
    in_order(found)
}

/// A template with one resource, the sample of its type with other properties; null removes one.
fn planted(name: &str, changes: &Json) -> Json {
    let event = fs::read_to_string(root().join("events").join(name).join("1-create.json")).expect("a sample event");
    let event: Json = serde_json::from_str(&event).expect("JSON");
    let mut properties = event["ResourceProperties"].clone();
    let map = properties.as_object_mut().expect("properties");
    for (name, value) in changes.as_object().expect("changes") {
        match value {
            Json::Null => drop(map.remove(name)),
            value => drop(map.insert(name.clone(), value.clone())),
        }
    }
    json!({"Resources": {"It": {"Type": format!("Custom::{name}"), "Properties": properties}}})
}

#[test]
fn templates_that_the_function_accepts_pass() {
    let folder = folder("good");
    let mut templates: Vec<PathBuf> = ["examples", "examples/tutorial", "examples/production", "examples/drift-check"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    assert!(templates.len() > 10, "{templates:?}");
    let mut resources = serde_json::Map::new();
    for name in types() {
        for event in ["1-create", "2-update", "3-replace"] {
            let Ok(event) = fs::read_to_string(root().join("events").join(name).join(format!("{event}.json"))) else {
                continue;
            };
            let event: Json = serde_json::from_str(&event).expect("JSON");
            let resource = json!({"Type": event["ResourceType"], "Properties": event["ResourceProperties"]});
            resources.insert(format!("It{}", resources.len()), resource);
        }
    }
    assert!(resources.len() > 2 * types().len(), "{resources:?}");
    let path = folder.join("events.json");
    fs::write(&path, json!({"Resources": resources}).to_string()).expect("a template");
    templates.push(path);
    // What only CloudFormation knows.
    let functions = "Transform: AWS::LanguageExtensions
Resources:
  Flow:
    Type: Custom::ChimeChannelFlow
    Properties:
      ServiceToken: !ImportValue token
      ServiceTimeout: !If [Live, 60, 600]
      AppInstanceArn: !Sub '${App}'
      Name: '{{resolve:ssm:name}}'
      Processors: [!If [Live, !Ref A, !Ref AWS::NoValue], {Name: !Ref A, ExecutionOrder: '1', FallbackAction: !Ref B, Configuration: !Ref C}]
  Members:
    Type: Custom::ChimeChannelMemberships
    Properties: {ServiceToken: !Ref T, ChannelArn: !Ref C, ChimeBearer: !Ref B, MemberArns: []}
  More:
    Type: Custom::ChimeChannelMemberships
    Properties: {ServiceToken: !Ref T, Fn::Transform: {Name: Macro}}
  Fn::ForEach::Users:
    - Id
    - [a]
    - User${Id}: {Type: 'Custom::ChimeAppInstanceUser', Properties: {ServiceToken: x, AppInstanceArn: !Ref A, AppInstanceUserId: !Ref Id}}
  Theirs: {Type: Custom::ChimeMeeting, Properties: {ServiceToken: x, Anything: y}}
";
    let path = folder.join("functions.yaml");
    fs::write(&path, functions).expect("a template");
    templates.push(path);
    assert_eq!(cfn_guard(&templates), (0, BTreeMap::new()));
    assert_eq!(validate(&templates), BTreeMap::new());
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn planted_errors_are_found() {
    let processor = |change: Json| {
        let mut processor = json!({"Name": "A", "ExecutionOrder": "1", "FallbackAction": "ABORT",
            "Configuration": {"Lambda": {"ResourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}}});
        for (name, value) in change.as_object().expect("a change") {
            processor[name] = value.clone();
        }
        processor
    };
    let order = "Processors[].ExecutionOrder must be a whole number from 1 to 3";
    let fallback = "Processors[].FallbackAction must be CONTINUE or ABORT";
    let days = "RetentionDays must be a whole number from 1 to 5475";
    let metadata = "Metadata must be text of 0 to 1024 characters";
    let cases = [
        ("ChimeAppInstance", json!({"Nmae": "x"}), "Properties has a name that is not one of AdoptExisting, "),
        ("ChimeAppInstance", json!({"Tags": [{"Key": "a"}]}), "Tags[].Value is required"),
        ("ChimeAppInstance", json!({"Tags": [{"Key": "aws:a", "Value": "b"}]}), "Tags[].Key must match "),
        ("ChimeAppInstance", json!({"Name": ""}), "Name must be text of 1 to 256 characters"),
        ("ChimeAppInstance", json!({"Name": ["a"]}), "Name must be text of 1 to 256 characters"),
        ("ChimeAppInstance", json!({"Metadata": "x".repeat(1025)}), metadata),
        (
            "ChimeAppInstance",
            json!({"Metadata": {"a": "b"}}),
            "Metadata must be text of 0 to 1024 characters, and a map has ",
        ),
        ("ChimeAppInstance", json!({"Metadata": "a\nb"}), "Metadata must not hold line breaks"),
        ("ChimeAppInstance", json!({"ServiceTimeout": 3601}), "ServiceTimeout must be a whole number from 1 to 3600"),
        ("ChimeAppInstanceUser", json!({"AppInstanceUserId": null}), "AppInstanceUserId is required"),
        ("ChimeAppInstanceUser", json!({"AppInstanceUserId": "-a"}), "AppInstanceUserId must match "),
        (
            "ChimeAppInstanceRetentionSettings",
            json!({"AppInstanceArn": format!("{APP}/user/a")}),
            "AppInstanceArn must match ",
        ),
        (
            "ChimeAppInstanceRetentionSettings",
            json!({"AppInstanceArn": format!("{APP} ")}),
            "AppInstanceArn must match ",
        ),
        ("ChimeAppInstanceRetentionSettings", json!({"RetentionDays": 5476}), days),
        ("ChimeAppInstanceRetentionSettings", json!({"RetentionDays": "5476"}), days),
        ("ChimeAppInstanceRetentionSettings", json!({"RetentionDays": "soon"}), days),
        ("ChimeAppInstanceRetentionSettings", json!({"RetentionDays": [1]}), days),
        ("ChimeChannelFlow", json!({"Processors": []}), "Processors must be a list of 1 to 3 items"),
        (
            "ChimeChannelFlow",
            json!({"Processors": vec![processor(json!({})); 4]}),
            "Processors must be a list of 1 to 3 items",
        ),
        ("ChimeChannelFlow", json!({"Processors": "a"}), "Processors must be a list of 1 to 3 items"),
        ("ChimeChannelFlow", json!({"Processors": ["a"]}), "Processors[] must be a map of Configuration, "),
        ("ChimeChannelFlow", json!({"Processors": [processor(json!({"FallbackAction": "ABROT"}))]}), fallback),
        ("ChimeChannelFlow", json!({"Processors": [processor(json!({"ExecutionOrder": 4}))]}), order),
        (
            "ChimeChannelMemberships",
            json!({"MemberArns": format!("{APP}/user/a")}),
            "MemberArns must be a list of 0 to 10000",
        ),
        ("ChimeChannelMemberships", json!({"MemberArns": [format!("{APP}/channel/a")]}), "MemberArns[] must match "),
        ("ChimeChannelMembership", json!({"MemberArn": null}), "MemberArn is required"),
        ("ChimeChannel", json!({"Privacy": "Public"}), "Privacy must be PUBLIC or PRIVATE"),
    ];
    let folder = folder("bad");
    let templates: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(at, (name, changes, _))| {
            let path = folder.join(format!("{at}-{name}.json"));
            fs::write(&path, planted(name, changes).to_string()).expect("a template");
            path
        })
        .collect();
    let (status, guarded) = cfn_guard(&templates);
    assert_eq!(status, 19, "{guarded:#?}");
    for (template, (name, changes, wanted)) in templates.iter().zip(&cases) {
        let file = template.file_name().expect("a name").to_string_lossy();
        let messages = guarded.get(&*file).map(Vec::as_slice).unwrap_or_default();
        let [message] = messages else { panic!("{name} {changes}: {messages:?}") };
        assert!(message.starts_with(wanted), "{name} {changes}: {message}");
    }
    assert_eq!(validate(&templates), guarded);
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn there_is_a_rule_for_each_type() {
    let rules = fs::read_to_string(rules()).expect("the rules");
    for schema in schemas() {
        let name = schema["typeName"].as_str().expect("a name");
        assert!(rules.contains(&format!("Resources.*[ Type == \"{name}\" ]")), "{name}");
    }
}
