//! What a Create does, and the making half of a replacement.
//!
//! What carries tags is created at once, and only a Conflict makes it look: one call, where all is well. A setting reads its mark and what is
//! set before it writes. What bears no note looks whether it is there before it is made. With AdoptExisting nothing is made at all.
//!
//! What was there before the stack is never changed without being told to: where it is as stated it is found, and stays when the stack
//! goes; where it is not, the create fails.

use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::ownership::owner::{Handover, Ownership, Standing, Tracking};

/// What Chime shows of what is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is there, and owned so.
    Owner(Ownership),
    /// Nothing is shown, or its tags cannot be read. Invisible is not absent, and unreadable is not foreign.
    Unseen,
    /// It is there, and bears no note.
    Present(Origin),
}

/// Who has made what bears no note, as far as its traces tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An earlier delivery of this very request; or, where a replacement goes back, an earlier request of this logical resource.
    Own,
    /// Somebody else, or nobody can say.
    Foreign,
}

/// How what Chime shows compares with what is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Chime shows that there is nothing.
    Absent,
    /// It is as stated.
    AsStated,
    /// It is not, and can be brought to it.
    Different,
    /// It is not, in what cannot change.
    Another,
}

/// What is created for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A Create.
    New,
    /// An Update that replaces. Its rollback comes this way too, and what it wants back still exists.
    Replacement,
}

/// What is known. What is `None` has not been asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFacts {
    /// The request that creates.
    pub request: RequestId,
    /// What it creates for.
    pub purpose: Purpose,
    /// Where the owner is noted.
    pub tracking: Tracking,
    /// Whether the template names the resource. Otherwise Chime chooses its id.
    pub has_template_id: bool,
    /// AdoptExisting names what is to be taken over.
    pub adopts: bool,
    /// CloudFormation has just sent the request, and nothing has been tried for it, or refused, yet.
    pub is_first_attempt: bool,
    /// The create has met a Conflict.
    pub has_conflict: bool,
    /// An attempt at the create has had no answer: what is there may be its.
    pub is_outcome_unknown: bool,
    /// For how long there are further looks.
    pub windows: OpenWindows,
    /// What Chime shows.
    pub met: Option<Met>,
    /// What is met is ours because of a request that was answered long ago: it has been kept, by a DeletionPolicy.
    pub is_kept: bool,
    /// How it compares with what is stated.
    pub comparison: Option<Comparison>,
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
    /// Go on with what this logical resource made before: bring it to what is stated.
    Continue(Note),
    /// Take over what AdoptExisting names, which is as stated and nobody's: note the owner, and nothing else.
    Adopt,
    /// Leave what was there as it is, and say that it was: it is as stated.
    Find,
    /// Set a setting.
    Set(Note),
    /// Take over what another logical id of the same stack owns: a rename.
    AcceptHandover {
        /// Who owns it now.
        from: LogicalId,
        /// Whether it was there before.
        standing: Standing,
    },
    /// FAILED.
    Reject(Rejection),
}

/// What has to be done about the note of the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// There is none: write it.
    Write,
    /// It is of an earlier attempt: write it anew.
    Renew(Handover),
    /// It stands as it is.
    Leave,
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
    /// It belongs to nobody that could be read, and only AdoptExisting takes it over.
    Unowned,
    /// It is this logical resource's of long ago, and only AdoptExisting takes it over.
    Kept,
    /// It belongs to another logical id of this stack, and is not as stated.
    Different(LogicalId),
    /// It was there before, and is not as stated.
    FoundDifferent,
    /// What AdoptExisting names is not as stated.
    AdoptedDifferent,
    /// Chime says that it exists, and does not show it.
    Unseen,
    /// Nothing is there that AdoptExisting could name.
    Absent,
    /// Its parent's tags cannot be read.
    Unreadable,
}

/// Decides what a Create does.
pub fn decide_create(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match facts.tracking {
        _ if facts.adopts => adopt(facts),
        Tracking::ParentTag(_) => create_setting(facts),
        Tracking::Untracked if facts.has_template_id => create_untracked(facts),
        Tracking::Tags | Tracking::Untracked => create_resource(facts),
    }
}

