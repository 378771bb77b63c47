//! The requests that this process has handled. Lambda may deliver a request again long after it was answered.
//!
//! A Create that is delivered again after its resource was deleted would create it anew, and nothing would ever delete that. Chime
//! itself prevents this for resources that are created with a ClientRequestToken, but not for settings. The history is short, and
//! each Lambda environment has its own. Most deliveries of one event reach the same environment.
//!
//! It also tells a Delete of an untracked resource what this process created or put in its place, any Delete whether Chime still shows the
//! note from before a create, and an update of a live stack of the older library that it rolls back one that changed nothing.

use crate::request::Request;
use crate::request::cause::Cause;
use crate::request::clock::{RequestClock, Sequence};
use crate::request::request_id::RequestId;
use crate::sync::lock;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// How many requests are kept.
const LENGTH: usize = 256;

/// The longest time between a failed update and its rollback.
const SAME_DEPLOYMENT: Duration = Duration::from_secs(3600);

/// The old and the new properties of an Update, as digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// The digest of the old properties.
    pub old: u64,
    /// The digest of the new properties.
    pub new: u64,
}

/// The latest requests that this process has handled. The oldest are dropped first.
#[derive(Debug, Default)]
pub struct RequestHistory(Mutex<VecDeque<Note>>);

#[derive(Debug)]
enum Note {
    /// This request created the logical resource.
    Created { of: String, request_id: RequestId, sent: SystemTime, id: String },
    /// This request deleted the logical resource.
    Deleted { of: String, request_id: RequestId, id: Option<String>, clock: RequestClock },
    /// An update of the logical resource put `id` in place of `former`, which was no id of a resource.
    Replaced { of: String, former: String, id: String, properties: Json },
    /// An update of the logical resource failed before it changed anything.
    Untouched { of: String, request_id: RequestId, transition: Transition, noted: Instant },
}

/// The latest create or delete of a logical resource.
fn last<'a>(notes: &'a VecDeque<Note>, wanted: &str) -> Option<&'a Note> {
    notes.iter().rev().find(|note| match note {
        Note::Created { of, .. } | Note::Deleted { of, .. } => of == wanted,
        Note::Untouched { .. } | Note::Replaced { .. } => false,
    })
}

fn logical_resource(request: &Request) -> String {
    format!("{} {}", request.stack_id.as_str(), request.logical_id)
}

impl RequestHistory {
    /// Records a create that succeeded with this id.
    pub fn note_create(&self, request: &Request, id: &str) {
        self.note(Note::Created {
            of: logical_resource(request),
            request_id: request.request_id.clone(),
            sent: request.clock.sent(),
            id: id.to_owned(),
        });
    }

    /// The id with which this process has answered the create that `request`, a Delete of a made-up id, cleans up, and when that create was
    /// sent. `None` if another process may have carried it out.
    pub fn answered_create(&self, request: &Request) -> Option<(String, SystemTime)> {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        match last(&notes, &wanted) {
            Some(Note::Created { sent, id, .. }) if request.clock.sequence(Some(*sent)) == Sequence::Recent => {
                Some((id.clone(), *sent))
            }
            _ => None,
        }
    }

    /// Records an update that succeeded and put `id` in place of `former`: an id that says at most that something may have been created.
    pub fn note_replaced(&self, request: &Request, former: &str, id: &str) {
        self.note(Note::Replaced {
            of: logical_resource(request),
            former: former.to_owned(),
            id: id.to_owned(),
            properties: request.properties.clone(),
        });
    }

    /// What updates have put in place of the id of `request`, a Delete that cleans up after them: ids and properties.
    pub fn replaced(&self, request: &Request) -> Vec<(String, Json)> {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        let replaced = notes.iter().filter_map(|note| match note {
            Note::Replaced { of, former, id, properties }
                if *of == wanted && request.action.physical_id() == Some(former) =>
            {
                Some((id.clone(), properties.clone()))
            }
            _ => None,
        });
        replaced.collect()
    }

