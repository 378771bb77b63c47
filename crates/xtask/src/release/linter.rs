//! The wheel and the source distribution of `cfn-lint/`.

use crate::files::file_error;
use crate::release::command::run;
use cloudformation_local::Python;
use std::path::Path;
use std::process::Command;

/// The build backend.
const REQUIREMENTS: &str = "flit_core==3.12.0\n";

const PROGRAM: &str =
    "import sys; from flit_core import buildapi as b; b.build_wheel(sys.argv[1]); b.build_sdist(sys.argv[1])";

/// The modification time of the files in the archives, 2020-01-01, the same in every build.
const EPOCH: &str = "1577836800";

/// Writes both to `out`.
///
/// # Errors
/// Python 3.10 is missing, or the build fails.
pub fn package(project: &Path, out: &Path, progress: &mut impl FnMut(&str)) -> Result<(), String> {
    let python =
        Python::with("release-python", REQUIREMENTS, "flit_core", progress).map_err(|error| error.to_string())?;
    let out = out.canonicalize().map_err(file_error(out))?;
    let mut build = Command::new(python.interpreter());
    build.args(["-B", "-c", PROGRAM]).arg(out).current_dir(project.join("cfn-lint")).env("SOURCE_DATE_EPOCH", EPOCH);
    run(&mut build)
}
