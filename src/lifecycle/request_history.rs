//! What this process remembers of requests: Lambda may deliver one again long after its answer.
//!
//! A Create that is delivered again after the Delete of what it made would make it anew, and nobody would ever delete that. A thing
//! with a token is protected by Chime's own memory; a setting is not. This memory is short and each environment of the function
//! has its own; most deliveries of one event reach the same.

use crate::request::Request;
use crate::request::cause::Cause;
use crate::request::clock::RequestClock;
use crate::request::request_id::RequestId;
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// How many creates, deletes and untouched updates are remembered.
const LENGTH: usize = 256;

/// For how long a deployment may take between the failure of one of its resources and the rollback of another.
const SAME_DEPLOYMENT: Duration = Duration::from_secs(3600);

/// The properties of an Update before and after, told by digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// Those before.
    pub old: u64,
    /// Those that are wanted.
    pub new: u64,
}

/// What this process remembers of requests.
#[derive(Debug, Default)]
pub struct RequestHistory(Mutex<VecDeque<Note>>);

#[derive(Debug)]
enum Note {
    /// This request has created.
    Created { of: String, request_id: RequestId, sent: SystemTime },
    /// This logical resource was deleted by a request that was sent then.
    Deleted { of: String, request_id: RequestId, clock: RequestClock },
    /// An update of this logical resource between these two states has failed before it touched anything.
    Untouched { of: String, request_id: RequestId, transition: Transition, noted: Instant },
}

fn logical_resource(request: &Request) -> String {
    format!("{} {}", request.stack_id.as_str(), request.logical_id)
}

impl RequestHistory {
    /// Notes a create that has succeeded.
    pub fn note_create(&self, request: &Request) {
        self.note(Note::Created {
            of: logical_resource(request),
            request_id: request.request_id.clone(),
            sent: request.clock.sent(),
        });
    }

    /// Notes a delete that has succeeded.
    pub fn note_delete(&self, request: &Request) {
        let (of, request_id) = (logical_resource(request), request.request_id.clone());
        self.note(Note::Deleted { of, request_id, clock: request.clock });
    }

    /// Whether the Delete `request` was carried out here before.
    pub fn has_deleted(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        let is_it = |note: &Note| matches!(note, Note::Deleted { of, request_id, .. } if *of == wanted && *request_id == request.request_id);
        notes.iter().any(is_it)
    }

    /// Whether the Create `request` was carried out here and its resource deleted since, or was sent before the resource's delete.
    pub fn is_over(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        let mut was_created = false;
        notes.iter().any(|note| match note {
            Note::Created { of, request_id, .. } => {
                was_created |= *of == wanted && *request_id == request.request_id;
                false
            }
            Note::Untouched { .. } => false,
            Note::Deleted { of, clock, .. } => *of == wanted && (was_created || request.clock.was_sent_before(clock)),
        })
    }

    /// Whether a create of this logical resource succeeded here that was sent after the request `cause`.
    pub fn has_created_since(&self, request: &Request, cause: &Cause) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        notes.iter().any(|note| match note {
            Note::Created { of, request_id, sent } => {
                let is_later = cause.sent.is_none_or(|cause| *sent >= cause);
                *of == wanted && *request_id != cause.request && is_later
            }
            Note::Deleted { .. } | Note::Untouched { .. } => false,
        })
    }

    /// Notes an update between these two states that has failed before it touched anything.
    pub fn note_untouched(&self, request: &Request, transition: Transition) {
        let (of, request_id) = (logical_resource(request), request.request_id.clone());
        self.note(Note::Untouched { of, request_id, transition, noted: Instant::now() });
    }

    /// Whether the Update `request` between these two states goes back from one that failed here, a short time ago, before it touched
    /// anything. Any other update of the logical resource ends that.
    pub fn goes_back_to_untouched(&self, request: &Request, transition: Transition) -> bool {
        let wanted = logical_resource(request);
        let mut notes = lock(&self.0);
        let mut goes_back = false;
        notes.retain(|note| match note {
            // A second delivery of the same request goes nowhere.
            Note::Untouched { of, request_id, .. } if *of == wanted && *request_id == request.request_id => true,
            Note::Untouched { of, transition: failed, noted, .. } if *of == wanted => {
                goes_back |= transition == Transition { old: failed.new, new: failed.old }
                    && transition.old != transition.new
                    && noted.elapsed() < SAME_DEPLOYMENT;
                false
            }
            _ => true,
        });
        goes_back
    }

    fn note(&self, note: Note) {
        let mut notes = lock(&self.0);
        if notes.len() == LENGTH {
            notes.pop_front();
        }
        notes.push_back(note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LATE: &str = "20261125T100001Z";

    fn request(kind: &str, request_id: &str, signed: &str) -> Request {
        let event = json!({
            "RequestType": kind, "RequestId": request_id, "ResponseURL": format!("https://host/path?X-Amz-Date={signed}"),
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid", "LogicalResourceId": "App",
            "PhysicalResourceId": "id", "ResourceType": "Custom::ChimeAppInstance",
        });
        Request::read(&event.to_string()).expect("a request")
    }

    #[test]
    fn a_create_is_over_once_what_it_made_is_deleted_or_if_it_was_sent_before_a_delete() {
        let (history, create) = (RequestHistory::default(), request("Create", "1", LATE));
        history.note_create(&create);
        assert!(!history.is_over(&create));
        history.note_delete(&request("Delete", "2", LATE));
        assert!(history.is_over(&create));
        assert!(history.is_over(&request("Create", "3", "20261125T100000Z")));
        assert!(!history.is_over(&request("Create", "4", LATE)));
    }

    #[test]
    fn a_delete_is_known_by_its_request_and_not_by_its_time() {
        let history = RequestHistory::default();
        history.note_delete(&request("Delete", "1", LATE));
        assert!(history.has_deleted(&request("Delete", "1", LATE)));
        assert!(!history.has_deleted(&request("Delete", "2", LATE)));
    }

    #[test]
    fn only_the_next_update_goes_back_and_only_the_way_that_failed() {
        let (history, there, back) =
            (RequestHistory::default(), Transition { old: 1, new: 2 }, Transition { old: 2, new: 1 });
        let (failed, next) = (request("Update", "1", LATE), request("Update", "2", LATE));
        history.note_untouched(&failed, there);
        assert!(!history.goes_back_to_untouched(&failed, back), "a second delivery");
        assert!(history.goes_back_to_untouched(&next, back));
        assert!(!history.goes_back_to_untouched(&next, back), "it is over");
        history.note_untouched(&failed, there);
        assert!(!history.goes_back_to_untouched(&next, there));
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let history = RequestHistory::default();
        for number in 0..=LENGTH {
            history.note_delete(&request("Delete", &number.to_string(), LATE));
        }
        let has = |number: usize| history.has_deleted(&request("Delete", &number.to_string(), LATE));
        assert!(!has(0) && has(1) && has(LENGTH));
    }
}
