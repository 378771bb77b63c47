//! Whose a Chime resource is: what is noted in tags, and how it is read.
//!
//! A thing that carries tags has three of its own, set in the very call that creates it, and a fourth while it is being handed
//! over. A setting carries none: its owner is noted in one tag on the thing that it is a setting of, its mark. Both say the same:
//! stack, logical id, request, and the logical id that owned it before.
//!
//! They are what makes a retry safe. A create that meets a Conflict adopts what it meets only if they say that this logical
//! resource made it, and a create whose outcome is unknown can be found and removed afterwards.

use crate::request::stack_id::StackId;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The stack that a resource belongs to.
const STACK_ID: &str = "cfn:stack-id";
/// The resource's name in the stack's template.
const LOGICAL_ID: &str = "cfn:logical-id";
/// The CloudFormation request that created or adopted it.
const REQUEST_ID: &str = "cfn:request-id";
/// The logical id of the same stack that owned it before, until the handover is ended.
pub const FORMER_LOGICAL_ID: &str = "cfn:former-logical-id";

/// What stands for a former logical id where an Update was given an id that CloudFormation had made up: no logical id is so.
pub const MADE_UP: &str = "-";

/// The most characters of a tag's value in Chime. CloudFormation's ids stay well below.
const MAX_VALUE: usize = 256;

/// Where the owner of a thing is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// In tags of its own, set in the very call that creates it.
    OwnTags,
    /// In a tag with this key on the thing that it is a setting of.
    Mark(&'static str),
    /// Nowhere: there are too many of them for marks. What Chime shows of when it was made, and by whom, has to do.
    Nowhere,
}

/// Keys and values of tags.
pub type Pairs = Vec<(String, String)>;

/// The logical resource that a request is about, and the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    stack_id: String,
    stack_name: String,
    stack_key: String,
    logical_id: String,
    request_id: String,
}

/// Whose a thing is, from an owner's point of view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The owner's own.
    Own {
        /// By this request; cut to fit where it is noted.
        request_id: String,
        /// Taken over from this logical id, and the handover is not ended.
        former: Option<String>,
        /// When this was noted, if that is noted too.
        since: Option<SystemTime>,
    },
    /// Another logical id's of the same stack.
    Siblings {
        /// Which one's.
        logical_id: String,
        /// Taken over from this logical id, and the handover is not ended. The very one whose it is: it has been given back, and that is not
        /// noted to the end.
        former: Option<String>,
    },
    /// Another stack's.
    Anothers {
        /// The stack, by id or by name.
        stack: String,
        /// Its logical id.
        logical_id: String,
    },
    /// Nothing is noted.
    Nobodys,
}

impl Owner {
    /// The logical resource `logical_id` of a stack, in the request `request_id`.
    pub fn new(stack: &StackId, logical_id: &str, request_id: &str) -> Self {
        let key = stack.as_str().split('/').nth(2).filter(|key| !key.is_empty()).unwrap_or(stack.as_str());
        Self {
            stack_id: cut(stack.as_str()),
            stack_name: short(stack.stack_name(), 40),
            stack_key: short(key, 36),
            logical_id: cut(logical_id),
            request_id: cut(request_id),
        }
    }

    /// The same logical resource in another request.
    pub fn because_of(&self, request_id: &str) -> Self {
        Self { request_id: cut(request_id), ..self.clone() }
    }

    /// The tags that a create puts on what it makes.
    pub fn tags(&self) -> [(&'static str, &str); 3] {
        [(STACK_ID, &self.stack_id), (LOGICAL_ID, &self.logical_id), (REQUEST_ID, &self.request_id)]
    }

    /// Whether `noted`, a request's id as [`Whose`] gives it, is `request_id`.
    pub fn is_request(noted: &str, request_id: &str) -> bool {
        noted == cut(request_id) || noted == short(request_id, 40)
    }

    /// Whether `noted`, a logical id as [`Whose`] gives it, is this owner's.
    pub fn is(&self, noted: &str) -> bool {
        noted == self.logical_id || noted == short(&self.logical_id, 48)
    }

    /// The request, as CloudFormation names it.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The tags that note that the thing is `logical_id`'s, or this owner's own, and was `former`'s.
    pub fn note(&self, noted: Noted, logical_id: Option<&str>, former: Option<&str>) -> Pairs {
        let logical_id = logical_id.unwrap_or(&self.logical_id);
        match noted {
            Noted::OwnTags => {
                let own = [(STACK_ID, &*self.stack_id), (LOGICAL_ID, logical_id), (REQUEST_ID, &*self.request_id)];
                let former = former.map(|former| (FORMER_LOGICAL_ID, former));
                own.into_iter().chain(former).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
            }
            Noted::Mark(key) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let parts = [
                    self.stack_name.clone(),
                    self.stack_key.clone(),
                    short(&self.request_id, 40),
                    short(logical_id, 48),
                    former.map(|former| short(former, 48)).unwrap_or_default(),
                    now.to_string(),
                ];
                vec![(key.to_owned(), parts.join("/"))]
            }
            Noted::Nowhere => Vec::new(),
        }
    }

