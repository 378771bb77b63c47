//! The layout of the sources.

#[path = "../../../tests/support/layout.rs"]
mod layout;

#[test]
fn each_module_imports_only_what_stands_below_it() {
    layout::check(
        env!("CARGO_MANIFEST_DIR"),
        &[
            "testing",
            "simulator",
            "router",
            "parameters",
            "control",
            "chime_api",
            "operations",
            "context",
            "signature",
            "names",
            "data_streams",
            "account_state",
            "tokens",
            "fault",
            "call",
            "rate",
            "seed",
            "state_history",
            "state",
            "error",
            "behaviour",
            "millis",
            "model",
            "arn",
            "time_scale",
        ],
    );
}
