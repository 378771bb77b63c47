//! The command `chimectl probe` against the simulator in each of its variants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use chime_simulator::{Behaviour, Fault, FaultKind, Options, Simulator};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CHIMECTL: &str = env!("CARGO_BIN_EXE_chimectl");

fn simulator(behaviour: &Json) -> Simulator {
    let behaviour = serde_json::from_value(behaviour.clone()).unwrap();
    Simulator::start(Options { behaviour, ..Options::default() }).unwrap()
}

/// The command in an environment without AWS credentials.
fn probe(simulator: &Simulator, arguments: &[&str]) -> Command {
    let mut command = Command::new(CHIMECTL);
    command.args(["probe", "--endpoint-url", &simulator.url()]).args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name == "CHIME_REGION") {
        command.env_remove(name);
    }
    command
}

fn run(simulator: &Simulator, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = probe(simulator, arguments).output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (status.code().unwrap(), text)
}

/// The report of these questions, after checking that all are answered and nothing is left over.
fn report(simulator: &Simulator, only: &str) -> Json {
    let only = if only.is_empty() { vec![] } else { vec!["--only", only] };
    let arguments = [vec!["--yes", "--json", "--patience", "20"], only].concat();
    let Output { status, stdout, stderr } = probe(simulator, &arguments).output().unwrap();
    let (said, log) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(0), "{said}{log}");
    assert!(simulator.is_empty(), "{}", simulator.holds());
    serde_json::from_str(&said).unwrap()
}

