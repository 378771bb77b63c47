//! The files of a release: all that is needed to deploy the function and to check templates, without Rust.
//!
//! The same sources, tools and binaries give the same bytes: nothing in the files tells when, where or by whom they were made.

mod architecture;
mod build;
mod cdk;
mod command;
mod linter;
mod sbom;

use crate::files::file_error;
use chimectl::template::filled;
use cloudformation_local::archive::{Compression, zip};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

pub use architecture::Architecture;

/// The file with the SHA-256 sums of all others, as `sha256sum -c` takes it.
const SUMS: &str = "SHA256SUMS";

/// What goes in as it is: what the templates refer to, and the schema for editors.
const COPIED: [(&str, &str); 3] =
    [("LICENSE", "LICENSE"), ("README.md", "README.md"), ("editor/template.schema.json", "template.schema.json")];

/// What is made, and of what.
#[derive(Debug)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a Path,
    /// The folder for the files. What it holds of an earlier release goes.
    pub out: &'a Path,
    /// Functions that are built already. Where there is none, the function is built for each architecture that can be built here.
    pub binaries: &'a [(Architecture, PathBuf)],
    /// With the npm package of `cdk/`, if the project has that folder.
    pub with_constructs: bool,
    /// With a software bill of materials, for which cargo-cyclonedx is installed where it is not.
    pub with_sbom: bool,
}

impl Release<'_> {
    /// Makes the files, and tells `progress` of each step. Gives their names, in order.
    ///
    /// # Errors
    /// The folder holds something else, a tool is missing or fails, or a function does not run where Lambda runs it.
    pub fn make(&self, mut progress: impl FnMut(&str)) -> Result<Vec<String>, String> {
        self.clear()?;
        let built;
        let binaries = match self.binaries {
            [] => {
                built = build::all(self.project, &mut progress)?;
                &built[..]
            }
            given => given,
        };
        for (architecture, binary) in binaries {
            progress(&format!("Packaging the function for {architecture} ..."));
            let bootstrap = fs::read(binary).map_err(file_error(binary))?;
            build::check_glibc(&bootstrap).map_err(|problem| format!("{}: {problem}", binary.display()))?;
            let name = format!("chime-messaging-resources-{architecture}.zip");
            let zipped = zip([("bootstrap", bootstrap)], Compression::Zopfli).map_err(|error| error.to_string())?;
            self.write(&name, &zipped)?;
            self.write(&format!("template-{architecture}.yaml"), template(*architecture, &name)?.as_bytes())?;
        }
        for (from, to) in COPIED {
            let from = self.project.join(from);
            self.write(to, &fs::read(&from).map_err(file_error(&from))?)?;
        }
        progress("Packaging the linter ...");
        linter::package(self.project, self.out, &mut progress)?;
        if self.with_constructs && cdk::is_there(self.project) {
            progress("Packaging the constructs for CDK ...");
            cdk::package(self.project, self.out)?;
        }
        if self.with_sbom {
            progress("Writing the software bill of materials ...");
            sbom::write(self.project, &self.out.join("chime-messaging-resources.cdx.json"), &mut progress)?;
        }
        let mut names = self.names()?;
        names.retain(|name| name != SUMS);
        self.write(SUMS, self.sums(&names)?.as_bytes())?;
        names.push(SUMS.to_owned());
        Ok(names)
    }

    /// Makes the folder, empty. One that is not of a release is left alone.
    fn clear(&self) -> Result<(), String> {
        if self.out.exists() && !self.names()?.is_empty() {
            if !self.out.join(SUMS).exists() {
                return Err(format!("{} holds something else than a release", self.out.display()));
            }
            fs::remove_dir_all(self.out).map_err(file_error(self.out))?;
        }
        fs::create_dir_all(self.out).map_err(file_error(self.out))?;
        // What fails half-way can be made again.
        self.write(SUMS, b"")
    }

    fn names(&self) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(self.out).map_err(file_error(self.out))?;
        let mut names: Vec<_> =
            entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
        names.sort();
        Ok(names)
    }

    fn sums(&self, names: &[String]) -> Result<String, String> {
        let mut sums = String::new();
        for name in names {
            let path = self.out.join(name);
            for byte in Sha256::digest(fs::read(&path).map_err(file_error(&path))?) {
                let _ = write!(sums, "{byte:02x}");
            }
            let _ = writeln!(sums, "  {name}");
        }
        Ok(sums)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), String> {
        let path = self.out.join(name);
        fs::write(&path, content).map_err(file_error(&path))
    }
}

/// `template.yaml` for the zip: it builds nothing, and is for this architecture alone.
fn template(architecture: Architecture, zip: &str) -> Result<String, String> {
    filled(&[
        (
            "    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: chime-messaging-resources\n",
            String::new(),
        ),
        ("CodeUri: .\n", format!("CodeUri: {zip}\n")),
        (
            "    Default: x86_64\n    AllowedValues: [x86_64, arm64]\n",
            format!("    Default: {architecture}\n    AllowedValues: [{architecture}]\n"),
        ),
        ("What the function is built for. x86_64 is what is tested.", "What the function is built for.".to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_something_else_is_left_alone() {
        let out = std::env::temp_dir().join(format!("xtask-release-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("mine"), "").unwrap();
        let release =
            Release { project: Path::new("."), out: &out, binaries: &[], with_constructs: false, with_sbom: false };
        assert!(release.make(|_| ()).unwrap_err().contains("holds something else"));
        assert!(out.join("mine").exists());
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn a_template_is_for_one_architecture_and_builds_nothing() {
        let template = template(Architecture::Arm64, "function.zip").unwrap();
        assert!(template.contains("CodeUri: function.zip\n") && template.contains("AllowedValues: [arm64]\n"));
        assert!(!template.contains("BuildMethod") && !template.contains("x86_64"), "{template}");
    }
}
