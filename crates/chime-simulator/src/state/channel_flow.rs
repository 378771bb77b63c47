//! A channel flow.

use crate::state::entity::{Stamp, leaf_entity};
use crate::state::tag::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ChannelFlow {
    pub channel_flow_arn: String,
    pub name: String,
    pub processors: Vec<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

leaf_entity!(ChannelFlow by channel_flow_arn);

impl ChannelFlow {
    /// Its entry in a List.
    pub fn summary(&self) -> Json {
        json!({
            "ChannelFlowArn": self.channel_flow_arn,
            "Name": self.name,
            "Processors": self.processors,
        })
    }
}
