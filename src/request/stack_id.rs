//! Stack ids. CloudFormation's contain the stack's region and account. Those of other engines may be any text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The Unix epoch in the time of uuids: how many times 100 ns after 1582-10-15.
const UNIX_EPOCH_TICKS: u64 = 0x01b2_1dd2_1381_4000;

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

    /// When CloudFormation created the stack. The uuid in its id is of version 1, which contains that time
    /// (<https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-1>). `None` for any other id.
    pub fn created(&self) -> Option<SystemTime> {
        let mut groups = self.key().split('-');
        let [low, middle, high] = [groups.next()?, groups.next()?, groups.next()?];
        let has_form = (low.len(), middle.len(), groups.map(str::len).collect::<Vec<_>>()) == (8, 4, vec![4, 12]);
        let high = high.strip_prefix('1').filter(|high| has_form && high.len() == 3)?;
        let ticks = u64::from_str_radix(&format!("{high}{middle}{low}"), 16).ok()?.checked_sub(UNIX_EPOCH_TICKS)?;
        UNIX_EPOCH.checked_add(Duration::from_micros(ticks / 10))
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
    #[test]
    fn a_uuid_of_version_1_says_when_the_stack_was_created() {
        let created = |uuid: &str| {
            let id = StackId::new(format!("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/{uuid}"));
            id.created().map(|created| created.duration_since(UNIX_EPOCH).expect("after 1970").as_secs())
        };
        // An id in the form that CloudFormation documents.
        assert_eq!(created("51af3dc0-da77-11e4-872e-1234567db123"), Some(1_428_116_673));
        for other in [
            "51af3dc0-da77-41e4-872e-1234567db123",
            "51af3dc0-da77-11e4-872e",
            "51af3dc-da77-11e4-872e-1234567db123",
            "uuid",
            "g1af3dc0-da77-11e4-872e-1234567db123",
        ] {
            assert_eq!(created(other), None, "{other}");
        }
    }
}
