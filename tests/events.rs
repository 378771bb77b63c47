//! The sample events in `events/`: every type has a full set, and each event works on its own.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

#[path = "support/test_bed.rs"]
mod test_bed;

use crate::test_bed::ChimeTestBed;
use chime_messaging_resources::registry::types;
use chime_simulator::Options;
use chime_simulator::sample_seed;
use futures_util::future::join_all;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// The folders of events, each with its sorted files.
fn folders(of: &Path) -> Vec<(String, Vec<PathBuf>)> {
    let entries = fs::read_dir(of).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = entries
        .filter(|path| path.is_dir() && !path.ends_with("cdk"))
        .map(|path| {
            let mut files: Vec<_> =
                fs::read_dir(&path).expect("a folder").map(|file| file.expect("a file").path()).collect();
            files.sort();
            (path.file_name().expect("a name").to_string_lossy().into_owned(), files)
        })
        .collect();
    folders.sort();
    folders
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

#[test]
fn each_type_and_each_construct_has_its_events() {
    let mut types = types();
    types.sort_unstable();
    let ours: Vec<_> = folders(&folder()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(ours, types);
    let constructs: Vec<_> = folders(&folder().join("cdk")).into_iter().map(|(name, _)| name).collect();
    let known = [
        "AppInstance",
        "AppInstanceAdmin",
        "AppInstanceBot",
        "AppInstanceUser",
        "ChannelFlow",
        "DataRetention",
        "StreamingConfig",
    ];
    assert_eq!(constructs, known);
    for (name, files) in folders(&folder()).into_iter().chain(folders(&folder().join("cdk"))) {
        let names: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
        // An app instance is never replaced.
        let expected = match name.as_str() {
            "ChimeAppInstance" | "AppInstance" => vec!["1-create", "2-update", "4-delete"],
            _ => vec!["1-create", "2-update", "3-replace", "4-delete"],
        };
        assert_eq!(names, expected, "{name}");
    }
}

/// Runs one event in an account of its own.
async fn run_alone(file: PathBuf) {
    let options = Options { seed: sample_seed().expect("a seed"), ..Options::default() };
    let bed = ChimeTestBed::start(options).expect("it starts");
    let event = read(&file);
    let outcome = bed.invoke(&event).await;
    let name = file.display();
    assert_eq!((outcome.status(), &outcome.problems), ("SUCCESS", &Vec::new()), "{name}: {}", outcome.reason());
    let is_kept = event["PhysicalResourceId"] == outcome.id();
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
    assert_eq!(is_kept, ["2-update", "4-delete"].contains(&stem), "{name}");
    // Only the bearer of these can change in place.
    let unchanged = ["Admin", "ChannelModerator", "ChannelBan"];
    let is_unchanged = stem == "2-update" && unchanged.iter().any(|unchanged| name.to_string().contains(unchanged));
    assert_eq!(outcome.calls.iter().any(|call| call.changing), !is_unchanged, "{name}");
}

/// Runs the events of a folder in their order, in one account.
async fn run_in_sequence((name, files): (String, Vec<PathBuf>)) {
    let options = Options { seed: sample_seed().expect("a seed"), ..Options::default() };
    let bed = ChimeTestBed::start(options).expect("it starts");
    for file in files {
        let outcome = bed.invoke(&read(&file)).await;
        assert_eq!(outcome.status(), "SUCCESS", "{name}: {}", outcome.reason());
    }
}

// All at a time: a Delete of what bears no mark looks for one for twenty seconds.
#[tokio::test]
async fn each_event_succeeds_on_its_own_and_does_what_its_name_says() {
    let all = folders(&folder()).into_iter().chain(folders(&folder().join("cdk")));
    join_all(all.flat_map(|(_, files)| files).map(run_alone)).await;
}

#[tokio::test]
async fn the_events_of_a_type_succeed_in_sequence() {
    join_all(folders(&folder()).into_iter().chain(folders(&folder().join("cdk"))).map(run_in_sequence)).await;
}
