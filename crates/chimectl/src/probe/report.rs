//! The report: for each switch of the simulator, the value that matches Chime.

use crate::probe::answer::Abort;
use crate::probe::cleanup::Cleanup;
use crate::probe::notes::{Observation, Reading};
use crate::probe::question::Question;
use crate::probe::session::Session;
use chime_simulator::Behaviour;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// A question and its observations.
#[derive(Debug, Serialize)]
pub struct QuestionResult {
    /// The question's name.
    pub id: &'static str,
    /// The question.
    pub asks: &'static str,
    /// The observations.
    pub observations: Vec<Observation>,
    /// Why it was skipped or aborted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_answered: Option<String>,
    /// Whether it was skipped because an option is missing.
    #[serde(skip)]
    pub is_skipped: bool,
}

impl QuestionResult {
    /// The result of a question; `abort` says why it has no further observations.
    pub fn new(question: &Question, observations: Vec<Observation>, abort: Option<Abort>) -> Self {
        let not_answered = abort.map(|abort| abort.to_string());
        Self { id: question.id, asks: question.asks, observations, not_answered, is_skipped: false }
    }

    /// Masks the account number and shortens the ARN of the app instance.
    #[must_use]
    pub fn masked(mut self, session: &Session) -> Self {
        let Some((app_instance, account)) = session.masks() else { return self };
        let mask =
            |text: &mut String| *text = text.replace(app_instance, "<app-instance>").replace(account, "<account>");
        self.observations.iter_mut().for_each(|seen| mask(&mut seen.answer));
        self.not_answered.iter_mut().for_each(mask);
        self
    }

    /// A question that was skipped; `how` says what it needs.
    pub fn skipped(question: &Question, how: &str) -> Self {
        let not_answered = Some(format!("not asked: {how}"));
        Self { id: question.id, asks: question.asks, observations: Vec::new(), not_answered, is_skipped: true }
    }
}

/// What the observations say about a switch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// This value matches.
    Value(Json),
    /// No value matches: Chime is not consistent, or it does something that the simulator cannot.
    None(String),
}

/// The report of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The region that was asked.
    pub region: String,
    /// The questions.
    pub questions: Vec<QuestionResult>,
    /// The switches with observations.
    pub switches: Map<String, Json>,
    /// The matching values, which can be posted to the simulator.
    pub behaviour: Map<String, Json>,
    /// Expectations of the function that do not hold.
    pub surprises: Vec<String>,
    /// The number of requests.
    pub requests: u32,
    /// The result of the cleanup.
    pub cleanup: Cleanup,
    /// What interrupted the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}

impl Report {
    /// Evaluates the results of a run.
    pub fn new(
        region: &str,
        questions: Vec<QuestionResult>,
        requests: u32,
        cleanup: Cleanup,
        ended_by: Option<String>,
    ) -> Self {
        let seen: Vec<&Observation> = questions.iter().flat_map(|asked| &asked.observations).collect();
        let verdicts = verdicts(&seen);
        let surprises = seen.iter().filter(|seen| seen.reading == Reading::Fits(false));
        let surprises = surprises.map(|seen| format!("{}: {}", seen.what, seen.answer)).collect();
        let right = verdicts.iter().filter_map(|(switch, verdict)| match verdict {
            Verdict::Value(value) => Some((switch.clone(), value.clone())),
            Verdict::None(_) => None,
        });
        let behaviour = right.collect();
        let switches = verdicts.iter().map(|(switch, verdict)| (switch.clone(), json!(verdict))).collect();
        Self { region: region.to_owned(), questions, switches, behaviour, surprises, requests, cleanup, ended_by }
    }

    /// Whether every question has its answer, nothing is left over, and all expectations of the function hold.
    pub fn is_good(&self) -> bool {
        let is_answered = self.questions.iter().all(|asked| asked.not_answered.is_none() || asked.is_skipped);
        is_answered && self.cleanup.left.is_empty() && self.surprises.is_empty()
    }
}

