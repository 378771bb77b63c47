//! Who owns a Chime resource: what is noted in tags, and how it is read.
//!
//! A resource that carries tags has three of its own, set in the very call that creates it, and a fourth while it is being handed
//! over. A setting carries none: its owner is noted in one tag on its parent, its mark. Both say the same: stack, logical id, request, and
//! the logical id that owned it before.
//!
//! They are what makes a retry safe. A create that meets a Conflict adopts what it meets only if they say that this logical
//! resource made it, and a create whose outcome is unknown can be found and removed afterwards.

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
/// The logical id of the same stack that owned it before, until the handover is finished.
pub const FORMER_LOGICAL_ID: &str = "cfn:former-logical-id";

/// Stands for a former logical id in the note of [`Handover::Placeholder`]: no logical id is so.
const PLACEHOLDER: &str = "-";

/// The most characters of a tag's value in Chime. CloudFormation's ids stay well below.
const MAX_VALUE: usize = 256;

/// How much room a mark has for the id of a request, and for a logical id.
const MARK_REQUEST_ID: usize = 40;
const MARK_LOGICAL_ID: usize = 48;

/// Where the owner of a resource is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// In tags of its own, set in the very call that creates it.
    Tags,
    /// In a tag with this key, the mark, on the resource that it is a setting of.
    ParentTag(&'static str),
    /// Nowhere: there are too many of them for marks. Chime shows when it was made, and by whom, and that has to do.
    Untracked,
}

/// Keys and values of tags.
pub type Pairs = Vec<(String, String)>;

/// The logical resource that a request is about, and the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    stack_id: String,
    stack_name: String,
    stack_key: String,
    logical_id: LogicalId,
    request_id: RequestId,
}

/// Who owns a resource, from the point of view of a logical resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// This logical resource.
    Ours {
        /// Because of this request; shortened where the note has no room for it.
        cause: RequestId,
        /// When that was noted, if the note says so.
        noted_at: Option<SystemTime>,
        /// Where it came from.
        handover: Handover,
    },
    /// Another logical id of the same stack.
    SameStack {
        /// Which one; shortened where the note has no room for it.
        owner: LogicalId,
        /// Where it came from.
        handover: Handover,
    },
    /// Another stack.
    Foreign {
        /// The stack, by id or by name.
        stack: String,
        /// The logical id there; shortened where the note has no room for it.
        logical_id: LogicalId,
    },
    /// Nobody that could be read.
    Unowned,
}

/// How a resource came to its owner, as long as that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// No handover is under way.
    None,
    /// From this logical id of the same stack, whose Delete has still to come: a rename.
    From(LogicalId),
    /// The owner has it back, and the note of the handover has still to be removed.
    GivenBack,
    /// An Update made it in place of an id that CloudFormation had made up; the cleanup's Delete of that id must leave it alone.
    Placeholder,
}

impl RequestId {
    /// Whether this is the request that a note names `noted`.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        noted.as_str() == cut(self.as_str()) || noted.as_str() == short(self.as_str(), MARK_REQUEST_ID)
    }
}

impl LogicalId {
    /// Whether this is the logical id that a note names `noted`.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        noted.as_str() == cut(self.as_str()) || noted.as_str() == short(self.as_str(), MARK_LOGICAL_ID)
    }
}

impl Ownership {
    /// Whether a handover is under way, or its end has still to be noted.
    pub fn is_being_handed_over(&self) -> bool {
        match self {
            Self::Ours { handover, .. } | Self::SameStack { handover, .. } => *handover != Handover::None,
            Self::Foreign { .. } | Self::Unowned => false,
        }
    }
}

impl Owner {
    /// The owner `logical_id` of a stack, in the request `request_id`.
    pub fn new(stack: &StackId, logical_id: &LogicalId, request_id: &RequestId) -> Self {
        let key = stack.as_str().split('/').nth(2).filter(|key| !key.is_empty()).unwrap_or(stack.as_str());
        Self {
            stack_id: cut(stack.as_str()),
            stack_name: short(stack.stack_name(), 40),
            stack_key: short(key, 36),
            logical_id: logical_id.clone(),
            request_id: request_id.clone(),
        }
    }

    /// The same logical resource in another request.
    pub fn because_of(&self, request_id: &RequestId) -> Self {
        Self { request_id: request_id.clone(), ..self.clone() }
    }

    /// The tags that a create puts on what it makes.
    pub fn creation_tags(&self) -> Pairs {
        self.tags(&self.logical_id, &Handover::None)
    }

    /// The request, as CloudFormation names it.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The tags that note that this logical resource owns a resource, and what is unfinished of how it came to it.
    pub fn note(&self, tracking: Tracking, handover: &Handover) -> Pairs {
        self.note_for(tracking, &self.logical_id, handover)
    }

