//! `cargo xtask package`: creates the files of a release.

use crate::release::{Architecture, Release};
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
    let (out, binaries) = (&arguments.out, &arguments.binaries);
    let (with_constructs, with_sbom) = (!arguments.without_constructs, !arguments.without_sbom);
    let release = Release { project: root(), out, binaries, with_constructs, with_sbom };
    let names = release.create(|step| anstream::println!("{step}"))?;
    for name in names {
        let size = std::fs::metadata(out.join(&name)).map(|file| file.len()).unwrap_or_default();
        anstream::println!("  {}{size:>10} bytes", styled(BOLD, format!("{:<52}", out.join(name).display())));
    }
    Ok(ExitCode::SUCCESS)
}
