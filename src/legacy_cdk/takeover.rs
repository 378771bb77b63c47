//! Provisioned stacks of the library, whose own function this one has taken the place of.
//!
//! The library gives all that it makes one physical id: its function's log group. A resource keeps it for as long as it lives, because
//! any other would be a replacement, and CloudFormation would delete what lives on. So the id is exchanged for that of the thing before the
//! lifecycle sees it, and put back into the answer. What the lifecycle makes anew gets an id of ours.

use crate::chime::error::{Error, Kind, Result};
use crate::legacy_cdk::resolve::{Direction, Record, id_from_properties, observe, owner, record, resolve};
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::{CUSTOM_RESOURCE, Origin};
use crate::lifecycle::{self, Operation};
use crate::request::request_id::RequestId;
use crate::request::{Action, Reliability, Request};
use crate::resource::Locator;
use crate::resource::erased::Compared;
use crate::resource::ownership::owner::{Ownership, Tracking};
use crate::resource::ownership::store::{read_ownership, record_owner_because_of};
use crate::response::{Outcome, Response};
use serde_json::Value as Json;
use std::fmt::Display;

/// What the log group of a function is called, unless its template says otherwise.
pub const LOG_GROUP: &str = "/aws/lambda/";

/// How much of a stack's name is left in the name of its function, at least.
const SHORTEST_CUT: usize = 16;

/// Does what a request of a construct's asks. The function's own log group is `log_group`.
pub async fn run(operation: Operation<'_>, origin: &Origin, log_group: &str) -> Response {
    match &operation.request.action {
        Action::Update { physical_id, .. } if is_log_group(physical_id) && origin.is_another => {
            update_to_another(operation, origin, physical_id).await
        }
        Action::Update { physical_id, old_properties, .. } if is_log_group(physical_id) => {
            update(operation, origin, physical_id, old_properties).await
        }
        Action::Create if is_of_stack(log_group, operation.request.stack_id.stack_name()) => create(operation).await,
        Action::Delete { physical_id } if is_log_group(physical_id) => delete(operation, origin, physical_id).await,
        Action::Update { .. } if is_of_stack(log_group, operation.request.stack_id.stack_name()) => {
            update_of_ours(operation, origin, log_group).await
        }
        _ => operation.run().await,
    }
}

/// The answer to a request that nothing can be done for. What the library has made is not gone because of that.
pub fn reject(request: &Request, origin: Option<&Origin>, reason: impl Display) -> Response {
    let is_constructs = origin.is_some() || request.resource_type == CUSTOM_RESOURCE;
    match &request.action {
        Action::Delete { physical_id } if is_constructs && is_log_group(physical_id) => {
            Response::rejected(physical_id, reason.to_string())
        }
        _ => lifecycle::reject(request, reason),
    }
}

/// Whether an id is the one that the library gives.
fn is_log_group(id: &str) -> bool {
    id.starts_with(LOG_GROUP)
}

/// Whether the function with this log group stands in the stack `name` itself, as the library's does: CloudFormation has named it
/// `<stack>-<logical id>-<random>`, with the stack's name cut to make it fit.
fn is_of_stack(log_group: &str, name: &str) -> bool {
    let beginning: String = name.chars().take(SHORTEST_CUT).collect();
    log_group.strip_prefix(LOG_GROUP).is_some_and(|function| function.starts_with(&beginning))
}

/// Updates what the library has made: it becomes this logical resource's by its tags or mark, and all that the library left undone is done.
///
/// An update that fails before it has touched anything is noted. The one that goes back from it must not fail: a rollback would be stuck.
async fn update(operation: Operation<'_>, origin: &Origin, given: &str, old: &Json) -> Response {
    let goes_back = operation.history.goes_back_to_untouched(operation.request, origin.transition);
    let direction = if goes_back { Direction::Back } else { Direction::Forward };
    let (response, effect) = try_update(operation, origin, given, old, direction).await;
    match (response.status(), effect, direction) {
        ("FAILED", Effect::Untouched, Direction::Back) => Response::success(given, Vec::new()),
        ("FAILED", Effect::Untouched, Direction::Forward) => {
            operation.history.note_untouched(operation.request, origin.transition);
            response
        }
        _ => response,
    }
}

/// What a request has done to what the library has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Surely nothing.
    Untouched,
    /// Perhaps something.
    Touched,
}

