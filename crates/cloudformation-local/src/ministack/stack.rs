//! A stack, which can be deployed, watched and deleted.
//!
//! It is longer than other files because an operation and its events, those of nested stacks included, are followed in one place.

use crate::error::{Error, Result};
use crate::ministack::account::Account;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{self, Capability, Parameter};
use aws_smithy_types::DateTime;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;
use std::time::Duration;

/// How often CloudFormation is asked for events.
const PAUSE: Duration = Duration::from_millis(50);

/// The size in bytes of the largest template that a request may hold.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_IN_REQUEST: usize = 51_200;

/// The name of the change set that a look ahead makes.
const CHANGE_SET: &str = "look-ahead";

/// The type of a stack in its own events.
const STACK: &str = "AWS::CloudFormation::Stack";

/// A stack in an account, by its name.
#[derive(Debug, Clone)]
pub struct Stack<'a> {
    account: &'a Account,
    name: String,
}

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
    fn is_last(&self) -> bool {
        let status = &*self.resource_status;
        if !self.nested_in.is_empty() {
            return false;
        }
        // A create, as in AWS, has no event of the stack between CREATE_IN_PROGRESS and the rollback.
        self.is_of_stack() && (status.ends_with("_COMPLETE") || self.is_failure() && !PASSING.contains(&status))
    }
}

/// Failures that a rollback follows.
const PASSING: [&str; 2] = ["CREATE_FAILED", "UPDATE_FAILED"];

/// The result of an operation.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The stack's status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// In their order.
    pub events: Vec<StackEvent>,
}

impl Deployment {
    /// Whether the stack is as its template says, or deleted as it should be.
    pub fn succeeded(&self) -> bool {
        ["CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"].contains(&&*self.status)
    }

    /// The reasons of all resources that failed.
    pub fn reasons(&self) -> Vec<&str> {
        let failures = self.events.iter().filter(|event| event.is_failure() && !event.is_of_stack());
        failures.map(|event| &*event.resource_status_reason).collect()
    }
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name in the template.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What an update would do to a resource, as a change set says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// `Add`, `Modify` or `Remove`.
    pub action: String,
    /// The resource's logical id.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// `True`, `False` or `Conditional` for a Modify. Of a custom resource CloudFormation does not know.
    pub replacement: String,
    /// What becomes of the resource that goes: `Delete`, `Retain` and the like, or `ReplaceAndDelete` and the like.
    pub policy: String,
    /// The properties that change, or may change.
    pub properties: BTreeSet<String>,
}

impl<'a> Stack<'a> {
    /// The stack of this name, which need not exist.
    pub fn new(account: &'a Account, name: &str) -> Self {
        Self { account, name: name.to_owned() }
    }

    /// Creates it from a template, or updates it, and waits for the end. An update that changes nothing has no events.
    ///
    /// # Errors
    /// CloudFormation does not begin, for an invalid template. A deployment that fails is not an error.
    pub async fn deploy(
        &self,
        template: &str,
        parameters: &[(String, String)],
        on_event: impl FnMut(&StackEvent),
    ) -> Result<Deployment> {
        let existing = self.id().await?;
        let seen = match &existing {
            Some(id) => self.seen(id).await?,
            None => HashSet::new(),
        };
        let (capabilities, parameters) = (capabilities(), Some(given(parameters)));
        let cloudformation = self.account.cloudformation();
        let (body, url) = self.body_or_url(template).await?;
        let id = if existing.is_some() {
            let update =
                cloudformation.update_stack().stack_name(&self.name).set_template_body(body).set_template_url(url);
            match update.set_capabilities(capabilities).set_parameters(parameters).send().await.map_err(error) {
                Err(error) if error.to_string().contains("No updates are to be performed") => {
                    return Ok(Deployment { status: "UPDATE_COMPLETE".to_owned(), events: Vec::new() });
                }
                updated => updated?.stack_id,
            }
        } else {
            let create =
                cloudformation.create_stack().stack_name(&self.name).set_template_body(body).set_template_url(url);
            create.set_capabilities(capabilities).set_parameters(parameters).send().await.map_err(error)?.stack_id
        };
        self.watch(&id.unwrap_or_default(), seen, on_event).await
    }

    /// A template as a request takes it: its text or, as every tool does with one that is too large for that, the URL of it in a bucket.
    async fn body_or_url(&self, template: &str) -> Result<(Option<String>, Option<String>)> {
        if template.len() <= MOST_IN_REQUEST {
            return Ok((Some(template.to_owned()), None));
        }
        let (account, region) = (self.account.id(), self.account.region());
        // The names of buckets are unique across all accounts.
        let (bucket, key) = (format!("templates-{account}-{region}"), format!("{}.template", self.name));
        self.account.put_object(&bucket, &key, template.as_bytes().to_vec()).await?;
        Ok((None, Some(format!("https://s3.{region}.amazonaws.com/{bucket}/{key}"))))
    }

