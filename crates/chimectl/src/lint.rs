//! What can be found in a template before it is deployed.
//!
//! cfn-lint with the rules of `cfn-lint/` finds all of it, where it is installed and asked for. A missing `DependsOn` is looked for in any
//! case: MiniStack makes one resource after the other, so a rehearsal may pass by luck.

mod missing_dependencies;

use crate::drift::template;
use crate::terminal::{WARNING, complain, styled};
use chime_messaging_resources::registry::schemas;
use cloudformation_local::workspace::root;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

/// The rules, in the project's folder.
const RULES: &str = "cfn-lint/src/cfn_lint_chime_messaging/rules";

/// The rules, where their package is installed.
const MODULE: &str = "cfn_lint_chime_messaging.rules";

/// The options for what happens before a deployment.
#[derive(Debug, clap::Args)]
pub struct LintArguments {
    /// First check the templates with cfn-lint and this project's rules; cfn-lint has to be installed
    #[arg(long)]
    lint: bool,
}

/// Checks the templates. Prints what does not prevent a deployment.
///
/// # Errors
/// With `--lint`: cfn-lint finds an error, or is not installed.
pub fn check(arguments: &LintArguments, templates: &[impl AsRef<Path>]) -> Result<(), String> {
    if arguments.lint {
        return run_cfn_lint("cfn-lint", templates);
    }
    for path in templates.iter().map(AsRef::as_ref) {
        // What cannot be read or is no template is for the engine to reject.
        let template = std::fs::read_to_string(path).ok().and_then(|text| template::read(&text).ok());
        for warning in template.iter().flat_map(|template| missing_dependencies::warnings(template, &schemas())) {
            complain!("{} {}: {warning}", styled(WARNING, "warning:"), path.display());
        }
    }
    Ok(())
}

/// Runs cfn-lint, which prints what it finds.
fn run_cfn_lint(program: &str, templates: &[impl AsRef<Path>]) -> Result<(), String> {
    if !root().join(RULES).is_dir() {
        return Err(format!(
            "--lint needs a clone of this project, where the rules are. Elsewhere, install cfn-lint-chime-messaging, and run cfn-lint \
             yourself: {program} --append-rules {MODULE} --template TEMPLATE"
        ));
    }
    let mut lint = Command::new(program);
    lint.arg("--append-rules").arg(root().join(RULES)).args(["--non-zero-exit-code", "error", "--template"]);
    lint.args(templates.iter().map(AsRef::as_ref));
    let status = lint.status().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("--lint needs {program}, which is not installed: pip install cfn-lint"),
        _ => format!("{program} cannot be run: {error}"),
    })?;
    if status.success() { Ok(()) } else { Err("cfn-lint has found errors. Nothing is deployed.".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_how_to_install_cfn_lint() {
        let refused = run_cfn_lint("no-such-cfn-lint", &["chat.yaml"]).unwrap_err();
        assert_eq!(refused, "--lint needs no-such-cfn-lint, which is not installed: pip install cfn-lint");
    }

    #[test]
    fn the_rules_are_where_cfn_lint_is_told_to_find_them() {
        assert!(root().join(RULES).join("__init__.py").is_file());
    }
}
