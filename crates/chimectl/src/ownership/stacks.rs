//! What CloudFormation knows: the stacks of a region, and those of their resources that may be Chime's.

use crate::account::failure::failure;
use crate::account::session::Session;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{ResourceStatus, StackStatus};
use chime_messaging_resources::account::{RecordedStack, StackId};
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// The beginnings of the types that may stand for something in Chime.
const TYPES: [&str; 3] = ["AWS::Chime::", "Custom::Chime", "AWS::CloudFormation::CustomResource"];

/// The beginning of the physical ids of the older library's constructs.
const OLDER_LIBRARY: &str = "/aws/lambda/";

/// For how long the answer about a single stack counts.
const ANSWER_COUNTS: Duration = Duration::from_secs(30);

/// A stack that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStack {
    /// Its id.
    pub id: StackId,
    /// CloudFormation's, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Its resources that may be Chime's, by logical id: the type and the physical id.
    pub resources: BTreeMap<String, (String, String)>,
    /// The types of those that are being created, changed or deleted. The stack may have more of such a type than its resources say.
    pub in_progress: Vec<String>,
}

impl LiveStack {
    /// Whether it has constructs of the older library.
    pub fn has_older_library(&self) -> bool {
        self.resources.values().any(|(_, id)| id.starts_with(OLDER_LIBRARY))
    }

    /// Whether a deployment is under way. What the stack has is not settled then.
    pub fn is_in_progress(&self) -> bool {
        // A stack in review has nothing yet.
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Whether the logical id is a construct of the older library. Its physical id does not say which resource it is.
    pub fn is_of_older_library(&self, logical_id: &str) -> bool {
        self.resources.get(logical_id).is_some_and(|(_, id)| id.starts_with(OLDER_LIBRARY))
    }
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// The stack.
    pub stack: StackId,
    /// Its logical id.
    pub logical_id: String,
    /// Its type, such as `Custom::ChimeAppInstance`.
    pub resource_type: String,
}

/// The stacks of one region.
#[derive(Debug, Default)]
struct Region {
    stacks: HashMap<String, LiveStack>,
    /// Why they are not known, or not all of them.
    problem: Option<String>,
}

/// The stacks of the regions that have been asked for.
#[derive(Debug, Default)]
pub struct Stacks {
    regions: BTreeMap<String, Region>,
    /// By physical id.
    resources: HashMap<String, StackResource>,
    /// When single stacks were asked for, by the names or ids in the notes.
    asked: HashMap<String, Instant>,
}

impl Stacks {
    /// Reads the stacks of a region, unless that has been done. It takes a call for each stack. What cannot be read is a
    /// [`problem`](Self::problem).
    pub async fn read(&mut self, session: &Session, region: &str, on_stack: &dyn Fn(&str)) {
        if self.regions.contains_key(region) {
            return;
        }
        let mut found = Region::default();
        if let Err(problem) = read_stacks(session, region, &mut found, on_stack).await {
            found.problem = Some(problem);
        }
        self.add(region, found);
    }

    fn add(&mut self, region: &str, found: Region) {
        for stack in found.stacks.values() {
            self.add_resources(stack);
        }
        self.regions.insert(region.to_owned(), found);
    }

    fn add_resources(&mut self, stack: &LiveStack) {
        for (logical_id, (resource_type, id)) in &stack.resources {
            let resource = StackResource {
                stack: stack.id.clone(),
                logical_id: logical_id.clone(),
                resource_type: resource_type.clone(),
            };
            // In the id of AWS's own channel type, the bearer follows the ARN.
            let id = id.split('|').next().unwrap_or_default();
            self.resources.insert(id.to_owned(), resource);
        }
    }

