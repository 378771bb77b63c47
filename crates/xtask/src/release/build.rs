//! Builds the function for Lambda.

use crate::files::file_error;
use crate::release::architecture::Architecture;
use crate::release::command::run;
use cloudformation_local::workspace::target;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The minor version of glibc on `provided.al2023`, which has 2.34.
const GLIBC: u32 = 34;

/// Builds the function for each possible architecture: this machine's, and the other one if cargo-zigbuild and Rust's target are installed. Reports
/// to `progress` which one is left out, and why.
///
/// # Errors
/// A build fails, or no build is possible.
pub fn all(project: &Path, progress: &mut impl FnMut(&str)) -> Result<Vec<(Architecture, PathBuf)>, String> {
    let mut built = Vec::new();
    for architecture in Architecture::ALL {
        let subcommand = match obstacle(architecture) {
            Some(why) => {
                progress(&format!("Not built for {architecture}, which the release workflow builds: {why}."));
                continue;
            }
            None if architecture.is_native() => "build",
            None => "zigbuild",
        };
        progress(&format!("Building the function for {architecture} ..."));
        built.push((architecture, build(project, architecture, subcommand)?));
    }
    if built.is_empty() { Err("the function cannot be built on this machine".to_owned()) } else { Ok(built) }
}

/// Why an architecture cannot be built on this machine.
fn obstacle(architecture: Architecture) -> Option<&'static str> {
    if architecture.is_native() {
        return None;
    }
    let libraries =
        Command::new("rustc").args(["--print", "target-libdir", "--target", architecture.target()]).output();
    let is_installed = libraries.is_ok_and(|printed| {
        printed.status.success() && Path::new(String::from_utf8_lossy(&printed.stdout).trim()).exists()
    });
    if !is_installed {
        return Some("Rust's target is not installed (rustup target add)");
    }
    let zigbuild = Command::new("cargo").args(["zigbuild", "--version"]).output();
    (!zigbuild.is_ok_and(|said| said.status.success())).then_some("cargo-zigbuild is not installed")
}

fn build(project: &Path, architecture: Architecture, subcommand: &str) -> Result<PathBuf, String> {
    // A separate folder: with other flags, cargo would rebuild everything in the usual one.
    let folder = target().join("release-files");
    let name = architecture.target();
    // Zig links against this glibc. A native build links against the machine's, which `check_glibc` checks.
    let to = if subcommand == "zigbuild" { format!("{name}.2.{GLIBC}") } else { name.to_owned() };
    let mut cargo = Command::new("cargo");
    cargo.args([subcommand, "--release", "--locked", "--package", "chime-messaging-resources", "--target", &to]);
    cargo.arg("--target-dir").arg(&folder).current_dir(project).env("CARGO_ENCODED_RUSTFLAGS", flags(project)?);
    run(&mut cargo)?;
    Ok(folder.join(name).join("release/chime-messaging-resources"))
}

/// Flags that remove the paths of this machine from the binary, so that it does not depend on the folder or the user.
fn flags(project: &Path) -> Result<String, String> {
    let project = project.canonicalize().map_err(file_error(project))?;
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let mut flags = vec![remap(&project, "/project")];
    // The name of a registry's folder depends on the registry's address.
    let sources = std::fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten();
    let mut sources: Vec<_> = sources.map(|source| source.path()).collect();
    sources.sort();
    flags.push(remap(&cargo, "/cargo"));
    // The last match wins.
    flags.extend(sources.iter().map(|source| remap(source, "/crates")));
    Ok(flags.join("\u{1f}"))
}

/// Checks that a binary runs with Lambda's glibc.
///
/// # Errors
/// It requires a newer one.
pub fn check_glibc(binary: &[u8]) -> Result<(), String> {
    const MARK: &[u8] = b"GLIBC_2.";
    let versions = binary.windows(MARK.len() + 3).filter(|window| window.starts_with(MARK)).map(|window| {
        let digits = window[MARK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |version, digit| version * 10 + u32::from(digit - b'0'))
    });
    match versions.max() {
        Some(newest) if newest > GLIBC => Err(format!(
            "it requires glibc 2.{newest}, but provided.al2023 has 2.{GLIBC}: build it with cargo-zigbuild or on an older system"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_for_a_newer_glibc_is_rejected() {
        assert_eq!(check_glibc(b"\x7fELF GLIBC_2.4\0GLIBC_2.34\0end"), Ok(()));
        assert_eq!(check_glibc(b"#!/bin/sh"), Ok(()));
        assert!(check_glibc(b"GLIBC_2.34\0GLIBC_2.39\0").is_err_and(|why| why.starts_with("it requires glibc 2.39")));
    }

    #[test]
    fn the_native_architecture_can_be_built() {
        for architecture in Architecture::ALL.into_iter().filter(|architecture| architecture.is_native()) {
            assert_eq!(obstacle(architecture), None);
        }
    }
}
