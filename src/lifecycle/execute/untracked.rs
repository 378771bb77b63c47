//! Cleans up untracked resources. Memberships, moderators and bans are too many for marks, and endpoints have no tags.
//!
//! Nothing records their owner, so their traces decide: Chime shows when a resource was created, and by whom or with what values. A
//! resource counts as created by the create only if it fits the properties and was created within the time that CloudFormation waits
//! for a create. Everything else is left alone.

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
    /// Whether an untracked resource looks as if an unanswered create of this logical resource created it.
    pub(super) fn is_unanswered_trace(&self, observation: &Observation) -> bool {
        observation.is_trace && self.is_unanswered(observation)
    }

    /// Removes `id` if its traces say that a create of this logical resource created it. That create may still be running, so this looks
    /// again until `window` closes.
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
                // It existed before, or belongs to a later incarnation.
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
                return Err(error.with_advice("It exists, but its origin cannot be read, so it was left alone."));
            }
            Ok(Poll::Ready(()))
        })
        .await
    }

    /// How long an abandoned create may still create another one. If its first attempt had no answer, it tries again after waiting for
    /// that; a create of many members goes on with one call after another. No mark tells it that CloudFormation has given up.
    fn window_for_another(&self, removed: &Observation) -> Window {
        let time_scale = self.time_scale();
        let age = removed.created.and_then(|created| SystemTime::now().duration_since(created).ok());
        let again = time_scale.of(LONGEST_ATTEMPT + CONSISTENCY_WINDOW).saturating_sub(age.unwrap_or_default());
        Window::until(Instant::now() + again.max(time_scale.of(CONSISTENCY_WINDOW)))
    }
}
