//! The construct library of `cdk/`, built in a copy under `target/`.

use crate::node::{copy, install};
use cloudformation_local::workspace::{root, target};
use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use xtask::release::build_constructs;

/// The files of the library, and those that its build and its tests read.
const SOURCES: [&str; 12] = [
    "cdk/API.md",
    "cdk/LICENSE",
    "cdk/README.md",
    "cdk/generate.js",
    "cdk/package-lock.json",
    "cdk/package.json",
    "cdk/src",
    "cdk/test",
    "events",
    "examples/tutorial/2-role.yaml",
    "schemas",
    "template.yaml",
];

/// The repository that the packages name.
pub const REPOSITORY: &str = "https://github.com/owner/name";

/// The package for TypeScript, in the folder of the library.
pub const TYPESCRIPT_PACKAGE: &str = "dist/js/chime-messaging-resources@0.1.0.jsii.tgz";

/// The package for Python, in the folder of the library.
pub const PYTHON_PACKAGE: &str = "dist/python/chime_messaging_resources-0.1.0-py3-none-any.whl";

/// The folder with a copy of the project for the build.
pub fn folder() -> PathBuf {
    target().join("cdk")
}

/// Builds the library and its packages, and returns the folder of the library. Skips the build if the sources have not changed.
pub fn library() -> &'static Path {
    // After a failure, the other tests do not try again.
    static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let (folder, library) = (folder(), folder().join("cdk"));
        fs::create_dir_all(&library).expect("a folder");
        // The test binaries share this folder, so only one may build at a time.
        let lock = File::create(folder.join("lock")).expect("a lock file");
        lock.lock().expect("the lock");
        let (sources, stamp) = (sources(), folder.join("built"));
        if fs::read(&stamp).is_ok_and(|built| built == sources) {
            return library;
        }
        for source in SOURCES {
            let to = folder.join(source);
            // Files that were deleted from the sources must not stay in the copy.
            let _ = fs::remove_dir_all(&to);
            fs::create_dir_all(to.parent().unwrap_or(&to)).expect("a folder");
            copy(&root().join(source), &to);
        }
        install(&library);
        let repository = REPOSITORY.parse().expect("an address");
        build_constructs(&library, Some(&repository)).unwrap_or_else(|error| panic!("{error}"));
        fs::write(stamp, sources).expect("the stamp is written");
        library
    });
    &LIBRARY
}

/// The paths and contents of all sources, and what is made of them.
pub fn sources() -> Vec<u8> {
    fn add(path: &Path, all: &mut Vec<u8>) {
        if path.is_dir() {
            let mut entries: Vec<_> =
                fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
            entries.sort();
            entries.iter().for_each(|entry| add(entry, all));
        } else {
            let name = path.strip_prefix(root()).unwrap_or(path);
            all.extend(name.as_os_str().as_encoded_bytes());
            all.extend(fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
    let mut all = REPOSITORY.as_bytes().to_vec();
    SOURCES.iter().for_each(|source| add(&root().join(source), &mut all));
    all
}
