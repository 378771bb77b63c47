//! Creates a replacement for a resource that an Update cannot change in place.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::delete::Target;
use crate::lifecycle::decide::update::UpdatePlan;
use crate::lifecycle::execute::create::Adoption;
use crate::lifecycle::physical_id::PhysicalIdKind;
use crate::lifecycle::region::is_elsewhere;
use crate::properties::problems::ADOPT_EXISTING;
use crate::resource::Locator;
use crate::resource::erased::{Desired, Outputs};
use crate::resource::ownership::store::{read_ownership, record_owner};
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use serde_json::Value as Json;

impl Operation<'_> {
    /// The error if a replacement is impossible because it would have the same id as the resource that it replaces. What is gone is in nobody's
    /// way.
    pub(super) fn replacement_collision(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        plan: UpdatePlan,
    ) -> Option<Error> {
        let changed = match desired.contradictions(given, Some(old)).join(" and ") {
            // The difference showed only in what Chime returned.
            unnamed if unnamed.is_empty() => "A property".to_owned(),
            named => named,
        };
        if self.raw().adopts().is_some_and(|adopted| self.is_same(&adopted, given)) {
            let what = format!("{changed} of {given} cannot be changed in place, and {ADOPT_EXISTING} names it");
            let also = if self.gets_new_id() { "" } else { ", and change its id" };
            return Some(Error::new(Kind::Invalid, what).with_advice(format!(
                "Remove {ADOPT_EXISTING} in the same update{also}: a new resource then replaces it, and this one is given back."
            )));
        }
        match self.resource.locate(&self.raw(), None) {
            Some(Locator::ById(id)) if plan != UpdatePlan::ReplaceGone && self.is_same(&id, given) => {
                let what = format!("{changed} of {given} cannot be changed in place");
                Some(match self.resource.tracking() {
                    // Such a resource has no id property that the template could change.
                    Tracking::Untracked => Error::new(Kind::Invalid, what)
                        .with_advice("Remove the resource in one deployment, and add it in the next."),
                    _ => Error::new(Kind::Invalid, format!("{what}, and its replacement would have the same id"))
                        .with_advice(
                            "Change the id as well, or remove the resource in one deployment and add it in the next.",
                        ),
                })
            }
            _ => None,
        }
    }

    /// Creates a replacement for `given`. The rollback of a replacement comes here too, and the resource that it goes back to still exists. If
    /// Chime chooses the ids, a create would make a second one without complaint, so the first is searched for. If `given` is gone, or is not
    /// what the `old` properties name, what an abandoned replacement with those properties created is removed.
    pub(super) async fn replace(
        &self,
        desired: &dyn Desired,
        given: &str,
        old: &Json,
        former: Option<String>,
        plan: UpdatePlan,
    ) -> Result<Outputs> {
        let former = match former {
            None if self.raw().adopts().is_none() => self.find_former(desired, given, old).await?,
            former => former,
        };
        let outputs = match former {
            Some(id) => self.go_on(desired, &id, None).await?,
            None => self.provision(desired, Adoption::AsStated).await?,
        };
        if let PhysicalIdKind::Placeholder | PhysicalIdKind::OutcomeUnknown(_) =
            PhysicalIdKind::of(self.resource, given)
        {
            self.keep_from_cleanup(&outputs.id).await?;
        }
        // The `old` properties name neither this resource nor its replacement if a former replacement was not waited for.
        let is_named = |id: &str, old: &dyn Desired| old.contradictions(id, None).is_empty();
        let names_another = self.resource.is_id(given)
            && self.resource.read(old).is_ok_and(|old| !is_named(given, &*old) && !is_named(&outputs.id, &*old));
        if (plan == UpdatePlan::ReplaceGone || names_another) && !is_elsewhere(self.cx, old, given) {
            let kept = [given.to_owned(), outputs.id.clone()];
            self.clean_up(old, Target::MadeByAny, &kept, self.consistency_window()).await?;
        }
        Ok(outputs)
    }

    /// Records that the resource `id` stands in place of an id which says at most that something may have been created. The cleanup's Delete
    /// comes with that id, and must not take this resource for the one to delete.
    async fn keep_from_cleanup(&self, id: &str) -> Result<()> {
        let standing = match self.resource.tracking() {
            Tracking::ParentTag(_) => self.recorded_standing(id).await?,
            Tracking::Tags => Standing::Made,
            // Nothing can be noted. This process remembers it.
            Tracking::Untracked => return Ok(()),
        };
        record_owner(self.cx, self.resource, id, &Handover::Placeholder, standing).await?;
        // The cleanup's Delete comes next, and relies on it.
        self.until_shown(id, |owner| matches!(owner, Ownership::Ours { handover: Handover::Placeholder, .. })).await
    }

    /// Whether the mark that this request has just written or left says that the setting `id` existed before the stack. If Chime does not show
    /// the mark in time, it may say so.
    async fn recorded_standing(&self, id: &str) -> Result<Standing> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || {
            Ok(match read_ownership(self.cx, self.resource, id).await? {
                Ownership::Ours { standing, .. } => Poll::Ready(standing),
                _ if window.is_open() => Poll::Again(window),
                _ => Poll::Ready(Standing::Found),
            })
        })
        .await
    }
}
