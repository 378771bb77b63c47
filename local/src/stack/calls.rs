//! Which resource made which Chime calls. Neither the calls nor the events say so, but MiniStack makes one resource after the
//! other, so that the time of a call tells.

use chime_local::amz_date;
use chime_local::cloudformation::StackEvent;
use chime_local::simulator::Call;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the calls are of that come when no resource is in progress: MiniStack shows no events of the cleanup after an update.
const CLEANUP: &str = "(cleanup after the update)";

/// The resource in progress at a time.
fn logical_id(events: &[StackEvent], time: SystemTime) -> Option<&str> {
    let time = comparable(time);
    // Nothing is called within the very millisecond in which a resource begins, but the one before it may have ended in it.
    let last = events.iter().rev().find(|event| comparable_text(&event.timestamp) < time)?;
    let is_resource = !last.is_of_stack() && last.resource_status.ends_with("_IN_PROGRESS");
    Some(if is_resource { &last.logical_resource_id } else { CLEANUP })
}

/// The calls that follow one another and are of the same resource, with its logical id by the `events` of the deployment, the oldest
/// first. Where no resource was in progress they are of the cleanup; before the first event, of nothing that is known. `time` says
/// when a call came.
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

/// A time as text, of which an earlier one is less: `20260101T000000.000`.
fn comparable(time: SystemTime) -> String {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_millis();
    format!("{}.{millis:03}", amz_date::text(time).trim_end_matches('Z'))
}

/// The same of a time as CloudFormation writes it: `2026-01-01T00:00:00.000Z`.
fn comparable_text(timestamp: &str) -> String {
    timestamp.trim_end_matches('Z').replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn event(resource_type: &str, logical_id: &str, status: &str, millis: u32) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            logical_resource_id: logical_id.to_owned(),
            physical_resource_id: String::new(),
            resource_type: resource_type.to_owned(),
            resource_status: status.to_owned(),
            resource_status_reason: String::new(),
            timestamp: format!("1970-01-01T00:00:01.{millis:03}Z"),
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
    fn a_call_is_of_the_resource_that_is_in_progress() {
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
