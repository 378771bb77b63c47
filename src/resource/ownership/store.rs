//! The calls that read and write ownership.

use crate::chime::error::Result;
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::ownership::owner::{FORMER_LOGICAL_ID, OWNER_TAGS, Pairs};
use crate::resource::ownership::tags;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};

/// Who owns the resource `id`.
///
/// # Errors
/// Those of ListTagsForResource. A resource whose tags cannot be read does not count as unowned.
pub async fn read_ownership(cx: &Context, resource: &dyn DynResource, id: &str) -> Result<Ownership> {
    let tags = tags::read(cx, &resource.owner_arn(id)).await?;
    Ok(cx.owner().classify(resource.tracking(), &tags))
}

/// Records this request's logical resource as the owner, together with the state of the handover and whether the resource existed before the
/// stack.
///
/// # Errors
/// Those of TagResource.
pub async fn record_owner(
    cx: &Context,
    resource: &dyn DynResource,
    id: &str,
    handover: &Handover,
    standing: Standing,
) -> Result<()> {
    put(cx, resource, id, cx.owner().note(resource.tracking(), handover, standing)).await
}

/// Records this request's logical resource as the owner, with the id of another request.
///
/// # Errors
/// Those of TagResource.
pub async fn record_owner_because_of(
    cx: &Context,
    resource: &dyn DynResource,
    id: &str,
    cause: &RequestId,
) -> Result<()> {
    let owner = cx.owner().because_of(cause);
    put(cx, resource, id, owner.note(resource.tracking(), &Handover::None, Standing::Made)).await
}

/// Finishes a handover: records `logical_id` of the same stack as the owner. This is either the previous owner or the
/// new one.
///
/// # Errors
/// Those of TagResource and UntagResource.
pub async fn finish_handover(
    cx: &Context,
    resource: &dyn DynResource,
    id: &str,
    logical_id: &LogicalId,
    standing: Standing,
) -> Result<()> {
    put(cx, resource, id, cx.owner().note_settled(resource.tracking(), logical_id, standing)).await?;
    match resource.tracking() {
        Tracking::Tags => tags::remove(cx, &resource.owner_arn(id), vec![FORMER_LOGICAL_ID.to_owned()]).await,
        Tracking::ParentTag(_) | Tracking::Untracked => Ok(()),
    }
}

/// Removes every note of an owner. The resource is then unowned.
///
/// # Errors
/// Those of UntagResource.
pub async fn release(cx: &Context, resource: &dyn DynResource, id: &str) -> Result<()> {
    match resource.tracking() {
        Tracking::Tags => tags::remove(cx, &resource.owner_arn(id), OWNER_TAGS.map(str::to_owned).to_vec()).await,
        Tracking::ParentTag(_) => remove_mark(cx, resource, id).await,
        Tracking::Untracked => Ok(()),
    }
}

/// Removes the mark of a deleted setting. A resource with tags of its own needs nothing: the tags are deleted with it.
///
/// # Errors
/// Those of UntagResource.
pub async fn remove_mark(cx: &Context, resource: &dyn DynResource, id: &str) -> Result<()> {
    match resource.tracking() {
        Tracking::Tags | Tracking::Untracked => Ok(()),
        Tracking::ParentTag(key) => tags::remove(cx, &resource.owner_arn(id), vec![key.to_owned()]).await,
    }
}

async fn put(cx: &Context, resource: &dyn DynResource, id: &str, note: Pairs) -> Result<()> {
    if note.is_empty() { Ok(()) } else { tags::put(cx, &resource.owner_arn(id), &note).await }
}
