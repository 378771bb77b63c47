//! Decides what a Delete does.
//!
//! A Delete removes only what belongs to this logical resource. In doubt, it leaves a resource alone. What it is about depends on the
//! physical id: see [`Target`]. Untracked resources, and ids that Chime chose, have rules of their own.
//!
//! More than half of this file is tests: one for each row of the tables in ARCHITECTURE.md, and two properties of all decisions.

use crate::lifecycle::decide::absence::{Absence, Refusal};
use crate::lifecycle::decide::{OpenWindows, Progress, Step, Wait};
use crate::request::cause::Cause;
use crate::request::clock::Sequence;
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};

/// What the Delete is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The resource with this id.
    Resource,
    /// Whatever this request created, if anything: its create ended without an answer from Chime.
    MadeBy(Cause),
    /// Whatever an unanswered create of this logical resource created: CloudFormation stopped waiting and made the id up.
    MadeByAny,
}

/// The age of the Delete when it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// CloudFormation has just sent it. It is about what exists now.
    Fresh,
    /// Chime may still not show everything that existed when it was sent.
    Recent,
    /// It may be a second delivery, long after the first was answered.
    Old,
}

/// The outcome of reading the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The owner.
    Owner(Ownership),
    /// Chime refuses to show the tags. Unreadable does not mean unowned.
    Unreadable(Refusal),
}

/// The facts of the decision. `None` means not asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteFacts {
    /// What the Delete is about.
    pub target: Target,
    /// The logical id of the Delete.
    pub me: LogicalId,
    /// Where the owner is recorded.
    pub tracking: Tracking,
    /// Whether the template determines the id, so that somebody else may have created another resource with the same id.
    pub has_template_id: bool,
    /// The age of the Delete.
    pub age: Age,
    /// Which waits have time left.
    pub windows: OpenWindows,
    /// Whether the properties contain AdoptExisting: the resource is then given back instead of deleted.
    pub gives_back: bool,
    /// Whether the physical id says that the resource existed before the stack.
    pub is_found: bool,
    /// What this Delete has done to the resource so far.
    pub progress: Progress,
    /// Whether an earlier delivery of this Delete was carried out in this process.
    pub was_carried_out: bool,
    /// Who owns the resource.
    pub reading: Option<Reading>,
    /// When the request that made the resource ours was sent, compared with this one.
    pub sequence: Sequence,
    /// Whether a handover began so long ago that no deployment can still be in the middle of it.
    pub is_handover_over: bool,
    /// Whether the resource is gone. Asked only if its owner cannot be read.
    pub absence: Option<Absence>,
    /// Whether the resource exists.
    pub exists: Option<bool>,
    /// Whether the resource was created after this Delete was sent.
    pub is_recreated: Option<bool>,
    /// Whether the resource was created so long after this Delete was sent that it belongs to a later incarnation.
    pub is_of_later_life: Option<bool>,
}

/// A question that the decision may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Who owns the resource?
    Owner,
    /// Is it gone?
    Absence,
    /// Does it exist?
    Existence,
    /// Was it created after this Delete was sent?
    Recreated,
    /// Does it belong to a later incarnation?
    LaterLife,
}

/// An action that the decision may end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteAction {
    /// Change nothing: SUCCESS.
    Keep,
    /// Delete the resource and its mark.
    Remove {
        /// Whether the resource has just been seen. If so, a List that lacks it does not prove absence.
        sighting: Sighting,
        /// What to do next.
        then: Then,
    },
    /// Remove the note that it is ours, and leave the resource as it is.
    GiveBack {
        /// What to do next.
        then: Then,
    },
    /// End the handover: record its final owner.
    EndHandover {
        /// The owner from now on.
        in_favour_of: LogicalId,
        /// What to do next.
        then: Then,
    },
    /// Remove the rest of a handover note. An earlier Delete gave the resource back and was denied the last call.
    FinishGivingBack {
        /// The owner.
        owner: LogicalId,
        /// What to do next.
        then: Then,
    },
    /// The resource exists, but its owner cannot be read: FAILED.
    Fail,
}

/// Whether a resource has just been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Its own tags have been read.
    Seen,
    /// At most its parent's tags have been read.
    Unseen,
}

