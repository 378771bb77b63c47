//! The id of a list of memberships.

use crate::properties::chime::membership::MembershipType;
use crate::properties::read;
use crate::properties::values::arns::{ChannelArn, InvalidId};
use crate::resource::PhysicalId;
use crate::resource::prelude::parse_time;
use serde_json::Value as Json;
use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// The id of a list of memberships: their channel, their Type, and when the request that created them was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelMembershipsId {
    /// The channel.
    pub channel: ChannelArn,
    /// Whether the other members see them.
    pub membership_type: MembershipType,
    /// `None` if the time is unknown, because CloudFormation did not wait for the create.
    pub since: Option<SystemTime>,
}

impl fmt::Display for ChannelMembershipsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/memberships/{}", self.channel, self.membership_type.as_str())?;
        let since = self.since.and_then(|since| since.duration_since(UNIX_EPOCH).ok());
        since.map_or(Ok(()), |since| write!(f, "/{}", since.as_secs()))
    }
}

impl FromStr for ChannelMembershipsId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (channel, rest) = text.split_once("/memberships/").ok_or(InvalidId)?;
        let (word, since) = rest.split_once('/').map_or((rest, None), |(word, since)| (word, Some(since)));
        let membership_type = read(&Json::from(word)).map_err(|_| InvalidId)?;
        let since = since.map(|since| parse_time(since).ok_or(InvalidId)).transpose()?;
        Ok(Self { channel: channel.parse()?, membership_type, since })
    }
}

impl PhysicalId for ChannelMembershipsId {
    fn property(&self, name: &str) -> Option<String> {
        match name {
            "ChannelArn" => Some(self.channel.to_string()),
            "Type" => Some(self.membership_type.as_str().to_owned()),
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
    use std::time::Duration;

    #[test]
    fn the_id_contains_the_channel_the_type_and_the_time() {
        let channel = "arn:aws:chime:us-east-1:123456789012:app-instance/a/channel/c".to_owned();
        for (text, seconds) in [("DEFAULT/1795600000", Some(1_795_600_000)), ("HIDDEN", None)] {
            let text = format!("{channel}/memberships/{text}");
            let id: ChannelMembershipsId = text.parse().expect("an id");
            assert_eq!((id.to_string(), id.parent()), (text, channel.clone()));
            assert_eq!(id.since, seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds)));
        }
        for wrong in ["", "OTHER", "DEFAULT/", "DEFAULT/x", "DEFAULT/99999999999999999999", "HIDDEN/1/2"] {
            assert!(format!("{channel}/memberships/{wrong}").parse::<ChannelMembershipsId>().is_err(), "{wrong}");
        }
    }
}
