//! The command `chimectl stack`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

mod app;
mod by_hand;
mod comparison;
mod function_build;
mod functions;
mod kept;
mod lint;
mod production;
mod templates;
mod tutorial;

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CHIMECTL: &str = env!("CARGO_BIN_EXE_chimectl");

/// The maximum time of one run, including the installation of MiniStack.
const TIMEOUT: Duration = Duration::from_secs(300);

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn stack(arguments: &[&str]) -> Command {
    let mut command = Command::new(CHIMECTL);
    command.arg("stack").args(arguments).current_dir(project());
    // `cargo test --workspace` has built it already; otherwise the command builds it.
    let function = Path::new(CHIMECTL).with_file_name("chime-messaging-resources");
    if function.exists() && !arguments.contains(&"--binary") {
        command.arg("--binary").arg(function);
    }
    command
}

fn run(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = stack(arguments).output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (status.code().unwrap(), text)
}

/// Writes a temporary file.
fn template(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("chimectl-{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

/// An empty temporary folder.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("chimectl-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Asserts that the text contains the parts in this order.
#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { panic!("no {part:?} at its place in:\n{text}") };
        rest = after;
    }
}

/// Whether the MiniStack whose address was printed is still running.
fn is_running(text: &str) -> bool {
    let (_, after) = text.split_once("MiniStack: http://").unwrap();
    TcpStream::connect(after.split_whitespace().next().unwrap()).is_ok()
}

#[test]
fn a_stack_is_created_updated_and_deleted() {
    let (status, text) = run(&["examples/app-instance.yaml", "examples/messaging.yaml"]);
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Deploying examples/app-instance.yaml",
            "CREATE_IN_PROGRESS   Custom::ChimeAppInstance                       AppInstance",
            "CREATE_COMPLETE      AWS::CloudFormation::Stack                     app-instance",
            "Outputs\n  AppInstanceArn  arn:aws:chime:us-east-1:123456789012:app-instance/",
            "Chime holds\n  - AppInstanceArn: arn:aws:chime:us-east-1:123456789012:app-instance/",
            "Name: Chat\n",
            "- AppInstanceUserArn: user/supervisor\n",
            "Deploying examples/messaging.yaml",
            "UPDATE_COMPLETE      AWS::CloudFormation::Stack                     app-instance",
            "Chime has changed\n  arn:aws:chime:us-east-1:123456789012:app-instance/",
            "    + Channels[lobby]\n",
            "        Name: Lobby\n",
            "    ~ Name: Chat -> Support chat\n",
            "RetentionDays: 365",
            "Deleting the stack app-instance",
            "DELETE_COMPLETE      AWS::CloudFormation::Stack                     app-instance",
            "Chime holds nothing",
        ],
    );
    // After the update, only what has changed.
    assert_eq!(text.matches("Chime holds\n").count(), 1, "{text}");
    assert!(!is_running(&text));
}

#[test]
fn everything_that_chime_holds_is_shown_after_an_update_too_if_it_is_asked_for() {
    let (status, text) = run(&["examples/app-instance.yaml", "examples/messaging.yaml", "--all"]);
    assert_eq!(status, 0, "{text}");
    assert_in_order(
        &text,
        &[
            "Chime holds\n",
            "Name: Chat\n",
            "Chime has changed\n",
            "Chime holds\n",
            "Name: Support chat\n",
            "RetentionDays: 365",
        ],
    );
}

#[test]
fn a_failed_deployment_gives_its_reason_and_exits_with_1() {
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let bad = template("bad.yaml", &good.replace("AppInstanceUserId:", "AppInstanceUserID:"));
    let (status, text) = run(&[bad.to_str().unwrap(), "examples/messaging.yaml", "--stack-name", "bad"]);
    fs::remove_file(bad).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &[
            "CREATE_FAILED        Custom::ChimeAppInstanceUser                   Supervisor",
            "AppInstanceUserID is not a property, did you mean AppInstanceUserId?",
            "ROLLBACK_COMPLETE    AWS::CloudFormation::Stack                     bad",
            "The stack is in ROLLBACK_COMPLETE.",
            "Chime holds nothing",
            "examples/messaging.yaml is not deployed.",
        ],
    );
    assert!(!text.contains("Log:"), "MiniStack has no log: {text}");
    assert!(!is_running(&text));
}

