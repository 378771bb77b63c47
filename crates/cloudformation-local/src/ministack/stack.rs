//! A stack, which can be deployed, watched and deleted.

use crate::error::{Error, Result};
use crate::ministack::account::Account;
use roxmltree::{Document, Node};
use std::collections::HashSet;
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
    /// In UTC: `2026-01-01T00:00:00.000Z`.
    pub timestamp: String,
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
        let names: Vec<_> = (1..=parameters.len())
            .map(|n| (format!("Parameters.member.{n}.ParameterKey"), format!("Parameters.member.{n}.ParameterValue")))
            .collect();
        let mut form = vec![("StackName", &*self.name), ("TemplateBody", template)];
        // Nothing can go wrong here with permissions that somebody would have to confirm in AWS.
        form.extend([
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
        ]);
        for ((key_name, value_name), (key, value)) in names.iter().zip(parameters) {
            form.extend([(&**key_name, &**key), (&**value_name, &**value)]);
        }
        let action = if existing.is_some() { "UpdateStack" } else { "CreateStack" };
        let answer = match self.account.cloudformation(action, &form).await {
            Err(error) if error.to_string().contains("No updates are to be performed") => {
                return Ok(Deployment { status: "UPDATE_COMPLETE".to_owned(), events: Vec::new() });
            }
            answer => answer?,
        };
        let id = with_document(&answer, |xml| text(xml.root(), "StackId"))?;
        self.watch(&id, seen, on_event).await
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
        self.account.cloudformation("DeleteStack", &[("StackName", &*self.name)]).await?;
        self.watch(&id, seen, on_event).await
    }

    /// Its status, such as `CREATE_COMPLETE`, if it exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn status(&self) -> Result<Option<String>> {
        self.described("StackStatus").await
    }

    /// Its outputs, in CloudFormation's order.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn outputs(&self) -> Result<Vec<Output>> {
        let answer = self.account.cloudformation("DescribeStacks", &[("StackName", &*self.name)]).await?;
        with_document(&answer, |xml| {
            let keys = xml.descendants().filter(|node| node.tag_name().name() == "OutputKey");
            let outputs = keys.filter_map(|key| key.parent_element());
            outputs
                .map(|output| Output { key: text(output, "OutputKey"), value: text(output, "OutputValue") })
                .collect()
        })
    }

    /// The physical ids of its resources, by their logical ids.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn resources(&self) -> Result<Vec<(String, String)>> {
        let answer = self.account.cloudformation("DescribeStackResources", &[("StackName", &*self.name)]).await?;
        with_document(&answer, |xml| {
            let ids = xml.descendants().filter(|node| node.tag_name().name() == "LogicalResourceId");
            let resources = ids.filter_map(|id| id.parent_element());
            resources.map(|it| (text(it, "LogicalResourceId"), text(it, "PhysicalResourceId"))).collect()
        })
    }

    /// Its id, if it exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn id(&self) -> Result<Option<String>> {
        self.described("StackId").await
    }

    async fn described(&self, what: &str) -> Result<Option<String>> {
        match self.account.cloudformation("DescribeStacks", &[("StackName", &*self.name)]).await {
            Ok(answer) => with_document(&answer, |xml| Some(text(xml.root(), what))),
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
        let mut events = Vec::new();
        let mut token = String::new();
        loop {
            let mut form = vec![("StackName", id)];
            if !token.is_empty() {
                form.push(("NextToken", &*token));
            }
            let answer = self.account.cloudformation("DescribeStackEvents", &form).await?;
            token = with_document(&answer, |xml| {
                let ids = xml.descendants().filter(|node| node.tag_name().name() == "EventId");
                events.extend(ids.filter_map(|id| id.parent_element()).map(event));
                text(xml.root(), "NextToken")
            })?;
            if token.is_empty() {
                events.reverse();
                return Ok(events);
            }
        }
    }
}

fn event(node: Node<'_, '_>) -> StackEvent {
    StackEvent {
        event_id: text(node, "EventId"),
        logical_resource_id: text(node, "LogicalResourceId"),
        physical_resource_id: text(node, "PhysicalResourceId"),
        resource_type: text(node, "ResourceType"),
        resource_status: text(node, "ResourceStatus"),
        resource_status_reason: text(node, "ResourceStatusReason"),
        timestamp: text(node, "Timestamp"),
    }
}

fn with_document<T>(xml: &str, read: impl FnOnce(&Document<'_>) -> T) -> Result<T> {
    let document =
        Document::parse(xml).map_err(|error| Error::new(format!("MiniStack's answer is not XML: {error}")))?;
    Ok(read(&document))
}

/// The text of the first element of this name below `node`, in any namespace; empty if there is none.
fn text(node: Node<'_, '_>, name: &str) -> String {
    let found = node.descendants().find(|node| node.tag_name().name() == name);
    found.and_then(|found| found.text()).unwrap_or_default().to_owned()
}
