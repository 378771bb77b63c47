//! The Python tools that check templates and workflows.

use cloudformation_local::Python;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The packages.
const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The folder with the programs of `requirements.txt`, which are installed on first use.
pub fn python_tools() -> PathBuf {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    let install = || {
        let python =
            Python::with("ecosystem-tests", REQUIREMENTS, "the tools of the tests", |step| eprintln!("{step}"));
        let interpreter = python.expect("the tools are installed").interpreter();
        interpreter.with_file_name("")
    };
    TOOLS.get_or_init(install).clone()
}
