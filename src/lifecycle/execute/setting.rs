//! Writes a setting and its mark.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::create::Note;
use crate::lifecycle::decide::delete::Sighting;
use crate::request::Action;
use crate::resource::erased::{Desired, From, Outputs};
use crate::resource::ownership::store::{read_ownership, record_owner, remove_mark};
use crate::resource::ownership::{Handover, Ownership, Standing, owner_name};

impl Operation<'_> {
    /// Writes the mark and then the setting. In this order, because nothing would clean up a setting without a mark.
    pub(super) async fn set(&self, desired: &dyn Desired, id: &str, note: Note) -> Result<Outputs> {
        let is_new = note == Note::Write;
        if let Note::Renew(handover) = &note {
            record_owner(self.cx, self.resource, id, handover, Standing::Made).await?;
        }
        // From here on, a failure may leave a mark behind. The rollback's Delete deals with it.
        self.cx.set_outcome_unknown();
        if is_new {
            let marked = record_owner(self.cx, self.resource, id, &Handover::None, Standing::Made).await;
            marked.inspect_err(|_| self.cx.set_outcome_known())?;
        }
        let set = self.set_marked(desired, id, &note).await;
        if set.is_ok() && !is_new && self.request.action != Action::Create {
            // It was ours before this Update. A failure must not remove it like a half-made replacement.
            self.cx.release_claim();
        }
        let error = match set {
            Ok(outputs) if self.cx.calls().was_outcome_unknown() => return self.still_marked(outputs).await,
            Ok(outputs) => return Ok(outputs),
            Err(error) => error,
        };
        // This request certainly did not set it. Remove the new mark, so that the rollback does not take an older setting for ours. If the event
        // is not fresh, an earlier delivery may have set what the mark is for: leave that to the rollback's Delete.
        if is_new
            && self.cx.clock().is_fresh()
            && !self.cx.calls().is_outcome_unknown()
            && remove_mark(self.cx, self.resource, id).await.is_ok()
        {
            self.cx.set_outcome_known();
        }
        Err(error)
    }

    /// Writes a marked setting. A Conflict means that it already exists: an earlier create set it, or Chime did not show it yet.
    async fn set_marked(&self, desired: &dyn Desired, id: &str, note: &Note) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match self.create_when_ready(desired).await {
            Err(error) if error.kind() == Kind::Conflict && *note != Note::Write => {
                desired.update(self.cx, id, From::Observed { former: None }).await.map(Poll::Ready)
            }
            Err(error) if error.kind() == Kind::Conflict && window.is_open() => Ok(Poll::Again(window)),
            outcome => outcome.map(Poll::Ready),
        })
        .await
    }

    /// Makes sure that the setting is still marked, and removes it if not.
    ///
    /// After an attempt without an answer, CloudFormation may have given up and sent a Delete, which removed the setting and its mark before
    /// the next attempt set it again. Nothing would ever remove that.
    async fn still_marked(&self, outputs: Outputs) -> Result<Outputs> {
        let window = Window::until(self.deadlines.ninety_percent());
        let owner = poll(self.time_scale(), async || {
            Ok(match read_ownership(self.cx, self.resource, &outputs.id).await? {
                owner @ Ownership::Ours { .. } => Poll::Ready(owner),
                Ownership::Unowned if window.is_open() => Poll::Again(window),
                Ownership::Unowned => {
                    self.remove_unmarked(&outputs.id, self.raw(), Sighting::Seen).await?;
                    Poll::Ready(Ownership::Unowned)
                }
                other => Poll::Ready(other),
            })
        })
        .await?;
        let id = &outputs.id;
        let what = match &owner {
            Ownership::Ours { .. } => return Ok(outputs),
            Ownership::Unowned => format!("{id} was removed while it was being created"),
            Ownership::SameStack { owner, .. } => format!("{id} was handed over to {owner} while it was being created"),
            Ownership::Foreign { stack, logical_id } => {
                format!(
                    "{id} was taken over by another stack while it was being created: {}",
                    owner_name(stack, logical_id)
                )
            }
        };
        self.cx.release_claim();
        Err(Error::new(Kind::Conflict, what).with_advice("CloudFormation has given up on this request: deploy again."))
    }
}
