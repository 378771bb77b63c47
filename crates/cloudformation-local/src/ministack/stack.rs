//! A stack, which can be deployed, watched and deleted.

use crate::error::{Error, Result};
use crate::ministack::account::{Account, error};
use crate::ministack::event_reader::{EventReader, all_events};
use crate::ministack::stack_event::StackEvent;
use aws_sdk_cloudformation::types::{self, Capability, Parameter};
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

/// How often CloudFormation is asked for events.
const PAUSE: Duration = Duration::from_millis(50);

/// The size in bytes of the largest template that a request may hold.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_IN_REQUEST: usize = 51_200;

/// The name of the change set that a look ahead makes.
const CHANGE_SET: &str = "look-ahead";

/// A stack in an account, by its name.
#[derive(Debug, Clone)]
pub struct Stack<'a> {
    account: &'a Account,
    name: String,
}

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
            Some(id) => all_events(self.account, id).await?,
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
        let seen = all_events(self.account, &id).await?;
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
    async fn watch(
        &self,
        id: &str,
        seen: HashSet<String>,
        mut on_event: impl FnMut(&StackEvent),
    ) -> Result<Deployment> {
        let mut reader = EventReader::new(self.account, id, seen);
        let mut events: Vec<StackEvent> = Vec::new();
        loop {
            let new = reader.new_events().await?;
            new.iter().for_each(&mut on_event);
            events.extend(new);
            if let Some(last) = events.iter().rev().find(|event| event.nested_in.is_empty())
                && last.is_last()
            {
                return Ok(Deployment { status: last.resource_status.clone(), events });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
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
