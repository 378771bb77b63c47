//! Decides what a Create does, and how an Update creates a replacement.
//!
//! - A tagged resource is created at once: one call if all goes well. Only a Conflict makes the create look at what exists.
//! - A setting is read before it is written, together with its mark.
//! - An untracked resource is looked for before it is created.
//! - With AdoptExisting nothing is created.
//!
//! A resource that existed before the stack is never changed unless the template adopts it. If it is as stated, the create reports it as
//! found, and it stays when the stack is deleted. If it differs, the create fails.
//!
//! Half of this file is tests: one for each row of the table in ARCHITECTURE.md, and one for every combination of facts.

use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};

/// What a Create finds in place of the resource that it is about to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// A resource that has an owner, or whose tags show that it has none.
    Owner(Ownership),
    /// Nothing visible, or tags that cannot be read. Invisible does not mean absent, and unreadable does not mean foreign.
    Unseen,
    /// An untracked resource.
    Present(Origin),
}

/// Who created an untracked resource, judging by its creation time and creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An earlier delivery of this request. For a replacement, any earlier request of this logical resource.
    Own,
    /// Somebody else, or it cannot be told.
    Foreign,
}

/// How the existing resource compares with the properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Chime shows that it does not exist.
    Absent,
    /// It is as stated.
    AsStated,
    /// It differs, and an update can change that.
    Different,
    /// It differs in a create-only property.
    Another,
    /// Chime refuses to show it, and no List proves that it does not exist. Only for settings.
    Refused,
}

/// Why the resource is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// For a Create.
    New,
    /// For an Update that replaces. The rollback of such an Update arrives as one too, and the resource that it goes back to still exists.
    Replacement,
}

/// The facts of the decision. `None` means not asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFacts {
    /// The current request.
    pub request: RequestId,
    /// Why it creates the resource.
    pub purpose: Purpose,
    /// Where the owner is recorded.
    pub tracking: Tracking,
    /// Whether the template determines the resource's id. Otherwise Chime chooses it.
    pub has_template_id: bool,
    /// Whether the properties contain AdoptExisting.
    pub adopts: bool,
    /// Whether CloudFormation has just sent the request, and no attempt has been made or refused yet.
    pub is_first_attempt: bool,
    /// Whether Chime has answered the create call with a Conflict.
    pub has_conflict: bool,
    /// Whether an attempt at the create call had no answer. The existing resource may stem from it.
    pub is_outcome_unknown: bool,
    /// Which waits have time left.
    pub windows: OpenWindows,
    /// What exists already.
    pub met: Option<Met>,
    /// Whether the existing resource is ours because of a request that was answered long ago: a DeletionPolicy has kept it.
    pub is_kept: bool,
    /// How the existing resource compares with the properties.
    pub comparison: Option<Comparison>,
}

/// A question that the decision may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What exists already, and who owns it?
    Met,
    /// Is it as stated?
    Comparison,
}

/// An action that the decision may end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateAction {
    /// Create the resource.
    Create,
    /// Continue with a resource that this logical resource created before: renew its note with this handover, unless it is `None`, and update
    /// the resource to the properties.
    Continue(Option<Handover>),
    /// Take over the resource that AdoptExisting names. It is as stated and unowned, so only its owner is recorded.
    Adopt,
    /// Report the existing resource as found. It is as stated and is left as it is.
    Find,
    /// Write a setting and its mark.
    Set(Note),
    /// Take over the resource of another logical id in the same stack: a rename.
    AcceptHandover {
        /// The current owner.
        from: LogicalId,
        /// Whether the resource existed before the stack.
        standing: Standing,
    },
    /// FAILED.
    Reject(Rejection),
}

/// What to do about the mark of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Write it: there is none.
    Write,
    /// Write it again, with this request: it names an earlier one.
    Renew(Handover),
    /// Leave it as it is.
    Leave,
}

