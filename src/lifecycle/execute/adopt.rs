//! Going on with what exists already: what this logical resource made, what another one hands over, and what bears no note.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::create::Note;
use crate::request::Action;
use crate::request::logical_id::LogicalId;
use crate::resource::erased::{Desired, From, Outputs};
use crate::resource::ownership::owner::{Handover, Ownership, Standing, Tracking};
use crate::resource::ownership::store::{read_ownership, record_owner};
use serde_json::Value as Json;

impl Operation<'_> {
    /// Goes on with what this logical resource made before.
    pub(super) async fn go_on(&self, desired: &dyn Desired, id: &str, note: &Note) -> Result<Outputs> {
        self.claim_in_a_create(id);
        match note {
            Note::Leave => {}
            Note::Write => self.record(id, &Handover::None, Standing::Made).await?,
            Note::Renew(handover) => self.record(id, handover, Standing::Made).await?,
        }
        self.update_from_observed(desired, id, None).await
    }

    /// Takes over what AdoptExisting names: it is as stated, and nobody's. Nothing about it changes but the note of its owner.
    pub(super) async fn take_over(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        self.cx.set_outcome_unknown();
        self.record(id, &Handover::None, Standing::Made).await?;
        self.claim_in_a_create(id);
        desired.update(self.cx, id, From::Previous(&self.request.properties)).await
    }

    /// Leaves what was there as it is, and says that it was: in the mark of a setting, in the id of what bears no note.
    pub(super) async fn find(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        if self.resource.tracking() != Tracking::Untracked {
            self.cx.set_outcome_unknown();
            self.record(id, &Handover::None, Standing::Found).await?;
        }
        let id = self.resource.with_standing(id, Standing::Found);
        self.claim_in_a_create(&id);
        desired.update(self.cx, &id, From::Previous(&self.request.properties)).await
    }

    async fn record(&self, id: &str, handover: &Handover, standing: Standing) -> Result<()> {
        record_owner(self.cx, self.resource, id, handover, standing).await
    }

    /// Brings what exists to what is desired, from what Chime shows; it may not show it yet. Tags that only the former properties had go.
    pub(super) async fn update_from_observed(
        &self,
        desired: &dyn Desired,
        id: &str,
        former: Option<&Json>,
    ) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match desired.update(self.cx, id, From::Observed { former }).await {
            Err(error) if error.kind() == Kind::NotFound && window.is_open() => Ok(Poll::Again(window)),
            updated => updated.map(Poll::Ready),
        })
        .await
    }

    /// Takes over what another logical id of the same stack owns, as a renamed resource does. It is as stated.
    pub(super) async fn accept_handover(
        &self,
        desired: &dyn Desired,
        id: &str,
        from: LogicalId,
        standing: Standing,
    ) -> Result<Outputs> {
        self.record(id, &Handover::From(from), standing).await?;
        self.claim_in_a_create(id);
        self.until_shown(id, |owner| matches!(owner, Ownership::Ours { .. })).await?;
        desired.update(self.cx, id, From::Previous(&self.request.properties)).await
    }

    /// A failed Create reports what it has taken, so that the rollback's Delete settles whose it is. An Update reports the id that
    /// it was given, and must not remove what was there before.
    fn claim_in_a_create(&self, id: &str) {
        if self.request.action == Action::Create {
            self.cx.claim(id);
        }
    }

    /// Makes sure that what Chime says it has made is there. A used token may have been answered with the ARN of a resource that has
    /// been removed since.
    pub(super) async fn confirmed(&self, outputs: Outputs) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || {
            let shown = match self.resource.tracking() {
                Tracking::Untracked => {
                    self.observe_as(&outputs.id, self.raw()).await.map(|_| Ownership::Unowned)
                }
                _ => read_ownership(self.cx, self.resource, &outputs.id).await,
            };
            let error = match shown {
                Ok(Ownership::Foreign { .. } | Ownership::SameStack { .. }) => None,
                Ok(Ownership::Ours { .. } | Ownership::Unowned) => return Ok(Poll::Ready(())),
                Err(error) if error.could_be_not_found() => Some(error),
                Err(error) => return Err(error),
            };
            if window.is_open() {
                return Ok(Poll::Again(window));
            }
            self.cx.release_claim();
            self.cx.set_outcome_unknown();
            let foreign = || Error::new(Kind::Conflict, format!("{} belongs to somebody else", outputs.id));
            Err(error.unwrap_or_else(foreign).with_advice(
                "Chime has answered an old request with what that request once made, and it is no longer there: deploy again.",
            ))
        })
        .await?;
        Ok(outputs)
    }
}
