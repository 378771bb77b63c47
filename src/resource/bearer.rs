//! Chooses the bearer for calls that need one.
//!
//! A create or update acts as the `ChimeBearer` in the properties, and the author learns of a rejection. A delete must
//! not depend on that bearer, because it may have been deleted first or may no longer be an admin. In that case, an
//! admin of the app instance acts instead.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::raw::RawProperties;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::parent::{MAX_ADMINS, admins};
use futures_util::future::LocalBoxFuture;

/// Makes a call about something within `arn` as the template's bearer. If Chime rejects that, tries admins of the app
/// instance.
///
/// # Errors
/// Those of the call. If every bearer is rejected, the error says what to do.
pub async fn as_any_actor<'a, T>(
    cx: &'a Context,
    resource: &'a dyn DynResource,
    arn: &str,
    raw: &RawProperties<'_>,
    call: impl Fn(Actor) -> LocalBoxFuture<'a, Result<T>>,
) -> Result<T> {
    let stated = Actor::stated(raw);
    if !resource.needs_bearer() {
        return call(stated).await;
    }
    let mut rejection = match stated.as_str().is_empty() {
        true => Error::new(Kind::Forbidden, "The properties contain no ChimeBearer"),
        false => match call(stated.clone()).await {
            Err(error) if is_bearer_rejected(&error) => error,
            outcome => return outcome,
        },
    };
    let candidates = match admins(cx, arn).await {
        Ok(admins) => admins,
        // An app instance that no longer exists has no admins.
        Err(error) if error.could_be_not_found() => Vec::new(),
        Err(error) => {
            let why = format!("The app instance's admins could not be listed: {}", error.reason());
            return Err(rejection.with_advice(why));
        }
    };
    for admin in candidates.into_iter().map(Actor::new).filter(|admin| *admin != stated).take(MAX_ADMINS) {
        match call(admin).await {
            Err(error) if is_bearer_rejected(&error) => rejection = error,
            outcome => return outcome,
        }
    }
    Err(rejection.with_advice(
        "Neither the ChimeBearer nor the admins of the app instance may do this. Make a user an admin (CreateAppInstanceAdmin), \
         and try again",
    ))
}

/// Whether Chime rejects the bearer. It returns the same errors for missing resources.
pub fn is_bearer_rejected(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden | Kind::Invalid)
}
