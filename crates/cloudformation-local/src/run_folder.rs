//! The temporary folder of a run.

use crate::error::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file that a run has locked while it uses its folder, and the one that is locked while folders are made and removed.
const LOCK: &str = "lock";

/// A temporary folder. It goes when dropped. If its process is killed before, it goes when the next one is made in the same place: its lock
/// has ended with the process, so nobody uses it.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    _lock: File,
}

impl RunFolder {
    /// Makes a folder of a new name in `parent`, which need not exist, and removes those of runs that were killed.
    ///
    /// # Errors
    /// `parent` cannot be written.
    pub fn create(parent: &Path) -> Result<Self> {
        let create = || {
            fs::create_dir_all(parent)?;
            // So that nobody takes a folder for abandoned before its lock is there.
            let _making = locked(&parent.join(LOCK))?;
            remove_abandoned(parent)?;
            let path = parent.join(format!("{:016x}", fastrand::u64(..)));
            fs::create_dir(&path)?;
            Ok(Self { _lock: locked(&path.join(LOCK))?, path })
        };
        create().map_err(|error: io::Error| Error::new(format!("{}: {error}", parent.display())))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn locked(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    file.lock()?;
    Ok(file)
}

fn remove_abandoned(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let is_used = || match File::open(entry.path().join(LOCK)) {
            Ok(lock) => matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            // Its process was killed before it had made the file.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if entry.file_type()?.is_dir() && !is_used() {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(name: &str) -> PathBuf {
        let parent = std::env::temp_dir().join(format!("run-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&parent);
        parent
    }

    #[test]
    fn a_folder_goes_with_its_run() {
        let parent = parent("goes");
        let folder = RunFolder::create(&parent).unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("log"), "words").unwrap();
        drop(folder);
        assert!(parent.exists() && !path.exists());
        fs::remove_dir_all(parent).unwrap();
    }

    #[test]
    fn the_folder_of_a_killed_run_goes_with_the_next_run_and_that_of_a_living_one_stays() {
        let parent = parent("killed");
        let living = RunFolder::create(&parent).unwrap();
        // A killed process leaves its folder, and the system ends its lock.
        let killed = RunFolder::create(&parent).unwrap();
        let abandoned = killed.path().to_owned();
        let RunFolder { path, _lock } = &killed;
        _lock.unlock().unwrap();
        fs::create_dir(path.join("more")).unwrap();
        let without_a_lock = parent.join("half-made");
        fs::create_dir(&without_a_lock).unwrap();
        let next = RunFolder::create(&parent).unwrap();
        assert!(!abandoned.exists() && !without_a_lock.exists());
        assert!(living.path().exists() && next.path().exists());
        drop((living, killed, next));
        fs::remove_dir_all(parent).unwrap();
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let file = parent("file");
        fs::write(&file, "").unwrap();
        let error = RunFolder::create(&file).unwrap_err().to_string();
        fs::remove_file(&file).unwrap();
        assert!(error.contains("run-folder-file"), "{error}");
    }
}
