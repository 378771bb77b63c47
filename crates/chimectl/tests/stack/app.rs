//! Whole apps: several stacks, in several regions, with what belongs to them.

use crate::{assert_in_order, folder, run};
use std::fs;
use std::path::Path;

const EXPORTING: &str = r#"{"Resources": {"AppInstance": {"Type": "Custom::ChimeAppInstance", "Properties": {
    "ServiceToken": {"Fn::ImportValue": "chime-messaging-resources-ServiceToken"}, "ServiceTimeout": 600, "Name": "Chat"}}},
    "Outputs": {"Arn": {"Value": {"Ref": "AppInstance"}, "Export": {"Name": "ChatArn"}}}}"#;

const IMPORTING: &str = r#"{"Parameters": {"Id": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/chat/user"}},
    "Resources": {"User": {"Type": "Custom::ChimeAppInstanceUser", "Properties": {
    "ServiceToken": {"Fn::ImportValue": "chime-messaging-resources-ServiceToken"}, "ServiceTimeout": 600,
    "AppInstanceArn": {"Fn::ImportValue": "ChatArn"}, "AppInstanceUserId": {"Ref": "Id"}, "Name": "USER"}}}}"#;

/// Writes a synthesized app of two stacks in a region, the second of which is in a Stage.
fn synthesized(folder: &Path, region: &str, user: &str) {
    fs::create_dir_all(folder.join("assembly-Prod")).unwrap();
    let manifest = format!(
        r#"{{"version": "48.0.0", "artifacts": {{
            "assembly-Prod": {{"type": "cdk:cloud-assembly", "dependencies": ["Base"], "properties": {{"directoryName": "assembly-Prod"}}}},
            "Base": {{"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/{region}",
                "properties": {{"templateFile": "Base.template.json"}}}}}}}}"#
    );
    fs::write(folder.join("manifest.json"), manifest).unwrap();
    fs::write(folder.join("Base.template.json"), EXPORTING).unwrap();
    let stage = format!(
        r#"{{"version": "48.0.0", "artifacts": {{"ProdUsers": {{"type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/{region}",
            "properties": {{"templateFile": "Users.template.json", "stackName": "Prod-Users"}}}}}}}}"#
    );
    fs::write(folder.join("assembly-Prod/manifest.json"), stage).unwrap();
    fs::write(folder.join("assembly-Prod/Users.template.json"), IMPORTING.replace("USER", user)).unwrap();
}

#[test]
fn all_stacks_of_an_app_are_deployed_in_their_order_and_region_updated_and_deleted() {
    let folder = folder("app");
    let [before, after] = ["before", "after"].map(|name| folder.join(name));
    synthesized(&before, "eu-central-1", "Ada");
    synthesized(&after, "eu-central-1", "Bob");
    let arguments = [before.to_str().unwrap(), after.to_str().unwrap(), "--ssm-parameter", "/chat/user=ada"];
    let (status, text) = run(&arguments);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Deploying template.yaml in eu-central-1",
            "before/Base.template.json",
            "CREATE_COMPLETE      AWS::CloudFormation::Stack                     Base",
            "Arn  arn:aws:chime:eu-central-1:123456789012:app-instance/",
            "before/assembly-Prod/Users.template.json",
            "CREATE_COMPLETE      AWS::CloudFormation::Stack                     Prod-Users",
            "AppInstanceUserArn: user/ada\n",
            "after/Base.template.json",
            "No updates are to be performed.",
            "after/assembly-Prod/Users.template.json",
            "Name: Ada -> Bob",
            "Deleting the stack Prod-Users",
            "Deleting the stack Base",
            "Chime holds nothing",
        ],
    );
}

#[test]
fn an_app_is_synthesized_by_its_command() {
    let folder = folder("synthesized");
    synthesized(&folder, "unknown-region", "Ada");
    let app = format!(r#"cp -r {} "$CDK_OUTDIR""#, folder.display());
    let (status, text) = run(&["--app", &app, "--ssm-parameter", "/chat/user=ada"]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "arn:aws:chime:us-east-1:123456789012:app-instance/",
            "AppInstanceUserArn: user/ada\n",
            "Deleting the stack Base",
        ],
    );
}

#[test]
fn another_template_is_deployed_first_for_its_exports() {
    let folder = folder("with");
    let [base, users] = ["base.json", "users.json"].map(|name| folder.join(name));
    fs::write(&base, EXPORTING).unwrap();
    fs::write(&users, IMPORTING).unwrap();
    let (status, text) =
        run(&[users.to_str().unwrap(), "--with", base.to_str().unwrap(), "--ssm-parameter", "/chat/user=ada"]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "base.json",
            "users.json",
            "AppInstanceUserArn: user/ada\n",
            "Deleting the stack users",
            "Deleting the stack base",
        ],
    );
}

