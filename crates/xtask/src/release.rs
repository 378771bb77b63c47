//! The files of a release: everything for deploying the function and checking templates without Rust.
//!
//! Builds are reproducible: the same sources, tools and binaries give the same bytes. The files contain no times, paths or user names.

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

/// The file with the SHA-256 sums of all others, for `sha256sum -c`.
const SUMS: &str = "SHA256SUMS";

/// Files that are copied: those that the templates refer to, and the schema for editors.
const COPIED: [(&str, &str); 3] =
    [("LICENSE", "LICENSE"), ("README.md", "README.md"), ("editor/template.schema.json", "template.schema.json")];

/// The inputs and the output folder of a release.
#[derive(Debug)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a Path,
    /// The folder for the files. The files of an earlier release are deleted.
    pub out: &'a Path,
    /// Built functions. If empty, the function is built for each architecture that this machine can build.
    pub binaries: &'a [(Architecture, PathBuf)],
    /// Includes the npm package of `cdk/`, if the project has that folder.
    pub with_constructs: bool,
    /// Includes a software bill of materials. Installs cargo-cyclonedx if it is missing.
    pub with_sbom: bool,
}

impl Release<'_> {
    /// Creates the files and returns their names in order; each step is reported to `progress`.
    ///
    /// # Errors
    /// The folder contains something else, a tool is missing or fails, or a binary cannot run on Lambda.
    pub fn create(&self, mut progress: impl FnMut(&str)) -> Result<Vec<String>, String> {
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
        if self.with_constructs && cdk::exists(self.project) {
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

    /// Creates the folder or empties it. Only a folder of a release is emptied.
    fn clear(&self) -> Result<(), String> {
        if self.out.exists() && !self.names()?.is_empty() {
            if !self.out.join(SUMS).exists() {
                return Err(format!("{} contains files that are not of a release", self.out.display()));
            }
            fs::remove_dir_all(self.out).map_err(file_error(self.out))?;
        }
        fs::create_dir_all(self.out).map_err(file_error(self.out))?;
        // Marks the folder, so that a failed release can be repeated.
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

/// `template.yaml` for the zip: without a build, and only for this architecture.
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
    fn a_folder_with_other_files_is_not_emptied() {
        let out = std::env::temp_dir().join(format!("xtask-release-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("mine"), "").unwrap();
        let release =
            Release { project: Path::new("."), out: &out, binaries: &[], with_constructs: false, with_sbom: false };
        assert!(release.create(|_| ()).unwrap_err().contains("files that are not of a release"));
        assert!(out.join("mine").exists());
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn a_template_is_for_one_architecture_without_a_build() {
        let template = template(Architecture::Arm64, "function.zip").unwrap();
        assert!(template.contains("CodeUri: function.zip\n") && template.contains("AllowedValues: [arm64]\n"));
        assert!(!template.contains("BuildMethod") && !template.contains("x86_64"), "{template}");
    }
}
