//! Waits for what a resource stands on: Chime shows a parent, a bearer, a role or a policy some seconds after it was made.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::resource::Locator;
use crate::resource::erased::{Desired, Outputs};

impl Operation<'_> {
    /// Creates the resource. Tries again for some seconds if the refusal may be due to a dependency that was created a moment ago: its parent,
    /// its bearer, a role, or the function's own policy.
    pub(super) async fn create_when_ready(&self, desired: &dyn Desired) -> Result<Outputs> {
        self.when_ready(|error| self.may_be_early(error), async || desired.create(self.cx).await).await
    }

    /// Makes `attempt`, and again for some seconds if the event is fresh and the error `is_early`.
    pub(super) async fn when_ready<T>(
        &self,
        is_early: impl Fn(&Error) -> bool,
        mut attempt: impl AsyncFnMut() -> Result<T>,
    ) -> Result<T> {
        let mut window = None;
        poll(self.time_scale(), async || {
            let error = match attempt().await {
                Err(error) if self.cx.clock().is_fresh() && is_early(&error) => error,
                outcome => return outcome.map(Poll::Ready),
            };
            let window = *window.get_or_insert_with(|| self.consistency_window());
            match window.is_open() {
                true => Ok(Poll::Again(window)),
                false => Err(error.after(
                    "it was tried again for some seconds, in case something it depends on had just been created",
                )),
            }
        })
        .await
    }

    /// Whether the create may have come too early, so that trying again may help.
    fn may_be_early(&self, error: &Error) -> bool {
        let stands_on_something = !matches!(
            self.resource.locate(&self.raw(), None),
            Some(Locator::InParent(parent)) if parent.is_empty()
        );
        match error.kind() {
            Kind::NotFound | Kind::Forbidden | Kind::Unauthorized => stands_on_something,
            Kind::Denied => true,
            _ => error.is_about_another_service(),
        }
    }
}
