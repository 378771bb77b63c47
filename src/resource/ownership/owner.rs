//! Who owns a Chime resource: how ownership is recorded in tags, and how the tags are interpreted.
//!
//! A taggable resource has three ownership tags, set in the call that creates it, and a fourth during a handover. A
//! setting cannot be tagged. Its owner is recorded in a single tag on its parent, which is called its mark. Tags and
//! mark contain the same facts: the stack, the logical id, the request, and the previous logical id during a handover.
//!
//! Ownership makes retries safe. A create that runs into a Conflict adopts the existing resource only if this logical
//! resource created it. A resource from a create with an unknown outcome can be found and removed later.
//!
//! It is longer than other files. Writing and reading stay in one file because they must agree.

use crate::request::cause::Cause;
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::request::stack_id::StackId;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use std::time::SystemTime;

/// The stack that owns the resource.
const STACK_ID: &str = "cfn:stack-id";
/// The resource's name in the stack's template.
const LOGICAL_ID: &str = "cfn:logical-id";
/// The CloudFormation request that created or adopted it, and when that was sent.
const REQUEST_ID: &str = "cfn:request-id";
/// The previous logical id in the same stack, until the handover is finished.
pub const FORMER_LOGICAL_ID: &str = "cfn:former-logical-id";

/// The keys of all ownership tags.
pub const OWNER_TAGS: [&str; 4] = [STACK_ID, LOGICAL_ID, REQUEST_ID, FORMER_LOGICAL_ID];

/// Recorded in place of the former logical id for [`Handover::Placeholder`]. No logical id has this form.
const PLACEHOLDER: &str = "-";

/// The maximum length of a tag's value in Chime. CloudFormation's ids are well below that.
const MAX_VALUE: usize = 256;

/// The maximum number of characters of a request's id in a tag. The rest of the value is for the time.
const MAX_REQUEST_ID: usize = 240;

/// The maximum number of characters of a stack's name in a mark.
const MARK_STACK_NAME: usize = 40;
/// The maximum number of characters of a stack's uuid in a mark.
const MARK_STACK_KEY: usize = 36;
/// The maximum number of characters of a request's id in a mark.
const MARK_REQUEST_ID: usize = 40;
/// The maximum number of characters of a logical id in a mark.
const MARK_LOGICAL_ID: usize = 48;

/// The keys and values of tags.
pub type Pairs = Vec<(String, String)>;

/// The logical resource of a request, and the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    stack_id: String,
    stack_name: String,
    stack_key: String,
    logical_id: LogicalId,
    cause: Cause,
}

/// Recorded in a mark for [`Standing::Found`].
const FOUND: &str = "found";

impl RequestId {
    /// Whether `noted` is this request's id as tags or a mark record it, which may be shortened.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        let cut: String = self.as_str().chars().take(MAX_REQUEST_ID).collect();
        noted.as_str() == cut || noted.as_str() == shorten(self.as_str(), MARK_REQUEST_ID)
    }
}

impl LogicalId {
    /// Whether `noted` is this logical id as tags or a mark record it, which may be shortened.
    pub fn is_noted_as(&self, noted: &Self) -> bool {
        noted.as_str() == truncate(self.as_str()) || noted.as_str() == shorten(self.as_str(), MARK_LOGICAL_ID)
    }
}

impl Owner {
    /// The owner `logical_id` of a stack, in the request `request_id` that was sent at `sent`.
    pub fn new(stack: &StackId, logical_id: &LogicalId, request_id: &RequestId, sent: SystemTime) -> Self {
        Self {
            stack_id: truncate(stack.as_str()),
            stack_name: shorten(stack.stack_name(), MARK_STACK_NAME),
            stack_key: shorten(stack.key(), MARK_STACK_KEY),
            logical_id: logical_id.clone(),
            cause: Cause::new(request_id.clone(), Some(sent)),
        }
    }

    /// The same logical resource with another request.
    pub fn because_of(&self, request_id: &RequestId) -> Self {
        Self { cause: Cause::new(request_id.clone(), self.cause.sent), ..self.clone() }
    }

    /// The ownership tags for a create call.
    pub fn creation_tags(&self) -> Pairs {
        self.tags(&self.logical_id, &Handover::None)
    }

    /// The request's id from CloudFormation.
    pub fn request_id(&self) -> &RequestId {
        &self.cause.request
    }

    /// The tags that record this logical resource as the owner, with the state of the handover.
    pub fn note(&self, tracking: Tracking, handover: &Handover, standing: Standing) -> Pairs {
        self.note_for(tracking, &self.logical_id, handover, standing)
    }

    /// The tags that record `logical_id` of the same stack as the owner, without a handover.
    pub fn note_settled(&self, tracking: Tracking, logical_id: &LogicalId, standing: Standing) -> Pairs {
        self.note_for(tracking, logical_id, &Handover::None, standing)
    }

    fn note_for(&self, tracking: Tracking, logical_id: &LogicalId, handover: &Handover, standing: Standing) -> Pairs {
        match tracking {
            Tracking::Tags => self.tags(logical_id, handover),
            Tracking::ParentTag(key) => vec![(key.to_owned(), self.mark(logical_id, handover, standing))],
            Tracking::Untracked => Vec::new(),
        }
    }

