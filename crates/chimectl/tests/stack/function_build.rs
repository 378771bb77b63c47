//! The function that a rehearsal builds.

use crate::{CHIMECTL, folder, project};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate whose build script watches the variables that cargo sets for a crate, as that of a dependency with C code does, and a program
/// that has cargo build it in place of what is there already: by themselves, the function and `chimectl` need other features of their
/// dependencies than with all tests, and cargo would build everything once more.
fn watching_crate(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"watching\"\nedition = \"2024\"\n\n[workspace]\n")
        .unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let watched = ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"].map(|name| format!("cargo:rerun-if-env-changed={name}"));
    let script = format!("fn main() {{\n    println!(\"{}\");\n}}\n", watched.join("\\n"));
    fs::write(folder.join("build.rs"), script).unwrap();
    let (program, cargo) = (folder.join("cargo.sh"), env!("CARGO"));
    let function = Path::new(CHIMECTL).with_file_name("chime-messaging-resources").display().to_string();
    let script = format!(
        "#!/bin/sh\necho \"building: $*\" >&2\n[ -e '{function}' ] || '{cargo}' \"$@\" || exit\n\
         exec '{cargo}' build --manifest-path '{}' --target-dir '{}'\n",
        folder.join("Cargo.toml").display(),
        folder.join("target").display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn a_second_run_by_cargo_builds_nothing_again() {
    let folder = folder("watching");
    let cargo = watching_crate(&folder);
    // `cargo run` sets these variables to the crate that it runs; they must not reach the build of the function.
    let run_from = |place: &str| {
        let mut command = Command::new(CHIMECTL);
        command.args(["stack", "examples/app-instance.yaml"]).current_dir(project()).env("CARGO", &cargo);
        let output = command.env("CARGO_MANIFEST_DIR", place).env("CARGO_PKG_NAME", place).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}");
        text
    };
    let first = run_from("/one");
    assert!(first.contains("building: build --package chime-messaging-resources --package chimectl\n"), "{first}");
    assert!(first.contains("Compiling watching"), "{first}");
    let second = run_from("/two");
    fs::remove_dir_all(&folder).unwrap();
    assert!(second.contains("building: ") && !second.contains("Compiling"), "{second}");
}