/// The same, and whether surely nothing has been touched.
async fn try_update(
    operation: Operation<'_>,
    origin: &Origin,
    given: &str,
    old: &Json,
    direction: Direction,
) -> (Response, Effect) {
    if let Err(rejected) = operation.accepted() {
        return (rejected, Effect::Untouched);
    }
    let taken_over = take_over(&operation, origin, given, direction);
    let (id, presence) = match operation.with_deadline(operation.deadlines.work, taken_over).await {
        Ok(found) => found,
        Err(error) => return (Response::failed(given, error), Effect::Untouched),
    };
    // The library's own updates change little of what they should: what the old properties say is not what Chime holds.
    let reliability = Reliability::Unreliable;
    let action = Action::Update { physical_id: id.clone(), old_properties: old.clone(), reliability };
    let response = Operation { request: &Request { action, ..operation.request.clone() }, ..operation }.run().await;
    match (response.status(), presence) {
        ("FAILED", Presence::Gone) => (Response::failed(given, gone(&operation)), Effect::Untouched),
        _ => (under_the_id_of(response, &id, given), Effect::Touched),
    }
}

/// Another construct under the same logical id is another resource: it replaces, because the log group says nothing of it. Only a rollback
/// leads back to what the library has made as this construct.
async fn update_to_another(operation: Operation<'_>, origin: &Origin, given: &str) -> Response {
    let is_back = async {
        let record = record(&operation, origin, given).await?;
        let id = id_from_properties(&operation, &operation.request.properties)
            .or_else(|| record.as_ref().filter(|record| record.is_own).map(|record| record.id.clone()));
        let owner = match &id {
            Some(id) => owner(&operation, id).await?,
            None => None,
        };
        let is_recorded = record.is_some_and(|record| record.is_own && Some(record.id) == id);
        Ok(matches!(owner, Some(Ownership::Ours { .. })) || is_recorded && matches!(owner, Some(Ownership::Unowned)))
    };
    match operation.with_deadline(operation.deadlines.work, is_back).await {
        Ok(true) => {
            let properties = &operation.request.properties;
            try_update(operation, origin, given, properties, Direction::Back).await.0
        }
        Ok(false) => operation.run().await,
        Err(error) => Response::failed(given, error),
    }
}

fn gone(operation: &Operation<'_>) -> Error {
    let what = format!("{} of cdk-amazon-chime-resources does not exist any more", operation.resource.type_name());
    Error::new(Kind::NotFound, what)
        .with_advice("Remove the construct in one deployment, and add it under another id in the next.")
}

/// Whether what the library has made is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    Gone,
}

/// What the library has made, owned by this logical resource from now on, and whether it is there.
async fn take_over(
    operation: &Operation<'_>,
    origin: &Origin,
    given: &str,
    direction: Direction,
) -> Result<(String, Presence)> {
    let record = record(operation, origin, given).await?;
    let id = resolve(operation, origin, record.as_ref(), direction).await?.ok_or_else(|| gone(operation))?;
    // An update that replaces it can do without it.
    let presence = match owner(operation, &id).await? {
        Some(Ownership::Unowned) => {
            let old = operation.request.old_properties().unwrap_or(&operation.request.properties);
            match observe(operation, &id, old).await? {
                Some(_) => {
                    mark(operation, &id, given).await?;
                    Presence::There
                }
                None => Presence::Gone,
            }
        }
        Some(Ownership::Foreign { stack, logical_id }) => {
            let what = format!("{id} belongs to another stack: {logical_id} of {stack}");
            return Err(
                Error::new(Kind::Conflict, what).with_advice("State it in one stack, and remove it from the other.")
            );
        }
        Some(Ownership::Ours { .. } | Ownership::SameStack { .. }) => Presence::There,
        None => Presence::Gone,
    };
    Ok((id, presence))
}

/// Creates beside live constructs. A setting that is there as it is stated, and bears no mark, is that of a construct which was renamed
/// before it was taken over: a rollback would remove what lives on.
async fn create(operation: Operation<'_>) -> Response {
    let (Ok(desired), Tracking::ParentTag(_)) = (operation.accepted(), operation.resource.tracking()) else {
        return operation.run().await;
    };
    let is_live = async {
        let Some(id) = id_from_properties(&operation, &operation.request.properties) else { return Ok(None) };
        let owner = read_ownership(operation.cx, operation.resource, &id).await;
        if !matches!(owner, Ok(Ownership::Unowned)) {
            return Ok(None);
        }
        let observation = desired.observe(operation.cx, &id, Compared::PropertiesAndTags).await.ok().flatten();
        Ok(observation.filter(|observation| observation.differences.is_empty()).map(|_| id))
    };
    match operation.with_deadline(operation.deadlines.work, is_live).await {
        Ok(Some(id)) => lifecycle::reject(
            operation.request,
            format!(
                "{id} exists already, as it is stated here, and bears no mark. If a construct of this stack has been renamed: go \
                 back, let the function take it over first (a ServiceTimeout is enough), and rename it in the next deployment. If \
                 somebody has made it by hand, remove it in Chime first"
            ),
        ),
        Ok(None) | Err(_) => operation.run().await,
    }
}

