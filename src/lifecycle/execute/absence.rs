//! Deletes a resource, and confirms its absence if Chime refuses to delete or show it.

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
use crate::resource::parent;

/// Checks repeatedly whether a resource is gone.
pub struct AbsenceCheck<'a> {
    operation: &'a Operation<'a>,
    id: &'a str,
    sighting: Sighting,
    consistency: Window,
    patient: Window,
    /// Opens with the first check that finds the resource absent. When it closes, the absence has lasted long enough.
    absent: Option<Window>,
}

impl<'a> AbsenceCheck<'a> {
    pub fn new(operation: &'a Operation<'a>, id: &'a str, sighting: Sighting) -> Self {
        let patient = Window::until(operation.deadlines.ninety_percent());
        let consistency = operation.consistency_window();
        Self { operation, id, sighting, consistency, patient, absent: None }
    }

    /// Whether the resource is gone, after Chime has answered with `error`.
    ///
    /// # Errors
    /// It cannot be told, because another call failed.
    pub async fn look(&mut self, error: &Error) -> Result<Absence> {
        let operation = self.operation;
        let listing = match operation.exists_after(error, self.id).await {
            Ok(true) => Listing::Holds,
            Ok(false) => {
                let is_first_look = self.absent.is_none();
                match is_first_look && operation.is_parent_gone(self.id).await? {
                    true => Listing::ParentGone,
                    false => Listing::Lacks,
                }
            }
            Err(second) if second.could_be_not_found() => Listing::Refused,
            Err(second) => {
                let why = format!("Whether it still exists could not be checked: {}", second.reason());
                return Err(error.clone_with_advice(why));
            }
        };
        let is_lasting = self.absent.is_some_and(|window| !window.is_open());
        let windows = OpenWindows { consistency: self.consistency.is_open(), patient: self.patient.is_open() };
        let absence = decide_absence(&AbsenceFacts {
            refusal: Refusal::of(error.kind()),
            listing,
            is_lasting,
            was_seen: self.sighting == Sighting::Seen,
            windows,
        });
        match absence {
            Absence::Unconfirmed => {
                self.absent.get_or_insert_with(|| Window::absence(operation.time_scale()));
            }
            Absence::Confirmed | Absence::LookAgain(_) | Absence::StillThere => self.absent = None,
        }
        Ok(absence)
    }

    /// How long this kind of wait may go on.
    pub fn window(&self, wait: Wait) -> Window {
        match wait {
            Wait::Patient => self.patient,
            Wait::Consistency => self.consistency,
            Wait::Confirm => self.absent.unwrap_or(self.consistency),
        }
    }
}

impl Operation<'_> {
    /// Whether the parent of `id` is gone. `false` if that cannot be told.
    async fn is_parent_gone(&self, id: &str) -> Result<bool> {
        let parent = self.resource.parent(id);
        let bearer = Actor::stated(&self.raw());
        Ok(!parent.is_empty() && !parent::is_there(self.cx, &parent, bearer.as_str()).await.unwrap_or(true))
    }

    /// Deletes a resource and its mark. Succeeds if it is already gone.
    ///
    /// # Errors
    /// The resource could not be deleted, or its absence could not be confirmed.
    pub(super) async fn remove(&self, id: &str, sighting: Sighting) -> Result<()> {
        self.remove_unmarked(id, self.raw(), sighting).await?;
        match remove_mark(self.cx, self.resource, id).await {
            Err(error) if error.could_be_not_found() => match read_ownership(self.cx, self.resource, id).await {
                // The parent that carried the mark is gone as well.
                Err(second) if second.could_be_not_found() => Ok(()),
                _ => Err(error),
            },
            removed => removed,
        }
    }

    /// Like [`remove`](Self::remove), but leaves the mark alone.
    ///
    /// # Errors
    /// Those of [`remove`](Self::remove).
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
                Absence::Unconfirmed => Ok(Poll::Again(check.window(Wait::Confirm))),
                Absence::LookAgain(wait) => Ok(Poll::Again(check.window(wait))),
                Absence::StillThere => Err(error),
            }
        })
        .await
    }
}
