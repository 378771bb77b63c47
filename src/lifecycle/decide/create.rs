//! What a Create does, and the making half of a replacement.
//!
//! What carries tags is created at once, and only a Conflict makes it look: one call, where all is well. A setting reads its mark before it
//! writes. What bears no note looks whether it is there before it is made.

use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::ownership::owner::{Handover, Ownership, Tracking};

/// What Chime shows of what is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is there, and owned so.
    Owner(Ownership),
    /// Nothing is shown, or its tags cannot be read. Invisible is not absent, and unreadable is not foreign.
    Unseen,
    /// It is there, and bears no note.
    Present {
        /// A property that cannot change is another one than stated.
        is_another: bool,
    },
}

/// What is known. What is `None` has not been asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFacts {
    /// The request that creates.
    pub request: RequestId,
    /// Where the owner is noted.
    pub tracking: Tracking,
    /// Whether the template names the resource. Otherwise Chime chooses its id.
    pub has_template_id: bool,
    /// The create has met a Conflict.
    pub has_conflict: bool,
    /// For how long there are further looks.
    pub windows: OpenWindows,
    /// What Chime shows.
    pub met: Option<Met>,
    /// Whether it is as stated.
    pub is_as_stated: Option<bool>,
}

/// What has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What is there, and who owns it?
    Met,
    /// Is it as stated?
    Comparison,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateAction {
    /// Create it.
    Create,
    /// Go on with what this logical resource made before: note this request, unless it is the one, and bring it to what is stated.
    Adopt {
        /// What is unfinished of how it came here.
        handover: Handover,
        /// Whether the note names this very request already.
        is_noted: bool,
    },
    /// Go on with what is there and bears no note: bring it to what is stated.
    Join,
    /// Set a setting.
    Set(Mark),
    /// Take over what another logical id of the same stack owns: a rename.
    AcceptHandover {
        /// Who owns it now.
        from: LogicalId,
    },
    /// FAILED.
    Reject(Rejection),
}

/// What has to be done about the mark of a setting before it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// There is none: write it.
    New,
    /// It is of an earlier request: write it anew.
    Renew(Handover),
    /// It is of this request.
    Present,
}

/// Why nothing is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It belongs to another stack.
    Foreign {
        /// The stack.
        stack: String,
        /// The logical id there.
        logical_id: LogicalId,
    },
    /// It belongs to nobody that could be read.
    Unowned,
    /// It belongs to another logical id of this stack, and is not as stated.
    Different(LogicalId),
    /// Chime says that it exists, and does not show it.
    Unseen,
    /// It is there, and cannot be brought to what is stated.
    CannotChange,
    /// Its parent's tags cannot be read.
    Unreadable,
}

/// Decides what a Create does.
pub fn decide_create(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match facts.tracking {
        Tracking::ParentTag(_) => create_setting(facts),
        Tracking::Untracked if facts.has_template_id => create_untracked(facts),
        Tracking::Tags | Tracking::Untracked => create_resource(facts),
    }
}

fn create_resource(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        _ if !facts.has_conflict => Step::Do(CreateAction::Create),
        None => Step::Ask(Question::Met),
        Some(Met::Owner(Ownership::Ours { cause, handover, .. })) => {
            let is_noted = facts.request.is_noted_as(cause);
            Step::Do(CreateAction::Adopt { handover: handover.clone(), is_noted })
        }
        Some(Met::Owner(Ownership::SameStack { owner, .. })) => accept_handover(facts, owner),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        // It is nobody's, or its tags lag behind: that is not waited for to the end.
        Some(Met::Owner(Ownership::Unowned) | Met::Present { .. }) if facts.windows.consistency => {
            Step::LookAgain(Wait::Consistency)
        }
        Some(Met::Owner(Ownership::Unowned) | Met::Present { .. }) => reject(Rejection::Unowned),
        // It may be what an earlier delivery of this request made.
        Some(Met::Unseen) if facts.windows.patient => Step::LookAgain(Wait::Patient),
        Some(Met::Unseen) => reject(Rejection::Unseen),
    }
}

fn create_setting(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        None => Step::Ask(Question::Met),
        Some(Met::Owner(Ownership::Unowned) | Met::Present { .. }) => Step::Do(CreateAction::Set(Mark::New)),
        Some(Met::Owner(Ownership::Ours { cause, .. })) if facts.request.is_noted_as(cause) => {
            Step::Do(CreateAction::Set(Mark::Present))
        }
        Some(Met::Owner(Ownership::Ours { handover, .. })) => {
            Step::Do(CreateAction::Set(Mark::Renew(handover.clone())))
        }
        Some(Met::Owner(Ownership::SameStack { owner, .. })) => accept_handover(facts, owner),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        // What it is a setting of may have been made a moment ago.
        Some(Met::Unseen) if facts.windows.consistency => Step::LookAgain(Wait::Consistency),
        Some(Met::Unseen) => reject(Rejection::Unreadable),
    }
}

