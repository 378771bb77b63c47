//! Ownership of Chime resources, as seen from one logical resource.
//!
//! [`owner`] records it in tags and reads it from them, [`tags`] makes the tag calls, and [`store`] combines the two.

pub mod owner;
pub mod store;
pub mod tags;

use crate::request::cause::Cause;
use crate::request::logical_id::LogicalId;

/// Where the owner of a resource is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// In the resource's own tags. The call that creates it sets them, or an adoption adds them.
    Tags,
    /// In a mark: a tag with this key on the parent of the setting.
    ParentTag(&'static str),
    /// Nowhere, because there are too many of them for marks. Only Chime's creation time and creator are available.
    Untracked,
}

/// Who owns a resource, as seen from one logical resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// This logical resource.
    Ours {
        /// The request that created it or took it over. Its id is shortened if the note has no room for the full id.
        cause: Cause,
        /// The state of a handover to this logical resource.
        handover: Handover,
        /// Whether it existed before the stack.
        standing: Standing,
    },
    /// Another logical id in the same stack.
    SameStack {
        /// That logical id. Shortened if the mark has no room for the full id.
        owner: LogicalId,
        /// The request that created it or took it over.
        cause: Cause,
        /// The state of a handover to that logical id.
        handover: Handover,
        /// Whether it existed before the stack.
        standing: Standing,
    },
    /// Another stack.
    Foreign {
        /// The stack's id or name.
        stack: String,
        /// The logical id in that stack. Shortened if the mark has no room for the full id.
        logical_id: LogicalId,
    },
    /// No owner is recorded.
    Unowned,
}

/// An owner in another stack, as messages name it. A damaged mark may have no logical id.
pub fn owner_name(stack: &str, logical_id: &LogicalId) -> String {
    match logical_id.as_str() {
        "" => stack.to_owned(),
        logical_id => format!("{logical_id} of {stack}"),
    }
}

/// The state of a handover between two logical ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// There is no handover.
    None,
    /// The resource came from this logical id in the same stack, whose Delete is still to come. This is a rename.
    From(LogicalId),
    /// The resource was returned to this owner, and the handover tag has not been removed yet.
    GivenBack,
    /// An Update created the resource, or went on with it, in place of an id that CloudFormation made up or that says that the outcome is
    /// unknown. The cleanup's Delete of that id must leave the resource alone.
    Placeholder,
}

/// Whether a resource existed before the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A request created it, or it was adopted.
    Made,
    /// It existed and was as stated, so its Delete leaves it alone. Only marks and the ids of memberships, moderators and bans record this.
    Found,
}

/// Suffix of the id of a membership, moderator or ban with [`Standing::Found`]. Only the ARN of a user with the id `found` ends in the
/// same way.
pub const FOUND: &str = "/found";

/// The `id` of a resource that existed before the stack, without [`FOUND`]. What is left of the ARN of a user `found` names no user.
pub fn without_found(id: &str) -> Option<&str> {
    id.strip_suffix(FOUND)
}

impl Ownership {
    /// Whether a handover is in progress, or finished but not recorded as such.
    pub fn is_being_handed_over(&self) -> bool {
        match self {
            Self::Ours { handover, .. } | Self::SameStack { handover, .. } => *handover != Handover::None,
            Self::Foreign { .. } | Self::Unowned => false,
        }
    }
}