    /// Whether this process has answered a create of the logical resource that was sent after `cause`, which Chime shows as its latest note.
    pub fn has_noted_since(&self, request: &Request, cause: &Cause) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        match last(&notes, &wanted) {
            Some(Note::Created { request_id, sent, .. }) => {
                !request_id.is_noted_as(&cause.request) && cause.sent.is_some_and(|cause| *sent > cause)
            }
            _ => false,
        }
    }

    /// Records a delete that succeeded.
    pub fn note_delete(&self, request: &Request) {
        self.note(Note::Deleted {
            of: logical_resource(request),
            request_id: request.request_id.clone(),
            id: request.action.physical_id().map(str::to_owned),
            clock: request.clock,
        });
    }

    /// Whether this process has already carried out the Delete `request`, or one of the same id that was sent after it: CloudFormation repeats
    /// a Delete that failed, and Lambda may deliver the failed one again after that.
    pub fn has_deleted(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        notes.iter().any(|note| match note {
            Note::Deleted { of, request_id, id, clock } => {
                let is_repeated = id.as_deref() == request.action.physical_id() && request.clock.was_sent_before(clock);
                *of == wanted && (*request_id == request.request_id || is_repeated)
            }
            Note::Created { .. } | Note::Untouched { .. } | Note::Replaced { .. } => false,
        })
    }

    /// Whether the Create `request` comes too late: this process has carried it out and deleted the resource since, or has carried out
    /// a Delete that was sent after it.
    pub fn is_over(&self, request: &Request) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        let mut was_created = false;
        notes.iter().any(|note| match note {
            Note::Created { of, request_id, .. } => {
                was_created |= *of == wanted && *request_id == request.request_id;
                false
            }
            Note::Untouched { .. } | Note::Replaced { .. } => false,
            Note::Deleted { of, clock, .. } => *of == wanted && (was_created || request.clock.was_sent_before(clock)),
        })
    }

    /// Whether this process has created the logical resource for a request that was sent after `cause`.
    pub fn has_created_since(&self, request: &Request, cause: &Cause) -> bool {
        let wanted = logical_resource(request);
        let notes = lock(&self.0);
        notes.iter().any(|note| match note {
            Note::Created { of, request_id, sent, .. } => {
                let is_later = cause.sent.is_none_or(|cause| *sent >= cause);
                *of == wanted && *request_id != cause.request && is_later
            }
            Note::Deleted { .. } | Note::Untouched { .. } | Note::Replaced { .. } => false,
        })
    }

    /// Records an update that failed before it changed anything.
    pub fn note_untouched(&self, request: &Request, transition: Transition) {
        let (of, request_id) = (logical_resource(request), request.request_id.clone());
        self.note(Note::Untouched { of, request_id, transition, noted: Instant::now() });
    }

    /// Whether the Update `request` rolls back an update that failed here, within the last hour, before it changed anything. Any other
    /// update of the logical resource drops the record.
    pub fn goes_back_to_untouched(&self, request: &Request, transition: Transition) -> bool {
        let wanted = logical_resource(request);
        let mut notes = lock(&self.0);
        let mut goes_back = false;
        notes.retain(|note| match note {
            // A second delivery of the failed request is no rollback.
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
    use crate::request::Action;
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
    fn a_create_is_over_once_its_resource_is_deleted_or_if_it_was_sent_before_a_delete() {
        let (history, create) = (RequestHistory::default(), request("Create", "1", LATE));
        history.note_create(&create, "made");
        assert!(!history.is_over(&create));
        history.note_delete(&request("Delete", "2", LATE));
        assert!(history.is_over(&create));
        assert!(history.is_over(&request("Create", "3", "20261125T100000Z")));
        assert!(!history.is_over(&request("Create", "4", LATE)));
    }

    #[test]
    fn a_delete_is_recognized_by_its_request_id_or_by_a_later_one_of_the_same_id() {
        let history = RequestHistory::default();
        history.note_delete(&request("Delete", "1", LATE));
        assert!(history.has_deleted(&request("Delete", "1", LATE)));
        assert!(!history.has_deleted(&request("Delete", "2", LATE)), "its time alone");
        let earlier = request("Delete", "3", "20261125T100000Z");
        assert!(history.has_deleted(&earlier), "it was repeated");
        let physical_id = "another".to_owned();
        assert!(
            !history.has_deleted(&Request { action: Action::Delete { physical_id }, ..earlier }),
            "another resource"
        );
    }

    #[test]
    fn only_the_next_update_can_roll_back_and_only_to_where_the_failed_one_began() {
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
    fn the_oldest_note_is_dropped_first() {
        let history = RequestHistory::default();
        for number in 0..=LENGTH {
            history.note_delete(&request("Delete", &number.to_string(), LATE));
        }
        let has = |number: usize| history.has_deleted(&request("Delete", &number.to_string(), LATE));
        assert!(!has(0) && has(1) && has(LENGTH));
    }

    #[test]
    fn the_answer_to_a_create_is_known_until_its_resource_is_deleted_or_the_create_is_answered_for_long() {
        let history = RequestHistory::default();
        let (delete, late) = (request("Delete", "2", LATE), request("Delete", "3", "20261125T110012Z"));
        assert_eq!(history.answered_create(&delete), None);
        let create = request("Create", "1", LATE);
        history.note_create(&create, "made");
        assert_eq!(history.answered_create(&delete), Some(("made".to_owned(), create.clock.sent())));
        assert_eq!(history.answered_create(&late), None);
        history.note_delete(&delete);
        assert_eq!(history.answered_create(&delete), None);
    }
}
