//! What the command sends, and the rights that it needs.

use crate::world::{World, resource};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_but_reads_is_sent() {
    let world = World::of_stack("reads");
    let ids = world.deploy(json!({"App": resource("Custom::ChimeAppInstance", json!({"Name": "Reads"}))})).await;
    let before = world.simulator.calls().len();
    assert_eq!(world.drift(&[]).await.status, 0);
    let calls = world.simulator.calls().split_off(before);
    let id = ids["App"].rsplit('/').next().unwrap();
    let is_about = |call: &chime_simulator::Call| call.path.contains(id) || call.input.to_string().contains(id);
    let own: Vec<_> = calls.iter().filter(|call| is_about(call)).collect();
    assert!(own.len() >= 2 && own.iter().all(|call| !call.changing), "{own:?}");
}

#[tokio::test]
async fn the_nightly_check_has_the_rights_that_are_printed_and_no_others() {
    let template = include_str!("../../../../examples/drift-check/nightly.yaml");
    let (_, read) = template.split_once("PolicyName: Read\n").unwrap();
    let (read, _) = read.split_once("\n\n").unwrap();
    let items = read.lines().filter_map(|line| line.trim().strip_prefix("- ")).filter(|it| *it != "Effect: Allow");
    let stated: Vec<_> = items.map(|item| item.trim_matches('"')).collect();
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_chimectl")).arg("iam-policy").output().unwrap();
    let policy: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        let all = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        all.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let statements = policy["Statement"].as_array().unwrap().iter();
    let allowed: Vec<_> = statements.flat_map(|it| [texts(&it["Action"]), texts(&it["Resource"])].concat()).collect();
    assert_eq!(stated, allowed);
}
