//! `cargo xtask bench`: measures a function, alone or against another program: init and events, time and memory.

mod figures;
mod instructions;
mod order;
mod program;

use crate::files::file_error;
use chimectl::terminal::{BOLD, DIM, styled};
use cloudformation_local::archive::{Compression, zip};
use figures::{Line, Measured};
use program::{Events, Program, Setup, Transport};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// With two programs, the warm events are split into this many alternating blocks.
const TURNS: usize = 10;

/// The number of events after which memory should no longer grow.
const SETTLED: usize = 100;

/// The arguments of `bench`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The built function
    #[arg(long, value_name = "PATH", default_value = "target/release/chime-messaging-resources")]
    binary: PathBuf,
    /// Another Lambda program, measured in turns with the function; ratios are its values divided by the function's
    #[arg(long, value_name = "PATH")]
    vs: Option<PathBuf>,
    /// The number of starts of each program
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    starts: usize,
    /// The number of warm events, which go to the last process started
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    events: usize,
    /// Use TLS for Chime and the response bucket, with a certificate authority of the benchmark
    #[arg(long)]
    tls: bool,
    /// Send the events of the constructs of cdk-amazon-chime-resources
    #[arg(long)]
    constructs: bool,
    /// Also count the instructions of init and of the first event with valgrind
    #[arg(long)]
    instructions: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Instead of measuring, write a linker script with the functions that init and the first events run (needs valgrind, nm and a binary with
    /// symbols)
    #[arg(long, value_name = "PATH")]
    order: Option<PathBuf>,
    /// Instead of measuring, say how many of the functions that run such a script names; exit with 1 if they are too few
    #[arg(long, value_name = "PATH", conflicts_with = "order")]
    check_order: Option<PathBuf>,
}

/// Measures creates and deletes of an app instance, which alternate. Each is one call to the simulator and one response to the bucket, both on
/// the loopback address.
///
/// # Errors
/// A program cannot be run, or an event failed.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    if let Some(script) = &arguments.order {
        return order::write(script, &arguments.binary).await.map(|()| ExitCode::SUCCESS);
    }
    if let Some(script) = &arguments.check_order {
        let is_enough = order::check(script, &arguments.binary).await?;
        return Ok(if is_enough { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let setup = Setup {
        transport: if arguments.tls { Transport::Tls } else { Transport::Plain },
        events: if arguments.constructs { Events::Constructs } else { Events::Resource },
    };
    let binaries: Vec<&Path> = std::iter::once(&*arguments.binary).chain(arguments.vs.as_deref()).collect();
    let mut measured = vec![Measured::default(); binaries.len()];
    let mut programs = Vec::new();
    for start in 0..arguments.starts.max(1) {
        programs = Vec::new();
        let mut turn: Vec<_> = binaries.iter().zip(&mut measured).collect();
        // The order alternates: the second program runs on a warmer machine than the first.
        if start % 2 == 1 {
            turn.reverse();
        }
        for (binary, measured) in turn {
            programs.push(start_cold(binary, setup, measured).await?);
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
        finish(program, binary, measured)?;
        if arguments.instructions {
            let counted = instructions::count(binary, setup).await?;
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

/// The sizes of the blocks of warm events; one program needs only one block.
fn blocks(events: usize, programs: usize) -> Vec<usize> {
    let turns = if programs == 1 { 1 } else { TURNS };
    (0..turns).map(|turn| events * (turn + 1) / turns - events * turn / turns).collect()
}

/// Starts a process and sends it its first event.
async fn start_cold(binary: &Path, setup: Setup, measured: &mut Measured) -> Result<Program, String> {
    let mut program = Program::start(&[], binary, setup)?;
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

/// Sends a process its next events.
async fn warm(program: &mut Program, events: usize, measured: &mut Measured) -> Result<(), String> {
    let cpu_before = program.host().cpu_time().unwrap_or_default();
    for _ in 0..events {
        let is_delete = program.has_resource();
        let time = millis(program.event().await?);
        measured.warm_event.0.push(time);
        let of_its_kind = if is_delete { &mut measured.warm_delete } else { &mut measured.warm_create };
        of_its_kind.0.push(time);
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

/// Reads what is only known at the end.
fn finish(program: &Program, binary: &Path, measured: &mut Measured) -> Result<(), String> {
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
    // A release is smaller, but its compression takes half a minute.
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
    fn the_blocks_contain_all_events() {
        assert_eq!(blocks(1000, 1), [1000]);
        assert_eq!(blocks(25, 2).iter().sum::<usize>(), 25);
        assert_eq!(blocks(25, 2).len(), TURNS);
    }
}
