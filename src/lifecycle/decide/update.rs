//! Decides whether an Update changes a resource in place or replaces it.
//!
//! The new properties and the id decide. The previous properties may stem from a failed update, or be nonsense: they only save
//! calls, because what they already say is not sent to Chime again. If they are unreliable, Chime is asked.

use crate::lifecycle::decide::{Step, Wait};
use crate::request::Reliability;

/// The facts of the decision. `None` means not asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateFacts {
    /// Whether the physical id is one of this type.
    pub is_id: bool,
    /// Whether the new properties name another resource than the id does.
    pub contradicts_id: bool,
    /// Whether a create-only property that the id does not contain differs from the previous properties.
    pub contradicts_previous: bool,
    /// Whether the previous properties can be relied on. Unreadable ones cannot.
    pub previous: Reliability,
    /// Whether the update ends the adoption of a resource whose id Chime chose. It may then be the rollback of the replacement by which the
    /// resource was adopted.
    pub ends_adoption: bool,
    /// Whether the adoption began so long ago that no deployment can still be in the middle of it.
    pub is_adoption_old: Option<bool>,
    /// Whether the resource that it would go back to exists.
    pub has_former: Option<bool>,
    /// Whether the resource's own properties change too, and it is older than the note of its owner: it was adopted. What is not older was
    /// made, and only then named as to be adopted.
    pub changes_adopted: bool,
    /// Whether Chime may still not show a recent change.
    pub is_window_open: bool,
    /// What Chime shows.
    pub sight: Option<Sight>,
    /// Whether the resource exists.
    pub exists: Option<bool>,
}

/// What Chime shows of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A resource whose create-only properties are as stated.
    AsStated,
    /// A resource with another value of a create-only property.
    Another,
    /// That it does not exist.
    Absent,
    /// A 404.
    NotFound,
    /// A refusal that Chime also gives for missing resources.
    Refused,
}

/// A question that the decision may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How long ago was the resource adopted?
    AdoptionAge,
    /// Does what this logical resource had before the adoption still exist?
    Former,
    /// What does Chime show?
    Sight,
    /// Does the resource exist?
    Existence,
}

/// The outcome of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatePlan {
    /// Change the resource in place. The previous properties say what it is like now.
    FromPrevious,
    /// Change the resource in place. Chime says what it is like now. If it turns out to be gone, create it anew.
    FromObserved,
    /// Create a replacement. CloudFormation deletes the old resource later.
    Replace,
    /// Create a replacement for what is gone. This may be the rollback of a replacement that nobody waited for: remove what that created.
    ReplaceGone,
    /// The resource exists but cannot be read: FAILED.
    Fail,
    /// It may be the rollback of an adoption, or a change of what was adopted: FAILED.
    Ambiguous,
}

