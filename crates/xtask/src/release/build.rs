//! Builds the programs of a release.

use crate::files::file_error;
use crate::release::architecture::Architecture;
use crate::release::command::run_shown;
use crate::release::elf::{check_glibc, glibc_of, needs_musl};
use crate::release::programs::{CommandLine, Programs};
use crate::release::steps::{Step, Steps};
use crate::release::toolchain::{Builder, Linkage, Target, builder, variables};
use cloudformation_local::workspace::target;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package of the function and its program.
pub const FUNCTION: &str = "chime-messaging-resources";

/// The package of the command line and its program.
pub const CHIMECTL: &str = "chimectl";

/// The minor version of glibc that cargo-zigbuild links the function with: the one of `provided.al2023`, 2.34.
const GLIBC: u32 = 34;

/// A flag that `.cargo/config.toml` has for every build. The variable with the other flags replaces those of the file.
const FRAME_POINTERS: &str = "-Cforce-frame-pointers=yes";

/// What can be built on this machine.
#[derive(Debug, Default)]
pub struct Plan {
    builds: Vec<Build>,
    /// What is left out, and why.
    pub obstacles: Vec<String>,
}

#[derive(Debug)]
struct Build {
    target: Target,
    builder: Builder,
}

impl Plan {
    /// Looks for tools. Without `with_command_line`, only the function is built.
    ///
    /// # Errors
    /// The function cannot be built for any architecture.
    pub fn new(architectures: &[Architecture], with_command_line: bool) -> Result<Self, String> {
        let mut plan = Self::default();
        for &architecture in architectures {
            let function = Target { architecture, linkage: Linkage::Glibc };
            if !plan.add(function, "the function") {
                continue;
            }
            let command_line = Target { architecture, linkage: Linkage::Static };
            if with_command_line {
                plan.add(command_line, "chimectl");
            }
        }
        if plan.builds.is_empty() {
            return Err(format!("the function cannot be built on this machine\n{}", plan.obstacles.join("\n")));
        }
        Ok(plan)
    }

    fn add(&mut self, target: Target, what: &str) -> bool {
        match builder(target) {
            Ok(builder) => self.builds.push(Build { target, builder }),
            Err(why) => self.obstacles.push(format!(
                "Left out: {what} for {}, which the release workflow builds. {}.",
                target.architecture,
                capitalized(&why)
            )),
        }
        self.builds.last().is_some_and(|build| build.target == target)
    }

    /// The steps of the builds.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.builds.iter().map(Build::step)
    }

    /// Builds everything. Cargo shows its own progress.
    ///
    /// # Errors
    /// A build fails, or its program would not run where it is meant to.
    pub fn run(&self, project: &Path, steps: &mut Steps<'_>) -> Result<Vec<Programs>, String> {
        let mut all: Vec<Programs> = Vec::new();
        for build in &self.builds {
            steps.begin(build.step());
            let folder = build.run(project)?;
            let architecture = build.target.architecture;
            match build.target.linkage {
                Linkage::Glibc => {
                    let function = folder.join(FUNCTION);
                    check(&function, project, check_glibc)?;
                    all.push(Programs { architecture, function, command_line: None });
                }
                Linkage::Static => {
                    let built = CommandLine { chimectl: folder.join(CHIMECTL), function: folder.join(FUNCTION) };
                    check(&built.chimectl, project, check_static)?;
                    check(&built.function, project, check_static)?;
                    if let Some(programs) = all.last_mut() {
                        programs.command_line = Some(built);
                    }
                }
            }
        }
        Ok(all)
    }
}

impl Build {
    fn step(&self) -> Step {
        match self.target.linkage {
            Linkage::Glibc => Step::Function(self.target.architecture),
            Linkage::Static => Step::CommandLine(self.target.architecture),
        }
    }

