//! `cargo xtask`, the commands for maintainers.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xtask::run().await
}
