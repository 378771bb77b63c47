//! `chimectl`: rehearses stacks on this machine, and shows what an account holds.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    chimectl::run().await
}
