//! What CloudFormation knows: the stacks of a region, and those of their resources that may be Chime's.

use crate::account::failure::failure;
use crate::account::session::Session;
use aws_sdk_cloudformation::types::StackStatus;
use chime_messaging_resources::account::{RecordedStack, StackId};
use std::collections::{BTreeMap, HashMap};

/// The beginnings of the types that may stand for something in Chime.
const TYPES: [&str; 3] = ["AWS::Chime::", "Custom::Chime", "AWS::CloudFormation::CustomResource"];

/// The beginning of the physical ids of the older library's constructs.
const OLDER_LIBRARY: &str = "/aws/lambda/";

/// A stack that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveStack {
    /// Its id.
    pub id: StackId,
    /// Its resources that may be Chime's, by logical id: the type and the physical id.
    pub resources: BTreeMap<String, (String, String)>,
}

impl LiveStack {
    /// Whether it has constructs of the older library.
    pub fn has_older_library(&self) -> bool {
        self.resources.values().any(|(_, id)| id.starts_with(OLDER_LIBRARY))
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
        self.regions.insert(region.to_owned(), found);
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
            let mut stack = LiveStack { id: StackId::new(id), resources: BTreeMap::new() };
            let mut pages = client.list_stack_resources().stack_name(id).into_paginator().send();
            while let Some(page) = pages.next().await {
                match page {
                    Ok(page) => {
                        for it in page.stack_resource_summaries() {
                            let kind = it.resource_type().unwrap_or_default();
                            let (Some(logical), Some(physical)) = (it.logical_resource_id(), it.physical_resource_id())
                            else {
                                continue;
                            };
                            let is_deleted =
                                it.resource_status().is_some_and(|status| status.as_str() == "DELETE_COMPLETE");
                            if TYPES.iter().any(|known| kind.starts_with(known)) && !is_deleted {
                                stack.resources.insert(logical.to_owned(), (kind.to_owned(), physical.to_owned()));
                            }
                        }
                    }
                    Err(error) => {
                        unread.push(failure(&format!("ListStackResources of {id}"), &error));
                        break;
                    }
                }
            }
            found.stacks.insert(id.to_owned(), stack);
        }
    }
    match unread.first() {
        None => Ok(()),
        Some(first) => Err(format!("{} stacks could not be read. {first}", unread.len())),
    }
}