#[test]
fn a_missing_file_binary_or_parameter_exits_with_2() {
    let (status, text) = run(&["examples/no-such.yaml"]);
    assert_eq!((status, text.starts_with("error: examples/no-such.yaml: ")), (2, true), "{text}");
    let (status, text) = run(&["examples/app-instance.yaml", "--binary", "no-such-function"]);
    assert_eq!((status, text.contains("error: no-such-function: ")), (2, true), "{text}");
    let (status, text) = run(&["examples/bot.yaml"]);
    let missing = "error: Parameter 'LexBotAliasArn' of examples/bot.yaml has no value and no default: --parameter-overrides LexBotAliasArn=VALUE";
    assert_eq!((status, text.contains(missing)), (2, true), "{text}");
    assert!(!is_running(&text));
}

/// A running `chimectl stack --watch` and the file with its output.
struct Watching {
    child: Child,
    output: PathBuf,
}

impl Watching {
    fn start(template: &Path, output: PathBuf) -> Self {
        let file = fs::File::create(&output).unwrap();
        let mut command = stack(&["--watch", template.to_str().unwrap()]);
        let child = command.stdout(file).stderr(Stdio::inherit()).spawn().unwrap();
        Self { child, output }
    }

    fn printed(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }

    /// Waits until it has asked `times` times for a template to be saved.
    fn wait_for(&self, times: usize) {
        let started = Instant::now();
        while self.printed().matches("Save ").count() < times {
            assert!(started.elapsed() < TIMEOUT, "{}", self.printed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }
}

#[test]
fn a_watched_template_is_deployed_on_each_save_until_an_interrupt() {
    let good = fs::read_to_string(project().join("examples/app-instance.yaml")).unwrap();
    let path = template("watched.yaml", &good.replace("Name: Chat", "Nmae: Chat"));
    let mut watching = Watching::start(&path, template("watched.txt", ""));
    watching.wait_for(1);
    fs::write(&path, &good).unwrap();
    watching.wait_for(2);
    fs::write(&path, "Resources: [").unwrap();
    watching.wait_for(3);
    assert!(is_running(&watching.printed()));
    watching.signal("-INT");
    let status = watching.child.wait().unwrap();
    let text = watching.printed();
    assert_eq!(status.code(), Some(1), "the first deployment failed: {text}");
    let parts = [
        "did you mean Name?",
        "ROLLBACK_COMPLETE",
        "Save ",
        "it is deleted first.",
        "Name: Chat",
        "Save ",
        "error: Template format error",
    ];
    assert_in_order(&text, &parts);
    assert_in_order(&text, &["error: ", "Deleting the stack", "Chime holds nothing"]);
    assert!(!is_running(&text));
    fs::remove_file(path).unwrap();
    fs::remove_file(&watching.output).unwrap();
}

#[test]
fn ministack_ends_when_the_command_is_killed() {
    let mut watching = Watching::start(&project().join("examples/app-instance.yaml"), template("killed.txt", ""));
    watching.wait_for(1);
    let text = watching.printed();
    assert!(is_running(&text));
    watching.signal("-KILL");
    watching.child.wait().unwrap();
    let started = Instant::now();
    while is_running(&text) {
        assert!(started.elapsed() < Duration::from_secs(10), "MiniStack outlives the command");
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::remove_file(&watching.output).unwrap();
}

#[test]
fn the_error_about_a_template_after_the_parameters_says_where_it_belongs() {
    for arguments in [
        &["--parameter-overrides", "Name=x", "examples/app-instance.yaml"][..],
        &["examples/app-instance.yaml", "--parameter-overrides", "Name=x", "examples/messaging.yaml"],
    ] {
        let (status, text) = run(arguments);
        assert_eq!(status, 2, "{text}");
        assert!(text.contains("a parameter is KEY=VALUE; templates go before --parameter-overrides"), "{text}");
    }
}

#[test]
fn an_unknown_parameter_is_an_error() {
    let (status, text) = run(&["examples/app-instance.yaml", "--parameter-overrides", "Nmae=x"]);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("Parameters: [Nmae] do not exist in the template"), "{text}");
}

#[test]
fn a_stream_that_chime_rejects_fails_its_resource_and_is_rolled_back() {
    let good = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let encryption = "      StreamEncryption:\n        EncryptionType: KMS\n        KeyId: alias/aws/kinesis\n";
    assert!(good.contains(encryption) && good.contains("ShardCount: 2"));
    let bad = good.replace("ShardCount: 2", "ShardCount: 1").replace(encryption, "");
    let path = template("unfit-stream.yaml", &bad);
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &[
            "CREATE_FAILED        Custom::ChimeMessagingStreamingConfigurations  Streaming",
            "needs two shards or more, and has 1, and has no server-side encryption",
            "ROLLBACK_COMPLETE",
            "The stack is in ROLLBACK_COMPLETE.",
            "Chime holds nothing",
        ],
    );
    assert!(!text.contains("Chime could not"), "{text}");
}

#[test]
fn an_update_to_a_missing_stream_is_rolled_back_to_the_previous_one() {
    let good = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let other = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-none";
    let path =
        template("no-stream.yaml", &good.replace("ResourceArn: !GetAtt Stream.Arn", &format!("ResourceArn: {other}")));
    let (status, text) = run(&["examples/messaging.yaml", path.to_str().unwrap(), "--all"]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(
        &text,
        &[
            "UPDATE_FAILED        Custom::ChimeMessagingStreamingConfigurations  Streaming",
            "Unable to access Kinesis stream chime-messaging-none",
            "UPDATE_ROLLBACK_COMPLETE",
            "Nothing has changed in Chime",
            "stream/chime-messaging-messaging",
        ],
    );
    assert!(!text.contains("Chime could not"), "{text}");
}

#[test]
fn an_unfit_change_to_a_stream_exits_with_1_and_a_fit_one_does_not() {
    let good = fs::read_to_string(project().join("examples/messaging.yaml")).unwrap();
    let bad = template("worse.yaml", &good.replace("ShardCount: 2", "ShardCount: 1"));
    let (status, text) = run(&["examples/messaging.yaml", bad.to_str().unwrap(), "examples/messaging.yaml"]);
    fs::remove_file(&bad).unwrap();
    assert_eq!(status, 1, "{text}");
    assert_in_order(&text, &["Chime could not stream", "needs two shards or more, and has 1", "is not deployed"]);
    let three = template("more.yaml", &good.replace("ShardCount: 2", "ShardCount: 3"));
    let (status, text) = run(&["examples/messaging.yaml", three.to_str().unwrap()]);
    fs::remove_file(three).unwrap();
    assert_eq!(status, 0, "{text}");
}

#[test]
fn a_channel_flow_function_that_chime_could_not_invoke_exits_with_1() {
    let text = fs::read_to_string(project().join("examples/native.yaml")).unwrap();
    let path = template("unfit.yaml", &text.replace("messaging.chime.amazonaws.com", "lambda.amazonaws.com"));
    let (status, text) = run(&[path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    for part in ["names messaging.chime.amazonaws.com", "Chime holds nothing"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn replaced_and_removed_resources_are_listed() {
    let before = project().join("examples/messaging.yaml");
    let text = fs::read_to_string(&before).unwrap();
    let (start, rest) = text.split_once("  Retention:\n").unwrap();
    let outputs = &rest[rest.find("\nOutputs:").unwrap()..];
    let changed = format!("{start}{outputs}").replace("AppInstanceUserId: agent", "AppInstanceUserId: clerk");
    let path = template("replaced.yaml", &changed);
    let (status, text) = run(&["examples/messaging.yaml", path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 0, "{text}");
    let (_, text) = text.split_once("The stack has changed\n").unwrap();
    let (lines, _) = text.split_once("\n\n").unwrap();
    let line = |start: &str| {
        let found = lines.lines().find_map(|line| line.strip_prefix(start));
        found.unwrap_or_else(|| panic!("no {start:?} in {lines}"))
    };
    let (old, new) = line("  replaced  Agent: ").split_once(" -> ").unwrap();
    assert!(old.ends_with("/user/agent") && new.ends_with("/user/clerk"), "{lines}");
    // The physical IDs of these contain the member and the moderator.
    line("  replaced  AgentInLobby: ");
    line("  replaced  AgentModeratesLobby: ");
    assert!(line("  removed   Retention: ").ends_with("/retention-settings"), "{lines}");
    assert_eq!(lines.lines().count(), 4, "{lines}");
}

#[test]
fn a_resource_lost_by_a_rename_exits_with_1() {
    let before = project().join("examples/messaging.yaml");
    let renamed = fs::read_to_string(&before).unwrap().replace("AgentInLobby", "AgentInTheLobby");
    let path = template("renamed.yaml", &renamed);
    let (status, text) = run(&["examples/messaging.yaml", path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("The stack has AgentInTheLobby, and Chime does not hold arn:aws:chime:"), "{text}");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = stack(&["examples/app-instance.yaml"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.contains("panicked")), (Some(2), false), "{text}");
    assert!(text.starts_with("error: standard output: No space left on device"), "{text}");
}
