//! What all commands share: completions, manual pages, colours, exit statuses.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use chime_simulator::{Options, Simulator};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 11] =
    ["completions", "drift", "export", "iam-policy", "inventory", "invoke", "man", "probe", "schema", "serve", "stack"];

/// Runs `chimectl`. Returns the exit status, the standard output and the error output.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chimectl")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_completions_of_each_shell_have_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (status, script, _) = run(&["completions", shell]);
        assert_eq!(status, 0);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} has no {command}");
        }
    }
    assert_eq!(run(&["completions", "cmd"]).0, 2);
}

#[test]
fn bash_completes_commands_and_options_with_the_script() {
    let (_, script, _) = run(&["completions", "bash"]);
    let mut bash = Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let ask = "COMP_WORDS=(chimectl dri); COMP_CWORD=1; _chimectl chimectl dri chimectl; echo \"${COMPREPLY[*]}\"
        COMP_WORDS=(chimectl drift --js); COMP_CWORD=2; _chimectl chimectl --js drift; echo \"${COMPREPLY[*]}\"";
    bash.stdin.take().unwrap().write_all(format!("{script}\n{ask}\n").as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "drift\n--json\n");
}

#[test]
fn each_command_has_a_manual_page() {
    let (status, page, _) = run(&["man"]);
    assert!(status == 0 && page.contains(".TH chimectl 1") && page.contains("Exit status"), "{page}");
    let folder = std::env::temp_dir().join(format!("chimectl-man-{}", std::process::id()));
    assert_eq!(run(&["man", folder.to_str().unwrap()]).0, 0);
    for command in COMMANDS {
        let page = fs::read_to_string(folder.join(format!("chimectl-{command}.1"))).unwrap();
        assert!(page.contains("chimectl\\-"), "{page}");
    }
    fs::remove_dir_all(&folder).unwrap();
    let file = env!("CARGO_BIN_EXE_chimectl");
    let (status, _, error) = run(&["man", file]);
    assert!(status == 2 && error.contains(file), "{error}");
}

#[test]
fn colours_are_written_always_or_never_as_chosen() {
    // It fails before anything is called.
    let failing = ["drift", "chat", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:9"];
    for (color, has_colours) in [("always", true), ("never", false), ("auto", false)] {
        let (status, _, error) = run(&[&failing[..], &["--color", color]].concat());
        assert_eq!((status, error.contains('\u{1b}')), (2, has_colours), "{color}: {error}");
    }
}

#[test]
fn the_help_says_what_the_exit_statuses_mean() {
    let help = |arguments: &[&str]| run(&[arguments, &["--help"]].concat()).1;
    assert!(help(&[]).contains("Exit status: 0 all is as it should be"), "{}", help(&[]));
    for command in ["drift", "export", "inventory", "invoke", "probe", "stack"] {
        let help = help(&[command]);
        assert!(help.contains("Exit status: 0 "), "{command}: {help}");
    }
}

const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e";

/// A simulator with an app instance, and a line for each command that prints something. `serve` would not end by itself.
fn printing() -> (Simulator, Vec<Vec<String>>) {
    let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
    let simulator = Simulator::start(Options { seed, ..Options::default() }).unwrap();
    let at = format!("--endpoint-url {}", simulator.url());
    let event = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/ChimeAppInstance/1-create.json");
    let lines = [
        "--help",
        "--version",
        "stack --help",
        "completions bash",
        &format!("drift chat {at}"),
        &format!("drift chat --json {at}"),
        &format!("export {APP} {at}"),
        "iam-policy",
        &format!("inventory {at}"),
        &format!("inventory --json {at}"),
        &format!("invoke {event}"),
        &format!("invoke --json {event}"),
        "man",
        "probe --dry-run",
        "probe --dry-run --json",
        "schema",
        "schema ChimeChannel",
        "serve --chime-port 0 --bucket-port 0 --invoke-port 0",
    ];
    (simulator, lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect())
}

/// Runs `chimectl` with this standard output. Returns the exit status and the error output.
fn run_into(arguments: &[String], stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_chimectl")).args(arguments).stdout(stdout).stderr(Stdio::piped()).output();
    let output = output.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn no_command_passes_over_a_full_disk() {
    let (_simulator, lines) = printing();
    for arguments in lines {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (status, error) = run_into(&arguments, full);
        assert_eq!(status, Some(2), "{arguments:?}: {error}");
        assert!(error.contains("error: standard output: No space left on device"), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{arguments:?}: {error}");
    }
}

#[test]
fn every_command_ends_quietly_when_nobody_reads_on() {
    let (_simulator, lines) = printing();
    for arguments in lines {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (status, error) = run_into(&arguments, writer);
        assert_eq!((status, error.as_str()), (Some(2), ""), "{arguments:?}");
    }
}

#[test]
fn an_error_that_nobody_can_be_told_still_has_its_exit_status() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_chimectl")).args(["schema", "Nothing"]).stderr(full).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

#[test]
fn a_misspelt_type_is_answered_with_the_one_that_was_meant() {
    for wanted in ["ChimeChanel", "Custom::ChimeChanel"] {
        let (status, error) = run_into(&["schema".to_owned(), wanted.to_owned()], Stdio::null());
        let expected = "error: Custom::ChimeChanel is not a type, did you mean Custom::ChimeChannel?\n";
        assert_eq!((status, &*error), (Some(2), expected));
    }
}