/// Takes over what AdoptExisting names.
fn adopt(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        None => Step::Ask(Question::Met),
        Some(Met::Owner(Ownership::Ours { cause, .. })) => go_on(facts, &cause.request, Note::Renew(Handover::None)),
        Some(Met::Owner(Ownership::SameStack { owner, standing, .. })) => accept_handover(facts, owner, *standing),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) => match facts.comparison {
            None => Step::Ask(Question::Comparison),
            Some(Comparison::AsStated) => Step::Do(CreateAction::Adopt),
            Some(Comparison::Different | Comparison::Another) => reject(Rejection::AdoptedDifferent),
            Some(Comparison::Absent) => look_again_or(facts, Rejection::Absent),
        },
        Some(Met::Unseen) => look_again_or(facts, Rejection::Absent),
    }
}

fn create_resource(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        _ if !facts.has_conflict => Step::Do(CreateAction::Create),
        None => Step::Ask(Question::Met),
        Some(Met::Owner(Ownership::Ours { .. })) if facts.is_kept && facts.purpose == Purpose::New => {
            reject(Rejection::Kept)
        }
        Some(Met::Owner(Ownership::Ours { cause, handover, .. })) => {
            go_on(facts, &cause.request, Note::Renew(handover.clone()))
        }
        Some(Met::Owner(Ownership::SameStack { owner, standing, .. })) => accept_handover(facts, owner, *standing),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        // It may be what an attempt has made that had no answer, and its tags lag behind.
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) if facts.is_outcome_unknown && facts.windows.patient => {
            Step::LookAgain(Wait::Patient)
        }
        // It is nobody's, or its tags lag behind: that is not waited for to the end.
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) => look_again_or(facts, Rejection::Unowned),
        // It may be what an earlier delivery of this request made.
        Some(Met::Unseen) if facts.windows.patient => Step::LookAgain(Wait::Patient),
        Some(Met::Unseen) => reject(Rejection::Unseen),
    }
}

fn create_setting(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match (facts.comparison, &facts.met) {
        (None, _) => Step::Ask(Question::Comparison),
        // Nothing is set, and a create that has just been sent is the first to set it: whose mark may be left behind is not asked.
        (Some(Comparison::Absent), None) if facts.is_first_attempt && facts.purpose == Purpose::New => {
            Step::Do(CreateAction::Set(Note::Write))
        }
        (_, None) => Step::Ask(Question::Met),
        (_, Some(met)) => set_marked(facts, met),
    }
}

/// Sets what may be set already, by whose mark it bears.
fn set_marked(facts: &CreateFacts, met: &Met) -> Step<Question, CreateAction> {
    match met {
        // What was answered for long ago was there before, as far as this create goes.
        Met::Owner(Ownership::Ours { handover, .. }) if facts.is_kept && facts.purpose == Purpose::New => {
            set_or_find(facts, Note::Renew(handover.clone()))
        }
        Met::Owner(Ownership::Ours { standing: Standing::Found, .. }) => set_or_find(facts, Note::Leave),
        Met::Owner(Ownership::Ours { cause, handover, .. }) => {
            Step::Do(CreateAction::Set(note(facts, &cause.request, Note::Renew(handover.clone()))))
        }
        // It may be an earlier delivery's, whose mark lags behind.
        Met::Owner(Ownership::Unowned) | Met::Present(_)
            if facts.comparison != Some(Comparison::Absent) && facts.windows.consistency =>
        {
            Step::LookAgain(Wait::Consistency)
        }
        Met::Owner(Ownership::Unowned) | Met::Present(_) => set_or_find(facts, Note::Write),
        Met::Owner(Ownership::SameStack { owner, standing, .. }) => accept_handover(facts, owner, *standing),
        Met::Owner(Ownership::Foreign { stack, logical_id }) => reject_foreign(stack, logical_id),
        // What it is a setting of may have been made a moment ago.
        Met::Unseen => look_again_or(facts, Rejection::Unreadable),
    }
}

