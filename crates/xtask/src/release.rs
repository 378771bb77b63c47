//! The files of a release: everything for deploying the function and checking templates without Rust.
//!
//! Builds are reproducible: the same sources, tools and binaries give the same bytes. The files contain no times, paths or user names.

mod architecture;
mod build;
mod cdk;
mod command;
mod command_line;
mod elf;
mod linter;
mod programs;
mod python_package;
mod repository;
mod sbom;
mod steps;
mod toolchain;

use crate::files::{file_error, set_mode};
use build::Plan;
use chimectl::template::filled;
use cloudformation_local::archive::{Compression, zip};
use cloudformation_local::workspace::target;
use python_package::Builder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use steps::{Step, Steps};

pub use architecture::Architecture;
pub use cdk::build as build_constructs;
pub use programs::{CommandLine, Programs};
pub use repository::Repository;

/// The file with the SHA-256 sums of all others, for `sha256sum -c`.
const SUMS: &str = "SHA256SUMS";

/// Files that are copied, besides the README: those that the templates refer to, the schema for editors, and the rules for Guard.
const COPIED: [(&str, &str); 3] = [
    ("LICENSE", "LICENSE"),
    ("editor/template.schema.json", "template.schema.json"),
    ("guard/chime-messaging.guard", "chime-messaging.guard"),
];

/// The inputs and the output folder of a release.
#[derive(Debug)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a Path,
    /// The folder for the files. The files of an earlier release are deleted.
    pub out: &'a Path,
    /// Built programs. If empty, they are built for each architecture that this machine can build.
    pub programs: &'a [Programs],
    /// Builds `chimectl` too, if programs are built.
    pub with_command_line: bool,
    /// Includes the packages of `cdk/`, if the project has that folder.
    pub with_constructs: bool,
    /// Includes a software bill of materials. Installs cargo-cyclonedx if it is missing.
    pub with_sbom: bool,
    /// Where the project is on the web; the packages name it, and the README's links lead there.
    pub repository: Option<&'a Repository>,
}

/// The file with what the steps of the last release took on this machine.
fn measurements() -> PathBuf {
    target().join("release-durations.json")
}

/// Builds the programs of a release for this machine's architecture and copies each to the folder of that name in `out`.
///
/// # Errors
/// A build fails, or `chimectl` cannot be built here.
pub fn build(project: &Path, out: &Path, mut progress: impl FnMut(&str)) -> Result<(), String> {
    let native: Vec<_> = Architecture::ALL.into_iter().filter(|architecture| architecture.is_native()).collect();
    let plan = Plan::new(&native, true)?;
    // For the release workflow, where nothing may be left out.
    if !plan.obstacles.is_empty() {
        return Err(plan.obstacles.join("\n"));
    }
    let mut steps = Steps::new(&plan.steps().collect::<Vec<_>>(), measurements(), &mut progress);
    let built = plan.run(project, &mut steps)?;
    steps.end();
    built.iter().try_for_each(|programs| programs.copy_to(out))
}

