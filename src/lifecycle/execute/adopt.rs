//! Going on with what exists already: what this logical resource made, what another one hands over, and what bears no note.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::request::Action;
use crate::request::logical_id::LogicalId;
use crate::resource::erased::{Desired, From, Outputs};
use crate::resource::observed::Observation;
use crate::resource::ownership::owner::{Handover, Ownership, Tracking};
use crate::resource::ownership::store::{read_ownership, record_owner};

impl Operation<'_> {
    /// Goes on with what this logical resource made before. With a `handover` to be noted, it lives on this request from now on.
    pub(super) async fn adopt(&self, desired: &dyn Desired, id: &str, note: Option<&Handover>) -> Result<Outputs> {
        self.claim_in_a_create(id);
        if let Some(handover) = note {
            record_owner(self.cx, self.resource, id, handover).await?;
        }
        self.update_from_observed(desired, id).await
    }

    /// Brings what exists to what is desired, from what Chime shows; it may not show it yet.
    pub(super) async fn update_from_observed(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match desired.update(self.cx, id, From::Observed).await {
            Err(error) if error.kind() == Kind::NotFound && window.is_open() => Ok(Poll::Again(window)),
            updated => updated.map(Poll::Ready),
        })
        .await
    }

    /// Takes over what another logical id of the same stack owns, as a renamed resource does. It is as stated.
    pub(super) async fn accept_handover(&self, desired: &dyn Desired, id: &str, from: LogicalId) -> Result<Outputs> {
        record_owner(self.cx, self.resource, id, &Handover::From(from)).await?;
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

    /// Goes on with what is there and bears no note.
    pub(super) async fn join(
        &self,
        desired: &dyn Desired,
        id: &str,
        observation: Option<Observation>,
    ) -> Result<Outputs> {
        // An earlier delivery of this request may have made it; what is older was there before.
        let clock = self.cx.clock();
        let is_own = observation.as_ref().is_some_and(|observation| {
            self.is_unanswered_trace(observation)
                && observation.created.is_some_and(|created| clock.may_have_made(created))
        });
        if is_own {
            self.cx.set_outcome_unknown()
        } else {
            self.cx.set_outcome_known()
        }
        match observation {
            Some(observation) if observation.differences.is_empty() => {
                desired.update(self.cx, id, From::Previous(&self.request.properties)).await
            }
            _ => self.update_from_observed(desired, id).await,
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
