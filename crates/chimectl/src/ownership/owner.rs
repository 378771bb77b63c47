//! Whose a resource in Chime is: what its tags record, beside what CloudFormation knows.

use crate::ownership::stacks::{LiveStack, Stacks};
use chime_messaging_resources::account::{RecordedOwner, RecordedStack, StackId, Standing};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Owner {
    /// A stack has it.
    Stack {
        /// The stack's name.
        stack: String,
        /// The stack's id.
        stack_id: String,
        /// Its logical id there. `None` if only the stack is known, as for a construct of the older library.
        logical_id: Option<String>,
        /// How it came to be the stack's.
        by: By,
    },
    /// Its tags name a stack that CloudFormation does not have.
    GoneStack {
        /// The stack's name.
        stack: String,
        /// Its logical id there.
        logical_id: String,
        /// The regions in which the stack is not. Empty if the tags name its region.
        not_in: Vec<String>,
    },
    /// Its tags name a stack that exists and does not have it.
    StackWithoutIt {
        /// The stack's name.
        stack: String,
        /// The stack's id.
        stack_id: String,
        /// Its logical id in the tags.
        logical_id: String,
    },
    /// A stack may have it, and CloudFormation does not show whether it does: a member of a list, what a construct of
    /// cdk-amazon-chime-resources may have made, or what a deployment is making.
    Perhaps {
        /// The stack's name.
        stack: String,
        /// The list's logical id.
        logical_id: Option<String>,
    },
    /// No tag names an owner, and no stack has it.
    Unowned,
    /// It could not be told.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// How a resource came to be a stack's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum By {
    /// The stack made it.
    Made,
    /// The stack took it over, and its template still has `AdoptExisting`: a delete gives it back.
    Adopted,
    /// It was there before the stack, as stated: a delete leaves it.
    Found,
    /// A type of AWS's own made it.
    AwsType,
    /// A construct of cdk-amazon-chime-resources made it.
    OlderLibrary,
    /// Chime made it with the channel that the stack made: the channel's creator is its moderator and member.
    WithChannel,
}

impl Owner {
    /// Whether no stack manages it.
    pub fn is_orphan(&self) -> bool {
        matches!(self, Self::GoneStack { .. } | Self::StackWithoutIt { .. } | Self::Unowned)
    }

    /// Whether it could not be told.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack { stack, logical_id, by, .. } => {
                if let Some(logical_id) = logical_id {
                    write!(f, "{logical_id} of ")?;
                }
                write!(f, "stack {stack}")?;
                f.write_str(match by {
                    By::Made => "",
                    By::Adopted => ", adopted",
                    By::Found => ", found",
                    By::AwsType => ", by AWS's type",
                    By::OlderLibrary => ", by cdk-amazon-chime-resources",
                    By::WithChannel => ", made with the channel",
                })
            }
            Self::GoneStack { stack, logical_id, not_in } if not_in.is_empty() => {
                write!(f, "{logical_id} of stack {stack}, which is gone")
            }
            Self::GoneStack { stack, logical_id, not_in } => {
                write!(f, "{logical_id} of stack {stack}, which is not in {}", not_in.join(" or "))
            }
            Self::StackWithoutIt { stack, logical_id, .. } => {
                write!(f, "{logical_id} of stack {stack}, which does not have it")
            }
            Self::Perhaps { stack, logical_id: Some(list) } => write!(f, "perhaps in the list {list} of stack {stack}"),
            Self::Perhaps { stack, logical_id: None } => write!(f, "perhaps of stack {stack}"),
            Self::Unowned => f.write_str("unowned"),
            Self::Unknown { why } => write!(f, "owner unknown: {why}"),
        }
    }
}

/// The region whose stacks have to be known to tell the owner, if the tags name one.
pub fn region_of(recorded: &RecordedOwner) -> Option<String> {
    match &recorded.stack {
        RecordedStack::Id(id) => Some(StackId::new(id).region().to_owned()).filter(|region| !region.is_empty()),
        RecordedStack::Named { .. } | RecordedStack::Unreadable(_) => None,
    }
}

/// Whose the resource `id` is. `recorded` is what its tags say, `account` whose stacks are known.
pub fn owner_of(id: &str, recorded: Option<&RecordedOwner>, stacks: &Stacks, account: &str) -> Owner {
    let found = format!("{id}/found");
    let held = stacks.resource(id).map(|held| (held, By::Made));
    let held = held.or_else(|| stacks.resource(&found).map(|held| (held, By::Found)));
    if let Some((held, by)) = held {
        let by = match recorded {
            _ if held.resource_type.starts_with("AWS::Chime::") => By::AwsType,
            Some(recorded) if recorded.standing == Standing::Found => By::Found,
            _ => by,
        };
        return of_stack(&held.stack, Some(held.logical_id.clone()), by);
    }
    let Some(recorded) = recorded else { return unowned_if_known(stacks) };
    let logical_id = recorded.logical_id.to_string();
    match (&recorded.stack, stacks.find(&recorded.stack)) {
        (RecordedStack::Unreadable(value), _) => {
            Owner::Unknown { why: format!("its mark is {value:?}, which this project does not write") }
        }
        (_, Some(stack)) => of_live_stack(stack, logical_id),
        (RecordedStack::Id(id), None) => gone(&StackId::new(id), logical_id, stacks, account),
        (RecordedStack::Named { name, key }, None) if name == key => another_engines(name),
        (RecordedStack::Named { name, .. }, None) => match stacks.problems().next() {
            Some((region, _)) => cannot_tell_of(name, &logical_id, region),
            None => {
                let not_in = stacks.regions().into_iter().map(str::to_owned).collect();
                Owner::GoneStack { stack: name.clone(), logical_id, not_in }
            }
        },
    }
}

