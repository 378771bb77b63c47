//! `cargo xtask package`: creates the files of a release.

use crate::release::{Architecture, Programs, Release, Repository};
use chimectl::terminal::{BOLD, styled};
use cloudformation_local::workspace::root;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `package`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder for the files; the files of an earlier release are deleted
    #[arg(long, value_name = "FOLDER", default_value = "dist")]
    out: PathBuf,
    /// Package this built function; by default, it is built for each architecture that this machine can build
    #[arg(long = "binary", value_name = "ARCHITECTURE=PATH", value_parser = binary)]
    binaries: Vec<(Architecture, PathBuf)>,
    /// Package what `build` has built in this folder, for each architecture in it
    #[arg(long, value_name = "FOLDER", conflicts_with = "binaries")]
    programs: Option<PathBuf>,
    /// Where the project is on the web: the packages name it, and the README's links lead there
    #[arg(long, value_name = "URL")]
    repository: Option<Repository>,
    /// Leave out chimectl, which takes longest to build
    #[arg(long)]
    without_chimectl: bool,
    /// Leave out the constructs for CDK, which need npm
    #[arg(long)]
    without_constructs: bool,
    /// Leave out the software bill of materials, which installs cargo-cyclonedx on first use
    #[arg(long)]
    without_sbom: bool,
}

fn binary(text: &str) -> Result<(Architecture, PathBuf), String> {
    let (architecture, path) = text.split_once('=').ok_or("the form is x86_64=PATH")?;
    Ok((architecture.parse()?, path.into()))
}

/// Creates the files and lists them.
///
/// # Errors
/// See [`Release::create`].
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let programs = match &arguments.programs {
        Some(folder) => Programs::in_folder(folder)?,
        None => {
            let given = arguments.binaries.iter().cloned();
            given.map(|(architecture, function)| Programs { architecture, function, command_line: None }).collect()
        }
    };
    let release = Release {
        project: root(),
        out: &arguments.out,
        programs: &programs,
        with_command_line: !arguments.without_chimectl,
        with_constructs: !arguments.without_constructs,
        with_sbom: !arguments.without_sbom,
        repository: arguments.repository.as_ref(),
    };
    let names = release.create(|step| anstream::println!("{step}"))?;
    let paths: Vec<_> = names.iter().map(|name| arguments.out.join(name)).collect();
    let width = paths.iter().map(|path| path.display().to_string().len()).max().unwrap_or_default();
    for path in paths {
        let size = std::fs::metadata(&path).map(|file| file.len()).unwrap_or_default();
        anstream::println!("  {}{size:>10} bytes", styled(BOLD, format!("{:<width$}", path.display().to_string())));
    }
    Ok(ExitCode::SUCCESS)
}
