//! Who owns a Chime resource: how ownership is recorded in tags, and how the tags are interpreted.
//!
//! A taggable resource has three ownership tags, set in the call that creates it, and a fourth during a handover. A
//! setting cannot be tagged. Its owner is recorded in a single tag on its parent, which is called its mark. Tags and
//! mark contain the same facts: the stack, the logical id, the request, and the previous logical id during a handover.
//!
//! Ownership makes retries safe. A create that runs into a Conflict adopts the existing resource only if this logical
//! resource created it. A resource from a create with an unknown outcome can be found and removed later.

use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::request::stack_id::StackId;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The stack that owns the resource.
const STACK_ID: &str = "cfn:stack-id";
/// The resource's name in the stack's template.
const LOGICAL_ID: &str = "cfn:logical-id";
/// The CloudFormation request that created or adopted it.
const REQUEST_ID: &str = "cfn:request-id";
/// The previous logical id in the same stack, until the handover is finished.
pub const FORMER_LOGICAL_ID: &str = "cfn:former-logical-id";

/// Takes the place of the previous logical id to record [`Handover::Placeholder`]. It is not a valid logical id.
const PLACEHOLDER: &str = "-";

/// The maximum length of a tag's value in Chime. CloudFormation's ids are well below that.
const MAX_VALUE: usize = 256;

/// The maximum lengths of a request id and a logical id within a mark.
const MARK_REQUEST_ID: usize = 40;
const MARK_LOGICAL_ID: usize = 48;

/// Where the owner of a resource is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// In the resource's own tags, set in the call that creates it.
    Tags,
    /// In a mark: a tag with this key on the parent of the setting.
    ParentTag(&'static str),
    /// Nowhere, because there are too many of them for marks. Only Chime's creation time and creator are available.
    Untracked,
}

/// The keys and values of tags.
pub type Pairs = Vec<(String, String)>;

/// The logical resource of a request, and the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    stack_id: String,
    stack_name: String,
    stack_key: String,
    logical_id: LogicalId,
    request_id: RequestId,
}

/// Who owns a resource, as seen from one logical resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// This logical resource.
    Ours {
        /// The request that recorded the ownership. Shortened if the mark has no room for the full id.
        cause: RequestId,
        /// When it was recorded, if known.
        noted_at: Option<SystemTime>,
        /// The state of a handover.
        handover: Handover,
    },
    /// Another logical id in the same stack.
    SameStack {
        /// That logical id. Shortened if the mark has no room for the full id.
        owner: LogicalId,
        /// The state of a handover.
        handover: Handover,
    },
    /// Another stack.
    Foreign {
        /// The stack's id or name.
        stack: String,
        /// The logical id in that stack. Shortened if the mark has no room for the full id.
        logical_id: LogicalId,
    },
    /// No owner is recorded.
    Unowned,
}

/// The state of a handover between two logical ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// There is no handover.
    None,
    /// The resource came from this logical id in the same stack, whose Delete is still to come. This is a rename.
    From(LogicalId),
    /// The resource was returned to this owner, and the handover tag has not been removed yet.
    GivenBack,
    /// An Update created the resource in place of a placeholder id from CloudFormation. The cleanup's Delete of that
    /// placeholder must leave the resource alone.
    Placeholder,
}

impl RequestId {
    /// Whether `noted` is how tags or a mark record this request.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        noted.as_str() == truncate(self.as_str()) || noted.as_str() == shorten(self.as_str(), MARK_REQUEST_ID)
    }
}

impl LogicalId {
    /// Whether `noted` is how tags or a mark record this logical id.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        noted.as_str() == truncate(self.as_str()) || noted.as_str() == shorten(self.as_str(), MARK_LOGICAL_ID)
    }
}

impl Ownership {
    /// Whether a handover is in progress, or finished but not recorded as such.
    pub fn is_being_handed_over(&self) -> bool {
        match self {
            Self::Ours { handover, .. } | Self::SameStack { handover, .. } => *handover != Handover::None,
            Self::Foreign { .. } | Self::Unowned => false,
        }
    }
}

impl Owner {
    /// The owner `logical_id` in `stack`, for the request `request_id`.
    pub fn new(stack: &StackId, logical_id: &LogicalId, request_id: &RequestId) -> Self {
        let key = stack.as_str().split('/').nth(2).filter(|key| !key.is_empty()).unwrap_or(stack.as_str());
        Self {
            stack_id: truncate(stack.as_str()),
            stack_name: shorten(stack.stack_name(), 40),
            stack_key: shorten(key, 36),
            logical_id: logical_id.clone(),
            request_id: request_id.clone(),
        }
    }

    /// The same logical resource with another request.
    pub fn because_of(&self, request_id: &RequestId) -> Self {
        Self { request_id: request_id.clone(), ..self.clone() }
    }

    /// The ownership tags for a create call.
    pub fn creation_tags(&self) -> Pairs {
        self.tags(&self.logical_id, &Handover::None)
    }

