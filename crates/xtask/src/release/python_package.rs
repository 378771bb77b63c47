//! Packages for Python, built by flit.

use crate::files::file_error;
use crate::release::command::{run, said};
use cloudformation_local::Python;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The build backend, and what changes the tags of a wheel.
const REQUIREMENTS: &str = "flit_core==4.2.0\nwheel==0.45.1\n";

/// The modification time of the files in the archives, 2020-01-01, the same in every build.
pub const EPOCH: &str = "1577836800";

/// The tools that build packages.
#[derive(Debug)]
pub struct Builder {
    python: Python,
}

impl Builder {
    /// Installs the tools on first use.
    ///
    /// # Errors
    /// Python 3.10 is missing, or the tools cannot be installed.
    pub fn new(progress: &mut impl FnMut(&str)) -> Result<Self, String> {
        let python = Python::with("release-python", REQUIREMENTS, "flit_core", progress);
        Ok(Self { python: python.map_err(|error| error.to_string())? })
    }

    /// Writes the wheel of the project in `folder` to `out`, and returns its path.
    ///
    /// # Errors
    /// The project cannot be built.
    pub fn wheel(&self, folder: &Path, out: &Path) -> Result<PathBuf, String> {
        self.build("wheel", folder, out)
    }

    /// The same for the source distribution.
    ///
    /// # Errors
    /// See [`wheel`](Self::wheel).
    pub fn source_distribution(&self, folder: &Path, out: &Path) -> Result<PathBuf, String> {
        self.build("sdist", folder, out)
    }

    fn build(&self, what: &str, folder: &Path, out: &Path) -> Result<PathBuf, String> {
        let out = out.canonicalize().map_err(file_error(out))?;
        let program =
            format!("import sys; from flit_core.buildapi import build_{what} as build; print(build(sys.argv[1]))");
        let mut build = self.interpreter();
        build.args(["-B", "-c", &program]).arg(&out).current_dir(folder);
        Ok(out.join(said(&mut build)?))
    }

    /// Says that a wheel is for certain platforms only, as it has programs in it. Its name changes.
    ///
    /// # Errors
    /// The wheel cannot be read or written.
    pub fn limit(&self, wheel: &Path, platforms: &str) -> Result<(), String> {
        run(self.interpreter().args(["-m", "wheel", "tags", "--remove", "--platform-tag", platforms]).arg(wheel))
    }

    fn interpreter(&self) -> Command {
        let mut python = Command::new(self.python.interpreter());
        python.env("SOURCE_DATE_EPOCH", EPOCH);
        python
    }
}
