//! What no owner is noted of: memberships, moderators and bans are too many for marks, and endpoints carry no tags.
//!
//! They look before they write, and what was there before is never removed on doubt. As nothing records the owner, the traces decide:
//! Chime shows when a resource was made, and by whom or with what. What was made within the time that CloudFormation waits for
//! a create, as the properties say, is taken for what the create made; everything else stays.

use crate::chime::error::Result;
use crate::chime::poll::{CONSISTENCY_WINDOW, Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::deadlines::LONGEST_ATTEMPT;
use crate::lifecycle::decide::delete::Sighting;
use crate::properties::raw::RawProperties;
use crate::request::cause::Cause;
use crate::resource::observed::Observation;
use std::time::SystemTime;
use tokio::time::Instant;

impl Operation<'_> {
    /// Whether a resource looks like what a create of this logical resource made, of which CloudFormation does not know.
    pub(super) fn is_unanswered_trace(&self, observation: &Observation) -> bool {
        observation.is_trace && self.is_unanswered(observation)
    }

    /// Removes `id` if its traces say that a create of this logical resource made it, which may still be under way.
    pub(super) async fn clean_up_untracked(
        &self,
        id: &str,
        raw: RawProperties<'_>,
        made_by: Option<&Cause>,
        window: Window,
    ) -> Result<()> {
        let is_its = |observation: &Observation| match made_by {
            Some(cause) => observation.is_trace && self.is_made_by(cause, observation),
            None => self.is_unanswered_trace(observation),
        };
        let mut window = window;
        poll(self.time_scale(), async || {
            let refusal = match self.observe_as(id, raw).await {
                Ok(Some(observation)) if is_its(&observation) => {
                    self.remove_unmarked(id, raw, Sighting::Unseen).await?;
                    window = self.window_for_another(&observation).and_until(self.deadlines.half_remaining());
                    None
                }
                // It was there before, or is a later life's.
                Ok(Some(_)) => return Ok(Poll::Ready(())),
                Ok(None) => None,
                Err(error) if error.could_be_not_found() => Some(error),
                Err(error) => return Err(error),
            };
            if window.is_open() {
                return Ok(Poll::Again(window));
            }
            if let Some(error) = refusal
                && self.exists(id).await?
            {
                return Err(error.with_advice("It exists, and how it came to be cannot be read: it is left alone."));
            }
            Ok(Poll::Ready(()))
        })
        .await
    }

    /// For how long the create may make another one. One whose first attempt had no answer makes it again once it has waited for that; and
    /// one of many goes on, one call after the other. No mark tells it that it is not waited for any more.
    fn window_for_another(&self, removed: &Observation) -> Window {
        let time_scale = self.time_scale();
        let age = removed.created.and_then(|created| SystemTime::now().duration_since(created).ok());
        let again = time_scale.of(LONGEST_ATTEMPT + CONSISTENCY_WINDOW).saturating_sub(age.unwrap_or_default());
        Window::until(Instant::now() + again.max(time_scale.of(CONSISTENCY_WINDOW)))
    }
}
