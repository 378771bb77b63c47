//! Reads the events of an operation on a stack, those of nested stacks included, and puts them into one order.
//!
//! An outer stack is always read before the stacks nested in it. So whatever an outer stack says has ended, the events that led to it
//! are in what is read after that, and the end of an operation can be told without another look.

use crate::error::Result;
use crate::ministack::account::{Account, error};
use crate::ministack::stack_event::StackEvent;
use aws_smithy_types::DateTime;
use std::collections::{BTreeSet, HashSet, VecDeque};

/// Reads the events of an operation.
#[derive(Debug)]
pub(crate) struct EventReader<'a> {
    account: &'a Account,
    /// The ids of events that were there before, or have been read.
    seen: HashSet<String>,
    /// The stacks, an outer one before those nested in it.
    stacks: Vec<Followed>,
}

/// A stack whose events are read.
#[derive(Debug)]
struct Followed {
    id: String,
    /// The logical ids of the nested stacks that lead to it, from the outside.
    nested_in: Vec<String>,
    /// The logical ids of the nested stacks that its events have named.
    named: BTreeSet<String>,
}

/// The events of a stack that are new, the oldest first.
#[derive(Debug)]
struct NewEvents {
    nested_in: Vec<String>,
    events: VecDeque<StackEvent>,
}

impl<'a> EventReader<'a> {
    /// Reads the events of the stack with this id, but for those whose ids are in `seen`.
    pub(crate) fn new(account: &'a Account, id: &str, seen: HashSet<String>) -> Self {
        let stack = Followed { id: id.to_owned(), nested_in: Vec::new(), named: BTreeSet::new() };
        Self { account, seen, stacks: vec![stack] }
    }

    /// The events since the last time. Those of a nested stack stand before the end of the resource that it is in the stack around it, and
    /// none of them is missing once the last event of the operation is there.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub(crate) async fn new_events(&mut self) -> Result<Vec<StackEvent>> {
        let mut new = Vec::new();
        let mut at = 0;
        // The list grows while nested stacks are found.
        while at < self.stacks.len() {
            let stack = &mut self.stacks[at];
            let mut events = events(self.account, &stack.id).await?;
            events.retain(|event| self.seen.insert(event.event_id.clone()));
            for event in &mut events {
                event.nested_in.clone_from(&stack.nested_in);
                if event.is_of_nested_stack() {
                    stack.named.insert(event.logical_resource_id.clone());
                }
            }
            new.push(NewEvents { nested_in: stack.nested_in.clone(), events: events.into() });
            if !stack.named.is_empty() {
                let nested = nested(stack, &all_stacks(self.account).await?);
                for found in nested {
                    if !self.stacks.iter().any(|stack| stack.id == found.id) {
                        self.stacks.push(found);
                    }
                }
            }
            at += 1;
        }
        Ok(in_order(new))
    }
}

/// The stacks that are nested in one, among all stacks of the account. MiniStack shows neither parents nor the id of a nested stack that is
/// in progress, but names it as AWS does: `PARENT-LOGICAL_ID-SUFFIX`.
fn nested(stack: &Followed, all: &[String]) -> Vec<Followed> {
    let mut found = Vec::new();
    for logical_id in &stack.named {
        let start = format!("{}-{logical_id}-", name_in(&stack.id));
        let below: Vec<&String> = all.iter().filter(|id| name_in(id).starts_with(&start)).collect();
        // A stack nested in a nested one has a name that begins in the same way.
        let is_deeper = |id: &str| below.iter().any(|other| name_in(id).starts_with(&format!("{}-", name_in(other))));
        found.extend(below.iter().filter(|id| !is_deeper(id)).map(|id| Followed {
            id: (*id).clone(),
            nested_in: [stack.nested_in.as_slice(), std::slice::from_ref(logical_id)].concat(),
            named: BTreeSet::new(),
        }));
    }
    found
}

/// Puts the new events of all stacks into one order. The first stack is the outermost.
fn in_order(mut stacks: Vec<NewEvents>) -> Vec<StackEvent> {
    let mut ordered = Vec::new();
    take(&mut stacks, 0, None, &mut ordered);
    // What a nested stack does while its resource is in progress.
    take_rest(&mut stacks, &mut ordered);
    ordered
}

/// Moves the events of a stack into `ordered`, until a time if there is one. Before the end of a nested stack's resource come that stack's
/// own events up to then.
fn take(stacks: &mut [NewEvents], at: usize, until: Option<DateTime>, ordered: &mut Vec<StackEvent>) {
    loop {
        let Some(stack) = stacks.get_mut(at) else { return };
        let is_due = |event: &StackEvent| until.is_none_or(|until| event.timestamp <= until);
        if !stack.events.front().is_some_and(is_due) {
            return;
        }
        let Some(event) = stack.events.pop_front() else { return };
        if event.is_of_nested_stack() && event.is_end() {
            let inside = [stack.nested_in.as_slice(), std::slice::from_ref(&event.logical_resource_id)].concat();
            for nested in 0..stacks.len() {
                if stacks[nested].nested_in == inside {
                    take(stacks, nested, Some(event.timestamp), ordered);
                }
            }
        }
        if event.is_last() {
            // Nothing follows this one, whatever the clock says.
            take_rest(stacks, ordered);
        }
        ordered.push(event);
    }
}