    fn tags(&self, logical_id: &LogicalId, handover: &Handover) -> Pairs {
        let request: String = self.cause.request.as_str().chars().take(MAX_REQUEST_ID).collect();
        let own = [
            (STACK_ID, self.stack_id.clone()),
            (LOGICAL_ID, truncate(logical_id.as_str())),
            (REQUEST_ID, Cause::new(RequestId::new(request), self.cause.sent).to_string()),
        ];
        let previous_owner =
            previous_owner(handover, logical_id).map(|previous_owner| (FORMER_LOGICAL_ID, truncate(previous_owner)));
        own.into_iter().chain(previous_owner).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn mark(&self, logical_id: &LogicalId, handover: &Handover, standing: Standing) -> String {
        let parts = [
            self.stack_name.clone(),
            self.stack_key.clone(),
            shorten(self.cause.request.as_str(), MARK_REQUEST_ID),
            shorten(logical_id.as_str(), MARK_LOGICAL_ID),
            previous_owner(handover, logical_id)
                .map(|previous_owner| shorten(previous_owner, MARK_LOGICAL_ID))
                .unwrap_or_default(),
            self.cause.seconds().map(|seconds| seconds.to_string()).unwrap_or_default(),
        ];
        let standing = if standing == Standing::Found { format!("/{FOUND}") } else { String::new() };
        format!("{}{standing}", parts.join("/"))
    }

    /// Who owns the resource with these tags.
    pub fn classify(&self, tracking: Tracking, tags: &Pairs) -> Ownership {
        match RecordedOwner::read(tracking, tags) {
            None => Ownership::Unowned,
            Some(recorded) => self.classify_recorded(recorded),
        }
    }

    fn classify_recorded(&self, recorded: RecordedOwner) -> Ownership {
        let RecordedOwner { stack, logical_id, cause, handover, standing } = recorded;
        let is_own_stack = stack.is_noted_as(&self.stack_id, &self.stack_key);
        match (is_own_stack, self.logical_id.is_noted_as(&logical_id)) {
            (true, true) => {
                // The resource was returned to this logical resource, so nothing remains to be done.
                let handover = if handover == Handover::GivenBack { Handover::None } else { handover };
                Ownership::Ours { cause, handover, standing }
            }
            (true, false) => Ownership::SameStack { owner: logical_id, cause, handover, standing },
            (false, _) => Ownership::Foreign { stack: stack.into_text(), logical_id },
        }
    }
}

/// The stack in a note of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedStack {
    /// Its id, as tags record it.
    Id(String),
    /// Its name and the part of its id that tells stacks of one name apart, as a mark records them. Both may be shortened.
    Named {
        /// The name.
        name: String,
        /// The uuid of CloudFormation's stack ids.
        key: String,
    },
    /// The value of a mark that is not one: somebody else uses the same key.
    Unreadable(String),
}

impl RecordedStack {
    /// Whether `stack` is this stack, as far as the note says.
    pub fn is(&self, stack: &StackId) -> bool {
        self.is_noted_as(&truncate(stack.as_str()), &shorten(stack.key(), MARK_STACK_KEY))
    }

    /// Whether this is the stack that tags note as `id` and marks as `key`.
    fn is_noted_as(&self, id: &str, key: &str) -> bool {
        match self {
            Self::Id(own) => own == id,
            Self::Named { key: own, .. } => own == key,
            // Somebody else uses the same key. The value is not overwritten.
            Self::Unreadable(_) => false,
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Id(text) | Self::Named { name: text, .. } | Self::Unreadable(text) => text,
        }
    }
}

/// The owner that tags or a mark record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOwner {
    /// The stack.
    pub stack: RecordedStack,
    /// The logical id. Shortened if the mark has no room for the full id.
    pub logical_id: LogicalId,
    /// The request that created it or took it over.
    pub cause: Cause,
    /// The state of a handover to the logical id.
    pub handover: Handover,
    /// Whether it existed before the stack.
    pub standing: Standing,
}

