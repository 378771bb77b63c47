//! What a person sees of a run. Nothing here fails where nobody reads it any more: what was made must be deleted all the same.

use crate::probe::cleanup::Cleanup;
use crate::probe::notes::{Observation, Reading};
use crate::probe::question::{AFTER, BEFORE, NOT_ASKED, Question};
use crate::probe::report::{Asked, Report, Verdict, plain, verdicts};
use crate::probe::session::{Given, PREFIX, Session};
use crate::terminal::{BAD, BOLD, DIM, GOOD, styled};
use serde_json::{Value as Json, json};
use std::fmt::Display;
use std::io::Write;

/// Prints, and where the report is JSON, everything else to where errors go.
#[derive(Clone, Debug)]
pub struct Printer {
    json: bool,
}

impl Printer {
    /// A printer; with `json`, the report is a document.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// A line for whoever watches.
    pub fn line(&self, text: impl Display) {
        let _ = match self.json {
            true => writeln!(anstream::stderr(), "{text}"),
            false => writeln!(anstream::stdout(), "{text}"),
        };
    }

    /// What would be asked, and by which calls.
    pub fn plan(&self, questions: &[Question], given: &Given) {
        if self.json {
            let questions: Vec<Json> = questions
                .iter()
                .map(|question| {
                    json!({"id": question.id, "asks": question.asks, "switches": question.switches,
                        "calls": question.calls, "not_asked": (question.needs)(given)})
                })
                .collect();
            let plan = json!({"before": BEFORE, "questions": questions, "after": AFTER});
            let _ = writeln!(anstream::stdout(), "{plan:#}");
            return;
        }
        self.line(format!("{}  {}", styled(BOLD, "before"), BEFORE.join(", ")));
        for question in questions {
            self.line(format!("{}  {}", styled(BOLD, question.id), question.asks));
            match (question.needs)(given) {
                Some(how) => self.line(format!("  {}", styled(DIM, format!("not asked: {how}")))),
                None => self.line(format!("  {}", question.calls.join(", "))),
            }
        }
        self.line(format!("{}  {}", styled(BOLD, "after"), AFTER.join(", ")));
        for (switch, why) in NOT_ASKED {
            self.line(styled(DIM, format!("{switch} is not asked: {why}")));
        }
    }

    /// What a run makes, and what it costs.
    pub fn warning(&self, session: &Session, questions: &[Question]) {
        let place = session
            .endpoint()
            .unwrap_or_else(|| format!("AWS, in the account of these credentials, in {}", session.region()));
        self.line(format!("Questions to {place}: {}", questions.len()));
        self.line(format!(
            "It makes app instances called {} and deletes them, with all that is in them. For all questions it makes three to five (one of \
             them lasts to the end), some forty users, ten channels and four channel flows, with about 200 calls, and more where Chime is slow; \
             for some of them fewer.",
            session.name
        ));
        self.line(
            "It sends no message, nobody connects, and it changes nothing that it has not made. Prices are AWS's to say: \
             https://aws.amazon.com/chime/chime-sdk/pricing/",
        );
        if session.given.stream_arn.is_some() {
            self.line(
                "For the stream Chime makes the service-linked role AWSServiceRoleForChimeSDKMessaging, where the account does not \
                 have it. That stays.",
            );
        }
    }

    /// An app instance of another run.
    pub fn other(&self, arn: &str, command: &str) {
        let what = format!("Another run has left an app instance called {PREFIX}…, or is still using it: {arn}");
        self.line(styled(DIM, format!("{what}\n  {command}")));
    }

    /// What came of a question.
    pub fn asked(&self, asked: &Asked) {
        self.line(format!("\n{}  {}", styled(BOLD, asked.id), asked.asks));
        let width = asked.observations.iter().map(|seen| seen.what.chars().count()).max().unwrap_or_default();
        for seen in &asked.observations {
            self.line(format!("  {:<width$}  {}", seen.what, answer(seen)));
        }
        for (switch, verdict) in verdicts(&asked.observations.iter().collect::<Vec<_>>()) {
            self.line(format!("  => {}", spoken(&switch, &verdict)));
        }
        let has_switch =
            asked.observations.iter().any(|seen| matches!(seen.reading, Reading::Switch { .. } | Reading::Time { .. }));
        match &asked.not_answered {
            Some(why) => self.line(format!("  {}", styled(if asked.is_skipped { DIM } else { BAD }, why))),
            None if !has_switch => self.line(format!("  {}", styled(DIM, "no switch"))),
            None => {}
        }
    }

    /// What became of what was made.
    pub fn cleanup(&self, cleanup: &Cleanup) {
        self.line(format!("\nDeleted: {} app instances, with all that they held.", cleanup.deleted));
        for left in &cleanup.left {
            self.line(styled(BAD, format!("Not deleted: {} ({})", left.what, left.why)));
            self.line(format!("  {}", left.command));
        }
    }

    /// The report's end, or all of it as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON, which would be a defect.
    pub fn report(&self, report: &Report) -> Result<(), String> {
        if let Some(what) = &report.ended_by {
            self.line(styled(BAD, format!("\nEnded by {what}. What follows is what was known by then.")));
        }
        self.cleanup(&report.cleanup);
        if self.json {
            let document = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
            let _ = writeln!(anstream::stdout(), "{document}");
            return Ok(());
        }
        let seen: Vec<&Observation> = report.questions.iter().flat_map(|asked| &asked.observations).collect();
        self.line(styled(BOLD, "\nThe simulator's switches"));
        for (switch, verdict) in verdicts(&seen) {
            self.line(format!("  {}", spoken(&switch, &verdict)));
        }
        for what in &report.surprises {
            self.line(styled(
                BAD,
                format!("The function counts on something that is not so. Please report it. {what}"),
            ));
        }
        if !report.behaviour.is_empty() {
            let behaviour = json!(report.behaviour);
            self.line("\nA simulator that behaves so:");
            self.line(format!("  curl -d '{behaviour}' http://127.0.0.1:8321/_local/behaviour"));
        }
        self.line(format!("\n{} requests to Chime in {}.", report.requests, report.region));
        Ok(())
    }
}

fn answer(seen: &Observation) -> String {
    match seen.reading {
        Reading::Fits(false) => styled(BAD, format!("{}  (the function counts on something else)", seen.answer)),
        Reading::Switch { ref values, .. } if values.is_empty() => styled(BAD, &seen.answer),
        _ => seen.answer.clone(),
    }
}

fn spoken(switch: &str, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Value(value) => format!("{switch}: {}", styled(GOOD, plain(value))),
        Verdict::None(why) => format!("{switch}: {}  {why}", styled(BAD, "no one value")),
    }
}
