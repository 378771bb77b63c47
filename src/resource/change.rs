//! What an update is from and to.

/// What an update is from and to.
#[derive(Debug)]
pub struct Change<'a, P> {
    /// The properties to bring the thing to.
    pub wanted: &'a P,
    /// The properties that it has; `None` where nobody knows, and everything has to be said again.
    pub before: Option<&'a P>,
}

impl<'a, P> Change<'a, P> {
    /// Whether this part of the properties is different, or may be.
    pub fn differs<T: PartialEq>(&self, part: impl Fn(&'a P) -> T) -> bool {
        self.before.is_none_or(|before| part(before) != part(self.wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_from_nobody_knows_what_differs_in_everything() {
        assert!(Change { wanted: &1, before: None }.differs(|n| n));
        assert!(!Change { wanted: &1, before: Some(&1) }.differs(|n| n));
        assert!(Change { wanted: &1, before: Some(&2) }.differs(|n| n));
    }
}