fn of_live_stack(stack: &LiveStack, logical_id: String) -> Owner {
    if stack.is_of_older_library(&logical_id) {
        // This function has taken it over in place, and the physical id has stayed.
        return of_stack(&stack.id, Some(logical_id), By::OlderLibrary);
    }
    if stack.is_in_progress() {
        // Chime has a new resource before CloudFormation knows its physical id, and an old one until the cleanup.
        let (name, status) = (stack.id.stack_name(), &stack.status);
        let why = format!("noted as {logical_id} of stack {name}, which is in {status}: try again when that is over");
        return Owner::Unknown { why };
    }
    let (stack_id, name) = (stack.id.as_str().to_owned(), stack.id.stack_name().to_owned());
    Owner::StackWithoutIt { stack: name, stack_id, logical_id }
}

fn gone(stack: &StackId, logical_id: String, stacks: &Stacks, account: &str) -> Owner {
    let region = stack.region();
    if region.is_empty() {
        return another_engines(stack.as_str());
    }
    if !account.is_empty() && stack.account() != account {
        return Owner::Unknown {
            why: format!("its stack {} is in the account {}", stack.stack_name(), stack.account()),
        };
    }
    match stacks.problem(region) {
        Some(_) => cannot_tell_of(stack.stack_name(), &logical_id, region),
        None if !stacks.has_read(region) => cannot_tell_of(stack.stack_name(), &logical_id, region),
        None => Owner::GoneStack { stack: stack.stack_name().to_owned(), logical_id, not_in: Vec::new() },
    }
}

fn another_engines(stack: &str) -> Owner {
    Owner::Unknown { why: format!("its stack {stack:?} is another engine's than CloudFormation") }
}

fn cannot_tell(region: &str) -> Owner {
    Owner::Unknown { why: format!("the stacks of {region} could not be read") }
}

/// The same of what a note says is a stack's.
fn cannot_tell_of(stack: &str, logical_id: &str, region: &str) -> Owner {
    Owner::Unknown {
        why: format!("noted as {logical_id} of stack {stack}, but the stacks of {region} could not be read"),
    }
}

fn unowned_if_known(stacks: &Stacks) -> Owner {
    // A type of AWS's own leaves no tag: only its stack knows.
    match stacks.problems().next() {
        Some((region, _)) => cannot_tell(region),
        None => Owner::Unowned,
    }
}

/// The owner of what Chime makes with a channel: the creator's membership and moderator. `None` unless a stack made the channel.
pub fn of_creator(channel: &Owner) -> Option<Owner> {
    match channel {
        Owner::Stack { stack, stack_id, logical_id, by: By::Made | By::AwsType } => Some(Owner::Stack {
            stack: stack.clone(),
            stack_id: stack_id.clone(),
            logical_id: logical_id.clone(),
            by: By::WithChannel,
        }),
        _ => None,
    }
}

