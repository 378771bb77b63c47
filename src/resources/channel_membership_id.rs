//! The ids of memberships: of one, and of many that are stated together.

use crate::properties::chime::membership::MembershipType;
use crate::properties::read;
use crate::properties::values::arns::{AppInstanceMemberArn, ChannelArn, NotThatArn};
use crate::resource::PhysicalId;
use crate::resource::ids::relation;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

relation! {
    /// The path of a membership.
    pub struct MembershipId {
        channel: ChannelArn => "ChannelArn",
        "/memberships/",
        member: AppInstanceMemberArn => "MemberArn",
    }
}

/// The id of a membership, or of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelMembershipId {
    /// Of a MemberArn.
    One(MembershipId),
    /// Of MemberArns.
    Many(ChannelMembershipsId),
}

impl fmt::Display for ChannelMembershipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(id) => id.fmt(f),
            Self::Many(id) => id.fmt(f),
        }
    }
}

impl FromStr for ChannelMembershipId {
    type Err = NotThatArn;

    fn from_str(text: &str) -> Result<Self, NotThatArn> {
        text.parse().map(Self::One).or_else(|_| text.parse().map(Self::Many))
    }
}

impl PhysicalId for ChannelMembershipId {
    fn property(&self, name: &str) -> Option<String> {
        match self {
            Self::One(id) => id.property(name),
            Self::Many(id) => id.property(name),
        }
    }

    fn parent(&self) -> String {
        match self {
            Self::One(id) => id.parent(),
            Self::Many(id) => id.parent(),
        }
    }

    fn is_many(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    /// What is removed in the end must not be what has been added before.
    fn is_in_the_way_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(one), Self::One(other)) => one == other,
            _ => self.parent() == other.parent(),
        }
    }
}

/// The id of memberships that are stated together: their channel, their Type, and when the request that made them was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelMembershipsId {
    pub channel: ChannelArn,
    pub kind: MembershipType,
    /// `None` where nobody knows: of a create that was not waited for.
    pub since: Option<SystemTime>,
}

impl fmt::Display for ChannelMembershipsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/memberships/{}", self.channel, self.kind.as_str())?;
        let since = self.since.and_then(|since| since.duration_since(UNIX_EPOCH).ok());
        since.map_or(Ok(()), |since| write!(f, "/{}", since.as_secs()))
    }
}

impl FromStr for ChannelMembershipsId {
    type Err = NotThatArn;

    fn from_str(text: &str) -> Result<Self, NotThatArn> {
        let (channel, rest) = text.split_once("/memberships/").ok_or(NotThatArn)?;
        let (kind, since) = rest.split_once('/').map_or((rest, None), |(kind, since)| (kind, Some(since)));
        let kind = read(&kind.into()).map_err(|_| NotThatArn)?;
        let since = since.map(|since| since.parse().map(Duration::from_secs)).transpose().map_err(|_| NotThatArn)?;
        let since = since.map(|since| UNIX_EPOCH.checked_add(since).ok_or(NotThatArn)).transpose()?;
        Ok(Self { channel: channel.parse()?, kind, since })
    }
}

impl PhysicalId for ChannelMembershipsId {
    fn property(&self, name: &str) -> Option<String> {
        match name {
            "ChannelArn" => Some(self.channel.to_string()),
            "Type" => Some(self.kind.as_str().to_owned()),
            // It is none of one member.
            "MemberArn" => Some(String::new()),
            _ => None,
        }
    }

    fn parent(&self) -> String {
        self.channel.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_path_of_the_membership() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let text = format!("{app}/channel/c/memberships/{app}/user/u");
        let id: ChannelMembershipId = text.parse().expect("an id");
        assert_eq!(id.to_string(), text);
        assert_eq!(id.parent(), format!("{app}/channel/c"));
        assert!(format!("{app}/channel/c/moderators/{app}/user/u").parse::<ChannelMembershipId>().is_err());
    }

    #[test]
    fn the_id_says_the_channel_the_type_and_since_when() {
        let channel = "arn:aws:chime:us-east-1:123456789012:app-instance/a/channel/c";
        for (text, seconds) in [("DEFAULT/1795600000", Some(1_795_600_000)), ("HIDDEN", None)] {
            let text = format!("{channel}/memberships/{text}");
            let id: ChannelMembershipsId = text.parse().expect("an id");
            assert_eq!((id.to_string(), id.parent()), (text, channel.to_owned()));
            assert_eq!(id.since, seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds)));
        }
        for wrong in ["", "OTHER", "DEFAULT/", "DEFAULT/x", "DEFAULT/99999999999999999999", "HIDDEN/1/2"] {
            assert!(format!("{channel}/memberships/{wrong}").parse::<ChannelMembershipsId>().is_err(), "{wrong}");
        }
    }
}