    /// Whose the thing with these tags is.
    pub fn judge(&self, noted: Noted, tags: &Pairs) -> Whose {
        let find = |key: &str| tags.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str());
        match noted {
            Noted::OwnTags => {
                let (Some(stack), Some(logical_id)) = (find(STACK_ID), find(LOGICAL_ID)) else {
                    return Whose::Nobodys;
                };
                let former = find(FORMER_LOGICAL_ID).map(str::to_owned);
                let request_id = find(REQUEST_ID).unwrap_or_default().to_owned();
                self.whose(stack == self.stack_id, stack, logical_id, former, request_id, None)
            }
            Noted::Mark(key) => {
                let Some(value) = find(key) else { return Whose::Nobodys };
                let parts: Vec<&str> = value.split('/').collect();
                let [name, stack_key, request_id, logical_id, former, since] = parts[..] else {
                    // Somebody else's use of the key. It is not ours to read, nor to overwrite.
                    return Whose::Anothers { stack: value.to_owned(), logical_id: String::new() };
                };
                let former = Some(former).filter(|former| !former.is_empty()).map(str::to_owned);
                let since = since.parse().ok().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
                let is_own_stack = stack_key == self.stack_key;
                self.whose(is_own_stack, name, logical_id, former, request_id.to_owned(), since)
            }
            Noted::Nowhere => Whose::Nobodys,
        }
    }

    fn whose(
        &self,
        is_own_stack: bool,
        stack: &str,
        logical_id: &str,
        former: Option<String>,
        request_id: String,
        since: Option<SystemTime>,
    ) -> Whose {
        match (is_own_stack, self.is(logical_id)) {
            (true, true) => Whose::Own { request_id, former: former.filter(|former| former != logical_id), since },
            (true, false) => Whose::Siblings { logical_id: logical_id.to_owned(), former },
            (false, _) => Whose::Anothers { stack: stack.to_owned(), logical_id: logical_id.to_owned() },
        }
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

    const MARK: Noted = Noted::Mark("cfn:admin");

    fn owner(stack: &str, logical_id: &str, request_id: &str) -> Owner {
        Owner::new(
            &StackId::new(format!("arn:aws:cloudformation:us-east-1:1:stack/chat/{stack}")),
            logical_id,
            request_id,
        )
    }

    #[test]
    fn a_thing_is_its_stacks_and_logical_ids_whichever_request_made_it() {
        for noted in [Noted::OwnTags, MARK] {
            let tags = owner("a", "App", "1").note(noted, None, None);
            let Whose::Own { request_id, former: None, .. } = owner("a", "App", "2").judge(noted, &tags) else {
                panic!("not its own: {tags:?}");
            };
            assert!(Owner::is_request(&request_id, "1") && !Owner::is_request(&request_id, "2"));
            let sibling = Whose::Siblings { logical_id: "App".to_owned(), former: None };
            assert_eq!(owner("a", "Other", "1").judge(noted, &tags), sibling);
            let whose = owner("b", "App", "1").judge(noted, &tags);
            assert!(
                matches!(whose, Whose::Anothers { stack, logical_id } if stack.contains("chat") && logical_id == "App")
            );
            assert_eq!(owner("a", "App", "1").judge(noted, &Vec::new()), Whose::Nobodys);
        }
    }

    #[test]
    fn a_handover_names_the_former_owner() {
        for noted in [Noted::OwnTags, MARK] {
            let tags = owner("a", "New", "2").note(noted, None, Some("Old"));
            let whose = owner("a", "New", "3").judge(noted, &tags);
            assert!(matches!(whose, Whose::Own { former: Some(former), .. } if former == "Old"));
            let whose = owner("a", "Old", "1").judge(noted, &tags);
            assert_eq!(whose, Whose::Siblings { logical_id: "New".to_owned(), former: Some("Old".to_owned()) });
        }
    }

    #[test]
    fn a_mark_fits_whatever_the_names_are_like_and_tells_long_ones_apart() {
        let (long, longer) = ("L".repeat(255), format!("{}x", "L".repeat(254)));
        let stack = StackId::new(format!(
            "arn:aws:cloudformation:us-gov-west-1:1:stack/{}/{}",
            "s".repeat(128),
            "u".repeat(36)
        ));
        let tags = Owner::new(&stack, &long, &"r".repeat(200)).note(MARK, None, Some(&longer));
        assert!(tags[0].1.len() <= 256, "{}", tags[0].1.len());
        let owner = |logical_id: &str| Owner::new(&stack, logical_id, "1");
        assert!(
            matches!(owner(&long).judge(MARK, &tags), Whose::Own { former: Some(former), .. } if owner(&longer).is(&former))
        );
        assert!(matches!(owner(&longer).judge(MARK, &tags), Whose::Siblings { .. }));
        assert_ne!(short("a/b", 9), short("a-b", 9));
    }

    #[test]
    fn a_mark_that_nobody_here_wrote_is_anothers() {
        let tags = vec![("cfn:admin".to_owned(), "yes".to_owned())];
        assert!(matches!(owner("a", "App", "1").judge(MARK, &tags), Whose::Anothers { stack, .. } if stack == "yes"));
    }
}