/// Why a Create fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The resource belongs to another stack.
    Foreign {
        /// That stack.
        stack: String,
        /// The logical id in that stack.
        logical_id: LogicalId,
    },
    /// The resource has no readable owner. Only AdoptExisting takes it over.
    Unowned,
    /// This logical resource created it long ago, and it has stayed. Only AdoptExisting takes it over.
    Kept,
    /// The resource belongs to another logical id of this stack, and is not as stated.
    Different(LogicalId),
    /// The resource existed before the stack, and is not as stated.
    FoundDifferent,
    /// The resource that AdoptExisting names is not as stated.
    AdoptedDifferent,
    /// Chime says that the resource exists, but does not show it.
    Unseen,
    /// The resource that AdoptExisting names does not exist.
    Absent,
    /// The tags of the parent cannot be read.
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

/// Takes over the resource that AdoptExisting names.
fn adopt(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match &facts.met {
        None => Step::Ask(Question::Met),
        // The author says whose it is: a handover that nobody ended is over.
        Some(Met::Owner(Ownership::Ours { cause, handover: Handover::None, .. })) => {
            go_on(facts, &cause.request, Handover::None)
        }
        Some(Met::Owner(Ownership::Ours { cause, .. })) => go_on(facts, &cause.request, Handover::GivenBack),
        Some(Met::Owner(Ownership::SameStack { owner, standing, .. })) => accept_handover(facts, owner, *standing),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) => match facts.comparison {
            None => Step::Ask(Question::Comparison),
            Some(Comparison::AsStated) => Step::Do(CreateAction::Adopt),
            Some(Comparison::Different | Comparison::Another) => reject(Rejection::AdoptedDifferent),
            Some(Comparison::Absent | Comparison::Refused) => look_again_or(facts, Rejection::Absent),
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
        Some(Met::Owner(Ownership::Ours { cause, handover, .. })) => go_on(facts, &cause.request, handover.clone()),
        Some(Met::Owner(Ownership::SameStack { owner, standing, .. })) => accept_handover(facts, owner, *standing),
        Some(Met::Owner(Ownership::Foreign { stack, logical_id })) => reject_foreign(stack, logical_id),
        // An attempt that had no answer may have created it, and its tags may lag.
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) if facts.is_outcome_unknown && facts.windows.patient => {
            Step::LookAgain(Wait::Patient)
        }
        // It has no owner, or its tags lag. That is not worth all of the remaining time.
        Some(Met::Owner(Ownership::Unowned) | Met::Present(_)) => look_again_or(facts, Rejection::Unowned),
        // An earlier delivery of this request may have created it.
        Some(Met::Unseen) if facts.windows.patient => Step::LookAgain(Wait::Patient),
        Some(Met::Unseen) => reject(Rejection::Unseen),
    }
}

fn create_setting(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match (facts.comparison, &facts.met) {
        (None, _) => Step::Ask(Question::Comparison),
        // Nothing is set, and the Create has just been sent, so this attempt is the first. A mark that others left behind does not matter.
        (Some(Comparison::Absent), None) if facts.is_first_attempt && facts.purpose == Purpose::New => {
            Step::Do(CreateAction::Set(Note::Write))
        }
        (_, None) => Step::Ask(Question::Met),
        (_, Some(met)) => set_marked(facts, met),
    }
}

