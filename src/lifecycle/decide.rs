//! What to do, decided from what is known: no I/O, no clock, no await.
//!
//! The executor learns facts and asks. Evidence that costs a call is asked for when a decision needs it, not fetched beforehand: a decision
//! is a [`Step`], and the executor goes on asking until there is something to do. Every combination of facts has exactly one answer, and
//! the tables in ARCHITECTURE.md are these functions, row by row.

pub mod absence;
pub mod create;
pub mod delete;
pub mod search;
pub mod update;

/// The next step towards an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<Question, Action> {
    /// Find this out, and decide again.
    Ask(Question),
    /// Forget what Chime has shown, wait a little, and decide again. Only while the window is open.
    LookAgain(Wait),
    /// Do this.
    Do(Action),
}

/// What a further look is worth, and so for how long there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Some seconds: an absence has to last.
    Confirm,
    /// As long as Chime may lag behind what it has just done.
    Consistency,
    /// As long as the task allows: half of the time there is, or most of it.
    Patient,
}

/// For how long looking again is worth something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenWindows {
    /// Chime may still not show what it has just done.
    pub consistency: bool,
    /// The task still has time to wait for what is under way elsewhere.
    pub patient: bool,
}

#[cfg(test)]
pub mod testing {
    //! What the tests of the decisions share: every value that a fact can have.

    use super::OpenWindows;
    use crate::request::cause::Cause;
    use crate::request::logical_id::LogicalId;
    use crate::request::request_id::RequestId;
    use crate::resource::ownership::owner::{Handover, Ownership, Standing};

    pub const BOTH: [bool; 2] = [false, true];

    /// The logical id that decides.
    pub fn me() -> LogicalId {
        LogicalId::new("Me")
    }

    /// Another one of the same stack.
    pub fn other() -> LogicalId {
        LogicalId::new("Other")
    }

    /// The request that is cleaned up.
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

    /// Every kind of owner, with every kind of handover.
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
