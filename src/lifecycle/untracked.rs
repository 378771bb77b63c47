//! What is noted nowhere: memberships, moderators and bans are too many for marks, and endpoints carry no tags.
//!
//! They look before they write, and what was there before is never removed on doubt. As nothing records the owner, the traces decide:
//! Chime shows when a thing was made, and by whom or with what. What was made within the time that CloudFormation waits for
//! a create, as the properties say, is taken for what the create made; everything else stays.

use crate::chime::backoff::{LAG, Patience};
use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::Life;
use crate::lifecycle::deadlines::LONGEST_ATTEMPT;
use crate::properties::raw::Stated;
use crate::request::SKEW;
use crate::resource::Place;
use crate::resource::erased::{Answered, Wanted};
use crate::resource::observed::Seen;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

impl Life<'_> {
    /// Creates, unless it is there already.
    pub(super) async fn make_unmarked(&self, wanted: &dyn Wanted) -> Result<Answered> {
        let Some(Place::Known(id)) = self.face.place(&self.stated(), None) else {
            return self.make_thing(wanted).await;
        };
        if let Some(answered) = self.join(wanted, &id).await? {
            return Ok(answered);
        }
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            let conflict = match wanted.create(self.cx).await {
                Err(error) if error.kind() == Kind::Conflict => error,
                outcome => return outcome,
            };
            // It is there, and may not be shown yet.
            if let Some(answered) = self.join(wanted, &id).await? {
                return Ok(answered);
            }
            if !patience.pause().await {
                return Err(conflict);
            }
        }
    }

    /// What is there already, brought to what is wanted; none where Chime does not show it.
    async fn join(&self, wanted: &dyn Wanted, id: &str) -> Result<Option<Answered>> {
        let seen = match wanted.look(self.cx, id).await {
            Ok(seen) if seen.exists => seen,
            Ok(_) => return Ok(None),
            Err(error) if error.may_mean_missing() => return Ok(None),
            Err(error) => return Err(error),
        };
        // An earlier delivery of this request may have made it; what is older was there before.
        let since = self.cx.sent() - SKEW;
        self.cx.doubt(seen.is_meant && self.is_trace(&seen) && seen.created.is_some_and(|created| created >= since));
        if !seen.is_meant {
            return Err(Error::new(Kind::Conflict, format!("{id} exists already, and not as it is stated here"))
                .advise("Chime cannot change that: remove it first, or state it as it is."));
        }
        wanted.update(self.cx, id, None).await.map(Some)
    }

    /// Whether a thing looks like what a create of this logical resource made, of which CloudFormation does not know.
    pub(super) fn is_trace(&self, seen: &Seen) -> bool {
        seen.exists && seen.is_as_stated && seen.created.is_some_and(|created| self.cx.may_be_unanswered(created))
    }

    /// Removes `id` if its traces say that a create of this logical resource with the `stated` properties made it, which may still be
    /// under way.
    pub(super) async fn clean_up_unmarked(&self, id: &str, stated: &Stated<'_>, patience: &mut Patience) -> Result<()> {
        // A create of many things goes on making them, one call after the other; and one whose first attempt had no answer makes it again
        // once it has waited for that. No mark tells it that it is not waited for any more.
        let mut quiet: Option<Patience> = None;
        loop {
            let doubt = match self.look_as(id, stated.clone()).await {
                Ok(seen) if self.is_trace(&seen) => {
                    self.remove_thing(id, stated, false).await?;
                    let time_scale = self.cx.settings().time_scale;
                    let age = seen.created.and_then(|created| SystemTime::now().duration_since(created).ok());
                    let again = time_scale.of(LONGEST_ATTEMPT + LAG).saturating_sub(age.unwrap_or_default());
                    let next = if self.face.is_many(id) { time_scale.of(LAG) } else { Duration::ZERO };
                    let until = Instant::now() + again.max(next);
                    quiet = Some(Patience::until(self.deadlines.halfway().min(until), time_scale));
                    None
                }
                // It was there before, or is a later life's.
                Ok(seen) if seen.exists => return Ok(()),
                Ok(_) => None,
                Err(error) if error.may_mean_missing() => Some(error),
                Err(error) => return Err(error),
            };
            if !quiet.as_mut().unwrap_or(patience).pause().await {
                return match doubt {
                    Some(error) if self.is_listed(id).await? => {
                        Err(error.advise("It exists, and how it came to be cannot be read: it is left alone."))
                    }
                    _ => Ok(()),
                };
            }
        }
    }

    /// Whether another has made a thing of this name since this Delete was sent. Asked only of an event that is not fresh.
    pub(super) async fn is_made_since(&self, id: &str) -> Result<bool> {
        if self.deadlines.is_fresh {
            return Ok(false);
        }
        match self.look(id).await {
            Ok(seen) => Ok(seen.created.is_some_and(|created| !self.cx.is_older(created))),
            Err(error) if error.may_mean_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
