//! The ids of memberships, moderators and bans. No tag can record whether one of these existed before the stack, so its id does.

use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, InvalidId};
use crate::resource::PhysicalId;
use crate::resource::ownership::{FOUND, Standing, without_found};
use crate::resource::relations::RelationId;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// The id of an untracked resource, with its standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntrackedId<Id> {
    id: Id,
    standing: Standing,
}

impl<Id> UntrackedId<Id> {
    /// The id of a resource that a request creates.
    pub fn made(id: Id) -> Self {
        Self { id, standing: Standing::Made }
    }
}

impl<Id> Deref for UntrackedId<Id> {
    type Target = Id;

    fn deref(&self) -> &Id {
        &self.id
    }
}

impl<Id: fmt::Display> fmt::Display for UntrackedId<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)?;
        f.write_str(if self.standing == Standing::Found { FOUND } else { "" })
    }
}

impl<Id: FromStr<Err = InvalidId>> FromStr for UntrackedId<Id> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // A user's id may be `found`.
        if let Ok(id) = text.parse() {
            return Ok(Self::made(id));
        }
        let id = without_found(text).ok_or(InvalidId)?.parse()?;
        Ok(Self { id, standing: Standing::Found })
    }
}

impl<Id: PhysicalId + FromStr<Err = InvalidId>> PhysicalId for UntrackedId<Id> {
    fn property(&self, name: &str) -> Option<String> {
        self.id.property(name)
    }

    fn parent(&self) -> String {
        self.id.parent()
    }

    fn standing(&self) -> Standing {
        self.standing
    }

    fn with_standing(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }
}

impl<Id: RelationId> RelationId for UntrackedId<Id> {
    fn of(channel: ChannelArn, member: AppInstanceMemberArn) -> Self {
        Self::made(Id::of(channel, member))
    }

    fn member(&self) -> &AppInstanceMemberArn {
        self.id.member()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_whether_the_resource_existed_before() {
        let user = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/found";
        let made: UntrackedId<AppInstanceMemberArn> = user.parse().expect("an id");
        assert_eq!((made.to_string().as_str(), made.as_str()), (user, user));
        let parsed: UntrackedId<AppInstanceMemberArn> = format!("{user}{FOUND}").parse().expect("an id");
        assert_eq!((parsed.to_string(), parsed.as_str()), (format!("{user}/found"), user));
        assert_ne!(made, parsed);
        assert!(format!("{user}/other").parse::<UntrackedId<AppInstanceMemberArn>>().is_err());
    }
}
