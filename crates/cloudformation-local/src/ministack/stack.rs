//! A stack, which can be deployed, watched and deleted.

use crate::error::{Error, Result};
use crate::ministack::account::Account;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{self, Capability, Parameter};
use aws_smithy_types::DateTime;
use std::collections::HashSet;
use std::fmt::Debug;
use std::time::Duration;

/// How often CloudFormation is asked for events.
const PAUSE: Duration = Duration::from_millis(50);

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
    /// Whether it is about the stack itself.
    pub fn is_of_stack(&self) -> bool {
        self.resource_type == STACK
    }

    /// Whether it reports a failure.
    pub fn is_failure(&self) -> bool {
        self.resource_status.ends_with("_FAILED")
    }

    /// Whether it is the last event of an operation on the stack.
    fn is_last(&self) -> bool {
        let status = &*self.resource_status;
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
            Some(id) => self.events(id).await?.into_iter().map(|event| event.event_id).collect(),
            None => HashSet::new(),
        };
        // Nothing can go wrong here with permissions that somebody would have to confirm in AWS.
        let capabilities = Some(vec![Capability::CapabilityNamedIam, Capability::CapabilityAutoExpand]);
        let parameter =
            |(key, value): &(String, String)| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let parameters = Some(parameters.iter().map(parameter).collect());
        let cloudformation = self.account.cloudformation();
        let id = if existing.is_some() {
            let update = cloudformation.update_stack().stack_name(&self.name).template_body(template);
            match update.set_capabilities(capabilities).set_parameters(parameters).send().await.map_err(error) {
                Err(error) if error.to_string().contains("No updates are to be performed") => {
                    return Ok(Deployment { status: "UPDATE_COMPLETE".to_owned(), events: Vec::new() });
                }
                updated => updated?.stack_id,
            }
        } else {
            let create = cloudformation.create_stack().stack_name(&self.name).template_body(template);
            create.set_capabilities(capabilities).set_parameters(parameters).send().await.map_err(error)?.stack_id
        };
        self.watch(&id.unwrap_or_default(), seen, on_event).await
    }

    /// Deletes it and waits for the end. Nothing happens if it does not exist.
    ///
    /// # Errors
    /// CloudFormation does not begin. A deletion that fails is not an error.
    pub async fn delete(&self, on_event: impl FnMut(&StackEvent)) -> Result<Deployment> {
        let Some(id) = self.id().await? else {
            return Ok(Deployment { status: "DELETE_COMPLETE".to_owned(), events: Vec::new() });
        };
        let seen = self.events(&id).await?.into_iter().map(|event| event.event_id).collect();
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

    async fn watch(
        &self,
        id: &str,
        mut seen: HashSet<String>,
        mut on_event: impl FnMut(&StackEvent),
    ) -> Result<Deployment> {
        let mut events: Vec<StackEvent> = Vec::new();
        loop {
            for event in self.events(id).await? {
                if seen.insert(event.event_id.clone()) {
                    on_event(&event);
                    events.push(event);
                }
            }
            if let Some(last) = events.last().filter(|event| event.is_last()) {
                return Ok(Deployment { status: last.resource_status.clone(), events });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// All its events, the oldest first.
    async fn events(&self, id: &str) -> Result<Vec<StackEvent>> {
        let describe = self.account.cloudformation().describe_stack_events().stack_name(id);
        let events = describe.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        Ok(events.map_err(error)?.into_iter().rev().map(event).collect())
    }
}

fn event(event: types::StackEvent) -> StackEvent {
    StackEvent {
        event_id: event.event_id.unwrap_or_default(),
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
