//! A file that is looked at until it is saved, or until somebody interrupts.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How often the file is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether an interrupt is for the watch rather than for the whole program.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Takes an interrupt for the watch, if one is under way: that ends it.
pub fn take_interrupt() -> bool {
    WAITING.swap(false, Ordering::Relaxed)
}

/// A file, and when it was last seen to be saved.
pub struct Watched {
    path: PathBuf,
    saved: Option<SystemTime>,
}

impl Watched {
    /// Watches from now on.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), saved: modified(path) }
    }

    /// Waits until the file is saved: true; or until an interrupt: false.
    pub async fn saved(&mut self) -> bool {
        WAITING.store(true, Ordering::Relaxed);
        while WAITING.load(Ordering::Relaxed) {
            let now = modified(&self.path);
            // An editor may remove a file for the moment between two versions.
            if now.is_some() && now != self.saved {
                self.saved = now;
                WAITING.store(false, Ordering::Relaxed);
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|file| file.modified()).ok()
}