fn create_untracked(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        None => Step::Ask(Question::Met),
        Some(Met::Present { is_another: true }) => reject(Rejection::CannotChange),
        Some(Met::Present { is_another: false } | Met::Owner(_)) => Step::Do(CreateAction::Join),
        Some(Met::Unseen) if !facts.has_conflict => Step::Do(CreateAction::Create),
        // It is there, and may not be shown yet.
        Some(Met::Unseen) if facts.windows.consistency => Step::LookAgain(Wait::Consistency),
        Some(Met::Unseen) => reject(Rejection::Unseen),
    }
}

fn accept_handover(facts: &CreateFacts, owner: &LogicalId) -> Step<Question, CreateAction> {
    match facts.is_as_stated {
        None => Step::Ask(Question::Comparison),
        Some(true) => Step::Do(CreateAction::AcceptHandover { from: owner.clone() }),
        Some(false) => reject(Rejection::Different(owner.clone())),
    }
}

fn reject_foreign(stack: &str, logical_id: &LogicalId) -> Step<Question, CreateAction> {
    reject(Rejection::Foreign { stack: stack.to_owned(), logical_id: logical_id.clone() })
}

fn reject(rejection: Rejection) -> Step<Question, CreateAction> {
    Step::Do(CreateAction::Reject(rejection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{
        BOTH, cause, foreign, of_same_stack, other, ours, ours_because_of, owners, windows,
    };

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");
    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };
    const CLOSED: OpenWindows = OpenWindows { consistency: false, patient: false };

    /// A Create with nothing asked yet and no time left to look on.
    fn facts(tracking: Tracking) -> CreateFacts {
        CreateFacts {
            request: cause(),
            tracking,
            has_template_id: true,
            has_conflict: false,
            windows: CLOSED,
            met: None,
            is_as_stated: None,
        }
    }

    /// The same after a Conflict, where there can be one, with what it has met.
    fn meets(tracking: Tracking, met: Met) -> CreateFacts {
        CreateFacts { has_conflict: tracking == Tracking::Tags, met: Some(met), ..facts(tracking) }
    }

    fn owned(tracking: Tracking, owner: Ownership) -> CreateFacts {
        meets(tracking, Met::Owner(owner))
    }

    #[test]
    fn what_carries_tags_is_created_in_one_call() {
        assert_eq!(decide_create(&facts(Tracking::Tags)), Step::Do(CreateAction::Create));
        let conflict = CreateFacts { has_conflict: true, ..facts(Tracking::Tags) };
        assert_eq!(decide_create(&conflict), Step::Ask(Question::Met));
    }

    #[test]
    fn what_this_logical_resource_made_before_is_adopted() {
        let adopted = |is_noted| Step::Do(CreateAction::Adopt { handover: Handover::None, is_noted });
        assert_eq!(decide_create(&owned(Tracking::Tags, ours(Handover::None))), adopted(true));
        assert_eq!(decide_create(&owned(Tracking::Tags, ours_because_of("earlier"))), adopted(false));
        let set = |mark| Step::Do(CreateAction::Set(mark));
        assert_eq!(decide_create(&owned(MARK, ours(Handover::None))), set(Mark::Present));
        assert_eq!(decide_create(&owned(MARK, ours_because_of("earlier"))), set(Mark::Renew(Handover::None)));
    }

    #[test]
    fn a_rename_is_accepted_if_nothing_else_changes() {
        for tracking in [Tracking::Tags, MARK] {
            let renamed = owned(tracking, of_same_stack(Handover::None));
            assert_eq!(decide_create(&renamed), Step::Ask(Question::Comparison));
            let same = CreateFacts { is_as_stated: Some(true), ..renamed.clone() };
            assert_eq!(decide_create(&same), Step::Do(CreateAction::AcceptHandover { from: other() }));
            let different = CreateFacts { is_as_stated: Some(false), ..renamed };
            assert_eq!(decide_create(&different), reject(Rejection::Different(other())));
        }
    }

    #[test]
    fn what_is_foreign_is_left_alone() {
        for tracking in [Tracking::Tags, MARK] {
            let step = decide_create(&CreateFacts { windows: OPEN, ..owned(tracking, foreign()) });
            assert!(matches!(step, Step::Do(CreateAction::Reject(Rejection::Foreign { .. }))), "{step:?}");
        }
    }

    #[test]
    fn what_is_unowned_is_left_alone_once_its_tags_have_had_their_time() {
        let unowned = owned(Tracking::Tags, Ownership::Unowned);
        let early = CreateFacts { windows: OPEN, ..unowned.clone() };
        assert_eq!(decide_create(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(decide_create(&unowned), reject(Rejection::Unowned));
    }

    #[test]
    fn a_setting_is_marked_before_it_is_set() {
        assert_eq!(decide_create(&facts(MARK)), Step::Ask(Question::Met));
        assert_eq!(decide_create(&owned(MARK, Ownership::Unowned)), Step::Do(CreateAction::Set(Mark::New)));
    }

    #[test]
    fn what_is_not_shown_is_waited_for() {
        let early = |tracking| decide_create(&CreateFacts { windows: OPEN, ..meets(tracking, Met::Unseen) });
        assert_eq!(early(Tracking::Tags), Step::LookAgain(Wait::Patient));
        assert_eq!(early(MARK), Step::LookAgain(Wait::Consistency));
        let late = |tracking| decide_create(&meets(tracking, Met::Unseen));
        assert_eq!(late(Tracking::Tags), reject(Rejection::Unseen));
        assert_eq!(late(MARK), reject(Rejection::Unreadable));
    }

    #[test]
    fn what_bears_no_note_is_looked_for_before_it_is_made() {
        assert_eq!(decide_create(&facts(Tracking::Untracked)), Step::Ask(Question::Met));
        let met = |met| decide_create(&meets(Tracking::Untracked, met));
        assert_eq!(met(Met::Unseen), Step::Do(CreateAction::Create));
        assert_eq!(met(Met::Present { is_another: false }), Step::Do(CreateAction::Join));
        assert_eq!(met(Met::Present { is_another: true }), reject(Rejection::CannotChange));
        let conflict = CreateFacts { has_conflict: true, ..meets(Tracking::Untracked, Met::Unseen) };
        assert_eq!(decide_create(&conflict), reject(Rejection::Unseen));
        assert_eq!(decide_create(&CreateFacts { windows: OPEN, ..conflict }), Step::LookAgain(Wait::Consistency));
        let chosen = CreateFacts { has_template_id: false, ..facts(Tracking::Untracked) };
        assert_eq!(decide_create(&chosen), Step::Do(CreateAction::Create));
    }

    #[test]
    fn every_combination_has_an_answer_that_others_can_live_with() {
        let met = owners().into_iter().map(Met::Owner);
        let met = met.chain([Met::Unseen, Met::Present { is_another: false }, Met::Present { is_another: true }]);
        let met: Vec<_> = met.map(Some).chain([None]).collect();
        for tracking in [Tracking::Tags, MARK, Tracking::Untracked] {
            for (has_template_id, has_conflict) in BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other))) {
                for windows in windows() {
                    for (met, is_as_stated) in
                        met.iter().flat_map(|met| [None, Some(false), Some(true)].map(|answer| (met.clone(), answer)))
                    {
                        let facts = CreateFacts {
                            request: cause(),
                            tracking,
                            has_template_id,
                            has_conflict,
                            windows,
                            met,
                            is_as_stated,
                        };
                        check(&facts);
                    }
                }
            }
        }
    }

    fn check(facts: &CreateFacts) {
        let is_owner = |is: fn(&Ownership) -> bool| matches!(&facts.met, Some(Met::Owner(owner)) if is(owner));
        match decide_create(facts) {
            Step::Ask(Question::Met) => assert!(facts.met.is_none(), "{facts:?}"),
            Step::Ask(Question::Comparison) => assert!(facts.is_as_stated.is_none(), "{facts:?}"),
            Step::LookAgain(Wait::Consistency) => assert!(facts.windows.consistency, "{facts:?}"),
            Step::LookAgain(Wait::Patient) => assert!(facts.windows.patient, "{facts:?}"),
            Step::LookAgain(Wait::Confirm) => panic!("nothing is confirmed here: {facts:?}"),
            Step::Do(CreateAction::Adopt { .. }) => {
                assert!(is_owner(|owner| matches!(owner, Ownership::Ours { .. })), "{facts:?}");
            }
            Step::Do(CreateAction::Set(_)) => {
                let is_foreign =
                    is_owner(|owner| matches!(owner, Ownership::Foreign { .. } | Ownership::SameStack { .. }));
                assert!(!is_foreign && facts.met != Some(Met::Unseen), "{facts:?}");
            }
            Step::Do(CreateAction::AcceptHandover { .. }) => {
                let is_same_stack = is_owner(|owner| matches!(owner, Ownership::SameStack { .. }));
                assert!(is_same_stack && facts.is_as_stated == Some(true), "{facts:?}");
            }
            Step::Do(CreateAction::Join) => assert_eq!(facts.tracking, Tracking::Untracked, "{facts:?}"),
            Step::Do(CreateAction::Create) => {
                assert!(!facts.has_conflict && !matches!(facts.tracking, Tracking::ParentTag(_)), "{facts:?}");
            }
            Step::Do(CreateAction::Reject(_)) => assert!(facts.met.is_some(), "{facts:?}"),
        }
    }
}
