//! Carries out an Update, in place or by replacement, and removes what an abandoned replacement left behind.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::delete::{Sighting, Target};
use crate::lifecycle::decide::search::Depth;
use crate::lifecycle::decide::update::{Question, Sight, UpdateFacts, UpdatePlan, plan_update};
use crate::lifecycle::decide::{Step, Wait};
use crate::lifecycle::execute::create::Adoption;
use crate::lifecycle::find::Recency;
use crate::lifecycle::inquiry::{Inquiry, inquire, refused};
use crate::lifecycle::region::{check_region, is_elsewhere};
use crate::properties::problems::{ADOPT_EXISTING, COMMON_PROPERTIES};
use crate::properties::raw::RawProperties;
use crate::request::Reliability;
use crate::resource::erased::{Compared, Desired, From, Outputs};
use crate::resource::ownership::store::{read_ownership, record_owner};
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking, owner_name};
use crate::resource::{Existence, Locator};
use crate::response::Response;
use serde_json::Value as Json;
use std::time::SystemTime;

/// Collects the facts for an Update.
struct UpdateInquiry<'a> {
    operation: &'a Operation<'a>,
    desired: &'a dyn Desired,
    id: &'a str,
    previous: &'a Json,
    facts: UpdateFacts,
    window: Window,
    /// What this logical resource had before the adoption.
    former: Option<String>,
    /// Chime's refusal to show the resource.
    refusal: Option<Error>,
}

impl Inquiry for UpdateInquiry<'_> {
    type Question = Question;
    type Action = UpdatePlan;

    fn decide(&mut self) -> Step<Question, UpdatePlan> {
        self.facts.is_window_open = self.window.is_open();
        plan_update(&self.facts)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        match question {
            Question::AdoptionAge => self.facts.is_adoption_old = Some(self.operation.is_adoption_old(self.id).await?),
            Question::Former => {
                self.former = self.operation.find_former(self.desired, self.id, self.previous).await?;
                self.facts.has_former = Some(self.former.is_some());
                self.facts.changes_adopted = self.former.is_none()
                    && self.operation.changes_more(self.previous)
                    && self.operation.was_adopted(self.id).await?;
            }
            Question::Sight => {
                self.facts.sight =
                    Some(match self.desired.observe(self.operation.cx, self.id, Compared::Properties).await {
                        Ok(Some(observation)) if observation.is_another => Sight::Another,
                        Ok(Some(_)) => Sight::AsStated,
                        Ok(None) => Sight::Absent,
                        Err(error) if error.kind() == Kind::NotFound => Sight::NotFound,
                        Err(error) if error.could_be_not_found() => {
                            self.refusal = Some(error);
                            Sight::Refused
                        }
                        Err(error) => return Err(error),
                    });
            }
            Question::Existence => self.facts.exists = Some(self.operation.exists(self.id).await?),
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.sight, self.facts.exists, self.facts.has_former) = (None, None, None);
    }

    fn window(&self, _: Wait) -> Window {
        self.window
    }
}