    /// Reads again the stack that a note of an owner names, in every region that it may be in: since its region was read, somebody may have
    /// created or updated it. Within half a minute, the same stack is not read twice.
    ///
    /// # Errors
    /// CloudFormation does not answer. The stack counts as unknown from now on.
    pub async fn read_again(&mut self, session: &Session, recorded: &RecordedStack) -> Result<(), String> {
        let (name, regions) = match recorded {
            RecordedStack::Id(id) => (id.clone(), vec![StackId::new(id.clone()).region().to_owned()]),
            RecordedStack::Named { name, .. } => (name.clone(), self.regions.keys().cloned().collect()),
            RecordedStack::Unreadable(_) => return Ok(()),
        };
        if self.asked.get(&name).is_some_and(|asked| asked.elapsed() < ANSWER_COUNTS) {
            return Ok(());
        }
        self.asked.insert(name.clone(), Instant::now());
        for region in regions {
            let found = match read_stack(session, &region, &name).await {
                Ok(found) => found.filter(|stack| recorded.is(&stack.id)),
                Err(why) => {
                    self.regions.entry(region).or_default().problem.get_or_insert_with(|| why.clone());
                    return Err(why);
                }
            };
            let Some(region) = self.regions.get_mut(&region) else { continue };
            match found {
                Some(stack) => {
                    region.stacks.insert(stack.id.as_str().to_owned(), stack.clone());
                    self.resources.retain(|_, resource| resource.stack != stack.id);
                    self.add_resources(&stack);
                }
                None => {
                    region.stacks.retain(|_, stack| !recorded.is(&stack.id));
                    self.resources.retain(|_, resource| !recorded.is(&resource.stack));
                }
            }
        }
        Ok(())
    }

    /// The stacks of a region, known without asking.
    #[cfg(test)]
    pub fn known(region: &str, stacks: impl IntoIterator<Item = LiveStack>, problem: Option<String>) -> Self {
        let stacks = stacks.into_iter().map(|stack| (stack.id.as_str().to_owned(), stack)).collect();
        let mut this = Self::default();
        this.add(region, Region { stacks, problem });
        this
    }

    /// Whether a region has been read.
    pub fn has_read(&self, region: &str) -> bool {
        self.regions.contains_key(region)
    }

    /// The regions that have been read.
    pub fn regions(&self) -> Vec<&str> {
        self.regions.keys().map(String::as_str).collect()
    }

    /// Why not all stacks of a region are known.
    pub fn problem(&self, region: &str) -> Option<&str> {
        self.regions.get(region)?.problem.as_deref()
    }

    /// Why not all stacks of the regions that have been read are known, with the region.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.regions.iter().filter_map(|(name, region)| Some((name.as_str(), region.problem.as_deref()?)))
    }

    /// The stack that a note of an owner names, if it exists in one of the regions.
    pub fn find(&self, recorded: &RecordedStack) -> Option<&LiveStack> {
        let mut all = self.stacks();
        match recorded {
            RecordedStack::Id(id) => self.regions.get(StackId::new(id).region())?.stacks.get(id),
            RecordedStack::Named { .. } => all.find(|stack| recorded.is(&stack.id)),
            RecordedStack::Unreadable(_) => None,
        }
    }

    /// The resource with a physical id, whoever notes what.
    pub fn resource(&self, physical_id: &str) -> Option<&StackResource> {
        self.resources.get(physical_id)
    }

    /// A stack that is just creating, changing or deleting something of this type, which has no leading `Custom::`.
    pub fn busy_with(&self, type_name: &str) -> Option<&LiveStack> {
        let native = type_name.strip_prefix("Chime").unwrap_or(type_name);
        let is_it = |kind: &String| {
            kind.strip_prefix("Custom::") == Some(type_name) || kind.strip_prefix("AWS::Chime::") == Some(native)
        };
        self.stacks().find(|stack| stack.in_progress.iter().any(is_it))
    }

    /// All stacks.
    pub fn stacks(&self) -> impl Iterator<Item = &LiveStack> {
        self.regions.values().flat_map(|region| region.stacks.values())
    }

    /// The resources whose physical id begins with `prefix`.
    pub fn resources_below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a StackResource)> {
        let all = self.resources.iter().map(|(id, resource)| (id.as_str(), resource));
        all.filter(move |(id, _)| id.starts_with(prefix))
    }
}

/// Every status but that of a stack that is gone.
fn statuses() -> Vec<StackStatus> {
    let all = StackStatus::values().iter().map(|status| StackStatus::from(*status));
    all.filter(|status| *status != StackStatus::DeleteComplete).collect()
}

