//! The files of a release are reproducible and deploy with the SAM CLI.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chime_simulator::{Options, Simulator};
use chimectl::function_stack::FUNCTION_STACK;
use cloudformation_local::workspace::root;
use cloudformation_local::{MiniStack, Python, Stack};
use ecosystem_tests::programs::function;
use ecosystem_tests::{python_tools, run};
use serde_json::json;
use xtask::release::{Architecture, Release};

const ACCOUNT: &str = "123456789012";

/// A temporary folder with a script that runs the built function, because a release build would take minutes.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("package-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let script = format!("#!/bin/sh\nexec '{}'\n", function().display());
    fs::write(folder.join("bootstrap"), script).unwrap();
    folder
}

fn create(folder: &Path, name: &str) -> (PathBuf, Vec<String>) {
    let out = folder.join(name);
    let binaries = Architecture::ALL.map(|architecture| (architecture, folder.join("bootstrap")));
    let release = Release { project: root(), out: &out, binaries: &binaries, with_constructs: false, with_sbom: false };
    let names = release.create(|_| ()).unwrap();
    (out, names)
}

#[tokio::test]
async fn a_release_is_reproducible_and_deploys_with_the_sam_cli() {
    let folder = folder();
    let (out, names) = create(&folder, "first");
    for name in [
        "LICENSE",
        "README.md",
        "SHA256SUMS",
        "chime-messaging-resources-arm64.zip",
        "chime-messaging-resources-x86_64.zip",
        "cfn_lint_chime_messaging-0.1.0-py3-none-any.whl",
        "cfn_lint_chime_messaging-0.1.0.tar.gz",
        "template-arm64.yaml",
        "template-x86_64.yaml",
        "template.schema.json",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    let (again, _) = create(&folder, "second");
    for name in &names {
        assert!(fs::read(out.join(name)).unwrap() == fs::read(again.join(name)).unwrap(), "{name} differs");
    }
    run(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&out));
    // A new release in the same folder deletes the old files.
    fs::write(again.join("old"), "").unwrap();
    assert!(!create(&folder, "second").1.contains(&"old".to_owned()));
    for architecture in Architecture::ALL {
        let mut lint = Command::new(python_tools().join("cfn-lint"));
        assert_eq!(run(lint.arg(out.join(format!("template-{architecture}.yaml")))), "");
    }
    deploys(&out).await;
    fs::remove_dir_all(folder).unwrap();
}

/// Deploys the template as the README says, and then a stack with a resource of it.
async fn deploys(out: &Path) {
    let python = Python::prepare(|step| eprintln!("{step}")).unwrap();
    let ministack = MiniStack::start(&python).await.unwrap();
    let account = ministack.account(ACCOUNT);
    let simulator = Simulator::start(Options { account: ACCOUNT.into(), ..Options::default() }).unwrap();
    // Outside of the project, and without the settings of this machine.
    let command = |program: &Path| {
        let mut command = Command::new(program);
        command.current_dir(out).env("HOME", out.join("..")).env("AWS_ENDPOINT_URL", ministack.url());
        command.envs([("AWS_ACCESS_KEY_ID", ACCOUNT), ("AWS_SECRET_ACCESS_KEY", "local"), ("SAM_CLI_TELEMETRY", "0")]);
        command.env("AWS_DEFAULT_REGION", "us-east-1");
        command
    };
    let mut deploy = command(&python_tools().join("sam"));
    deploy.args(["deploy", "--template-file", "template-x86_64.yaml", "--stack-name", FUNCTION_STACK]);
    deploy.args(["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--region", "us-east-1"]);
    let said = run(&mut deploy);
    assert!(said.contains("Successfully created/updated stack"), "{said}");

    // On AWS, these addresses are the defaults.
    let configure = "import boto3, sys; boto3.client('lambda').update_function_configuration(FunctionName=sys.argv[1], \
                     Environment={'Variables': {'AWS_ENDPOINT_URL': sys.argv[2], 'RESPONSE_URL_HOSTS': sys.argv[3]}})";
    run(command(&python_tools().join("python")).args([
        "-c",
        configure,
        FUNCTION_STACK,
        &simulator.url(),
        account.host(),
    ]));
    let token = json!({"Fn::ImportValue": "chime-messaging-resources-ServiceToken"});
    let properties = json!({"ServiceToken": token, "ServiceTimeout": 60, "Name": "Chat"});
    let template = json!({"Resources": {"It": {"Type": "Custom::ChimeAppInstance", "Properties": properties}}});
    let stack = Stack::new(&account, "chat");
    let deployment = stack.deploy(&template.to_string(), &[], |_| ()).await.unwrap();
    assert!(deployment.succeeded(), "{:#?}", deployment.events);
    assert_eq!(simulator.holds()[0]["Name"], "Chat");
    let deleted = stack.delete(|_| ()).await.unwrap();
    assert!(deleted.succeeded() && simulator.is_empty(), "{:#?}", deleted.events);
}
