//! Setting a setting, and its mark.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::create::Note;
use crate::lifecycle::decide::delete::Sighting;
use crate::resource::erased::{Desired, From, Outputs};
use crate::resource::ownership::owner::{Handover, Ownership, Standing};
use crate::resource::ownership::store::{read_ownership, record_owner, remove_mark};

impl Operation<'_> {
    /// Marks a setting and sets it. The mark comes first: what is set without one, nobody would clean up.
    pub(super) async fn set(&self, desired: &dyn Desired, id: &str, note: Note) -> Result<Outputs> {
        let is_new = note == Note::Write;
        if let Note::Renew(handover) = &note {
            record_owner(self.cx, self.resource, id, handover, Standing::Made).await?;
        }
        // From here on a mark may be left behind, whatever happens: the rollback settles what it says.
        self.cx.set_outcome_unknown();
        if is_new {
            let marked = record_owner(self.cx, self.resource, id, &Handover::None, Standing::Made).await;
            marked.inspect_err(|_| self.cx.set_outcome_known())?;
        }
        let error = match self.set_marked(desired, id, &note).await {
            Ok(outputs) if self.cx.calls().was_outcome_unknown() => return self.still_marked(outputs).await,
            Ok(outputs) => return Ok(outputs),
            Err(error) => error,
        };
        // Surely not set by this request: what may have been there before must not be taken for its own. An event that is not fresh may have
        // been carried out before, and marked what is there by now: the rollback's Delete finds out.
        if is_new
            && self.cx.clock().is_fresh()
            && !self.cx.calls().is_outcome_unknown()
            && remove_mark(self.cx, self.resource, id).await.is_ok()
        {
            self.cx.set_outcome_known();
        }
        Err(error)
    }

    /// Sets what is marked. A Conflict means that it is there already: as an earlier create left it, or Chime may not show it yet.
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

    /// Makes sure that what has been set is still marked. An attempt without an answer may have been carried out, and removed with its mark by
    /// the Delete of a create that is not waited for any more, before the next attempt has set it again: nobody would remove that.
    async fn still_marked(&self, outputs: Outputs) -> Result<Outputs> {
        let window = Window::until(self.deadlines.ninety_percent());
        let is_marked = poll(self.time_scale(), async || {
            Ok(match read_ownership(self.cx, self.resource, &outputs.id).await? {
                Ownership::Ours { .. } => Poll::Ready(true),
                Ownership::Unowned if window.is_open() => Poll::Again(window),
                Ownership::Unowned => {
                    self.remove_unmarked(&outputs.id, self.raw(), Sighting::Seen).await?;
                    Poll::Ready(false)
                }
                // It has been handed over meanwhile, or it is another's.
                Ownership::SameStack { .. } | Ownership::Foreign { .. } => Poll::Ready(false),
            })
        })
        .await?;
        if is_marked {
            return Ok(outputs);
        }
        self.cx.release_claim();
        let error = Error::new(Kind::Conflict, format!("{} was removed while it was being made", outputs.id));
        Err(error.with_advice("CloudFormation has given this request up: deploy again."))
    }
}
