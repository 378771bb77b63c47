//! What a cleanup does about an untracked resource with a known id. Nothing records its owner, so its traces decide.

use crate::lifecycle::decide::{Progress, Step, Wait};

/// What Chime shows of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It fits the properties, and the create to clean up after may have created it, by its time and its creator.
    Own,
    /// It existed before, or belongs to somebody else or to a later incarnation.
    Other,
    /// Nothing.
    None,
    /// Chime refuses to show it.
    Refused,
}

/// The facts of the decision. `None` means not asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UntrackedFacts {
    /// What this Delete has done so far.
    pub progress: Progress,
    /// What Chime shows.
    pub trace: Option<Trace>,
    /// Whether the resource exists. Asked only if Chime refuses to show it.
    pub exists: Option<bool>,
    /// Whether there is time to look again.
    pub is_window_open: bool,
}

/// A question that the decision may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What does Chime show?
    Trace,
    /// Does it exist?
    Existence,
}

/// An action that the decision may end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UntrackedAction {
    /// Change nothing: SUCCESS.
    Keep,
    /// Delete the resource, and look on. An abandoned create may create it once more.
    Remove,
    /// It exists, but its origin cannot be read: FAILED.
    Fail,
}

/// Decides what a cleanup does. The create may still be running in another Lambda environment, so while there is time, seeing nothing proves
/// nothing.
pub fn decide_untracked(facts: &UntrackedFacts) -> Step<Question, UntrackedAction> {
    let look_on_or = |otherwise| if facts.is_window_open { Step::LookAgain(Wait::Patient) } else { otherwise };
    match (facts.trace, facts.exists) {
        _ if facts.progress == Progress::JustActed => look_on_or(Step::Do(UntrackedAction::Keep)),
        (None, _) => Step::Ask(Question::Trace),
        (Some(Trace::Own), _) => Step::Do(UntrackedAction::Remove),
        (Some(Trace::Other), _) => Step::Do(UntrackedAction::Keep),
        (Some(Trace::None), _) => look_on_or(Step::Do(UntrackedAction::Keep)),
        (Some(Trace::Refused), None) => look_on_or(Step::Ask(Question::Existence)),
        (Some(Trace::Refused), Some(true)) => look_on_or(Step::Do(UntrackedAction::Fail)),
        (Some(Trace::Refused), Some(false)) => look_on_or(Step::Do(UntrackedAction::Keep)),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const NOTHING: UntrackedFacts =
        UntrackedFacts { progress: Progress::Begun, trace: None, exists: None, is_window_open: false };
    const KEPT: Step<Question, UntrackedAction> = Step::Do(UntrackedAction::Keep);
    const LOOK_ON: Step<Question, UntrackedAction> = Step::LookAgain(Wait::Patient);

    fn decide(trace: Trace, is_window_open: bool) -> Step<Question, UntrackedAction> {
        decide_untracked(&UntrackedFacts { trace: Some(trace), is_window_open, ..NOTHING })
    }

    #[test]
    fn only_what_the_create_may_have_created_is_removed() {
        assert_eq!(decide_untracked(&NOTHING), Step::Ask(Question::Trace));
        for is_window_open in [false, true] {
            assert_eq!(decide(Trace::Own, is_window_open), Step::Do(UntrackedAction::Remove));
            assert_eq!(decide(Trace::Other, is_window_open), KEPT);
        }
    }

    #[test]
    fn a_cleanup_looks_on_while_nothing_is_shown_and_after_a_removal() {
        assert_eq!([true, false].map(|is_open| decide(Trace::None, is_open)), [LOOK_ON, KEPT]);
        let removed = UntrackedFacts { progress: Progress::JustActed, trace: Some(Trace::Own), ..NOTHING };
        assert_eq!(decide_untracked(&removed), KEPT);
        assert_eq!(decide_untracked(&UntrackedFacts { is_window_open: true, ..removed }), LOOK_ON);
    }

    #[test]
    fn what_exists_and_cannot_be_read_is_a_failure_once_time_is_up() {
        assert_eq!(decide(Trace::Refused, true), LOOK_ON);
        let refused = UntrackedFacts { trace: Some(Trace::Refused), ..NOTHING };
        assert_eq!(decide_untracked(&refused), Step::Ask(Question::Existence));
        let with = |exists| decide_untracked(&UntrackedFacts { exists: Some(exists), ..refused });
        assert_eq!([true, false].map(with), [Step::Do(UntrackedAction::Fail), KEPT]);
    }

    /// Every combination of facts.
    pub fn every() -> Vec<UntrackedFacts> {
        let mut every = Vec::new();
        for trace in [None, Some(Trace::Own), Some(Trace::Other), Some(Trace::None), Some(Trace::Refused)] {
            for progress in [Progress::Begun, Progress::JustActed, Progress::Acted] {
                for exists in [None, Some(false), Some(true)] {
                    every.extend([false, true].map(|is_window_open| UntrackedFacts {
                        progress,
                        trace,
                        exists,
                        is_window_open,
                    }));
                }
            }
        }
        every
    }

    #[test]
    fn nothing_is_asked_twice_removed_unseen_or_waited_for_without_time() {
        for facts in every() {
            match decide_untracked(&facts) {
                Step::Ask(Question::Trace) => assert!(facts.trace.is_none(), "{facts:?}"),
                Step::Ask(Question::Existence) => assert!(facts.exists.is_none(), "{facts:?}"),
                Step::LookAgain(_) => assert!(facts.is_window_open, "{facts:?}"),
                Step::Do(UntrackedAction::Remove) => assert_eq!(facts.trace, Some(Trace::Own), "{facts:?}"),
                Step::Do(UntrackedAction::Keep | UntrackedAction::Fail) => {}
            }
        }
    }
}
