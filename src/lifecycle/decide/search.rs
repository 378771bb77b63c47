//! What a cleanup does if Chime chooses the ids: it searches the parent for the resource that the create created.

use crate::lifecycle::decide::{Step, Wait};

/// The facts after a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchFacts {
    /// The outcome of the search; `None` before it.
    pub found: Option<Found>,
    /// The depth of the search.
    pub depth: Depth,
    /// Whether an earlier search has found something.
    pub is_second_search: bool,
    /// Whether there is time for another search.
    pub is_window_open: bool,
    /// Whether the found resource belongs to a later incarnation; `None` if that is not known yet.
    pub is_of_later_life: Option<bool>,
}

/// The outcome of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A resource matches.
    Resource,
    /// No resource matches, and every likely candidate could be read.
    Nothing,
    /// No readable resource matches, and a likely candidate could not be read.
    Unreadable,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// It reads the tags of resources with a similar name. Reading those of a hundred more takes long.
    LikelyNames,
    /// It also reads the tags of the others, up to a limit.
    Thorough,
}

/// A question that the decision may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What does the parent hold?
    Search,
    /// Does the found resource belong to a later incarnation?
    LaterLife,
}

/// An action that the decision may end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchAction {
    /// Remove the found resource, and search again.
    Remove,
    /// Leave the found resource, and search again.
    Leave,
    /// Search once more, thoroughly.
    SearchThoroughly,
    /// Nothing is left: SUCCESS.
    Finish,
    /// A resource that may be the one cannot be read: FAILED.
    Fail,
}

/// Decides what to do after a search.
pub fn decide_search(facts: &SearchFacts) -> Step<Question, SearchAction> {
    match (facts.found, facts.depth) {
        (None, _) => Step::Ask(Question::Search),
        (Some(Found::Resource), _) => match facts.is_of_later_life {
            None => Step::Ask(Question::LaterLife),
            Some(true) => Step::Do(SearchAction::Leave),
            Some(false) => Step::Do(SearchAction::Remove),
        },
        (Some(Found::Nothing), Depth::Thorough) => Step::Do(SearchAction::Finish),
        (Some(Found::Nothing), _) if facts.is_second_search => Step::Do(SearchAction::Finish),
        (Some(Found::Unreadable), Depth::Thorough) => Step::Do(SearchAction::Fail),
        (_, Depth::LikelyNames) if facts.is_window_open => Step::LookAgain(Wait::Patient),
        (_, Depth::LikelyNames) => Step::Do(SearchAction::SearchThoroughly),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const FIRST: SearchFacts = SearchFacts {
        found: Some(Found::Nothing),
        depth: Depth::LikelyNames,
        is_second_search: false,
        is_window_open: true,
        is_of_later_life: None,
    };

    #[test]
    fn a_found_resource_is_removed_unless_it_belongs_to_a_later_incarnation() {
        let found = SearchFacts { found: Some(Found::Resource), ..FIRST };
        assert_eq!(decide_search(&found), Step::Ask(Question::LaterLife));
        let alive = |is_of_later_life| decide_search(&SearchFacts { is_of_later_life, ..found });
        assert_eq!(alive(Some(false)), Step::Do(SearchAction::Remove));
        assert_eq!(alive(Some(true)), Step::Do(SearchAction::Leave));
    }

    #[test]
    fn an_empty_search_is_repeated_and_only_a_thorough_one_ends_the_cleanup() {
        for found in [Found::Nothing, Found::Unreadable] {
            let early = SearchFacts { found: Some(found), ..FIRST };
            assert_eq!(decide_search(&early), Step::LookAgain(Wait::Patient));
            let late = SearchFacts { is_window_open: false, ..early };
            assert_eq!(decide_search(&late), Step::Do(SearchAction::SearchThoroughly));
        }
        let thorough = |found| decide_search(&SearchFacts { found: Some(found), depth: Depth::Thorough, ..FIRST });
        assert_eq!(thorough(Found::Nothing), Step::Do(SearchAction::Finish));
        assert_eq!(thorough(Found::Unreadable), Step::Do(SearchAction::Fail));
    }

    #[test]
    fn after_a_match_the_first_empty_search_ends_the_cleanup() {
        let second = SearchFacts { is_second_search: true, ..FIRST };
        assert_eq!(decide_search(&second), Step::Do(SearchAction::Finish));
    }

    /// Every combination of facts.
    pub fn every() -> Vec<SearchFacts> {
        let mut every = Vec::new();
        for found in [None, Some(Found::Resource), Some(Found::Nothing), Some(Found::Unreadable)] {
            for depth in [Depth::LikelyNames, Depth::Thorough] {
                for flags in 0..4_u8 {
                    every.extend([None, Some(false), Some(true)].map(|is_of_later_life| SearchFacts {
                        found,
                        depth,
                        is_second_search: flags & 1 != 0,
                        is_window_open: flags & 2 != 0,
                        is_of_later_life,
                    }));
                }
            }
        }
        every
    }

    #[test]
    fn nothing_is_removed_before_its_life_is_known_and_no_search_goes_on_without_time() {
        for facts in every() {
            match decide_search(&facts) {
                Step::Ask(Question::Search) => assert!(facts.found.is_none(), "{facts:?}"),
                Step::Ask(Question::LaterLife) => assert!(facts.is_of_later_life.is_none(), "{facts:?}"),
                Step::LookAgain(_) => assert!(facts.is_window_open, "{facts:?}"),
                Step::Do(SearchAction::Remove) => assert_eq!(facts.is_of_later_life, Some(false), "{facts:?}"),
                Step::Do(_) => {}
            }
        }
    }
}
