//! Watches a file until it is saved, or until an interrupt.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How often the file is checked.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether an interrupt ends the watch, and not the whole program.
static IS_WATCHING: AtomicBool = AtomicBool::new(false);

/// Ends the watch because of an interrupt. Returns whether there was one.
pub fn take_interrupt() -> bool {
    IS_WATCHING.swap(false, Ordering::Relaxed)
}

/// What ends a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The file was saved.
    Saved,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// A watched file.
pub struct FileWatch {
    path: PathBuf,
    saved: Option<SystemTime>,
}

impl FileWatch {
    /// Watches a file from now on.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), saved: modified(path) }
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Event {
        IS_WATCHING.store(true, Ordering::Relaxed);
        while IS_WATCHING.load(Ordering::Relaxed) {
            let now = modified(&self.path);
            // An editor may remove the file for a moment before it writes the new version.
            if now.is_some() && now != self.saved {
                self.saved = now;
                IS_WATCHING.store(false, Ordering::Relaxed);
                return Event::Saved;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Event::Interrupted
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|file| file.modified()).ok()
}
