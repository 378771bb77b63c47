//! Stack ids. CloudFormation's contain the stack's region and account. Those of other engines may be any text.

/// A stack id: `arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<uuid>`, or another engine's plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackId(String);

impl StackId {
    /// A stack id from CloudFormation.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as CloudFormation sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn field(&self, at: usize) -> &str {
        self.0.split(':').nth(at).unwrap_or_default()
    }

    /// The stack's partition.
    pub fn partition(&self) -> &str {
        self.field(1)
    }

    /// The stack's region.
    pub fn region(&self) -> &str {
        self.field(3)
    }

    /// The stack's account.
    pub fn account(&self) -> &str {
        self.field(4)
    }

    /// The stack's name. For plain text, the whole text.
    pub fn stack_name(&self) -> &str {
        self.part(1)
    }

    /// The part that distinguishes stacks of the same name: the uuid. For plain text, the whole text.
    pub fn key(&self) -> &str {
        self.part(2)
    }

    fn part(&self, at: usize) -> &str {
        let part = if self.0.starts_with("arn:") { self.0.split('/').nth(at) } else { None };
        part.filter(|part| !part.is_empty()).unwrap_or(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_id_contains_name_region_account_and_partition() {
        let stack = StackId::new("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid");
        assert_eq!((stack.stack_name(), stack.region(), stack.partition()), ("chat", "us-east-1", "aws"));
        assert_eq!(stack.account(), "123456789012");
        assert_eq!(stack.key(), "uuid");
    }

    #[test]
    fn another_engine_may_send_any_text() {
        for plain in ["dev", "a/x/dev", "b/y/dev", "arn:aws:x"] {
            let stack = StackId::new(plain);
            assert_eq!((stack.stack_name(), stack.key(), stack.region()), (plain, plain, ""));
        }
    }
}