/// Notes that `id` is this logical resource's, and that the library has made it: the log group stands for the request.
async fn mark(operation: &Operation<'_>, id: &str, log_group: &str) -> Result<()> {
    record_owner_because_of(operation.cx, operation.resource, id, &RequestId::new(log_group)).await
}

/// Deletes what the library has made, then its parameter.
async fn delete(operation: Operation<'_>, origin: &Origin, given: &str) -> Response {
    let found = async {
        let record = record(&operation, origin, given).await?;
        let id = resolve(&operation, origin, record.as_ref(), Direction::Forward).await?;
        Ok((record, id))
    };
    let (record, id) = match operation.with_deadline(operation.deadlines.work, found).await {
        Ok((record, Some(id))) => (record, id),
        Ok((_, None)) => return Response::success(given, Vec::new()),
        // The second delivery of what was carried out here finds neither parameter nor thing.
        Err(error) if error.kind() == Kind::Conflict && operation.history.has_deleted(operation.request) => {
            return Response::success(given, Vec::new());
        }
        Err(error) => return Response::failed(given, error),
    };
    let action = Action::Delete { physical_id: id.clone() };
    let response = Operation { request: &Request { action, ..operation.request.clone() }, ..operation }.run().await;
    // Another stack's may have taken the place of this one's.
    let own = record.filter(|record| record.id == id && record.is_latest);
    if let (Outcome::Success(_), Some(Record { name, .. })) = (&response.outcome, own)
        && let Err(error) = operation.with_deadline(operation.deadlines.removal, ssm::delete(operation.cx, &name)).await
    {
        return Response::failed(given, error);
    }
    under_the_id_of(response, &id, given)
}

/// The same answer about the resource that CloudFormation knows as `given`, if it is about the thing `id`.
fn under_the_id_of(response: Response, id: &str, given: &str) -> Response {
    match response.physical_resource_id == id {
        true => Response { physical_resource_id: given.to_owned(), ..response },
        false => response,
    }
}

/// Updates what has an id of ours. A rollback may lead from what has replaced a thing of the library's back to that thing, which
/// CloudFormation knows by the log group.
async fn update_of_ours(operation: Operation<'_>, origin: &Origin, log_group: &str) -> Response {
    let before =
        match operation.with_deadline(operation.deadlines.work, former_of_library(&operation, origin, log_group)).await
        {
            Ok(before) => before,
            // A function of ours has no right to read parameters, and its stack has none.
            Err(error) if error.kind() == Kind::Denied => None,
            Err(error) => match &operation.request.action {
                Action::Update { physical_id, .. } => return Response::failed(physical_id, error),
                Action::Create | Action::Delete { .. } => None,
            },
        };
    let response = operation.run().await;
    let Some(id) = before.filter(|id| response.status() == "SUCCESS" && response.physical_resource_id == *id) else {
        return response;
    };
    match operation.with_deadline(operation.deadlines.removal, mark(&operation, &id, log_group)).await {
        Ok(()) => under_the_id_of(response, &id, log_group),
        Err(error) => Response::failed(log_group, error),
    }
}

/// The thing of the library's that an Update leads to, if it replaces what it is given.
async fn former_of_library(operation: &Operation<'_>, origin: &Origin, log_group: &str) -> Result<Option<String>> {
    let (Action::Update { physical_id, .. }, Ok(desired)) = (&operation.request.action, operation.accepted()) else {
        return Ok(None);
    };
    if !operation.resource.is_id(physical_id)
        || desired.contradictions(physical_id, operation.request.old_properties()).is_empty()
    {
        return Ok(None);
    }
    match operation.resource.locate(&operation.raw(), None) {
        Some(Locator::ById(id)) => match read_ownership(operation.cx, operation.resource, &id).await {
            Ok(Ownership::Ours { cause, .. }) if RequestId::new(log_group).is_noted_as(&cause.request) => Ok(Some(id)),
            Ok(_) => Ok(None),
            Err(error) if error.could_be_not_found() => Ok(None),
            Err(error) => Err(error),
        },
        Some(Locator::InParent(_)) => Ok(record(operation, origin, log_group).await?.map(|record| record.id)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_librarys_function_bears_the_name_of_its_stack() {
        let long = "/aws/lambda/a-stack-with-quite-a-lo-CustomMessagingResources-1A2B3C4D5E6F";
        assert!(is_of_stack(long, "a-stack-with-quite-a-long-name-that-is-cut"));
        assert!(is_of_stack("/aws/lambda/chat-CustomMessagingResourcesCustomResourcePro-1A2B3C4D5E6F", "chat"));
        assert!(!is_of_stack("/aws/lambda/chime-messaging-resources", "chat"));
        assert!(!is_of_stack("a-log-group", "a-log-group"));
    }
}