/// Plans an Update.
pub fn plan_update(facts: &UpdateFacts) -> Step<Question, UpdatePlan> {
    if !facts.is_id || facts.contradicts_id {
        return Step::Do(UpdatePlan::Replace);
    }
    if facts.ends_adoption {
        match (facts.is_adoption_old, facts.has_former) {
            (None, _) => return Step::Ask(Question::AdoptionAge),
            (Some(false), None) => return Step::Ask(Question::Former),
            // A rollback wants the former resource back. The adopted one is given back by the Delete that follows.
            (Some(false), Some(true)) => return Step::Do(UpdatePlan::Replace),
            // A rollback would change what somebody else made, and its author could not tell.
            (Some(false), Some(false)) if facts.changes_adopted => {
                return if facts.is_window_open {
                    Step::LookAgain(Wait::Consistency)
                } else {
                    Step::Do(UpdatePlan::Ambiguous)
                };
            }
            (Some(true), _) | (_, Some(false)) => {}
        }
    }
    let is_another = facts.contradicts_previous;
    if !is_another && facts.previous == Reliability::Reliable {
        return Step::Do(UpdatePlan::FromPrevious);
    }
    match (facts.sight, facts.exists) {
        (None, _) => Step::Ask(Question::Sight),
        (Some(Sight::AsStated), _) => Step::Do(UpdatePlan::FromObserved),
        (Some(Sight::Another), _) => Step::Do(UpdatePlan::Replace),
        (Some(Sight::Absent | Sight::NotFound | Sight::Refused), _) if !is_another => {
            Step::Do(UpdatePlan::FromObserved)
        }
        (Some(Sight::Absent | Sight::NotFound), _) => Step::Do(UpdatePlan::ReplaceGone),
        // A refusal alone does not prove absence.
        (Some(Sight::Refused), None) => Step::Ask(Question::Existence),
        (Some(Sight::Refused), Some(false)) => Step::Do(UpdatePlan::ReplaceGone),
        (Some(Sight::Refused), Some(true)) if facts.is_window_open => Step::LookAgain(Wait::Consistency),
        (Some(Sight::Refused), Some(true)) => Step::Do(UpdatePlan::Fail),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An Update whose properties fit the id and reliable previous properties.
    const FITS: UpdateFacts = UpdateFacts {
        is_id: true,
        contradicts_id: false,
        contradicts_previous: false,
        previous: Reliability::Reliable,
        ends_adoption: false,
        is_adoption_old: None,
        has_former: None,
        changes_adopted: false,
        is_window_open: false,
        sight: None,
        exists: None,
    };

    #[test]
    fn an_id_of_another_type_or_one_that_contradicts_the_properties_is_replaced() {
        for facts in [UpdateFacts { is_id: false, ..FITS }, UpdateFacts { contradicts_id: true, ..FITS }] {
            assert_eq!(plan_update(&facts), Step::Do(UpdatePlan::Replace));
        }
    }

    #[test]
    fn properties_that_fit_the_id_and_the_previous_ones_are_applied_without_a_read() {
        assert_eq!(plan_update(&FITS), Step::Do(UpdatePlan::FromPrevious));
    }

    #[test]
    fn chime_is_asked_if_the_previous_properties_are_unreliable() {
        let unreliable = UpdateFacts { previous: Reliability::Unreliable, ..FITS };
        assert_eq!(plan_update(&unreliable), Step::Ask(Question::Sight));
        let with = |sight| plan_update(&UpdateFacts { sight: Some(sight), ..unreliable });
        for sight in [Sight::AsStated, Sight::Absent, Sight::NotFound, Sight::Refused] {
            assert_eq!(with(sight), Step::Do(UpdatePlan::FromObserved), "{sight:?}");
        }
        assert_eq!(with(Sight::Another), Step::Do(UpdatePlan::Replace));
    }

    #[test]
    fn a_changed_create_only_property_replaces_unless_chime_shows_the_new_value() {
        let another = UpdateFacts { contradicts_previous: true, ..FITS };
        assert_eq!(plan_update(&another), Step::Ask(Question::Sight));
        let with = |sight| plan_update(&UpdateFacts { sight: Some(sight), ..another });
        assert_eq!(with(Sight::AsStated), Step::Do(UpdatePlan::FromObserved));
        assert_eq!(with(Sight::Another), Step::Do(UpdatePlan::Replace));
        for sight in [Sight::Absent, Sight::NotFound] {
            assert_eq!(with(sight), Step::Do(UpdatePlan::ReplaceGone), "{sight:?}");
        }
    }

    #[test]
    fn a_refusal_alone_does_not_prove_absence() {
        let refused = UpdateFacts { contradicts_previous: true, sight: Some(Sight::Refused), ..FITS };
        assert_eq!(plan_update(&refused), Step::Ask(Question::Existence));
        assert_eq!(plan_update(&UpdateFacts { exists: Some(false), ..refused }), Step::Do(UpdatePlan::ReplaceGone));
        let exists = UpdateFacts { exists: Some(true), ..refused };
        assert_eq!(plan_update(&exists), Step::Do(UpdatePlan::Fail));
        let early = UpdateFacts { is_window_open: true, ..exists };
        assert_eq!(plan_update(&early), Step::LookAgain(Wait::Consistency));
    }

    #[test]
    fn the_end_of_an_adoption_is_a_rollback_if_the_former_resource_still_exists() {
        let ends = UpdateFacts { ends_adoption: true, ..FITS };
        assert_eq!(plan_update(&ends), Step::Ask(Question::AdoptionAge));
        let old = UpdateFacts { is_adoption_old: Some(true), ..ends };
        assert_eq!(plan_update(&old), Step::Do(UpdatePlan::FromPrevious));
        let recent = UpdateFacts { is_adoption_old: Some(false), ..ends };
        assert_eq!(plan_update(&recent), Step::Ask(Question::Former));
        let with = |has_former| plan_update(&UpdateFacts { has_former: Some(has_former), ..recent });
        assert_eq!(with(true), Step::Do(UpdatePlan::Replace));
        assert_eq!(with(false), Step::Do(UpdatePlan::FromPrevious));
    }

    #[test]
    fn the_former_resource_is_looked_for_over_the_lag_and_a_change_is_refused_if_it_is_not_found() {
        let not_found =
            UpdateFacts { ends_adoption: true, is_adoption_old: Some(false), has_former: Some(false), ..FITS };
        assert_eq!(plan_update(&not_found), Step::Do(UpdatePlan::FromPrevious));
        let changes = UpdateFacts { changes_adopted: true, ..not_found };
        let early = UpdateFacts { is_window_open: true, ..changes };
        assert_eq!(plan_update(&early), Step::LookAgain(Wait::Consistency));
        assert_eq!(plan_update(&changes), Step::Do(UpdatePlan::Ambiguous));
        let old = UpdateFacts { is_adoption_old: Some(true), ..changes };
        assert_eq!(plan_update(&old), Step::Do(UpdatePlan::FromPrevious));
    }

    /// Every combination of facts.
    pub fn every() -> Vec<UpdateFacts> {
        let sights = [Sight::AsStated, Sight::Another, Sight::Absent, Sight::NotFound, Sight::Refused];
        let sights: Vec<_> = sights.into_iter().map(Some).chain([None]).collect();
        let mut every = Vec::new();
        let answers = [None, Some(false), Some(true)];
        for (flags, at) in (0..64_u8).flat_map(|flags| (0..9).map(move |at| (flags, at))) {
            let flag = |at: u8| flags & (1 << at) != 0;
            let (is_adoption_old, has_former) = (answers[at / 3], answers[at % 3]);
            for previous in [Reliability::Reliable, Reliability::Unreliable] {
                for sight in &sights {
                    every.extend(answers.map(|exists| UpdateFacts {
                        is_id: flag(0),
                        contradicts_id: flag(1),
                        contradicts_previous: flag(2),
                        previous,
                        ends_adoption: flag(4),
                        is_adoption_old,
                        has_former,
                        changes_adopted: flag(5),
                        is_window_open: flag(3),
                        sight: *sight,
                        exists,
                    }));
                }
            }
        }
        every
    }

    #[test]
    fn nothing_is_asked_twice_and_a_contradicted_id_is_never_changed_in_place() {
        for facts in every() {
            match plan_update(&facts) {
                Step::Ask(Question::AdoptionAge) => assert!(facts.is_adoption_old.is_none(), "{facts:?}"),
                Step::Ask(Question::Former) => assert!(facts.ends_adoption && facts.has_former.is_none(), "{facts:?}"),
                Step::Ask(Question::Sight) => assert!(facts.sight.is_none(), "{facts:?}"),
                Step::Ask(Question::Existence) => assert!(facts.exists.is_none(), "{facts:?}"),
                Step::LookAgain(_) => assert!(facts.is_window_open, "{facts:?}"),
                Step::Do(UpdatePlan::FromPrevious | UpdatePlan::FromObserved) => {
                    assert!(facts.is_id && !facts.contradicts_id, "{facts:?}");
                }
                Step::Do(UpdatePlan::Ambiguous) => assert!(facts.ends_adoption && facts.changes_adopted, "{facts:?}"),
                Step::Do(UpdatePlan::Replace | UpdatePlan::ReplaceGone | UpdatePlan::Fail) => {}
            }
        }
    }
}
