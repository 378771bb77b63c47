//! What a deployment makes of what is there.

use super::cloudformation::{Account, Resource};
use super::existing::{Existing, Note, plain, shown};
use super::meeting::{Meeting, Purpose, after_rollback, is_in_place, meet};
use super::plan::EventPlan;
use super::template::{Of, TemplateResource};
use super::things::entities;
use chime_simulator::FaultKind;
use futures_util::future::try_join_all;

/// What a create meets: which of what no template states, and what becomes of it.
type Met = (Option<usize>, Meeting);

impl Account {
    /// What this resource meets if it is stated so. `None` if it is made, changed in place, or handed over.
    fn met(&self, stack: usize, logical_id: &str, old: Option<&Resource>, stated: &TemplateResource) -> Option<Met> {
        if old.is_some_and(|old| is_in_place(&old.stated, &old.id, stated)) {
            return None;
        }
        let of = &entities()[stated.entity].of;
        let adopted = stated.properties["AdoptExisting"].as_str();
        let is_met = |existing: &Existing| match adopted {
            Some(id) => existing.entity == stated.entity && existing.id == id,
            // An update back goes on with what was kept.
            None if !of.has_template_id() => {
                old.is_some() && existing.is_at(stated) && existing.is_of(stack, logical_id) && of.has_tags()
            }
            None => existing.is_at(stated),
        };
        let purpose = if old.is_some() { Purpose::Replacement } else { Purpose::Create };
        let at = self.unmanaged.iter().position(|ways| is_met(&ways[0]));
        match at {
            Some(at) => Some((Some(at), meet(stack, logical_id, stated, purpose, &self.unmanaged[at][0]))),
            None if adopted.is_some_and(|id| !self.stacks[stack].values().any(|other| plain(&other.id) == id)) => {
                Some((None, Meeting::Refused))
            }
            None => None,
        }
    }

