//! The folders of this workspace and of its builds.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder of this crate, unless the program is one of a release: that one must not contain paths of the machine that built it. `cargo xtask
/// package` sets the flag, and gives the same name to the folder everywhere else.
const OWN: &str = if cfg!(released) { "/project/crates/cloudformation-local" } else { env!("CARGO_MANIFEST_DIR") };

/// The folder of the workspace.
pub fn root() -> &'static Path {
    // Two folders up, without `..` in the path, which people see.
    let own = Path::new(OWN);
    own.ancestors().nth(2).unwrap_or(own)
}

/// Whether the workspace that this program was built in is there, so that more of it can be built.
pub fn exists() -> bool {
    !cfg!(released) && root().join("Cargo.toml").is_file()
}

/// The folder for what is made on first use: cargo's target directory, or a folder of the user's cache for a program without its workspace.
pub fn target() -> PathBuf {
    if exists() {
        return match env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => root().join(directory),
            None => root().join("target"),
        };
    }
    cache(env::var_os("XDG_CACHE_HOME"), env::home_dir())
}

/// <https://specifications.freedesktop.org/basedir-spec/latest/>: a relative path is to be ignored.
fn cache(stated: Option<OsString>, home: Option<PathBuf>) -> PathBuf {
    let stated = stated.map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = stated.or_else(|| home.map(|home| home.join(".cache")));
    cache.unwrap_or_else(env::temp_dir).join("chimectl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_workspace_uses_cargos_folder() {
        assert!(exists() && root().join("crates/cloudformation-local").is_dir());
        assert!(!target().ends_with("chimectl"));
    }

    #[test]
    fn a_released_program_uses_the_users_cache() {
        let home = Some(PathBuf::from("/home/somebody"));
        assert_eq!(cache(None, home.clone()), Path::new("/home/somebody/.cache/chimectl"));
        assert_eq!(cache(Some("/cache".into()), home.clone()), Path::new("/cache/chimectl"));
        assert_eq!(cache(Some("relative".into()), home), Path::new("/home/somebody/.cache/chimectl"));
        assert_eq!(cache(None, None), env::temp_dir().join("chimectl"));
    }
}
