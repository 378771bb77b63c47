//! The wheel and the source distribution of `cfn-lint/`.

use crate::files::file_error;
use crate::release::command::run;
use cloudformation_local::Python;
use std::path::Path;
use std::process::Command;

/// What builds them.
const REQUIREMENTS: &str = "flit_core==3.12.0\n";

const PROGRAM: &str =
    "import sys; from flit_core import buildapi as b; b.build_wheel(sys.argv[1]); b.build_sdist(sys.argv[1])";

/// The time that the archives give for their files, 2020-01-01: every build has the same.
const EPOCH: &str = "1577836800";

/// Puts both into `out`.
///
/// # Errors
/// There is no Python 3.10, or the package does not build.
pub fn package(project: &Path, out: &Path, progress: &mut impl FnMut(&str)) -> Result<(), String> {
    let python =
        Python::with("release-python", REQUIREMENTS, "flit_core", progress).map_err(|error| error.to_string())?;
    let out = out.canonicalize().map_err(file_error(out))?;
    let mut build = Command::new(python.interpreter());
    build.args(["-B", "-c", PROGRAM]).arg(out).current_dir(project.join("cfn-lint")).env("SOURCE_DATE_EPOCH", EPOCH);
    run(&mut build)
}
