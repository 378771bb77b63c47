//! The files of a release are reproducible and deploy with the SAM CLI.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use chime_simulator::{Options, Simulator};
use chimectl::function_stack::FUNCTION_STACK;
use cloudformation_local::workspace::root;
use cloudformation_local::{MiniStack, Python, Stack};
use ecosystem_tests::constructs::{self, PYTHON_PACKAGE, REPOSITORY, TYPESCRIPT_PACKAGE};
use ecosystem_tests::programs::{chimectl, function};
use ecosystem_tests::{python_tools, run};
use regex::Regex;
use serde_json::{Value, json};
use xtask::release::{Architecture, CommandLine, Programs, Release};

const ACCOUNT: &str = "123456789012";

/// The names of the constructs' packages in a release, and where the library's build leaves them.
const CONSTRUCTS: [(&str, &str); 2] = [
    ("chime-messaging-resources-0.1.0.tgz", TYPESCRIPT_PACKAGE),
    ("chime_messaging_resources-0.1.0-py3-none-any.whl", PYTHON_PACKAGE),
];

/// A release builds in folders under `target/`: one at a time.
static LOCK: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A temporary folder with a script that runs the built function, because a release build would take minutes.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let script = format!("#!/bin/sh\nexec '{}'\n", function().display());
    fs::write(folder.join("bootstrap"), script).unwrap();
    folder
}

fn create(folder: &Path, name: &str, with_constructs: bool) -> (PathBuf, Vec<String>) {
    let script = folder.join("bootstrap");
    let programs = Architecture::ALL.map(|architecture| Programs {
        architecture,
        function: script.clone(),
        command_line: Some(CommandLine { chimectl: script.clone(), function: script.clone() }),
    });
    release(&folder.join(name), &programs, with_constructs)
}

fn release(out: &Path, programs: &[Programs], with_constructs: bool) -> (PathBuf, Vec<String>) {
    let repository = REPOSITORY.parse().unwrap();
    let release = Release {
        project: root(),
        out,
        programs,
        with_command_line: true,
        with_constructs,
        with_sbom: false,
        repository: Some(&repository),
    };
    let names = release.create(|step| eprintln!("{step}")).unwrap();
    (out.to_owned(), names)
}

#[tokio::test]
async fn a_release_is_reproducible_and_deploys_with_the_sam_cli() {
    let _lock = LOCK.lock().await;
    let folder = folder("package");
    let (out, names) = create(&folder, "first", true);
    for name in [
        "LICENSE",
        "README.md",
        "SHA256SUMS",
        "chime-messaging-resources-arm64.zip",
        "chime-messaging-resources-x86_64.zip",
        "cfn_lint_chime_messaging-0.1.0-py3-none-any.whl",
        "cfn_lint_chime_messaging-0.1.0.tar.gz",
        "chime-messaging-resources-0.1.0.tgz",
        "chime_messaging_resources-0.1.0-py3-none-any.whl",
        "chimectl-0.1.0-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64.whl",
        "chimectl-0.1.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl",
        "chimectl-arm64",
        "chimectl-x86_64",
        "chime-messaging.guard",
        "template-arm64.yaml",
        "template-x86_64.yaml",
        "template.schema.json",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    assert_eq!(names.len(), 17, "{names:?}");
    let (again, _) = create(&folder, "second", false);
    let library = constructs::library();
    // Building the constructs takes a minute. The second build of them is the one that their own tests use.
    let built_again = |name: &String| match CONSTRUCTS.into_iter().find(|(released, _)| released == name) {
        Some((_, package)) => library.join(package),
        None => again.join(name),
    };
    // The second release lacks the constructs.
    let sums = |folder: &Path| {
        let text = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        let lines = text.lines().filter(|line| !CONSTRUCTS.iter().any(|(name, _)| line.ends_with(name)));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(sums(&out), sums(&again));
    for name in &names {
        let is_same = || fs::read(out.join(name)).unwrap() == fs::read(built_again(name)).unwrap();
        assert!(name == "SHA256SUMS" || is_same(), "{name} differs");
        let mode = fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            mode,
            if ["chimectl-arm64", "chimectl-x86_64"].contains(&&**name) { 0o755 } else { 0o644 },
            "{name}"
        );
    }
    run(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&out));
    // A new release in the same folder deletes the old files.
    fs::write(again.join("old"), "").unwrap();
    assert!(!create(&folder, "second", false).1.contains(&"old".to_owned()));
    says_where_the_project_is(&out);
    for architecture in Architecture::ALL {
        let mut lint = Command::new(python_tools().join("cfn-lint"));
        assert_eq!(run(lint.arg(out.join(format!("template-{architecture}.yaml")))), "");
    }
    deploys(&out).await;
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_package_has_the_version_of_the_workspace() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, line) in [
        ("template.yaml", format!("\n    SemanticVersion: {version}\n")),
        ("cdk/package.json", format!("\n  \"version\": \"{version}\",\n")),
        ("cfn-lint/pyproject.toml", format!("\nversion = \"{version}\"\n")),
        ("crates/chimectl/python/pyproject.toml", format!("\nversion = \"{version}\"\n")),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(&line), "{file} has no line {}", line.trim());
    }
}