/// The names of a switch's variants, from serde's message about an unknown one.
fn variants(switch: &str) -> Vec<String> {
    let error = serde_json::from_value::<Behaviour>(json!({switch: "?"})).unwrap_err().to_string();
    let (_, listed) = error.split_once("expected ").expect("variants");
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn behaviour(changes: &[(&str, Json)]) -> Json {
    Json::Object(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>())
}

/// The switches with variants, and the questions that distinguish them.
const WITH_VARIANTS: [(&str, &str); 9] = [
    ("missing", "made-up-ids"),
    ("delete_missing", "second-delete"),
    ("missing_parent", "made-up-ids,deleted-app-instance"),
    ("delete_missing_parent", "made-up-ids,deleted-app-instance"),
    ("association_exists", "already-there,flow-swap"),
    ("token_replay", "token-replay"),
    ("channel_flow_swap", "flow-swap"),
    ("batch_member_exists", "batch-member"),
    ("listed_names", "listed-names"),
];

#[test]
fn the_report_names_the_variant_that_was_set() {
    let mut tried = 0;
    for (switch, only) in WITH_VARIANTS {
        let variants = variants(switch);
        assert!(variants.len() > 1, "{switch}: {variants:?}");
        for variant in variants {
            let simulator = simulator(&json!({switch: variant}));
            let report = report(&simulator, only);
            assert_eq!(report["behaviour"][switch], json!(variant), "{switch}: {report:#}");
            tried += 1;
        }
    }
    assert!(tried >= 32, "{tried}");
}

/// The switches that are numbers or booleans.
const OTHERS: [(&str, &str, &[&str]); 2] =
    [("page_size", "pages", &["1", "2", "50"]), ("looping_next_token", "pages", &["false", "true"])];

#[test]
fn the_report_names_the_number_or_boolean_that_was_set() {
    for (switch, only, values) in OTHERS {
        for value in values {
            let value: Json = serde_json::from_str(value).unwrap();
            let report = report(&simulator(&json!({switch: value})), only);
            assert_eq!(report["behaviour"][switch], value, "{switch}: {report:#}");
        }
    }
    for is_empty in [false, true] {
        let simulator = simulator(&json!({"tags_lag_ms": 400, "tags_empty_in_lag": is_empty}));
        let report = report(&simulator, "tags-at-once");
        assert_eq!(report["behaviour"]["tags_empty_in_lag"], json!(is_empty), "{report:#}");
    }
}

/// The switches that are times, and the questions that measure them.
const TIMES: [(&str, &str); 5] = [
    ("read_after_write_ms", "read-after-write"),
    ("list_lag_ms", "list-lag"),
    ("tags_lag_ms", "tags-at-once"),
    ("delete_time_ms", "deleted-id"),
    ("create_time_ms", "token-at-once"),
];

/// Whether the measured time is close to `set`. The tolerance is wide: the probe polls, and the machine may be busy.
fn is_about(measured: &Json, set: u64) -> bool {
    measured.as_u64().is_some_and(|ms| (set * 9 / 10..set * 6).contains(&ms))
}

#[test]
fn the_report_names_the_time_that_was_set() {
    for (switch, only) in TIMES {
        let still = report(&simulator(&json!({})), only);
        assert_eq!(still["behaviour"][switch], 0, "{switch}: {still:#}");
        let report = report(&simulator(&json!({switch: 700})), only);
        assert!(is_about(&report["behaviour"][switch], 700), "{switch}: {report:#}");
    }
    let still = report(&simulator(&json!({})), "deleted-app-instance");
    assert_eq!(still["behaviour"]["app_instance_delete"], "Immediate");
    let variant = json!({"app_instance_delete": {"Asynchronous": {"listed_for_ms": 700}}});
    let report = report(&simulator(&variant), "deleted-app-instance");
    let measured = &report["behaviour"]["app_instance_delete"]["Asynchronous"]["listed_for_ms"];
    assert!(is_about(measured, 700), "{report:#}");
}

#[test]
fn a_lag_or_a_slow_deletion_is_not_mistaken_for_another_switch() {
    for other in [json!({"list_lag_ms": 600}), json!({"read_after_write_ms": 600}), json!({"delete_time_ms": 600})] {
        let report = report(&simulator(&other), "deleted-app-instance");
        assert_eq!(report["behaviour"]["app_instance_delete"], "Immediate", "{other}: {report:#}");
    }
}

#[test]
fn every_switch_is_tested() {
    let Json::Object(all) = json!(Behaviour::default()) else { panic!("an object") };
    let tried = WITH_VARIANTS.iter().map(|(switch, _)| *switch);
    let tried = tried.chain(OTHERS.iter().map(|(switch, ..)| *switch)).chain(TIMES.iter().map(|(switch, _)| *switch));
    let tried = tried.chain(["tags_empty_in_lag", "app_instance_delete"]);
    // The probe does not measure Chime's call rate.
    let tried: BTreeSet<&str> = tried.chain(["rate"]).collect();
    assert_eq!(all.keys().map(String::as_str).collect::<BTreeSet<_>>(), tried);
}

#[test]
fn all_questions_are_answered_by_a_chime_that_lags_throttles_and_differs_from_the_default() {
    let set = behaviour(&[
        ("read_after_write_ms", json!(300)),
        ("tags_lag_ms", json!(500)),
        ("rate", json!(20)),
        ("missing", json!("Forbidden403")),
        ("missing_parent", json!("Forbidden403")),
        ("delete_missing", json!("Forbidden403")),
        ("delete_missing_parent", json!("NotFound404")),
        ("association_exists", json!("Success201")),
        ("token_replay", json!("Conflict409")),
        ("channel_flow_swap", json!("Conflict409")),
        ("batch_member_exists", json!("LeftOut")),
        ("listed_names", json!("TrailingBlank")),
    ]);
    let simulator = simulator(&set);
    let report = report(&simulator, "");
    for (switch, value) in set.as_object().unwrap() {
        let said = &report["behaviour"][switch];
        match switch.as_str() {
            "rate" => assert!(said.is_null()),
            name if name.ends_with("_ms") => assert!(is_about(said, value.as_u64().unwrap()), "{switch}: {report:#}"),
            _ => assert_eq!(said, value, "{switch}: {report:#}"),
        }
    }
    let throttled = simulator.calls().iter().filter(|call| call.status == Some(429)).count();
    assert!(throttled > 0);
    // The report can be shared: it contains no account number.
    assert!(!report["questions"].to_string().contains("123456789012"), "{:#}", report["questions"]);
    // The simulator accepts the reported behaviour.
    serde_json::from_value::<Behaviour>(report["behaviour"].clone()).unwrap();
}

fn plan(simulator: &Simulator) -> Json {
    let output = probe(simulator, &["--dry-run", "--json"]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names(list: &Json) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_dry_run_lists_the_calls_and_makes_none() {
    let simulator = simulator(&json!({}));
    let plan = plan(&simulator);
    let (status, text) = run(&simulator, &["--dry-run"]);
    assert_eq!(status, 0);
    for question in plan["questions"].as_array().unwrap() {
        assert!(text.contains(question["asks"].as_str().unwrap()), "{question} in {text}");
    }
    assert!(text.contains("DescribeChannelMembership"), "{text}");
    assert!(simulator.calls().is_empty());
}

#[test]
fn each_question_makes_the_calls_that_the_dry_run_lists() {
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-probe";
    let plain = simulator(&json!({}));
    let plan = plan(&plain);
    let (before, after) = (names(&plan["before"]), names(&plan["after"]));
    for question in plan["questions"].as_array().unwrap() {
        let simulator = simulator(&json!({}));
        let id = question["id"].as_str().unwrap();
        let (status, text) = run(&simulator, &["--yes", "--only", id, "--stream-arn", stream]);
        assert_eq!(status, 0, "{text}");
        let listed = names(&question["calls"]);
        let mut made: BTreeMap<String, u32> = BTreeMap::new();
        simulator.calls().iter().for_each(|call| *made.entry(call.operation.clone()).or_default() += 1);
        // One call of each of these belongs to the setup or the cleanup; any further call is the question's own.
        for name in before.iter().chain(&after) {
            made.entry(name.clone()).and_modify(|times| *times = times.saturating_sub(1));
        }
        let made: BTreeSet<String> = made.into_iter().filter(|(_, times)| *times > 0).map(|(name, _)| name).collect();
        assert_eq!(made, listed, "{id}");
    }
}

#[test]
fn a_denial_is_not_an_answer_and_aborts_only_its_question() {
    let simulator = simulator(&json!({}));
    simulator.inject(Fault::always("CreateChannelMembership", FaultKind::AccessDenied));
    simulator.inject(Fault::always("DeleteAppInstanceAdmin", FaultKind::AccessDenied));
    let (status, text) = run(&simulator, &["--yes", "--only", "batch-member,second-delete,pages"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("IAM denies it: CreateChannelMembership failed: AccessDeniedException"), "{text}");
    assert!(!text.contains("batch_member_exists"), "{text}");
    assert!(text.contains("delete_missing: NotFound404") && text.contains("page_size: 50"), "{text}");
    assert!(simulator.is_empty());
}

#[test]
fn nothing_is_left_over_after_a_failing_call() {
    for kind in [FaultKind::InternalFailure, FaultKind::ResetBefore, FaultKind::Hang(None), FaultKind::AccessDenied] {
        for operation in ["ListAppInstances", "CreateAppInstanceUser", "CreateChannel", "DeleteChannel"] {
            // The cleanup needs ListAppInstances only after a create whose result is unknown.
            let simulator = simulator(&json!({}));
            simulator.inject(Fault::always(operation, kind.clone()));
            let arguments = ["--yes", "--patience", "1", "--only", "second-delete,deleted-app-instance"];
            let (status, text) = run(&simulator, &arguments);
            assert_ne!(status, 0, "{operation}: {text}");
            assert!(text.contains(operation) || text.contains("1 s were up"), "{text}");
            assert!(simulator.is_empty(), "{operation}, {kind:?}: {text}");
        }
    }
}

#[test]
fn an_app_instance_that_its_delete_cannot_see_yet_is_deleted_anyway() {
    let simulator = simulator(&json!({"list_lag_ms": 3000}));
    simulator.inject(Fault::once("DeleteAppInstance", FaultKind::NotFound).times(2));
    simulator.inject(Fault::always("CreateChannel", FaultKind::Conflict));
    let (status, text) = run(&simulator, &["--yes", "--only", "refusals", "--patience", "5"]);
    assert_eq!(status, 2, "{text}");
    assert!(
        simulator.is_empty() && text.contains("nothing could be asked (not prepared: CreateChannel: 409"),
        "{text}"
    );
}

#[test]
fn leftovers_are_reported_with_their_delete_command() {
    let simulator = simulator(&json!({}));
    simulator.inject(Fault::always("DeleteAppInstance", FaultKind::AccessDenied));
    let (status, text) = run(&simulator, &["--yes", "--only", "pages"]);
    assert_eq!(status, 1, "{text}");
    let arn = simulator.holds()[0]["AppInstanceArn"].as_str().unwrap().to_owned();
    let command = format!("aws chime-sdk-identity delete-app-instance --region us-east-1 --app-instance-arn {arn}\n");
    assert!(text.contains(&command), "{text}");
    simulator.clear_faults();
    // The next run reports it too, but does not delete it.
    let (status, text) = run(&simulator, &["--yes", "--only", "refusals"]);
    assert!(status == 0 && text.contains("Another run has left") && text.contains(&command), "{text}");
    assert_eq!(simulator.holds().as_array().unwrap().len(), 1);
}

#[test]
fn without_a_terminal_nothing_is_confirmed() {
    let simulator = simulator(&json!({}));
    let (status, text) = run(&simulator, &[]);
    assert_eq!(status, 2, "{text}");
    assert!(
        text.contains("It creates app instances with the name chimectl-probe-") && text.contains("--yes"),
        "{text}"
    );
    let (status, text) = run(&simulator, &["--yes", "--only", "nonsense"]);
    assert!(status == 2 && text.contains("nonsense is not a question; the questions are read-after-write, "), "{text}");
    assert!(simulator.calls().is_empty());
}

/// Starts the probe, sends it a signal as soon as `is_time`, and returns its exit status.
fn interrupted(simulator: &Simulator, signal: &str, is_time: impl Fn(&Simulator) -> bool) -> Option<i32> {
    let mut command = probe(simulator, &["--yes"]);
    let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !is_time(simulator) {
        assert!(started.elapsed() < Duration::from_secs(30) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap().code()
}

#[test]
fn everything_is_deleted_after_a_signal() {
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let simulator = simulator(&json!({"create_time_ms": 50}));
        let is_time = |simulator: &Simulator| simulator.calls().len() > 12;
        assert_eq!(interrupted(&simulator, signal, is_time), Some(status));
        assert!(simulator.is_empty(), "{signal}: {}", simulator.holds());
        let calls = simulator.calls();
        assert!(calls.len() < 40, "{} calls", calls.len());
        assert_eq!(calls.last().unwrap().operation, "DeleteAppInstance");
    }
}

#[test]
fn a_signal_during_the_creation_of_the_app_instance_leaves_none() {
    let simulator = simulator(&json!({"create_time_ms": 800}));
    let is_time = |simulator: &Simulator| simulator.calls().iter().any(|call| call.operation == "CreateAppInstance");
    assert_eq!(interrupted(&simulator, "-TERM", is_time), Some(143));
    assert!(simulator.is_empty(), "{}", simulator.holds());
    assert_eq!(simulator.calls().last().unwrap().operation, "DeleteAppInstance");
}

#[test]
fn a_second_signal_aborts_the_cleanup_and_reports_leftovers() {
    let simulator = simulator(&json!({}));
    simulator.inject(Fault::always("DeleteAppInstance", FaultKind::Hang(None)));
    let mut command = probe(&simulator, &["--yes", "--only", "read-after-write"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while simulator.calls().iter().all(|call| call.operation != "DeleteAppInstance") {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    // The first signal arrives during the cleanup, which goes on.
    let terminate = || Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(terminate().success());
    std::thread::sleep(Duration::from_millis(300));
    assert!(terminate().success());
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&stdout);
    let arn = simulator.holds()[0]["AppInstanceArn"].as_str().unwrap().to_owned();
    assert!(status.code() == Some(1) && text.contains(&format!("--app-instance-arn {arn}\n")), "{text}");
    assert!(text.contains("SIGTERM, and the cleanup goes on"), "{text}");
}

#[test]
fn everything_is_deleted_although_its_output_is_closed() {
    let simulator = simulator(&json!({}));
    let mut command = probe(&simulator, &["--yes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while simulator.calls().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(child.stdout.take());
    // Nobody has seen the whole report.
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(simulator.is_empty() && simulator.calls().len() > 100);
}
