//! What a cleanup does where Chime chooses the ids: it searches what the parent holds for what the create made.

use crate::lifecycle::decide::{Step, Wait};

/// What is known after a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchFacts {
    /// What it has come to.
    pub found: Found,
    /// How far it went.
    pub depth: Depth,
    /// An earlier search has found something.
    pub is_second_search: bool,
    /// There is time for another search.
    pub is_window_open: bool,
    /// Whether what was found is of a later life.
    pub is_of_later_life: Option<bool>,
}

/// What a search has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// What the create made, as it seems.
    Resource,
    /// Nothing that could be read is it.
    Nothing,
    /// Nothing that could be read is it, and something could not be read.
    Unreadable,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// It asks for the tags of what has the likely name. Asking each of a hundred takes long.
    LikelyNames,
    /// It asks the others too.
    Thorough,
}

/// What has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Is what was found of a later life?
    LaterLife,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchAction {
    /// Remove what was found, and search again.
    Remove,
    /// Leave what was found, and search again.
    Leave,
    /// Search once more, thoroughly.
    SearchThoroughly,
    /// There is nothing left: SUCCESS.
    Finish,
    /// Something may be it, and cannot be read: FAILED.
    Fail,
}

/// Decides what follows a search.
pub fn decide_search(facts: &SearchFacts) -> Step<Question, SearchAction> {
    match (facts.found, facts.depth) {
        (Found::Resource, _) => match facts.is_of_later_life {
            None => Step::Ask(Question::LaterLife),
            Some(true) => Step::Do(SearchAction::Leave),
            Some(false) => Step::Do(SearchAction::Remove),
        },
        (Found::Nothing, Depth::Thorough) => Step::Do(SearchAction::Finish),
        (Found::Nothing, _) if facts.is_second_search => Step::Do(SearchAction::Finish),
        (Found::Unreadable, Depth::Thorough) => Step::Do(SearchAction::Fail),
        (_, Depth::LikelyNames) if facts.is_window_open => Step::LookAgain(Wait::Patient),
        (_, Depth::LikelyNames) => Step::Do(SearchAction::SearchThoroughly),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: SearchFacts = SearchFacts {
        found: Found::Nothing,
        depth: Depth::LikelyNames,
        is_second_search: false,
        is_window_open: true,
        is_of_later_life: None,
    };

    #[test]
    fn what_was_found_is_removed_unless_it_is_of_a_later_life() {
        let found = SearchFacts { found: Found::Resource, ..FIRST };
        assert_eq!(decide_search(&found), Step::Ask(Question::LaterLife));
        let alive = |is_of_later_life| decide_search(&SearchFacts { is_of_later_life, ..found });
        assert_eq!(alive(Some(false)), Step::Do(SearchAction::Remove));
        assert_eq!(alive(Some(true)), Step::Do(SearchAction::Leave));
    }

    #[test]
    fn nothing_found_is_no_proof_before_a_thorough_search_at_the_end() {
        for found in [Found::Nothing, Found::Unreadable] {
            let early = SearchFacts { found, ..FIRST };
            assert_eq!(decide_search(&early), Step::LookAgain(Wait::Patient));
            let late = SearchFacts { is_window_open: false, ..early };
            assert_eq!(decide_search(&late), Step::Do(SearchAction::SearchThoroughly));
        }
        let thorough = |found| decide_search(&SearchFacts { found, depth: Depth::Thorough, ..FIRST });
        assert_eq!(thorough(Found::Nothing), Step::Do(SearchAction::Finish));
        assert_eq!(thorough(Found::Unreadable), Step::Do(SearchAction::Fail));
    }

    #[test]
    fn once_something_was_found_a_search_for_the_rest_ends_at_once() {
        let second = SearchFacts { is_second_search: true, ..FIRST };
        assert_eq!(decide_search(&second), Step::Do(SearchAction::Finish));
    }
}
