//! Files and folders, with errors that name them.

use std::fs;
use std::io;
use std::path::Path;

/// An error about this file, in words.
pub fn file_error(path: &Path) -> impl Fn(io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

/// Writes a file, and makes its folder where it is not there.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, content: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(file_error(folder))?;
    fs::write(path, content).map_err(file_error(path))
}

/// Copies a folder with all that is in it, but for what npm installs.
///
/// # Errors
/// Something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(file_error(to))?;
    for entry in fs::read_dir(from).map_err(file_error(from))?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() && entry.file_name() != "node_modules" {
            copy_folder(&from, &to)?;
        } else if from.is_file() {
            fs::copy(&from, &to).map_err(file_error(&from))?;
        }
    }
    Ok(())
}
