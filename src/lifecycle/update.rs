//! Updating in place, replacing, and removing what an abandoned replacement left.

use crate::chime::backoff::Patience;
use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::Life;
use crate::lifecycle::find::{Found, Wanted as Sought};
use crate::lifecycle::physical_id::Meaning;
use crate::lifecycle::region::must_be_here;
use crate::properties::raw::Stated;
use crate::resource::Place;
use crate::resource::erased::{Answered, Wanted};
use crate::resource::ownership::owner::{MADE_UP, Noted, Whose};
use crate::resource::ownership::store::{settle, take, whose};
use crate::response::Response;
use serde_json::Value as Json;

/// Whether a thing is the one that an Update wants.
enum Kept {
    AsItIs,
    /// It is, though the old properties speak of another.
    AfterAll,
    Not,
}

impl Life<'_> {
    pub(super) async fn update(&self, given: &str, old: &Json, is_repeated: bool) -> Response {
        let wanted = match self.accepted() {
            Ok(wanted) => wanted,
            Err(refused) => return refused,
        };
        if let Err(error) = must_be_here(self.cx, [(String::new(), given)]) {
            return Response::failed(given, error);
        }
        let mut is_replaced = false;
        let outcome = match self.guarded(self.deadlines.work, self.is_kept(&*wanted, given, old, is_repeated)).await {
            Err(error) => return Response::failed(given, error),
            Ok(Kept::AsItIs) => self.guarded(self.deadlines.work, self.keep(&*wanted, given, old, is_repeated)).await,
            Ok(Kept::AfterAll) => self.guarded(self.deadlines.work, self.keep(&*wanted, given, old, true)).await,
            Ok(Kept::Not) => match self.makes_itself(given) {
                Some(refused) => return Response::failed(given, refused),
                None => {
                    is_replaced = true;
                    self.guarded(self.deadlines.work, self.replace(&*wanted, given)).await
                }
            },
        };
        let error = match outcome {
            Ok(answered) => return Response::success(answered.id, answered.attributes),
            Err(error) => error,
        };
        // Only what this very delivery saw come into being: an earlier one may have made it and answered for it. The rest is for the
        // update back, whose old properties name it.
        if let (true, true, Some(half_made)) = (is_replaced, self.deadlines.is_fresh, self.cx.claimed())
            && let Err(left) = self.guarded(self.deadlines.removal, self.remove(&half_made)).await
        {
            let advice = format!("What was made in its place is left behind: {}", left.reason());
            return Response::failed(given, error.advise(advice));
        }
        Response::failed(given, error)
    }

    /// Whether the thing `given` is the one that the properties want. What its id does not say, the old properties do; but those may be
    /// of a replacement that failed, and then Chime has to be asked.
    async fn is_kept(&self, wanted: &dyn Wanted, given: &str, old: &Json, is_repeated: bool) -> Result<Kept> {
        if !self.face.is_id(given) || wanted.replaces(given, None) {
            return Ok(Kept::Not);
        }
        let is_another = wanted.replaces(given, Some(old));
        // The very same properties again come after a failure, and those that cannot be read say nothing.
        if !is_another && !is_repeated && self.face.read(old).is_ok() {
            return Ok(Kept::AsItIs);
        }
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            return match wanted.look(self.cx, given).await {
                Ok(seen) if seen.exists && seen.is_meant => Ok(if is_another { Kept::AfterAll } else { Kept::AsItIs }),
                Ok(seen) if !is_another && !seen.exists => Ok(Kept::AsItIs),
                Ok(_) => Ok(Kept::Not),
                Err(error) if !error.may_mean_missing() => Err(error),
                Err(_) if !is_another => Ok(Kept::AsItIs),
                // A refusal alone does not say that it is gone.
                Err(error) if error.kind() != Kind::NotFound && self.is_listed(given).await? => {
                    if !patience.pause().await {
                        return Err(error.advise("It exists, and what it is like cannot be read."));
                    }
                    continue;
                }
                Err(_) => Ok(Kept::Not),
            };
        }
    }

    /// Why a replacement cannot be: what it would make has the very id of what it replaces.
    fn makes_itself(&self, given: &str) -> Option<Error> {
        match self.face.place(&self.stated(), None) {
            Some(Place::Known(id)) if self.face.is_in_the_way_of(given, &id) => {
                let what = format!("Chime cannot change this of {given}");
                Some(match self.face.noted() {
                    // It has no id that a template could state.
                    Noted::Nowhere => Error::new(Kind::Invalid, what)
                        .advise("Remove the resource in one deployment, and add it in the next."),
                    _ => Error::new(Kind::Invalid, format!("{what}, and what would replace it has the same id")).advise(
                        "State another id as well, or remove the resource in one deployment and add it in the next.",
                    ),
                })
            }
            _ => None,
        }
    }

    /// Brings the thing to what is wanted.
    async fn keep(&self, wanted: &dyn Wanted, given: &str, old: &Json, is_repeated: bool) -> Result<Answered> {
        // The very same properties again come after a failure. What the thing is like then, Chime alone knows.
        let is_known = !is_repeated || wanted.look(self.cx, given).await.is_ok_and(|seen| seen.is_as_wanted);
        let answered = wanted.update(self.cx, given, Some(old).filter(|_| is_known)).await?;
        self.remove_leftovers(given, old).await?;
        Ok(answered)
    }

    /// Old properties that name another thing follow a replacement that failed, or whose answer was not waited for: what it made
    /// for this logical resource is removed.
    async fn remove_leftovers(&self, kept: &str, old: &Json) -> Result<()> {
        let properties = &self.request.properties;
        if !self.face.read(old).is_ok_and(|old| old.replaces(kept, Some(properties))) {
            return Ok(());
        }
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        match self.face.place(&Stated::of(old), None) {
            Some(Place::In(parent)) => {
                let kept = [kept.to_owned()];
                let sought = Sought { properties: old, request_id: None, except: &kept, is_recent: true };
                self.remove_all(&parent, sought, &mut patience).await
            }
            // What would have replaced it could not be.
            Some(Place::Known(id)) if self.face.is_in_the_way_of(kept, &id) => Ok(()),
            Some(Place::Known(id)) if self.face.noted() == Noted::Nowhere => {
                self.clean_up_unmarked(&id, &Stated::of(old), &mut patience).await
            }
            Some(Place::Known(id)) => loop {
                match whose(self.cx, self.face, &id).await {
                    Ok(Whose::Own { former: Some(former), .. }) if former != MADE_UP => {
                        return settle(self.cx, self.face, &id, &former).await;
                    }
                    Ok(Whose::Own { .. }) => return self.remove(&id).await,
                    // The mark may lag behind.
                    Ok(Whose::Nobodys) if patience.pause().await => {}
                    Ok(_) => return Ok(()),
                    Err(error) if error.may_mean_missing() => {
                        if !patience.pause().await {
                            return if self.is_listed(&id).await? { Err(error) } else { Ok(()) };
                        }
                    }
                    Err(error) => return Err(error),
                }
            },
            None => Ok(()),
        }
    }

    /// Makes what takes the place of another resource. The rollback of a replacement comes this way too, and what it wants to
    /// have back still exists: where Chime would make a second one without complaint, the first is looked for.
    async fn replace(&self, wanted: &dyn Wanted, given: &str) -> Result<Answered> {
        let properties = &self.request.properties;
        if let Some(Place::In(parent)) = self.face.place(&Stated::of(properties), None) {
            let except = [given.to_owned()];
            let sought = Sought { properties, request_id: None, except: &except, is_recent: false };
            let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
            loop {
                match self.search(&parent, sought, false).await? {
                    Found::Thing(id) => return self.adopt(wanted, &id, "", None).await,
                    Found::Nothing => break,
                    Found::InDoubt(error) => {
                        if !patience.pause().await {
                            return Err(error.advise(
                                "What may be this resource already exists, and whose it is cannot be read: see to that first.",
                            ));
                        }
                    }
                }
            }
        }
        let made = self.make(wanted).await?;
        if Meaning::of(self.face, given) == Meaning::MadeUp {
            // The cleanup's Delete will bring the id that CloudFormation made up, and must not take this for what it means.
            take(self.cx, self.face, &made.id, Some(MADE_UP)).await?;
        }
        Ok(made)
    }
}