/// Writes a setting that may already have a value. Its mark decides.
fn set_marked(facts: &CreateFacts, met: &Met) -> Step<Question, CreateAction> {
    match met {
        // An earlier deployment created it. To this Create, it existed before.
        Met::Owner(Ownership::Ours { handover, .. }) if facts.is_kept && facts.purpose == Purpose::New => {
            set_or_find(facts, Note::Renew(handover.clone()))
        }
        // A Create may be delivered again, and Chime may lag. An Update comes here once it is certain that nothing is set any more: what it sets
        // did not exist before.
        Met::Owner(Ownership::Ours { standing: Standing::Found, handover, .. }) => {
            set_or_find(facts, if facts.purpose == Purpose::New { Note::Leave } else { Note::Renew(handover.clone()) })
        }
        Met::Owner(Ownership::Ours { cause, handover, .. }) => {
            let renewed = renewed(facts, &cause.request, handover.clone());
            Step::Do(CreateAction::Set(renewed.map_or(Note::Leave, Note::Renew)))
        }
        // An earlier delivery may have set it, and its mark may lag.
        Met::Owner(Ownership::Unowned) | Met::Present(_)
            if facts.comparison != Some(Comparison::Absent) && facts.windows.consistency =>
        {
            Step::LookAgain(Wait::Consistency)
        }
        Met::Owner(Ownership::Unowned) | Met::Present(_) => set_or_find(facts, Note::Write),
        Met::Owner(Ownership::SameStack { .. }) if facts.comparison == Some(Comparison::Refused) => {
            look_again_or(facts, Rejection::Unreadable)
        }
        Met::Owner(Ownership::SameStack { owner, standing, .. }) => accept_handover(facts, owner, *standing),
        Met::Owner(Ownership::Foreign { stack, logical_id }) => reject_foreign(stack, logical_id),
        // The parent may have been created a moment ago.
        Met::Unseen => look_again_or(facts, Rejection::Unreadable),
    }
}

/// Writes the setting if it is not set. Otherwise it existed before.
fn set_or_find(facts: &CreateFacts, note: Note) -> Step<Question, CreateAction> {
    match facts.comparison {
        None => Step::Ask(Question::Comparison),
        Some(Comparison::Absent) => Step::Do(CreateAction::Set(note)),
        Some(Comparison::AsStated) => Step::Do(CreateAction::Find),
        Some(Comparison::Different | Comparison::Another) => reject(Rejection::FoundDifferent),
        Some(Comparison::Refused) => look_again_or(facts, Rejection::Unreadable),
    }
}

fn create_untracked(facts: &CreateFacts) -> Step<Question, CreateAction> {
    match (&facts.met, facts.comparison) {
        (None, _) => Step::Ask(Question::Met),
        (Some(Met::Unseen), _) if !facts.has_conflict => Step::Do(CreateAction::Create),
        // It exists, but Chime may not show it yet.
        (Some(Met::Unseen), _) => look_again_or(facts, Rejection::Unseen),
        (Some(_), None) => Step::Ask(Question::Comparison),
        (Some(_), Some(Comparison::Another)) => reject(Rejection::FoundDifferent),
        (Some(Met::Present(Origin::Own) | Met::Owner(_)), Some(_)) => Step::Do(CreateAction::Continue(None)),
        (Some(Met::Present(Origin::Foreign)), Some(Comparison::AsStated)) => Step::Do(CreateAction::Find),
        (Some(Met::Present(Origin::Foreign)), Some(_)) => reject(Rejection::FoundDifferent),
    }
}

/// Continues with our own resource.
fn go_on(facts: &CreateFacts, cause: &RequestId, handover: Handover) -> Step<Question, CreateAction> {
    Step::Do(CreateAction::Continue(renewed(facts, cause, handover)))
}