impl Sighting {
    /// What reading the owner of a resource with this tracking has shown: the resource itself carries its own tags.
    pub fn by(tracking: Tracking) -> Self {
        if tracking == Tracking::Tags { Self::Seen } else { Self::Unseen }
    }
}

/// What to do after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the Delete is done.
    Done,
    /// Look on for as long as there is time. An abandoned create may record its ownership again if its first attempt had no answer.
    LookOn,
    /// Check once more. An attempt without an answer may have set it again before its mark was removed.
    CheckOnce,
}

/// Decides what a Delete does.
pub fn decide_delete(facts: &DeleteFacts) -> Step<Question, DeleteAction> {
    match &facts.target {
        Target::Resource => delete_resource(facts),
        Target::MadeBy(cause) => clean_up(facts, Some(&cause.request)),
        Target::MadeByAny => clean_up(facts, None),
    }
}

/// Deletes the resource with this id if it still belongs to this logical resource.
fn delete_resource(facts: &DeleteFacts) -> Step<Question, DeleteAction> {
    if facts.tracking == Tracking::Untracked {
        let is_kept = facts.gives_back || facts.is_found;
        return if is_kept { keep() } else { unless_recreated(facts, remove(Sighting::Unseen)) };
    }
    let sighting = Sighting::by(facts.tracking);
    match &facts.reading {
        None => Step::Ask(Question::Owner),
        // A later request has created it or taken it over, so this is a second delivery.
        Some(Reading::Owner(Ownership::Ours { .. })) if facts.sequence == Sequence::Later => keep(),
        // An unfinished handover is being rolled back: ownership goes back, and nothing is removed.
        Some(Reading::Owner(Ownership::Ours { handover: Handover::From(former), .. })) if !facts.is_handover_over => {
            end_handover(former, Then::Done)
        }
        Some(Reading::Owner(Ownership::Ours { standing, .. })) if facts.gives_back || *standing == Standing::Found => {
            give_back(Then::Done)
        }
        Some(Reading::Owner(Ownership::Ours { .. })) => remove(sighting),
        // It has been handed over to another logical id, and this Delete ends the handover.
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::From(former), .. }))
            if facts.me.is_noted_as(former) =>
        {
            end_handover(owner, Then::Done)
        }
        // This logical id may have taken it over a moment ago, and Chime may not show that yet.
        Some(Reading::Owner(Ownership::SameStack { .. })) if facts.windows.consistency => {
            Step::LookAgain(Wait::Consistency)
        }
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::GivenBack, .. })) => {
            finish_giving_back(owner, Then::Done)
        }
        Some(Reading::Owner(Ownership::SameStack { .. } | Ownership::Foreign { .. })) => keep(),
        // Its tags or its mark may lag. Another logical id may have just created it under the same name, this one may have just adopted it, or a
        // create may have just found a setting that must not be removed.
        Some(Reading::Owner(Ownership::Unowned))
            if (facts.age != Age::Fresh || facts.has_template_id || facts.gives_back) && facts.windows.consistency =>
        {
            Step::LookAgain(Wait::Consistency)
        }
        // If there is no note after the first delivery, that delivery gave the resource back, or somebody has created it since.
        Some(Reading::Owner(Ownership::Unowned)) if facts.gives_back || facts.was_carried_out => keep(),
        // Chime gives an id that it chose to one resource alone.
        Some(Reading::Owner(Ownership::Unowned)) if !facts.has_template_id => remove(sighting),
        // No owner is recorded: an older version of the function created the resource, or somebody removed its tags. The id decides. Only the
        // creation time tells whether somebody has created the resource anew under the same name; a setting has no creation time.
        Some(Reading::Owner(Ownership::Unowned)) if facts.tracking == Tracking::Tags => {
            unless_recreated(facts, remove(sighting))
        }
        Some(Reading::Owner(Ownership::Unowned)) => remove(sighting),
        Some(Reading::Unreadable(_)) => delete_unreadable(facts),
    }
}

