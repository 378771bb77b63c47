//! Programs: our own, as they are built, and those of others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of what cargo builds by default. `cargo test --workspace` has built all of it; a test by itself finds nothing, or what was
/// built on another day.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "chime-messaging-resources", "--package", "chimectl"]);
        run(build.current_dir(cloudformation_local::workspace::root()));
        cloudformation_local::workspace::target().join("debug")
    })
}

/// The function.
pub fn function() -> PathBuf {
    built().join("chime-messaging-resources")
}

/// The command line.
pub fn chimectl() -> PathBuf {
    built().join("chimectl")
}

/// Runs a command that has to succeed, and gives what it says.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error} (Python 3 with venv and Node.js are needed)"));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}
