//! Live stacks of the library, whose own function this one has taken the place of.
//!
//! The library gives all that it makes one physical id: its function's log group. A resource keeps it for as long as it lives, because
//! any other would be a replacement, and CloudFormation would delete what lives on. So the id is exchanged for that of the thing before the
//! lifecycle sees it, and put back into the answer. What the lifecycle makes anew gets an id of ours.

use crate::chime::error::{Error, Kind, Result};
use crate::legacy_cdk::resolve::{Record, known, owner, record, seen, thing};
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::{CUSTOM_RESOURCE, Origin};
use crate::lifecycle::{self, Life};
use crate::request::{Action, Request};
use crate::resource::Place;
use crate::resource::ownership::owner::{Noted, Owner, Whose};
use crate::resource::ownership::store::{take_for, whose};
use crate::response::{Outcome, Response};
use serde_json::Value as Json;
use std::fmt::Display;

/// What the log group of a function is called, unless its template says otherwise.
pub const LOG_GROUP: &str = "/aws/lambda/";

/// How much of a stack's name is left in the name of its function, at least.
const SHORTEST_CUT: usize = 16;

/// Does what a request of a construct's asks. The function's own log group is `log_group`.
pub async fn conclude(life: Life<'_>, origin: &Origin, log_group: &str) -> Response {
    match &life.request.action {
        Action::Update { physical_id, .. } if is_librarys(physical_id) && origin.is_another => {
            update_to_another(life, origin, physical_id).await
        }
        Action::Update { physical_id, old_properties, .. } if is_librarys(physical_id) => {
            update(life, origin, physical_id, old_properties).await
        }
        Action::Create if is_of_stack(log_group, life.request.stack_id.stack_name()) => create(life).await,
        Action::Delete { physical_id } if is_librarys(physical_id) => delete(life, origin, physical_id).await,
        Action::Update { .. } if is_of_stack(log_group, life.request.stack_id.stack_name()) => {
            update_of_ours(life, origin, log_group).await
        }
        _ => life.conclude().await,
    }
}

/// The answer to a request that nothing can be done for. What the library has made is not gone because of that.
pub fn refuse(request: &Request, origin: Option<&Origin>, reason: impl Display) -> Response {
    let is_constructs = origin.is_some() || request.resource_type == CUSTOM_RESOURCE;
    match &request.action {
        Action::Delete { physical_id } if is_constructs && is_librarys(physical_id) => {
            Response::refused(physical_id, reason.to_string())
        }
        _ => lifecycle::refuse(request, reason),
    }
}