    /// What an update to a template would do, by a change set that is deleted again. The stack has to exist.
    ///
    /// # Errors
    /// The template is invalid.
    pub async fn changes(&self, template: &str, parameters: &[(String, String)]) -> Result<Vec<Change>> {
        let cloudformation = self.account.cloudformation();
        let (body, url) = self.body_or_url(template).await?;
        let create = cloudformation.create_change_set().stack_name(&self.name).change_set_name(CHANGE_SET);
        let create = create.set_template_body(body).set_template_url(url).set_parameters(Some(given(parameters)));
        create.set_capabilities(capabilities()).send().await.map_err(error)?;
        let described = loop {
            let describe = cloudformation.describe_change_set().stack_name(&self.name).change_set_name(CHANGE_SET);
            let described = describe.send().await.map_err(error)?;
            if described.status.as_ref().is_none_or(|status| !status.as_str().ends_with("_IN_PROGRESS")) {
                break described;
            }
            tokio::time::sleep(PAUSE).await;
        };
        let delete = cloudformation.delete_change_set().stack_name(&self.name).change_set_name(CHANGE_SET);
        delete.send().await.map_err(error)?;
        let changes = described.changes.unwrap_or_default().into_iter();
        Ok(changes.filter_map(|change| change.resource_change).map(change).collect())
    }

    /// Deletes it and waits for the end. Nothing happens if it does not exist.
    ///
    /// # Errors
    /// CloudFormation does not begin. A deletion that fails is not an error.
    pub async fn delete(&self, on_event: impl FnMut(&StackEvent)) -> Result<Deployment> {
        let Some(id) = self.id().await? else {
            return Ok(Deployment { status: "DELETE_COMPLETE".to_owned(), events: Vec::new() });
        };
        let seen = self.seen(&id).await?;
        self.account.cloudformation().delete_stack().stack_name(&self.name).send().await.map_err(error)?;
        self.watch(&id, seen, on_event).await
    }

