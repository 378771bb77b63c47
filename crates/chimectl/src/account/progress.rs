//! What a command on an account shows while it reads, and how an interrupt ends it.

use indicatif::ProgressBar;
use std::time::Duration;

/// The exit status after an interrupt: that of a shell.
pub const INTERRUPTED: u8 = 130;

/// A spinner, which draws on a terminal alone.
pub fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The outcome of `work`. `None` if Ctrl-C comes first.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        outcome = work => Some(outcome),
        _ = tokio::signal::ctrl_c() => None,
    }
}
