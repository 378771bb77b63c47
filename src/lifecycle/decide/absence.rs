//! Decides whether a resource is gone.
//!
//! A resource is gone if Chime answers 404, or refuses and the parent's List lacks it, and both still hold some seconds later: a
//! resource that was created a moment ago may be invisible. If its parent is gone, the resource is gone at once.

use crate::chime::error::Kind;
use crate::lifecycle::decide::{OpenWindows, Wait};

/// How Chime refused to show or to delete the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 404: it does not exist.
    NotFound,
    /// 403: access is forbidden, or the resource or its app instance is missing.
    Forbidden,
    /// Any other refusal that Chime also gives for missing resources.
    Other,
}

impl Refusal {
    /// The refusal behind an error of this kind. The error has to be one that could mean "not found".
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::NotFound => Self::NotFound,
            Kind::Forbidden => Self::Forbidden,
            _ => Self::Other,
        }
    }
}

/// What the List of the parent shows after a refusal. After a 404 the List is not called, and the resource counts as lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It holds the resource.
    Holds,
    /// It lacks the resource.
    Lacks,
    /// The parent is gone, and everything in it.
    ParentGone,
    /// Chime refuses the List as well. The parent may be in the middle of its own deletion.
    Refused,
}

/// The facts of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsenceFacts {
    /// How Chime refused.
    pub refusal: Refusal,
    /// What the List shows.
    pub listing: Listing,
    /// Whether every check for some seconds has found the resource absent.
    pub is_lasting: bool,
    /// Whether the resource was seen a moment ago. A List that lacks it may then be stale.
    pub was_seen: bool,
    /// Which waits have time left.
    pub windows: OpenWindows,
}

/// Whether a resource is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It is gone.
    Confirmed,
    /// It seems gone: check again before relying on it.
    Unconfirmed,
    /// It cannot be told yet: check again.
    LookAgain(Wait),
    /// It exists, and time is up: the refusal stands.
    StillThere,
}

/// Decides whether a resource is gone.
pub fn decide_absence(facts: &AbsenceFacts) -> Absence {
    let wait = |wait: Wait, is_open: bool| if is_open { Absence::LookAgain(wait) } else { Absence::StillThere };
    match (facts.listing, facts.refusal) {
        (Listing::Lacks, refusal) if facts.was_seen && refusal != Refusal::NotFound && facts.windows.consistency => {
            Absence::LookAgain(Wait::Consistency)
        }
        (Listing::ParentGone, _) => Absence::Confirmed,
        (Listing::Lacks, _) if facts.is_lasting => Absence::Confirmed,
        (Listing::Lacks, _) => Absence::Unconfirmed,
        // Its app instance may be in the middle of its own deletion: it is still listed, but shows nothing of its contents.
        (Listing::Holds, Refusal::Forbidden) | (Listing::Refused, _) => wait(Wait::Patient, facts.windows.patient),
        (Listing::Holds, _) => wait(Wait::Consistency, facts.windows.consistency),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{BOTH, windows};

    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };

    fn facts(refusal: Refusal, listing: Listing) -> AbsenceFacts {
        AbsenceFacts { refusal, listing, is_lasting: false, was_seen: false, windows: OPEN }
    }

    #[test]
    fn a_resource_that_stays_absent_for_some_seconds_is_gone() {
        for refusal in [Refusal::NotFound, Refusal::Forbidden, Refusal::Other] {
            let once = facts(refusal, Listing::Lacks);
            assert_eq!(decide_absence(&once), Absence::Unconfirmed);
            assert_eq!(decide_absence(&AbsenceFacts { is_lasting: true, ..once }), Absence::Confirmed);
        }
    }

    #[test]
    fn a_resource_is_gone_with_its_parent() {
        assert_eq!(decide_absence(&facts(Refusal::Forbidden, Listing::ParentGone)), Absence::Confirmed);
    }

    #[test]
    fn a_list_that_lacks_a_resource_seen_a_moment_ago_may_be_stale() {
        let seen = AbsenceFacts { was_seen: true, is_lasting: true, ..facts(Refusal::Other, Listing::Lacks) };
        assert_eq!(decide_absence(&seen), Absence::LookAgain(Wait::Consistency));
        assert_eq!(decide_absence(&AbsenceFacts { refusal: Refusal::NotFound, ..seen }), Absence::Confirmed);
        let closed = OpenWindows { consistency: false, patient: true };
        assert_eq!(decide_absence(&AbsenceFacts { windows: closed, ..seen }), Absence::Confirmed);
    }

    #[test]
    fn a_listed_resource_exists_once_the_list_has_had_time_to_catch_up() {
        let listed = facts(Refusal::Other, Listing::Holds);
        assert_eq!(decide_absence(&listed), Absence::LookAgain(Wait::Consistency));
        let closed = OpenWindows { consistency: false, patient: false };
        assert_eq!(decide_absence(&AbsenceFacts { windows: closed, ..listed }), Absence::StillThere);
    }

    #[test]
    fn a_forbidden_resource_may_be_in_an_app_instance_that_is_being_deleted() {
        for facts in [facts(Refusal::Forbidden, Listing::Holds), facts(Refusal::Other, Listing::Refused)] {
            assert_eq!(decide_absence(&facts), Absence::LookAgain(Wait::Patient));
        }
    }

    /// Every combination of facts.
    pub fn every() -> Vec<AbsenceFacts> {
        let mut every = Vec::new();
        for refusal in [Refusal::NotFound, Refusal::Forbidden, Refusal::Other] {
            for listing in [Listing::Holds, Listing::Lacks, Listing::Refused, Listing::ParentGone] {
                for (is_lasting, was_seen) in BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other))) {
                    every.extend(windows().into_iter().map(|windows| AbsenceFacts {
                        refusal,
                        listing,
                        is_lasting,
                        was_seen,
                        windows,
                    }));
                }
            }
        }
        every
    }

    #[test]
    fn a_resource_is_never_gone_while_it_is_listed_or_after_a_single_check() {
        for facts in every() {
            match decide_absence(&facts) {
                Absence::Confirmed => {
                    let is_absent = facts.listing == Listing::Lacks && facts.is_lasting;
                    assert!(facts.listing == Listing::ParentGone || is_absent, "{facts:?}");
                }
                Absence::LookAgain(Wait::Consistency) => assert!(facts.windows.consistency, "{facts:?}"),
                Absence::LookAgain(Wait::Patient) => assert!(facts.windows.patient, "{facts:?}"),
                Absence::LookAgain(Wait::Confirm) => panic!("an absence to confirm is Unconfirmed: {facts:?}"),
                Absence::Unconfirmed | Absence::StillThere => {}
            }
        }
    }
}
