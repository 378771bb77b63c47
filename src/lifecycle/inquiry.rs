//! The one executor of decisions: it asks what a decision wants to know, waits when it wants to look again, and ends with what is to be
//! done.

use crate::chime::error::Result;
use crate::chime::poll::{Backoff, Poll, Window, poll_from};
use crate::lifecycle::decide::{Step, Wait};
use crate::settings::TimeScale;

/// Facts that are being collected for a decision.
pub trait Inquiry {
    /// What can be asked.
    type Question;
    /// What can come of it.
    type Action;

    /// The next step, by what is known now.
    fn decide(&mut self) -> Step<Self::Question, Self::Action>;

    /// Finds out the answer to a question.
    ///
    /// # Errors
    /// Those of the calls that decide nothing, such as a denial by IAM.
    async fn learn(&mut self, question: Self::Question) -> Result<()>;

    /// Forgets what Chime has shown: it may show something else by now.
    fn forget(&mut self);

    /// Until when a wait is worth something.
    fn window(&self, wait: Wait) -> Window;
}

/// Asks and looks until there is something to do.
///
/// # Errors
/// Those of [`Inquiry::learn`].
pub async fn inquire<I: Inquiry>(time_scale: TimeScale, inquiry: &mut I) -> Result<I::Action> {
    inquire_from(&mut Backoff::default(), time_scale, inquiry).await
}

/// The same, where an action leads to further looks: the pauses go on growing.
///
/// # Errors
/// Those of [`Inquiry::learn`].
pub async fn inquire_from<I: Inquiry>(
    backoff: &mut Backoff,
    time_scale: TimeScale,
    inquiry: &mut I,
) -> Result<I::Action> {
    poll_from(backoff, time_scale, async || match inquiry.decide() {
        Step::Ask(question) => {
            inquiry.learn(question).await?;
            Ok(Poll::Now)
        }
        Step::LookAgain(wait) => {
            let window = inquiry.window(wait);
            inquiry.forget();
            Ok(Poll::Again(window))
        }
        Step::Do(action) => Ok(Poll::Ready(action)),
    })
    .await
}
