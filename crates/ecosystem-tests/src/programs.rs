//! Runs programs: this project's own, and third-party tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the debug build. `cargo test --workspace` has built the programs already, with the features that all tests together need: to
/// build them by themselves would build their dependencies once more. A single test of this crate has not built them.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = cloudformation_local::workspace::target().join("debug");
        if !PROGRAMS.iter().all(|program| is_current(&folder.join(program))) {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet"]).args(PROGRAMS.iter().flat_map(|program| ["--package", program]));
            run(build.current_dir(cloudformation_local::workspace::root()));
        }
        folder
    })
}

/// The programs, each of which has the name of its package.
const PROGRAMS: [&str; 2] = ["chime-messaging-resources", "chimectl"];

/// Whether a program is newer than all of its sources, which cargo lists in the file beside it.
fn is_current(program: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let (Some(built), Ok(list)) = (modified(program), fs::read_to_string(program.with_extension("d"))) else {
        return false;
    };
    // In the syntax of make: a blank in a path has a backslash.
    let Some((_, sources)) = list.split_once(": ") else { return false };
    let sources = sources.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| PathBuf::from(source.replace('\0', " ")));
    sources.all(|source| modified(&source).is_some_and(|saved| saved <= built))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_program_is_current_until_one_of_its_sources_changes() {
        let folder = std::env::temp_dir().join(format!("programs {}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, source) = (folder.join("program"), folder.join("main.rs"));
        let escaped = |path: &Path| path.display().to_string().replace(' ', "\\ ");
        fs::write(&source, "").unwrap();
        fs::write(&program, "").unwrap();
        assert!(!is_current(&program), "nobody says what it is made of");
        fs::write(folder.join("program.d"), format!("{}: {}\n", escaped(&program), escaped(&source))).unwrap();
        assert!(is_current(&program));
        let later = SystemTime::now() + Duration::from_secs(5);
        fs::File::options().write(true).open(&source).unwrap().set_modified(later).unwrap();
        assert!(!is_current(&program), "a source is newer");
        fs::remove_file(&source).unwrap();
        assert!(!is_current(&program), "a source is missing");
        fs::remove_dir_all(folder).unwrap();
    }
}