    /// Returns the folder with the programs.
    fn run(&self, project: &Path) -> Result<PathBuf, String> {
        // A separate folder: with other flags, cargo would rebuild everything in the usual one.
        let folder = target().join("release-files");
        let name = self.target.to_string();
        let (subcommand, to) = match (self.builder, self.target.linkage) {
            // A native build links with the machine's glibc, which `check_glibc` checks.
            (Builder::Cargo, _) => ("build", name.clone()),
            (Builder::Zig, Linkage::Glibc) => ("zigbuild", format!("{name}.2.{GLIBC}")),
            (Builder::Zig, Linkage::Static) => ("zigbuild", name.clone()),
        };
        let mut cargo = Command::new("cargo");
        // One call for each target, so that nothing is compiled twice for one. The targets themselves (glibc for Lambda, musl for chimectl and the
        // function beside it) share no more than macros and build scripts. And the function for Lambda is alone: together with chimectl, its
        // dependencies would have more features, and it would be larger.
        cargo.args([subcommand, "--release", "--locked", "--target", &to, "--package", FUNCTION]);
        if self.target.linkage == Linkage::Static {
            cargo.args(["--package", CHIMECTL]);
        }
        cargo.arg("--target-dir").arg(&folder).current_dir(project).env("CARGO_ENCODED_RUSTFLAGS", flags(project)?);
        cargo.envs(variables(self.target, self.builder));
        run_shown(&mut cargo)?;
        Ok(folder.join(name).join("release"))
    }
}

fn check(program: &Path, project: &Path, check: fn(&[u8]) -> Result<(), String>) -> Result<(), String> {
    let content = std::fs::read(program).map_err(file_error(program))?;
    let project = project.canonicalize().map_err(file_error(project))?;
    check(&content)
        .and_then(|()| check_path(&content, &project))
        .map_err(|problem| format!("{}: {problem}", program.display()))
}

fn check_static(program: &[u8]) -> Result<(), String> {
    match glibc_of(program) {
        None if needs_musl(program) => Err("it is not static: it requires musl".to_owned()),
        None => Ok(()),
        Some(minor) => Err(format!("it is not static: it requires glibc 2.{minor}")),
    }
}

/// Checks that a program does not contain the folder in which it was built.
fn check_path(program: &[u8], project: &Path) -> Result<(), String> {
    let path = project.as_os_str().as_encoded_bytes();
    let contains = program.windows(path.len()).any(|window| window == path);
    if contains { Err(format!("it contains the path {}", project.display())) } else { Ok(()) }
}

/// Flags that remove the paths of this machine from a program, so that it does not depend on the folder or the user, and that tell it that it is
/// one of a release (`cloudformation_local::workspace`). And [`FRAME_POINTERS`].
fn flags(project: &Path) -> Result<String, String> {
    let project = project.canonicalize().map_err(file_error(project))?;
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let mut flags = vec!["--cfg=released".to_owned(), FRAME_POINTERS.to_owned(), remap(&project, "/project")];
    // The name of a registry's folder depends on the registry's address.
    let sources = std::fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten();
    let mut sources: Vec<_> = sources.map(|source| source.path()).collect();
    sources.sort();
    flags.push(remap(&cargo, "/cargo"));
    // The last match wins.
    flags.extend(sources.iter().map(|source| remap(source, "/crates")));
    Ok(flags.join("\u{1f}"))
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_can_be_built_for_this_machine() {
        let native: Vec<_> = Architecture::ALL.into_iter().filter(|architecture| architecture.is_native()).collect();
        let plan = Plan::new(&native, false).unwrap();
        assert_eq!(plan.steps().collect::<Vec<_>>(), native.into_iter().map(Step::Function).collect::<Vec<_>>());
    }

    #[test]
    fn a_release_is_built_with_the_flags_of_every_build() {
        let config = include_str!("../../../../.cargo/config.toml");
        assert!(config.contains(&format!("rustflags = [\"{FRAME_POINTERS}\"]")), "{config}");
        assert!(flags(Path::new(".")).unwrap().split('\u{1f}').any(|flag| flag == FRAME_POINTERS));
    }

    #[test]
    fn a_program_that_names_its_folder_or_needs_a_c_library_is_refused() {
        let project = Path::new("/home/somebody/project");
        assert_eq!(check_path(b"/project/src/main.rs", project), Ok(()));
        let refused = check_path(b"\0/home/somebody/project/src/main.rs\0", project).unwrap_err();
        assert_eq!(refused, "it contains the path /home/somebody/project");
        assert_eq!(check_static(b"\x7fELF musl"), Ok(()));
        assert_eq!(check_static(b"GLIBC_2.34\0").unwrap_err(), "it is not static: it requires glibc 2.34");
        let with_loader = b"\x7fELF /lib/ld-musl-x86_64.so.1\0";
        assert_eq!(check_static(with_loader).unwrap_err(), "it is not static: it requires musl");
    }
}
