//! `cargo xtask`: what maintainers of this project run.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xtask::run().await
}
