//! Functions in the templates themselves: that of the older library, and the user's own.

use crate::{assert_in_order, folder, run, template};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

const ROLE: &str = "
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
";

/// A template with a custom resource whose function has this code. CloudFormation would wait for two minutes.
fn with_function(code: &str) -> String {
    format!(
        "Resources:{ROLE}
  Provider:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {{ZipFile: \"{code}\"}}
  Thing:
    Type: Custom::Thing
    Properties: {{ServiceToken: !GetAtt Provider.Arn, ServiceTimeout: 120}}
"
    )
}

#[test]
fn a_function_that_crashes_is_shown_with_its_log_and_ends_the_wait() {
    let text = with_function(
        r"def handler(event, context):\n    print('looking it up')\n    raise RuntimeError('no such table')\n",
    );
    let path = template("crash.yaml", &text);
    let begun = Instant::now();
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &[
            "CREATE_FAILED        Custom::Thing                                  Thing",
            " failed without an answer to CloudFormation: no such table",
            "looking it up",
            "ROLLBACK_COMPLETE",
            "failed: ",
            "Thing: The function ",
            "no such table",
        ],
    );
    assert!(begun.elapsed() < Duration::from_secs(110), "{text}");
}

#[test]
fn a_function_that_ends_without_an_answer_is_shown_while_cloudformation_waits() {
    let text = with_function(r"def handler(event, context):\n    return 'done'\n");
    let path = template("silent.yaml", &text.replace("ServiceTimeout: 120", "ServiceTimeout: 2"));
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    let note = "has ended without an answer. CloudFormation waits for one, for 2 seconds at most.";
    assert_in_order(&text, &["CREATE_IN_PROGRESS   Custom::Thing", note, "CREATE_FAILED        Custom::Thing"]);
}

/// A synthesized app with the function in a stack of its own, as `LiveStacks.moveInPlace` of the construct library leaves it: no variable is set.
fn moved(folder: &Path) {
    let function = Path::new(crate::CHIMECTL).with_file_name("chime-messaging-resources");
    let asset = folder.join("asset.code");
    fs::create_dir_all(&asset).unwrap();
    fs::write(asset.join("bootstrap"), format!("#!/bin/sh\nexec '{}'\n", function.display())).unwrap();
    fs::set_permissions(asset.join("bootstrap"), fs::Permissions::from_mode(0o755)).unwrap();
    let destination = r#"{"here": {"bucketName": "assets", "objectKey": "code.zip"}}"#;
    let assets = format!(
        r#"{{"files": {{"code": {{"source": {{"path": "asset.code", "packaging": "zip"}}, "destinations": {destination}}}}}}}"#
    );
    fs::write(folder.join("Moved.assets.json"), assets).unwrap();
    let template = r#"{"Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}},
        "Provider": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 60,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Bucket": "assets", "S3Key": "code.zip"}}},
        "AppInstance": {"Type": "Custom::ChimeAppInstance",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}, "ServiceTimeout": 120, "Name": "Moved"}}
    }}"#;
    fs::write(folder.join("Moved.template.json"), template).unwrap();
}

#[test]
fn a_function_in_the_template_gets_the_addresses_of_chime_and_of_the_answers() {
    let folder = folder("moved");
    moved(&folder);
    let (status, text) = run(&[folder.join("Moved.template.json").to_str().unwrap()]);
    fs::remove_dir_all(folder).unwrap();
    assert_eq!(status, 0, "{text}");
    assert_in_order(&text, &["CREATE_COMPLETE      Custom::ChimeAppInstance", "Name: Moved", "Chime holds nothing"]);
}
