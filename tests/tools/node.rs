//! Node.js and its packages, which are installed under `target/`.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Copies a file, or a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}

/// Installs the packages of the folder's `package-lock.json`, unless they are there.
pub fn install(folder: &Path) {
    let lock = fs::read_to_string(folder.join("package-lock.json")).expect("package-lock.json");
    let installed = folder.join("installed.json");
    if fs::read_to_string(&installed).ok().as_ref() != Some(&lock) {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder));
        fs::write(installed, lock).expect("the stamp is written");
    }
}

/// Runs a command that has to succeed, and gives what it says.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error} (Node.js is needed)"));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}