    /// Its status, such as `CREATE_COMPLETE`, if it exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn status(&self) -> Result<Option<String>> {
        let described = self.described().await?;
        Ok(described.and_then(|stack| stack.stack_status).map(|status| status.as_str().to_owned()))
    }

    /// Its outputs, in CloudFormation's order.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn outputs(&self) -> Result<Vec<Output>> {
        let stack = self.described().await?.ok_or_else(|| Error::new(format!("there is no stack {}", self.name)))?;
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(outputs
            .map(|output| Output {
                key: output.output_key.unwrap_or_default(),
                value: output.output_value.unwrap_or_default(),
            })
            .collect())
    }

    /// The physical ids of its resources, by their logical ids.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn resources(&self) -> Result<Vec<(String, String)>> {
        let describe = self.account.cloudformation().describe_stack_resources().stack_name(&self.name);
        let resources = describe.send().await.map_err(error)?.stack_resources.unwrap_or_default().into_iter();
        Ok(resources
            .map(|it| (it.logical_resource_id.unwrap_or_default(), it.physical_resource_id.unwrap_or_default()))
            .collect())
    }

    /// Its id, if it exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn id(&self) -> Result<Option<String>> {
        Ok(self.described().await?.and_then(|stack| stack.stack_id))
    }

    async fn described(&self) -> Result<Option<types::Stack>> {
        let described = self.account.cloudformation().describe_stacks().stack_name(&self.name).send().await;
        match described.map_err(error) {
            Ok(described) => Ok(described.stacks.unwrap_or_default().into_iter().next()),
            Err(error) if error.to_string().contains("does not exist") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Follows the events of the stack and of those nested in it, until the last one of the operation.
    async fn watch(&self, id: &str, seen: HashSet<String>, on_event: impl FnMut(&StackEvent)) -> Result<Deployment> {
        let mut on_event = on_event;
        let mut followed = Followed { seen, stacks: vec![(id.to_owned(), Vec::new())], events: Vec::new() };
        loop {
            self.follow(&mut followed, &mut on_event).await?;
            // A nested stack has events of its own: those of its resources are nowhere else.
            while followed.events.iter().any(StackEvent::is_of_nested_stack) && self.find_nested(&mut followed).await? {
                self.follow(&mut followed, &mut on_event).await?;
            }
            if let Some(last) = followed.events.iter().rev().find(|event| event.nested_in.is_empty())
                && last.is_last()
            {
                return Ok(Deployment { status: last.resource_status.clone(), events: followed.events });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn follow(&self, followed: &mut Followed, on_event: &mut impl FnMut(&StackEvent)) -> Result<()> {
        // The innermost first: what happens in them comes before the end of the resource around them.
        for (id, nested_in) in followed.stacks.iter().rev() {
            for mut event in self.events(id).await? {
                if followed.seen.insert(event.event_id.clone()) {
                    event.nested_in.clone_from(nested_in);
                    on_event(&event);
                    followed.events.push(event);
                }
            }
        }
        Ok(())
    }

    /// Adds the nested stacks that the events name. Returns whether there were any new ones.
    async fn find_nested(&self, followed: &mut Followed) -> Result<bool> {
        let all = self.all_stacks().await?;
        let mut found = Vec::new();
        for (parent, nested_in) in &followed.stacks {
            let resources = followed.events.iter().filter(|it| it.stack_id == *parent && it.is_of_nested_stack());
            let logical_ids: BTreeSet<&str> = resources.map(|event| &*event.logical_resource_id).collect();
            for logical_id in logical_ids {
                // As in AWS. MiniStack shows neither parents nor the id of a nested stack that is in progress.
                let start = format!("{}-{logical_id}-", name_in(parent));
                for id in all.iter().filter(|id| name_in(id).starts_with(&start)) {
                    if !followed.stacks.iter().any(|(followed, _)| followed == id) {
                        found.push((id.clone(), [nested_in.as_slice(), &[logical_id.to_owned()]].concat()));
                    }
                }
            }
        }
        let is_new = !found.is_empty();
        followed.stacks.extend(found);
        Ok(is_new)
    }

    /// The ids of all events so far, those of nested stacks included.
    async fn seen(&self, id: &str) -> Result<HashSet<String>> {
        let start = format!("{}-", self.name);
        let nested = self.all_stacks().await?.into_iter().filter(|id| name_in(id).starts_with(&start));
        let mut seen = HashSet::new();
        for id in nested.chain([id.to_owned()]) {
            seen.extend(self.events(&id).await?.into_iter().map(|event| event.event_id));
        }
        Ok(seen)
    }

    /// The ids of the stacks of the account, of deleted ones too.
    async fn all_stacks(&self) -> Result<Vec<String>> {
        let list = self.account.cloudformation().list_stacks().into_paginator().items().send();
        let stacks = list.collect::<std::result::Result<Vec<_>, _>>().await.map_err(error)?;
        Ok(stacks.into_iter().filter_map(|stack| stack.stack_id).collect())
    }

    /// All its events, the oldest first.
    async fn events(&self, id: &str) -> Result<Vec<StackEvent>> {
        let describe = self.account.cloudformation().describe_stack_events().stack_name(id);
        let events = describe.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        Ok(events.map_err(error)?.into_iter().rev().map(event).collect())
    }
}

/// What is followed during an operation.
#[derive(Debug)]
struct Followed {
    /// The ids of events that were there before, or were told already.
    seen: HashSet<String>,
    /// The ids of the stacks, and the logical ids that lead to each.
    stacks: Vec<(String, Vec<String>)>,
    events: Vec<StackEvent>,
}

/// Nothing can go wrong here with permissions that somebody would have to confirm in AWS.
fn capabilities() -> Option<Vec<Capability>> {
    Some(vec![Capability::CapabilityNamedIam, Capability::CapabilityAutoExpand])
}

fn given(parameters: &[(String, String)]) -> Vec<Parameter> {
    let parameter =
        |(key, value): &(String, String)| Parameter::builder().parameter_key(key).parameter_value(value).build();
    parameters.iter().map(parameter).collect()
}

fn change(change: types::ResourceChange) -> Change {
    let targets = change.details.unwrap_or_default().into_iter().filter_map(|detail| detail.target);
    Change {
        action: change.action.map(|action| action.as_str().to_owned()).unwrap_or_default(),
        logical_id: change.logical_resource_id.unwrap_or_default(),
        resource_type: change.resource_type.unwrap_or_default(),
        replacement: change.replacement.map(|replacement| replacement.as_str().to_owned()).unwrap_or_default(),
        policy: change.policy_action.map(|policy| policy.as_str().to_owned()).unwrap_or_default(),
        properties: targets.filter_map(|target| target.name).collect(),
    }
}

/// The name of the stack with this id.
fn name_in(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or_default()
}

fn event(event: types::StackEvent) -> StackEvent {
    StackEvent {
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

/// CloudFormation's own message; where there is none, why no answer came.
fn error<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: Debug,
{
    match error.message() {
        Some(message) => Error::new(message),
        None => Error::new(format!("CloudFormation in MiniStack: {}", DisplayErrorContext(error))),
    }
}