/// The handover with which to renew the note of our own resource. `None` if the note, which names the request `cause`, stays as it is: it names
/// this request, or this is an Update that replaces. The old request in the note tells cleanups that the resource is not new.
fn renewed(facts: &CreateFacts, cause: &RequestId, handover: Handover) -> Option<Handover> {
    let stays = facts.request.is_noted_as(cause) || facts.purpose == Purpose::Replacement;
    (!stays).then_some(handover)
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
pub mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{
        BOTH, cause, foreign, of_same_stack, other, ours, ours_because_of, owners, windows,
    };

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");
    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };
    const CLOSED: OpenWindows = OpenWindows { consistency: false, patient: false };

    /// A Create. Nothing has been asked yet, and no time is left for waits.
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

    /// The same with an existing resource, and after a Conflict if the type is tagged.
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

    fn goes_on(renewed: Option<Handover>) -> Step<Question, CreateAction> {
        Step::Do(CreateAction::Continue(renewed))
    }

    #[test]
    fn a_tagged_resource_is_created_in_one_call() {
        assert_eq!(decide_create(&facts(Tracking::Tags)), Step::Do(CreateAction::Create));
        let conflict = CreateFacts { has_conflict: true, ..facts(Tracking::Tags) };
        assert_eq!(decide_create(&conflict), Step::Ask(Question::Met));
    }

    #[test]
    fn a_create_continues_with_what_an_earlier_attempt_created() {
        assert_eq!(decide_create(&owned(Tracking::Tags, ours(Handover::None))), goes_on(None));
        let earlier = owned(Tracking::Tags, ours_because_of("earlier"));
        assert_eq!(decide_create(&earlier), goes_on(Some(Handover::None)));
        let marked = |owner| owned(MARK, owner);
        assert_eq!(compared(&marked(ours(Handover::None)), Comparison::AsStated), set(Note::Leave));
        let renewed = set(Note::Renew(Handover::None));
        assert_eq!(compared(&marked(ours_because_of("earlier")), Comparison::Different), renewed);
    }

    #[test]
    fn a_replacement_leaves_the_note_of_the_resource_that_it_goes_back_to() {
        for (tracking, expected) in [(Tracking::Tags, goes_on(None)), (MARK, set(Note::Leave))] {
            for is_kept in BOTH {
                let purpose = Purpose::Replacement;
                let back = CreateFacts { purpose, is_kept, ..owned(tracking, ours_because_of("earlier")) };
                assert_eq!(compared(&back, Comparison::AsStated), expected);
            }
        }
    }

    #[test]
    fn a_kept_resource_is_rejected_and_a_kept_setting_counts_as_found() {
        let kept = |tracking| CreateFacts { is_kept: true, ..owned(tracking, ours_because_of("earlier")) };
        assert_eq!(decide_create(&kept(Tracking::Tags)), reject(Rejection::Kept));
        assert_eq!(decide_create(&kept(MARK)), COMPARE);
        assert_eq!(compared(&kept(MARK), Comparison::Absent), set(Note::Renew(Handover::None)));
        assert_eq!(compared(&kept(MARK), Comparison::AsStated), FIND);
        assert_eq!(compared(&kept(MARK), Comparison::Different), reject(Rejection::FoundDifferent));
    }

    #[test]
    fn a_rename_takes_over_the_resource_if_nothing_else_changes() {
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
    fn a_setting_that_chime_refuses_to_show_is_looked_for_again_and_never_overwritten() {
        let kept = CreateFacts { is_kept: true, ..owned(MARK, ours_because_of("earlier")) };
        for facts in [owned(MARK, Ownership::Unowned), owned(MARK, of_same_stack(Handover::None)), kept] {
            let refused = CreateFacts { comparison: Some(Comparison::Refused), ..facts };
            assert_eq!(early(&refused), LOOK_AGAIN);
            assert_eq!(decide_create(&refused), reject(Rejection::Unreadable));
        }
    }

    #[test]
    fn a_foreign_resource_is_left_alone() {
        for (tracking, adopts) in [(Tracking::Tags, false), (MARK, false), (Tracking::Tags, true), (MARK, true)] {
            let comparison = Some(Comparison::AsStated);
            let step = early(&CreateFacts { adopts, comparison, ..owned(tracking, foreign()) });
            assert!(matches!(step, Step::Do(CreateAction::Reject(Rejection::Foreign { .. }))), "{step:?}");
        }
    }

    #[test]
    fn an_unowned_resource_is_left_alone_once_its_tags_had_time_to_show() {
        let unowned = owned(Tracking::Tags, Ownership::Unowned);
        assert_eq!(early(&unowned), LOOK_AGAIN);
        assert_eq!(decide_create(&unowned), reject(Rejection::Unowned));
        // An attempt without an answer may have created it.
        let unknown = CreateFacts { is_outcome_unknown: true, ..unowned };
        assert_eq!(early(&unknown), Step::LookAgain(Wait::Patient));
        assert_eq!(decide_create(&unknown), reject(Rejection::Unowned));
    }

    #[test]
    fn an_existing_setting_is_found_or_rejected_but_never_overwritten() {
        assert_eq!(decide_create(&facts(MARK)), COMPARE);
        // Three calls: read that it is not set, mark it, set it.
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
    fn a_create_waits_for_a_resource_that_chime_does_not_show() {
        assert_eq!(early(&meets(Tracking::Tags, Met::Unseen)), Step::LookAgain(Wait::Patient));
        let unmarked = CreateFacts { comparison: Some(Comparison::Absent), ..meets(MARK, Met::Unseen) };
        assert_eq!(early(&unmarked), LOOK_AGAIN);
        assert_eq!(decide_create(&meets(Tracking::Tags, Met::Unseen)), reject(Rejection::Unseen));
        assert_eq!(decide_create(&unmarked), reject(Rejection::Unreadable));
    }

    #[test]
    fn an_untracked_resource_is_looked_for_before_it_is_created() {
        assert_eq!(decide_create(&facts(Tracking::Untracked)), Step::Ask(Question::Met));
        assert_eq!(decide_create(&meets(Tracking::Untracked, Met::Unseen)), Step::Do(CreateAction::Create));
        let foreign = meets(Tracking::Untracked, Met::Present(Origin::Foreign));
        assert_eq!(decide_create(&foreign), COMPARE);
        assert_eq!(compared(&foreign, Comparison::AsStated), FIND);
        assert_eq!(compared(&foreign, Comparison::Different), reject(Rejection::FoundDifferent));
        let own = meets(Tracking::Untracked, Met::Present(Origin::Own));
        assert_eq!(compared(&own, Comparison::Different), goes_on(None));
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
    fn an_adoption_takes_over_an_unowned_resource_as_stated_and_creates_nothing() {
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
        assert_eq!(decide_create(&ours), goes_on(Some(Handover::None)));
        let absent = adopts(Some(Met::Unseen));
        assert_eq!((early(&absent), decide_create(&absent)), (LOOK_AGAIN, reject(Rejection::Absent)));
    }

    /// Every combination of facts.
    pub fn every() -> Vec<CreateFacts> {
        let met = owners().into_iter().map(Met::Owner);
        let met = met.chain([Met::Unseen, Met::Present(Origin::Own), Met::Present(Origin::Foreign)]);
        let met: Vec<_> = met.map(Some).chain([None]).collect();
        let comparisons =
            [Comparison::Absent, Comparison::AsStated, Comparison::Different, Comparison::Another, Comparison::Refused]
                .map(Some);
        let comparisons: Vec<_> = comparisons.into_iter().chain([None]).collect();
        let mut every = Vec::new();
        for tracking in [Tracking::Tags, MARK, Tracking::Untracked] {
            for flags in 0..128_u8 {
                let flag = |at: u8| flags & (1 << at) != 0;
                for windows in windows() {
                    for met in &met {
                        every.extend(comparisons.iter().map(|comparison| CreateFacts {
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
                        }));
                    }
                }
            }
        }
        every
    }

    #[test]
    fn no_combination_of_facts_changes_what_belongs_to_others() {
        every().iter().for_each(check);
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
            Step::Do(CreateAction::Continue(renewed)) => {
                let is_ours = is_owner(|owner| matches!(owner, Ownership::Ours { .. }));
                assert!(is_ours || facts.tracking == Tracking::Untracked && renewed.is_none(), "{facts:?}");
            }
            // An existing setting is never overwritten.
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
