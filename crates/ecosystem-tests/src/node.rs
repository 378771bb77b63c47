//! npm packages, which are installed under `target/`.

use crate::programs::run;
use cloudformation_local::workspace::target;
use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Copies a file, or a folder recursively.
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

/// Installs the packages of the folder's `package-lock.json`, unless they are installed already.
pub fn install(folder: &Path) {
    let lock = fs::read_to_string(folder.join("package-lock.json")).expect("package-lock.json");
    let installed = folder.join("installed.json");
    if fs::read_to_string(&installed).ok().as_ref() != Some(&lock) {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder));
        fs::write(installed, lock).expect("the stamp is written");
    }
}

/// The folder `node_modules` with the packages of `node/`, which are installed on first use.
pub fn node_modules() -> PathBuf {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    let prepare = || {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
        let folder = target().join("ecosystem-tests/node");
        fs::create_dir_all(&folder).expect("a folder");
        // The test binaries share this folder, so only one may install at a time.
        let lock = File::create(folder.with_extension("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        for file in [".npmrc", "package.json", "package-lock.json"] {
            fs::copy(from.join(file), folder.join(file)).expect("a copy");
        }
        install(&folder);
        folder.join("node_modules")
    };
    MODULES.get_or_init(prepare).clone()
}