fn take_rest(stacks: &mut [NewEvents], ordered: &mut Vec<StackEvent>) {
    for nested in 1..stacks.len() {
        take(stacks, nested, None, ordered);
    }
}

/// The ids of all events of a stack so far, those of nested stacks included.
///
/// # Errors
/// MiniStack does not answer.
pub(crate) async fn all_events(account: &Account, id: &str) -> Result<HashSet<String>> {
    let start = format!("{}-", name_in(id));
    let nested = all_stacks(account).await?.into_iter().filter(|id| name_in(id).starts_with(&start));
    let mut seen = HashSet::new();
    for id in nested.chain([id.to_owned()]) {
        seen.extend(events(account, &id).await?.into_iter().map(|event| event.event_id));
    }
    Ok(seen)
}

/// The ids of the stacks of the account, of deleted ones too.
async fn all_stacks(account: &Account) -> Result<Vec<String>> {
    let list = account.cloudformation().list_stacks().into_paginator().items().send();
    let stacks = list.collect::<std::result::Result<Vec<_>, _>>().await.map_err(error)?;
    Ok(stacks.into_iter().filter_map(|stack| stack.stack_id).collect())
}

/// All events of a stack, the oldest first.
async fn events(account: &Account, id: &str) -> Result<Vec<StackEvent>> {
    let describe = account.cloudformation().describe_stack_events().stack_name(id);
    let events = describe.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(events.map_err(error)?.into_iter().rev().map(StackEvent::from).collect())
}