/// What registries show names the repository, and has no link that would lead nowhere there.
fn says_where_the_project_is(out: &Path) {
    let unpacked = out.with_file_name("unpacked");
    let text = |path: PathBuf| fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let relative = Regex::new(r"\]\([^)#:]+[)#]").unwrap();
    assert!(relative.is_match("[a](../b.md#c)") && !relative.is_match("[a](https://b#c) [d](#e)"));
    let wheels = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    for wheel in wheels.filter(|path| path.extension().is_some_and(|extension| extension == "whl")) {
        let name = wheel.file_name().unwrap().to_string_lossy().into_owned();
        let (package, _) = name.split_once("-py3").unwrap();
        let to = unpacked.join(&name);
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).args([&wheel, &to]));
        let metadata = text(to.join(format!("{package}.dist-info/METADATA")));
        assert!(
            metadata.contains(&format!(": {REPOSITORY}\n")) || metadata.contains(&format!(", {REPOSITORY}")),
            "{name}: {metadata}"
        );
        assert_eq!(relative.find(&metadata).map(|link| link.as_str()), None, "{name}");
    }
    run(Command::new("tar").arg("-xzf").arg(out.join("chime-messaging-resources-0.1.0.tgz")).arg("-C").arg(&unpacked));
    let package: Value = serde_json::from_str(&text(unpacked.join("package/package.json"))).unwrap();
    assert_eq!(package["repository"], json!({"type": "git", "url": format!("{REPOSITORY}.git"), "directory": "cdk"}));
    let pages = [unpacked.join("package/README.md"), out.join("README.md")];
    for page in pages {
        assert_eq!(relative.find(&text(page.clone())).map(|link| link.as_str()), None, "{}", page.display());
    }
}

#[tokio::test]
async fn the_wheel_of_chimectl_rehearses_with_the_function_that_it_brings() {
    let _lock = LOCK.lock().await;
    let folder = folder("wheel");
    let native = Architecture::ALL.into_iter().find(|architecture| architecture.is_native()).unwrap();
    // Most of a debug build is for debuggers.
    let stripped = |program: PathBuf| {
        let to = folder.join(program.file_name().unwrap());
        run(Command::new("strip").arg("-o").args([&to, &program]));
        to
    };
    let command_line = Some(CommandLine { chimectl: stripped(chimectl()), function: stripped(function()) });
    let programs = Programs { architecture: native, function: folder.join("bootstrap"), command_line };
    let (out, names) = release(&folder.join("dist"), &[programs], false);
    // These programs need the C library of this machine.
    let wheel = names.iter().find(|name| name.starts_with("chimectl-0.1.0-py3-none-manylinux_2_")).unwrap();
    // Elsewhere than what cargo builds.
    let python = std::env::temp_dir().join(format!("chimectl-wheel-{}", std::process::id()));
    run(Command::new("python3").args(["-m", "venv"]).arg(&python));
    run(Command::new(python.join("bin/pip")).args(["install", "--quiet", "--no-index"]).arg(out.join(wheel)));
    let template = fs::read_to_string(root().join("examples/app-instance.yaml")).unwrap();
    fs::write(folder.join("chat.yaml"), template).unwrap();
    let mut command = Command::new(python.join("bin/chimectl"));
    let said = run(command.args(["stack", "chat.yaml"]).current_dir(&folder));
    assert!(said.contains("CREATE_COMPLETE") && said.contains("Chime holds nothing"), "{said}");
    assert!(!said.contains("Building the function"), "{said}");
    // The exit status and the arguments are the program's own.
    let failed =
        Command::new(python.join("bin/python")).args(["-m", "chimectl", "stack", "none.yaml"]).output().unwrap();
    let why = String::from_utf8_lossy(&failed.stderr);
    assert!(failed.status.code() == Some(2) && why.contains("none.yaml"), "{why}");
    fs::remove_dir_all(python).unwrap();
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
