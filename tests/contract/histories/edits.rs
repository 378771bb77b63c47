//! Edits of a template.

use super::cloudformation::Account;
use super::existing::{Existing, place, plain};
use super::plan::{Edit, History};
use super::template::{Of, TemplateResource};
use super::things::entities;
use serde_json::{Value, json};

/// A template after some edits.
pub struct Edited {
    pub wanted: Of<TemplateResource>,
    /// Whether its deployment may fail on its own.
    pub may_fail: bool,
}

impl Account {
    /// The stack's template after some edits.
    pub(super) fn apply_edits(&mut self, history: &History, stack: usize, edits: &[Edit]) -> Edited {
        let wanted = self.stacks[stack].iter().map(|(id, resource)| (id.clone(), resource.stated.clone())).collect();
        let mut edited = Edited { wanted, may_fail: false };
        for edit in edits {
            let entity = history.entities[edit.entity() % history.entities.len()];
            self.apply_edit(&mut edited, stack, entity, edit);
        }
        edited
    }

    fn apply_edit(&mut self, edited: &mut Edited, stack: usize, entity: usize, edit: &Edit) {
        let of = &entities()[entity].of;
        let Edited { wanted, may_fail } = edited;
        let own = wanted.iter().find(|(_, stated)| stated.entity == entity).map(|(id, _)| id.clone());
        let others = || {
            let others = self.stacks.iter().enumerate().filter(|(other, _)| *other != stack);
            others.flat_map(|(_, resources)| resources.values()).filter(|resource| resource.stated.entity == entity)
        };
        let is_in_other_stack = others().next().is_some();
        // What another stack has and somebody has deleted would be both stacks'.
        let is_gone_in_other_stack = others().any(|resource| !resource.held[0].is_there);
        let deployed = || self.stacks[stack].values().filter(|resource| resource.stated.entity == entity);
        let is_deployed = deployed().next().is_some();
        // A setting that is gone is made anew under a new name. A Delete of the old name that still reads the old mark, because tags lag, would
        // remove it (docs/behaviour.md, limit 5).
        let is_gone = || deployed().any(|resource| !resource.held[0].is_there);
        let has_no_mark = self.is_unmarked.get() && of.has_mark();
        let has_common_properties = !self.is_construct(entity);
        match (edit, own) {
            // Without a recorded owner, two stacks would share the resource.
            (Edit::State(..) | Edit::Adopt(..), own)
                if is_in_other_stack && (of.is_untracked() || has_no_mark || is_gone_in_other_stack)
                    || own.is_none() && is_deployed && (has_no_mark || of.has_mark() && is_gone()) => {}
            (Edit::State(_, state), own) => {
                let states = &entities()[entity].states;
                let mut properties = states[state % states.len()].clone();
                let logical_id = own.clone().unwrap_or_else(|| self.logical_id(stack, entity));
                if self.would_take_others(stack, &logical_id, entity, &properties) {
                    return;
                }
                if let Some(former) = own.as_ref().and_then(|own| wanted.get(own)) {
                    keep_common_properties(&former.properties, &mut properties);
                }
                // With a new logical id and a new state, it may be rejected.
                *may_fail |= is_in_other_stack && of.has_template_id() || own.is_none() && is_deployed;
                wanted.insert(logical_id, TemplateResource { entity, properties });
            }
            (Edit::Invalidate(_), Some(id)) => {
                *may_fail = true;
                wanted.entry(id).and_modify(|stated| stated.properties["Nonsense"] = json!("x"));
            }
            (Edit::Remove(_), Some(id)) => {
                wanted.remove(&id);
            }
            // What was kept under the old name would be handed over, and no Delete would end that.
            (Edit::Rename(_) | Edit::RenameByAdoption(_), Some(id))
                if !(of.is_untracked()
                    || has_no_mark
                    || self.has_kept(stack, entity)
                    || of.has_mark() && is_gone()) =>
            {
                // A simultaneous rename and change may be rejected.
                *may_fail = true;
                self.renames += 1;
                let Some(mut stated) = wanted.remove(&id) else { return };
                let held = self.stacks[stack].get(&id).filter(|resource| resource.held[0].is_there);
                if let (true, Edit::RenameByAdoption(_), Some(resource)) = (has_common_properties, edit, held) {
                    stated.properties["AdoptExisting"] = json!(plain(&resource.id));
                }
                wanted.insert(format!("{}{}", of.name, self.renames), stated);
            }
            (Edit::Adopt(_, state), own) if has_common_properties && !of.is_list() && !has_no_mark => {
                if own.is_none() && is_deployed {
                    return;
                }
                *may_fail |= is_in_other_stack && of.has_template_id();
                self.adopt(wanted, stack, entity, *state, own);
            }
            (Edit::Disown(_), Some(id)) => {
                if self.would_take_others(stack, &id, entity, &wanted[&id].properties) {
                    return;
                }
                wanted.entry(id).and_modify(|stated| {
                    stated.properties.as_object_mut().expect("properties").remove("AdoptExisting");
                });
            }
            (Edit::Resync(_) | Edit::Touch(_), Some(id)) if has_common_properties => {
                self.renames += 1;
                let (name, value) = match edit {
                    Edit::Resync(_) => ("Resync", self.renames.to_string()),
                    _ => ("ServiceTimeout", (3000 + self.renames).to_string()),
                };
                wanted.entry(id).and_modify(|stated| stated.properties[name] = json!(value));
            }
            _ => {}
        }
    }

