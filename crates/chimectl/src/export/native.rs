//! AWS's own types in an export, and the file that CloudFormation imports them by.

use crate::export::template::{Resource, Template};
use serde_json::{Value as Json, json};

/// Whether AWS's own types are used where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// Nowhere.
    Never,
    /// For app instances, users, bots and channel flows. Channels have a type in us-east-1 alone.
    Preferred {
        /// Whether channels have one.
        channels: bool,
    },
}

impl Native {
    /// AWS's types in a region.
    pub fn in_region(region: &str) -> Self {
        Self::Preferred { channels: region == "us-east-1" }
    }

    /// AWS's type for a resource, if there is one.
    pub fn type_of(self, resource: &Resource) -> Option<String> {
        let Self::Preferred { channels } = self else { return None };
        let has_one = match resource.type_name {
            "ChimeAppInstance" | "ChimeAppInstanceUser" | "ChimeAppInstanceBot" | "ChimeChannelFlow" => true,
            "ChimeChannel" => channels,
            _ => false,
        };
        has_one.then(|| format!("AWS::Chime::{}", resource.type_name.trim_start_matches("Chime")))
    }

    /// What gives the ARN of a resource, if its `Ref` does not: the `Ref` of AWS's channels has the bearer in it.
    pub fn reference(self, resource: &Resource) -> Option<Json> {
        let is_channel = resource.type_name == "ChimeChannel";
        self.type_of(resource).filter(|_| is_channel).map(|_| json!({"Fn::GetAtt": [resource.logical_id, "Arn"]}))
    }

    /// The resources to import, in the form of `aws cloudformation create-change-set --resources-to-import`.
    pub fn resources_to_import(self, template: &Template) -> Json {
        let resources = template.resources.iter().filter_map(|resource| {
            let resource_type = self.type_of(resource)?;
            let identifier = match resource.type_name {
                "ChimeAppInstance" => json!({"AppInstanceArn": resource.physical_id}),
                "ChimeAppInstanceUser" => json!({"AppInstanceUserArn": resource.physical_id}),
                "ChimeAppInstanceBot" => json!({"AppInstanceBotArn": resource.physical_id}),
                "ChimeChannelFlow" => json!({"Arn": resource.physical_id}),
                _ => json!({"Arn": resource.physical_id, "ChimeBearer": resource.properties.get("ChimeBearer")}),
            };
            Some(json!({
                "ResourceType": resource_type,
                "LogicalResourceId": resource.logical_id,
                "ResourceIdentifier": identifier,
            }))
        });
        resources.collect()
    }
}
