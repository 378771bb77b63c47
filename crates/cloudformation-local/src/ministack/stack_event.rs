//! An event of a stack.

use aws_sdk_cloudformation::types;
use aws_smithy_types::DateTime;

/// The type of a stack in its own events.
const STACK: &str = "AWS::CloudFormation::Stack";

/// Failures that a rollback follows.
const PASSING: [&str; 2] = ["CREATE_FAILED", "UPDATE_FAILED"];

/// An event of a stack, in CloudFormation's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackEvent {
    /// Its own id.
    pub event_id: String,
    /// The id of its stack: the one that was asked about, or one nested in it.
    pub stack_id: String,
    /// The logical ids of the nested stacks that lead to its stack, from the outside; empty for the stack that was asked about.
    pub nested_in: Vec<String>,
    /// The resource's logical id; the stack's name in an event of the stack itself.
    pub logical_resource_id: String,
    /// Empty if there is none yet.
    pub physical_resource_id: String,
    /// Such as `Custom::Thing`.
    pub resource_type: String,
    /// Such as `CREATE_IN_PROGRESS`.
    pub resource_status: String,
    /// Empty if there is none.
    pub resource_status_reason: String,
    /// When it happened.
    pub timestamp: DateTime,
}

impl StackEvent {
    /// Whether it is about its stack itself, not about a resource.
    pub fn is_of_stack(&self) -> bool {
        self.resource_type == STACK && self.physical_resource_id == self.stack_id
    }

    /// Whether it is about a nested stack, as a resource of the stack around it.
    pub fn is_of_nested_stack(&self) -> bool {
        self.resource_type == STACK && !self.is_of_stack()
    }

    /// Whether an operation on its resource has ended, well or not.
    pub(crate) fn is_end(&self) -> bool {
        !self.resource_status.ends_with("_IN_PROGRESS")
    }

    /// The logical id, after those of the nested stacks that it is in: `Nested/User`.
    pub fn path(&self) -> String {
        let nested = self.nested_in.iter().map(String::as_str);
        nested.chain([&*self.logical_resource_id]).collect::<Vec<_>>().join("/")
    }

    /// Whether it reports a failure.
    pub fn is_failure(&self) -> bool {
        self.resource_status.ends_with("_FAILED")
    }

    /// Whether it is the last event of an operation on the stack that was asked about.
    pub(crate) fn is_last(&self) -> bool {
        let status = &*self.resource_status;
        if !self.nested_in.is_empty() {
            return false;
        }
        // A create, as in AWS, has no event of the stack between CREATE_IN_PROGRESS and the rollback.
        self.is_of_stack() && (status.ends_with("_COMPLETE") || self.is_failure() && !PASSING.contains(&status))
    }
}

impl From<types::StackEvent> for StackEvent {
    fn from(event: types::StackEvent) -> Self {
        Self {
            event_id: event.event_id.unwrap_or_default(),
            stack_id: event.stack_id.unwrap_or_default(),
            nested_in: Vec::new(),
            logical_resource_id: event.logical_resource_id.unwrap_or_default(),
            physical_resource_id: event.physical_resource_id.unwrap_or_default(),
            resource_type: event.resource_type.unwrap_or_default(),
            resource_status: event.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            resource_status_reason: event.resource_status_reason.unwrap_or_default(),
            timestamp: event.timestamp.unwrap_or(DateTime::from_secs(0)),
        }
    }
}
