//! Who acts, where Chime asks for a bearer.
//!
//! A create and an update act as the `ChimeBearer` of the properties, and a refusal is the author's to know. What has to be deleted
//! must not depend on it: the bearer may have been deleted first, or be no admin any more. Then an admin of the app instance acts in
//! its place.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::raw::RawProperties;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::parent::admins;
use futures_util::future::LocalBoxFuture;

/// How many admins are tried: the first may be on their way out as well.
const MOST: usize = 5;

/// Makes a call about something within `arn` as the stated bearer, and where Chime refuses that, as an admin of the app instance.
///
/// # Errors
/// Those of the call. A refusal of all of them says who could be let in.
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
    let mut refusal = match stated.as_str().is_empty() {
        true => Error::new(Kind::Forbidden, "The properties name no ChimeBearer"),
        false => match call(stated.clone()).await {
            Err(error) if is_refusal(&error) => error,
            outcome => return outcome,
        },
    };
    let others = match admins(cx, arn).await {
        Ok(admins) => admins,
        // There is nobody in an app instance that is gone.
        Err(error) if error.could_be_not_found() => Vec::new(),
        Err(error) => {
            let why = format!("The app instance's admins could not be listed: {}", error.reason());
            return Err(refusal.with_advice(why));
        }
    };
    for admin in others.into_iter().map(Actor::new).filter(|admin| *admin != stated).take(MOST) {
        match call(admin).await {
            Err(error) if is_refusal(&error) => refusal = error,
            outcome => return outcome,
        }
    }
    Err(refusal.with_advice(
        "Neither the ChimeBearer nor an admin of the app instance may do this: make somebody an admin (CreateAppInstanceAdmin), and \
         try again",
    ))
}

/// Chime's refusal of whoever asks, which it gives for what is missing as well.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden | Kind::Invalid)
}
