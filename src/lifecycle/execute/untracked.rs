//! Cleans up untracked resources. Memberships, moderators and bans are too many for marks, and endpoints have no tags.
//!
//! Nothing records their owner, so their traces decide: Chime shows when a resource was created, and by whom or with what values. A
//! resource counts as created by the create only if it fits the properties and was created within the time that CloudFormation waits
//! for a create. Everything else is left alone.

use crate::chime::error::{Error, Result};
use crate::chime::poll::{Backoff, CONSISTENCY_WINDOW, Window};
use crate::lifecycle::Operation;
use crate::lifecycle::deadlines::LONGEST_ATTEMPT;
use crate::lifecycle::decide::delete::Sighting;
use crate::lifecycle::decide::untracked::{Question, Trace, UntrackedAction, UntrackedFacts, decide_untracked};
use crate::lifecycle::decide::{Progress, Step, Wait};
use crate::lifecycle::inquiry::{Inquiry, inquire_from, refused};
use crate::properties::raw::RawProperties;
use crate::request::cause::Cause;
use crate::resource::context::CleanedUp;
use crate::resource::observed::Observation;
use std::time::SystemTime;
use tokio::time::Instant;

/// Collects the facts for the cleanup of one untracked resource.
struct UntrackedInquiry<'a> {
    operation: &'a Operation<'a>,
    id: &'a str,
    raw: RawProperties<'a>,
    made_by: Option<&'a Cause>,
    facts: UntrackedFacts,
    window: Window,
    /// What Chime shows of the resource.
    observation: Option<Observation>,
    /// Chime's refusal to show it.
    refusal: Option<Error>,
}

impl UntrackedInquiry<'_> {
    /// Whether the create to clean up after may have created this.
    fn is_own(&self, observation: &Observation) -> bool {
        match self.made_by {
            Some(cause) => observation.is_trace && self.operation.is_made_by(cause, observation),
            None => self.operation.is_unanswered_trace(observation),
        }
    }

    async fn look(&mut self) -> Result<Trace> {
        (self.observation, self.refusal) = (None, None);
        match self.operation.observe_as(self.id, self.raw).await {
            Ok(Some(observation)) => {
                let trace = if self.is_own(&observation) { Trace::Own } else { Trace::Other };
                self.observation = Some(observation);
                Ok(trace)
            }
            Ok(None) => Ok(Trace::None),
            Err(error) if error.could_be_not_found() => {
                self.refusal = Some(error);
                Ok(Trace::Refused)
            }
            Err(error) => Err(error),
        }
    }

    fn unreadable(&mut self) -> Error {
        refused(self.refusal.take()).with_advice("It exists, but its origin cannot be read, so it was left alone.")
    }
}

impl Inquiry for UntrackedInquiry<'_> {
    type Question = Question;
    type Action = UntrackedAction;

    fn decide(&mut self) -> Step<Question, UntrackedAction> {
        self.facts.is_window_open = self.window.is_open();
        decide_untracked(&self.facts)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        match question {
            Question::Trace => self.facts.trace = Some(self.look().await?),
            Question::Existence => self.facts.exists = Some(self.operation.exists(self.id).await?),
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.trace, self.facts.exists) = (None, None);
        self.facts.progress = self.facts.progress.after_a_pause();
    }

    fn window(&self, _: Wait) -> Window {
        self.window
    }
}

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
        if let Some(sent) = made_by.and_then(|cause| cause.sent) {
            self.cx.set_cleaned_up(CleanedUp::SentAt(sent));
        }
        let facts = UntrackedFacts { progress: Progress::Begun, trace: None, exists: None, is_window_open: true };
        let mut inquiry =
            UntrackedInquiry { operation: self, id, raw, made_by, facts, window, observation: None, refusal: None };
        let mut backoff = Backoff::default();
        loop {
            match inquire_from(&mut backoff, self.time_scale(), &mut inquiry).await? {
                UntrackedAction::Keep => return Ok(()),
                UntrackedAction::Fail => return Err(inquiry.unreadable()),
                UntrackedAction::Remove => {
                    self.remove_unmarked(id, raw, Sighting::Unseen).await?;
                    inquiry.facts.progress = Progress::JustActed;
                    let again = inquiry.observation.as_ref().map(|removed| self.window_for_another(removed));
                    inquiry.window = again.unwrap_or(window).and_until(self.deadlines.half_remaining());
                }
            }
        }
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
