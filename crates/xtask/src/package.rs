//! `cargo xtask package`: the files of a release.

use crate::release::{Architecture, Release};
use chimectl::terminal::{BOLD, styled};
use cloudformation_local::workspace::root;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `package`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder for the files; what it holds of an earlier release goes
    #[arg(long, value_name = "FOLDER", default_value = "dist")]
    out: PathBuf,
    /// Package this built function; otherwise it is built for each architecture that can be built here
    #[arg(long = "binary", value_name = "ARCHITECTURE=PATH", value_parser = binary)]
    binaries: Vec<(Architecture, PathBuf)>,
    /// Leave out the constructs for CDK, which npm builds
    #[arg(long)]
    without_constructs: bool,
    /// Leave out the software bill of materials, for which cargo-cyclonedx is installed the first time
    #[arg(long)]
    without_sbom: bool,
}

fn binary(text: &str) -> Result<(Architecture, PathBuf), String> {
    let (architecture, path) = text.split_once('=').ok_or("it has the form x86_64=PATH")?;
    Ok((architecture.parse()?, path.into()))
}

/// Makes the files.
///
/// # Errors
/// As of [`Release::make`].
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let (out, binaries) = (&arguments.out, &arguments.binaries);
    let (with_constructs, with_sbom) = (!arguments.without_constructs, !arguments.without_sbom);
    let release = Release { project: root(), out, binaries, with_constructs, with_sbom };
    let names = release.make(|step| anstream::println!("{step}"))?;
    for name in names {
        let size = std::fs::metadata(out.join(&name)).map(|file| file.len()).unwrap_or_default();
        anstream::println!("  {}{size:>10} bytes", styled(BOLD, format!("{:<52}", out.join(name).display())));
    }
    Ok(ExitCode::SUCCESS)
}
