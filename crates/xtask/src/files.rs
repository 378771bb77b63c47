//! Files and folders, with errors that contain the path.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Prefixes an error with this path.
pub fn file_error(path: &Path) -> impl Fn(io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

/// Writes a file and creates its folder if necessary.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, content: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(file_error(folder))?;
    fs::write(path, content).map_err(file_error(path))
}

/// Sets who may read, write and execute a file.
///
/// # Errors
/// It cannot be changed.
pub fn set_mode(path: &Path, mode: u32) -> Result<(), String> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(file_error(path))
}

/// Copies a folder recursively, except `node_modules`.
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
