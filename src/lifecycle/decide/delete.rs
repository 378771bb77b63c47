//! What a Delete does.
//!
//! A Delete removes what is this logical resource's, and nothing else. In doubt it leaves a resource alone. It means one of three things by
//! the physical id: a [`Target`]. Resources that no owner is noted of, and ids that Chime chose, have rules of their own, which come first.

use crate::lifecycle::decide::absence::{Absence, Refusal};
use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::request::cause::Cause;
use crate::request::clock::Sequence;
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::ownership::owner::{Handover, Ownership, Standing, Tracking};

/// What the physical id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The resource with this id.
    Resource,
    /// What this request made, if anything: its create had no answer.
    MadeBy(Cause),
    /// What any create of this logical resource made: CloudFormation did not wait for its answer, and made the id up.
    MadeByAny,
}

/// How old the Delete is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// CloudFormation has just sent it: it means what is there now.
    Fresh,
    /// Chime may still not show what was there when it was sent.
    Recent,
    /// It may be a second delivery, long after the first was answered.
    Old,
}

/// What reading the owner came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The owner.
    Owner(Ownership),
    /// Chime refuses to show the tags. Unreadable is not unowned.
    Unreadable(Refusal),
}

/// What is known. What is `None` has not been asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteFacts {
    /// What the physical id means.
    pub target: Target,
    /// The logical id that the Delete is about.
    pub me: LogicalId,
    /// Where the owner is noted.
    pub tracking: Tracking,
    /// Whether the template names the resource, so that another may have made it anew under the same name.
    pub has_template_id: bool,
    /// How old the Delete is.
    pub age: Age,
    /// For how long there are further looks.
    pub windows: OpenWindows,
    /// AdoptExisting stands in the properties: the resource is given back, and not deleted.
    pub gives_back: bool,
    /// The physical id says that the resource was there before.
    pub is_found: bool,
    /// This Delete has already given the resource back.
    pub is_given_back: bool,
    /// An earlier delivery of this Delete was carried out here.
    pub was_carried_out: bool,
    /// The owner.
    pub reading: Option<Reading>,
    /// When the request was sent because of which it is ours.
    pub sequence: Sequence,
    /// A handover was begun so long ago that no deployment is still in the middle of it.
    pub is_handover_over: bool,
    /// Whether it is gone, where the owner cannot be read.
    pub absence: Option<Absence>,
    /// Whether it exists.
    pub exists: Option<bool>,
    /// Whether it was made after this Delete was sent.
    pub is_recreated: Option<bool>,
    /// Whether it was made so long after this Delete was sent that it is of a later life.
    pub is_of_later_life: Option<bool>,
}

/// What has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Who owns it?
    Owner,
    /// Is it gone?
    Absence,
    /// Does it exist?
    Existence,
    /// Was it made after this Delete was sent?
    Recreated,
    /// Was it made long after this Delete was sent?
    LaterLife,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteAction {
    /// Touch nothing: SUCCESS.
    Keep,
    /// Delete it, and its mark.
    Remove {
        /// Whether it has just been seen: then it is not gone because a List lacks it.
        sighting: Sighting,
        /// What follows.
        then: Then,
    },
    /// Take back what notes that it is ours, and leave it as it is.
    GiveBack {
        /// What follows.
        then: Then,
    },
    /// Note that this logical id owns it for good, and that no handover is under way.
    EndHandover {
        /// Who owns it from now on.
        in_favour_of: LogicalId,
        /// What follows.
        then: Then,
    },
    /// Note to the end that it has been given back to this logical id.
    FinishGivingBack {
        /// Who owns it.
        owner: LogicalId,
        /// What follows.
        then: Then,
    },
    /// It exists, and whose it is cannot be read: FAILED.
    Fail,
}

/// Whether a resource has just been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Its own tags have been read.
    Seen,
    /// At most its parent's have.
    Unseen,
}

/// What follows an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The Delete is done.
    Done,
    /// Look on: a create that nobody waits for any more may note it once more, if its first attempt at that had no answer.
    LookOn,
    /// Look once more: an attempt without an answer may have set it again before its mark was gone.
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

