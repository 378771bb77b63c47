//! Whether an Update changes a resource in place or replaces it.
//!
//! That is decided between the new properties and the id. The previous properties may be those of a failed update, or nonsense: they only
//! tell what need not be said to Chime again. Where they say nothing, Chime is asked.

use crate::lifecycle::decide::{Step, Wait};
use crate::request::Reliability;

/// What is known. What is `None` has not been asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateFacts {
    /// The physical id is one of this type.
    pub is_id: bool,
    /// The properties name another resource than the id does.
    pub contradicts_id: bool,
    /// The properties name another resource than the previous ones did, in what the id does not say.
    pub contradicts_previous: bool,
    /// What the previous properties are worth; nothing where they cannot be read.
    pub previous: Reliability,
    /// Chime may still not show what it has just done.
    pub is_window_open: bool,
    /// What Chime shows.
    pub sight: Option<Sight>,
    /// Whether it exists.
    pub exists: Option<bool>,
}

/// What Chime shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The resource, and all of it that cannot change is as stated.
    AsStated,
    /// The resource, and something that cannot change is not as stated.
    Another,
    /// That there is nothing.
    Absent,
    /// Nothing: it knows no such thing.
    NotFound,
    /// Nothing: it refuses, as it does also of what is missing.
    Refused,
}

/// What has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What does Chime show?
    Sight,
    /// Does it exist?
    Existence,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatePlan {
    /// Change it in place, from what the previous properties say.
    FromPrevious,
    /// Change it in place, from what Chime shows.
    FromObserved,
    /// Make another one. CloudFormation deletes the old one later.
    Replace,
    /// It exists, and what it is like cannot be read: FAILED.
    Fail,
}

/// Plans an Update.
pub fn plan_update(facts: &UpdateFacts) -> Step<Question, UpdatePlan> {
    if !facts.is_id || facts.contradicts_id {
        return Step::Do(UpdatePlan::Replace);
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
        (Some(Sight::Absent | Sight::NotFound), _) => Step::Do(UpdatePlan::Replace),
        // A refusal alone does not say that it is gone.
        (Some(Sight::Refused), None) => Step::Ask(Question::Existence),
        (Some(Sight::Refused), Some(false)) => Step::Do(UpdatePlan::Replace),
        (Some(Sight::Refused), Some(true)) if facts.is_window_open => Step::LookAgain(Wait::Consistency),
        (Some(Sight::Refused), Some(true)) => Step::Do(UpdatePlan::Fail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::BOTH;

    /// An Update whose properties fit the id and the previous ones, which are reliable.
    const FITS: UpdateFacts = UpdateFacts {
        is_id: true,
        contradicts_id: false,
        contradicts_previous: false,
        previous: Reliability::Reliable,
        is_window_open: false,
        sight: None,
        exists: None,
    };

    #[test]
    fn an_id_that_is_none_of_ours_or_contradicts_the_properties_is_replaced() {
        for facts in [UpdateFacts { is_id: false, ..FITS }, UpdateFacts { contradicts_id: true, ..FITS }] {
            assert_eq!(plan_update(&facts), Step::Do(UpdatePlan::Replace));
        }
    }

    #[test]
    fn what_fits_the_id_and_the_previous_properties_is_changed_without_a_look() {
        assert_eq!(plan_update(&FITS), Step::Do(UpdatePlan::FromPrevious));
    }

    #[test]
    fn what_previous_properties_do_not_say_chime_is_asked() {
        let unreliable = UpdateFacts { previous: Reliability::Unreliable, ..FITS };
        assert_eq!(plan_update(&unreliable), Step::Ask(Question::Sight));
        let with = |sight| plan_update(&UpdateFacts { sight: Some(sight), ..unreliable });
        for sight in [Sight::AsStated, Sight::Absent, Sight::NotFound, Sight::Refused] {
            assert_eq!(with(sight), Step::Do(UpdatePlan::FromObserved), "{sight:?}");
        }
        assert_eq!(with(Sight::Another), Step::Do(UpdatePlan::Replace));
    }

    #[test]
    fn what_contradicts_the_previous_properties_is_changed_only_if_chime_shows_it_as_stated() {
        let another = UpdateFacts { contradicts_previous: true, ..FITS };
        assert_eq!(plan_update(&another), Step::Ask(Question::Sight));
        let with = |sight| plan_update(&UpdateFacts { sight: Some(sight), ..another });
        assert_eq!(with(Sight::AsStated), Step::Do(UpdatePlan::FromObserved));
        for sight in [Sight::Another, Sight::Absent, Sight::NotFound] {
            assert_eq!(with(sight), Step::Do(UpdatePlan::Replace), "{sight:?}");
        }
    }

    #[test]
    fn a_refusal_alone_does_not_say_that_it_is_gone() {
        let refused = UpdateFacts { contradicts_previous: true, sight: Some(Sight::Refused), ..FITS };
        assert_eq!(plan_update(&refused), Step::Ask(Question::Existence));
        assert_eq!(plan_update(&UpdateFacts { exists: Some(false), ..refused }), Step::Do(UpdatePlan::Replace));
        let exists = UpdateFacts { exists: Some(true), ..refused };
        assert_eq!(plan_update(&exists), Step::Do(UpdatePlan::Fail));
        let early = UpdateFacts { is_window_open: true, ..exists };
        assert_eq!(plan_update(&early), Step::LookAgain(Wait::Consistency));
    }

    #[test]
    fn nothing_is_asked_twice_and_what_does_not_fit_the_id_is_never_changed() {
        let sights = [Sight::AsStated, Sight::Another, Sight::Absent, Sight::NotFound, Sight::Refused];
        let sights: Vec<_> = sights.into_iter().map(Some).chain([None]).collect();
        for (is_id, contradicts_id) in BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other))) {
            for (contradicts_previous, is_window_open) in
                BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other)))
            {
                for previous in [Reliability::Reliable, Reliability::Unreliable] {
                    for (sight, exists) in
                        sights.iter().flat_map(|sight| [None, Some(false), Some(true)].map(|exists| (*sight, exists)))
                    {
                        let facts = UpdateFacts {
                            is_id,
                            contradicts_id,
                            contradicts_previous,
                            previous,
                            is_window_open,
                            sight,
                            exists,
                        };
                        match plan_update(&facts) {
                            Step::Ask(Question::Sight) => assert!(sight.is_none(), "{facts:?}"),
                            Step::Ask(Question::Existence) => assert!(exists.is_none(), "{facts:?}"),
                            Step::LookAgain(_) => assert!(is_window_open, "{facts:?}"),
                            Step::Do(UpdatePlan::FromPrevious | UpdatePlan::FromObserved) => {
                                assert!(is_id && !contradicts_id, "{facts:?}");
                            }
                            Step::Do(UpdatePlan::Replace | UpdatePlan::Fail) => {}
                        }
                    }
                }
            }
        }
    }
}