/// The owner `logical_id` of a stack.
pub fn of_stack(stack: &StackId, logical_id: Option<String>, by: By) -> Owner {
    Owner::Stack { stack: stack.stack_name().to_owned(), stack_id: stack.as_str().to_owned(), logical_id, by }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_messaging_resources::account::recorded_owner;
    use std::collections::BTreeMap;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
    const ACCOUNT: &str = "123456789012";

    fn stack_id(name: &str, region: &str) -> String {
        format!("arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/51af3dc0-da77-11e4-872e-{name:0>12}")
    }

    fn chat(status: &str, resources: BTreeMap<String, (String, String)>) -> LiveStack {
        let id = StackId::new(stack_id("chat", "us-east-1"));
        LiveStack { id, status: status.to_owned(), resources, in_progress: Vec::new() }
    }

    /// The stack chat, with these logical ids, types and physical ids.
    fn stacks(resources: &[(&str, &str, &str)]) -> Stacks {
        let resources = resources.iter().map(|(logical_id, resource_type, id)| {
            ((*logical_id).to_owned(), ((*resource_type).to_owned(), (*id).to_owned()))
        });
        Stacks::known("us-east-1", [chat("UPDATE_COMPLETE", resources.collect())], None)
    }

    fn tags(stack: &str, logical_id: &str) -> Vec<(String, String)> {
        [("cfn:stack-id", stack), ("cfn:logical-id", logical_id), ("cfn:request-id", "r@1795600000")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn of_app(tags: &[(String, String)], stacks: &Stacks) -> String {
        let recorded = recorded_owner("ChimeAppInstance", tags);
        owner_of(APP, recorded.as_ref(), stacks, ACCOUNT).to_string()
    }

    #[test]
    fn tags_and_stacks_together_say_whose_a_thing_is() {
        let chat = tags(&stack_id("chat", "us-east-1"), "App");
        let has_it = stacks(&[("App", "Custom::ChimeAppInstance", APP)]);
        assert_eq!(of_app(&chat, &has_it), "App of stack chat");
        assert_eq!(of_app(&chat, &stacks(&[])), "App of stack chat, which does not have it");
        let other = tags(&stack_id("other", "us-east-1"), "App");
        assert_eq!(of_app(&other, &stacks(&[])), "App of stack other, which is gone");
        assert_eq!(of_app(&[], &stacks(&[])), "unowned");
        assert_eq!(of_app(&[], &has_it), "App of stack chat");
        let native = stacks(&[("App", "AWS::Chime::AppInstance", APP)]);
        assert_eq!(of_app(&[], &native), "App of stack chat, by AWS's type");
    }

    #[test]
    fn in_doubt_nothing_is_an_orphan() {
        for (stack, what) in [
            (
                stack_id("chat", "eu-west-1"),
                "owner unknown: noted as App of stack chat, but the stacks of eu-west-1 could not be read",
            ),
            ("dev".to_owned(), "owner unknown: its stack \"dev\" is another engine's than CloudFormation"),
            (
                stack_id("chat", "us-east-1").replace(ACCOUNT, "999999999999"),
                "owner unknown: its stack chat is in the account 999999999999",
            ),
        ] {
            assert_eq!(of_app(&tags(&stack, "App"), &stacks(&[])), what);
        }
        let denied = Stacks::known("us-east-1", [], Some("AccessDenied".to_owned()));
        assert_eq!(of_app(&[], &denied), "owner unknown: the stacks of us-east-1 could not be read");
        let noted = "owner unknown: noted as App of stack chat, but the stacks of us-east-1 could not be read";
        let tags = tags(&stack_id("chat", "us-east-1"), "App");
        assert_eq!(of_app(&tags, &denied), noted);
        let creating = Stacks::known("us-east-1", [chat("CREATE_IN_PROGRESS", BTreeMap::new())], None);
        let busy =
            "owner unknown: noted as App of stack chat, which is in CREATE_IN_PROGRESS: try again when that is over";
        assert_eq!(of_app(&tags, &creating), busy);
    }

    #[test]
    fn a_mark_names_no_region_and_is_looked_for_in_all_that_are_known() {
        let id = format!("{APP}/retention-settings");
        let of = |value: &str, stacks: &Stacks| {
            let tags = vec![("cfn:retention-settings".to_owned(), value.to_owned())];
            let recorded = recorded_owner("ChimeAppInstanceRetentionSettings", &tags);
            owner_of(&id, recorded.as_ref(), stacks, ACCOUNT).to_string()
        };
        let mark = |standing: &str| format!("chat/51af3dc0-da77-11e4-872e-00000000chat/r/Keep//1795600000{standing}");
        let has_it = stacks(&[("Keep", "Custom::ChimeAppInstanceRetentionSettings", &id)]);
        assert_eq!(of(&mark(""), &has_it), "Keep of stack chat");
        assert_eq!(of(&mark("/found"), &has_it), "Keep of stack chat, found");
        assert_eq!(of(&mark(""), &stacks(&[])), "Keep of stack chat, which does not have it");
        let none = Stacks::known("us-east-1", [], None);
        assert_eq!(of(&mark(""), &none), "Keep of stack chat, which is not in us-east-1");
        assert!(of("mine", &none).starts_with("owner unknown: its mark is \"mine\""), "{}", of("mine", &none));
    }

    #[test]
    fn a_construct_of_the_older_library_has_an_id_that_does_not_name_the_thing() {
        let older = stacks(&[("App", "AWS::CloudFormation::CustomResource", "/aws/lambda/library")]);
        let chat = tags(&stack_id("chat", "us-east-1"), "App");
        assert_eq!(of_app(&chat, &older), "App of stack chat, by cdk-amazon-chime-resources");
    }

    #[test]
    fn an_untracked_thing_is_a_stacks_by_its_physical_id_alone() {
        let id = format!("{APP}/channel/c/memberships/{APP}/user/u");
        let found = format!("{id}/found");
        let of = |held: &str| {
            let stacks = stacks(&[("Member", "Custom::ChimeChannelMembership", held)]);
            owner_of(&id, None, &stacks, ACCOUNT).to_string()
        };
        assert_eq!(of(&id), "Member of stack chat");
        assert_eq!(of(&found), "Member of stack chat, found");
        assert_eq!(of("another"), "unowned");
    }
}
