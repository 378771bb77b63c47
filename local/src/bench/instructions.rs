//! Instructions, counted by valgrind: unlike times, they are nearly the same in each run.

use super::program::{Program, Surroundings};
use std::path::Path;

/// Millions of instructions.
pub struct Counted {
    pub init: f64,
    pub first_event: f64,
}

/// Counts those of `binary` in two runs: one that ends after the start, and one that ends after the first event.
pub async fn count(binary: &Path, surroundings: Surroundings) -> Result<Counted, String> {
    let init = run(binary, surroundings, false).await?;
    let both = run(binary, surroundings, true).await?;
    Ok(Counted { init, first_event: both - init })
}

async fn run(binary: &Path, surroundings: Surroundings, with_event: bool) -> Result<f64, String> {
    let output = std::env::temp_dir().join(format!("chime-local-callgrind-{}", std::process::id()));
    let to = format!("--callgrind-out-file={}", output.display());
    let mut program = Program::start(&["valgrind", "--tool=callgrind", &to], binary, surroundings)?;
    program.initialized().await?;
    if with_event {
        program.event().await?;
    }
    program.host().terminate().await.map_err(|error| error.to_string())?;
    let written = std::fs::read_to_string(&output).map_err(|error| format!("valgrind wrote nothing: {error}"))?;
    let _ = std::fs::remove_file(&output);
    total(&written).ok_or_else(|| "valgrind wrote no total".to_owned())
}

/// The total in what callgrind writes. <https://valgrind.org/docs/manual/cl-format.html>
fn total(written: &str) -> Option<f64> {
    let total =
        written.lines().rev().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")))?;
    Some(total.trim().parse::<f64>().ok()? / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_one_at_the_end() {
        assert_eq!(total("version: 1\nsummary: 1000000\nfn=(1)\n1 2\ntotals: 2500000\n"), Some(2.5));
        assert_eq!(total("version: 1\n"), None);
    }
}
