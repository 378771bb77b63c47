//! Existing stacks of the library in which this function has replaced the library's own.
//!
//! The library gives all its resources the same physical id: its function's log group. A resource must keep this id for
//! as long as it exists. CloudFormation would treat any other id as a replacement and delete the "old" resource, which
//! is the live one. This module therefore replaces the id with the resource's real one before the lifecycle sees it,
//! and restores it in the response. Resources that the lifecycle creates get an id of ours.

use crate::chime::error::{Error, Kind, Result};
use crate::legacy_cdk::record::{Record, id_from_properties, record};
use crate::legacy_cdk::resolve::{Direction, observe, owner, resolve};
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::{CUSTOM_RESOURCE, Origin};
use crate::lifecycle::{self, Operation};
use crate::properties::problems::ADOPT_EXISTING;
use crate::request::request_id::RequestId;
use crate::request::{Action, Reliability, Request};
use crate::resource::Locator;
use crate::resource::erased::Compared;
use crate::resource::ownership::store::{read_ownership, record_owner_because_of};
use crate::resource::ownership::{Ownership, Tracking, owner_name};
use crate::response::{Outcome, Response};
use serde_json::Value as Json;
use std::fmt::Display;

/// The prefix of a function's default log group. A template can override it.
pub const LOG_GROUP: &str = "/aws/lambda/";

/// At least this much of a stack's name is kept in the generated name of its function.
const MIN_STACK_NAME: usize = 16;

/// Handles a construct's request. `log_group` is this function's own log group.
pub async fn run(operation: Operation<'_>, origin: &Origin, log_group: &str) -> Response {
    let resource_type = &operation.request.resource_type;
    // A construct has no property for it.
    let declared = format!("declare it as Custom::{resource_type} with {ADOPT_EXISTING}:");
    let response = dispatch(operation, origin, log_group).await;
    response.map_texts(|text| text.replace(&format!("set {ADOPT_EXISTING}:"), &declared))
}

async fn dispatch(operation: Operation<'_>, origin: &Origin, log_group: &str) -> Response {
    match &operation.request.action {
        Action::Update { physical_id, .. } if is_log_group(physical_id) && origin.is_other_construct => {
            update_to_other_construct(operation, origin, physical_id).await
        }
        Action::Update { physical_id, old_properties, .. } if is_log_group(physical_id) => {
            update(operation, origin, physical_id, old_properties).await
        }
        Action::Create if belongs_to_stack(log_group, operation.request.stack_id.stack_name()) => {
            create(operation).await
        }
        Action::Delete { physical_id } if is_log_group(physical_id) => delete(operation, origin, physical_id).await,
        Action::Update { .. } if belongs_to_stack(log_group, operation.request.stack_id.stack_name()) => {
            update_with_own_id(operation, origin, log_group).await
        }
        _ => operation.run().await,
    }
}

/// Rejects a request before anything is done. A Delete of a library resource fails, because the resource still exists.
pub fn reject(request: &Request, origin: Option<&Origin>, reason: impl Display) -> Response {
    let is_from_construct = origin.is_some() || request.resource_type == CUSTOM_RESOURCE;
    match &request.action {
        Action::Delete { physical_id } if is_from_construct && is_log_group(physical_id) => {
            Response::rejected(physical_id, reason.to_string())
        }
        _ => lifecycle::reject(request, reason),
    }
}

/// The id of the resource that a construct stands for, by the physical id that CloudFormation holds. `None` if it certainly no longer
/// exists. Nothing is changed.
///
/// # Errors
/// Those of [`resolve`], and of GetParameterHistory.
pub async fn find(operation: &Operation<'_>, origin: &Origin, physical_id: &str) -> Result<Option<String>> {
    if !is_log_group(physical_id) {
        return Ok(Some(physical_id.to_owned()));
    }
    let record = record(operation, origin, physical_id).await?;
    resolve(operation, origin, record.as_ref(), Direction::Forward).await
}

