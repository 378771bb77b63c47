//! The command `cargo xtask bench`, with the function against itself. docs/performance.md discusses the figures.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// A script that runs the function. The debug build itself would take a minute to compress.
fn function() -> &'static Path {
    static FUNCTION: LazyLock<PathBuf> = LazyLock::new(|| {
        let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench.sh");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let function = runtime.block_on(chimectl::build::function(|_| ())).expect("it builds");
        let text = format!("#!/bin/sh\nexec '{}'\n", function.display());
        fs::write(&script, text).expect("a file");
        fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("it may be run");
        script
    });
    &FUNCTION
}

fn figures(arguments: &[&str]) -> Vec<Value> {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_xtask"));
    bench.args(["bench", "--starts", "2", "--events", "120", "--json", "--binary"]).arg(function()).args(arguments);
    let output = bench.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    said["figures"].as_array().expect("a list").clone()
}

fn value(figures: &[Value], what: &str) -> f64 {
    let line = figures.iter().find(|line| line["what"] == what);
    line.unwrap_or_else(|| panic!("no {what}: {figures:?}"))["value"].as_f64().expect("a number")
}

#[test]
fn an_event_makes_its_calls_over_one_connection_and_leaks_no_memory() {
    for arguments in [&[][..], &["--tls"], &["--constructs"]] {
        let figures = figures(arguments);
        // A create is one call. A delete is two: it reads the owner first.
        assert_eq!(value(&figures, "Chime calls, each event"), 1.5, "{arguments:?}");
        assert!(value(&figures, "warm create, median") > 0.0 && value(&figures, "warm delete, median") > 0.0);
        for what in ["connections to Chime", "connections to the bucket"] {
            assert_eq!(value(&figures, what), 1.0, "{what} with {arguments:?}");
        }
        let grown = value(&figures, "memory after the last") - value(&figures, "memory after 100 warm events");
        assert!(grown < 1.0, "{grown} MiB with {arguments:?}");
    }
}

#[test]
fn two_programs_are_compared() {
    for line in figures(&["--vs", function().to_str().expect("UTF-8")]) {
        let ratio = line["ratio"].as_f64().expect("a ratio");
        assert!(ratio > 0.0 && (line["unit"] != "MB" || ratio == 1.0), "{line}");
    }
}
