//! Whose a Chime resource is: three tags, set in the very call that creates it.
//!
//! They are what makes a retry safe. A create that meets a Conflict adopts what it meets only if the tags say that
//! it made it, and a create whose outcome is unknown can be found and removed afterwards.

/// The stack that a resource belongs to.
const STACK_ID: &str = "cfn:stack-id";
/// The resource's name in the stack's template.
const LOGICAL_ID: &str = "cfn:logical-id";
/// The CloudFormation request that created it.
const REQUEST_ID: &str = "cfn:request-id";

/// The most characters of a tag's value in Chime. CloudFormation's ids stay well below.
const MAX_VALUE: usize = 256;

/// An owner of Chime resources: a logical resource of a stack, or one request about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    stack_id: String,
    logical_id: String,
    request_id: String,
    by_request: bool,
}

impl Owner {
    /// The logical resource that a request is about, whichever request made it.
    pub fn new(stack_id: &str, logical_id: &str, request_id: &str) -> Self {
        let cut = |text: &str| text.chars().take(MAX_VALUE).collect();
        Self { stack_id: cut(stack_id), logical_id: cut(logical_id), request_id: cut(request_id), by_request: false }
    }

    /// The same logical resource, but only what the request `request_id` made.
    pub fn of_request(&self, request_id: &str) -> Self {
        Self { by_request: true, ..Self::new(&self.stack_id, &self.logical_id, request_id) }
    }

    /// The tags that this owner puts on what it creates.
    pub fn tags(&self) -> [(&'static str, &str); 3] {
        [(STACK_ID, &self.stack_id), (LOGICAL_ID, &self.logical_id), (REQUEST_ID, &self.request_id)]
    }

    /// Whether a resource with these tags is this owner's.
    pub fn owns<'a>(&self, tags: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
        let found: Vec<_> = tags.collect();
        let compared = if self.by_request { 3 } else { 2 };
        self.tags().iter().take(compared).all(|tag| found.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_its_stacks_and_logical_ids_whichever_request_made_it() {
        let (first, second) = (Owner::new("stack", "App", "1"), Owner::new("stack", "App", "2"));
        assert!(second.owns(first.tags().into_iter()));
        assert!(!second.of_request("2").owns(first.tags().into_iter()));
        assert!(second.of_request("1").owns(first.tags().into_iter()));
    }

    #[test]
    fn another_stacks_resource_and_one_without_tags_are_not_ours() {
        let ours = Owner::new("stack", "App", "1");
        assert!(!ours.owns(Owner::new("other", "App", "1").tags().into_iter()));
        assert!(!ours.owns(Owner::new("stack", "Other", "1").tags().into_iter()));
        assert!(!ours.owns(std::iter::empty()));
    }
}
