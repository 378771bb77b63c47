//! Whether a resource is gone.
//!
//! It is if Chime says that it does not exist, or refuses and its parent's List does not hold it; and still says so some seconds later,
//! because what was made a moment ago may only be invisible. In a parent that is gone there is nothing to wait for.

use crate::chime::error::Kind;
use crate::lifecycle::decide::{OpenWindows, Wait};

/// How Chime has refused to show or to delete it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It knows no such thing.
    NotFound,
    /// It may not be touched; or it is missing, or its app instance is.
    Forbidden,
    /// Any other no, which Chime also says of what is missing.
    Other,
}

impl Refusal {
    /// The refusal in an error that could mean that something is missing.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::NotFound => Self::NotFound,
            Kind::Forbidden => Self::Forbidden,
            _ => Self::Other,
        }
    }
}

/// What the List of its parent says, after a refusal. Chime's own 404 needs no second opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It is there.
    Holds,
    /// It is not there.
    Lacks,
    /// Its parent is gone, and all that was in it.
    ParentGone,
    /// Chime refuses the List as well, as if the parent were on its way out.
    Refused,
}

/// What is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsenceFacts {
    /// The refusal.
    pub refusal: Refusal,
    /// The List.
    pub listing: Listing,
    /// Every look for some seconds has found the same absence.
    pub is_lasting: bool,
    /// It was there a moment ago: a List that lacks it lags.
    pub was_seen: bool,
    /// For how long there are further looks.
    pub windows: OpenWindows,
}

/// Whether it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It is.
    Confirmed,
    /// It seems so: look once more.
    Unconfirmed,
    /// Nobody can say yet.
    LookAgain(Wait),
    /// It is there, and time is up: the refusal stands.
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
        // Its app instance may be on its way out: still listed, and nothing in it to be seen any more.
        (Listing::Holds, Refusal::Forbidden) | (Listing::Refused, _) => wait(Wait::Patient, facts.windows.patient),
        (Listing::Holds, _) => wait(Wait::Consistency, facts.windows.consistency),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::decide::testing::{BOTH, windows};

    const OPEN: OpenWindows = OpenWindows { consistency: true, patient: true };

    fn facts(refusal: Refusal, listing: Listing) -> AbsenceFacts {
        AbsenceFacts { refusal, listing, is_lasting: false, was_seen: false, windows: OPEN }
    }

    #[test]
    fn what_is_absent_for_some_seconds_is_gone() {
        for refusal in [Refusal::NotFound, Refusal::Forbidden, Refusal::Other] {
            let once = facts(refusal, Listing::Lacks);
            assert_eq!(decide_absence(&once), Absence::Unconfirmed);
            assert_eq!(decide_absence(&AbsenceFacts { is_lasting: true, ..once }), Absence::Confirmed);
        }
    }

    #[test]
    fn what_was_in_a_parent_that_is_gone_is_gone() {
        assert_eq!(decide_absence(&facts(Refusal::Forbidden, Listing::ParentGone)), Absence::Confirmed);
    }

    #[test]
    fn what_was_seen_a_moment_ago_is_not_gone_because_a_list_lacks_it() {
        let seen = AbsenceFacts { was_seen: true, is_lasting: true, ..facts(Refusal::Other, Listing::Lacks) };
        assert_eq!(decide_absence(&seen), Absence::LookAgain(Wait::Consistency));
        assert_eq!(decide_absence(&AbsenceFacts { refusal: Refusal::NotFound, ..seen }), Absence::Confirmed);
        let closed = OpenWindows { consistency: false, patient: true };
        assert_eq!(decide_absence(&AbsenceFacts { windows: closed, ..seen }), Absence::Confirmed);
    }

    #[test]
    fn what_is_listed_is_there_once_the_list_has_had_its_time() {
        let listed = facts(Refusal::Other, Listing::Holds);
        assert_eq!(decide_absence(&listed), Absence::LookAgain(Wait::Consistency));
        let closed = OpenWindows { consistency: false, patient: false };
        assert_eq!(decide_absence(&AbsenceFacts { windows: closed, ..listed }), Absence::StillThere);
    }

    #[test]
    fn what_is_forbidden_may_be_in_an_app_instance_on_its_way_out() {
        for facts in [facts(Refusal::Forbidden, Listing::Holds), facts(Refusal::Other, Listing::Refused)] {
            assert_eq!(decide_absence(&facts), Absence::LookAgain(Wait::Patient));
        }
    }

    #[test]
    fn nothing_is_gone_that_a_list_holds_or_that_is_absent_for_a_moment_only() {
        for refusal in [Refusal::NotFound, Refusal::Forbidden, Refusal::Other] {
            for listing in [Listing::Holds, Listing::Lacks, Listing::Refused, Listing::ParentGone] {
                for (is_lasting, was_seen) in BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other))) {
                    for windows in windows() {
                        let facts = AbsenceFacts { refusal, listing, is_lasting, was_seen, windows };
                        let absence = decide_absence(&facts);
                        let is_confirmed = absence == Absence::Confirmed;
                        let is_absent = listing == Listing::ParentGone || listing == Listing::Lacks && is_lasting;
                        assert!(!is_confirmed || is_absent, "{facts:?}: {absence:?}");
                        assert!(
                            !matches!(absence, Absence::LookAgain(Wait::Consistency) if !windows.consistency),
                            "{facts:?}"
                        );
                        assert!(!matches!(absence, Absence::LookAgain(Wait::Patient) if !windows.patient), "{facts:?}");
                    }
                }
            }
        }
    }
}
