//! What a create, or the making half of a replacement, does with something that is in Chime already.

use super::existing::{Existing, place, plain};
use super::template::TemplateResource;
use super::things::entities;

/// What becomes of something that was there before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meeting {
    /// It stays as it is, and the resource is noted as found.
    Found,
    /// It stays as it is, and has an owner.
    Adopted,
    /// This logical resource owned it before, and brings it to what is stated.
    Continued,
    /// The create fails, and it stays as it is.
    Refused,
}

/// Why something is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Purpose {
    Create,
    Replacement,
}

/// What becomes of `existing` if this logical resource is stated so. Everything that no template states is hours old.
pub fn meet(
    stack: usize,
    logical_id: &str,
    stated: &TemplateResource,
    purpose: Purpose,
    existing: &Existing,
) -> Meeting {
    let of = &entities()[stated.entity].of;
    let is_adopting = stated.properties.get("AdoptExisting").is_some();
    let or_refused = |meeting| if existing.is_as_stated(stated) { meeting } else { Meeting::Refused };
    let is_noted = existing.note.is_some() && !of.is_untracked();
    if is_noted && !existing.is_of(stack, logical_id) {
        return Meeting::Refused;
    }
    match (is_noted, is_adopting, purpose) {
        (true, true, _) => Meeting::Continued,
        (false, true, _) => or_refused(Meeting::Adopted),
        // Only its own mark is left.
        (true, false, _) if !existing.is_there => Meeting::Continued,
        (true, false, Purpose::Replacement) if !existing.note.as_ref().is_some_and(|note| note.is_found) => {
            Meeting::Continued
        }
        _ if of.has_tags() => Meeting::Refused,
        _ => or_refused(Meeting::Found),
    }
}

/// How Chime may hold what was met when the deployment is rolled back.
pub fn after_rollback(meeting: Meeting, stated: &TemplateResource, existing: &Existing) -> Vec<Existing> {
    let is_adopting = stated.properties.get("AdoptExisting").is_some();
    let has_note = existing.note.is_some() && !entities()[stated.entity].of.is_untracked();
    let brought = existing.updated(None, &stated.properties);
    let mut ways = vec![existing.clone()];
    match meeting {
        // A mark that was left with it is taken back with the rest.
        Meeting::Found if has_note => ways.push(existing.given_back()),
        Meeting::Continued if is_adopting => {
            ways.extend([existing.given_back(), brought.clone(), brought.given_back()]);
        }
        // A known limit (docs/behaviour.md, limit 9): CloudFormation may delete it by its real id.
        Meeting::Continued => ways.extend([brought.clone(), brought.gone().given_back()]),
        Meeting::Found | Meeting::Adopted | Meeting::Refused => {}
    }
    ways
}

/// Whether an Update to `stated` stays with the resource of this id that was stated so.
pub fn is_in_place(old: &TemplateResource, id: &str, stated: &TemplateResource) -> bool {
    let adopted = stated.properties["AdoptExisting"].as_str();
    place(&old.properties) == place(&stated.properties) && adopted.is_none_or(|adopted| adopted == plain(id))
}
