//! The layout of the sources.

#[path = "../../../tests/support/layout.rs"]
mod layout;

#[test]
fn each_module_imports_only_what_stands_below_it() {
    layout::check(
        env!("CARGO_MANIFEST_DIR"),
        &[
            "cli",
            "stack",
            "lint",
            "serve",
            "export",
            "iam_policy",
            "inventory",
            "ownership",
            "drift",
            "invoke",
            "schema",
            "probe",
            "account",
            "function_stack",
            "template",
            "build",
            "terminal",
            "yaml",
        ],
    );
}