impl Operation<'_> {
    pub async fn update(&self, given: &str, old: &Json, reliability: Reliability) -> Response {
        let desired = match self.accepted() {
            Ok(desired) => desired,
            Err(rejected) => return rejected,
        };
        if let Err(error) = check_region(self.cx, [(String::new(), given)]) {
            return Response::failed(given, error);
        }
        let planned = self.with_deadline(self.deadlines.work, self.plan(&*desired, given, old, reliability)).await;
        let (plan, former) = match planned {
            Ok(planned) => planned,
            Err(error) => return Response::failed(given, error),
        };
        let outcome = match plan {
            UpdatePlan::Replace | UpdatePlan::ReplaceGone => {
                match self.replacement_collision(&*desired, given, old, plan) {
                    Some(rejected) => Err(rejected),
                    None => {
                        self.with_deadline(self.deadlines.work, self.replace(&*desired, given, old, former, plan)).await
                    }
                }
            }
            in_place => {
                self.with_deadline(self.deadlines.work, self.update_in_place(&*desired, given, old, in_place)).await
            }
        };
        let error = match outcome {
            Ok(outputs) => {
                if !self.resource.is_id(given) {
                    self.history.note_replaced(self.request, given, &outputs.id);
                }
                return Response::success(outputs.id, outputs.attributes);
            }
            Err(error) => error,
        };
        // Only if this delivery is the first: an earlier one may have created the replacement and answered with it. Otherwise the rollback
        // removes it, because its old properties name it.
        if let (UpdatePlan::Replace | UpdatePlan::ReplaceGone, true, Some(half_made)) =
            (plan, self.cx.clock().is_fresh(), self.cx.claimed())
            && let Err(left) =
                self.with_deadline(self.deadlines.removal, self.remove(&half_made, Sighting::Unseen)).await
        {
            let advice = format!("Its replacement {half_made} was left behind: {}", left.reason());
            return Response::failed(given, error.with_advice(advice));
        }
        Response::failed(given, error)
    }

    /// Plans the update of the resource `given`. Also returns the resource to go back to, if it has been found.
    async fn plan(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        reliability: Reliability,
    ) -> Result<(UpdatePlan, Option<String>)> {
        let is_id = self.resource.is_id(given);
        // If an earlier update has created again what was adopted, the template still names what is gone.
        let is_created_again = self.adopts_the_same(old) && reliability == Reliability::Reliable;
        let adopts_another = self.raw().adopts().is_some_and(|adopted| !self.is_same(&adopted, given));
        let is_resync = self.is_resync(old);
        let facts = UpdateFacts {
            is_id,
            contradicts_id: is_id
                && (adopts_another && !is_created_again || !desired.contradictions(given, None).is_empty()),
            contradicts_previous: is_id && !desired.contradictions(given, Some(old)).is_empty(),
            previous: match self.resource.read(old) {
                Ok(old) if old.contradictions(given, None).is_empty() && !is_resync => reliability,
                // Old properties that name another resource stem from a failed replacement. A Resync trusts no old properties at all.
                _ => Reliability::Unreliable,
            },
            ends_adoption: self.ends_adoption(given, old),
            is_adoption_old: None,
            has_former: None,
            changes_adopted: false,
            is_window_open: true,
            sight: None,
            exists: None,
        };
        let window = self.consistency_window();
        let mut inquiry = UpdateInquiry {
            operation: self,
            desired,
            id: given,
            previous: old,
            facts,
            window,
            former: None,
            refusal: None,
        };
        match inquire(self.time_scale(), &mut inquiry).await? {
            UpdatePlan::Fail => {
                let refusal = refused(inquiry.refusal);
                Err(refusal.with_advice("It exists, but its properties cannot be read."))
            }
            UpdatePlan::Ambiguous => {
                let what = format!("The update removes {ADOPT_EXISTING} and changes other properties of {given}");
                Err(Error::new(Kind::Invalid, what).with_advice(
                    "The rollback of an adoption looks the same, and what this resource had before is not there: nothing was changed. \
                     Remove the property in one deployment, and change the others in the next",
                ))
            }
            plan => Ok((plan, inquiry.former)),
        }
    }

    /// Whether the update ends the adoption of `given`, which has tags and an id that Chime chose. An author who removes `AdoptExisting` sends
    /// the same Update as the rollback of a replacement.
    fn ends_adoption(&self, given: &str, old: &Json) -> bool {
        let was_adopted = RawProperties::of(old).adopts().is_some_and(|adopted| self.is_same(&adopted, given));
        let can_be_found = self.resource.tracking() == Tracking::Tags && self.gets_new_id();
        was_adopted && can_be_found && self.raw().adopts().is_none()
    }

    /// Whether `given` was adopted so long ago that the deployment is over.
    async fn is_adoption_old(&self, given: &str) -> Result<bool> {
        Ok(self.cx.clock().is_over(self.noted_at(given).await?))
    }

    /// Whether `given` is older than the note of its owner. What is not was made by this logical resource.
    async fn was_adopted(&self, given: &str) -> Result<bool> {
        let Some(noted) = self.noted_at(given).await? else { return Ok(true) };
        Ok(!self.created(given).await?.is_some_and(|created| self.cx.clock().is_since(created, noted)))
    }

    /// When the request was sent by which this logical resource became the owner of `given`, if the note says so.
    async fn noted_at(&self, given: &str) -> Result<Option<SystemTime>> {
        match read_ownership(self.cx, self.resource, given).await {
            Ok(Ownership::Ours { cause, .. }) => Ok(cause.sent),
            Err(error) if !error.could_be_not_found() => Err(error),
            _ => Ok(None),
        }
    }

    /// Whether a create with these properties gets an id that only Chime or the request determines.
    pub(super) fn gets_new_id(&self) -> bool {
        matches!(self.resource.locate(&self.raw(), None), Some(Locator::InParent(_)))
    }

    /// Updates the resource in place. Creates it anew if it is gone.
    async fn update_in_place(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        plan: UpdatePlan,
    ) -> Result<Outputs> {
        let is_resync = self.is_resync(old);
        let from = match plan {
            UpdatePlan::FromPrevious => From::Previous(old),
            _ => From::Observed { former: is_resync.then_some(old) },
        };
        let from = match self.resource.tracking() {
            Tracking::ParentTag(_) => self.check_owner(desired, given, from).await?,
            Tracking::Tags if is_resync => self.check_owner(desired, given, from).await?,
            Tracking::Tags | Tracking::Untracked => from,
        };
        let outputs = self.update_or_create_again(desired, given, old, from).await?;
        self.remove_leftovers(given, old).await?;
        Ok(outputs)
    }

    /// Whether the properties and the `old` ones adopt the same resource.
    fn adopts_the_same(&self, old: &Json) -> bool {
        let adopted = self.raw().adopts();
        adopted.is_some() && adopted == RawProperties::of(old).adopts()
    }

    /// Whether the `old` properties differ in more than those of every type.
    fn changes_more(&self, old: &Json) -> bool {
        let own = |json: &Json| {
            let mut own = json.as_object().cloned().unwrap_or_default();
            own.retain(|name, _| !COMMON_PROPERTIES.contains(&name.as_str()));
            own
        };
        own(&self.request.properties) != own(old)
    }

    fn is_resync(&self, old: &Json) -> bool {
        self.raw().resync() != RawProperties::of(old).resync()
    }

    /// Checks the owner before an update.
    ///
    /// - If another stack owns the resource by now, because our mark was lost, the update is refused. It succeeds without a change if
    ///   Chime already shows the desired properties: otherwise the rollback of the refused update would be refused as well.
    /// - If the note of the owner is missing, an update that starts from what Chime shows, such as a Resync, writes it again.
    async fn check_owner<'f>(&self, desired: &dyn Desired, given: &str, from: From<'f>) -> Result<From<'f>> {
        if let From::Previous(old) = from
            && !desired.is_changed(self.cx, old)
        {
            return Ok(from);
        }
        match read_ownership(self.cx, self.resource, given).await {
            Ok(Ownership::Foreign { stack, logical_id }) => {
                let observation = desired.observe(self.cx, given, Compared::PropertiesAndTags).await?;
                if observation.is_some_and(|observation| observation.differences.is_empty()) {
                    return Ok(From::Observed { former: None });
                }
                let what = format!("{given} now belongs to another stack: {}", owner_name(&stack, &logical_id));
                Err(Error::new(Kind::Conflict, what).with_advice(format!(
                    "Define it in one stack only. The tags of {} name its owner",
                    self.resource.owner_arn(given)
                )))
            }
            Ok(Ownership::Unowned) if from.is_observed() => {
                record_owner(self.cx, self.resource, given, &Handover::None, Standing::Made).await?;
                Ok(from)
            }
            Err(error) if !error.could_be_not_found() => Err(error),
            _ => Ok(from),
        }
    }

    /// Updates the resource, and creates it anew if it is gone. With a template id it keeps its id; otherwise it gets a new one, which is a
    /// replacement. Absence has to last some seconds, or as long as Chime may lag if the id would change.
    async fn update_or_create_again(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        from: From<'_>,
    ) -> Result<Outputs> {
        let mut absent: Option<Window> = None;
        let listed = self.consistency_window();
        let updated = poll(self.time_scale(), async || {
            let error = match desired.update(self.cx, given, from).await {
                Ok(outputs) => return Ok(Poll::Ready(Some(outputs))),
                Err(error) if error.could_be_not_found() => error,
                Err(error) => return Err(error),
            };
            // A refusal alone does not prove absence. If the resource exists, the refusal is final.
            match self.exists_after(&error, given).await {
                Ok(false) => {}
                // The List may still show what is gone.
                Ok(true) if listed.is_open() && self.resource.existence() != Existence::Observation => {
                    return Ok(Poll::Again(listed));
                }
                Ok(true) => return Err(error),
                Err(second) if second.could_be_not_found() => return Err(error),
                Err(second) => {
                    let why = format!("Whether it still exists could not be checked: {}", second.reason());
                    return Err(error.clone_with_advice(why));
                }
            }
            let window = *absent.get_or_insert_with(|| match self.gets_new_id() {
                true => self.consistency_window(),
                false => Window::absence(self.time_scale()),
            });
            Ok(if window.is_open() { Poll::Again(window) } else { Poll::Ready(None) })
        })
        .await?;
        if let Some(outputs) = updated {
            return Ok(outputs);
        }
        // This may roll back an Update that has already created the resource anew, perhaps with another name, and whose answer CloudFormation did
        // not wait for.
        match self.find_own(desired, given, old, Recency::Unanswered, Depth::Thorough).await? {
            Some(id) => {
                let former = match from {
                    From::Previous(old) => Some(old),
                    From::Observed { former } => former,
                };
                self.update_from_observed(desired, &id, former).await
            }
            None => self.provision(desired, Adoption::Gone).await,
        }
    }

    /// Removes what an abandoned replacement created, or gives back what it adopted. Old properties that name another resource than `kept`
    /// are those of a replacement that failed or was not waited for.
    async fn remove_leftovers(&self, kept: &str, old: &Json) -> Result<()> {
        let names_another = self
            .resource
            .read(old)
            .is_ok_and(|old| !old.contradictions(kept, Some(&self.request.properties)).is_empty());
        let is_another = |adopted: String| !self.is_same(&adopted, kept);
        let adopted_another = !self.adopts_the_same(old) && RawProperties::of(old).adopts().is_some_and(is_another);
        if !names_another && !adopted_another || is_elsewhere(self.cx, old, kept) {
            return Ok(());
        }
        self.clean_up(old, Target::MadeByAny, &[kept.to_owned()], self.consistency_window()).await
    }
}
