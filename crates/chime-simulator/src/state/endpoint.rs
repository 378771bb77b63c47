//! An endpoint of a user, for push notifications.

use crate::state::entity::{Stamp, leaf_entity};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub endpoint_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(rename = "Type")]
    pub kind: String,
    pub resource_arn: String,
    pub endpoint_attributes: Json,
    pub allow_messages: String,
    #[serde(skip)]
    pub stamp: Stamp,
}

leaf_entity!(Endpoint by endpoint_id);

impl Endpoint {
    /// Its entry in a List.
    pub fn summary(&self, user: &str) -> Json {
        json!({
            "AppInstanceUserArn": user,
            "EndpointId": self.endpoint_id,
            "Name": self.name,
            "Type": self.kind,
            "AllowMessages": self.allow_messages,
            "EndpointState": {"Status": "ACTIVE"},
        })
    }
}
