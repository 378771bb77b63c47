//! Carries out an Update: in place or by replacement, and removes what an abandoned replacement left.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::create::Note;
use crate::lifecycle::decide::delete::{Sighting, Target};
use crate::lifecycle::decide::search::Depth;
use crate::lifecycle::decide::update::{Question, Sight, UpdateFacts, UpdatePlan, plan_update};
use crate::lifecycle::decide::{Step, Wait};
use crate::lifecycle::find::{Finding, Recency, Search};
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::physical_id::PhysicalIdKind;
use crate::lifecycle::region::check_region;
use crate::properties::raw::RawProperties;
use crate::request::Reliability;
use crate::resource::Locator;
use crate::resource::erased::{Compared, Desired, From, Outputs};
use crate::resource::ownership::owner::{Handover, Ownership, Standing, Tracking};
use crate::resource::ownership::store::{read_ownership, record_owner};
use crate::response::Response;
use serde_json::Value as Json;

/// What an Update knows of the resource that it was given.
struct UpdateInquiry<'a> {
    operation: &'a Operation<'a>,
    desired: &'a dyn Desired,
    id: &'a str,
    facts: UpdateFacts,
    window: Window,
    /// Why Chime shows nothing.
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
        (self.facts.sight, self.facts.exists) = (None, None);
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
        let plan = match self.with_deadline(self.deadlines.work, self.plan(&*desired, given, old, reliability)).await {
            Ok(plan) => plan,
            Err(error) => return Response::failed(given, error),
        };
        let outcome = match plan {
            UpdatePlan::Replace => match self.replacement_collision(&*desired, given, old) {
                Some(rejected) => Err(rejected),
                None => self.with_deadline(self.deadlines.work, self.replace(&*desired, given)).await,
            },
            in_place => {
                self.with_deadline(self.deadlines.work, self.update_in_place(&*desired, given, old, in_place)).await
            }
        };
        let error = match outcome {
            Ok(outputs) => return Response::success(outputs.id, outputs.attributes),
            Err(error) => error,
        };
        // Only what this very delivery saw come into being: an earlier one may have made it and answered for it. The rest is for the
        // update back, whose old properties name it.
        if let (UpdatePlan::Replace, true, Some(half_made)) = (plan, self.cx.clock().is_fresh(), self.cx.claimed())
            && let Err(left) =
                self.with_deadline(self.deadlines.removal, self.remove(&half_made, Sighting::Unseen)).await
        {
            let advice = format!("What was made in its place is left behind: {}", left.reason());
            return Response::failed(given, error.with_advice(advice));
        }
        Response::failed(given, error)
    }

    /// Whether the resource `given` is changed or replaced.
    async fn plan(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        reliability: Reliability,
    ) -> Result<UpdatePlan> {
        let is_id = self.resource.is_id(given);
        let adopts_another = self.raw().adopts().is_some_and(|adopted| !self.is_same(&adopted, given));
        let is_resync = self.is_resync(old);
        let facts = UpdateFacts {
            is_id,
            contradicts_id: is_id && (adopts_another || !desired.contradictions(given, None).is_empty()),
            contradicts_previous: is_id && !desired.contradictions(given, Some(old)).is_empty(),
            previous: match self.resource.read(old) {
                Ok(old) if old.contradictions(given, None).is_empty() && !is_resync => reliability,
                // Properties that name another resource are those of a replacement that failed; and a Resync trusts none.
                _ => Reliability::Unreliable,
            },
            is_window_open: true,
            sight: None,
            exists: None,
        };
        let window = self.consistency_window();
        let mut inquiry = UpdateInquiry { operation: self, desired, id: given, facts, window, refusal: None };
        match inquire(self.time_scale(), &mut inquiry).await? {
            UpdatePlan::Fail => {
                let refusal = inquiry.refusal.unwrap_or_else(|| Error::bug("Chime has refused nothing"));
                Err(refusal.with_advice("It exists, and what it is like cannot be read."))
            }
            plan => Ok(plan),
        }
    }

    /// Why a replacement cannot be: what it would make has the very id of what it replaces.
    fn replacement_collision(&self, desired: &dyn Desired, given: &str, old: &Json) -> Option<Error> {
        match self.resource.locate(&self.raw(), None) {
            Some(Locator::ById(id)) if self.is_same(&id, given) => {
                let changed = match desired.contradictions(given, Some(old)).join(" and ") {
                    // Chime has shown that it is another one than the previous properties said.
                    unnamed if unnamed.is_empty() => "A property".to_owned(),
                    named => named,
                };
                let what = format!("{changed} of {given} cannot be changed in place");
                Some(match self.resource.tracking() {
                    // It has no id that a template could state.
                    Tracking::Untracked => Error::new(Kind::Invalid, what)
                        .with_advice("Remove the resource in one deployment, and add it in the next."),
                    _ => Error::new(Kind::Invalid, format!("{what}, and what would replace it has the same id"))
                        .with_advice(
                            "State another id as well, or remove the resource in one deployment and add it in the next.",
                        ),
                })
            }
            _ => None,
        }
    }

    /// Brings the resource to what is desired; one that is gone is made anew.
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
        let outputs = self.update_or_make_anew(desired, given, from).await?;
        self.remove_leftovers(given, old).await?;
        Ok(outputs)
    }

    fn is_resync(&self, old: &Json) -> bool {
        self.raw().resync() != RawProperties::of(old).resync()
    }

    /// A setting may be another stack's by now, if its mark was lost: it is not written over. The note of the owner that a Resync misses is
    /// put back. Where Chime holds what is stated, there is nothing to write: the rollback of a refused update is not refused.
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
                let what = format!("{given} belongs to another stack by now: {logical_id} of {stack}");
                Err(Error::new(Kind::Conflict, what).with_advice(format!(
                    "State it in one stack. Its owner is noted in the tags of {}",
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

    /// Updates; what is gone is made anew: under the same id where the template names it, otherwise as a replacement. Absence is confirmed as
    /// for a Delete, and looked for as long as Chime may lag where it would choose a new id.
    async fn update_or_make_anew(&self, desired: &dyn Desired, given: &str, from: From<'_>) -> Result<Outputs> {
        let mut absent: Option<Window> = None;
        let updated = poll(self.time_scale(), async || {
            let error = match desired.update(self.cx, given, from).await {
                Ok(outputs) => return Ok(Poll::Ready(Some(outputs))),
                Err(error) if error.could_be_not_found() => error,
                Err(error) => return Err(error),
            };
            // A refusal alone is not absence: what exists is refused at once.
            match self.exists_after(&error, given).await {
                Ok(false) => {}
                Ok(true) => return Err(error),
                Err(second) if second.could_be_not_found() => return Err(error),
                Err(second) => {
                    let why = format!("Whether it still exists could not be checked: {}", second.reason());
                    return Err(error.clone_with_advice(why));
                }
            }
            let window = *absent.get_or_insert_with(|| match self.resource.has_template_id() {
                true => Window::absence(self.time_scale()),
                false => self.consistency_window(),
            });
            Ok(if window.is_open() { Poll::Again(window) } else { Poll::Ready(None) })
        })
        .await?;
        if let Some(outputs) = updated {
            return Ok(outputs);
        }
        // This may be the rollback of an Update that has made it anew already, with another name, and whose answer was not waited for.
        match self.find_former(given, Recency::Unanswered, Depth::Thorough).await? {
            Some(id) => {
                let former = match from {
                    From::Previous(old) => Some(old),
                    From::Observed { former } => former,
                };
                self.update_from_observed(desired, &id, former).await
            }
            None => self.provision(desired).await,
        }
    }

    /// Old properties that name another resource follow a replacement that failed, or whose answer was not waited for: what it made
    /// for this logical resource is removed.
    async fn remove_leftovers(&self, kept: &str, old: &Json) -> Result<()> {
        let names_another = self
            .resource
            .read(old)
            .is_ok_and(|old| !old.contradictions(kept, Some(&self.request.properties)).is_empty());
        if !names_another {
            return Ok(());
        }
        self.clean_up(old, Target::MadeByAny, &[kept.to_owned()], self.consistency_window()).await
    }

    /// Makes what takes the place of another resource. The rollback of a replacement comes this way too, and what it wants to
    /// have back still exists: where Chime would make a second one without complaint, the first is looked for.
    async fn replace(&self, desired: &dyn Desired, given: &str) -> Result<Outputs> {
        let adopts = self.raw().adopts().is_some();
        if let (false, Some(id)) = (adopts, self.find_former(given, Recency::Any, Depth::LikelyNames).await?) {
            return self.go_on(desired, &id, &Note::Leave).await;
        }
        let outputs = self.provision(desired).await?;
        if PhysicalIdKind::of(self.resource, given) == PhysicalIdKind::Placeholder {
            // The cleanup's Delete will bring the id that CloudFormation made up, and must not take this for what it means.
            record_owner(self.cx, self.resource, &outputs.id, &Handover::Placeholder, Standing::Made).await?;
        }
        Ok(outputs)
    }

    /// What this logical resource has made before with the properties that are desired, where Chime chooses the ids.
    async fn find_former(&self, given: &str, recency: Recency, depth: Depth) -> Result<Option<String>> {
        let Some(Locator::InParent(parent)) = self.resource.locate(&self.raw(), None) else { return Ok(None) };
        let except = [given.to_owned()];
        let properties = &self.request.properties;
        let search = Search { properties, made_by: None, except: &except, recency };
        let window = self.consistency_window();
        poll(self.time_scale(), async || match self.search(&parent, search, depth).await? {
            Finding::Resource(id) => Ok(Poll::Ready(Some(id))),
            Finding::Nothing => Ok(Poll::Ready(None)),
            Finding::Unreadable(_) if window.is_open() => Ok(Poll::Again(window)),
            Finding::Unreadable(error) => Err(error.with_advice(
                "What may be this resource already exists, and whose it is cannot be read: see to that first.",
            )),
        })
        .await
    }
}
