//! Who acts, where Chime asks for a bearer.
//!
//! A create and an update act as the `ChimeBearer` of the properties, and a refusal is the author's to know. What has to be deleted
//! must not depend on it: the bearer may have been deleted first, or be no admin any more. Then an admin of the app instance acts in
//! its place.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::raw::Stated;
use crate::resource::context::Context;
use crate::resource::erased::{Face, Task};
use crate::resource::parent::admins;

/// How many admins are tried: the first may be on their way out as well.
const MOST: usize = 5;

/// Makes a call about something within `arn` as the stated bearer, and where Chime refuses that, as an admin of the app instance.
///
/// # Errors
/// Those of the call. A refusal of all of them says who could be let in.
pub async fn acting<'a, T>(
    cx: &'a Context,
    face: &'a dyn Face,
    arn: &str,
    stated: Stated<'a>,
    call: impl Fn(Stated<'a>) -> Task<'a, T> + Send + Sync,
) -> Result<T> {
    if !face.needs_bearer() {
        return call(stated).await;
    }
    let own = stated.bearer();
    let mut refusal = match own.is_empty() {
        true => Error::new(Kind::Forbidden, "The properties name no ChimeBearer"),
        false => match call(stated.clone()).await {
            Err(error) if is_refusal(&error) => error,
            outcome => return outcome,
        },
    };
    let others = match admins(cx, arn).await {
        Ok(admins) => admins,
        // There is nobody in an app instance that is gone.
        Err(error) if error.may_mean_missing() => Vec::new(),
        Err(error) => {
            return Err(refusal.advise(format!("Who else may could not be found out: {}", error.reason())));
        }
    };
    for admin in others.iter().filter(|admin| **admin != own).take(MOST) {
        match call(stated.by(admin)).await {
            Err(error) if is_refusal(&error) => refusal = error,
            outcome => return outcome,
        }
    }
    Err(refusal.advise(
        "Neither the ChimeBearer nor an admin of the app instance may do this: make somebody an admin (CreateAppInstanceAdmin), and \
         try again",
    ))
}

/// Chime's refusal of whoever asks, which it gives for what is missing as well.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden | Kind::Invalid)
}