/// Deletes the resource that the id names, if it is still this logical resource's.
fn delete_resource(facts: &DeleteFacts) -> Step<Question, DeleteAction> {
    if facts.tracking == Tracking::Untracked {
        let is_kept = facts.gives_back || facts.is_found;
        return if is_kept { keep() } else { unless_recreated(facts, remove(Sighting::Unseen)) };
    }
    let sighting = if facts.tracking == Tracking::Tags { Sighting::Seen } else { Sighting::Unseen };
    match &facts.reading {
        None => Step::Ask(Question::Owner),
        // A later request has made or taken it: this is a second delivery.
        Some(Reading::Owner(Ownership::Ours { .. })) if facts.sequence == Sequence::Later => keep(),
        // A handover that is not ended is being rolled back: ownership goes back, and nothing is removed.
        Some(Reading::Owner(Ownership::Ours { handover: Handover::From(former), .. })) if !facts.is_handover_over => {
            end_handover(former, Then::Done)
        }
        Some(Reading::Owner(Ownership::Ours { standing, .. })) if facts.gives_back || *standing == Standing::Found => {
            give_back(Then::Done)
        }
        Some(Reading::Owner(Ownership::Ours { .. })) => remove(sighting),
        // It has been handed over, and with this the handover is ended.
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::From(former), .. }))
            if facts.me.is_noted_as(former) =>
        {
            end_handover(owner, Then::Done)
        }
        // What this logical id has taken over a moment ago may not be shown yet.
        Some(Reading::Owner(Ownership::SameStack { .. })) if facts.windows.consistency => {
            Step::LookAgain(Wait::Consistency)
        }
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::GivenBack, .. })) => {
            finish_giving_back(owner, Then::Done)
        }
        Some(Reading::Owner(Ownership::SameStack { .. } | Ownership::Foreign { .. })) => keep(),
        // A late event may meet what has just been made by another, whose tags lag behind; and what has just been adopted bears tags that
        // may lag as well.
        Some(Reading::Owner(Ownership::Unowned))
            if (facts.age != Age::Fresh || facts.gives_back) && facts.windows.consistency =>
        {
            Step::LookAgain(Wait::Consistency)
        }
        // What bears no note after the first delivery was given back by it, or somebody has made it since.
        Some(Reading::Owner(Ownership::Unowned)) if facts.gives_back || facts.was_carried_out => keep(),
        // Chime gives an id that it chose to one resource alone.
        Some(Reading::Owner(Ownership::Unowned)) if !facts.has_template_id => remove(sighting),
        // Nothing is noted: an older version made it, or somebody untagged it. The id says what to do. Without a tag, its age alone tells
        // what another has made of the same name since; a setting has no age.
        Some(Reading::Owner(Ownership::Unowned)) if facts.tracking == Tracking::Tags => {
            unless_recreated(facts, remove(sighting))
        }
        Some(Reading::Owner(Ownership::Unowned)) => remove(sighting),
        Some(Reading::Unreadable(_)) => delete_unreadable(facts),
    }
}

/// It may be gone; or it was made a moment ago, and only its tags are invisible.
fn delete_unreadable(facts: &DeleteFacts) -> Step<Question, DeleteAction> {
    match (facts.absence, facts.age) {
        (None, _) => Step::Ask(Question::Absence),
        (Some(Absence::Unconfirmed), _) => Step::LookAgain(Wait::Confirm),
        (Some(Absence::LookAgain(wait)), _) => Step::LookAgain(wait),
        (Some(Absence::StillThere), _) => Step::Do(DeleteAction::Fail),
        (Some(Absence::Confirmed), _) if facts.gives_back => keep(),
        // Chime knows for sure when it is to delete it, and a Delete that was sent just now means what was there just now.
        (Some(Absence::Confirmed), Age::Fresh) => remove(Sighting::Unseen),
        (Some(Absence::Confirmed), Age::Recent) if facts.windows.consistency => Step::LookAgain(Wait::Consistency),
        (Some(Absence::Confirmed), Age::Recent | Age::Old) => keep(),
    }
}