/// The name of the stack with this id.
fn name_in(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ministack::stack::Stack;
    use loopback_server::{Handler, Outcome, Reply, Request, Server, lock};
    use std::sync::{Arc, Mutex};

    const OUTER: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/outer/1";
    const INNER: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/outer-Inner-1A2B3C/2";
    const STACK: &str = "AWS::CloudFormation::Stack";

    /// A CloudFormation in which everything ends as soon as the nested stack has been read once.
    #[derive(Default)]
    struct EndsAfterALook {
        has_ended: Mutex<bool>,
    }

    impl Handler for EndsAfterALook {
        async fn handle(self: Arc<Self>, request: Request) -> Outcome {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let is_about_inner = body.contains("outer-Inner");
            let mut has_ended = lock(&self.has_ended);
            let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap();
            let (status, result) = match action {
                "DescribeStacks" => (400, String::new()),
                "CreateStack" => (200, format!("<StackId>{OUTER}</StackId>")),
                "ListStacks" => (200, summaries()),
                "DescribeStackEvents" if is_about_inner => {
                    let shown = shown_events(INNER, &[("Thing", "Custom::Thing")], *has_ended);
                    *has_ended = true;
                    (200, shown)
                }
                "DescribeStackEvents" => (200, shown_events(OUTER, &[("outer", STACK), ("Inner", STACK)], *has_ended)),
                other => panic!("{other} is not expected"),
            };
            let body = match status {
                400 => "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
                        <Message>Stack outer does not exist</Message></Error></ErrorResponse>"
                    .to_owned(),
                _ => format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"),
            };
            Outcome::Reply(Reply { status, headers: vec![("content-type", "text/xml".into())], body: body.into() })
        }
    }

    fn summaries() -> String {
        let member = |id: &str| {
            format!(
                "<member><StackId>{id}</StackId><StackName>x</StackName><CreationTime>2026-01-01T00:00:00Z\
                 </CreationTime><StackStatus>CREATE_IN_PROGRESS</StackStatus></member>"
            )
        };
        format!("<StackSummaries>{}{}</StackSummaries>", member(OUTER), member(INNER))
    }

    /// The events of a stack's resources, the newest first: their begin and, once everything has ended, their end in the opposite order.
    fn shown_events(stack: &str, resources: &[(&str, &str)], has_ended: bool) -> String {
        let event = |(id, kind): &(&str, &str), status: &str, at: usize| {
            let physical_id = if *id == "outer" { stack } else { "physical-id" };
            format!(
                "<member><StackId>{stack}</StackId><StackName>x</StackName><EventId>{stack}{id}{status}</EventId>\
                 <LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical_id}</PhysicalResourceId>\
                 <ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_{status}</ResourceStatus>\
                 <Timestamp>2026-01-01T00:00:0{at}Z</Timestamp></member>"
            )
        };
        let begun = resources.iter().map(|it| event(it, "IN_PROGRESS", 0));
        let ended = resources.iter().rev().filter(|_| has_ended).map(|it| event(it, "COMPLETE", 1));
        let mut all: Vec<String> = begun.chain(ended).collect();
        all.reverse();
        format!("<StackEvents>{}</StackEvents>", all.concat())
    }

    #[tokio::test]
    async fn no_event_of_a_nested_stack_is_lost_when_everything_ends_between_two_reads() {
        let server = Server::start(0, Arc::new(EndsAfterALook::default())).unwrap();
        let account = Account::new(&server.url(), "123456789012");
        let (stack, mut told) = (Stack::new(&account, "outer"), Vec::new());
        let deployed = stack.deploy("{}", &[], |event| {
            told.push(format!("{} {}", event.path(), event.resource_status));
        });
        assert_eq!(deployed.await.unwrap().status, "CREATE_COMPLETE");
        assert_eq!(
            told,
            [
                "outer CREATE_IN_PROGRESS",
                "Inner CREATE_IN_PROGRESS",
                "Inner/Thing CREATE_IN_PROGRESS",
                "Inner/Thing CREATE_COMPLETE",
                "Inner CREATE_COMPLETE",
                "outer CREATE_COMPLETE",
            ]
        );
    }

    fn event(nested_in: &[&str], logical_id: &str, kind: &str, status: &str, seconds: i64) -> StackEvent {
        StackEvent {
            event_id: String::new(),
            stack_id: OUTER.to_owned(),
            nested_in: nested_in.iter().map(|id| (*id).to_owned()).collect(),
            logical_resource_id: logical_id.to_owned(),
            physical_resource_id: if logical_id == "outer" { OUTER } else { "physical-id" }.to_owned(),
            resource_type: kind.to_owned(),
            resource_status: status.to_owned(),
            resource_status_reason: String::new(),
            timestamp: DateTime::from_secs(seconds),
        }
    }

    fn ordered(stacks: &[(&[&str], &[StackEvent])]) -> Vec<String> {
        let new = stacks.iter().map(|(nested_in, events)| NewEvents {
            nested_in: nested_in.iter().map(|id| (*id).to_owned()).collect(),
            events: events.iter().cloned().collect(),
        });
        let told = in_order(new.collect());
        told.iter().map(|event| format!("{} {}", event.path(), event.resource_status)).collect()
    }

    #[test]
    fn what_happens_in_a_nested_stack_after_its_failure_follows_the_failure() {
        let (own, nested): (&[&str], &[&str]) = (&[], &["Inner"]);
        let outer = [
            event(own, "Inner", STACK, "CREATE_FAILED", 2),
            event(own, "Inner", STACK, "DELETE_IN_PROGRESS", 3),
            event(own, "Inner", STACK, "DELETE_COMPLETE", 5),
        ];
        let inner = [
            event(nested, "Thing", "Custom::Thing", "CREATE_FAILED", 1),
            event(nested, "Thing", "Custom::Thing", "DELETE_COMPLETE", 4),
        ];
        assert_eq!(
            ordered(&[(own, &outer), (nested, &inner)]),
            [
                "Inner/Thing CREATE_FAILED",
                "Inner CREATE_FAILED",
                "Inner DELETE_IN_PROGRESS",
                "Inner/Thing DELETE_COMPLETE",
                "Inner DELETE_COMPLETE",
            ]
        );
    }

    #[test]
    fn nothing_follows_the_end_of_the_outer_stack_even_if_a_clock_goes_wrong() {
        let (own, nested, deeper): (&[&str], &[&str], &[&str]) = (&[], &["Inner"], &["Inner", "Core"]);
        let outer =
            [event(own, "Inner", STACK, "CREATE_COMPLETE", 1), event(own, "outer", STACK, "CREATE_COMPLETE", 1)];
        let inner = [event(nested, "Core", STACK, "CREATE_COMPLETE", 9)];
        let core = [event(deeper, "Thing", "Custom::Thing", "CREATE_COMPLETE", 8)];
        assert_eq!(
            ordered(&[(own, &outer), (nested, &inner), (deeper, &core)]),
            [
                "Inner CREATE_COMPLETE",
                "Inner/Core/Thing CREATE_COMPLETE",
                "Inner/Core CREATE_COMPLETE",
                "outer CREATE_COMPLETE",
            ]
        );
    }

    #[test]
    fn a_stack_in_a_nested_stack_is_none_of_the_outer_stacks_own() {
        let id = |name: &str| format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/1");
        let all =
            ["outer", "outer-Inner-1a2b3c4d-5e6", "outer-Inner-1a2b3c4d-5e6-Core-7f8a9b0c-1d2", "outer-Innermost-1-2"];
        let stack = Followed { id: OUTER.into(), nested_in: Vec::new(), named: BTreeSet::from(["Inner".to_owned()]) };
        let found = nested(&stack, &all.map(id));
        assert_eq!(found.iter().map(|it| name_in(&it.id)).collect::<Vec<_>>(), ["outer-Inner-1a2b3c4d-5e6"]);
    }
}
