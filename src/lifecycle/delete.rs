//! Deleting: what an id leads to, whose that is, and when it is gone.

use crate::chime::backoff::{LAG, Patience, a_moment};
use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::Life;
use crate::lifecycle::find::{Found, Wanted as Sought};
use crate::lifecycle::physical_id::Meaning;
use crate::lifecycle::region::{must_be_here, must_name_what_is_here};
use crate::properties::raw::Stated;
use crate::request::LONGEST_RUN;
use crate::resource::Place;
use crate::resource::bearer::acting;
use crate::resource::observed::Seen;
use crate::resource::ownership::owner::{MADE_UP, Noted, Owner, Whose};
use crate::resource::ownership::store::{forget, settle, whose};
use crate::response::Response;
use crate::settings::TimeScale;
use std::time::SystemTime;

impl Life<'_> {
    pub(super) async fn delete(&self, given: &str) -> Response {
        match self.guarded(self.deadlines.work, self.delete_meant(given)).await {
            Ok(()) => {
                self.memory.note_delete(self.request);
                Response::success(given, Vec::new())
            }
            Err(error) => Response::failed(given, error),
        }
    }

    async fn delete_meant(&self, given: &str) -> Result<()> {
        match Meaning::of(self.face, given) {
            Meaning::NotCreated => Ok(()),
            Meaning::Thing => {
                must_be_here(self.cx, [(String::new(), given)])?;
                self.delete_thing(given).await
            }
            Meaning::Unfinished(request_id) => {
                must_name_what_is_here(self.cx, &self.request.properties)?;
                self.clean_up(Some(request_id)).await
            }
            // A create that names a place where the Chime calls do not go was refused, and made nothing.
            Meaning::MadeUp if must_name_what_is_here(self.cx, &self.request.properties).is_err() => Ok(()),
            Meaning::MadeUp => self.clean_up(None).await,
        }
    }

    /// Deletes the thing `id`, if it is still this logical resource's.
    async fn delete_thing(&self, id: &str) -> Result<()> {
        if self.face.noted() == Noted::Nowhere {
            return if self.is_made_since(id).await? { Ok(()) } else { self.remove(id).await };
        }
        if !self.face.is_named() {
            // Chime gives an id that it chose to one thing alone.
            return self.remove(id).await;
        }
        let mut absence = Absence::new(self);
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            match whose(self.cx, self.face, id).await {
                // A late event may meet what has just been made by another, whose tags lag behind.
                Ok(Whose::Nobodys) if !self.deadlines.is_fresh && patience.pause().await => {}
                // What this logical id has taken over a moment ago may not be shown yet.
                Ok(Whose::Siblings { former, .. })
                    if !former.as_deref().is_some_and(|former| self.cx.owner().is(former))
                        && patience.pause().await => {}
                // Without a tag, its age alone tells what another has made of the same name since.
                Ok(Whose::Nobodys) if self.face.noted() == Noted::OwnTags && self.is_made_since(id).await? => {
                    return Ok(());
                }
                Ok(whose) => return self.delete_if_own(id, whose).await,
                Err(error) if error.may_mean_missing() => {
                    let error = error.advise("It exists, and whose it is cannot be read: it is left alone.");
                    let is_listed = self.is_listed_after(&error, id).await;
                    if !absence.is_certain(error, is_listed).await? {
                        continue;
                    }
                    // It may have been made a moment ago, and only its tags be invisible. Chime knows it for sure when it is to
                    // delete it; and a Delete that was sent just now means what was there just now.
                    if self.deadlines.is_fresh {
                        return self.remove(id).await;
                    }
                    if self.request.age() > LAG || !patience.pause().await {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn delete_if_own(&self, id: &str, whose: Whose) -> Result<()> {
        match whose {
            // A handover that is not ended is being rolled back: ownership goes back, and nothing is removed.
            Whose::Own { former: Some(former), .. } if former != MADE_UP => self.leave(id, &former).await,
            // Nothing is noted: an older version made it, or somebody untagged it. The id says what to do. Its tags have just been read.
            Whose::Own { .. } | Whose::Nobodys => self.remove_seen(id, self.face.noted() == Noted::OwnTags).await,
            // It has been handed over, and with this the handover is ended.
            Whose::Siblings { logical_id, former: Some(former) } if self.cx.owner().is(&former) => {
                self.leave(id, &logical_id).await
            }
            // It has been given back, by a Delete that was denied to say so to the end.
            Whose::Siblings { logical_id, former: Some(former) } if former == logical_id => {
                settle(self.cx, self.face, id, &logical_id).await
            }
            Whose::Siblings { .. } | Whose::Anothers { .. } => Ok(()),
        }
    }

    /// Ends a handover in favour of `logical_id`.
    ///
    /// Two names for one thing may be deleted at the same time: each finds the handover and leaves the thing to the other. One note is
    /// written over the other; whoever's is gone a moment later has been left the thing by one that is no more, and removes it.
    async fn leave(&self, id: &str, logical_id: &str) -> Result<()> {
        match settle(self.cx, self.face, id, logical_id).await {
            // The other was quicker.
            Err(error) if error.may_mean_missing() && !self.is_listed_after(&error, id).await? => return Ok(()),
            settled => settled?,
        }
        let is_ended = |whose: &Whose| {
            !matches!(whose, Whose::Own { former: Some(_), .. } | Whose::Siblings { former: Some(_), .. })
        };
        self.shown(id, is_ended).await?;
        // One look may be at what was noted before the handover.
        for _ in 0..3 {
            a_moment(self.cx.settings().time_scale).await;
            match whose(self.cx, self.face, id).await {
                Ok(Whose::Own { former: None, .. }) => {}
                Err(error) if !error.may_mean_missing() => return Err(error),
                _ => return Ok(()),
            }
        }
        self.remove_seen(id, self.face.noted() == Noted::OwnTags).await
    }

    /// Waits until the tags of `id` say whose it is now: the next event goes by them, and they may lag behind.
    pub(super) async fn shown(&self, id: &str, is_shown: impl Fn(&Whose) -> bool) -> Result<()> {
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            match whose(self.cx, self.face, id).await {
                Ok(whose) if is_shown(&whose) => return Ok(()),
                Err(error) if !error.may_mean_missing() => return Err(error),
                _ if patience.pause().await => {}
                _ => return Ok(()),
            }
        }
    }

    /// Removes what a create made of which nobody knows the id: what `request_id` made, or any request about this logical
    /// resource. It may still be under way in another environment, and lists may lag behind: for half of the time there is, nothing
    /// found is no proof.
    async fn clean_up(&self, request_id: Option<&str>) -> Result<()> {
        let properties = &self.request.properties;
        let mut patience = Patience::until(self.deadlines.halfway(), self.cx.settings().time_scale);
        match self.face.place(&self.stated(), request_id) {
            // Properties that do not say where it is were refused, and made nothing.
            None => Ok(()),
            Some(Place::In(parent)) => {
                self.remove_all(&parent, Sought { properties, request_id, except: &[], is_recent: true }, &mut patience)
                    .await
            }
            Some(Place::Known(id)) if self.face.noted() == Noted::Nowhere => {
                self.clean_up_unmarked(&id, &self.stated(), &mut patience).await
            }
            Some(Place::Known(id)) => self.clean_up_known(&id, request_id, &mut patience).await,
        }
    }

    /// Removes all that is found in `parent`, searching for as long as `patience` lasts while nothing has been.
    pub(super) async fn remove_all(&self, parent: &str, sought: Sought<'_>, patience: &mut Patience) -> Result<()> {
        // Lists may go on showing what has been removed.
        let mut except = sought.except.to_vec();
        let mut is_thorough = false;
        loop {
            match self.search(parent, Sought { except: &except, ..sought }, is_thorough).await? {
                Found::Thing(id) if self.is_of_a_later_life(&id, None).await? => except.push(id),
                Found::Thing(id) => {
                    self.remove(&id).await?;
                    except.push(id);
                }
                Found::Nothing if except.len() > sought.except.len() || is_thorough => return Ok(()),
                Found::InDoubt(error) if is_thorough => {
                    return Err(error
                        .advise("It may be what is to be removed, and whose it is cannot be read: it is left alone."));
                }
                // The last search asks for the tags of everything, whatever its name.
                Found::Nothing | Found::InDoubt(_) => is_thorough = !patience.pause().await,
            }
        }
    }

    async fn clean_up_known(&self, id: &str, request_id: Option<&str>, patience: &mut Patience) -> Result<()> {
        let mut is_given_back = false;
        loop {
            let doubt = match whose(self.cx, self.face, id).await {
                // What an Update of the made-up id has made in its place.
                Ok(Whose::Own { former: Some(former), .. }) if request_id.is_none() && former == MADE_UP => {
                    return Ok(());
                }
                Ok(Whose::Own { request_id: found, since, former }) => {
                    // An earlier request's doubt never removes what a later one lives on.
                    if request_id.is_some_and(|wanted| !Owner::is_request(&found, wanted))
                        || self.is_of_a_later_life(id, since).await?
                    {
                        return Ok(());
                    }
                    let is_handed_over = former.is_some();
                    let is_there = is_handed_over || self.face.noted() == Noted::OwnTags || self.is_listed(id).await?;
                    // Marked and not yet set: the create is between the two.
                    if is_there || !patience.pause().await {
                        self.delete_if_own(id, Whose::Own { request_id: found, since, former }).await?;
                        // A create that nobody waits for any more may note it once more, if its first attempt at that had no answer.
                        is_given_back = is_handed_over && request_id.is_none();
                        if is_given_back && patience.pause().await {
                            continue;
                        }
                        // An attempt whose answer was lost may have set it once more, before its mark was gone.
                        let is_back =
                            !is_handed_over && self.face.noted() != Noted::OwnTags && self.is_listed(id).await?;
                        return if is_back { self.remove(id).await } else { Ok(()) };
                    }
                    continue;
                }
                Ok(whose @ Whose::Siblings { .. }) if request_id.is_some() => {
                    return self.delete_if_own(id, whose).await;
                }
                Ok(Whose::Siblings { logical_id, former: Some(former) }) if former == logical_id => {
                    settle(self.cx, self.face, id, &logical_id).await?;
                    None
                }
                Ok(Whose::Anothers { .. }) if request_id.is_some() => return Ok(()),
                // The create may still be under way, and take it over.
                Ok(Whose::Siblings { .. } | Whose::Anothers { .. } | Whose::Nobodys) => None,
                // What was to be done is done, as far as can be seen.
                Err(_) if is_given_back => None,
                Err(error) if error.may_mean_missing() => Some(error),
                Err(error) => return Err(error),
            };
            if !patience.pause().await {
                return match doubt {
                    Some(error) if self.is_listed(id).await? => {
                        Err(error.advise("It exists, and whose it is cannot be read: it is left alone."))
                    }
                    _ => Ok(()),
                };
            }
        }
    }

    /// Whether the thing was made long after this request was sent. Asked only of an event that is old enough for that.
    async fn is_of_a_later_life(&self, id: &str, since: Option<SystemTime>) -> Result<bool> {
        if self.request.age() <= LONGEST_RUN {
            return Ok(false);
        }
        let seen = match since {
            Some(since) => Seen { created: Some(since), ..Seen::NOTHING },
            None => self.look(id).await?,
        };
        Ok(self.is_later(&seen))
    }

    /// Whether what was seen was made long after this request was sent.
    fn is_later(&self, seen: &Seen) -> bool {
        seen.created.is_some_and(|created| created > self.cx.sent() + LONGEST_RUN)
    }

    /// Removes a thing and its mark, unless it is gone already.
    pub(super) async fn remove(&self, id: &str) -> Result<()> {
        self.remove_seen(id, false).await
    }

    /// The same. What was there a moment ago is not gone because a List does not show it yet.
    async fn remove_seen(&self, id: &str, was_seen: bool) -> Result<()> {
        self.remove_thing(id, &self.stated(), was_seen).await?;
        match forget(self.cx, self.face, id).await {
            Err(error) if error.may_mean_missing() => match whose(self.cx, self.face, id).await {
                // What bore the mark is gone as well.
                Err(second) if second.may_mean_missing() => Ok(()),
                _ => Err(error),
            },
            forgotten => forgotten,
        }
    }

    /// Whether `id` is listed, after Chime has answered with `error`: its own 404 says that for itself.
    async fn is_listed_after(&self, error: &Error, id: &str) -> Result<bool> {
        if error.kind() == Kind::NotFound { Ok(false) } else { self.is_listed(id).await }
    }

    pub(super) async fn remove_thing(&self, id: &str, stated: &Stated<'_>, was_seen: bool) -> Result<()> {
        let mut absence = Absence { was_seen, ..Absence::new(self) };
        loop {
            let delete = |stated| self.face.delete(self.cx, id, stated);
            let error = match acting(self.cx, self.face, id, stated.clone(), delete).await {
                Ok(()) => return Ok(()),
                Err(error) if error.may_mean_missing() => error,
                Err(error) => return Err(error),
            };
            let is_listed = self.is_listed_after(&error, id).await;
            if absence.is_certain(error, is_listed).await? {
                return Ok(());
            }
        }
    }
}

/// Finding out whether a thing is gone. It is if Chime says that it does not exist, or refuses and its parent's List does not hold it;
/// and says so again a moment later, because what was made a second ago may only be invisible.
struct Absence {
    time_scale: TimeScale,
    of_parent: Patience,
    of_thing: Patience,
    was_absent: bool,
    /// It was there a moment ago.
    was_seen: bool,
}

impl Absence {
    fn new(life: &Life<'_>) -> Self {
        let time_scale = life.cx.settings().time_scale;
        Self {
            time_scale,
            of_parent: Patience::until(life.deadlines.last_look(), time_scale),
            of_thing: Patience::for_a_lag(life.deadlines.halfway(), time_scale),
            was_absent: false,
            was_seen: false,
        }
    }

    /// Whether the thing is gone, after Chime has answered with `error` and its parent's List with `is_listed`. Otherwise it is time to
    /// ask again.
    ///
    /// # Errors
    /// It is not, and waiting has not helped; or nobody can say.
    async fn is_certain(&mut self, error: Error, is_listed: Result<bool>) -> Result<bool> {
        let is_patient = match is_listed {
            Ok(false) if self.was_seen && error.kind() != Kind::NotFound && self.of_thing.pause().await => {
                return Ok(false);
            }
            Ok(false) if self.was_absent => return Ok(true),
            Ok(false) => {
                self.was_absent = true;
                a_moment(self.time_scale).await;
                return Ok(false);
            }
            // Its app instance may be on its way out: still listed, and nothing in it to be seen any more.
            Ok(true) if error.kind() == Kind::Forbidden => self.of_parent.pause().await,
            Ok(true) => self.of_thing.pause().await,
            Err(second) if second.may_mean_missing() => self.of_parent.pause().await,
            Err(second) => {
                let doubt = format!("Whether it still exists could not be found out: {}", second.reason());
                return Err(error.advise(doubt));
            }
        };
        self.was_absent = false;
        if is_patient { Ok(false) } else { Err(error) }
    }
}
