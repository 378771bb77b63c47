//! `chimectl probe`: asks Chime itself the open questions about Chime.
//!
//! However it ends (with an error, a signal or a panic), it deletes the app instances that it created, with everything in them. It prints
//! a delete command for anything that it could not delete.

mod answer;
mod associations;
mod cleanup;
mod flows;
mod lags;
mod ledger;
mod limits;
mod lists;
mod missing;
mod notes;
mod print;
mod question;
mod report;
mod session;
mod settings;
mod signals;
mod streaming;
mod tokens;

use crate::account::session::is_local;
use answer::Abort;
use chime_messaging_resources::{CHIME_REGIONS, Settings};
use cleanup::Cleanup;
use notes::Notes;
use print::{Format, Printer};
use question::{QUESTIONS, Question};
use report::{QuestionResult, Report};
use session::{ProbeOptions, Session};
use signals::{Signal, Signals};
use std::cell::RefCell;
use std::future::Future;
use std::io::{IsTerminal, stdin};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};

/// How long a call in flight has to end after an interrupt, so that its result is known and need not be searched for.
const GRACE: Duration = Duration::from_secs(10);

/// The arguments of `probe`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// List the questions and their calls without making any
    #[arg(long)]
    dry_run: bool,
    /// Start without confirmation
    #[arg(long)]
    yes: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Ask only these questions, separated by commas
    #[arg(long, value_name = "QUESTION", value_delimiter = ',')]
    only: Vec<String>,
    /// The region of the calls; by default CHIME_REGION, AWS_REGION or AWS_DEFAULT_REGION
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The address of a simulator, for calls that do not go to AWS; by default AWS_ENDPOINT_URL
    #[arg(long, value_name = "URL", alias = "endpoint")]
    endpoint_url: Option<String>,
    /// How long it waits for anything: for an answer, or for something to appear or disappear
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,
    /// A Kinesis data stream for the question kinesis-rights
    #[arg(long, value_name = "ARN")]
    stream_arn: Option<String>,
    /// A Lambda function for channel flows, which is not invoked; by default, one that does not exist
    #[arg(long, value_name = "ARN")]
    processor_arn: Option<String>,
}

/// Asks the questions, deletes everything it created, and reports.
///
/// # Errors
/// It cannot start: without credentials, a region, a confirmation or an app instance.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let questions = selected(&arguments.only)?;
    let printer = Printer::new(if arguments.json { Format::Json } else { Format::Text });
    if arguments.dry_run {
        printer.plan(&questions, &options(&arguments));
        printer.check();
        return Ok(ExitCode::SUCCESS);
    }
    let settings = settings_of(&arguments, Settings::from_env())?;
    let (stopper, stop) = watch::channel(false);
    let session = Session::new(settings, options(&arguments), stop)?;
    printer.warning(&session, &questions);
    // Before anything is created that nobody would hear of.
    printer.check();
    if !arguments.yes && !is_confirmed(&printer)? {
        return Ok(ExitCode::SUCCESS);
    }
    LocalSet::new().run_until(conduct(&session, &stopper, questions, &printer)).await
}

fn options(arguments: &Arguments) -> ProbeOptions {
    ProbeOptions {
        stream_arn: arguments.stream_arn.clone(),
        processor_arn: arguments.processor_arn.clone(),
        patience: Duration::from_secs(arguments.patience),
    }
}

fn selected(only: &[String]) -> Result<Vec<Question>, String> {
    if let Some(unknown) = only.iter().find(|id| QUESTIONS.iter().all(|question| question.id != **id)) {
        let all = QUESTIONS.map(|question| question.id).join(", ");
        return Err(format!("{unknown} is not a question; the questions are {all}"));
    }
    let is_wanted = |question: &Question| only.is_empty() || only.iter().any(|id| id == question.id);
    Ok(QUESTIONS.into_iter().filter(is_wanted).collect())
}

/// The settings of the environment and the arguments. A simulator needs some credentials, and any will do.
fn settings_of(arguments: &Arguments, mut settings: Settings) -> Result<Settings, String> {
    settings.region = arguments.region.clone().or(settings.region);
    if let Some(endpoint) = &arguments.endpoint_url {
        settings.identity_endpoint = Some(endpoint.clone());
        settings.messaging_endpoint = Some(endpoint.clone());
        if settings.credentials.is_none() && is_local(endpoint) {
            let local = aws_sdk_chimesdkidentity::config::Credentials::new("local", "local", None, None, "local");
            settings.credentials = Some(local);
            settings.region.get_or_insert_with(|| CHIME_REGIONS[0].to_owned());
        }
    }
    if settings.credentials.is_none() {
        return Err("there are no AWS credentials in the environment. With the AWS CLI: \
                    eval \"$(aws configure export-credentials --format env)\""
            .to_owned());
    }
    match &settings.region {
        Some(region) if CHIME_REGIONS.contains(&&**region) => Ok(settings),
        Some(region) => {
            Err(format!("Chime's messaging control plane is in {}, not in {region}", CHIME_REGIONS.join(" and ")))
        }
        None => Err(format!("there is no region: --region {}", CHIME_REGIONS.join(" or "))),
    }
}

