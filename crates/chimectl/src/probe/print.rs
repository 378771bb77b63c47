//! The output of a run. It never fails, even if nobody reads it any more: everything has to be deleted all the same.

use crate::probe::cleanup::Cleanup;
use crate::probe::notes::{Observation, Reading};
use crate::probe::question::{AFTER, BEFORE, NOT_ASKED, Question};
use crate::probe::report::{QuestionResult, Report, Verdict, plain, verdicts};
use crate::probe::session::{PREFIX, ProbeOptions, Session};
use crate::terminal::{BAD, BOLD, DIM, GOOD, complain, end_without_output, styled};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

/// The format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// One JSON document.
    Json,
}

/// Prints a run. With a report in JSON, everything else goes to standard error.
#[derive(Clone, Debug)]
pub struct Printer {
    format: Format,
    /// Why standard output could not be written, which must not keep anybody from the cleanup.
    failure: Rc<RefCell<Option<io::Error>>>,
}

impl Printer {
    /// A printer of this format.
    pub fn new(format: Format) -> Self {
        Self { format, failure: Rc::default() }
    }

    /// Prints a line for people.
    pub fn line(&self, text: impl Display) {
        match self.format {
            Format::Json => complain!("{text}"),
            Format::Text => self.write(text),
        }
    }

    fn write(&self, text: impl Display) {
        if let Err(error) = writeln!(anstream::stdout(), "{text}") {
            self.failure.borrow_mut().get_or_insert(error);
        }
    }

    /// Ends the program with 2 if standard output could not be written so far.
    pub fn check(&self) {
        if let Some(error) = self.failure.borrow().as_ref() {
            end_without_output(error);
        }
    }

    /// Prints the questions and their calls.
    pub fn plan(&self, questions: &[Question], options: &ProbeOptions) {
        if self.format == Format::Json {
            let questions: Vec<Json> = questions
                .iter()
                .map(|question| {
                    json!({"id": question.id, "asks": question.asks, "switches": question.switches,
                        "calls": question.calls, "not_asked": (question.needs)(options)})
                })
                .collect();
            let plan = json!({"before": BEFORE, "questions": questions, "after": AFTER});
            self.write(format_args!("{plan:#}"));
            return;
        }
        self.line(format!("{}  {}", styled(BOLD, "before"), BEFORE.join(", ")));
        for question in questions {
            self.line(format!("{}  {}", styled(BOLD, question.id), question.asks));
            match (question.needs)(options) {
                Some(how) => self.line(format!("  {}", styled(DIM, format!("not asked: {how}")))),
                None => self.line(format!("  {}", question.calls.join(", "))),
            }
        }
        self.line(format!("{}  {}", styled(BOLD, "after"), AFTER.join(", ")));
        for (switch, why) in NOT_ASKED {
            self.line(styled(DIM, format!("{switch} is not asked: {why}")));
        }
    }

    /// Prints what a run creates and costs.
    pub fn warning(&self, session: &Session, questions: &[Question]) {
        let place = session
            .endpoint()
            .unwrap_or_else(|| format!("AWS, in the account of these credentials, in {}", session.region()));
        self.line(format!("Questions to {place}: {}", questions.len()));
        self.line(format!(
            "It creates app instances with the name {} and deletes them, with everything in them. All questions together need three to five app \
             instances, about forty users, ten channels and four channel flows, and about 200 calls; more calls if Chime is slow.",
            session.name
        ));
        self.line(
            "It sends no message, connects nobody, and changes only what it has created. For prices, see \
             https://aws.amazon.com/chime/chime-sdk/pricing/",
        );
        if session.options.stream_arn.is_some() {
            self.line(
                "For the stream, Chime creates the service-linked role AWSServiceRoleForChimeSDKMessaging if the account does not have it. \
                 It is not deleted.",
            );
        }
    }

    /// Prints an app instance of another run.
    pub fn other(&self, arn: &str, command: &str) {
        let what = format!("Another run has left an app instance with the name {PREFIX}…, or still uses it: {arn}");
        self.line(styled(DIM, format!("{what}\n  {command}")));
    }

    /// Prints the result of a question.
    pub fn asked(&self, asked: &QuestionResult) {
        self.line(format!("\n{}  {}", styled(BOLD, asked.id), asked.asks));
        let width = asked.observations.iter().map(|seen| seen.what.chars().count()).max().unwrap_or_default();
        for seen in &asked.observations {
            self.line(format!("  {:<width$}  {}", seen.what, answer(seen)));
        }
        for (switch, verdict) in verdicts(&asked.observations.iter().collect::<Vec<_>>()) {
            self.line(format!("  => {}", in_words(&switch, &verdict)));
        }
        let has_switch =
            asked.observations.iter().any(|seen| matches!(seen.reading, Reading::Switch { .. } | Reading::Time { .. }));
        match &asked.not_answered {
            Some(why) => self.line(format!("  {}", styled(if asked.is_skipped { DIM } else { BAD }, why))),
            None if !has_switch => self.line(format!("  {}", styled(DIM, "no switch"))),
            None => {}
        }
    }

    /// Prints the result of the cleanup.
    pub fn cleanup(&self, cleanup: &Cleanup) {
        self.line(format!("\nDeleted: {} app instances, with all that they held.", cleanup.deleted));
        for left in &cleanup.left {
            self.line(styled(BAD, format!("Not deleted: {} ({})", left.what, left.why)));
            self.line(format!("  {}", left.command));
        }
    }

    /// Prints the end of the report, or all of it as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON, which would be a bug.
    pub fn report(&self, report: &Report) -> Result<(), String> {
        if let Some(what) = &report.ended_by {
            self.line(styled(BAD, format!("\nEnded by {what}. The report has the results so far.")));
        }
        self.cleanup(&report.cleanup);
        if self.format == Format::Json {
            let document = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
            self.write(document);
            return Ok(());
        }
        let seen: Vec<&Observation> = report.questions.iter().flat_map(|asked| &asked.observations).collect();
        self.line(styled(BOLD, "\nThe simulator's switches"));
        for (switch, verdict) in verdicts(&seen) {
            self.line(format!("  {}", in_words(&switch, &verdict)));
        }
        for what in &report.surprises {
            self.line(styled(
                BAD,
                format!("The function relies on something that does not hold. Please report it. {what}"),
            ));
        }
        if !report.behaviour.is_empty() {
            let behaviour = json!(report.behaviour);
            self.line("\nTo make the simulator behave like this:");
            self.line(format!("  curl -d '{behaviour}' http://127.0.0.1:8321/_local/behaviour"));
        }
        self.line(format!("\n{} requests to Chime in {}.", report.requests, report.region));
        Ok(())
    }
}

fn answer(seen: &Observation) -> String {
    match seen.reading {
        Reading::Fits(false) => styled(BAD, format!("{}  (the function relies on something else)", seen.answer)),
        Reading::Switch { ref values, .. } if values.is_empty() => styled(BAD, &seen.answer),
        _ => seen.answer.clone(),
    }
}

fn in_words(switch: &str, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Value(value) => format!("{switch}: {}", styled(GOOD, plain(value))),
        Verdict::None(why) => format!("{switch}: {}  {why}", styled(BAD, "no single value")),
    }
}