impl Release<'_> {
    /// Creates the files and returns their names in order; each step and what is left out are reported to `progress`.
    ///
    /// # Errors
    /// The folder contains something else, a tool is missing or fails, or a program cannot run where it is meant to.
    pub fn create(&self, mut progress: impl FnMut(&str)) -> Result<Vec<String>, String> {
        self.clear()?;
        let plan = match self.programs {
            [] => Plan::new(&Architecture::ALL, self.with_command_line)?,
            _ => Plan::default(),
        };
        plan.obstacles.iter().for_each(|obstacle| progress(obstacle));
        let mut planned: Vec<_> = plan.steps().chain([Step::Archives, Step::Linter]).collect();
        let with_constructs = self.with_constructs && cdk::exists(self.project);
        planned.extend(with_constructs.then_some(Step::Constructs));
        planned.extend(self.with_sbom.then(sbom::step));
        let mut steps = Steps::new(&planned, measurements(), &mut progress);

        let built = plan.run(self.project, &mut steps)?;
        steps.begin(Step::Archives);
        let python = Builder::new(&mut |what: &str| steps.say(what))?;
        for programs in if built.is_empty() { self.programs } else { &built } {
            self.add(programs, &python)?;
        }
        self.copy()?;
        steps.begin(Step::Linter);
        linter::package(self.project, self.out, &python, self.repository)?;
        if with_constructs {
            steps.begin(Step::Constructs);
            cdk::package(self.project, self.out, self.repository)?;
        }
        if self.with_sbom {
            steps.begin(sbom::step());
            sbom::write(self.project, &self.out.join("chime-messaging-resources.cdx.json"))?;
        }
        steps.end();
        // Hundreds of lines of the builds stand before this.
        plan.obstacles.iter().for_each(|obstacle| progress(obstacle));
        let mut names = self.names()?;
        names.retain(|name| name != SUMS);
        self.write(SUMS, self.sums(&names)?.as_bytes())?;
        names.push(SUMS.to_owned());
        // Some tools let only the owner read what they write.
        for name in &names {
            let is_program = Architecture::ALL.iter().any(|architecture| *name == format!("chimectl-{architecture}"));
            set_mode(&self.out.join(name), if is_program { 0o755 } else { 0o644 })?;
        }
        Ok(names)
    }

    /// Adds the files of one architecture.
    fn add(&self, programs: &Programs, python: &Builder) -> Result<(), String> {
        let (architecture, function) = (programs.architecture, &programs.function);
        let bootstrap = fs::read(function).map_err(file_error(function))?;
        elf::check_glibc(&bootstrap).map_err(|problem| format!("{}: {problem}", function.display()))?;
        let name = format!("chime-messaging-resources-{architecture}.zip");
        let zipped = zip([("bootstrap", bootstrap)], Compression::Zopfli).map_err(|error| error.to_string())?;
        self.write(&name, &zipped)?;
        let template = template(architecture, &name, self.repository)?;
        self.write(&format!("template-{architecture}.yaml"), template.as_bytes())?;
        match &programs.command_line {
            Some(built) => {
                command_line::package(self.project, self.out, (architecture, built), python, self.repository)
            }
            None => Ok(()),
        }
    }

    fn copy(&self) -> Result<(), String> {
        for (from, to) in COPIED {
            let from = self.project.join(from);
            self.write(to, &fs::read(&from).map_err(file_error(&from))?)?;
        }
        let readme = self.project.join("README.md");
        let text = fs::read_to_string(&readme).map_err(file_error(&readme))?;
        let text = self.repository.map(|repository| repository.with_absolute_links(&text)).unwrap_or(text);
        self.write("README.md", text.as_bytes())
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

/// `template.yaml` for the zip: without a build, and only for this architecture. The Serverless Application Repository holds one template for
/// each version of an application, so that each architecture is an application by itself.
fn template(architecture: Architecture, zip: &str, repository: Option<&Repository>) -> Result<String, String> {
    let application = match architecture {
        Architecture::X86_64 => "chime-messaging-resources",
        Architecture::Arm64 => "chime-messaging-resources-arm64",
    };
    let source = repository.map(|repository| format!("    SourceCodeUrl: {}\n", repository.url())).unwrap_or_default();
    filled(&[
        (
            "    Name: chime-messaging-resources\n    Description: ",
            format!("    Name: {application}\n{source}    Description: "),
        ),
        (
            "    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: chime-messaging-resources\n",
            String::new(),
        ),
        ("CodeUri: .\n", format!("CodeUri: {zip}\n")),
        (
            "    Default: x86_64\n    AllowedValues: [x86_64, arm64]\n",
            format!("    Default: {architecture}\n    AllowedValues: [{architecture}]\n"),
        ),
        (
            "What the function is built for. The tests run on x86_64; arm64 has run in an emulator only.",
            "What the function is built for.".to_owned(),
        ),
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
        let release = Release {
            project: Path::new("."),
            out: &out,
            programs: &[],
            with_command_line: false,
            with_constructs: false,
            with_sbom: false,
            repository: None,
        };
        assert!(release.create(|_| ()).unwrap_err().contains("files that are not of a release"));
        assert!(out.join("mine").exists());
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn a_template_is_for_one_architecture_without_a_build() {
        let template = template(Architecture::Arm64, "function.zip", None).unwrap();
        assert!(template.contains("CodeUri: function.zip\n") && template.contains("AllowedValues: [arm64]\n"));
        assert!(!template.contains("BuildMethod") && !template.contains("x86_64"), "{template}");
    }

    #[test]
    fn each_architecture_is_an_application_of_its_own() {
        let repository: Repository = "https://github.com/owner/name".parse().unwrap();
        let name = |architecture: Architecture| {
            let template = template(architecture, "function.zip", Some(&repository)).unwrap();
            assert!(template.contains("\n    SourceCodeUrl: https://github.com/owner/name\n"), "{template}");
            let (_, after) = template.split_once("\n    Name: ").unwrap();
            after.lines().next().unwrap().to_owned()
        };
        let [one, other] = Architecture::ALL.map(name);
        assert_ne!(one, other);
        // What the Serverless Application Repository takes.
        assert!([one, other].iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')));
    }
}