/// The verdict on each switch that has observations.
pub fn verdicts(seen: &[&Observation]) -> Vec<(String, Verdict)> {
    let mut switches: Vec<&str> = Vec::new();
    for observation in seen {
        if let Reading::Switch { switch, .. } | Reading::Time { switch, .. } = &observation.reading
            && !switches.contains(switch)
        {
            switches.push(switch);
        }
    }
    switches.into_iter().map(|switch| (switch.to_owned(), verdict(switch, seen))).collect()
}

fn verdict(switch: &str, seen: &[&Observation]) -> Verdict {
    let mut longest = None;
    let mut left: Option<Vec<Json>> = None;
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for observation in seen {
        match &observation.reading {
            Reading::Time { switch: of, ms } if *of == switch => longest = longest.max(Some(*ms)),
            Reading::Switch { switch: of, values } if *of == switch => {
                left = Some(match left {
                    None => values.clone(),
                    Some(left) => left.into_iter().filter(|value| values.contains(value)).collect(),
                });
                let all: Vec<String> = values.iter().map(plain).collect();
                let value = if all.is_empty() { observation.answer.clone() } else { all.join(" or ") };
                match said.iter_mut().find(|(said, _)| *said == value) {
                    Some((_, whats)) => whats.push(&observation.what),
                    None => said.push((value, vec![&observation.what])),
                }
            }
            _ => {}
        }
    }
    if let Some(ms) = longest {
        return Verdict::Value(json!(ms));
    }
    let left = left.unwrap_or_default();
    let default = json!(Behaviour::default())[switch].clone();
    match left.iter().find(|value| **value == default).or(left.first()) {
        Some(value) => Verdict::Value(value.clone()),
        None => {
            let said = said.into_iter().map(|(value, whats)| format!("{value} ({})", whats.join(", ")));
            Verdict::None(said.collect::<Vec<_>>().join("; "))
        }
    }
}

/// A value for people: without JSON's quotes.
pub fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(what: &str, reading: Reading) -> Observation {
        Observation { what: what.to_owned(), answer: "said so".to_owned(), reading }
    }

    fn one_of(what: &str, values: &[&str]) -> Observation {
        seen(
            what,
            Reading::Switch { switch: "token_replay", values: values.iter().map(|value| json!(value)).collect() },
        )
    }

    fn verdict_of(seen: &[Observation]) -> Verdict {
        let all = verdicts(&seen.iter().collect::<Vec<_>>());
        assert_eq!(all.len(), 1);
        all.into_iter().next().unwrap().1
    }

    #[test]
    fn the_value_that_fits_all_observations_is_the_verdict() {
        let both = one_of("a", &["FirstResult201", "Forgotten"]);
        assert_eq!(verdict_of(&[both.clone(), one_of("b", &["Forgotten"])]), Verdict::Value(json!("Forgotten")));
        // If several fit, the default wins.
        assert_eq!(
            verdict_of(&[one_of("b", &["Forgotten", "FirstResult201"])]),
            Verdict::Value(json!("FirstResult201"))
        );
        let time = |ms| seen("t", Reading::Time { switch: "list_lag_ms", ms });
        assert_eq!(verdict_of(&[time(3), time(9), time(0)]), Verdict::Value(json!(9)));
    }

    #[test]
    fn contradictions_leave_no_value() {
        let mixed =
            verdict_of(&[one_of("a", &["Forgotten"]), one_of("b", &["Conflict409"]), one_of("c", &["Forgotten"])]);
        assert_eq!(mixed, Verdict::None("Forgotten (a, c); Conflict409 (b)".to_owned()));
        let strange = verdict_of(&[one_of("a", &["Forgotten"]), one_of("b", &[])]);
        assert_eq!(strange, Verdict::None("Forgotten (a); said so (b)".to_owned()));
    }
}
