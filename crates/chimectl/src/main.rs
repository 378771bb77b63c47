//! `chimectl`: the function on this machine, with no AWS and no Docker.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    chimectl::run().await
}
