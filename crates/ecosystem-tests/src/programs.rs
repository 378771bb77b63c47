//! Runs programs: this project's own, and third-party tools.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the debug build. `cargo test --workspace` has built the programs already, but a single test of this crate has not.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "chime-messaging-resources", "--package", "chimectl"]);
        run(build.current_dir(cloudformation_local::workspace::root()));
        cloudformation_local::workspace::target().join("debug")
    })
}

/// The path of the function.
pub fn function() -> PathBuf {
    built().join("chime-messaging-resources")
}

/// The path of `chimectl`.
pub fn chimectl() -> PathBuf {
    built().join("chimectl")
}

/// Runs a command, which must succeed, and returns its output.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error} (the tests need Python 3 with venv, and Node.js)"));
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {printed}");
    printed
}
