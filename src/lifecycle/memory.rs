//! What this process remembers of requests: Lambda may deliver one again long after its answer.
//!
//! A Create that is delivered again after the Delete of what it made would make it anew, and nobody would ever delete that. A thing
//! with a token is protected by Chime's own memory; a setting is not. This memory is short and each environment of the function
//! has its own; most deliveries of one event reach the same.

use crate::event::request::Request;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How many creates and deletes are remembered.
const LENGTH: usize = 256;

/// What this process remembers of requests.
#[derive(Debug, Default)]
pub struct Memory(Mutex<VecDeque<Note>>);

#[derive(Debug)]
enum Note {
    /// This request has created.
    Created { of: String, request_id: String },
    /// This logical resource was deleted by a request that was sent then.
    Deleted { of: String, sent: Option<SystemTime> },
    /// An update of this logical resource from these properties has failed before it touched anything.
    Untouched { of: String, from: Json },
}

fn logical_resource(request: &Request) -> String {
    format!("{} {}", request.stack_id.as_str(), request.logical_id)
}

impl Memory {
    /// Notes a create that has succeeded.
    pub fn note_create(&self, request: &Request) {
        self.note(Note::Created { of: logical_resource(request), request_id: request.request_id.clone() });
    }

    /// Notes a delete that has succeeded.
    pub fn note_delete(&self, request: &Request) {
        self.note(Note::Deleted { of: logical_resource(request), sent: request.sent });
    }

    /// Whether the Create `request` was carried out here and its resource deleted since, or was sent before the resource's delete.
    pub fn is_over(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut was_created = false;
        notes.iter().any(|note| match note {
            Note::Created { of, request_id } => {
                was_created |= *of == wanted && *request_id == request.request_id;
                false
            }
            Note::Untouched { .. } => false,
            Note::Deleted { of, sent } => {
                *of == wanted && (was_created || sent.zip(request.sent).is_some_and(|(deleted, sent)| sent < deleted))
            }
        })
    }

    /// Notes an update that has failed before it touched anything.
    pub fn note_untouched(&self, request: &Request) {
        let from = request.old_properties().cloned().unwrap_or_default();
        self.note(Note::Untouched { of: logical_resource(request), from });
    }

    /// Whether the Update `request` goes back from one that failed here before it touched anything. That is told once.
    pub fn goes_back_to_untouched(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |note: &Note| matches!(note, Note::Untouched { of, from } if *of == wanted && *from == request.properties);
        let found = notes.iter().position(is_it);
        found.and_then(|at| notes.remove(at)).is_some()
    }

    fn note(&self, note: Note) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() == LENGTH {
            notes.pop_front();
        }
        notes.push_back(note);
    }
}
