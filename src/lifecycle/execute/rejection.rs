//! Why a create is rejected, in words: what is there, whose it is, and what to do.

use crate::chime::error::{Error, Kind};
use crate::lifecycle::decide::create::Rejection;
use crate::properties::differences::{Difference, listed};
use crate::resource::ownership::owner::Tracking;

/// What a rejected create has met.
pub struct Rejected<'a> {
    /// Its id; empty where nobody knows it.
    pub id: &'a str,
    /// The ARN whose tags name its owner.
    pub owner_arn: &'a str,
    /// Where the owner is noted.
    pub tracking: Tracking,
    /// How it differs from what is stated, where that was compared.
    pub differences: &'a [Difference],
    /// Chime's own words: the Conflict, or the refusal to show the owner.
    pub refusal: Option<Error>,
}

impl Rejected<'_> {
    /// The error of the create.
    pub fn because(self, rejection: Rejection) -> Error {
        let (id, differences) = (self.id, listed(self.differences));
        let conflict = |what: String| Error::new(Kind::Conflict, what);
        let refusal = self.refusal.unwrap_or_else(|| conflict(format!("{id} already exists")));
        match (rejection, self.tracking) {
            (Rejection::Foreign { stack, logical_id }, Tracking::ParentTag(key)) => {
                conflict(format!("{id} already exists and belongs to another stack: {logical_id} of {stack}")).with_advice(
                    format!(
                        "State it in one stack. If that stack is no more, remove the mark that it left behind: UntagResource of {} \
                         with the key {key}.",
                        self.owner_arn
                    ),
                )
            }
            (Rejection::Foreign { stack, logical_id }, _) => refusal.with_advice(format!(
                "{id} already exists and belongs to another stack: its tags name {logical_id} of {stack}. Choose another id, or \
                 delete it first."
            )),
            (Rejection::Unowned, _) => refusal.with_advice(
                "It already exists, and belongs to another stack or to none, for it bears no tags of this one: choose another id, or \
                 delete it first.",
            ),
            (Rejection::Different(owner), _) => {
                let how = if differences.is_empty() { String::new() } else { format!(": {differences}") };
                conflict(format!(
                    "{id} already exists and belongs to the logical id {owner} of this stack, with other properties{how}"
                ))
                .with_advice("Rename and change in two deployments: first the new logical id alone, then the new properties.")
            }
            (Rejection::Unseen, Tracking::Untracked) if !id.is_empty() => refusal,
            (Rejection::Unseen, _) => refusal.with_advice(
                "Chime says that it exists, or that this very request has been carried out, and does not show what it made: \
                 deploy again.",
            ),
            (Rejection::CannotChange, _) => {
                conflict(format!("{id} exists already, and not as it is stated here: {differences}"))
                    .with_advice("Chime cannot change that: remove it first, or state it as it is.")
            }
            (Rejection::Unreadable, _) => refusal,
        }
    }
}
