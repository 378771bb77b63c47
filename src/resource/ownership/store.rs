//! Whose a thing is, asked of Chime and noted there.

use crate::chime::error::Result;
use crate::resource::context::Context;
use crate::resource::erased::Face;
use crate::resource::ownership::owner::{FORMER_LOGICAL_ID, Noted, Whose};
use crate::resource::ownership::tags;

/// Whose the thing `id` is.
///
/// # Errors
/// Those of ListTagsForResource. A thing that cannot be read is not nobody's.
pub async fn whose(cx: &Context, face: &dyn Face, id: &str) -> Result<Whose> {
    let tags = tags::read(cx, &face.noted_at(id)).await?;
    Ok(cx.owner().judge(face.noted(), &tags))
}

/// Notes that the thing is this request's logical resource's, taken over from `former` if that is not ended.
///
/// # Errors
/// Those of TagResource.
pub async fn take(cx: &Context, face: &dyn Face, id: &str, former: Option<&str>) -> Result<()> {
    let note = cx.owner().note(face.noted(), None, former);
    if note.is_empty() { Ok(()) } else { tags::put(cx, &face.noted_at(id), &note).await }
}

/// Notes that the thing is this request's logical resource's, because of another request: `request_id`, or what stands for it.
///
/// # Errors
/// Those of TagResource.
pub async fn take_for(cx: &Context, face: &dyn Face, id: &str, request_id: &str) -> Result<()> {
    let note = cx.owner().because_of(request_id).note(face.noted(), None, None);
    if note.is_empty() { Ok(()) } else { tags::put(cx, &face.noted_at(id), &note).await }
}

/// Notes that the thing is `logical_id`'s of the same stack, and that no handover is under way: it goes back to its former
/// owner, or stays for good with its new one.
///
/// # Errors
/// Those of TagResource and UntagResource.
pub async fn settle(cx: &Context, face: &dyn Face, id: &str, logical_id: &str) -> Result<()> {
    let at = face.noted_at(id);
    tags::put(cx, &at, &cx.owner().note(face.noted(), Some(logical_id), None)).await?;
    match face.noted() {
        Noted::OwnTags => tags::remove(cx, &at, vec![FORMER_LOGICAL_ID.to_owned()]).await,
        Noted::Mark(_) | Noted::Nowhere => Ok(()),
    }
}

/// Removes the mark of a setting that is no more. What carries its own tags has taken them along.
///
/// # Errors
/// Those of UntagResource.
pub async fn forget(cx: &Context, face: &dyn Face, id: &str) -> Result<()> {
    match face.noted() {
        Noted::OwnTags | Noted::Nowhere => Ok(()),
        Noted::Mark(key) => tags::remove(cx, &face.noted_at(id), vec![key.to_owned()]).await,
    }
}