    /// States AdoptExisting: for something that no template states, or else for what the stack has.
    fn adopt(&self, wanted: &mut Of<TemplateResource>, stack: usize, entity: usize, state: usize, own: Option<String>) {
        let other = self.unmanaged.iter().map(|ways| &ways[0]).find(|existing| existing.entity == entity);
        if let Some(other) = other {
            // What was kept under another name would be handed over, and no Delete would end that.
            let is_of_other_name =
                |own: &String| other.note.as_ref().is_some_and(|note| note.stack == stack && note.logical_id != *own);
            if own.as_ref().is_some_and(is_of_other_name) {
                return;
            }
            let states = &entities()[entity].states;
            let in_turn = (0..states.len()).map(|step| &states[(state + step) % states.len()]);
            let Some(state) = in_turn.into_iter().find(|state| place(state) == place(&other.properties)) else {
                return;
            };
            let mut properties = state.clone();
            properties["AdoptExisting"] = json!(other.id);
            let logical_id = own.unwrap_or_else(|| self.logical_id(stack, entity));
            wanted.insert(logical_id, TemplateResource { entity, properties });
            return;
        }
        let Some(own) = own else { return };
        // What is gone cannot be adopted.
        let held = self.stacks[stack].get(&own).filter(|resource| resource.held[0].is_there);
        if let (Some(resource), Some(stated)) = (held, wanted.get_mut(&own))
            && place(&stated.properties) == place(&resource.stated.properties)
        {
            stated.properties["AdoptExisting"] = json!(plain(&resource.id));
        }
    }

    /// The logical id for an entity that the stack does not have: what was kept under another one is stated under that again, because
    /// its former owner's Delete never comes.
    fn logical_id(&self, stack: usize, entity: usize) -> String {
        let notes = self.unmanaged.iter().map(|ways| &ways[0]).filter(|existing| existing.entity == entity);
        let own = notes.filter_map(|existing| existing.note.as_ref()).find(|note| note.stack == stack);
        own.map_or_else(|| entities()[entity].logical_id.to_owned(), |note| note.logical_id.clone())
    }

    /// Whether these properties replace what is deployed, and the replacement may take what no template states. A known limit (docs/behaviour.md,
    /// limit 10): it takes for its own what the same bearer made at any time. Where Chime chooses the ids, it looks for what this logical resource
    /// made with the same name, but Chime may show no names.
    fn would_take_others(&self, stack: usize, logical_id: &str, entity: usize, properties: &Value) -> bool {
        let of = &entities()[entity].of;
        let deployed = self.stacks[stack].get(logical_id);
        if deployed.is_none_or(|deployed| place(&deployed.stated.properties) == place(properties)) {
            return false;
        }
        // Without its mark, what somebody has changed by hand is nobody's to a rollback (docs/behaviour.md, limit 5).
        if self.is_unmarked.get() && of.has_mark() {
            return true;
        }
        let is_taken = |existing: &Existing| {
            let has_same = |name: &str| existing.properties[name] == properties[name];
            existing.entity == entity
                && (of.is_untracked() && has_same("ChimeBearer")
                    || !of.has_template_id() && !has_same("Name")
                    || is_of_another_name(existing, stack, logical_id))
        };
        self.unmanaged.iter().any(|ways| is_taken(&ways[0]))
    }

    /// Whether something is kept that names an owner in this stack.
    fn has_kept(&self, stack: usize, entity: usize) -> bool {
        let mut kept = self.unmanaged.iter().map(|ways| &ways[0]).filter(|existing| existing.entity == entity);
        kept.any(|existing| existing.note.as_ref().is_some_and(|note| note.stack == stack))
    }
}

/// Whether something was kept under another name in this stack. It would be handed over, and no Delete would end that.
fn is_of_another_name(existing: &Existing, stack: usize, logical_id: &str) -> bool {
    existing.note.as_ref().is_some_and(|note| note.stack == stack && note.logical_id != logical_id)
}

/// What a resource keeps in its template when its state changes.
fn keep_common_properties(former: &Value, properties: &mut Value) {
    let names: &[_] = match place(former) == place(properties) {
        true => &["AdoptExisting", "Resync", "ServiceTimeout"],
        false => &["Resync", "ServiceTimeout"],
    };
    for name in names {
        if let Some(value) = former.get(name) {
            properties[*name] = value.clone();
        }
    }
}
