//! The tools that check templates and workflows, in Python and in Node.js, installed under `target/` on first use.

#![allow(dead_code)] // Each test binary uses a part of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the programs of `tests/requirements.txt`, installed on first use.
pub fn tools() -> &'static Path {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint");
        let (bin, stamp) = (folder.join("bin"), folder.join("requirements.txt"));
        let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
        let requirements = fs::read_to_string(&wanted).expect("tests/requirements.txt");
        // Test binaries share the environment, and another one may be installing it at this moment.
        let lock = File::create(folder.with_extension("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) {
            return bin;
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(bin.join("python")).args(["-m", "pip", "install", "--quiet", "-r"]).arg(wanted));
        fs::write(stamp, requirements).expect("the stamp is written");
        bin
    })
}

/// The folder `node_modules` of the packages of `tests/node`, installed on first use.
pub fn node_modules() -> &'static Path {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    MODULES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
        let read = |folder: &Path| fs::read_to_string(folder.join("package-lock.json"));
        let wanted = read(&from).expect("tests/node/package-lock.json");
        fs::create_dir_all(&folder).expect("a folder");
        let lock = File::create(folder.with_extension("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        let (modules, stamp) = (folder.join("node_modules"), folder.join("installed.json"));
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return modules;
        }
        for file in ["package.json", "package-lock.json"] {
            fs::copy(from.join(file), folder.join(file)).expect("a copy");
        }
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder));
        fs::write(stamp, wanted).expect("the stamp is written");
        modules
    })
}

/// The program `chime-local`. `cargo test --workspace` has built it; a test by itself finds none, or one of another day.
pub fn chime_local() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    run(build.args(["build", "--quiet", "-p", "chime-local"]).current_dir(env!("CARGO_MANIFEST_DIR")));
    Path::new(env!("CARGO_BIN_EXE_chime-messaging-resources")).with_file_name("chime-local")
}

/// Runs a command that has to succeed, and gives what it says.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error} (Python 3 with venv and Node.js are needed)"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {text}");
    text
}
