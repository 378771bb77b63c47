//! The observations of a question.

use crate::probe::answer::{Abort, Answer, Refusal};
use chime_simulator::{DeleteMissing, Missing};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// An observation.
#[derive(Clone, Debug, Serialize)]
pub struct Observation {
    /// The call.
    pub what: String,
    /// What Chime answered or did.
    pub answer: String,
    /// What it means for the simulator.
    #[serde(flatten)]
    pub reading: Reading,
}

/// What an observation means for the simulator and the function.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The possible values of a switch of the simulator; empty if none fits.
    Switch {
        /// The switch.
        switch: &'static str,
        /// The values that fit.
        values: Vec<Json>,
    },
    /// The minimum of a switch that is a time.
    Time {
        /// The switch.
        switch: &'static str,
        /// In milliseconds.
        ms: u64,
    },
    /// Whether something holds that the function relies on.
    Fits(bool),
    /// Nothing: neither the simulator nor the function depends on it.
    Nothing {},
}

/// The observations of a question so far, which are kept if it is aborted.
#[derive(Debug, Default)]
pub struct Notes(Vec<Observation>);

impl Notes {
    /// All observations.
    pub fn into_observations(self) -> Vec<Observation> {
        self.0
    }

    fn note(&mut self, what: impl Into<String>, answer: impl Into<String>, reading: Reading) {
        self.0.push(Observation { what: what.into(), answer: answer.into(), reading });
    }

    /// Records something that no switch and no part of the function depends on.
    pub fn record(&mut self, what: impl Into<String>, answer: impl ToString) {
        self.note(what, answer.to_string(), Reading::Nothing {});
    }

    /// Records whether something holds that the function relies on.
    pub fn expectation(&mut self, what: impl Into<String>, answer: impl ToString, holds: bool) {
        self.note(what, answer.to_string(), Reading::Fits(holds));
    }

    /// Records the possible values of a switch.
    pub fn switch(
        &mut self,
        what: impl Into<String>,
        answer: impl ToString,
        switch: &'static str,
        values: impl IntoIterator<Item = Json>,
    ) {
        self.note(what, answer.to_string(), Reading::Switch { switch, values: values.into_iter().collect() });
    }

    /// Records how long something took to appear or disappear; `took` is none if it did not within `patience`.
    pub fn time(&mut self, what: &str, took: Option<Duration>, patience: Duration, switch: &'static str) {
        let answer = match took {
            None => format!("not within {} s", patience.as_secs()),
            Some(Duration::ZERO) => "at once".to_owned(),
            Some(took) => format!("after {} ms", took.as_millis()),
        };
        self.note(what, answer, Reading::Time { switch, ms: millis(took.unwrap_or(patience)) });
    }

    /// Records the answer about a missing entity. If IAM denies this call, the others can still be made.
    ///
    /// # Errors
    /// There is no answer, for any other reason.
    pub fn missing<T>(
        &mut self,
        what: &str,
        switch: &'static str,
        asked: Result<Answer<T>, Abort>,
    ) -> Result<(), Abort> {
        self.refusal(what, switch, asked, &|refusal| missing(refusal).map(|value| json!(value)), None)
    }

    /// Records the answer to the deletion of a missing entity.
    ///
    /// # Errors
    /// See [`missing`](Self::missing).
    pub fn deleted<T>(
        &mut self,
        what: &str,
        switch: &'static str,
        asked: Result<Answer<T>, Abort>,
    ) -> Result<(), Abort> {
        let yes = Some(json!(DeleteMissing::Success204));
        self.refusal(what, switch, asked, &|refusal| delete_missing(refusal).map(|value| json!(value)), yes)
    }

    fn refusal<T>(
        &mut self,
        what: &str,
        switch: &'static str,
        asked: Result<Answer<T>, Abort>,
        of: &dyn Fn(&Refusal) -> Option<Json>,
        yes: Option<Json>,
    ) -> Result<(), Abort> {
        match asked {
            Ok(answer) => {
                let value = answer.refusal().map_or(yes, of);
                self.switch(what, answer, switch, value);
            }
            Err(denied @ Abort::Denied(_)) => self.record(what, denied),
            Err(abort) => return Err(abort),
        }
        Ok(())
    }
}

/// A time in milliseconds.
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The simulator's variant with this refusal of a missing entity.
fn missing(refusal: &Refusal) -> Option<Missing> {
    Some(match delete_missing(refusal)? {
        DeleteMissing::NotFound404 => Missing::NotFound404,
        DeleteMissing::Forbidden403 => Missing::Forbidden403,
        DeleteMissing::BadRequest400 => Missing::BadRequest400,
        DeleteMissing::Unauthorized401 => Missing::Unauthorized401,
        DeleteMissing::Success204 | DeleteMissing::Conflict409 => return None,
    })
}

/// The simulator's variant with this refusal to delete a missing entity.
fn delete_missing(refusal: &Refusal) -> Option<DeleteMissing> {
    let name = refusal.code.trim_end_matches("Exception").trim_end_matches("Client");
    Some(match (refusal.status, name) {
        (404, "NotFound") => DeleteMissing::NotFound404,
        (403, "Forbidden") => DeleteMissing::Forbidden403,
        (400, "BadRequest") => DeleteMissing::BadRequest400,
        (401, "Unauthorized") => DeleteMissing::Unauthorized401,
        (409, "Conflict") => DeleteMissing::Conflict409,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, code: &str) -> Refusal {
        Refusal { status, code: code.into(), message: String::new(), header: None, body: String::new() }
    }

    #[test]
    fn a_variant_has_both_the_status_and_the_name_of_a_refusal() {
        assert_eq!(missing(&refusal(401, "UnauthorizedClientException")), Some(Missing::Unauthorized401));
        assert_eq!(missing(&refusal(403, "Forbidden")), Some(Missing::Forbidden403));
        assert_eq!(missing(&refusal(409, "ConflictException")), None);
        assert_eq!(delete_missing(&refusal(409, "ConflictException")), Some(DeleteMissing::Conflict409));
        assert_eq!(delete_missing(&refusal(400, "ResourceLimitExceededException")), None);
        assert_eq!(delete_missing(&refusal(404, "ForbiddenException")), None);
    }

    #[test]
    fn a_denial_is_not_an_answer_and_does_not_end_the_question() {
        let mut notes = Notes::default();
        notes.missing::<()>("a", "missing", Err(Abort::Denied("no".into()))).unwrap();
        notes.deleted("b", "delete_missing", Ok(Answer::Accepted(()))).unwrap();
        assert_eq!(notes.missing::<()>("c", "missing", Err(Abort::Interrupted)), Err(Abort::Interrupted));
        let readings: Vec<_> = notes.into_observations().into_iter().map(|seen| seen.reading).collect();
        let values = vec![json!("Success204")];
        assert_eq!(readings, [Reading::Nothing {}, Reading::Switch { switch: "delete_missing", values }]);
    }
}
