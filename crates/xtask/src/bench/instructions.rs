//! Instruction counts by valgrind. Unlike times, they are nearly the same in each run.

use crate::bench::program::{Program, Setup};
use std::path::Path;

/// Millions of instructions.
pub struct Counted {
    pub init: f64,
    pub first_event: f64,
}

/// Counts the instructions of `binary` in two runs: one ends after init, the other after the first event.
pub async fn count(binary: &Path, setup: Setup) -> Result<Counted, String> {
    let [init, both] = [0, 1].map(|events| async move { total(&under_callgrind(binary, setup, &[], events).await?) });
    let (init, both) = (init.await?, both.await?);
    Ok(Counted { init, first_event: both - init })
}

/// The output of callgrind for init and `events` events.
///
/// # Errors
/// `binary` or valgrind cannot be run, or an event failed.
pub async fn under_callgrind(binary: &Path, setup: Setup, options: &[&str], events: usize) -> Result<String, String> {
    let output = std::env::temp_dir().join(format!("xtask-callgrind-{}", std::process::id()));
    let to = format!("--callgrind-out-file={}", output.display());
    let under = [&["valgrind", "--tool=callgrind", &to], options].concat();
    let mut program = Program::start(&under, binary, setup)?;
    program.initialized().await?;
    for _ in 0..events {
        program.event().await?;
    }
    program.host().terminate().await.map_err(|error| error.to_string())?;
    let written = std::fs::read_to_string(&output).map_err(|error| format!("valgrind wrote nothing: {error}"))?;
    let _ = std::fs::remove_file(&output);
    Ok(written)
}

/// The total in the output of callgrind. <https://valgrind.org/docs/manual/cl-format.html>
fn total(written: &str) -> Result<f64, String> {
    let total = written.lines().rev().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    let total = total.and_then(|total| total.trim().parse::<f64>().ok());
    total.map(|total| total / 1e6).ok_or_else(|| "valgrind wrote no total".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_total_counts() {
        assert_eq!(total("version: 1\nsummary: 1000000\nfn=(1)\n1 2\ntotals: 2500000\n"), Ok(2.5));
        assert!(total("version: 1\n").is_err());
    }
}
