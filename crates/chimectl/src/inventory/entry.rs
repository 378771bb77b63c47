//! One thing in Chime, as the inventory shows it.

use crate::ownership::owner::Owner;
use schemars::JsonSchema;
use serde::Serialize;

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// An app instance.
    AppInstance,
    /// The retention settings of an app instance.
    Retention,
    /// The streaming configurations of an app instance.
    Streaming,
    /// An admin.
    Admin,
    /// A user.
    User,
    /// A bot.
    Bot,
    /// A channel flow.
    Flow,
    /// A channel.
    Channel,
    /// The flow of a channel.
    FlowAssociation,
    /// A member of a channel.
    Membership,
    /// A moderator of a channel.
    Moderator,
    /// A user who is banned from a channel.
    Ban,
    /// A mark of a setting that is not set.
    Mark,
    /// A parameter of cdk-amazon-chime-resources.
    Parameter,
}

impl Kind {
    /// Its word in the tree.
    pub fn word(self) -> &'static str {
        match self {
            Self::AppInstance => "app instance",
            Self::Retention => "retention",
            Self::Streaming => "streaming",
            Self::Admin => "admin",
            Self::User => "user",
            Self::Bot => "bot",
            Self::Flow => "channel flow",
            Self::Channel => "channel",
            Self::FlowAssociation => "flow",
            Self::Membership => "member",
            Self::Moderator => "moderator",
            Self::Ban => "ban",
            Self::Mark => "mark",
            Self::Parameter => "parameter",
        }
    }

    /// So many of them, in words: `1 member`, `2 members`.
    pub fn counted(self, count: usize) -> String {
        format!("{count} {}{}", self.word(), if count == 1 { "" } else { "s" })
    }

    /// The resource type, without the leading `Custom::`.
    pub fn type_name(self) -> Option<&'static str> {
        Some(match self {
            Self::AppInstance => "ChimeAppInstance",
            Self::Retention => "ChimeAppInstanceRetentionSettings",
            Self::Streaming => "ChimeMessagingStreamingConfigurations",
            Self::Admin => "ChimeAppInstanceAdmin",
            Self::User => "ChimeAppInstanceUser",
            Self::Bot => "ChimeAppInstanceBot",
            Self::Flow => "ChimeChannelFlow",
            Self::Channel => "ChimeChannel",
            Self::FlowAssociation => "ChimeChannelFlowAssociation",
            Self::Membership => "ChimeChannelMembership",
            Self::Moderator => "ChimeChannelModerator",
            Self::Ban => "ChimeChannelBan",
            Self::Mark | Self::Parameter => return None,
        })
    }

    /// How deep it stands in the tree.
    pub fn depth(self) -> usize {
        match self {
            Self::AppInstance | Self::Parameter => 0,
            Self::FlowAssociation | Self::Membership | Self::Moderator | Self::Ban => 2,
            _ => 1,
        }
    }
}

/// A thing in Chime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its ARN or else its path, as `Ref` returns it; the ARN of what bears a mark; the name of a parameter.
    pub id: String,
    /// Its name, if it has one and the List shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else there is to say: its value, how many members it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The key of a mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// The parameter of cdk-amazon-chime-resources that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Who may act on it: the bearer who could read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
    /// Whose it is.
    pub owner: Owner,
}

impl Entry {
    /// A thing.
    pub fn new(kind: Kind, id: impl Into<String>, owner: Owner) -> Self {
        Self { kind, id: id.into(), name: None, detail: None, mark: None, parameter: None, bearer: None, owner }
    }

    /// The same with a name.
    #[must_use]
    pub fn named(self, name: Option<String>) -> Self {
        Self { name, ..self }
    }

    /// The same with a detail.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// The same with a bearer.
    #[must_use]
    pub fn read_by(self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self }
    }

    /// Its place in what contains it: the last part of an ARN, or the member of a relation.
    pub fn short_id(&self) -> &str {
        match self.kind {
            Kind::Parameter | Kind::AppInstance | Kind::Mark => &self.id,
            Kind::Retention | Kind::Streaming | Kind::FlowAssociation => "",
            _ => self.id.rsplit('/').next().unwrap_or_default(),
        }
    }
}

/// What the walk through an account meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thing.
    Entry(Entry),
    /// Things that were counted and not read one by one.
    Counted {
        /// What they are.
        kind: Kind,
        /// What contains them.
        parent: String,
        /// How many there are.
        count: usize,
    },
    /// What could not be read.
    Unread {
        /// What it is.
        what: String,
        /// Why not.
        why: String,
    },
}