/// Chime refuses to show the tags. The resource may be gone, or it was created a moment ago and its tags are not visible yet.
fn delete_unreadable(facts: &DeleteFacts) -> Step<Question, DeleteAction> {
    match (facts.absence, facts.age) {
        (None, _) => Step::Ask(Question::Absence),
        (Some(Absence::Unconfirmed), _) => Step::LookAgain(Wait::Confirm),
        (Some(Absence::LookAgain(wait)), _) => Step::LookAgain(wait),
        (Some(Absence::StillThere), _) => Step::Do(DeleteAction::Fail),
        (Some(Absence::Confirmed), _) if facts.gives_back => keep(),
        // It seems gone, but only the delete call can tell for sure. A Delete that was sent just now is about what existed just now.
        (Some(Absence::Confirmed), Age::Fresh) => remove(Sighting::Unseen),
        (Some(Absence::Confirmed), Age::Recent) if facts.windows.consistency => Step::LookAgain(Wait::Consistency),
        (Some(Absence::Confirmed), Age::Recent | Age::Old) => keep(),
    }
}

/// Removes what a create left whose id is unknown: the create of `request`, or else any unanswered create of this logical resource.
///
/// The create may still be running in another Lambda environment, and tags may lag. So while there is time, finding nothing proves
/// nothing.
fn clean_up(facts: &DeleteFacts, request: Option<&RequestId>) -> Step<Question, DeleteAction> {
    let look_on_or = |otherwise| if facts.windows.patient { Step::LookAgain(Wait::Patient) } else { otherwise };
    let then = if request.is_some() { Then::Done } else { Then::LookOn };
    match &facts.reading {
        _ if facts.progress == Progress::JustActed => look_on_or(keep()),
        None => Step::Ask(Question::Owner),
        Some(Reading::Owner(Ownership::Ours { cause, handover, standing })) => match request {
            // An Update created it in place of the placeholder id that this Delete is about.
            None if *handover == Handover::Placeholder => keep(),
            // Another request created it, and its resource may be in use.
            Some(request) if !request.is_noted_as(&cause.request) => keep(),
            _ if facts.sequence == Sequence::Later => keep(),
            // Its create was answered long ago, so the create to clean up after did not create it. That one may still be running.
            None if facts.sequence == Sequence::Earlier => look_on_or(keep()),
            _ => clean_up_ours(facts, handover, *standing, then),
        },
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::From(former), .. }))
            if request.is_some() && facts.me.is_noted_as(former) =>
        {
            end_handover(owner, Then::Done)
        }
        // An earlier Delete gave it back but was denied the last call.
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::GivenBack, .. })) => {
            finish_giving_back(owner, then)
        }
        Some(Reading::Owner(Ownership::SameStack { .. } | Ownership::Foreign { .. })) if request.is_some() => keep(),
        // The create may still be running, and may yet create it or take it over.
        Some(Reading::Owner(_)) => look_on_or(keep()),
        // This Delete has already done its part.
        Some(Reading::Unreadable(_)) if facts.progress == Progress::Acted => look_on_or(keep()),
        Some(Reading::Unreadable(_)) => look_on_or(match facts.exists {
            None => Step::Ask(Question::Existence),
            Some(true) => Step::Do(DeleteAction::Fail),
            Some(false) => keep(),
        }),
    }
}

/// Cleans up a resource that the create created or took over.
fn clean_up_ours(
    facts: &DeleteFacts,
    handover: &Handover,
    standing: Standing,
    then: Then,
) -> Step<Question, DeleteAction> {
    // A note without a time cannot tell incarnations apart. The creation time can.
    match (facts.sequence, facts.is_of_later_life) {
        (Sequence::Unknown, None) => return Step::Ask(Question::LaterLife),
        (Sequence::Unknown, Some(true)) => return keep(),
        _ => {}
    }
    match handover {
        Handover::From(former) if !facts.is_handover_over => return end_handover(former, then),
        _ if facts.gives_back || standing == Standing::Found => return give_back(then),
        _ if facts.tracking == Tracking::Tags => return remove(Sighting::Seen),
        _ => {}
    }
    match facts.exists {
        None => Step::Ask(Question::Existence),
        // Marked but not set yet: the create may be between the two calls.
        Some(false) if facts.windows.patient => Step::LookAgain(Wait::Patient),
        Some(_) => Step::Do(DeleteAction::Remove { sighting: Sighting::Unseen, then: Then::CheckOnce }),
    }
}

