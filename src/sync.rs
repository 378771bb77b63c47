//! Locks that a panic elsewhere does not break: what they guard is whole after every statement.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What `mutex` guards, whether or not a thread has panicked with it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