/// Whether an id is the one that the library gives.
fn is_librarys(id: &str) -> bool {
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
async fn update(life: Life<'_>, origin: &Origin, given: &str, old: &Json) -> Response {
    let goes_back = life.memory.goes_back_to_untouched(life.request, origin.transition);
    let (response, is_untouched) = try_update(life, origin, given, old, goes_back).await;
    match (response.status(), is_untouched) {
        ("FAILED", true) if goes_back => Response::success(given, Vec::new()),
        ("FAILED", true) => {
            life.memory.note_untouched(life.request, origin.transition);
            response
        }
        _ => response,
    }
}

/// The same, and whether surely nothing has been touched.
async fn try_update(life: Life<'_>, origin: &Origin, given: &str, old: &Json, goes_back: bool) -> (Response, bool) {
    if let Err(refused) = life.accepted() {
        return (refused, true);
    }
    let (id, is_there) = match life.guarded(life.deadlines.work, owned(&life, origin, given, goes_back)).await {
        Ok(found) => found,
        Err(error) => return (Response::failed(given, error), true),
    };
    // The library's own updates change little of what they should: what the old properties say is not what Chime holds.
    let action = Action::Update { physical_id: id.clone(), old_properties: old.clone(), is_repeated: true };
    let response = Life { request: &Request { action, ..life.request.clone() }, ..life }.conclude().await;
    match (response.status(), is_there) {
        ("FAILED", false) => (Response::failed(given, gone(&life)), true),
        _ => (named(response, &id, given), false),
    }
}

/// Another construct under the same logical id is another thing: it replaces, because the log group says nothing of it. Only a rollback leads
/// back to what the library has made as this construct.
async fn update_to_another(life: Life<'_>, origin: &Origin, given: &str) -> Response {
    let is_back = async {
        let record = record(&life, origin, given).await?;
        let id = known(&life, &life.request.properties)
            .or_else(|| record.as_ref().filter(|record| record.is_own).map(|record| record.id.clone()));
        let whose = match &id {
            Some(id) => owner(&life, id).await?,
            None => None,
        };
        let is_recorded = record.is_some_and(|record| record.is_own && Some(record.id) == id);
        Ok(matches!(whose, Some(Whose::Own { .. })) || is_recorded && matches!(whose, Some(Whose::Nobodys)))
    };
    match life.guarded(life.deadlines.work, is_back).await {
        Ok(true) => try_update(life, origin, given, &life.request.properties, true).await.0,
        Ok(false) => life.conclude().await,
        Err(error) => Response::failed(given, error),
    }
}

fn gone(life: &Life<'_>) -> Error {
    let what = format!("{} of cdk-amazon-chime-resources does not exist any more", life.face.type_name());
    Error::new(Kind::NotFound, what)
        .advise("Remove the construct in one deployment, and add it under another id in the next.")
}

/// What the library has made, owned by this logical resource from now on, and whether it is there.
async fn owned(life: &Life<'_>, origin: &Origin, given: &str, goes_back: bool) -> Result<(String, bool)> {
    let record = record(life, origin, given).await?;
    let id = thing(life, origin, record.as_ref(), goes_back).await?.ok_or_else(|| gone(life))?;
    // An update that replaces it can do without it.
    let is_there = match owner(life, &id).await? {
        Some(Whose::Nobodys) => {
            let old = life.request.old_properties().unwrap_or(&life.request.properties);
            let is_there = seen(life, &id, old).await?.exists;
            if is_there {
                mark(life, &id, given).await?;
            }
            is_there
        }
        Some(Whose::Anothers { stack, logical_id }) => {
            let what = format!("{id} belongs to another stack: {logical_id} of {stack}");
            return Err(Error::new(Kind::Conflict, what).advise("State it in one stack, and remove it from the other."));
        }
        Some(Whose::Own { .. } | Whose::Siblings { .. }) => true,
        None => false,
    };
    Ok((id, is_there))
}

/// Creates beside live constructs. A setting that is there as it is wanted, and bears no mark, is that of a construct which was renamed
/// before it was taken over: a rollback would remove what lives on.
async fn create(life: Life<'_>) -> Response {
    let (Ok(wanted), Noted::Mark(_)) = (life.accepted(), life.face.noted()) else { return life.conclude().await };
    let is_live = async {
        let Some(id) = known(&life, &life.request.properties) else { return Ok(None) };
        let is_unmarked = matches!(whose(life.cx, life.face, &id).await, Ok(Whose::Nobodys));
        let is_set = is_unmarked && wanted.look(life.cx, &id).await.is_ok_and(|seen| seen.is_as_wanted);
        Ok(Some(id).filter(|_| is_set))
    };
    match life.guarded(life.deadlines.work, is_live).await {
        Ok(Some(id)) => lifecycle::refuse(
            life.request,
            format!(
                "{id} exists already, as it is stated here, and nobody's mark is on it. If a construct of this stack has been renamed: go \
                 back, let the function take it over first (a ServiceTimeout is enough), and rename it in the next deployment. If \
                 somebody has made it by hand, remove it in Chime first"
            ),
        ),
        Ok(None) | Err(_) => life.conclude().await,
    }
}

/// Notes that `id` is this logical resource's, and that the library has made it: the log group stands for the request.
async fn mark(life: &Life<'_>, id: &str, log_group: &str) -> Result<()> {
    take_for(life.cx, life.face, id, log_group).await
}

/// Deletes what the library has made, then its parameter.
async fn delete(life: Life<'_>, origin: &Origin, given: &str) -> Response {
    let found = async {
        let record = record(&life, origin, given).await?;
        let id = thing(&life, origin, record.as_ref(), false).await?;
        Ok((record, id))
    };
    let (record, id) = match life.guarded(life.deadlines.work, found).await {
        Ok((record, Some(id))) => (record, id),
        Ok((_, None)) => return Response::success(given, Vec::new()),
        // The second delivery of what was carried out here finds neither parameter nor thing.
        Err(error) if error.kind() == Kind::Conflict && life.memory.has_deleted(life.request) => {
            return Response::success(given, Vec::new());
        }
        Err(error) => return Response::failed(given, error),
    };
    let action = Action::Delete { physical_id: id.clone() };
    let response = Life { request: &Request { action, ..life.request.clone() }, ..life }.conclude().await;
    // Another stack's may have taken the place of this one's.
    let own = record.filter(|record| record.id == id && record.is_latest);
    if let (Outcome::Success(_), Some(Record { name, .. })) = (&response.outcome, own)
        && let Err(error) = life.guarded(life.deadlines.removal, ssm::delete(life.cx, &name)).await
    {
        return Response::failed(given, error);
    }
    named(response, &id, given)
}

/// The same answer about the resource that CloudFormation knows as `given`, if it is about the thing `id`.
fn named(response: Response, id: &str, given: &str) -> Response {
    match response.physical_resource_id == id {
        true => Response { physical_resource_id: given.to_owned(), ..response },
        false => response,
    }
}

/// Updates what has an id of ours. A rollback may lead from what has replaced a thing of the library's back to that thing, which
/// CloudFormation knows by the log group.
async fn update_of_ours(life: Life<'_>, origin: &Origin, log_group: &str) -> Response {
    let before = match life.guarded(life.deadlines.work, librarys(&life, origin, log_group)).await {
        Ok(before) => before,
        // A function of ours has no right to read parameters, and its stack has none.
        Err(error) if error.kind() == Kind::Denied => None,
        Err(error) => match &life.request.action {
            Action::Update { physical_id, .. } => return Response::failed(physical_id, error),
            Action::Create | Action::Delete { .. } => None,
        },
    };
    let response = life.conclude().await;
    let Some(id) = before.filter(|id| response.status() == "SUCCESS" && response.physical_resource_id == *id) else {
        return response;
    };
    match life.guarded(life.deadlines.removal, mark(&life, &id, log_group)).await {
        Ok(()) => named(response, &id, log_group),
        Err(error) => Response::failed(log_group, error),
    }
}

/// The thing of the library's that an Update leads to, if it replaces what it is given.
async fn librarys(life: &Life<'_>, origin: &Origin, log_group: &str) -> Result<Option<String>> {
    let (Action::Update { physical_id, .. }, Ok(wanted)) = (&life.request.action, life.accepted()) else {
        return Ok(None);
    };
    if !life.face.is_id(physical_id) || !wanted.replaces(physical_id, life.request.old_properties()) {
        return Ok(None);
    }
    match life.face.place(&life.stated(), None) {
        Some(Place::Known(id)) => match whose(life.cx, life.face, &id).await {
            Ok(Whose::Own { request_id, .. }) if Owner::is_request(&request_id, log_group) => Ok(Some(id)),
            Ok(_) => Ok(None),
            Err(error) if error.may_mean_missing() => Ok(None),
            Err(error) => Err(error),
        },
        Some(Place::In(_)) => Ok(record(life, origin, log_group).await?.map(|record| record.id)),
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
