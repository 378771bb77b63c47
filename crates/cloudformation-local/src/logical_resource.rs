//! The events of a resource in a stack, as CloudFormation sends them.

use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// The default stack of the events.
pub const STACK_ID: &str =
    "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/5f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f";

static REQUESTS: AtomicU32 = AtomicU32::new(1);

/// A resource in a stack's template.
#[derive(Debug, Clone)]
pub struct LogicalResource {
    /// `Custom::…` or `AWS::CloudFormation::CustomResource`.
    pub resource_type: String,
    /// Its logical id in the template.
    pub logical_id: String,
    /// The id of its stack.
    pub stack_id: String,
}

impl LogicalResource {
    /// The resource `Resource` of the stack `chat`.
    pub fn new(resource_type: &str) -> Self {
        Self {
            resource_type: resource_type.to_owned(),
            logical_id: "Resource".to_owned(),
            stack_id: STACK_ID.to_owned(),
        }
    }

    /// The same with another logical id.
    #[must_use]
    pub fn renamed(&self, logical_id: &str) -> Self {
        Self { logical_id: logical_id.to_owned(), ..self.clone() }
    }

    /// The same in another stack.
    #[must_use]
    pub fn of_stack(&self, stack_id: &str) -> Self {
        Self { stack_id: stack_id.to_owned(), ..self.clone() }
    }

    /// A physical id as CloudFormation makes one up for a create that it stopped waiting for: `<stack name>-<logical id>-1A2B3C4D5E6F`.
    pub fn placeholder_id(&self) -> String {
        let stack_name = self.stack_id.split('/').nth(1).unwrap_or_default();
        format!("{stack_name}-{}-1A2B3C4D5E6F", self.logical_id)
    }

    /// A Create. Each event is a new request; send the same event again for a duplicate.
    pub fn create(&self, properties: &Json) -> Json {
        self.event("Create", properties)
    }

    /// An Update.
    pub fn update(&self, id: &str, old: &Json, new: &Json) -> Json {
        let mut event = self.event("Update", new);
        event["PhysicalResourceId"] = json!(id);
        event["OldResourceProperties"] = with_service_token(old);
        event
    }

    /// A Delete.
    pub fn delete(&self, id: &str, properties: &Json) -> Json {
        let mut event = self.event("Delete", properties);
        event["PhysicalResourceId"] = json!(id);
        event
    }

    fn event(&self, request_type: &str, properties: &Json) -> Json {
        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        json!({
            "RequestType": request_type,
            "RequestId": format!("00000000-0000-4000-8000-{number:012}"),
            "ResponseURL": "",
            "StackId": self.stack_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.resource_type,
            "ResourceProperties": with_service_token(properties),
        })
    }
}

fn with_service_token(properties: &Json) -> Json {
    let mut properties = properties.clone();
    if let Some(properties) = properties.as_object_mut() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:function";
        properties.insert("ServiceToken".to_owned(), json!(arn));
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_may_have_another_name_and_another_stack() {
        let resource = LogicalResource::new("Custom::Thing");
        assert_eq!(resource.placeholder_id(), "chat-Resource-1A2B3C4D5E6F");
        let stack_id = "arn:aws:cloudformation:eu-central-1:210987654321:stack/other/1";
        let other = resource.renamed("Instance").of_stack(stack_id);
        assert_eq!(other.placeholder_id(), "other-Instance-1A2B3C4D5E6F");
        let event = other.create(&json!({}));
        assert_eq!((&event["StackId"], &event["LogicalResourceId"]), (&json!(stack_id), &json!("Instance")));
        assert_eq!(event["ResourceType"], "Custom::Thing");
    }
}