fn is_confirmed(printer: &Printer) -> Result<bool, String> {
    if !stdin().is_terminal() {
        return Err("there is no terminal for a confirmation; --yes confirms".to_owned());
    }
    printer.line("Go on? [y/N]");
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Asks the questions, and then, whatever happened, deletes everything they created.
async fn conduct(
    session: &Rc<Session>,
    stopper: &watch::Sender<bool>,
    questions: Vec<Question>,
    printer: &Printer,
) -> Result<ExitCode, String> {
    let mut signals = Signals::new()?;
    let asked = Rc::new(RefCell::new(Vec::new()));
    let asking = ask_all(Rc::clone(session), questions, Rc::clone(&asked), printer.clone());
    let (end, cleanup) = guarded(session, stopper, &mut signals, printer, asking).await;
    if let End::NotPrepared(stop) = end {
        printer.cleanup(&cleanup);
        return Err(format!("nothing could be asked ({stop})"));
    }
    let ended_by = end.words();
    let report = Report::new(session.region(), asked.take(), session.sent(), cleanup, ended_by);
    printer.report(&report)?;
    printer.check();
    Ok(match end {
        End::Interrupted(signal) if report.cleanup.left.is_empty() => ExitCode::from(signal.exit_status()),
        End::Completed if report.is_good() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// How the questions ended.
#[derive(Debug)]
enum End {
    Completed,
    Interrupted(Signal),
    Panicked,
    NotPrepared(Abort),
}

impl End {
    fn words(&self) -> Option<String> {
        match self {
            Self::Completed | Self::NotPrepared(_) => None,
            Self::Interrupted(signal) => Some(signal.to_string()),
            Self::Panicked => Some("a bug in the probe, which is shown above; please report it".to_owned()),
        }
    }
}

/// Runs `asking` in a task of its own until it ends, a signal arrives or it panics, and cleans up. Only a second signal ends the cleanup.
async fn guarded(
    session: &Rc<Session>,
    stopper: &watch::Sender<bool>,
    signals: &mut Signals,
    printer: &Printer,
    asking: impl Future<Output = Result<(), Abort>> + 'static,
) -> (End, Cleanup) {
    let mut task = spawn_local(asking);
    let end = tokio::select! {
        outcome = &mut task => match outcome {
            Ok(Ok(())) => End::Completed,
            Ok(Err(stop)) => End::NotPrepared(stop),
            Err(_) => End::Panicked,
        },
        signal = signals.next() => {
            stopper.send_replace(true);
            if tokio::time::timeout(GRACE, &mut task).await.is_err() {
                task.abort();
                let _ = task.await;
            }
            End::Interrupted(signal)
        }
    };
    let impatience = async {
        if !matches!(end, End::Interrupted(_)) {
            let signal = signals.next().await;
            printer.line(format!("{signal}, and the cleanup goes on; a second one ends it."));
        }
        signals.next().await
    };
    let cleanup = tokio::select! {
        cleanup = session.clean_up() => cleanup,
        signal = impatience => session.give_up(&signal.to_string()),
    };
    (end, cleanup)
}

/// Asks one question after the other and keeps each result.
async fn ask_all(
    session: Rc<Session>,
    questions: Vec<Question>,
    asked: Rc<RefCell<Vec<QuestionResult>>>,
    printer: Printer,
) -> Result<(), Abort> {
    match session.others().await {
        Ok(others) => others.iter().for_each(|arn| printer.other(arn, &session.command(arn))),
        Err(denied @ Abort::Denied(_)) => {
            printer.line(format!("Leftovers of other runs could not be listed: {denied}"))
        }
        Err(stop) => return Err(stop),
    }
    session.prepare().await?;
    for question in questions {
        let entry = match (question.needs)(&session.options) {
            Some(how) => QuestionResult::skipped(&question, how),
            None => {
                let mut notes = Notes::default();
                let outcome = (question.ask)(&session, &mut notes).await;
                QuestionResult::new(&question, notes.into_observations(), outcome.err())
            }
        };
        let entry = entry.masked(&session);
        printer.asked(&entry);
        asked.borrow_mut().push(entry);
        if session.is_stopped() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_simulator::{Fault, FaultKind, Options, Simulator};

    fn arguments(text: &str) -> Arguments {
        #[derive(Debug, clap::Parser)]
        struct Line {
            #[command(flatten)]
            arguments: Arguments,
        }
        <Line as clap::Parser>::parse_from(text.split(' ')).arguments
    }

    fn settings(variables: &[(&str, &str)]) -> Settings {
        Settings::of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn missing_credentials_and_regions_are_errors() {
        let refused = |line: &str, variables: &[(&str, &str)]| {
            settings_of(&arguments(line), settings(variables)).expect_err("refused")
        };
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
        assert!(refused("probe", &[]).contains("aws configure export-credentials --format env"));
        assert!(refused("probe --endpoint-url http://example.com", &[]).contains("no AWS credentials"));
        assert!(refused("probe", &keys).contains("--region us-east-1 or eu-central-1"));
        assert!(refused("probe --region eu-west-1", &keys).contains("not in eu-west-1"));
        let taken =
            settings_of(&arguments("probe --endpoint-url http://127.0.0.1:1"), settings(&[])).expect("settings");
        assert_eq!(taken.region.as_deref(), Some("us-east-1"));
        assert!(selected(&["second-delete".into(), "nonsense".into()]).err().unwrap().contains("second-delete, "));
        assert_eq!(selected(&["pages".into(), "refusals".into()]).unwrap().len(), 2);
    }

    fn session(simulator: &Simulator) -> (Rc<Session>, watch::Sender<bool>) {
        let (stopper, stop) = watch::channel(false);
        let line = format!("probe --patience 3 --endpoint-url {}", simulator.url());
        let arguments = arguments(&line);
        let settings = settings_of(&arguments, settings(&[])).unwrap();
        (Session::new(settings, options(&arguments), stop).unwrap(), stopper)
    }

    #[tokio::test]
    async fn everything_is_deleted_after_a_panic() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let (session, stopper) = session(&simulator);
        let mut signals = Signals::new().unwrap();
        let inner = Rc::clone(&session);
        let asking = async move {
            inner.prepare().await?;
            panic!("on purpose");
        };
        let (end, cleanup) = LocalSet::new()
            .run_until(guarded(&session, &stopper, &mut signals, &Printer::new(Format::Json), asking))
            .await;
        assert!(matches!(end, End::Panicked), "{end:?}");
        assert_eq!((cleanup.deleted, cleanup.left.len(), simulator.is_empty()), (1, 0, true));
    }

    #[tokio::test]
    async fn an_app_instance_whose_create_got_no_answer_is_found_by_name_and_deleted() {
        for listed_names in ["AsGiven", "TrailingBlank", "LeftOut"] {
            let behaviour = serde_json::from_value(serde_json::json!({"listed_names": listed_names})).unwrap();
            let options = Options { behaviour, ..Options::default() };
            let simulator = Simulator::start(options).unwrap();
            let other = serde_json::json!([{"AppInstanceArn":
                "arn:aws:chime:us-east-1:123456789012:app-instance/other", "Name": "other"}]);
            simulator.seed(other.clone()).unwrap();
            simulator.inject(Fault::once("CreateAppInstance", FaultKind::HangAfter));
            let (session, stopper) = session(&simulator);
            let mut signals = Signals::new().unwrap();
            let inner = Rc::clone(&session);
            let asking = async move { inner.prepare().await };
            let printer = Printer::new(Format::Json);
            let guarded = guarded(&session, &stopper, &mut signals, &printer, asking);
            let (end, cleanup) = LocalSet::new().run_until(guarded).await;
            assert!(matches!(end, End::NotPrepared(Abort::Unanswered(_))), "{end:?}");
            assert!(cleanup.left.is_empty() && cleanup.deleted == 1, "{cleanup:?}");
            assert_eq!(simulator.holds(), other);
        }
    }

    #[tokio::test]
    async fn leftovers_are_reported_with_a_delete_command() {
        let simulator = Simulator::start(Options::default()).unwrap();
        let (session, _stopper) = session(&simulator);
        session.prepare().await.unwrap();
        simulator.inject(Fault::always("DeleteAppInstance", FaultKind::AccessDenied));
        let arn = simulator.holds()[0]["AppInstanceArn"].as_str().unwrap().to_owned();
        for cleanup in [session.clean_up().await, session.give_up("SIGINT")] {
            let [left] = &cleanup.left[..] else { panic!("{cleanup:?}") };
            let command =
                format!("aws chime-sdk-identity delete-app-instance --region us-east-1 --app-instance-arn {arn}");
            assert_eq!(left.command, command);
        }
    }
}