impl RecordedOwner {
    /// The owner in these tags. `None` if there is none.
    pub fn read(tracking: Tracking, tags: &[(String, String)]) -> Option<Self> {
        let find = |key: &str| tags.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str());
        match tracking {
            Tracking::Tags => {
                let (stack, logical_id) = (find(STACK_ID)?, find(LOGICAL_ID)?);
                let cause = Cause::parse(find(REQUEST_ID).unwrap_or_default());
                let previous_owner = find(FORMER_LOGICAL_ID).unwrap_or_default();
                Some(Self::of(RecordedStack::Id(stack.to_owned()), logical_id, previous_owner, cause, Standing::Made))
            }
            Tracking::ParentTag(key) => {
                let value = find(key)?;
                let parts: Vec<&str> = value.split('/').collect();
                let (parts, standing) = match parts.split_last() {
                    Some((&FOUND, parts)) => (parts, Standing::Found),
                    _ => (&parts[..], Standing::Made),
                };
                let [name, stack_key, request, logical_id, previous_owner, seconds] = *parts else {
                    let stack = RecordedStack::Unreadable(value.to_owned());
                    return Some(Self::of(stack, "", "", Cause::parse(""), Standing::Made));
                };
                let stack = RecordedStack::Named { name: name.to_owned(), key: stack_key.to_owned() };
                let cause = Cause::parse(&format!("{request}@{seconds}"));
                Some(Self::of(stack, logical_id, previous_owner, cause, standing))
            }
            Tracking::Untracked => None,
        }
    }

    fn of(stack: RecordedStack, logical_id: &str, previous_owner: &str, cause: Cause, standing: Standing) -> Self {
        let handover = match previous_owner {
            "" => Handover::None,
            PLACEHOLDER => Handover::Placeholder,
            previous_owner if previous_owner == logical_id => Handover::GivenBack,
            previous_owner => Handover::From(LogicalId::new(previous_owner)),
        };
        Self { stack, logical_id: LogicalId::new(logical_id), cause, handover, standing }
    }
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
    use std::time::{Duration, UNIX_EPOCH};

    const MARK: Tracking = Tracking::ParentTag("cfn:admin");

    fn owner(stack: &str, logical_id: &str, request_id: &str) -> Owner {
        let stack = StackId::new(format!("arn:aws:cloudformation:us-east-1:1:stack/chat/{stack}"));
        Owner::new(&stack, &LogicalId::new(logical_id), &RequestId::new(request_id), sent())
    }

    fn sent() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_600_000)
    }

    fn from(logical_id: &str) -> Handover {
        Handover::From(LogicalId::new(logical_id))
    }

    #[test]
    fn the_owner_is_a_logical_id_of_a_stack_independent_of_the_request() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "App", "1").note(tracking, &Handover::None, Standing::Made);
            let Ownership::Ours { cause, handover: Handover::None, standing: Standing::Made } =
                owner("a", "App", "2").classify(tracking, &tags)
            else {
                panic!("not its own: {tags:?}");
            };
            assert!(
                RequestId::new("1").is_noted_as(&cause.request) && !RequestId::new("2").is_noted_as(&cause.request)
            );
            assert_eq!(cause.sent, Some(sent()));
            let other = owner("a", "Other", "1").classify(tracking, &tags);
            assert!(
                matches!(&other, Ownership::SameStack { owner, handover: Handover::None, .. } if owner.as_str() == "App")
            );
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
            let tags = owner("a", "New", "2").note(tracking, &from("Old"), Standing::Made);
            let ours = owner("a", "New", "3").classify(tracking, &tags);
            assert!(matches!(&ours, Ownership::Ours { handover, .. } if *handover == from("Old")), "{ours:?}");
            let previous_owner = owner("a", "Old", "1").classify(tracking, &tags);
            assert!(
                matches!(&previous_owner, Ownership::SameStack { owner, handover, .. }
                if owner.as_str() == "New" && *handover == from("Old")),
                "{previous_owner:?}"
            );
        }
    }

    #[test]
    fn a_returned_resource_is_in_a_handover_for_everybody_but_its_owner() {
        for tracking in [Tracking::Tags, MARK] {
            let tags = owner("a", "Old", "2").note(tracking, &Handover::GivenBack, Standing::Made);
            let ours = owner("a", "Old", "2").classify(tracking, &tags);
            assert!(matches!(ours, Ownership::Ours { handover: Handover::None, .. }), "{ours:?}");
            let other = owner("a", "New", "2").classify(tracking, &tags);
            assert!(
                matches!(&other, Ownership::SameStack { owner, handover: Handover::GivenBack, .. }
                if owner.as_str() == "Old"),
                "{other:?}"
            );
            let tags = owner("a", "App", "2").note(tracking, &Handover::Placeholder, Standing::Made);
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
        let owner = |logical_id: &LogicalId| Owner::new(&stack, logical_id, &RequestId::new("r".repeat(300)), sent());
        let tags = owner(&long).note(MARK, &Handover::From(longer.clone()), Standing::Made);
        assert!(tags[0].1.len() <= 256, "{}", tags[0].1.len());
        assert!(matches!(owner(&long).classify(MARK, &tags),
            Ownership::Ours { handover: Handover::From(previous_owner), .. } if longer.is_noted_as(&previous_owner)));
        assert!(matches!(owner(&longer).classify(MARK, &tags), Ownership::SameStack { .. }));
        assert_ne!(shorten("a/b", 9), shorten("a-b", 9));
    }

    #[test]
    fn a_mark_says_that_a_setting_was_found() {
        let mark = owner("a", "App", "1").note(MARK, &Handover::None, Standing::Found);
        let ours = owner("a", "App", "2").classify(MARK, &mark);
        assert!(matches!(&ours, Ownership::Ours { standing: Standing::Found, .. }), "{ours:?}");
    }

    #[test]
    fn a_mark_that_nobody_here_wrote_is_foreign() {
        let tags = vec![("cfn:admin".to_owned(), "yes".to_owned())];
        let ownership = owner("a", "App", "1").classify(MARK, &tags);
        assert!(matches!(ownership, Ownership::Foreign { stack, .. } if stack == "yes"));
    }
}
