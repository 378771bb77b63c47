//! An app instance user.

use crate::state::endpoint::Endpoint;
use crate::state::entity::{Entity, Stamp, grow_older, keep_times};
use crate::state::tag::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct User {
    pub app_instance_user_arn: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub expiration_settings: Json,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl Entity for User {
    fn id(&self) -> &str {
        &self.app_instance_user_arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.endpoints, &former.endpoints);
    }

    fn grow_older(&mut self, seconds: f64) {
        grow_older(&mut self.endpoints, seconds);
    }
}

impl User {
    /// Its entry in a List.
    pub fn summary(&self) -> Json {
        json!({
            "AppInstanceUserArn": self.app_instance_user_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }
}
