//! App instances, which hold everything else: what is in one that is gone is gone.

use crate::chime::error::Result;
use crate::resource::context::Context;
use crate::resource::page::Page;

/// A page of the account's app instances.
///
/// # Errors
/// Those of ListAppInstances.
pub async fn list_app_instances(cx: &Context, token: Option<String>) -> Result<Page> {
    let page = cx.identity().list_app_instances().max_results(50).set_next_token(token).send().await?;
    let app_instances = page.app_instances().iter();
    Ok(Page::of(app_instances.map(|found| (found.app_instance_arn(), found.name())), page.next_token()))
}

/// Whether the account's list holds the app instance that `arn` is in, or is.
///
/// # Errors
/// Those of ListAppInstances.
pub async fn has_app_instance_of(cx: &Context, arn: &str) -> Result<bool> {
    let end = arn.match_indices('/').nth(1).map_or(arn.len(), |(at, _)| at);
    let mut token = None;
    loop {
        let page = list_app_instances(cx, token.clone()).await?;
        if page.things.iter().any(|found| found.id == arn[..end]) {
            return Ok(true);
        }
        if page.next_token.is_none() || page.next_token == token {
            return Ok(false);
        }
        token = page.next_token;
    }
}
