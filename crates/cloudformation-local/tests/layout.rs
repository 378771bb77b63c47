//! The layout of the sources.

#[path = "../../../tests/support/layout.rs"]
mod layout;

#[test]
fn each_module_imports_only_what_stands_below_it() {
    layout::check(
        env!("CARGO_MANIFEST_DIR"),
        &[
            "invoke_endpoint",
            "test_bed",
            "runner",
            "function_thread",
            "runtime_api",
            "response_bucket",
            "logical_resource",
            "tls",
            "ministack",
            "python",
            "archive",
            "run_folder",
            "workspace",
            "error",
        ],
    );
}
