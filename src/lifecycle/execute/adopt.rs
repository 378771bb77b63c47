//! The actions on a resource that already exists: continuing with it, adopting it, reporting it as found, and taking it over in a handover.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::request::Action;
use crate::request::logical_id::LogicalId;
use crate::resource::erased::{Desired, From, Outputs};
use crate::resource::ownership::store::{read_ownership, record_owner};
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use serde_json::Value as Json;

impl Operation<'_> {
    /// Continues with a resource that this logical resource created before. Renews its note with the handover, if there is one.
    pub(super) async fn go_on(&self, desired: &dyn Desired, id: &str, renewed: Option<Handover>) -> Result<Outputs> {
        self.claim_in_a_create(id);
        if let Some(handover) = renewed {
            self.record(id, &handover, Standing::Made).await?;
        }
        self.update_from_observed(desired, id, None).await
    }

    /// Takes over the resource that AdoptExisting names. It is as stated and unowned, so only its owner is recorded.
    pub(super) async fn take_over(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        self.record_first(id, Standing::Made).await?;
        self.claim_in_a_create(id);
        desired.update(self.cx, id, From::Previous(&self.request.properties)).await
    }

    /// Reports an existing resource as found and leaves it as it is. A setting records this in its mark, an untracked resource in its id.
    pub(super) async fn find(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        if self.resource.tracking() != Tracking::Untracked {
            self.record_first(id, Standing::Found).await?;
        }
        let id = self.resource.with_standing(id, Standing::Found);
        self.claim_in_a_create(&id);
        desired.update(self.cx, &id, From::Previous(&self.request.properties)).await
    }

    /// Records the owner of what existed before. From here on, a failure may leave a note behind.
    async fn record_first(&self, id: &str, standing: Standing) -> Result<()> {
        self.cx.set_outcome_unknown();
        self.record(id, &Handover::None, standing).await.inspect_err(|error| {
            // Chime has no room for the tags and has written none.
            if error.kind() == Kind::LimitExceeded {
                self.cx.set_outcome_known();
            }
        })
    }

    async fn record(&self, id: &str, handover: &Handover, standing: Standing) -> Result<()> {
        record_owner(self.cx, self.resource, id, handover, standing).await
    }

    /// Updates an existing resource, starting from what Chime shows. Waits if Chime does not show the resource yet. Tags that only the
    /// `former` properties had are removed.
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

    /// Takes over the resource of another logical id in the same stack, which was renamed. The resource is as stated.
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

    /// Claims `id` if this is a Create. If it fails later, the rollback's Delete gets that id and settles the ownership. An Update reports
    /// the id that it was given, and must not remove what existed before it.
    fn claim_in_a_create(&self, id: &str) {
        if self.request.action == Action::Create {
            self.cx.claim(id);
        }
    }

    /// Makes sure that the resource in Chime's answer exists and is ours. Chime may answer a repeated token with the ARN of a resource that
    /// has been deleted since.
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
            Err(match error {
                Some(error) => error.with_advice(
                    "Chime answered with the resource of an earlier delivery of this request, which no longer exists: deploy again.",
                ),
                None => Error::new(Kind::Conflict, format!("{} has another owner by now", outputs.id))
                    .with_advice("An earlier delivery of this request created it: deploy again."),
            })
        })
        .await?;
        Ok(outputs)
    }
}
