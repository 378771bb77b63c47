//! The input of an update.

/// The input of an update.
#[derive(Debug)]
pub struct Change<'a, P> {
    /// The properties that the resource should have.
    pub desired: &'a P,
    /// The properties that it has, from the old template or from Chime. `None` if nothing is set yet.
    pub current: Option<&'a P>,
}

impl<'a, P> Change<'a, P> {
    /// Whether this part of the properties has to be sent to Chime.
    pub fn differs<T: PartialEq>(&self, part: impl Fn(&'a P) -> T) -> bool {
        self.current.is_none_or(|current| part(current) != part(self.desired))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_differs_if_nothing_is_set_yet() {
        assert!(Change { desired: &1, current: None }.differs(|n| n));
        assert!(!Change { desired: &1, current: Some(&1) }.differs(|n| n));
        assert!(Change { desired: &1, current: Some(&2) }.differs(|n| n));
    }
}
