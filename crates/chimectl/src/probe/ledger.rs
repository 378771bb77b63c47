//! What the probe has created in the account, so that all of it is deleted.

use std::cell::{Cell, RefCell};

/// The app instances of one run. Everything else that it creates is in them.
#[derive(Debug, Default)]
pub struct Ledger {
    remaining: RefCell<Vec<String>>,
    deleted: RefCell<Vec<String>>,
    /// Deleted at some time, though a used token may have returned the ARN again since.
    once_deleted: RefCell<Vec<String>>,
    /// How many creates have been sent and have no known outcome.
    open: Cell<u32>,
}

impl Ledger {
    /// A create is about to be sent. Until it is [settled](Self::create_settled), there may be an unknown app instance.
    pub fn create_sent(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// The outcome of a create is known.
    pub fn create_settled(&self) {
        self.open.set(self.open.get().saturating_sub(1));
    }

    /// How many creates have no known outcome.
    pub fn unsettled(&self) -> u32 {
        self.open.get()
    }

    /// An app instance has been created.
    pub fn created(&self, arn: &str) {
        self.deleted.borrow_mut().retain(|deleted| deleted != arn);
        let mut remaining = self.remaining.borrow_mut();
        if !remaining.iter().any(|remaining| remaining == arn) {
            remaining.push(arn.to_owned());
        }
    }

    /// An app instance has been deleted.
    pub fn deleted(&self, arn: &str) {
        self.remaining.borrow_mut().retain(|remaining| remaining != arn);
        for list in [&self.deleted, &self.once_deleted] {
            let mut list = list.borrow_mut();
            if !list.iter().any(|deleted| deleted == arn) {
                list.push(arn.to_owned());
            }
        }
    }

    /// Whether the app instance may be missing because it was deleted once.
    pub fn was_deleted(&self, arn: &str) -> bool {
        self.once_deleted.borrow().iter().any(|deleted| deleted == arn)
    }

    /// The app instances that have not been deleted.
    pub fn remaining(&self) -> Vec<String> {
        self.remaining.borrow().clone()
    }

    /// Whether an app instance has been deleted.
    pub fn is_deleted(&self, arn: &str) -> bool {
        self.deleted.borrow().iter().any(|deleted| deleted == arn)
    }

    /// How many app instances have been deleted.
    pub fn count_deleted(&self) -> usize {
        self.deleted.borrow().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_instance_remains_until_it_is_deleted() {
        let ledger = Ledger::default();
        ledger.create_sent();
        ledger.created("a");
        ledger.created("a");
        assert_eq!((ledger.remaining(), ledger.unsettled()), (vec!["a".to_owned()], 1));
        ledger.create_settled();
        ledger.deleted("a");
        assert!(ledger.remaining().is_empty() && ledger.is_deleted("a") && ledger.unsettled() == 0);
        // A used token may return the ARN again, and there may be an app instance behind it.
        ledger.created("a");
        assert_eq!((ledger.remaining().len(), ledger.is_deleted("a"), ledger.count_deleted()), (1, false, 0));
        assert!(ledger.was_deleted("a") && !ledger.was_deleted("b"));
    }
}
