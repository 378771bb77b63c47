//! The members that Chime does not add.

use crate::chime::error::{Error, Kind, Result};
use std::collections::BTreeMap;

/// The members that Chime rejects, grouped by reason.
#[derive(Debug, Default)]
pub struct Rejected {
    kind: Option<Kind>,
    by_reason: BTreeMap<String, Vec<String>>,
}

impl Rejected {
    /// Adds a member. All are in the same app instance, so only the part after its ARN is shown.
    pub fn add(&mut self, member: &str, kind: Kind, why: String) {
        self.kind.get_or_insert(kind);
        let short = member.splitn(3, '/').last().unwrap_or_default();
        self.by_reason.entry(why).or_default().push(short.to_owned());
    }

    /// Success if no member was rejected.
    ///
    /// # Errors
    /// One that names every rejected member of `all`, by reason.
    pub fn into_result(self, all: usize) -> Result<()> {
        let Some(kind) = self.kind else { return Ok(()) };
        let count: usize = self.by_reason.values().map(Vec::len).sum();
        let reasons = self
            .by_reason
            .into_iter()
            .map(|(why, members)| format!("{} ({})", members.join(", "), why.trim_end_matches(", ")));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        // A Conflict of one member is not a Conflict of the whole request.
        let kind = if kind == Kind::Conflict { Kind::Invalid } else { kind };
        Err(Error::new(kind, format!("Chime rejected {count} of {all} members: {reasons}"))
            .with_advice("Correct the list, and deploy again"))
    }
}