/// Whether an id is the one that the library uses.
pub fn is_log_group(id: &str) -> bool {
    id.starts_with(LOG_GROUP)
}

/// Whether the function with this log group is part of the stack `name`, as the library's function is. CloudFormation
/// names such a function `<stack>-<logical id>-<random>` and truncates the stack's name to fit.
fn belongs_to_stack(log_group: &str, name: &str) -> bool {
    let prefix: String = name.chars().take(MIN_STACK_NAME).collect();
    log_group.strip_prefix(LOG_GROUP).is_some_and(|function| function.starts_with(&prefix))
}

/// Updates a resource that the library created. It records this logical resource as its owner, and applies everything
/// that the library's updates did not.
///
/// A failed update that changed nothing is remembered. The update that rolls it back must not fail, or the rollback
/// would be stuck.
async fn update(operation: Operation<'_>, origin: &Origin, legacy_id: &str, old: &Json) -> Response {
    let is_rollback = operation.history.goes_back_to_untouched(operation.request, origin.transition);
    let direction = if is_rollback { Direction::Rollback } else { Direction::Forward };
    let (response, effect) = try_update(operation, origin, legacy_id, old, direction).await;
    match (response.status(), effect, direction) {
        ("FAILED", Effect::Untouched, Direction::Rollback) => Response::success(legacy_id, Vec::new()),
        ("FAILED", Effect::Untouched, Direction::Forward) => {
            operation.history.note_untouched(operation.request, origin.transition);
            response
        }
        _ => response,
    }
}

/// Whether a request may have changed the library's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It certainly has not.
    Untouched,
    /// It may have.
    Touched,
}

/// Updates the resource, and reports whether it may have changed.
async fn try_update(
    operation: Operation<'_>,
    origin: &Origin,
    legacy_id: &str,
    old: &Json,
    direction: Direction,
) -> (Response, Effect) {
    let desired = match operation.accepted() {
        Ok(desired) => desired,
        Err(rejected) => return (rejected, Effect::Untouched),
    };
    let taken_over = take_over(&operation, origin, legacy_id, direction);
    let (id, presence) = match operation.with_deadline(operation.deadlines.work, taken_over).await {
        Ok(found) => found,
        Err(error) => return (Response::failed(legacy_id, error), Effect::Untouched),
    };
    // A resource that is gone is not created anew. It would get an id of ours, and the cleanup's Delete with the library's id could not tell
    // it from the old one.
    let is_replaced = [None, Some(old)].iter().any(|previous| !desired.contradictions(&id, *previous).is_empty());
    if presence == Presence::Gone && !is_replaced {
        return (Response::failed(legacy_id, gone_error(&operation)), Effect::Untouched);
    }
    drop(desired);
    // The library's updates often do nothing, so the old properties do not describe what Chime holds.
    let reliability = Reliability::Unreliable;
    let action = Action::Update { physical_id: id.clone(), old_properties: old.clone(), reliability };
    let response = Operation { request: &Request { action, ..operation.request.clone() }, ..operation }.run().await;
    // What is gone cannot be touched, and the rollback leads back to nothing.
    let effect = match (response.status(), presence) {
        ("FAILED", Presence::Gone) => Effect::Untouched,
        _ => Effect::Touched,
    };
    (with_legacy_id(response, &id, legacy_id), effect)
}

/// A different construct under the same logical id is a different resource, so this is a replacement. The log group,
/// which is the id of both, does not show that. Only a rollback leads back to the resource that the library created for
/// this construct.
async fn update_to_other_construct(operation: Operation<'_>, origin: &Origin, legacy_id: &str) -> Response {
    let is_rollback = async {
        let record = record(&operation, origin, legacy_id).await?;
        let id = id_from_properties(&operation, &operation.request.properties)
            .or_else(|| record.as_ref().filter(|record| record.is_own).map(|record| record.id.clone()));
        let owner = match &id {
            Some(id) => owner(&operation, id).await?,
            None => None,
        };
        let is_recorded = record.is_some_and(|record| record.is_own && Some(record.id) == id);
        Ok(matches!(owner, Some(Ownership::Ours { .. })) || is_recorded && matches!(owner, Some(Ownership::Unowned)))
    };
    match operation.with_deadline(operation.deadlines.work, is_rollback).await {
        Ok(true) => {
            let properties = &operation.request.properties;
            try_update(operation, origin, legacy_id, properties, Direction::Rollback).await.0
        }
        Ok(false) => operation.run().await,
        Err(error) => Response::failed(legacy_id, error),
    }
}

