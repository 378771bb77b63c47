//! Creating: a thing of its own, a setting of another, and what to make of something that is there already.

use crate::chime::backoff::Patience;
use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::find::{Found, Wanted as Sought};
use crate::lifecycle::physical_id::{not_created, unfinished};
use crate::lifecycle::region::must_name_what_is_here;
use crate::lifecycle::{Life, refuse};
use crate::resource::Place;
use crate::resource::erased::{Answered, Wanted};
use crate::resource::ownership::owner::{Noted, Owner, Whose};
use crate::resource::ownership::store::{forget, take, whose};
use crate::response::Response;

/// What a Conflict has met.
enum Met {
    Whose(String, Whose),
    /// Nothing is shown, or it cannot be read. Invisible is not absent, and unreadable is not foreign.
    Unseen,
}

impl Life<'_> {
    pub(super) async fn create(&self) -> Response {
        let wanted = match self.accepted() {
            Ok(wanted) => wanted,
            Err(refused) => return refused,
        };
        if self.memory.is_over(self.request) {
            return refuse(
                self.request,
                "This request has been carried out, and what it made has been deleted since: it is a second delivery, and makes \
                 nothing",
            );
        }
        match self.guarded(self.deadlines.work, self.make(&*wanted)).await {
            Ok(answered) => {
                self.memory.note_create(self.request);
                Response::success(answered.id, answered.attributes)
            }
            Err(error) => {
                let id = match self.cx.claimed() {
                    Some(id) => id,
                    // An earlier delivery may have been killed half-way.
                    None if self.cx.is_outcome_unknown() || !self.deadlines.is_fresh => unfinished(self.request),
                    None => not_created(self.request),
                };
                Response::failed(id, error)
            }
        }
    }

    /// The properties of a Create or an Update that something can be done for.
    ///
    /// # Errors
    /// The answer to one that nothing can be done for.
    pub fn accepted(&self) -> Result<Box<dyn Wanted + '_>, Response> {
        let is_here = must_name_what_is_here(self.cx, &self.request.properties);
        let wanted = match (self.face.read(&self.request.properties), is_here) {
            (Ok(wanted), Ok(())) => wanted,
            (Ok(_), Err(elsewhere)) => return Err(refuse(self.request, elsewhere.reason())),
            (Err(problems), Ok(())) => return Err(refuse(self.request, problems)),
            (Err(problems), Err(elsewhere)) => {
                return Err(refuse(self.request, format!("{problems}; {}", elsewhere.reason())));
            }
        };
        match self.deadlines.expired {
            None => Ok(wanted),
            Some(by) => Err(refuse(
                self.request,
                format!(
                    "CloudFormation gave this request up {} seconds before it reached the function, and nothing was done for it. \
                     The function was busy, or its concurrency is limited",
                    by.as_secs()
                ),
            )),
        }
    }

    /// Creates, or adopts what a create has met.
    pub(super) async fn make(&self, wanted: &dyn Wanted) -> Result<Answered> {
        match self.face.noted() {
            Noted::OwnTags => self.make_thing(wanted).await,
            Noted::Mark(key) => self.make_setting(wanted, key).await,
            Noted::Nowhere => self.make_unmarked(wanted).await,
        }
    }

    pub(super) async fn make_thing(&self, wanted: &dyn Wanted) -> Result<Answered> {
        let mut patience = Patience::until(self.deadlines.last_look(), self.cx.settings().time_scale);
        // What bears no tags may be nobody's, or its tags may lag behind: that is not waited for to the end.
        let mut tags_to_come = None;
        loop {
            let conflict = match wanted.create(self.cx).await {
                Ok(made) if self.deadlines.is_fresh => return Ok(made),
                Ok(made) => return self.confirmed(made).await,
                Err(error) if error.kind() == Kind::Conflict => error,
                Err(error) => return Err(error),
            };
            // Until its tags say whose it is, it may be what an earlier delivery of this request made.
            self.cx.doubt(true);
            let met = match self.met().await {
                Ok(met) => met,
                Err(error) => {
                    return Err(conflict.advise(format!("Whose it is could not be found out: {}", error.reason())));
                }
            };
            let is_patient = match met {
                Met::Whose(id, Whose::Own { request_id, former, .. }) => {
                    return self.adopt(wanted, &id, &request_id, former.as_deref()).await;
                }
                Met::Whose(id, Whose::Siblings { logical_id, .. }) => {
                    return self.take_over(wanted, &id, &logical_id).await;
                }
                Met::Whose(id, Whose::Anothers { stack, logical_id }) => {
                    self.cx.doubt(false);
                    return Err(conflict.advise(format!(
                        "{id} already exists and belongs to another stack (or to none): its tags name {logical_id} of {stack}. \
                         Choose another id, or delete it first."
                    )));
                }
                Met::Whose(_, Whose::Nobodys) => {
                    let time_scale = self.cx.settings().time_scale;
                    let until = self.deadlines.halfway();
                    let lag = tags_to_come.get_or_insert_with(|| Patience::for_a_lag(until, time_scale));
                    if !lag.pause().await {
                        return Err(conflict.advise(
                            "It already exists and belongs to another stack (or to none), for it bears no tags of this one: choose \
                             another id, or delete it first.",
                        ));
                    }
                    true
                }
                Met::Unseen => patience.pause().await,
            };
            if !is_patient {
                return Err(conflict.advise(
                    "Chime says that it exists, or that this very request has been carried out, and does not show what it made: \
                     deploy again.",
                ));
            }
        }
    }

    /// What a create of these properties has met.
    async fn met(&self) -> Result<Met> {
        let request_id = self.cx.owner().request_id();
        match self.face.place(&self.stated(), Some(request_id)) {
            Some(Place::Known(id)) => match whose(self.cx, self.face, &id).await {
                Ok(whose) => Ok(Met::Whose(id, whose)),
                Err(error) if error.may_mean_missing() => Ok(Met::Unseen),
                Err(error) => Err(error),
            },
            Some(Place::In(parent)) => {
                let properties = &self.request.properties;
                let sought = Sought { properties, request_id: Some(request_id), except: &[], is_recent: true };
                match self.search(&parent, sought, false).await? {
                    Found::Thing(id) => {
                        let request_id = request_id.to_owned();
                        Ok(Met::Whose(id, Whose::Own { request_id, former: None, since: None }))
                    }
                    Found::Nothing | Found::InDoubt(_) => Ok(Met::Unseen),
                }
            }
            None => Ok(Met::Unseen),
        }
    }

    /// Makes sure that what Chime says it has made is there. A used token may have been answered with the ARN of a thing that has
    /// been removed since.
    async fn confirmed(&self, made: Answered) -> Result<Answered> {
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            let shown = match self.face.noted() {
                Noted::Nowhere => self.look(&made.id).await.map(|_| Whose::Nobodys),
                _ => whose(self.cx, self.face, &made.id).await,
            };
            let error = match shown {
                Ok(Whose::Anothers { .. } | Whose::Siblings { .. }) => None,
                Ok(Whose::Own { .. } | Whose::Nobodys) => return Ok(made),
                Err(error) if error.may_mean_missing() => Some(error),
                Err(error) => return Err(error),
            };
            if !patience.pause().await {
                self.cx.disclaim();
                self.cx.doubt(true);
                let error = error.unwrap_or_else(|| Error::new(Kind::Conflict, format!("{} is another's", made.id)));
                return Err(error.advise(
                    "Chime has answered an old request with what that request once made, and it is no longer there: deploy again.",
                ));
            }
        }
    }

    /// Takes what this logical resource made before, and brings it to what is wanted. From now on it lives on this request.
    pub(super) async fn adopt(
        &self,
        wanted: &dyn Wanted,
        id: &str,
        request_id: &str,
        former: Option<&str>,
    ) -> Result<Answered> {
        self.claim_in_a_create(id);
        if !Owner::is_request(request_id, self.cx.owner().request_id()) {
            take(self.cx, self.face, id, former).await?;
        }
        wanted.update(self.cx, id, None).await
    }

    /// Takes over what another logical id of the same stack owns, as a renamed resource does, if it is as it is wanted.
    async fn take_over(&self, wanted: &dyn Wanted, id: &str, former: &str) -> Result<Answered> {
        if !wanted.look(self.cx, id).await?.is_as_wanted {
            self.cx.doubt(false);
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "{id} already exists and belongs to the logical id {former} of this stack, with other properties"
                ),
            )
            .advise("Rename and change in two deployments: first the new logical id alone, then the new properties."));
        }
        take(self.cx, self.face, id, Some(former)).await?;
        self.claim_in_a_create(id);
        self.shown(id, |whose| matches!(whose, Whose::Own { .. })).await?;
        wanted.update(self.cx, id, Some(&self.request.properties)).await
    }

    /// A failed Create reports what it has taken, so that the rollback's Delete settles whose it is. An Update reports the id that
    /// it was given, and must not remove what was there before.
    fn claim_in_a_create(&self, id: &str) {
        if self.request.request_type() == "Create" {
            self.cx.claim(id);
        }
    }

    /// Reads the mark, marks, sets. The mark comes first: what is set without one, nobody would clean up.
    async fn make_setting(&self, wanted: &dyn Wanted, key: &str) -> Result<Answered> {
        let Some(Place::Known(id)) = self.face.place(&self.stated(), None) else {
            return Err(Error::bug("A setting is known by its properties"));
        };
        let is_new = match self.mark_of(&id).await? {
            Whose::Nobodys => true,
            Whose::Own { request_id, .. } if Owner::is_request(&request_id, self.cx.owner().request_id()) => false,
            Whose::Own { former, .. } => {
                take(self.cx, self.face, &id, former.as_deref()).await?;
                false
            }
            Whose::Siblings { logical_id, .. } => return self.take_over(wanted, &id, &logical_id).await,
            Whose::Anothers { stack, logical_id } => {
                return Err(Error::new(
                    Kind::Conflict,
                    format!("{id} already exists and belongs to another stack: {logical_id} of {stack}"),
                )
                .advise(format!(
                    "State it in one stack. If that stack is no more, remove the mark that it left behind: UntagResource of {} with \
                     the key {key}.",
                    self.face.noted_at(&id)
                )));
            }
        };
        // From here on a mark may be left behind, whatever happens: the rollback settles what it says.
        self.cx.doubt(true);
        if is_new {
            take(self.cx, self.face, &id, None).await.inspect_err(|_| self.cx.doubt(false))?;
        }
        let error = match self.set(wanted, &id, is_new).await {
            Ok(made) if self.cx.calls().was_outcome_unknown() => return self.still_marked(made).await,
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        // Surely not set by this request: what may have been there before must not be taken for its own. An event that is not fresh may have been
        // carried out before, and marked what is there by now: the rollback's Delete finds out.
        if is_new
            && self.deadlines.is_fresh
            && !self.cx.calls().is_outcome_unknown()
            && forget(self.cx, self.face, &id).await.is_ok()
        {
            self.cx.doubt(false);
        }
        Err(error)
    }

    /// Makes sure that what has been set is still marked. An attempt without an answer may have been carried out, and removed with its mark by
    /// the Delete of a create that is not waited for any more, before the next attempt has set it again: nobody would remove that.
    async fn still_marked(&self, made: Answered) -> Result<Answered> {
        let mut patience = Patience::for_a_lag(self.deadlines.last_look(), self.cx.settings().time_scale);
        loop {
            match whose(self.cx, self.face, &made.id).await? {
                Whose::Own { .. } => return Ok(made),
                Whose::Nobodys if patience.pause().await => continue,
                Whose::Nobodys => self.remove_thing(&made.id, &self.stated(), true).await?,
                // It has been handed over meanwhile, or it is another's.
                Whose::Siblings { .. } | Whose::Anothers { .. } => {}
            }
            self.cx.disclaim();
            let error = Error::new(Kind::Conflict, format!("{} was removed while it was being made", made.id));
            return Err(error.advise("CloudFormation has given this request up: deploy again."));
        }
    }

    /// Sets what is marked. A Conflict means that it is there already: as an earlier life left it, or Chime may not show it yet.
    async fn set(&self, wanted: &dyn Wanted, id: &str, is_new: bool) -> Result<Answered> {
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            match wanted.create(self.cx).await {
                Err(error) if error.kind() == Kind::Conflict && !is_new => {
                    return wanted.update(self.cx, id, None).await;
                }
                Err(error) if error.kind() == Kind::Conflict && patience.pause().await => {}
                outcome => return outcome,
            }
        }
    }

    /// Whose the setting `id` is. What it is a setting of may have been made a moment ago, and its tags may lag behind.
    async fn mark_of(&self, id: &str) -> Result<Whose> {
        let mut patience = Patience::for_a_lag(self.deadlines.halfway(), self.cx.settings().time_scale);
        loop {
            match whose(self.cx, self.face, id).await {
                Err(error) if error.may_mean_missing() => {
                    if !patience.pause().await {
                        return Err(error);
                    }
                }
                whose => return whose,
            }
        }
    }
}
