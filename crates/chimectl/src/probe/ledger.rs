//! What the probe has made in the account, so that all of it is deleted again.

use std::cell::{Cell, RefCell};

/// The app instances of one run. All else that it makes lies in them, and goes with them.
#[derive(Debug, Default)]
pub struct Ledger {
    standing: RefCell<Vec<String>>,
    deleted: RefCell<Vec<String>>,
    /// Deleted at some time, though a used token may have brought the ARN back since.
    once_deleted: RefCell<Vec<String>>,
    /// Creates that were sent and of which nobody knows what became.
    open: Cell<u32>,
}

impl Ledger {
    /// A create is about to be sent. Until it is [`settled`](Self::settled) there may be an app instance that nobody knows of.
    pub fn opened(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// What became of a create is known.
    pub fn settled(&self) {
        self.open.set(self.open.get().saturating_sub(1));
    }

    /// How many creates are not settled.
    pub fn open(&self) -> u32 {
        self.open.get()
    }

    /// An app instance has been made.
    pub fn made(&self, arn: &str) {
        self.deleted.borrow_mut().retain(|deleted| deleted != arn);
        let mut standing = self.standing.borrow_mut();
        if !standing.iter().any(|standing| standing == arn) {
            standing.push(arn.to_owned());
        }
    }

    /// An app instance has been deleted.
    pub fn deleted(&self, arn: &str) {
        self.standing.borrow_mut().retain(|standing| standing != arn);
        for list in [&self.deleted, &self.once_deleted] {
            let mut list = list.borrow_mut();
            if !list.iter().any(|deleted| deleted == arn) {
                list.push(arn.to_owned());
            }
        }
    }

    /// Whether it would be no wonder if the app instance was not there.
    pub fn was_deleted(&self, arn: &str) -> bool {
        self.once_deleted.borrow().iter().any(|deleted| deleted == arn)
    }

    /// The app instances that have not been deleted.
    pub fn standing(&self) -> Vec<String> {
        self.standing.borrow().clone()
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
    fn what_is_made_stands_until_it_is_deleted() {
        let ledger = Ledger::default();
        ledger.opened();
        ledger.made("a");
        ledger.made("a");
        assert_eq!((ledger.standing(), ledger.open()), (vec!["a".to_owned()], 1));
        ledger.settled();
        ledger.deleted("a");
        assert!(ledger.standing().is_empty() && ledger.is_deleted("a") && ledger.open() == 0);
        // A token that is answered with the first result brings a name back, and nobody knows what is behind it.
        ledger.made("a");
        assert_eq!((ledger.standing().len(), ledger.is_deleted("a"), ledger.count_deleted()), (1, false, 0));
        assert!(ledger.was_deleted("a") && !ledger.was_deleted("b"));
    }
}