/// Removes what a create made of which nobody knows the id: what `request` made, or any request about this logical resource that CloudFormation
/// may have no answer to. It may still be under way in another environment, and tags may lag behind: as long as there is patience, nothing
/// found is no proof.
fn clean_up(facts: &DeleteFacts, request: Option<&RequestId>) -> Step<Question, DeleteAction> {
    let look_on_or = |otherwise| if facts.windows.patient { Step::LookAgain(Wait::Patient) } else { otherwise };
    let then = if request.is_some() { Then::Done } else { Then::LookOn };
    match &facts.reading {
        None => Step::Ask(Question::Owner),
        Some(Reading::Owner(Ownership::Ours { cause, handover, standing })) => match request {
            // What an Update of the made-up id has made in its place.
            None if *handover == Handover::Placeholder => keep(),
            // An earlier request's doubt never removes what a later one lives on.
            Some(request) if !request.is_noted_as(&cause.request) => keep(),
            _ if facts.sequence == Sequence::Later => keep(),
            // It was answered long ago, and kept: the create that is cleaned up has not made it. That one may still be under way.
            None if facts.sequence == Sequence::Earlier => look_on_or(keep()),
            _ => clean_up_ours(facts, handover, *standing, then),
        },
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::From(former), .. }))
            if request.is_some() && facts.me.is_noted_as(former) =>
        {
            end_handover(owner, Then::Done)
        }
        // It has been given back, by a Delete that was denied to say so to the end.
        Some(Reading::Owner(Ownership::SameStack { owner, handover: Handover::GivenBack, .. })) => {
            finish_giving_back(owner, then)
        }
        Some(Reading::Owner(Ownership::SameStack { .. } | Ownership::Foreign { .. })) if request.is_some() => keep(),
        // The create may still be under way, and make it or take it over.
        Some(Reading::Owner(_)) => look_on_or(keep()),
        // What was to be done is done, as far as can be seen.
        Some(Reading::Unreadable(_)) if facts.is_given_back => look_on_or(keep()),
        Some(Reading::Unreadable(_)) => look_on_or(match facts.exists {
            None => Step::Ask(Question::Existence),
            Some(true) => Step::Do(DeleteAction::Fail),
            Some(false) => keep(),
        }),
    }
}

/// Cleans up what the create has made or taken.
fn clean_up_ours(
    facts: &DeleteFacts,
    handover: &Handover,
    standing: Standing,
    then: Then,
) -> Step<Question, DeleteAction> {
    // A note without a time tells no life from another; when it was made does.
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
        // Marked and not yet set: the create is between the two.
        Some(false) if facts.windows.patient => Step::LookAgain(Wait::Patient),
        Some(_) => Step::Do(DeleteAction::Remove { sighting: Sighting::Unseen, then: Then::CheckOnce }),
    }
}

