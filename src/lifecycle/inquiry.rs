//! Runs a decision: answers its questions, waits when it asks to look again, and returns the action that it ends with.

use crate::chime::error::{Error, Result};
use crate::chime::poll::{Backoff, Poll, Window, poll_from};
use crate::lifecycle::decide::{Step, Wait};
use crate::settings::TimeScale;

/// Collects the facts for one decision.
pub trait Inquiry {
    /// A question that the decision may ask.
    type Question;
    /// An action that the decision may end with.
    type Action;

    /// The next step, given what is known now.
    fn decide(&mut self) -> Step<Self::Question, Self::Action>;

    /// Answers a question and keeps the answer as a fact.
    ///
    /// # Errors
    /// A failed call whose failure is not itself a fact, such as a denial by IAM.
    async fn learn(&mut self, question: Self::Question) -> Result<()>;

    /// Discards what Chime has shown, because it may have changed.
    fn forget(&mut self);

    /// How long this kind of wait may go on.
    fn window(&self, wait: Wait) -> Window;
}

/// Asks and looks again until the decision ends with an action.
///
/// # Errors
/// Those of [`Inquiry::learn`].
pub async fn inquire<I: Inquiry>(time_scale: TimeScale, inquiry: &mut I) -> Result<I::Action> {
    inquire_from(&mut Backoff::default(), time_scale, inquiry).await
}

/// Like [`inquire`], but with the caller's `backoff`. The pauses keep growing if the caller inquires again after an action.
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

/// The refusal with which a decision ended.
pub fn refused(refusal: Option<Error>) -> Error {
    refusal.unwrap_or_else(|| Error::bug("Chime has refused nothing"))
}
