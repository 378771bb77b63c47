//! A channel, and what its members may do.

use crate::state::association::Association;
use crate::state::entity::{Entity, Stamp, grow_older, keep_times, restore};
use crate::state::membership::Membership;
use crate::state::tag::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Channel {
    pub channel_arn: String,
    pub name: String,
    pub mode: String,
    pub privacy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub elastic_channel_configuration: Json,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub expiration_settings: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_flow_arn: Option<String>,
    #[serde(default)]
    pub created_by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<Membership>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moderators: Vec<Association>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bans: Vec<Association>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

/// What an operation on a channel requires of its bearer. An admin of the app instance may do everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Need {
    /// Membership, or a public channel.
    Read,
    /// Moderation, or membership if the mode is UNRESTRICTED.
    Invite,
    /// Moderation.
    Moderate,
}

impl Entity for Channel {
    fn id(&self) -> &str {
        &self.channel_arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn restore(&mut self, former: &Self) {
        restore(&mut self.memberships, &former.memberships);
        restore(&mut self.moderators, &former.moderators);
        restore(&mut self.bans, &former.bans);
    }

    fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.memberships, &former.memberships);
        keep_times(&mut self.moderators, &former.moderators);
        keep_times(&mut self.bans, &former.bans);
    }

    fn grow_older(&mut self, seconds: f64) {
        grow_older(&mut self.memberships, seconds);
        grow_older(&mut self.moderators, seconds);
        grow_older(&mut self.bans, seconds);
    }
}

impl Channel {
    /// Its entry in a List.
    pub fn summary(&self) -> Json {
        json!({
            "ChannelArn": self.channel_arn,
            "Name": self.name,
            "Mode": self.mode,
            "Privacy": self.privacy,
            "Metadata": self.metadata,
        })
    }

    /// Whether somebody may do this in the channel without being an admin.
    pub fn allows(&self, bearer: &str, need: Need) -> bool {
        let moderates = self.is_moderator(bearer);
        match need {
            Need::Read => moderates || self.is_member(bearer) || self.privacy == "PUBLIC",
            Need::Invite => moderates || self.is_member(bearer) && self.mode == "UNRESTRICTED",
            Need::Moderate => moderates,
        }
    }

    /// Whether a user or bot is a member.
    pub fn is_member(&self, arn: &str) -> bool {
        self.memberships.iter().any(|membership| membership.member_arn == arn)
    }

    /// Whether a user or bot is a moderator.
    pub fn is_moderator(&self, arn: &str) -> bool {
        self.moderators.iter().any(|moderator| moderator.arn == arn)
    }

    /// Whether a user or bot is banned.
    pub fn is_banned(&self, arn: &str) -> bool {
        self.bans.iter().any(|ban| ban.arn == arn)
    }

    /// Makes `member` a member, unless it is one already.
    pub fn join(&mut self, member: &str, invited_by: &str, kind: &str) {
        if !self.is_member(member) {
            self.memberships.push(Membership {
                member_arn: member.to_owned(),
                kind: kind.to_owned(),
                preferences: Json::Null,
                invited_by: invited_by.to_owned(),
                stamp: Stamp::default(),
            });
        }
    }

    /// Removes a deleted user or bot from all lists.
    pub fn forget(&mut self, arn: &str) {
        self.memberships.retain(|membership| membership.member_arn != arn);
        self.moderators.retain(|moderator| moderator.arn != arn);
        self.bans.retain(|ban| ban.arn != arn);
    }
}
