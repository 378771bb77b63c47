//! Python environments, created on first use.

use crate::error::{Error, Result};
use crate::workspace::{root, target};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// MiniStack and all its dependencies, with their versions.
const REQUIREMENTS: &str = include_str!("ministack/requirements.txt");

/// The file in a complete environment that has the requirements it was created with.
const MARK: &str = "complete.txt";

/// The variable with the interpreter that environments are made of; `python3` unless it is set. The wheel of chimectl sets it to its own.
const INTERPRETER: &str = "CHIMECTL_PYTHON";

/// A virtual environment with packages.
#[derive(Debug, Clone)]
pub struct Python {
    directory: PathBuf,
}

impl Python {
    /// The environment with MiniStack, in the folder [`target`]. If it has to be created first, `progress` is called.
    ///
    /// # Errors
    /// There is no Python 3.10, or the packages cannot be installed.
    pub fn prepare(progress: impl FnMut(&str)) -> Result<Self> {
        Self::with("ministack", REQUIREMENTS, "MiniStack", progress)
    }

    /// An environment with other packages, in the folder `home` of [`target`]. Messages call the packages `what`.
    ///
    /// # Errors
    /// See [`prepare`](Self::prepare).
    pub fn with(home: &str, requirements: &str, what: &str, progress: impl FnMut(&str)) -> Result<Self> {
        let python = std::env::var(INTERPRETER).unwrap_or_else(|_| "python3".to_owned());
        Self::prepare_in(&target().join(home), &python, requirements, what, progress)
    }

    fn prepare_in(
        home: &Path,
        python: &str,
        requirements: &str,
        what: &str,
        mut progress: impl FnMut(&str),
    ) -> Result<Self> {
        fs::create_dir_all(home).map_err(unwritable(home))?;
        // Two processes must not install into one directory. The lock ends with the file.
        let lock = home.join("lock");
        let lock = File::create(&lock).map_err(unwritable(&lock))?;
        lock.lock()?;
        let this = Self { directory: home.join("python") };
        let mark = this.directory.join(MARK);
        // The interpreter is a link to the one that the environment was made of, which may have been removed since.
        let is_complete = fs::read_to_string(&mark).is_ok_and(|made_of| made_of == requirements);
        if is_complete && this.interpreter().exists() {
            return Ok(this);
        }
        check(python, what)?;
        let folder = home.strip_prefix(root()).unwrap_or(home).display();
        progress(&format!("Installing {what} under {folder}, the first time only"));
        if this.directory.exists() {
            fs::remove_dir_all(&this.directory)?;
        }
        let list = home.join("requirements.txt");
        fs::write(&list, requirements)?;
        let mut venv = Command::new(python);
        venv.args(["-m", "venv"]).arg(&this.directory);
        run(&mut venv, home, "the Python environment cannot be made", |_| ())?;
        let mut pip = Command::new(this.interpreter());
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"]).arg(&list);
        run(&mut pip, home, &format!("{what} cannot be installed"), |line| {
            if let Some(package) = line.strip_prefix("Collecting ") {
                progress(&format!("  {}", package.split(' ').next().unwrap_or_default()));
            }
        })?;
        fs::write(mark, requirements)?;
        Ok(this)
    }

    /// The interpreter of the environment.
    pub fn interpreter(&self) -> PathBuf {
        self.directory.join("bin/python")
    }
}

/// The error of a file that cannot be written, as in a checkout that may only be read.
fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |error| {
        Error::new(format!("{path}: {error} (CARGO_TARGET_DIR names another folder for what is built and installed)"))
    }
}

fn check(python: &str, what: &str) -> Result<()> {
    let is_recent = "import sys; sys.exit(sys.version_info < (3, 10))";
    let found = Command::new(python).args(["-c", is_recent]).output().map_err(|error| {
        Error::new(format!("Python 3.10 or later is needed for {what}, and {python} cannot be run: {error}"))
    })?;
    if found.status.success() {
        return Ok(());
    }
    let version = Command::new(python).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Err(Error::new(format!("Python 3.10 or later is needed for {what}, and {python} is {version}")))
}

/// Runs a command and passes on each line of its output. An error has what it wrote to standard error.
fn run(command: &mut Command, home: &Path, what: &str, mut on_line: impl FnMut(&str)) -> Result<()> {
    let errors = home.join("errors");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&errors)?).spawn()?;
    let mut output = String::new();
    for line in
        child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(std::result::Result::ok)
    {
        on_line(&line);
        output = format!("{output}{line}\n");
    }
    if child.wait()?.success() {
        return Ok(());
    }
    let errors = fs::read_to_string(errors)?;
    // Some commands write errors to standard output.
    let said = if errors.trim().is_empty() { output } else { errors };
    Err(Error::new(format!("{what}:\n{}", said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(name: &str) -> PathBuf {
        let home = std::env::temp_dir().join(format!("cloudformation-local-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        home
    }

    #[test]
    fn an_error_says_which_python_is_needed() {
        let home = home("no-python");
        let refused =
            Python::prepare_in(&home, "no-such-python3", "", "MiniStack", |_| panic!("no progress")).unwrap_err();
        assert!(refused.to_string().starts_with("Python 3.10 or later is needed"), "{refused}");
        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_the_variable_that_moves_it() {
        let file = home("no-folder");
        fs::write(&file, "").unwrap();
        let error = Python::prepare_in(&file.join("ministack"), "python3", "", "MiniStack", |_| ()).unwrap_err();
        fs::remove_file(&file).unwrap();
        let error = error.to_string();
        assert!(error.contains("no-folder") && error.contains("CARGO_TARGET_DIR"), "{error}");
    }

    #[test]
    fn a_failed_installation_is_reported_and_tried_again() {
        let home = home("no-package");
        let prepare = |requirements: &str| {
            let mut told = 0;
            let outcome = Python::prepare_in(&home, "python3", requirements, "MiniStack", |_| told += 1);
            (outcome, told)
        };
        let (refused, told) = prepare("./no-such-package\n");
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.starts_with("MiniStack cannot be installed:") && refused.contains("no-such-package"),
            "{refused}"
        );
        assert_eq!(told, 1);
        let (made, told) = prepare("");
        assert!(made.unwrap().interpreter().exists());
        assert_eq!(told, 1);
        assert_eq!(prepare("").1, 0);
        // As after an upgrade of Python.
        fs::remove_file(prepare("").0.unwrap().interpreter()).unwrap();
        let (made, told) = prepare("");
        assert!(made.unwrap().interpreter().exists());
        assert_eq!(told, 1);
        fs::remove_dir_all(home).unwrap();
    }
}