/// What another has made of the same name since is not what the Delete means. A fresh Delete means what is there.
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
mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{
        cause, foreign, found, me, of_same_stack, other, ours, ours_because_of, owners, windows,
    };
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::{Config, TestRunner};

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");
    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };
    const CLOSED: OpenWindows = OpenWindows { consistency: false, patient: false };

    /// A fresh Delete of a resource that the template names and that carries tags, with nothing asked yet and no time left to look on.
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
            is_given_back: false,
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
    fn an_id_that_chime_chose_is_not_recreated_but_may_have_been_adopted() {
        let chosen = |ownership| DeleteFacts { has_template_id: false, ..with(Target::Resource, ownership) };
        assert_eq!(decide_delete(&chosen(Ownership::Unowned)), REMOVED);
        let old = DeleteFacts { age: Age::Old, ..chosen(Ownership::Unowned) };
        assert_eq!(decide_delete(&old), REMOVED);
        // Its next logical id has taken it over.
        let Step::Do(DeleteAction::EndHandover { in_favour_of, .. }) =
            decide_delete(&chosen(of_same_stack(Handover::From(me()))))
        else {
            panic!("the handover is ended")
        };
        assert_eq!(in_favour_of, other());
    }

    #[test]
    fn what_bears_no_note_is_deleted_unless_it_was_made_since() {
        let untracked = DeleteFacts { tracking: Tracking::Untracked, ..facts(Target::Resource) };
        assert_eq!(decide_delete(&untracked), remove(Sighting::Unseen));
        let late = DeleteFacts { age: Age::Old, ..untracked };
        assert_eq!(decide_delete(&late), Step::Ask(Question::Recreated));
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(true), ..late.clone() }), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { is_recreated: Some(false), ..late }), remove(Sighting::Unseen));
    }

    #[test]
    fn ours_is_deleted() {
        assert_eq!(decide_delete(&with(Target::Resource, ours(Handover::None))), REMOVED);
        assert_eq!(decide_delete(&with(Target::Resource, ours(Handover::Placeholder))), REMOVED);
        let marked = DeleteFacts { tracking: MARK, ..with(Target::Resource, ours(Handover::None)) };
        assert_eq!(decide_delete(&marked), remove(Sighting::Unseen));
    }

    #[test]
    fn ours_by_a_handover_goes_back_whatever_the_id_means() {
        let owner = || ours(Handover::From(other()));
        assert_eq!(decide_delete(&with(Target::Resource, owner())), end_handover(&other(), Then::Done));
        for (target, then) in [(made_by(), Then::Done), (Target::MadeByAny, Then::LookOn)] {
            assert_eq!(decide_delete(&with(target, owner())), end_handover(&other(), then));
        }
    }

    #[test]
    fn a_handover_that_was_begun_two_days_ago_is_over() {
        let over = |target| DeleteFacts { is_handover_over: true, ..with(target, ours(Handover::From(other()))) };
        for target in [Target::Resource, made_by(), Target::MadeByAny] {
            assert_eq!(decide_delete(&over(target)), REMOVED);
        }
    }

    #[test]
    fn what_a_later_request_made_or_took_is_kept_whatever_the_id_means() {
        for target in [Target::Resource, made_by(), Target::MadeByAny] {
            for owner in [ours(Handover::None), ours(Handover::From(other())), found()] {
                let later = DeleteFacts { sequence: Sequence::Later, windows: OPEN, ..with(target.clone(), owner) };
                assert_eq!(decide_delete(&later), KEPT);
            }
        }
    }

    #[test]
    fn what_was_answered_long_ago_is_no_cleanups() {
        let kept = DeleteFacts { sequence: Sequence::Earlier, ..with(Target::MadeByAny, ours(Handover::None)) };
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..kept.clone() }), LOOK_ON);
        assert_eq!(decide_delete(&kept), KEPT);
        assert_eq!(decide_delete(&DeleteFacts { target: Target::Resource, ..kept }), REMOVED);
    }

    #[test]
    fn what_was_found_or_adopted_is_given_back() {
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
        // Chime chose its id, and the id alone does not say whose it is.
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
    fn ours_that_was_handed_over_stays_with_its_new_owner() {
        let owner = || of_same_stack(Handover::From(me()));
        assert_eq!(decide_delete(&with(Target::Resource, owner())), end_handover(&other(), Then::Done));
        assert_eq!(decide_delete(&with(made_by(), owner())), end_handover(&other(), Then::Done));
        let made_up = with(Target::MadeByAny, owner());
        assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..made_up.clone() }), LOOK_ON);
        assert_eq!(decide_delete(&made_up), KEPT);
    }

    #[test]
    fn what_was_given_back_is_noted_to_the_end() {
        let given_back = |target| with(target, of_same_stack(Handover::GivenBack));
        let early = DeleteFacts { windows: OPEN, ..given_back(Target::Resource) };
        assert_eq!(decide_delete(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(decide_delete(&given_back(Target::Resource)), finish_giving_back(&other(), Then::Done));
        assert_eq!(decide_delete(&given_back(made_by())), finish_giving_back(&other(), Then::Done));
        assert_eq!(decide_delete(&given_back(Target::MadeByAny)), finish_giving_back(&other(), Then::LookOn));
    }

    #[test]
    fn what_another_logical_id_owns_is_kept_once_its_tags_have_had_their_time() {
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
    fn what_is_foreign_is_kept() {
        let early = |target| DeleteFacts { windows: OPEN, ..with(target, foreign()) };
        assert_eq!(decide_delete(&early(Target::Resource)), KEPT);
        assert_eq!(decide_delete(&early(made_by())), KEPT);
        assert_eq!(decide_delete(&early(Target::MadeByAny)), LOOK_ON);
        assert_eq!(decide_delete(&with(Target::MadeByAny, foreign())), KEPT);
    }

    #[test]
    fn what_is_unowned_is_deleted_by_its_id_unless_it_was_made_since() {
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
    fn what_is_unowned_is_never_cleaned_up() {
        for target in [made_by(), Target::MadeByAny] {
            let unowned = with(target, Ownership::Unowned);
            assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..unowned.clone() }), LOOK_ON);
            assert_eq!(decide_delete(&unowned), KEPT);
        }
    }

    #[test]
    fn a_cleanup_removes_what_the_request_made_and_nothing_of_another_request_or_life() {
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
    fn a_mark_without_its_setting_is_waited_for() {
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
    fn what_cannot_be_read_is_deleted_only_if_the_delete_means_what_is_there_now() {
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
    fn a_cleanup_fails_on_what_exists_and_cannot_be_read_unless_it_has_done_its_part() {
        for target in [made_by(), Target::MadeByAny] {
            let hidden = unreadable(target);
            assert_eq!(decide_delete(&DeleteFacts { windows: OPEN, ..hidden.clone() }), LOOK_ON);
            assert_eq!(decide_delete(&hidden), Step::Ask(Question::Existence));
            let exists = DeleteFacts { exists: Some(true), ..hidden.clone() };
            assert_eq!(decide_delete(&exists), Step::Do(DeleteAction::Fail));
            assert_eq!(decide_delete(&DeleteFacts { exists: Some(false), ..hidden.clone() }), KEPT);
            assert_eq!(decide_delete(&DeleteFacts { is_given_back: true, ..hidden }), KEPT);
        }
    }

    /// Facts at random, and all kinds of them: there are too many for every combination.
    fn any_facts() -> impl Strategy<Value = DeleteFacts> {
        let readings = owners().into_iter().map(Reading::Owner);
        let refusals = [Refusal::NotFound, Refusal::Forbidden, Refusal::Other].map(Reading::Unreadable);
        let readings: Vec<_> = readings.chain(refusals).map(Some).chain([None]).collect();
        let absences = [
            None,
            Some(Absence::Confirmed),
            Some(Absence::Unconfirmed),
            Some(Absence::LookAgain(Wait::Patient)),
            Some(Absence::StillThere),
        ];
        let sequences = [Sequence::Later, Sequence::Recent, Sequence::Earlier, Sequence::Unknown];
        let named = (
            select(vec![Target::Resource, made_by(), Target::MadeByAny]),
            select(vec![Tracking::Tags, MARK, Tracking::Untracked]),
            select(vec![Age::Fresh, Age::Recent, Age::Old]),
            select(windows()),
            select(readings),
            select(absences.to_vec()),
            select(sequences.to_vec()),
        );
        let flags = (any::<[bool; 6]>(), any::<[Option<bool>; 3]>());
        (named, flags).prop_map(|((target, tracking, age, windows, reading, absence, sequence), (flags, answers))| {
            let [has_template_id, gives_back, is_found, is_given_back, was_carried_out, is_handover_over] = flags;
            let [exists, is_recreated, is_of_later_life] = answers;
            DeleteFacts {
                target,
                me: me(),
                tracking,
                has_template_id,
                age,
                windows,
                gives_back,
                is_found,
                is_given_back,
                was_carried_out,
                reading,
                sequence,
                is_handover_over,
                absence,
                exists,
                is_recreated,
                is_of_later_life,
            }
        })
    }

    fn check(test: impl Fn(&DeleteFacts)) {
        let mut runner = TestRunner::new(Config { cases: 100_000, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&any_facts(), |facts| {
            test(&facts);
            Ok(())
        });
        outcome.expect("it holds");
    }

    #[test]
    fn nothing_is_asked_twice_and_nothing_waited_for_when_time_is_up() {
        check(|facts| match decide_delete(facts) {
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
            // Its own windows say how long an absence is looked into.
            Step::LookAgain(Wait::Patient | Wait::Confirm) => {
                assert!(facts.windows.patient || facts.absence.is_some(), "{facts:?}");
            }
            Step::Do(_) => {}
        });
    }

    #[test]
    fn nothing_is_removed_that_may_be_anothers() {
        check(|facts| {
            let Step::Do(DeleteAction::Remove { .. }) = decide_delete(facts) else { return };
            assert!(!facts.gives_back, "{facts:?}");
            // Of what bears no note the id alone decides.
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
        });
    }
}
