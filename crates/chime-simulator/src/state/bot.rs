//! An app instance bot.

use crate::state::entity::{Stamp, leaf_entity};
use crate::state::tag::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Bot {
    pub app_instance_bot_arn: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    pub configuration: Json,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

leaf_entity!(Bot by app_instance_bot_arn);

impl Bot {
    /// Its entry in a List.
    pub fn summary(&self) -> Json {
        json!({
            "AppInstanceBotArn": self.app_instance_bot_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }
}
