//! What stacks leave behind on purpose, by a DeletionPolicy or an UpdateReplacePolicy, and what they leave behind otherwise.

use crate::stack::presence::{arn_in, entities};
use cloudformation_local::StackEvent;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What CloudFormation did not delete, because a policy says so.
#[derive(Debug, Default)]
pub struct Kept {
    ids: BTreeSet<String>,
}

impl Kept {
    /// What was there before the run is nobody's to delete.
    pub fn there_before(holds: &Json) -> Self {
        Self { ids: entities(holds).into_iter().map(str::to_owned).collect() }
    }

    /// Adds what the events of an operation say was skipped. Returns a line for each of Chime's.
    pub fn learn(&mut self, events: &[StackEvent]) -> Vec<String> {
        let mut lines = Vec::new();
        for event in events.iter().filter(|event| event.resource_status == "DELETE_SKIPPED") {
            let id = arn_in(&event.physical_resource_id);
            if id.starts_with("arn:aws:chime:") {
                lines.push(format!("{:<20} {:<46} {id}", event.path(), event.resource_type));
                self.ids.insert(id.to_owned());
            }
        }
        lines
    }

    /// The entities in Chime, with these contents, that nothing has kept.
    pub fn leftovers<'a>(&self, holds: &'a Json) -> Vec<&'a str> {
        entities(holds).into_iter().filter(|arn| !self.ids.contains(*arn)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;
    use serde_json::json;

    const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn event(status: &str, physical_id: &str) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            stack_id: "stack".to_owned(),
            nested_in: Vec::new(),
            logical_resource_id: "It".to_owned(),
            physical_resource_id: physical_id.to_owned(),
            resource_type: "Custom::ChimeAppInstance".to_owned(),
            resource_status: status.to_owned(),
            resource_status_reason: String::new(),
            timestamp: DateTime::from_secs(0),
        }
    }

    #[test]
    fn what_a_policy_keeps_is_no_leftover_and_what_it_holds_is_one_unless_it_is_kept_too() {
        let user = format!("{A}/user/u");
        let holds = json!([{"AppInstanceArn": A, "Users": [{"AppInstanceUserArn": user}]}]);
        let mut kept = Kept::default();
        assert_eq!(kept.leftovers(&holds).len(), 2);
        let lines = kept.learn(&[
            event("DELETE_SKIPPED", A),
            event("DELETE_COMPLETE", &user),
            event("DELETE_SKIPPED", "arn:aws:s3:::b"),
        ]);
        assert_eq!((lines.len(), kept.leftovers(&holds)), (1, vec![&*user]));
        assert_eq!(Kept::there_before(&holds).leftovers(&holds), [""; 0]);
    }

    #[test]
    fn the_bearer_in_the_id_of_awss_own_channel_type_is_no_part_of_its_arn() {
        let channel = format!("{A}/channel/c");
        let holds = json!([{"ChannelArn": channel}]);
        let mut kept = Kept::default();
        kept.learn(&[event("DELETE_SKIPPED", &format!("{channel}|{A}/user/u"))]);
        assert_eq!(kept.leftovers(&holds), [""; 0]);
    }
}