    /// The request's id from CloudFormation.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The tags that record this logical resource as the owner, with the state of a handover.
    pub fn note(&self, tracking: Tracking, handover: &Handover) -> Pairs {
        self.note_for(tracking, &self.logical_id, handover)
    }

    /// The tags that record `logical_id` in the same stack as the owner, without a handover.
    pub fn note_settled(&self, tracking: Tracking, logical_id: &LogicalId) -> Pairs {
        self.note_for(tracking, logical_id, &Handover::None)
    }

    fn note_for(&self, tracking: Tracking, logical_id: &LogicalId, handover: &Handover) -> Pairs {
        match tracking {
            Tracking::Tags => self.tags(logical_id, handover),
            Tracking::ParentTag(key) => vec![(key.to_owned(), self.mark(logical_id, handover))],
            Tracking::Untracked => Vec::new(),
        }
    }

    fn tags(&self, logical_id: &LogicalId, handover: &Handover) -> Pairs {
        let own = [
            (STACK_ID, self.stack_id.clone()),
            (LOGICAL_ID, truncate(logical_id.as_str())),
            (REQUEST_ID, truncate(self.request_id.as_str())),
        ];
        let previous_owner =
            previous_owner(handover, logical_id).map(|previous_owner| (FORMER_LOGICAL_ID, truncate(previous_owner)));
        own.into_iter().chain(previous_owner).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn mark(&self, logical_id: &LogicalId, handover: &Handover) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let parts = [
            self.stack_name.clone(),
            self.stack_key.clone(),
            shorten(self.request_id.as_str(), MARK_REQUEST_ID),
            shorten(logical_id.as_str(), MARK_LOGICAL_ID),
            previous_owner(handover, logical_id)
                .map(|previous_owner| shorten(previous_owner, MARK_LOGICAL_ID))
                .unwrap_or_default(),
            now.to_string(),
        ];
        parts.join("/")
    }

    /// Who owns the resource with these tags.
    pub fn classify(&self, tracking: Tracking, tags: &Pairs) -> Ownership {
        let find = |key: &str| tags.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str());
        match tracking {
            Tracking::Tags => {
                let (Some(stack), Some(logical_id)) = (find(STACK_ID), find(LOGICAL_ID)) else {
                    return Ownership::Unowned;
                };
                let note = Note {
                    is_own_stack: stack == self.stack_id,
                    stack,
                    logical_id,
                    previous_owner: find(FORMER_LOGICAL_ID).unwrap_or_default(),
                    request_id: find(REQUEST_ID).unwrap_or_default(),
                    noted_at: None,
                };
                self.classify_note(&note)
            }
            Tracking::ParentTag(key) => {
                let Some(value) = find(key) else { return Ownership::Unowned };
                let parts: Vec<&str> = value.split('/').collect();
                let [stack, stack_key, request_id, logical_id, previous_owner, noted_at] = parts[..] else {
                    // Somebody else uses this key. The tag must be neither interpreted nor overwritten.
                    return Ownership::Foreign { stack: value.to_owned(), logical_id: LogicalId::new("") };
                };
                let seconds = noted_at.parse().ok();
                let noted_at = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
                let is_own_stack = stack_key == self.stack_key;
                self.classify_note(&Note { is_own_stack, stack, logical_id, previous_owner, request_id, noted_at })
            }
            Tracking::Untracked => Ownership::Unowned,
        }
    }

    fn classify_note(&self, note: &Note<'_>) -> Ownership {
        let logical_id = LogicalId::new(note.logical_id);
        let handover = match note.previous_owner {
            "" => Handover::None,
            PLACEHOLDER => Handover::Placeholder,
            previous_owner if previous_owner == note.logical_id => Handover::GivenBack,
            previous_owner => Handover::From(LogicalId::new(previous_owner)),
        };
        match (note.is_own_stack, self.logical_id.is_noted_as(&logical_id)) {
            (true, true) => {
                // The resource was returned to this logical resource, so nothing remains to be done.
                let handover = if handover == Handover::GivenBack { Handover::None } else { handover };
                Ownership::Ours { cause: RequestId::new(note.request_id), noted_at: note.noted_at, handover }
            }
            (true, false) => Ownership::SameStack { owner: logical_id, handover },
            (false, _) => Ownership::Foreign { stack: note.stack.to_owned(), logical_id },
        }
    }
}

/// The parsed contents of tags or a mark.
struct Note<'a> {
    is_own_stack: bool,
    stack: &'a str,
    logical_id: &'a str,
    previous_owner: &'a str,
    request_id: &'a str,
    noted_at: Option<SystemTime>,
}

/// The recorded value for the previous owner of a resource that `logical_id` owns.
fn previous_owner<'a>(handover: &'a Handover, logical_id: &'a LogicalId) -> Option<&'a str> {
    match handover {
        Handover::None => None,
        Handover::From(previous_owner) => Some(previous_owner.as_str()),
        Handover::GivenBack => Some(logical_id.as_str()),
        Handover::Placeholder => Some(PLACEHOLDER),
    }
}

