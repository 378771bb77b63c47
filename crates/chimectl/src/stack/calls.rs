//! Groups Chime calls by the resource that made them. Neither the calls nor the events say which, but MiniStack works on one resource at
//! a time, so that the time of a call decides.

use aws_smithy_types::DateTime;
use chime_simulator::Call;
use cloudformation_local::StackEvent;
use std::time::SystemTime;

/// The group of calls while no resource is in progress: MiniStack shows no events of the cleanup after an update.
const CLEANUP: &str = "(cleanup after the update)";

/// The resource in progress at a time.
fn logical_id(events: &[StackEvent], time: SystemTime) -> Option<&str> {
    let millis = DateTime::from(time).to_millis().unwrap_or_default();
    // A resource makes no call in the millisecond in which it begins, but the one before may have ended in it.
    let last = events.iter().rev().find(|event| sent(event) < millis)?;
    let is_resource = !last.is_of_stack() && last.resource_status.ends_with("_IN_PROGRESS");
    Some(if is_resource { &last.logical_resource_id } else { CLEANUP })
}

/// Groups consecutive calls of the same resource, with its logical id according to the `events` of the deployment, the oldest first.
/// Calls while no resource was in progress belong to the cleanup; calls before the first event, to none. `time` is the time of a call.
pub fn grouped<'a>(
    calls: &'a [Call],
    events: &'a [StackEvent],
    time: impl Fn(&Call) -> SystemTime,
) -> Vec<(Option<&'a str>, Vec<&'a Call>)> {
    let mut groups: Vec<(Option<&str>, Vec<&Call>)> = Vec::new();
    for call in calls {
        let of = logical_id(events, time(call));
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
            logical_resource_id: logical_id.to_owned(),
            physical_resource_id: String::new(),
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
        let time = |call: &Call| UNIX_EPOCH + Duration::from_secs(1) + call.at;
        let groups = grouped(&calls, &events, time);
        let told: Vec<_> = groups.iter().map(|(of, calls)| (of.unwrap(), calls.len())).collect();
        assert_eq!(told, [("A", 2), ("B", 1), (CLEANUP, 2)]);
        assert_eq!(grouped(&calls, &[], time).len(), 1);
    }
}