/// Sets what is not set; what is set was there before.
fn set_or_find(facts: &CreateFacts, note: Note) -> Step<Question, CreateAction> {
    match facts.comparison {
        None => Step::Ask(Question::Comparison),
        Some(Comparison::Absent) => Step::Do(CreateAction::Set(note)),
        Some(Comparison::AsStated) => Step::Do(CreateAction::Find),
        Some(Comparison::Different | Comparison::Another) => reject(Rejection::FoundDifferent),
    }
}

fn create_untracked(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match (&facts.met, facts.comparison) {
        (None, _) => Step::Ask(Question::Met),
        (Some(Met::Unseen), _) if !facts.has_conflict => Step::Do(CreateAction::Create),
        // It is there, and may not be shown yet.
        (Some(Met::Unseen), _) => look_again_or(facts, Rejection::Unseen),
        (Some(_), None) => Step::Ask(Question::Comparison),
        (Some(_), Some(Comparison::Another)) => reject(Rejection::FoundDifferent),
        (Some(Met::Present(Origin::Own) | Met::Owner(_)), Some(_)) => Step::Do(CreateAction::Continue(Note::Leave)),
        (Some(Met::Present(Origin::Foreign)), Some(Comparison::AsStated)) => Step::Do(CreateAction::Find),
        (Some(Met::Present(Origin::Foreign)), Some(_)) => reject(Rejection::FoundDifferent),
    }
}

/// Goes on with what is ours.
fn go_on(facts: &CreateFacts, cause: &RequestId, otherwise: Note) -> Step<Question, CreateAction> {
    Step::Do(CreateAction::Continue(note(facts, cause, otherwise)))
}

/// What becomes of the note of what is ours because of the request `cause`. An Update that replaces leaves it as it is: what it was because of
/// says that no cleanup may take it for new.
fn note(facts: &CreateFacts, cause: &RequestId, otherwise: Note) -> Note {
    let stands = facts.request.is_noted_as(cause) || facts.purpose == Purpose::Replacement;
    if stands { Note::Leave } else { otherwise }
}

fn accept_handover(facts: &CreateFacts, owner: &LogicalId, standing: Standing) -> Step<Question, CreateAction> {
    match facts.comparison {
        None => Step::Ask(Question::Comparison),
        Some(Comparison::AsStated) => Step::Do(CreateAction::AcceptHandover { from: owner.clone(), standing }),
        Some(_) => reject(Rejection::Different(owner.clone())),
    }
}