    /// What the changes to this template meet, by logical id.
    fn meetings<'a>(
        &'a self,
        stack: usize,
        wanted: &'a Of<TemplateResource>,
    ) -> impl Iterator<Item = (&'a String, Meeting)> {
        wanted.iter().filter_map(move |(id, stated)| {
            let old = self.stacks[stack].get(id).filter(|old| old.stated != *stated);
            let is_changed = old.is_some() || !self.stacks[stack].contains_key(id);
            let (_, meeting) = self.met(stack, id, old, stated).filter(|_| is_changed)?;
            Some((id, meeting))
        })
    }

    /// The logical ids of what has to be refused in this template.
    pub(super) fn refused(&self, stack: usize, wanted: &Of<TemplateResource>) -> Vec<String> {
        let refused = self.meetings(stack, wanted).filter(|(_, meeting)| *meeting == Meeting::Refused);
        refused.map(|(id, _)| id.clone()).collect()
    }

    /// Whether this template meets anything.
    pub(super) fn meets_something(&self, stack: usize, wanted: &Of<TemplateResource>) -> bool {
        self.meetings(stack, wanted).next().is_some()
    }

    /// Lets Chime or IAM not know yet what a create stands on. An app instance stands on nothing but the function's policy. The first call that
    /// sets retention is the one that ends it, too.
    pub(super) fn let_it_lag(
        &self,
        stack: usize,
        logical_id: &str,
        stated: &TemplateResource,
        not_yet: &(FaultKind, u32),
    ) {
        let of = &entities()[stated.entity].of;
        let is_made = self.met(stack, logical_id, None, stated).is_none()
            && !self.resources().any(|resource| resource.stated.entity == stated.entity);
        let is_possible = match of.name {
            "ChimeAppInstance" => not_yet.0 == FaultKind::AccessDenied,
            "ChimeAppInstanceRetentionSettings" => false,
            _ => true,
        };
        if is_made && is_possible {
            self.lambda.refuse(of.create_operation, not_yet);
        }
    }

    /// A resource after a change that has succeeded.
    pub(super) fn after(
        &self,
        stack: usize,
        logical_id: &str,
        old: Option<&Resource>,
        stated: &TemplateResource,
        id: String,
    ) -> Resource {
        let note = |is_found| Some(Note { stack, logical_id: logical_id.to_owned(), is_found });
        let made = || Existing {
            entity: stated.entity,
            properties: shown(&stated.properties),
            id: plain(&id).to_owned(),
            note: note(false),
            is_there: true,
        };
        let handed_over = || {
            let former = self.stacks[stack].values().find(|former| plain(&former.id) == plain(&id))?;
            let note = note(former.held[0].note.as_ref().is_some_and(|note| note.is_found));
            // What was gone is made anew.
            former.held[0].is_there.then(|| Existing { note, ..former.held[0].clone() })
        };
        let held = match (self.met(stack, logical_id, old, stated), old) {
            (Some((Some(at), meeting)), _) => {
                let existing = self.unmanaged[at][0].clone();
                match meeting {
                    Meeting::Found => Existing { note: note(true), ..existing },
                    Meeting::Continued => Existing { note: note(false), ..existing.updated(None, &stated.properties) },
                    Meeting::Adopted | Meeting::Refused => Existing { note: note(false), ..existing },
                }
            }
            (_, Some(old)) if plain(&old.id) == plain(&id) => updated_in_place(old, stated, &id),
            _ => handed_over().unwrap_or_else(made),
        };
        Resource { stated: stated.clone(), id, held: vec![held] }
    }

    /// What the changes have met is the stack's from now on.
    pub(super) fn forget_met(&mut self, stack: usize, changes: &[(&String, &TemplateResource)], old: &Of<Resource>) {
        let met = changes.iter().filter_map(|(id, stated)| self.met(stack, id, old.get(*id), stated)?.0);
        let mut met: Vec<_> = met.collect();
        met.sort_unstable();
        for at in met.into_iter().rev() {
            self.unmanaged.remove(at);
        }
    }

    /// A resource after a change that has been rolled back; `id` is its id, if it existed before.
    pub(super) fn rolled_back(
        &mut self,
        stack: usize,
        logical_id: &str,
        stated: &TemplateResource,
        id: Option<String>,
    ) {
        if let Some((Some(at), meeting)) = self.met(stack, logical_id, self.stacks[stack].get(logical_id), stated) {
            self.unmanaged[at] = after_rollback(meeting, stated, &self.unmanaged[at][0]);
        }
        let (Some(id), Some(resource)) = (id, self.stacks[stack].get_mut(logical_id)) else { return };
        let mut restored = resource.held[0].updated(Some(&stated.properties), &resource.stated.properties);
        restored.id = plain(&id).to_owned();
        resource.id = id;
        // What was changed or deleted by hand may have been put right.
        if resource.held[0] != restored {
            resource.held.push(restored);
        }
    }

    /// Deletes what a deployment has left, except for what a policy keeps.
    pub(super) async fn clean_up(
        &mut self,
        stack: usize,
        left: Vec<(String, Resource)>,
        kept: &[usize],
    ) -> Result<(), String> {
        let is_elsewhere =
            |left: &Resource| self.stacks[stack].values().any(|other| plain(&other.id) == plain(&left.id));
        let (kept, deleted): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, resource)| {
            let of = &entities()[resource.stated.entity].of;
            let is_noted = !(self.is_unmarked.get() && of.has_mark() || of.is_list());
            kept.contains(&resource.stated.entity) && is_noted && resource.held[0].is_there && !is_elsewhere(resource)
        });
        let deletes = deleted.iter().map(|(id, old)| {
            let event_plan = self.next_event_plan();
            // Of what bears no mark only the memory of this logical resource tells two lives apart.
            let is_very_late = event_plan.is_very_late && !entities()[old.stated.entity].of.is_untracked();
            let event_plan = EventPlan { is_very_late, ..event_plan };
            let event_plan = if is_found_by_mark(old) { event_plan.in_one_environment() } else { event_plan };
            self.delete_as(stack, id, &old.id, &old.stated, event_plan)
        });
        try_join_all(deletes).await?;
        let given_back = deleted.iter().filter(|(_, old)| !is_elsewhere(old) && is_given_back(old));
        let given_back: Vec<_> = given_back.map(|(_, old)| vec![old.held[0].given_back()]).collect();
        for (id, resource) in &kept {
            self.lambda.record(format!("kept: {id} {}", resource.id));
        }
        self.are_hours_to_pass |= !kept.is_empty();
        self.unmanaged.extend(given_back);
        self.unmanaged.extend(kept.into_iter().map(|(_, resource)| resource.held));
        Ok(())
    }

    /// Whether this may be a setting that was there before, and that only its mark says so of.
    pub(super) fn may_be_found(&self, stated: &TemplateResource) -> bool {
        entities()[stated.entity].of.has_mark() && self.unmanaged.iter().any(|ways| ways[0].entity == stated.entity)
    }

    /// Whether there are settings that a stack has not set.
    pub(super) fn has_others_settings(&self) -> bool {
        let has_mark = |existing: &Existing| entities()[existing.entity].of.has_mark();
        self.unmanaged.iter().any(|ways| has_mark(&ways[0]))
            || self.resources().any(|resource| has_mark(&resource.held[0]) && is_given_back(resource))
    }
}

/// Whether only the mark of a setting says that it was there before. The first delivery of its Delete takes the mark back, and to another
/// environment a second one is a Delete of what bears no mark.
fn is_found_by_mark(resource: &Resource) -> bool {
    let is_adopted = resource.stated.properties.get("AdoptExisting").is_some();
    let is_found = resource.held[0].note.as_ref().is_some_and(|note| note.is_found);
    entities()[resource.stated.entity].of.has_mark() && is_found && !is_adopted
}

/// Whether the Delete of a resource leaves it in Chime.
fn is_given_back(resource: &Resource) -> bool {
    let is_adopted = resource.stated.properties.get("AdoptExisting").is_some();
    let is_found =
        resource.id != plain(&resource.id) || resource.held[0].note.as_ref().is_some_and(|note| note.is_found);
    resource.held[0].is_there && (is_adopted || is_found)
}

/// What Chime holds after an update in place.
fn updated_in_place(old: &Resource, stated: &TemplateResource, id: &str) -> Existing {
    let held = &old.held[0];
    let (before, after) = (&old.stated.properties, &stated.properties);
    let is_changed = shown(before) != shown(after) || before.get("Resync") != after.get("Resync");
    // A name is read from Chime, which shows that the resource is gone.
    let is_read = entities()[stated.entity].of.describe_operation().is_some() && !held.is_there;
    if !(is_changed || is_read) {
        return held.clone();
    }
    let mut updated = held.updated(Some(before), after);
    if let (Some(note), true) = (&mut updated.note, entities()[stated.entity].of.is_untracked()) {
        note.is_found = id != plain(id);
    }
    updated
}
