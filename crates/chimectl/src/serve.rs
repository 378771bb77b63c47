//! `chimectl serve`: the simulator, a response bucket and an `/invoke` endpoint, for other tools.

use crate::invoke::binary_error;
use crate::terminal::{BAD, BOLD, DIM, GOOD, print_outcome, print_request, say_line, styled};
use crate::test_bed::{ChimeTestBed, Environment, Outcome};
use chime_simulator::{Options, Simulator, TimeScale, sample_seed};
use cloudformation_local::{InvokeEndpoint, ResponseBucket};
use serde_json::Value as Json;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port of the Chime APIs; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 8321)]
    chime_port: u16,
    /// The port of the response bucket, as in the ResponseURLs of the sample events
    #[arg(long, value_name = "PORT", default_value_t = 8322)]
    bucket_port: u16,
    /// The port of /invoke
    #[arg(long, value_name = "PORT", default_value_t = 8323)]
    invoke_port: u16,
    /// More hosts that a ResponseURL may have, separated by commas
    #[arg(long, value_name = "HOSTS", default_value = "")]
    response_url_hosts: String,
    /// Run this built function with the Lambda Runtime API, instead of the library
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// The function's timeout for each event
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// Start without the resources of the sample events
    #[arg(long)]
    empty: bool,
}

/// Serves until it is interrupted.
///
/// # Errors
/// A port is taken, or the binary cannot be run.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let seed = if arguments.empty { Default::default() } else { sample_seed().map_err(|error| error.to_string())? };
    let options = Options { seed, port: arguments.chime_port, on_control: Some(print_control), ..Options::default() };
    let simulator = Simulator::start(options).map_err(unavailable("--chime-port", arguments.chime_port))?;
    let bucket =
        ResponseBucket::start(arguments.bucket_port).map_err(unavailable("--bucket-port", arguments.bucket_port))?;
    let bucket_port = bucket.host().rsplit(':').next().unwrap_or_default().to_owned();
    let hosts = format!("127.0.0.1:{bucket_port},localhost:{bucket_port},{}", arguments.response_url_hosts);
    let (chime, answers) = (simulator.url(), bucket.url());
    let binary = arguments.binary.as_deref();
    let runner = Environment::new(&chime, &hosts).runner(binary).map_err(|error| binary_error(binary, &error))?;
    let bed = ChimeTestBed::around(runner, simulator, bucket, TimeScale::default());
    let bed = bed.with_timeout(Duration::from_secs(arguments.timeout)).into_bed();
    let on_event = |event: &Json, outcome: &Outcome| {
        say_line!();
        print_request(event, "/invoke");
        print_outcome(outcome);
    };
    let invoke = InvokeEndpoint::start(arguments.invoke_port, bed, Box::new(on_event))
        .map_err(unavailable("--invoke-port", arguments.invoke_port))?;

    let line = |name: &str, value: String, what: &str| {
        say_line!("{}{value}  {}", styled(BOLD, format!("{name:<12}")), styled(DIM, what));
    };
    line("chime", chime, "the Chime APIs, for a function's AWS_ENDPOINT_URL; GET /_local lists more");
    line("answers", answers, "the response bucket, for ResponseURLs");
    line("invoke", invoke.url(), "POST an event to run it; the reply has its answer and its Chime calls");
    say_line!("Press Ctrl-C to stop.");
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Why a port cannot be used, and which option sets another one.
fn unavailable(option: &str, port: u16) -> impl Fn(io::Error) -> String {
    move |error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port}: {error}; {option} sets another one, or 0 for any free one")
        }
        _ => format!("port {port}: {error}"),
    }
}

fn print_control(method: &str, path: &str, body: &str, status: u16) {
    let status = styled(if status < 300 { GOOD } else { BAD }, status);
    say_line!("\n{}  {body}  {status}", styled(BOLD, format!("{method} {path}")));
}
