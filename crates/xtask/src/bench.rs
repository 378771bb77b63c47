//! `cargo xtask bench`: what a function costs, by itself or beside another: start and events, time and memory.

mod figures;
mod instructions;
mod order;
mod program;

use crate::files::file_error;
use chimectl::terminal::{BOLD, DIM, styled};
use cloudformation_local::archive::{Compression, zip};
use figures::{Line, Measured};
use program::{Program, Surroundings};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How many turns two programs take with their warm events.
const TURNS: usize = 10;

/// After how many events a process holds what it will go on to hold.
const SETTLED: usize = 100;

/// The arguments of `bench`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The built function
    #[arg(long, value_name = "PATH", default_value = "target/release/chime-messaging-resources")]
    binary: PathBuf,
    /// Another program for Lambda, to measure beside it in turns; each ratio is that of the other to the function
    #[arg(long, value_name = "PATH")]
    vs: Option<PathBuf>,
    /// How many times each program is started
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    starts: usize,
    /// How many warm events the last of the started processes gets
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    events: usize,
    /// Chime and the response bucket speak TLS, with certificates of the benchmark's own authority
    #[arg(long)]
    tls: bool,
    /// The events are those of the constructs of cdk-amazon-chime-resources
    #[arg(long)]
    constructs: bool,
    /// Count instructions as well, with valgrind, init and first event apart
    #[arg(long)]
    instructions: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Do not measure, but write which functions a start and the first events run, as a script for the linker (needs valgrind, nm, and a binary
    /// with symbols)
    #[arg(long, value_name = "PATH")]
    order: Option<PathBuf>,
}

/// Measures. Creates and deletes of an app instance take turns; each is a call of the simulator and an answer to the response bucket, all on the
/// loopback address.
///
/// # Errors
/// A program cannot be run, or an event failed.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    if let Some(script) = &arguments.order {
        return order::write(script, &arguments.binary).await.map(|()| ExitCode::SUCCESS);
    }
    let surroundings = Surroundings { tls: arguments.tls, constructs: arguments.constructs };
    let binaries: Vec<&Path> = std::iter::once(&*arguments.binary).chain(arguments.vs.as_deref()).collect();
    let mut measured = vec![Measured::default(); binaries.len()];
    let mut programs = Vec::new();
    for start in 0..arguments.starts.max(1) {
        programs = Vec::new();
        let mut turn: Vec<_> = binaries.iter().zip(&mut measured).collect();
        // Whoever comes second finds the machine otherwise than whoever comes first.
        if start % 2 == 1 {
            turn.reverse();
        }
        for (binary, measured) in turn {
            programs.push(start_cold(binary, surroundings, measured).await?);
        }
        if start % 2 == 1 {
            programs.reverse();
        }
    }
    for block in blocks(arguments.events, binaries.len()) {
        for (program, measured) in programs.iter_mut().zip(&mut measured) {
            warm(program, block, measured).await?;
        }
    }
    for ((program, measured), binary) in programs.iter().zip(&mut measured).zip(&binaries) {
        settle(program, binary, measured)?;
        if arguments.instructions {
            let counted = instructions::count(binary, surroundings).await?;
            measured.init_instructions.0.push(counted.init);
            measured.first_event_instructions.0.push(counted.first_event);
        }
    }
    let lines = measured[0].lines(measured.get(1));
    match arguments.json {
        true => anstream::println!("{}", json!({"binary": arguments.binary, "vs": arguments.vs, "figures": lines})),
        false => lines.iter().for_each(print),
    }
    Ok(ExitCode::SUCCESS)
}

/// How the warm events are split into turns: not at all for one program.
fn blocks(events: usize, programs: usize) -> Vec<usize> {
    let turns = if programs == 1 { 1 } else { TURNS };
    (0..turns).map(|turn| events * (turn + 1) / turns - events * turn / turns).collect()
}

/// Starts a process and gives it its first event.
async fn start_cold(binary: &Path, surroundings: Surroundings, measured: &mut Measured) -> Result<Program, String> {
    let mut program = Program::start(&[], binary, surroundings)?;
    let init = program.initialized().await?;
    let first_event = program.event().await?;
    let cpu = program.host().cpu_time().unwrap_or_default();
    measured.init.0.push(millis(init));
    measured.first_event.0.push(millis(first_event));
    measured.cold.0.push(millis(init + first_event));
    measured.cold_cpu.0.push(millis(cpu));
    measured.cold_peak_rss.0.push(mib(program.host().peak_rss_kib()));
    program.calls();
    Ok(program)
}

/// Gives a process its next events.
async fn warm(program: &mut Program, events: usize, measured: &mut Measured) -> Result<(), String> {
    let cpu_before = program.host().cpu_time().unwrap_or_default();
    for _ in 0..events {
        measured.warm_event.0.push(millis(program.event().await?));
        if measured.warm_event.0.len() == SETTLED {
            measured.rss_after_100.0.push(mib(program.host().rss_kib()));
        }
    }
    if events > 0 {
        let cpu = program.host().cpu_time().unwrap_or_default().saturating_sub(cpu_before);
        measured.warm_cpu.0.push(millis(cpu) / events as f64);
    }
    Ok(())
}

/// What is asked at the end.
fn settle(program: &Program, binary: &Path, measured: &mut Measured) -> Result<(), String> {
    measured.peak_rss.0.push(mib(program.host().peak_rss_kib()));
    measured.rss_at_end.0.push(mib(program.host().rss_kib()));
    let [chime, bucket] = program.connections();
    measured.chime_connections.0.push(chime as f64);
    measured.bucket_connections.0.push(bucket as f64);
    if !measured.warm_event.0.is_empty() {
        measured.calls_per_event.0.push(program.calls() as f64 / measured.warm_event.0.len() as f64);
    }
    let read = std::fs::read(binary).map_err(file_error(binary))?;
    measured.executable.0.push(megabytes(read.len()));
    // What a release takes half a minute for is smaller.
    let zipped = zip([("bootstrap", read)], Compression::Deflate).map_err(|error| error.to_string())?;
    measured.zip.0.push(megabytes(zipped.len()));
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn mib(kib: Option<u64>) -> f64 {
    kib.map_or(f64::NAN, |kib| kib as f64 / 1024.0)
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn print(line: &Line) {
    let number = |value: f64| format!("{value:.*}", line.decimals);
    let range =
        |spread: Option<[f64; 2]>| spread.map(|[low, high]| format!(" ({low:.2}–{high:.2})")).unwrap_or_default();
    let own = format!("{} {}", number(line.value), line.unit);
    let own = format!("{:<10}{:<16}", own.trim(), range(line.spread));
    let other = line.versus.as_ref().map(|versus| {
        let ratio = format!("{:.2} times{}", versus.ratio, range(versus.ratio_spread));
        format!("{:<12}{ratio}", format!("{} {}", number(versus.other), line.unit).trim())
    });
    let what = styled(BOLD, format!("{:<34}", line.what));
    anstream::println!("{what}{own}{}", styled(DIM, other.unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turns_of_two_programs_are_all_of_their_events() {
        assert_eq!(blocks(1000, 1), [1000]);
        assert_eq!(blocks(25, 2).iter().sum::<usize>(), 25);
        assert_eq!(blocks(25, 2).len(), TURNS);
    }
}