async fn read_stacks(
    session: &Session,
    region: &str,
    found: &mut Region,
    on_stack: &dyn Fn(&str),
) -> Result<(), String> {
    let client = session.cloudformation(region);
    let mut pages = client.list_stacks().set_stack_status_filter(Some(statuses())).into_paginator().send();
    let mut unread = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("ListStacks", &error))?;
        for summary in page.stack_summaries() {
            let Some(id) = summary.stack_id() else { continue };
            on_stack(summary.stack_name().unwrap_or_default());
            let status = summary.stack_status().map(StackStatus::as_str).unwrap_or_default();
            let mut stack = empty(id, status);
            if let Err(why) = read_resources(&client, &mut stack).await {
                unread.push(why);
            }
            found.stacks.insert(id.to_owned(), stack);
        }
    }
    match unread.first() {
        None => Ok(()),
        Some(first) => Err(format!("{} stacks could not be read. {first}", unread.len())),
    }
}

/// One stack by its name or id, as it is now. `None` if there is none.
async fn read_stack(session: &Session, region: &str, name: &str) -> Result<Option<LiveStack>, String> {
    let client = session.cloudformation(region);
    let described = match client.describe_stacks().stack_name(name).send().await {
        Ok(described) => described,
        Err(error) if is_missing(error.code(), error.message()) => return Ok(None),
        Err(error) => return Err(failure("DescribeStacks", &error)),
    };
    let Some(found) = described.stacks().first() else { return Ok(None) };
    let (id, status) = (found.stack_id().unwrap_or_default(), found.stack_status());
    if status == Some(&StackStatus::DeleteComplete) {
        return Ok(None);
    }
    let mut stack = empty(id, status.map(StackStatus::as_str).unwrap_or_default());
    read_resources(&client, &mut stack).await?;
    Ok(Some(stack))
}

/// CloudFormation has no error of its own for a stack that does not exist: "Stack with id chat does not exist".
fn is_missing(code: Option<&str>, message: Option<&str>) -> bool {
    code == Some("ValidationError") && message.is_some_and(|message| message.contains("does not exist"))
}

fn empty(id: &str, status: &str) -> LiveStack {
    let (id, status) = (StackId::new(id), status.to_owned());
    LiveStack { id, status, resources: BTreeMap::new(), in_progress: Vec::new() }
}

async fn read_resources(client: &Client, stack: &mut LiveStack) -> Result<(), String> {
    let id = stack.id.as_str().to_owned();
    let mut pages = client.list_stack_resources().stack_name(&id).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(&format!("ListStackResources of {id}"), &error))?;
        for it in page.stack_resource_summaries() {
            let kind = it.resource_type().unwrap_or_default();
            let status = it.resource_status().map(ResourceStatus::as_str).unwrap_or_default();
            let is_gone = ["DELETE_COMPLETE", "DELETE_SKIPPED"].contains(&status);
            if !TYPES.iter().any(|known| kind.starts_with(known)) || is_gone {
                continue;
            }
            if status.ends_with("_IN_PROGRESS") {
                stack.in_progress.push(kind.to_owned());
            }
            if let (Some(logical), Some(physical)) = (it.logical_resource_id(), it.physical_resource_id()) {
                stack.resources.insert(logical.to_owned(), (kind.to_owned(), physical.to_owned()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_in_review_has_no_deployment_under_way() {
        let is_in_progress = |status: &str| empty("arn:aws:cloudformation:r:1:stack/s/u", status).is_in_progress();
        assert!(is_in_progress("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") && is_in_progress("CREATE_IN_PROGRESS"));
        assert!(!is_in_progress("REVIEW_IN_PROGRESS") && !is_in_progress("CREATE_COMPLETE"));
    }

    #[test]
    fn only_a_missing_stack_is_missing() {
        assert!(is_missing(Some("ValidationError"), Some("Stack with id chat does not exist")));
        assert!(!is_missing(Some("ValidationError"), Some("1 validation error detected")));
        assert!(!is_missing(Some("AccessDenied"), Some("does not exist")));
    }

    #[test]
    fn a_stack_is_busy_with_what_it_creates_in_either_dialect() {
        let mut stack = empty("arn:aws:cloudformation:us-east-1:1:stack/chat/u", "CREATE_IN_PROGRESS");
        stack.in_progress = vec!["AWS::Chime::AppInstanceUser".to_owned(), "Custom::ChimeChannelBan".to_owned()];
        let stacks = Stacks::known("us-east-1", [stack], None);
        assert!(stacks.busy_with("ChimeAppInstanceUser").is_some() && stacks.busy_with("ChimeChannelBan").is_some());
        assert!(stacks.busy_with("ChimeAppInstance").is_none());
    }
}
