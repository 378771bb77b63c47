//! What members, moderators and bans of a channel have in common.

use crate::chime::error::{Kind, Result};
use crate::properties::raw::Stated;

/// Whether something is there, by what came of describing it. Chime's models declare a 404 for what is not; any other refusal may mean
/// something else.
///
/// # Errors
/// Those that are no refusal.
pub fn by_description<T>(described: Result<T>) -> Result<Option<bool>> {
    match described {
        Ok(_) => Ok(Some(true)),
        Err(error) if error.kind() == Kind::NotFound => Ok(Some(false)),
        Err(error) if error.may_mean_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the one `by` whom something was made is the stated bearer.
pub fn is_by(by: Option<&str>, stated: &Stated<'_>) -> bool {
    by.is_some_and(|by| by == stated.own_bearer())
}
