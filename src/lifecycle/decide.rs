//! The decisions: pure functions from facts to a [`Step`]. They do no I/O, read no clock and await nothing.
//!
//! A fact that costs a call is not fetched in advance. The decision asks for it when it needs it, and is then made again. Every
//! combination of facts has exactly one answer. The tables in ARCHITECTURE.md list these functions row by row.

pub mod absence;
pub mod create;
pub mod delete;
pub mod search;
pub mod untracked;
pub mod update;

/// The next step of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<Question, Action> {
    /// Answer this question, and decide again.
    Ask(Question),
    /// Discard what Chime has shown, pause, and decide again. Decisions return this only while the window for that wait is open.
    LookAgain(Wait),
    /// Carry out this action.
    Do(Action),
}

/// How long to keep looking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For some seconds: an absence counts only if it lasts.
    Confirm,
    /// For as long as Chime may take to show a change.
    Consistency,
    /// For as long as the task allows: half of the time left, or 90 % of it.
    Patient,
}

/// What a cleanup has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing.
    Begun,
    /// It has carried out an action a moment ago, and has to pause before it looks again.
    JustActed,
    /// It has carried out an action and paused since.
    Acted,
}

impl Progress {
    /// What it is after a pause.
    #[must_use]
    pub fn after_a_pause(self) -> Self {
        if self == Self::Begun { Self::Begun } else { Self::Acted }
    }
}

/// Which waits still have time left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenWindows {
    /// Chime may still not show a recent change.
    pub consistency: bool,
    /// There is time to wait for a request that may be running in another Lambda environment.
    pub patient: bool,
}

#[cfg(test)]
pub mod testing {
    //! Shared by the tests of the decisions: values for facts.

    use super::OpenWindows;
    use crate::request::cause::Cause;
    use crate::request::logical_id::LogicalId;
    use crate::request::request_id::RequestId;
    use crate::resource::ownership::{Handover, Ownership, Standing};

    pub const BOTH: [bool; 2] = [false, true];

    /// The logical id of the request.
    pub fn me() -> LogicalId {
        LogicalId::new("Me")
    }

    /// Another logical id of the same stack.
    pub fn other() -> LogicalId {
        LogicalId::new("Other")
    }

    /// The request that created the resource.
    pub fn cause() -> RequestId {
        RequestId::new("request")
    }

    pub fn ours(handover: Handover) -> Ownership {
        Ownership::Ours { cause: Cause::new(cause(), None), handover, standing: Standing::Made }
    }

    pub fn ours_because_of(request: &str) -> Ownership {
        let cause = Cause::new(RequestId::new(request), None);
        Ownership::Ours { cause, handover: Handover::None, standing: Standing::Made }
    }

    pub fn found() -> Ownership {
        let handover = Handover::None;
        Ownership::Ours { cause: Cause::new(cause(), None), handover, standing: Standing::Found }
    }

    pub fn of_same_stack(handover: Handover) -> Ownership {
        let cause = Cause::new(RequestId::new("theirs"), None);
        Ownership::SameStack { owner: other(), cause, handover, standing: Standing::Made }
    }

    pub fn foreign() -> Ownership {
        Ownership::Foreign { stack: "theirs".to_owned(), logical_id: LogicalId::new("Theirs") }
    }

    /// Every kind of ownership, with every kind of handover.
    pub fn owners() -> Vec<Ownership> {
        let handovers = || {
            [
                Handover::None,
                Handover::From(me()),
                Handover::From(LogicalId::new("Third")),
                Handover::GivenBack,
                Handover::Placeholder,
            ]
        };
        let ours = handovers().into_iter().map(ours).chain([ours_because_of("earlier"), found()]);
        ours.chain(handovers().into_iter().map(of_same_stack)).chain([foreign(), Ownership::Unowned]).collect()
    }

    pub fn windows() -> Vec<OpenWindows> {
        BOTH.into_iter().flat_map(|consistency| BOTH.map(|patient| OpenWindows { consistency, patient })).collect()
    }
}