fn look_again_or(facts: &CreateFacts, rejection: Rejection) -> Step<Question, CreateAction> {
    if facts.windows.consistency { Step::LookAgain(Wait::Consistency) } else { reject(rejection) }
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
            purpose: Purpose::New,
            tracking,
            has_template_id: true,
            adopts: false,
            is_first_attempt: false,
            has_conflict: false,
            is_outcome_unknown: false,
            windows: CLOSED,
            met: None,
            is_kept: false,
            comparison: None,
        }
    }

    /// The same after a Conflict, where there can be one, with what it has met.
    fn meets(tracking: Tracking, met: Met) -> CreateFacts {
        CreateFacts { has_conflict: tracking == Tracking::Tags, met: Some(met), ..facts(tracking) }
    }

    fn owned(tracking: Tracking, owner: Ownership) -> CreateFacts {
        meets(tracking, Met::Owner(owner))
    }

    fn compared(facts: &CreateFacts, comparison: Comparison) -> Step<Question, CreateAction> {
        decide_create(&CreateFacts { comparison: Some(comparison), ..facts.clone() })
    }

    fn early(facts: &CreateFacts) -> Step<Question, CreateAction> {
        decide_create(&CreateFacts { windows: OPEN, ..facts.clone() })
    }

    const LOOK_AGAIN: Step<Question, CreateAction> = Step::LookAgain(Wait::Consistency);
    const FIND: Step<Question, CreateAction> = Step::Do(CreateAction::Find);
    const COMPARE: Step<Question, CreateAction> = Step::Ask(Question::Comparison);

    fn set(note: Note) -> Step<Question, CreateAction> {
        Step::Do(CreateAction::Set(note))
    }

    fn goes_on(note: Note) -> Step<Question, CreateAction> {
        Step::Do(CreateAction::Continue(note))
    }

    #[test]
    fn what_carries_tags_is_created_in_one_call() {
        assert_eq!(decide_create(&facts(Tracking::Tags)), Step::Do(CreateAction::Create));
        let conflict = CreateFacts { has_conflict: true, ..facts(Tracking::Tags) };
        assert_eq!(decide_create(&conflict), Step::Ask(Question::Met));
    }

    #[test]
    fn an_attempt_goes_on_with_what_an_earlier_attempt_made() {
        assert_eq!(decide_create(&owned(Tracking::Tags, ours(Handover::None))), goes_on(Note::Leave));
        let earlier = owned(Tracking::Tags, ours_because_of("earlier"));
        assert_eq!(decide_create(&earlier), goes_on(Note::Renew(Handover::None)));
        let marked = |owner| owned(MARK, owner);
        assert_eq!(compared(&marked(ours(Handover::None)), Comparison::AsStated), set(Note::Leave));
        let renewed = set(Note::Renew(Handover::None));
        assert_eq!(compared(&marked(ours_because_of("earlier")), Comparison::Different), renewed);
    }

    #[test]
    fn a_replacement_leaves_the_note_of_what_it_goes_back_to() {
        for (tracking, expected) in [(Tracking::Tags, goes_on(Note::Leave)), (MARK, set(Note::Leave))] {
            for is_kept in BOTH {
                let purpose = Purpose::Replacement;
                let back = CreateFacts { purpose, is_kept, ..owned(tracking, ours_because_of("earlier")) };
                assert_eq!(compared(&back, Comparison::AsStated), expected);
            }
        }
    }

    #[test]
    fn what_a_policy_kept_is_taken_over_only_if_the_template_says_so() {
        let kept = |tracking| CreateFacts { is_kept: true, ..owned(tracking, ours_because_of("earlier")) };
        assert_eq!(decide_create(&kept(Tracking::Tags)), reject(Rejection::Kept));
        assert_eq!(decide_create(&kept(MARK)), COMPARE);
        assert_eq!(compared(&kept(MARK), Comparison::Absent), set(Note::Renew(Handover::None)));
        assert_eq!(compared(&kept(MARK), Comparison::AsStated), FIND);
        assert_eq!(compared(&kept(MARK), Comparison::Different), reject(Rejection::FoundDifferent));
    }

    #[test]
    fn a_rename_is_accepted_if_nothing_else_changes() {
        for facts in [
            owned(Tracking::Tags, of_same_stack(Handover::None)),
            owned(MARK, of_same_stack(Handover::None)),
            CreateFacts { adopts: true, ..owned(Tracking::Tags, of_same_stack(Handover::None)) },
        ] {
            assert_eq!(decide_create(&facts), COMPARE);
            let accepted = CreateAction::AcceptHandover { from: other(), standing: Standing::Made };
            assert_eq!(compared(&facts, Comparison::AsStated), Step::Do(accepted));
            assert_eq!(compared(&facts, Comparison::Different), reject(Rejection::Different(other())));
        }
    }

    #[test]
    fn what_is_foreign_is_left_alone() {
        for (tracking, adopts) in [(Tracking::Tags, false), (MARK, false), (Tracking::Tags, true), (MARK, true)] {
            let comparison = Some(Comparison::AsStated);
            let step = early(&CreateFacts { adopts, comparison, ..owned(tracking, foreign()) });
            assert!(matches!(step, Step::Do(CreateAction::Reject(Rejection::Foreign { .. }))), "{step:?}");
        }
    }

    #[test]
    fn what_is_unowned_is_left_alone_once_its_tags_have_had_their_time() {
        let unowned = owned(Tracking::Tags, Ownership::Unowned);
        assert_eq!(early(&unowned), LOOK_AGAIN);
        assert_eq!(decide_create(&unowned), reject(Rejection::Unowned));
        // It may be what an attempt without an answer made.
        let unknown = CreateFacts { is_outcome_unknown: true, ..unowned };
        assert_eq!(early(&unknown), Step::LookAgain(Wait::Patient));
        assert_eq!(decide_create(&unknown), reject(Rejection::Unowned));
    }

    #[test]
    fn a_setting_that_is_there_is_found_or_refused_and_never_overwritten() {
        assert_eq!(decide_create(&facts(MARK)), COMPARE);
        // Three calls: it is not set, so mark it, and set it.
        let first = CreateFacts { is_first_attempt: true, ..facts(MARK) };
        assert_eq!(compared(&first, Comparison::Absent), set(Note::Write));
        for (facts, comparison) in [
            (first.clone(), Comparison::AsStated),
            (first.clone(), Comparison::Different),
            (CreateFacts { purpose: Purpose::Replacement, ..first }, Comparison::Absent),
            (facts(MARK), Comparison::Absent),
        ] {
            assert_eq!(compared(&facts, comparison), Step::Ask(Question::Met));
        }
        let unowned = owned(MARK, Ownership::Unowned);
        assert_eq!(compared(&unowned, Comparison::Absent), set(Note::Write));
        assert_eq!(compared(&unowned, Comparison::AsStated), FIND);
        assert_eq!(compared(&unowned, Comparison::Different), reject(Rejection::FoundDifferent));
        // An earlier delivery may have marked it.
        let early = CreateFacts { windows: OPEN, ..unowned };
        assert_eq!(compared(&early, Comparison::AsStated), LOOK_AGAIN);
    }

    #[test]
    fn what_is_not_shown_is_waited_for() {
        assert_eq!(early(&meets(Tracking::Tags, Met::Unseen)), Step::LookAgain(Wait::Patient));
        let unmarked = CreateFacts { comparison: Some(Comparison::Absent), ..meets(MARK, Met::Unseen) };
        assert_eq!(early(&unmarked), LOOK_AGAIN);
        assert_eq!(decide_create(&meets(Tracking::Tags, Met::Unseen)), reject(Rejection::Unseen));
        assert_eq!(decide_create(&unmarked), reject(Rejection::Unreadable));
    }

    #[test]
    fn what_bears_no_note_is_looked_for_before_it_is_made() {
        assert_eq!(decide_create(&facts(Tracking::Untracked)), Step::Ask(Question::Met));
        assert_eq!(decide_create(&meets(Tracking::Untracked, Met::Unseen)), Step::Do(CreateAction::Create));
        let foreign = meets(Tracking::Untracked, Met::Present(Origin::Foreign));
        assert_eq!(decide_create(&foreign), COMPARE);
        assert_eq!(compared(&foreign, Comparison::AsStated), FIND);
        assert_eq!(compared(&foreign, Comparison::Different), reject(Rejection::FoundDifferent));
        let own = meets(Tracking::Untracked, Met::Present(Origin::Own));
        assert_eq!(compared(&own, Comparison::Different), goes_on(Note::Leave));
        for present in [own, foreign] {
            assert_eq!(compared(&present, Comparison::Another), reject(Rejection::FoundDifferent));
        }
        let conflict = CreateFacts { has_conflict: true, ..meets(Tracking::Untracked, Met::Unseen) };
        assert_eq!(decide_create(&conflict), reject(Rejection::Unseen));
        assert_eq!(early(&conflict), LOOK_AGAIN);
        let chosen = CreateFacts { has_template_id: false, ..facts(Tracking::Untracked) };
        assert_eq!(decide_create(&chosen), Step::Do(CreateAction::Create));
    }

    #[test]
    fn an_adoption_takes_what_is_nobodys_and_as_stated_and_makes_nothing() {
        let adopts = |met| CreateFacts { adopts: true, met, ..facts(Tracking::Tags) };
        assert_eq!(decide_create(&adopts(None)), Step::Ask(Question::Met));
        let unowned = adopts(Some(Met::Owner(Ownership::Unowned)));
        assert_eq!(decide_create(&unowned), COMPARE);
        assert_eq!(compared(&unowned, Comparison::AsStated), Step::Do(CreateAction::Adopt));
        for comparison in [Comparison::Different, Comparison::Another] {
            assert_eq!(compared(&unowned, comparison), reject(Rejection::AdoptedDifferent));
        }
        assert_eq!(compared(&unowned, Comparison::Absent), reject(Rejection::Absent));
        let ours = adopts(Some(Met::Owner(ours_because_of("long ago"))));
        assert_eq!(decide_create(&ours), goes_on(Note::Renew(Handover::None)));
        let absent = adopts(Some(Met::Unseen));
        assert_eq!((early(&absent), decide_create(&absent)), (LOOK_AGAIN, reject(Rejection::Absent)));
    }

    #[test]
    fn every_combination_has_an_answer_that_others_can_live_with() {
        let met = owners().into_iter().map(Met::Owner);
        let met = met.chain([Met::Unseen, Met::Present(Origin::Own), Met::Present(Origin::Foreign)]);
        let met: Vec<_> = met.map(Some).chain([None]).collect();
        let comparisons =
            [Comparison::Absent, Comparison::AsStated, Comparison::Different, Comparison::Another].map(Some);
        let comparisons: Vec<_> = comparisons.into_iter().chain([None]).collect();
        for tracking in [Tracking::Tags, MARK, Tracking::Untracked] {
            for flags in 0..128_u8 {
                let flag = |at: u8| flags & (1 << at) != 0;
                for windows in windows() {
                    for met in &met {
                        for comparison in &comparisons {
                            check(&CreateFacts {
                                request: cause(),
                                purpose: if flag(0) { Purpose::New } else { Purpose::Replacement },
                                tracking,
                                has_template_id: flag(1),
                                adopts: flag(2),
                                is_first_attempt: flag(6),
                                has_conflict: flag(3),
                                is_outcome_unknown: flag(4),
                                windows,
                                met: met.clone(),
                                is_kept: flag(5),
                                comparison: *comparison,
                            });
                        }
                    }
                }
            }
        }
    }

    fn check(facts: &CreateFacts) {
        let is_owner = |is: fn(&Ownership) -> bool| matches!(&facts.met, Some(Met::Owner(owner)) if is(owner));
        let is_as_stated = facts.comparison == Some(Comparison::AsStated);
        match decide_create(facts) {
            Step::Ask(Question::Met) => assert!(facts.met.is_none(), "{facts:?}"),
            Step::Ask(Question::Comparison) => assert!(facts.comparison.is_none(), "{facts:?}"),
            Step::LookAgain(Wait::Consistency) => assert!(facts.windows.consistency, "{facts:?}"),
            Step::LookAgain(Wait::Patient) => assert!(facts.windows.patient, "{facts:?}"),
            Step::LookAgain(Wait::Confirm) => panic!("nothing is confirmed here: {facts:?}"),
            Step::Do(CreateAction::Continue(note)) => {
                let is_ours = is_owner(|owner| matches!(owner, Ownership::Ours { .. }));
                assert!(is_ours || facts.tracking == Tracking::Untracked && note == Note::Leave, "{facts:?}");
            }
            // Nothing is overwritten that was there before.
            Step::Do(CreateAction::Set(note)) => {
                let is_ours = is_owner(|owner| matches!(owner, Ownership::Ours { .. }));
                assert!(is_ours || facts.comparison == Some(Comparison::Absent) && note == Note::Write, "{facts:?}");
            }
            Step::Do(CreateAction::AcceptHandover { .. }) => {
                let is_same_stack = is_owner(|owner| matches!(owner, Ownership::SameStack { .. }));
                assert!(is_same_stack && is_as_stated, "{facts:?}");
            }
            Step::Do(CreateAction::Adopt) => assert!(facts.adopts && is_as_stated, "{facts:?}"),
            Step::Do(CreateAction::Find) => assert!(!facts.adopts && is_as_stated, "{facts:?}"),
            Step::Do(CreateAction::Create) => {
                let is_setting = matches!(facts.tracking, Tracking::ParentTag(_));
                assert!(!facts.has_conflict && !facts.adopts && !is_setting, "{facts:?}");
            }
            Step::Do(CreateAction::Reject(_)) => assert!(facts.met.is_some(), "{facts:?}"),
        }
    }
}