fn gone_error(operation: &Operation<'_>) -> Error {
    let what = format!("{} of cdk-amazon-chime-resources no longer exists", operation.resource.type_name());
    Error::new(Kind::NotFound, what)
        .with_advice("Remove the construct in one deployment, and add it under another id in the next.")
}

/// Whether the library's resource exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Present,
    Gone,
}

/// Takes over the library's resource: returns its id, records this logical resource as the owner, and says whether it
/// exists.
async fn take_over(
    operation: &Operation<'_>,
    origin: &Origin,
    legacy_id: &str,
    direction: Direction,
) -> Result<(String, Presence)> {
    let record = record(operation, origin, legacy_id).await?;
    let id = resolve(operation, origin, record.as_ref(), direction).await?.ok_or_else(|| gone_error(operation))?;
    // An update that replaces the resource does not need it to exist.
    let presence = match owner(operation, &id).await? {
        Some(Ownership::Unowned) => {
            // Another construct's properties do not describe this resource.
            let old = operation.request.old_properties().filter(|old| operation.resource.read(old).is_ok());
            match observe(operation, &id, old.unwrap_or(&operation.request.properties)).await? {
                Some(_) => {
                    record_takeover(operation, &id, legacy_id).await?;
                    Presence::Present
                }
                None => Presence::Gone,
            }
        }
        Some(Ownership::Foreign { stack, logical_id }) => {
            let what = format!("{id} belongs to another stack: {}", owner_name(&stack, &logical_id));
            return Err(Error::new(Kind::Conflict, what)
                .with_advice("Define it in one stack only, and remove it from the other."));
        }
        Some(Ownership::Ours { .. } | Ownership::SameStack { .. }) => Presence::Present,
        None => Presence::Gone,
    };
    Ok((id, presence))
}

/// Creates a resource next to existing constructs. If the setting already exists with the same values and without a mark,
/// it belongs to a construct that was renamed before it was taken over. A rollback would remove the live setting.
async fn create(operation: Operation<'_>) -> Response {
    let (Ok(desired), Tracking::ParentTag(_)) = (operation.accepted(), operation.resource.tracking()) else {
        return operation.run().await;
    };
    let live_setting = async {
        let Some(id) = id_from_properties(&operation, &operation.request.properties) else { return Ok(None) };
        let owner = read_ownership(operation.cx, operation.resource, &id).await;
        if !matches!(owner, Ok(Ownership::Unowned)) {
            return Ok(None);
        }
        let observation = desired.observe(operation.cx, &id, Compared::PropertiesAndTags).await.ok().flatten();
        Ok(observation.filter(|observation| observation.differences.is_empty()).map(|_| id))
    };
    match operation.with_deadline(operation.deadlines.work, live_setting).await {
        Ok(Some(id)) => lifecycle::reject(
            operation.request,
            format!(
                "{id} already exists with these properties and has no mark. If you renamed a construct of this stack, undo the \
                 rename, let the function take it over first (adding a ServiceTimeout is enough), and rename it in the next \
                 deployment. If somebody created it by hand, remove it in Chime first"
            ),
        ),
        Ok(None) | Err(_) => operation.run().await,
    }
}

/// Records this logical resource as the owner of `id`. The log group stands in for the request id and shows that the
/// library created the resource.
async fn record_takeover(operation: &Operation<'_>, id: &str, log_group: &str) -> Result<()> {
    record_owner_because_of(operation.cx, operation.resource, id, &RequestId::new(log_group)).await
}