/// Keeps a resource that was created after the Delete was sent, and otherwise takes the given step. A fresh Delete is about whatever
/// exists now, so it needs no check.
fn unless_recreated(facts: &DeleteFacts, otherwise: Step<Question, DeleteAction>) -> Step<Question, DeleteAction> {
    match (facts.age, facts.is_recreated) {
        (Age::Fresh, _) | (_, Some(false)) => otherwise,
        (_, None) => Step::Ask(Question::Recreated),
        (_, Some(true)) => keep(),
    }
}

fn keep() -> Step<Question, DeleteAction> {
    Step::Do(DeleteAction::Keep)
}

fn remove(sighting: Sighting) -> Step<Question, DeleteAction> {
    Step::Do(DeleteAction::Remove { sighting, then: Then::Done })
}

fn give_back(then: Then) -> Step<Question, DeleteAction> {
    Step::Do(DeleteAction::GiveBack { then })
}

fn end_handover(in_favour_of: &LogicalId, then: Then) -> Step<Question, DeleteAction> {
    Step::Do(DeleteAction::EndHandover { in_favour_of: in_favour_of.clone(), then })
}

fn finish_giving_back(owner: &LogicalId, then: Then) -> Step<Question, DeleteAction> {
    Step::Do(DeleteAction::FinishGivingBack { owner: owner.clone(), then })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{
        cause, foreign, found, me, of_same_stack, other, ours, ours_because_of, owners, windows,
    };
    use std::sync::LazyLock;

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");
    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };
    const CLOSED: OpenWindows = OpenWindows { consistency: false, patient: false };

    /// A fresh Delete of a tagged resource with a template id. Nothing has been asked yet, and no time is left for waits.
    fn facts(target: Target) -> DeleteFacts {
        DeleteFacts {
            target,
            me: me(),
            tracking: Tracking::Tags,
            has_template_id: true,
            age: Age::Fresh,
            windows: CLOSED,
            gives_back: false,
            is_found: false,
            progress: Progress::Begun,
            was_carried_out: false,
            reading: None,
            sequence: Sequence::Recent,
            is_handover_over: false,
            absence: None,
            exists: None,
            is_recreated: None,
            is_of_later_life: None,
        }
    }

    fn with(target: Target, owner: Ownership) -> DeleteFacts {
        DeleteFacts { reading: Some(Reading::Owner(owner)), ..facts(target) }
    }

    fn unreadable(target: Target) -> DeleteFacts {
        DeleteFacts { reading: Some(Reading::Unreadable(Refusal::Other)), ..facts(target) }
    }

    fn made_by() -> Target {
        Target::MadeBy(Cause::new(cause(), None))
    }

    const REMOVED: Step<Question, DeleteAction> =
        Step::Do(DeleteAction::Remove { sighting: Sighting::Seen, then: Then::Done });
    const KEPT: Step<Question, DeleteAction> = Step::Do(DeleteAction::Keep);
    const LOOK_ON: Step<Question, DeleteAction> = Step::LookAgain(Wait::Patient);

    #[test]
    fn an_id_that_chime_chose_is_never_reused_but_may_have_been_handed_over() {
        let chosen = |ownership| DeleteFacts { has_template_id: false, ..with(Target::Resource, ownership) };
        assert_eq!(decide_delete(&chosen(Ownership::Unowned)), REMOVED);
        let old = DeleteFacts { age: Age::Old, ..chosen(Ownership::Unowned) };
        assert_eq!(decide_delete(&old), REMOVED);
        // Another logical id has taken it over.
        let Step::Do(DeleteAction::EndHandover { in_favour_of, .. }) =
            decide_delete(&chosen(of_same_stack(Handover::From(me()))))
        else {
            panic!("the handover is ended")
        };
        assert_eq!(in_favour_of, other());
    }

    #[test]
    fn an_untracked_resource_is_deleted_unless_it_was_created_since() {
        let untracked = DeleteFacts { tracking: Tracking::Untracked, ..facts(Target::Resource) };
        assert_eq!(decide_delete(&untracked), remove(Sighting::Unseen));
        let late = DeleteFacts { age: Age::Old, ..untracked };
        assert_eq!(decide_delete(&late), Step::Ask(Question::Recreated));
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(true), ..late.clone() }), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(false), ..late }), remove(Sighting::Unseen));
    }

    #[test]
    fn our_resource_is_deleted() {
        assert_eq!(decide_delete(&with(Target::Resource, ours(Handover::None))), REMOVED);
        assert_eq!(decide_delete(&with(Target::Resource, ours(Handover::Placeholder))), REMOVED);
        let marked = DeleteFacts { tracking: MARK, ..with(Target::Resource, ours(Handover::None)) };
        assert_eq!(decide_delete(&marked), remove(Sighting::Unseen));
    }

    #[test]
    fn a_resource_from_an_unfinished_handover_goes_back_for_every_target() {
        let owner = || ours(Handover::From(other()));
        assert_eq!(decide_delete(&with(Target::Resource, owner())), end_handover(&other(), Then::Done));
        for (target, then) in [(made_by(), Then::Done), (Target::MadeByAny, Then::LookOn)] {
            assert_eq!(decide_delete(&with(target, owner())), end_handover(&other(), then));
        }
    }

    #[test]
    fn a_handover_that_began_two_days_ago_is_over() {
        let over = |target| DeleteFacts { is_handover_over: true, ..with(target, ours(Handover::From(other()))) };
        for target in [Target::Resource, made_by(), Target::MadeByAny] {
            assert_eq!(decide_delete(&over(target)), REMOVED);
        }
    }

    #[test]
    fn a_resource_of_a_later_request_is_kept_for_every_target() {
        for target in [Target::Resource, made_by(), Target::MadeByAny] {
            for owner in [ours(Handover::None), ours(Handover::From(other())), found()] {
                let later = DeleteFacts { sequence: Sequence::Later, windows: OPEN, ..with(target.clone(), owner) };
                assert_eq!(decide_delete(&later), KEPT);
            }
        }
    }

    #[test]
    fn a_cleanup_keeps_a_resource_whose_create_was_answered_long_ago() {
        let kept = DeleteFacts { sequence: Sequence::Earlier, ..with(Target::MadeByAny, ours(Handover::None)) };
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..kept.clone() }), LOOK_ON);
        assert_eq!(decide_delete(&kept), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { target: Target::Resource, ..kept }), REMOVED);
    }

    #[test]
    fn a_found_or_adopted_resource_is_given_back() {
        for (target, then) in
            [(Target::Resource, Then::Done), (made_by(), Then::Done), (Target::MadeByAny, Then::LookOn)]
        {
            let found = DeleteFacts { tracking: MARK, ..with(target.clone(), found()) };
            assert_eq!(decide_delete(&found), give_back(then));
            let adopted = DeleteFacts { gives_back: true, ..with(target.clone(), ours(Handover::None)) };
            assert_eq!(decide_delete(&adopted), give_back(then));
            let from = DeleteFacts { gives_back: true, ..with(target, ours(Handover::From(other()))) };
            assert_eq!(decide_delete(&from), end_handover(&other(), then));
        }
        // An id that Chime chose does not say who owns the resource.
        let chosen = DeleteFacts { gives_back: true, has_template_id: false, ..facts(Target::Resource) };
        assert_eq!(decide_delete(&chosen), Step::Ask(Question::Owner));
        let untracked = DeleteFacts { tracking: Tracking::Untracked, ..facts(Target::Resource) };
        assert_eq!(decide_delete(&DeleteFacts { is_found: true, ..untracked.clone() }), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { gives_back: true, ..untracked }), KEPT);
        // Only the mark said that it was found, and the first delivery has taken that back.
        let again = DeleteFacts { tracking: MARK, was_carried_out: true, ..with(Target::Resource, Ownership::Unowned) };
        assert_eq!(decide_delete(&again), KEPT);
        // The note may lag behind the adoption.
        let lagging = DeleteFacts { gives_back: true, ..with(Target::Resource, Ownership::Unowned) };
        let early = DeleteFacts { windows: OPEN, ..lagging.clone() };
        assert_eq!((decide_delete(&early), decide_delete(&lagging)), (Step::LookAgain(Wait::Consistency), KEPT));
    }

    #[test]
    fn a_resource_that_we_handed_over_stays_with_its_new_owner() {
        let owner = || of_same_stack(Handover::From(me()));
        assert_eq!(decide_delete(&with(Target::Resource, owner())), end_handover(&other(), Then::Done));
        assert_eq!(decide_delete(&with(made_by(), owner())), end_handover(&other(), Then::Done));
        let made_up = with(Target::MadeByAny, owner());
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..made_up.clone() }), LOOK_ON);
        assert_eq!(decide_delete(&made_up), KEPT);
    }

    #[test]
    fn an_unfinished_note_of_giving_back_is_finished() {
        let given_back = |target| with(target, of_same_stack(Handover::GivenBack));
        let early = DeleteFacts { windows: OPEN, ..given_back(Target::Resource) };
        assert_eq!(decide_delete(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(decide_delete(&given_back(Target::Resource)), finish_giving_back(&other(), Then::Done));
        assert_eq!(decide_delete(&given_back(made_by())), finish_giving_back(&other(), Then::Done));
        assert_eq!(decide_delete(&given_back(Target::MadeByAny)), finish_giving_back(&other(), Then::LookOn));
    }

    #[test]
    fn a_resource_of_another_logical_id_is_kept_once_its_tags_had_time_to_show() {
        let owned = |target| with(target, of_same_stack(Handover::None));
        let early = DeleteFacts { windows: OPEN, ..owned(Target::Resource) };
        assert_eq!(decide_delete(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..owned(Target::MadeByAny) }), LOOK_ON);
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..owned(made_by()) }), KEPT);
        for target in [Target::Resource, made_by(), Target::MadeByAny] {
            assert_eq!(decide_delete(&owned(target)), KEPT);
        }
    }

    #[test]
    fn a_foreign_resource_is_kept() {
        let early = |target| DeleteFacts { windows: OPEN, ..with(target, foreign()) };
        assert_eq!(decide_delete(&early(Target::Resource)), KEPT);
        assert_eq!(decide_delete(&early(made_by())), KEPT);
        assert_eq!(decide_delete(&early(Target::MadeByAny)), LOOK_ON);
        assert_eq!(decide_delete(&with(Target::MadeByAny, foreign())), KEPT);
    }

    #[test]
    fn an_unowned_resource_is_deleted_by_its_id_unless_it_was_created_since() {
        let unowned = with(Target::Resource, Ownership::Unowned);
        assert_eq!(decide_delete(&unowned), REMOVED);
        let late = DeleteFacts { age: Age::Recent, ..unowned };
        let early = DeleteFacts { windows: OPEN, ..late.clone() };
        assert_eq!(decide_delete(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(decide_delete(&late), Step::Ask(Question::Recreated));
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(true), ..late.clone() }), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(false), ..late.clone() }), REMOVED);
        assert_eq!(decide_delete(&DeleteFacts { tracking: MARK, ..late }), remove(Sighting::Unseen));
    }

    #[test]
    fn a_cleanup_never_removes_an_unowned_resource() {
        for target in [made_by(), Target::MadeByAny] {
            let unowned = with(target, Ownership::Unowned);
            assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..unowned.clone() }), LOOK_ON);
            assert_eq!(decide_delete(&unowned), KEPT);
        }
    }

    #[test]
    fn a_cleanup_removes_only_what_its_request_created_in_this_incarnation() {
        for target in [made_by(), Target::MadeByAny] {
            let made = with(target, ours(Handover::None));
            assert_eq!(decide_delete(&made), REMOVED);
            let unknown = DeleteFacts { sequence: Sequence::Unknown, ..made };
            assert_eq!(decide_delete(&unknown), Step::Ask(Question::LaterLife));
            assert_eq!(decide_delete(&DeleteFacts { is_of_later_life: Some(true), ..unknown.clone() }), KEPT);
            assert_eq!(decide_delete(&DeleteFacts { is_of_later_life: Some(false), ..unknown }), REMOVED);
        }
        assert_eq!(decide_delete(&with(made_by(), ours_because_of("another"))), KEPT);
        assert_eq!(decide_delete(&with(Target::MadeByAny, ours_because_of("another"))), REMOVED);
        assert_eq!(decide_delete(&with(Target::MadeByAny, ours(Handover::Placeholder))), KEPT);
        assert_eq!(decide_delete(&with(made_by(), ours(Handover::Placeholder))), REMOVED);
    }

    #[test]
    fn a_cleanup_waits_for_a_setting_that_is_marked_but_not_set() {
        let marked = |target| DeleteFacts { tracking: MARK, ..with(target, ours(Handover::None)) };
        let removed = Step::Do(DeleteAction::Remove { sighting: Sighting::Unseen, then: Then::CheckOnce });
        for target in [made_by(), Target::MadeByAny] {
            assert_eq!(decide_delete(&marked(target.clone())), Step::Ask(Question::Existence));
            let unset = DeleteFacts { exists: Some(false), ..marked(target) };
            assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..unset.clone() }), LOOK_ON);
            assert_eq!(decide_delete(&unset), removed);
            assert_eq!(decide_delete(&DeleteFacts { exists: Some(true), windows: OPEN, ..unset }), removed);
        }
    }

    #[test]
    fn an_unreadable_resource_is_deleted_only_by_a_fresh_delete() {
        let hidden = unreadable(Target::Resource);
        assert_eq!(decide_delete(&hidden), Step::Ask(Question::Absence));
        let absence = |absence, age, windows| {
            decide_delete(&DeleteFacts { absence: Some(absence), age, windows, ..hidden.clone() })
        };
        assert_eq!(absence(Absence::Unconfirmed, Age::Old, OPEN), Step::LookAgain(Wait::Confirm));
        assert_eq!(absence(Absence::LookAgain(Wait::Patient), Age::Old, OPEN), Step::LookAgain(Wait::Patient));
        assert_eq!(absence(Absence::StillThere, Age::Fresh, OPEN), Step::Do(DeleteAction::Fail));
        assert_eq!(absence(Absence::Confirmed, Age::Fresh, OPEN), remove(Sighting::Unseen));
        assert_eq!(absence(Absence::Confirmed, Age::Recent, OPEN), Step::LookAgain(Wait::Consistency));
        assert_eq!(absence(Absence::Confirmed, Age::Recent, CLOSED), KEPT);
        assert_eq!(absence(Absence::Confirmed, Age::Old, OPEN), KEPT);
    }

    #[test]
    fn a_cleanup_fails_on_an_unreadable_resource_unless_it_has_already_acted_on_it() {
        for target in [made_by(), Target::MadeByAny] {
            let hidden = unreadable(target);
            assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..hidden.clone() }), LOOK_ON);
            assert_eq!(decide_delete(&hidden), Step::Ask(Question::Existence));
            let exists = DeleteFacts { exists: Some(true), ..hidden.clone() };
            assert_eq!(decide_delete(&exists), Step::Do(DeleteAction::Fail));
            assert_eq!(decide_delete(&DeleteFacts { exists: Some(false), ..hidden.clone() }), KEPT);
            assert_eq!(decide_delete(&DeleteFacts { progress: Progress::Acted, ..hidden }), KEPT);
        }
    }

    #[test]
    fn a_cleanup_pauses_after_an_action_and_ends_when_its_time_is_up() {
        let acted = DeleteFacts { progress: Progress::JustActed, ..with(Target::MadeByAny, ours(Handover::None)) };
        assert_eq!(decide_delete(&acted), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..acted }), LOOK_ON);
    }

    static OWNERS: LazyLock<Vec<Ownership>> = LazyLock::new(owners);

    /// The combination of facts with this number, and how many there are.
    fn combination(number: usize) -> (DeleteFacts, usize) {
        let (mut rest, mut count) = (number, 1);
        let mut pick = |choices: usize| {
            let picked = rest % choices;
            rest /= choices;
            count *= choices;
            picked
        };
        let refusals = [Refusal::NotFound, Refusal::Forbidden, Refusal::Other];
        let reading = match pick(OWNERS.len() + refusals.len() + 1) {
            at if at < OWNERS.len() => Some(Reading::Owner(OWNERS[at].clone())),
            at => refusals.get(at - OWNERS.len()).copied().map(Reading::Unreadable),
        };
        let absences =
            [Absence::Confirmed, Absence::Unconfirmed, Absence::LookAgain(Wait::Patient), Absence::StillThere];
        let windows = windows();
        const ANSWERS: [Option<bool>; 3] = [None, Some(false), Some(true)];
        let facts = DeleteFacts {
            target: [Target::Resource, made_by(), Target::MadeByAny][pick(3)].clone(),
            me: me(),
            tracking: [Tracking::Tags, MARK, Tracking::Untracked][pick(3)],
            has_template_id: pick(2) == 1,
            age: [Age::Fresh, Age::Recent, Age::Old][pick(3)],
            windows: windows[pick(windows.len())],
            gives_back: pick(2) == 1,
            is_found: pick(2) == 1,
            progress: [Progress::Begun, Progress::JustActed, Progress::Acted][pick(3)],
            was_carried_out: pick(2) == 1,
            reading,
            sequence: [Sequence::Later, Sequence::Recent, Sequence::Earlier, Sequence::Unknown][pick(4)],
            is_handover_over: pick(2) == 1,
            absence: absences.get(pick(absences.len() + 1)).copied(),
            exists: ANSWERS[pick(3)],
            is_recreated: ANSWERS[pick(3)],
            is_of_later_life: ANSWERS[pick(3)],
        };
        (facts, count)
    }

    /// A sample of all combinations of facts. It is the same each time.
    pub fn samples() -> Vec<DeleteFacts> {
        let count = combination(0).1;
        // Steps of a prime that does not divide the count go everywhere.
        (1..=30_000).map(|step| combination(step * 1_000_003 % count).0).collect()
    }

    fn check(test: impl Fn(&DeleteFacts)) {
        samples().iter().for_each(test);
    }

    /// Takes half a minute of a core: `cargo test --profile histories --lib -- --ignored every_combination`.
    #[test]
    #[ignore = "there are too many combinations for a build that is not optimized"]
    fn every_combination_of_facts_has_a_decision_that_is_safe() {
        let count = combination(0).1;
        for number in 0..count {
            let (facts, _) = combination(number);
            does_not_ask_or_wait_in_vain(&facts);
            removes_only_its_own(&facts);
        }
        println!("{count} combinations");
    }

    #[test]
    fn no_question_is_asked_twice_and_no_wait_begins_when_time_is_up() {
        check(does_not_ask_or_wait_in_vain);
    }

    #[test]
    fn a_resource_that_may_belong_to_somebody_else_is_never_removed() {
        check(removes_only_its_own);
    }

    fn does_not_ask_or_wait_in_vain(facts: &DeleteFacts) {
        match decide_delete(facts) {
            Step::Ask(question) => {
                let is_known = match question {
                    Question::Owner => facts.reading.is_some(),
                    Question::Absence => facts.absence.is_some(),
                    Question::Existence => facts.exists.is_some(),
                    Question::Recreated => facts.is_recreated.is_some(),
                    Question::LaterLife => facts.is_of_later_life.is_some(),
                };
                assert!(!is_known, "{facts:?}: {question:?}");
            }
            Step::LookAgain(Wait::Consistency) => assert!(facts.windows.consistency, "{facts:?}"),
            // The check for absence has windows of its own.
            Step::LookAgain(Wait::Patient | Wait::Confirm) => {
                assert!(facts.windows.patient || facts.absence.is_some(), "{facts:?}");
            }
            Step::Do(_) => {}
        }
    }

    fn removes_only_its_own(facts: &DeleteFacts) {
        let Step::Do(DeleteAction::Remove { .. }) = decide_delete(facts) else { return };
        assert!(!facts.gives_back, "{facts:?}");
        // For an untracked resource the id alone decides.
        if facts.target == Target::Resource && facts.tracking == Tracking::Untracked {
            assert!(facts.age == Age::Fresh || facts.is_recreated != Some(true), "{facts:?}");
            return;
        }
        match &facts.reading {
            Some(Reading::Owner(Ownership::Ours { cause, handover, standing })) => {
                assert!(!matches!(handover, Handover::From(_)) || facts.is_handover_over, "{facts:?}");
                assert_eq!(*standing, Standing::Made, "{facts:?}");
                assert_ne!(facts.sequence, Sequence::Later, "{facts:?}");
                match &facts.target {
                    Target::MadeBy(made_by) => assert!(made_by.request.is_noted_as(&cause.request), "{facts:?}"),
                    Target::MadeByAny => assert_ne!(facts.sequence, Sequence::Earlier, "{facts:?}"),
                    Target::Resource => {}
                }
            }
            Some(Reading::Owner(Ownership::Unowned)) => assert_eq!(facts.target, Target::Resource, "{facts:?}"),
            Some(Reading::Unreadable(_)) => {
                assert!(facts.age == Age::Fresh && facts.absence == Some(Absence::Confirmed), "{facts:?}");
            }
            other => panic!("{other:?} is removed: {facts:?}"),
        }
    }
}