    /// The tags that note that `logical_id` of the same stack owns it for good.
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
            (LOGICAL_ID, cut(logical_id.as_str())),
            (REQUEST_ID, cut(self.request_id.as_str())),
        ];
        let former = former(handover, logical_id).map(|former| (FORMER_LOGICAL_ID, cut(former)));
        own.into_iter().chain(former).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn mark(&self, logical_id: &LogicalId, handover: &Handover) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let parts = [
            self.stack_name.clone(),
            self.stack_key.clone(),
            short(self.request_id.as_str(), MARK_REQUEST_ID),
            short(logical_id.as_str(), MARK_LOGICAL_ID),
            former(handover, logical_id).map(|former| short(former, MARK_LOGICAL_ID)).unwrap_or_default(),
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
                    former: find(FORMER_LOGICAL_ID).unwrap_or_default(),
                    request_id: find(REQUEST_ID).unwrap_or_default(),
                    noted_at: None,
                };
                self.classify_note(&note)
            }
            Tracking::ParentTag(key) => {
                let Some(value) = find(key) else { return Ownership::Unowned };
                let parts: Vec<&str> = value.split('/').collect();
                let [stack, stack_key, request_id, logical_id, former, noted_at] = parts[..] else {
                    // Somebody else's use of the key. It is not ours to read, nor to overwrite.
                    return Ownership::Foreign { stack: value.to_owned(), logical_id: LogicalId::new("") };
                };
                let seconds = noted_at.parse().ok();
                let noted_at = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
                let is_own_stack = stack_key == self.stack_key;
                self.classify_note(&Note { is_own_stack, stack, logical_id, former, request_id, noted_at })
            }
            Tracking::Untracked => Ownership::Unowned,
        }
    }

    fn classify_note(&self, note: &Note<'_>) -> Ownership {
        let logical_id = LogicalId::new(note.logical_id);
        let handover = match note.former {
            "" => Handover::None,
            PLACEHOLDER => Handover::Placeholder,
            former if former == note.logical_id => Handover::GivenBack,
            former => Handover::From(LogicalId::new(former)),
        };
        match (note.is_own_stack, self.logical_id.is_noted_as(&logical_id)) {
            (true, true) => {
                // It came back to this very owner, who has nothing to wait for.
                let handover = if handover == Handover::GivenBack { Handover::None } else { handover };
                Ownership::Ours { cause: RequestId::new(note.request_id), noted_at: note.noted_at, handover }
            }
            (true, false) => Ownership::SameStack { owner: logical_id, handover },
            (false, _) => Ownership::Foreign { stack: note.stack.to_owned(), logical_id },
        }
    }
}

/// What tags or a mark say, taken apart.
struct Note<'a> {
    is_own_stack: bool,
    stack: &'a str,
    logical_id: &'a str,
    former: &'a str,
    request_id: &'a str,
    noted_at: Option<SystemTime>,
}

/// What stands for the former owner in a note about `logical_id`.
fn former<'a>(handover: &'a Handover, logical_id: &'a LogicalId) -> Option<&'a str> {
    match handover {
        Handover::None => None,
        Handover::From(former) => Some(former.as_str()),
        Handover::GivenBack => Some(logical_id.as_str()),
        Handover::Placeholder => Some(PLACEHOLDER),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}

/// `text` in `most` characters that a mark can hold. What is longer ends with a digest, so that two that begin alike stay two.
fn short(text: &str, most: usize) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:=+@".contains(c);
    let plain: String = text.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    if plain.len() <= most && plain == text {
        return plain;
    }
    // FNV-1a, which never changes: marks outlive the function that wrote them.
    let digest = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{}-{digest:08x}", plain.chars().take(most.saturating_sub(9)).collect::<String>())
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
    fn the_owner_is_a_stacks_logical_id_whichever_request_made_it() {
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
    fn a_handover_names_the_former_owner() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "New", "2").note(tracking, &from("Old"));
            let ours = owner("a", "New", "3").classify(tracking, &tags);
            assert!(matches!(&ours, Ownership::Ours { handover, .. } if *handover == from("Old")), "{ours:?}");
            let former = owner("a", "Old", "1").classify(tracking, &tags);
            assert_eq!(former, Ownership::SameStack { owner: LogicalId::new("New"), handover: from("Old") });
        }
    }

    #[test]
    fn what_is_given_back_is_a_handover_to_everybody_but_its_owner() {
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
    fn a_mark_fits_whatever_the_names_are_like_and_tells_long_ones_apart() {
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
            Ownership::Ours { handover: Handover::From(former), .. } if longer.is_noted_as(&former)));
        assert!(matches!(owner(&longer).classify(MARK, &tags), Ownership::SameStack { .. }));
        assert_ne!(short("a/b", 9), short("a-b", 9));
    }

    #[test]
    fn a_mark_that_nobody_here_wrote_is_foreign() {
        let tags = vec![("cfn:admin".to_owned(), "yes".to_owned())];
        let ownership = owner("a", "App", "1").classify(MARK, &tags);
        assert!(matches!(ownership, Ownership::Foreign { stack, .. } if stack == "yes"));
    }
}