/// Deletes the library's resource, then its parameter.
async fn delete(operation: Operation<'_>, origin: &Origin, legacy_id: &str) -> Response {
    let found = async {
        let record = record(&operation, origin, legacy_id).await?;
        let id = resolve(&operation, origin, record.as_ref(), Direction::Forward).await?;
        Ok((record, id))
    };
    let (record, id) = match operation.with_deadline(operation.deadlines.work, found).await {
        Ok((record, Some(id))) => (record, id),
        Ok((_, None)) => return Response::success(legacy_id, Vec::new()),
        // A repeated delivery of a completed Delete finds neither the parameter nor the resource.
        Err(error) if error.kind() == Kind::Conflict && operation.history.has_deleted(operation.request) => {
            return Response::success(legacy_id, Vec::new());
        }
        Err(error) => return Response::failed(legacy_id, error),
    };
    let action = Action::Delete { physical_id: id.clone() };
    let response = Operation { request: &Request { action, ..operation.request.clone() }, ..operation }.run().await;
    // Another stack's value may have replaced this stack's.
    let own = record.filter(|record| record.id == id && record.is_latest);
    if let (Outcome::Success(_), Some(Record { name, .. })) = (&response.outcome, own)
        && let Err(error) = operation.with_deadline(operation.deadlines.removal, ssm::delete(operation.cx, &name)).await
    {
        return Response::failed(legacy_id, error);
    }
    with_legacy_id(response, &id, legacy_id)
}

/// Restores the library's physical id in a response about the resource `id`.
fn with_legacy_id(response: Response, id: &str, legacy_id: &str) -> Response {
    match response.physical_resource_id == id {
        true => Response { physical_resource_id: legacy_id.to_owned(), ..response },
        false => response,
    }
}

/// Updates a resource that has an id of ours. It may have replaced a library resource, and a rollback may lead back to
/// that one. CloudFormation knows it by the log group.
async fn update_with_own_id(operation: Operation<'_>, origin: &Origin, log_group: &str) -> Response {
    let original = match operation
        .with_deadline(operation.deadlines.work, library_resource_to_restore(&operation, origin, log_group))
        .await
    {
        Ok(original) => original,
        // A regular installation of this function may not read parameters, and its stack has none.
        Err(error) if error.kind() == Kind::Denied => None,
        Err(error) => match &operation.request.action {
            Action::Update { physical_id, .. } => return Response::failed(physical_id, error),
            Action::Create | Action::Delete { .. } => None,
        },
    };
    let response = operation.run().await;
    let Some(id) = original.filter(|id| response.status() == "SUCCESS" && response.physical_resource_id == *id) else {
        return response;
    };
    match operation.with_deadline(operation.deadlines.removal, record_takeover(&operation, &id, log_group)).await {
        Ok(()) => with_legacy_id(response, &id, log_group),
        // CloudFormation would take another id than the one that it knows for a replacement.
        Err(error) => match &operation.request.action {
            Action::Update { physical_id, .. } => Response::failed(physical_id, error),
            Action::Create | Action::Delete { .. } => Response::failed(id, error),
        },
    }
}

/// The library resource that an Update leads back to, if the Update is a replacement.
async fn library_resource_to_restore(
    operation: &Operation<'_>,
    origin: &Origin,
    log_group: &str,
) -> Result<Option<String>> {
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
    fn the_librarys_function_name_contains_the_stack_name() {
        let long = "/aws/lambda/a-stack-with-quite-a-lo-CustomMessagingResources-1A2B3C4D5E6F";
        assert!(belongs_to_stack(long, "a-stack-with-quite-a-long-name-that-is-cut"));
        assert!(belongs_to_stack("/aws/lambda/chat-CustomMessagingResourcesCustomResourcePro-1A2B3C4D5E6F", "chat"));
        assert!(!belongs_to_stack("/aws/lambda/chime-messaging-resources", "chat"));
        assert!(!belongs_to_stack("a-log-group", "a-log-group"));
    }
}
