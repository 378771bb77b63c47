//! Live stacks of the library, whose own function this one has taken the place of.
//!
//! The library gives all that it makes one physical id: its function's log group. A resource keeps it for as long as it lives, because
//! any other would be a replacement, and CloudFormation would delete what lives on. So the id is exchanged for that of the thing before the
//! lifecycle sees it, and put back into the answer. What the lifecycle makes anew gets an id of ours.

use crate::answer::response::{Outcome, Response};
use crate::chime::error::{Error, Kind, Result};
use crate::constructs::dialect::Origin;
use crate::constructs::parameters;
use crate::constructs::thing::{Noted, noted, thing};
use crate::event::request::{Action, Request};
use crate::lifecycle::Life;
use crate::resource::owner::Whose;
use crate::resource::ownership::{take, whose};

/// What the log group of a function is called, unless its template says otherwise.
const LOG_GROUP: &str = "/aws/lambda/";

/// How much of a stack's name is left in the name of its function, at least.
const SHORTEST_CUT: usize = 16;

/// Does what a request of a construct's asks. The function's own log group is `log_group`.
pub async fn conclude(life: Life<'_>, origin: &Origin, log_group: &str) -> Response {
    let is_librarys = |id: &str| id.starts_with(LOG_GROUP) || !id.is_empty() && id == log_group;
    match &life.request.action {
        Action::Update { physical_id, old_properties, .. } if is_librarys(physical_id) => {
            update(life, origin, physical_id, old_properties).await
        }
        Action::Delete { physical_id } if is_librarys(physical_id) => delete(life, origin, physical_id).await,
        Action::Update { physical_id, .. } if is_of_stack(log_group, life.request.stack_id.stack_name()) => {
            let response = life.conclude().await;
            named_as_before(life, origin, physical_id, log_group, response).await
        }
        _ => life.conclude().await,
    }
}

/// Whether the function with this log group stands in the stack `name` itself, as the library's does: CloudFormation has named it
/// `<stack>-<logical id>-<random>`, with the stack's name cut to make it fit.
fn is_of_stack(log_group: &str, name: &str) -> bool {
    let beginning: String = name.chars().take(SHORTEST_CUT).collect();
    log_group.strip_prefix(LOG_GROUP).is_some_and(|function| function.starts_with(&beginning))
}

/// Updates what the library has made: it becomes this logical resource's by its tags or mark, and all that the library left undone is done.
async fn update(life: Life<'_>, origin: &Origin, given: &str, old: &serde_json::Value) -> Response {
    if let Err(refused) = life.accepted() {
        return refused;
    }
    let id = match life.guarded(life.deadlines.work, owned(&life, origin, given)).await {
        Ok(id) => id,
        // It goes back from an update that has just failed for the same reason: nothing was touched, and a rollback must not fail.
        Err(_) if life.memory.goes_back_to_untouched(life.request) => return Response::success(given, Vec::new()),
        Err(error) => {
            life.memory.note_untouched(life.request);
            return Response::failed(given, error);
        }
    };
    // The library's own updates change little of what they should: what the old properties say is not what Chime holds.
    let action = Action::Update { physical_id: id.clone(), old_properties: old.clone(), is_repeated: true };
    let response = Life { request: &Request { action, ..life.request.clone() }, ..life }.conclude().await;
    named(response, &id, given)
}

/// What the library has made, owned by this logical resource from now on.
async fn owned(life: &Life<'_>, origin: &Origin, given: &str) -> Result<String> {
    let noted = noted(life, origin, given).await?;
    let Some(id) = thing(life, origin, noted.as_ref()).await? else {
        let what = format!("{} of cdk-amazon-chime-resources does not exist any more", life.face.type_name());
        return Err(Error::new(Kind::NotFound, what)
            .advise("Remove the construct in one deployment, and add it under another id in the next."));
    };
    match whose(life.cx, life.face, &id).await {
        Ok(Whose::Nobodys) => take(life.cx, life.face, &id, None).await?,
        Ok(Whose::Anothers { stack, logical_id }) => {
            let what = format!("{id} belongs to another stack: {logical_id} of {stack}");
            return Err(Error::new(Kind::Conflict, what).advise("State it in one stack, and remove it from the other."));
        }
        Ok(Whose::Own { .. } | Whose::Siblings { .. }) => {}
        // The update will say so.
        Err(error) if error.may_mean_missing() => {}
        Err(error) => return Err(error),
    }
    Ok(id)
}

/// Deletes what the library has made, then its parameter.
async fn delete(life: Life<'_>, origin: &Origin, given: &str) -> Response {
    let found = async {
        let noted = noted(&life, origin, given).await?;
        let id = thing(&life, origin, noted.as_ref()).await?;
        Ok((noted, id))
    };
    let (noted, id) = match life.guarded(life.deadlines.work, found).await {
        Ok((noted, Some(id))) => (noted, id),
        Ok((_, None)) => return Response::success(given, Vec::new()),
        Err(error) => return Response::failed(given, error),
    };
    let action = Action::Delete { physical_id: id.clone() };
    let response = Life { request: &Request { action, ..life.request.clone() }, ..life }.conclude().await;
    // Another stack's may have taken the place of this one's.
    if let (Outcome::Success(_), Some(Noted { name, .. })) =
        (&response.outcome, noted.filter(|noted| noted.id == id && noted.is_latest))
        && let Err(error) = life.guarded(life.deadlines.removal, parameters::delete(life.cx, &name)).await
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

/// A rollback may lead from what has replaced a thing of the library's back to that thing, which CloudFormation knows by the log group.
async fn named_as_before(
    life: Life<'_>,
    origin: &Origin,
    given: &str,
    log_group: &str,
    response: Response,
) -> Response {
    let is_replaced = response.status() == "SUCCESS" && response.physical_resource_id != given;
    if !is_replaced {
        return response;
    }
    match life.guarded(life.deadlines.removal, noted(&life, origin, log_group)).await {
        Ok(Some(noted)) => named(response, &noted.id, log_group),
        // A function of ours has no right to read parameters, and a stack of its own has none.
        Ok(None) | Err(_) => response,
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
