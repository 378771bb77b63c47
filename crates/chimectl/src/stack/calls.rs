//! Groups Chime calls by the resource that made them. Neither the calls nor the events say which, but MiniStack works on one resource at
//! a time, so that the time of a call decides.

use aws_smithy_types::DateTime;
use chime_simulator::Call;
use cloudformation_local::StackEvent;
use std::time::SystemTime;

/// The group of calls while no resource is in progress: MiniStack shows no events of the cleanup after an update.
const CLEANUP: &str = "(cleanup after the update)";

/// The resource in progress at a time, by its path.
fn path(events: &[&StackEvent], time: SystemTime) -> Option<String> {
    let millis = DateTime::from(time).to_millis().unwrap_or_default();
    // A resource makes no call in the millisecond in which it begins, but the one before may have ended in it.
    let last = events.iter().rev().find(|event| sent(event) < millis)?;
    let is_resource = !last.is_of_stack() && last.resource_status.ends_with("_IN_PROGRESS");
    Some(if is_resource { last.path() } else { CLEANUP.to_owned() })
}

/// Groups consecutive calls of the same resource, with its path according to the `events` of the deployment. Each call has the time at
/// which it came. Calls while no resource was in progress belong to the cleanup; calls before the first event, to none.
pub fn grouped<'a>(calls: &'a [(Call, SystemTime)], events: &[StackEvent]) -> Vec<(Option<String>, Vec<&'a Call>)> {
    let mut events: Vec<&StackEvent> = events.iter().collect();
    // Those of nested stacks are not read in their order.
    events.sort_by_key(|event| sent(event));
    let mut groups: Vec<(Option<String>, Vec<&Call>)> = Vec::new();
    for (call, time) in calls {
        let of = path(&events, *time);
        match groups.last_mut() {
            Some((same, group)) if *same == of => group.push(call),
            _ => groups.push((of, vec![call])),
        }
    }
    groups
}

/// The time of an event, in milliseconds since 1970.
fn sent(event: &StackEvent) -> i64 {
    event.timestamp.to_millis().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, UNIX_EPOCH};

    fn event(resource_type: &str, logical_id: &str, status: &str, millis: i64) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            stack_id: "the stack".to_owned(),
            nested_in: Vec::new(),
            logical_resource_id: logical_id.to_owned(),
            physical_resource_id: if resource_type.ends_with("::Stack") {
                "the stack".to_owned()
            } else {
                String::new()
            },
            resource_type: resource_type.to_owned(),
            resource_status: status.to_owned(),
            resource_status_reason: String::new(),
            timestamp: DateTime::from_millis(1000 + millis),
        }
    }

    fn call(at_ms: u64) -> Call {
        serde_json::from_value(json!({
            "at_ms": at_ms, "service": "identity", "operation": "", "method": "POST", "path": "/", "request_id": "",
            "input": null, "changing": true, "duration_us": 0,
        }))
        .unwrap()
    }

    #[test]
    fn a_call_belongs_to_the_resource_in_progress() {
        let (custom, stack) = ("Custom::ChimeAppInstance", "AWS::CloudFormation::Stack");
        let events = [
            event(stack, "s", "UPDATE_IN_PROGRESS", 0),
            event(custom, "A", "UPDATE_IN_PROGRESS", 1),
            event(custom, "A", "UPDATE_COMPLETE", 10),
            event(custom, "B", "CREATE_IN_PROGRESS", 10),
            event(custom, "B", "CREATE_COMPLETE", 20),
            event(stack, "s", "UPDATE_COMPLETE", 40),
        ];
        let calls = [5, 10, 12, 30, 31].map(call);
        let calls = calls.map(|call| (call.clone(), UNIX_EPOCH + Duration::from_secs(1) + call.at));
        let groups = grouped(&calls, &events);
        let told: Vec<_> = groups.iter().map(|(of, calls)| (of.as_deref().unwrap(), calls.len())).collect();
        assert_eq!(told, [("A", 2), ("B", 1), (CLEANUP, 2)]);
        assert_eq!(grouped(&calls, &[]).len(), 1);
    }
}