#[test]
fn a_stack_in_a_region_without_chime_has_its_resources_in_us_east_1() {
    let folder = folder("elsewhere");
    let path = folder.join("base.json");
    fs::write(&path, EXPORTING).unwrap();
    let (status, text) = run(&[path.to_str().unwrap(), "--region", "eu-west-1"]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(&text, &["template.yaml in eu-west-1", "Arn  arn:aws:chime:us-east-1:123456789012:app-instance/"]);
}

#[test]
fn a_template_that_is_too_large_for_a_request_is_deployed() {
    let folder = folder("large");
    let path = folder.join("large.json");
    let padding = "x".repeat(1000);
    let metadata: Vec<_> = (0..60).map(|number| format!(r#""{number}": "{padding}""#)).collect();
    fs::write(&path, EXPORTING.replacen('{', &format!(r#"{{"Metadata": {{{}}}, "#, metadata.join(", ")), 1)).unwrap();
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
}

#[test]
fn files_that_a_template_names_are_packaged() {
    let folder = folder("packaged");
    fs::create_dir(folder.join("src")).unwrap();
    let answer = "import json, urllib.request\n\ndef handler(event, context):\n    answer = {'Status': 'SUCCESS', 'PhysicalResourceId': 'it', 'Data': {}}\n    \
                  for name in ['StackId', 'RequestId', 'LogicalResourceId']:\n        answer[name] = event[name]\n    \
                  put = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT', headers={'Content-Type': ''})\n    \
                  urllib.request.urlopen(put)\n";
    fs::write(folder.join("src/index.py"), answer).unwrap();
    let inner = "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Provider:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: index.handler, Role: !GetAtt Role.Arn, Code: src}
  Thing:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Provider.Arn, ServiceTimeout: 120}
";
    fs::write(folder.join("inner.yaml"), inner).unwrap();
    let outer = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./inner.yaml # beside it\n";
    fs::write(folder.join("outer.yaml"), outer).unwrap();
    let (status, text) = run(&[folder.join("outer.yaml").to_str().unwrap()]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("CREATE_COMPLETE      Custom::Thing                                  Inner/Thing"), "{text}");
    fs::write(folder.join("inner.yaml"), inner.replace("Code: src", "Code: nowhere")).unwrap();
    let (status, text) = run(&[folder.join("outer.yaml").to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!((status, text.contains("inner.yaml: Provider names nowhere: ")), (2, true), "{text}");
}

#[test]
fn the_functions_own_template_is_deployed_beside_the_function() {
    let arguments = ["template.yaml", "--stack-name", "staging", "--parameter-overrides", "NamePrefix=staging"];
    let (status, text) = run(&arguments);
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &["CREATE_COMPLETE      AWS::CloudFormation::Stack                     staging", "Chime holds nothing"],
    );
}

#[test]
fn the_failure_of_a_nested_stack_names_the_resource_in_it() {
    let folder = folder("nested-failure");
    fs::write(folder.join("inner.json"), EXPORTING.replace(r#""Name": "Chat""#, r#""Nmae": "Chat""#)).unwrap();
    let outer =
        "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: inner.json\n";
    fs::write(folder.join("outer.yaml"), outer).unwrap();
    let (status, text) = run(&[folder.join("outer.yaml").to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &[
            "CREATE_FAILED        Custom::ChimeAppInstance                       Inner/AppInstance",
            "did you mean Name?",
        ],
    );
    assert!(text.lines().last().unwrap().contains("Inner/AppInstance: Nmae is not a property"), "{text}");
}

#[test]
fn a_stream_is_looked_for_in_its_own_region() {
    let folder = folder("two-regions");
    let chat = r#"{"Resources": {
        "AppInstance": {"Type": "Custom::ChimeAppInstance", "Properties": {
            "ServiceToken": {"Fn::ImportValue": "chime-messaging-resources-ServiceToken"}, "ServiceTimeout": 600, "Name": "Chat"}},
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "chime-messaging-two-regions", "ShardCount": 2,
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}}},
        "Streaming": {"Type": "Custom::ChimeMessagingStreamingConfigurations", "Properties": {
            "ServiceToken": {"Fn::ImportValue": "chime-messaging-resources-ServiceToken"}, "ServiceTimeout": 600,
            "AppInstanceArn": {"Ref": "AppInstance"},
            "StreamingConfigurations": [{"DataType": "ChannelMessage", "ResourceArn": {"Fn::GetAtt": ["Stream", "Arn"]}}]}}}}"#;
    let topic = r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#;
    fs::write(folder.join("Chat.template.json"), chat).unwrap();
    fs::write(folder.join("Topic.template.json"), topic).unwrap();
    let manifest = r#"{"version": "48.0.0", "artifacts": {
        "Chat": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/us-east-1",
            "properties": {"templateFile": "Chat.template.json"}},
        "Topic": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1", "dependencies": ["Chat"],
            "properties": {"templateFile": "Topic.template.json"}}}}"#;
    fs::write(folder.join("manifest.json"), manifest).unwrap();
    let (status, text) = run(&[folder.to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("Chime could not"), "{text}");
}