fn truncate(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}

/// Shortens `text` to `max_len` characters that are valid in a mark. A shortened text ends with a digest, so that texts
/// with the same beginning remain distinct.
fn shorten(text: &str, max_len: usize) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:=+@".contains(c);
    let allowed: String = text.chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    if allowed.len() <= max_len && allowed == text {
        return allowed;
    }
    // FNV-1a has a fixed definition. Marks must stay readable for later versions of the function.
    let digest = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{}-{digest:08x}", allowed.chars().take(max_len.saturating_sub(9)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");

    fn owner(stack: &str, logical_id: &str, request_id: &str) -> Owner {
        let stack = StackId::new(format!("arn:aws:cloudformation:us-east-1:1:stack/chat/{stack}"));
        Owner::new(&stack, &LogicalId::new(logical_id), &RequestId::new(request_id))
    }

    fn from(logical_id: &str) -> Handover {
        Handover::From(LogicalId::new(logical_id))
    }

    #[test]
    fn the_owner_is_a_logical_id_of_a_stack_independent_of_the_request() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "App", "1").note(tracking, &Handover::None);
            let Ownership::Ours { cause, handover: Handover::None, .. } =
                owner("a", "App", "2").classify(tracking, &tags)
            else {
                panic!("not its own: {tags:?}");
            };
            assert!(RequestId::new("1").is_noted_as(&cause) && !RequestId::new("2").is_noted_as(&cause));
            let other = Ownership::SameStack { owner: LogicalId::new("App"), handover: Handover::None };
            assert_eq!(owner("a", "Other", "1").classify(tracking, &tags), other);
            let foreign = owner("b", "App", "1").classify(tracking, &tags);
            assert!(
                matches!(foreign, Ownership::Foreign { stack, logical_id } if stack.contains("chat") && logical_id.as_str() == "App")
            );
            assert_eq!(owner("a", "App", "1").classify(tracking, &Vec::new()), Ownership::Unowned);
        }
    }

    #[test]
    fn a_handover_records_the_previous_owner() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "New", "2").note(tracking, &from("Old"));
            let ours = owner("a", "New", "3").classify(tracking, &tags);
            assert!(matches!(&ours, Ownership::Ours { handover, .. } if *handover == from("Old")), "{ours:?}");
            let previous_owner = owner("a", "Old", "1").classify(tracking, &tags);
            assert_eq!(previous_owner, Ownership::SameStack { owner: LogicalId::new("New"), handover: from("Old") });
        }
    }

    #[test]
    fn a_returned_resource_is_in_a_handover_for_everybody_but_its_owner() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "Old", "2").note(tracking, &Handover::GivenBack);
            let ours = owner("a", "Old", "2").classify(tracking, &tags);
            assert!(matches!(ours, Ownership::Ours { handover: Handover::None, .. }), "{ours:?}");
            let other = owner("a", "New", "2").classify(tracking, &tags);
            assert_eq!(other, Ownership::SameStack { owner: LogicalId::new("Old"), handover: Handover::GivenBack });
            let tags = owner("a", "App", "2").note(tracking, &Handover::Placeholder);
            let ours = owner("a", "App", "2").classify(tracking, &tags);
            assert!(matches!(ours, Ownership::Ours { handover: Handover::Placeholder, .. }), "{ours:?}");
        }
    }

    #[test]
    fn a_mark_fits_any_names_and_distinguishes_long_ones() {
        let (long, longer) = (LogicalId::new("L".repeat(255)), LogicalId::new(format!("{}x", "L".repeat(254))));
        let stack = StackId::new(format!(
            "arn:aws:cloudformation:us-gov-west-1:1:stack/{}/{}",
            "s".repeat(128),
            "u".repeat(36)
        ));
        let owner = |logical_id: &LogicalId| Owner::new(&stack, logical_id, &RequestId::new("r".repeat(200)));
        let tags = owner(&long).note(MARK, &Handover::From(longer.clone()));
        assert!(tags[0].1.len() <= 256, "{}", tags[0].1.len());
        assert!(matches!(owner(&long).classify(MARK, &tags),
            Ownership::Ours { handover: Handover::From(previous_owner), .. } if longer.is_noted_as(&previous_owner)));
        assert!(matches!(owner(&longer).classify(MARK, &tags), Ownership::SameStack { .. }));
        assert_ne!(shorten("a/b", 9), shorten("a-b", 9));
    }

    #[test]
    fn a_mark_in_another_format_is_foreign() {
        let tags = vec![("cfn:admin".to_owned(), "yes".to_owned())];
        let ownership = owner("a", "App", "1").classify(MARK, &tags);
        assert!(matches!(ownership, Ownership::Foreign { stack, .. } if stack == "yes"));
    }
}
