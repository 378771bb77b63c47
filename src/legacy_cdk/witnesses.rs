//! Decides which resource a construct stands for if its properties identify it: a pure function of what is known.

use crate::lifecycle::decide::Step;
use crate::request::request_id::RequestId;

/// What is known about a construct whose properties identify the resource. `None` means that it has not been checked
/// yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnesses {
    /// The current request.
    pub request: RequestId,
    /// The ids that the properties identify: by the old properties, then by the new ones if they differ.
    pub named: Vec<String>,
    /// What the library recorded.
    pub recorded: Option<Recorded>,
    /// Whether the recorded resource is free of another stack's ownership.
    pub recorded_is_not_foreign: Option<bool>,
    /// The request through which this logical resource owns the resource that the new properties identify. The inner
    /// `None` means that it does not own it.
    pub new_is_ours: Option<Option<RequestId>>,
    /// Whether it owns the resource that the old properties identify.
    pub old_is_ours: Option<bool>,
    /// What Chime shows of the old and the new resource.
    pub candidate_states: Option<[CandidateState; 2]>,
}

/// What the library recorded about a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The physical id of the recorded resource.
    pub id: String,
    /// Whether this stack's function wrote it.
    pub is_own: bool,
    /// Whether it is in the same app instance as the resource that the properties identify. One in another app instance comes
    /// from another stack with the same construct id, because this stack itself says which app instance a construct is
    /// in.
    pub is_in_same_app_instance: bool,
}

/// What Chime shows of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateState {
    /// It does not exist.
    Gone,
    /// It matches the properties.
    Matches,
    /// It differs from the properties.
    Differs,
}

/// A fact that has to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Who owns the recorded resource?
    RecordedOwner,
    /// Who owns the resource that the new properties identify?
    NewOwner,
    /// Who owns the resource that the old properties identify?
    OldOwner,
    /// What does Chime show of the two?
    CandidateStates,
}

/// The result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It is this resource.
    This(String),
    /// It is one of these two, and it cannot be determined which.
    Ambiguous(String, String),
    /// The properties identify no resource.
    Unidentified,
}

impl Witnesses {
    /// What is known before anything has been checked.
    pub fn new(request: RequestId, named: Vec<String>, recorded: Option<Recorded>) -> Self {
        Self {
            request,
            named,
            recorded,
            recorded_is_not_foreign: None,
            new_is_ours: None,
            old_is_ours: None,
            candidate_states: None,
        }
    }
}

/// Decides which resource a construct stands for.
pub fn decide(witnesses: &Witnesses) -> Step<Question, Resolution> {
    let this = |id: &String| Step::Do(Resolution::This(id.clone()));
    if let Some(recorded) = &witnesses.recorded {
        if witnesses.named.contains(&recorded.id) {
            return this(&recorded.id);
        }
        // The library's updates change nothing, so an update to another resource never happened. If the recorded
        // resource is gone, the library has not created another one.
        if recorded.is_own && recorded.is_in_same_app_instance {
            match witnesses.recorded_is_not_foreign {
                None => return Step::Ask(Question::RecordedOwner),
                Some(true) => return this(&recorded.id),
                Some(false) => {}
            }
        }
    }
    let [old, new] = witnesses.named.as_slice() else {
        return witnesses.named.first().map_or(Step::Do(Resolution::Unidentified), this);
    };
    match (&witnesses.new_is_ours, witnesses.old_is_ours, witnesses.candidate_states) {
        (None, ..) => Step::Ask(Question::NewOwner),
        // An earlier delivery of this same request created the new resource, so it is the replacement of the old one.
        (Some(Some(cause)), ..) if witnesses.request.is_noted_as(cause) => this(old),
        (Some(Some(_)), ..) => this(new),
        (Some(None), None, _) => Step::Ask(Question::OldOwner),
        (Some(None), Some(true), _) => this(old),
        (Some(None), Some(false), None) => Step::Ask(Question::CandidateStates),
        (_, _, Some([CandidateState::Matches, CandidateState::Gone | CandidateState::Differs])) => this(old),
        (_, _, Some([CandidateState::Gone | CandidateState::Differs, CandidateState::Matches])) => this(new),
        (_, _, Some([CandidateState::Gone, _])) => this(old),
        (_, _, Some(_)) => Step::Do(Resolution::Ambiguous(old.clone(), new.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witnesses(named: &[&str]) -> Witnesses {
        Witnesses::new(RequestId::new("request"), named.iter().map(|id| (*id).to_owned()).collect(), None)
    }

    fn recorded(id: &str) -> Option<Recorded> {
        Some(Recorded { id: id.to_owned(), is_own: true, is_in_same_app_instance: true })
    }

    fn this(id: &str) -> Step<Question, Resolution> {
        Step::Do(Resolution::This(id.to_owned()))
    }

    #[test]
    fn a_single_id_from_the_properties_is_used() {
        assert_eq!(decide(&witnesses(&["one"])), this("one"));
        assert_eq!(decide(&witnesses(&[])), Step::Do(Resolution::Unidentified));
    }

    #[test]
    fn the_librarys_record_is_used_unless_it_is_foreign_or_in_another_app_instance() {
        let with = Witnesses { recorded: recorded("recorded"), ..witnesses(&["old"]) };
        assert_eq!(decide(&with), Step::Ask(Question::RecordedOwner));
        assert_eq!(decide(&Witnesses { recorded_is_not_foreign: Some(true), ..with.clone() }), this("recorded"));
        assert_eq!(decide(&Witnesses { recorded_is_not_foreign: Some(false), ..with.clone() }), this("old"));
        let elsewhere = recorded("recorded").map(|recorded| Recorded { is_in_same_app_instance: false, ..recorded });
        assert_eq!(decide(&Witnesses { recorded: elsewhere, ..with }), this("old"));
        assert_eq!(decide(&Witnesses { recorded: recorded("new"), ..witnesses(&["old", "new"]) }), this("new"));
    }

    #[test]
    fn between_two_ids_the_owner_decides_and_then_what_chime_shows() {
        let two = witnesses(&["old", "new"]);
        assert_eq!(decide(&two), Step::Ask(Question::NewOwner));
        let new_is = |cause: &str| Witnesses { new_is_ours: Some(Some(RequestId::new(cause))), ..two.clone() };
        assert_eq!(decide(&new_is("request")), this("old"));
        assert_eq!(decide(&new_is("earlier")), this("new"));
        let neither = Witnesses { new_is_ours: Some(None), ..two };
        assert_eq!(decide(&neither), Step::Ask(Question::OldOwner));
        assert_eq!(decide(&Witnesses { old_is_ours: Some(true), ..neither.clone() }), this("old"));
        let unowned = Witnesses { old_is_ours: Some(false), ..neither };
        assert_eq!(decide(&unowned), Step::Ask(Question::CandidateStates));
        let shows = |old, new| decide(&Witnesses { candidate_states: Some([old, new]), ..unowned.clone() });
        assert_eq!(shows(CandidateState::Matches, CandidateState::Gone), this("old"));
        assert_eq!(shows(CandidateState::Gone, CandidateState::Matches), this("new"));
        assert_eq!(shows(CandidateState::Gone, CandidateState::Gone), this("old"));
        let ambiguous = Step::Do(Resolution::Ambiguous("old".to_owned(), "new".to_owned()));
        assert_eq!(shows(CandidateState::Matches, CandidateState::Matches), ambiguous);
        assert_eq!(shows(CandidateState::Differs, CandidateState::Differs), ambiguous);
    }
}
