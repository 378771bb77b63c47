//! What a question brings to light.

use crate::probe::answer::{Answer, Refusal, Stop};
use chime_simulator::{DeleteMissing, Missing};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// One thing that was seen.
#[derive(Clone, Debug, Serialize)]
pub struct Observation {
    /// What was asked of Chime.
    pub what: String,
    /// What it said or did.
    pub answer: String,
    /// What that says of the simulator.
    #[serde(flatten)]
    pub reading: Reading,
}

/// What an observation says of the simulator, and of the function.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A switch of the simulator has one of these values; with none, it has none that is so.
    Switch {
        /// The switch.
        switch: &'static str,
        /// The values that fit.
        values: Vec<Json>,
    },
    /// A switch that is a time, in milliseconds, is at least so long.
    Time {
        /// The switch.
        switch: &'static str,
        /// So long, in milliseconds.
        ms: u64,
    },
    /// The function counts on it, and it is so or is not.
    Fits(bool),
    /// Neither the simulator nor the function depends on it.
    Nothing {},
}

/// What a question has brought to light so far: kept when the question is cut off.
#[derive(Debug, Default)]
pub struct Notes(Vec<Observation>);

impl Notes {
    /// All of it.
    pub fn into_observations(self) -> Vec<Observation> {
        self.0
    }

    fn note(&mut self, what: impl Into<String>, answer: impl Into<String>, reading: Reading) {
        self.0.push(Observation { what: what.into(), answer: answer.into(), reading });
    }

    /// Something that no switch is about, and that the function does not depend on.
    pub fn told(&mut self, what: impl Into<String>, answer: impl ToString) {
        self.note(what, answer.to_string(), Reading::Nothing {});
    }

    /// Something that the function counts on.
    pub fn fits(&mut self, what: impl Into<String>, answer: impl ToString, is_so: bool) {
        self.note(what, answer.to_string(), Reading::Fits(is_so));
    }

    /// Something that leaves these values of a switch.
    pub fn switch(
        &mut self,
        what: impl Into<String>,
        answer: impl ToString,
        switch: &'static str,
        values: impl IntoIterator<Item = Json>,
    ) {
        self.note(what, answer.to_string(), Reading::Switch { switch, values: values.into_iter().collect() });
    }

    /// How long something took to be seen or to be gone; nothing where it was neither for as long as there was `patience`.
    pub fn time(&mut self, what: &str, took: Option<Duration>, patience: Duration, switch: &'static str) {
        let answer = match took {
            None => format!("not within {} s", patience.as_secs()),
            Some(Duration::ZERO) => "at once".to_owned(),
            Some(took) => format!("after {} ms", took.as_millis()),
        };
        self.note(what, answer, Reading::Time { switch, ms: millis(took.unwrap_or(patience)) });
    }

    /// The answer about something that is not there. IAM's denial of this one call leaves the others to be asked.
    ///
    /// # Errors
    /// Every other reason why there is no answer.
    pub fn missing<T>(&mut self, what: &str, switch: &'static str, asked: Result<Answer<T>, Stop>) -> Result<(), Stop> {
        self.refusal(what, switch, asked, &|refusal| missing(refusal).map(|value| json!(value)), None)
    }

    /// The answer to the deletion of something that is not there.
    ///
    /// # Errors
    /// As for [`missing`](Self::missing).
    pub fn deleted<T>(&mut self, what: &str, switch: &'static str, asked: Result<Answer<T>, Stop>) -> Result<(), Stop> {
        let yes = Some(json!(DeleteMissing::Success204));
        self.refusal(what, switch, asked, &|refusal| delete_missing(refusal).map(|value| json!(value)), yes)
    }

    fn refusal<T>(
        &mut self,
        what: &str,
        switch: &'static str,
        asked: Result<Answer<T>, Stop>,
        of: &dyn Fn(&Refusal) -> Option<Json>,
        yes: Option<Json>,
    ) -> Result<(), Stop> {
        match asked {
            Ok(answer) => {
                let value = answer.no().map_or(yes, of);
                self.switch(what, answer, switch, value);
            }
            Err(denied @ Stop::Denied(_)) => self.told(what, denied),
            Err(stop) => return Err(stop),
        }
        Ok(())
    }
}

/// Whole milliseconds.
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The variant of the simulator that speaks so of what is missing.
fn missing(refusal: &Refusal) -> Option<Missing> {
    Some(match delete_missing(refusal)? {
        DeleteMissing::NotFound404 => Missing::NotFound404,
        DeleteMissing::Forbidden403 => Missing::Forbidden403,
        DeleteMissing::BadRequest400 => Missing::BadRequest400,
        DeleteMissing::Unauthorized401 => Missing::Unauthorized401,
        DeleteMissing::Success204 | DeleteMissing::Conflict409 => return None,
    })
}

/// The variant of the simulator that speaks so of the deletion of what is missing.
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
    fn a_refusal_is_a_variant_only_where_status_and_name_are_its() {
        assert_eq!(missing(&refusal(401, "UnauthorizedClientException")), Some(Missing::Unauthorized401));
        assert_eq!(missing(&refusal(403, "Forbidden")), Some(Missing::Forbidden403));
        assert_eq!(missing(&refusal(409, "ConflictException")), None);
        assert_eq!(delete_missing(&refusal(409, "ConflictException")), Some(DeleteMissing::Conflict409));
        assert_eq!(delete_missing(&refusal(400, "ResourceLimitExceededException")), None);
        assert_eq!(delete_missing(&refusal(404, "ForbiddenException")), None);
    }

    #[test]
    fn a_denial_is_no_answer_and_ends_nothing() {
        let mut notes = Notes::default();
        notes.missing::<()>("a", "missing", Err(Stop::Denied("no".into()))).unwrap();
        notes.deleted("b", "delete_missing", Ok(Answer::Yes(()))).unwrap();
        assert_eq!(notes.missing::<()>("c", "missing", Err(Stop::Interrupted)), Err(Stop::Interrupted));
        let readings: Vec<_> = notes.into_observations().into_iter().map(|seen| seen.reading).collect();
        let values = vec![json!("Success204")];
        assert_eq!(readings, [Reading::Nothing {}, Reading::Switch { switch: "delete_missing", values }]);
    }
}
