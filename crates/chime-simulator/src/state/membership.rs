//! The membership of a user or bot in a channel.

use crate::state::entity::{Stamp, leaf_entity};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Membership {
    pub member_arn: String,
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub preferences: Json,
    #[serde(default)]
    pub invited_by: String,
    #[serde(skip)]
    pub stamp: Stamp,
}

leaf_entity!(Membership by member_arn);
