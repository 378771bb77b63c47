//! Deleting, and making sure that what Chime refuses to delete or to show is gone.

use crate::chime::error::{Error, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::absence::{Absence, AbsenceFacts, Listing, Refusal, decide_absence};
use crate::lifecycle::decide::delete::Sighting;
use crate::lifecycle::decide::{OpenWindows, Wait};
use crate::properties::raw::RawProperties;
use crate::resource::actor::Actor;
use crate::resource::bearer::as_any_actor;
use crate::resource::ownership::store::{read_ownership, remove_mark};

/// Finding out whether a resource is gone, look after look.
pub struct AbsenceCheck<'a> {
    operation: &'a Operation<'a>,
    id: &'a str,
    sighting: Sighting,
    consistency: Window,
    patient: Window,
    is_second_look: bool,
}

impl<'a> AbsenceCheck<'a> {
    pub fn new(operation: &'a Operation<'a>, id: &'a str, sighting: Sighting) -> Self {
        let patient = Window::until(operation.deadlines.ninety_percent());
        let consistency = operation.consistency_window();
        Self { operation, id, sighting, consistency, patient, is_second_look: false }
    }

    /// Whether it is gone, after Chime has answered with `error`.
    ///
    /// # Errors
    /// Nobody can say.
    pub async fn look(&mut self, error: &Error) -> Result<Absence> {
        let listing = match self.operation.exists_after(error, self.id).await {
            Ok(true) => Listing::Holds,
            Ok(false) => Listing::Lacks,
            Err(second) if second.could_be_not_found() => Listing::Refused,
            Err(second) => {
                let why = format!("Whether it still exists could not be checked: {}", second.reason());
                return Err(error.clone_with_advice(why));
            }
        };
        let windows = OpenWindows { consistency: self.consistency.is_open(), patient: self.patient.is_open() };
        let absence = decide_absence(&AbsenceFacts {
            refusal: Refusal::of(error.kind()),
            listing,
            is_second_look: self.is_second_look,
            was_seen: self.sighting == Sighting::Seen,
            windows,
        });
        self.is_second_look = absence == Absence::Unconfirmed;
        Ok(absence)
    }

    /// Until when a further look is worth something.
    pub fn window(&self, wait: Wait) -> Window {
        if wait == Wait::Patient { self.patient } else { self.consistency }
    }
}

impl Operation<'_> {
    /// Removes a resource and its mark, unless it is gone already.
    ///
    /// # Errors
    /// It is not gone.
    pub(super) async fn remove(&self, id: &str, sighting: Sighting) -> Result<()> {
        self.remove_unmarked(id, self.raw(), sighting).await?;
        match remove_mark(self.cx, self.resource, id).await {
            Err(error) if error.could_be_not_found() => match read_ownership(self.cx, self.resource, id).await {
                // What bore the mark is gone as well.
                Err(second) if second.could_be_not_found() => Ok(()),
                _ => Err(error),
            },
            removed => removed,
        }
    }

    /// The same, but for its mark.
    ///
    /// # Errors
    /// It is not gone.
    pub(super) async fn remove_unmarked(&self, id: &str, raw: RawProperties<'_>, sighting: Sighting) -> Result<()> {
        let mut check = AbsenceCheck::new(self, id, sighting);
        poll(self.time_scale(), async || {
            let delete = |actor: Actor| self.resource.delete(self.cx, id, raw, actor);
            let error = match as_any_actor(self.cx, self.resource, id, &raw, delete).await {
                Ok(()) => return Ok(Poll::Ready(())),
                Err(error) if error.could_be_not_found() => error,
                Err(error) => return Err(error),
            };
            match check.look(&error).await? {
                Absence::Confirmed => Ok(Poll::Ready(())),
                Absence::Unconfirmed => Ok(Poll::Confirm),
                Absence::LookAgain(wait) => Ok(Poll::Again(check.window(wait))),
                Absence::StillThere => Err(error),
            }
        })
        .await
    }
}
