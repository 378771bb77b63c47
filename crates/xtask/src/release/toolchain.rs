//! What this machine can build for which architecture, and with what.

use crate::release::architecture::Architecture;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The versions that are known to work together. Zig is pinned because its linker decides what a cross-built program looks like.
pub const ZIG: &str = "cargo-zigbuild==0.24.1 ziglang==0.17.1";

/// The C library that a program is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// The machine's glibc, as Lambda has it. The program needs one that is at least as new as the one that it was linked with.
    Glibc,
    /// musl, in the program itself: it runs on every Linux.
    Static,
}

/// One of Rust's targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The instruction set.
    pub architecture: Architecture,
    /// The C library.
    pub linkage: Linkage,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let library = match self.linkage {
            Linkage::Glibc => "gnu",
            Linkage::Static => "musl",
        };
        write!(f, "{}-unknown-linux-{library}", self.architecture.machine())
    }
}

/// How a program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// By cargo, with the C compiler and the linker of this machine.
    Cargo,
    /// By cargo-zigbuild, with Zig as the C compiler and the linker.
    Zig,
}

/// What of the tools is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tools {
    /// Rust's standard library for the target.
    has_standard_library: bool,
    /// musl's C compiler.
    has_musl: bool,
    zig: Zig,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zig {
    Ready,
    /// cargo-zigbuild is there, and finds no zig.
    OutOfReach,
    Missing,
}

/// How this machine can build for a target.
///
/// # Errors
/// It cannot; the text says what is missing and how to install it.
pub fn builder(target: Target) -> Result<Builder, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    choose(target, target.architecture.is_native(), look_up(target, &path))
}

fn choose(target: Target, is_native: bool, tools: Tools) -> Result<Builder, String> {
    if !tools.has_standard_library {
        return Err(format!("Rust's target is not installed (rustup target add {target})"));
    }
    match (is_native, target.linkage, tools.zig) {
        (true, Linkage::Glibc, _) => Ok(Builder::Cargo),
        (true, Linkage::Static, _) if tools.has_musl => Ok(Builder::Cargo),
        (_, _, Zig::Ready) => Ok(Builder::Zig),
        (true, Linkage::Static, _) => {
            Err("musl-gcc is not installed (on Debian and Ubuntu, the package musl-tools)".to_owned())
        }
        (_, _, Zig::Missing) => Err(format!("cargo-zigbuild is not installed (pip install {ZIG})")),
        (_, _, Zig::OutOfReach) => Err(format!(
            "cargo-zigbuild finds no zig (install both in one environment that is active: pip install {ZIG})"
        )),
    }
}

/// Looks for the tools in the folders of `path`.
fn look_up(target: Target, path: &OsStr) -> Tools {
    let said = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).env("PATH", path).stdin(Stdio::null());
        command.output().ok().filter(|output| output.status.success()).map(|output| output.stdout)
    };
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let libraries = said(&rustc, &["--print", "target-libdir", "--target", &target.to_string()]);
    let folder = libraries.map(|printed| String::from_utf8_lossy(&printed).trim().to_owned());
    let zig = if said("cargo-zigbuild", &["--version"]).is_none() {
        // Not `cargo zigbuild --version`: the subcommand has no such option and fails.
        Zig::Missing
    } else if said("cargo-zigbuild", &["zig", "cc", "--", "--version"]).is_none() {
        Zig::OutOfReach
    } else {
        Zig::Ready
    };
    Tools {
        has_standard_library: folder.is_some_and(|folder| Path::new(&folder).exists()),
        has_musl: said("musl-gcc", &["--version"]).is_some(),
        zig,
    }
}

/// The variables that make cargo use musl's C compiler for the C code of dependencies.
pub fn variables(target: Target, builder: Builder) -> Vec<(OsString, OsString)> {
    match (target.linkage, builder) {
        (Linkage::Static, Builder::Cargo) => {
            let name = format!("CC_{}", target.to_string().replace('-', "_"));
            vec![(name.into(), "musl-gcc".into())]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    const ALL: Tools = Tools { has_standard_library: true, has_musl: true, zig: Zig::Ready };

    fn target(architecture: Architecture, linkage: Linkage) -> Target {
        Target { architecture, linkage }
    }

    #[test]
    fn this_machines_function_needs_no_zig() {
        for architecture in Architecture::ALL.into_iter().filter(|architecture| architecture.is_native()) {
            assert_eq!(builder(target(architecture, Linkage::Glibc)), Ok(Builder::Cargo));
        }
    }

    #[test]
    fn what_is_missing_is_named_with_how_to_install_it() {
        let arm64 = target(Architecture::Arm64, Linkage::Glibc);
        let is_static = target(Architecture::Arm64, Linkage::Static);
        assert_eq!(choose(arm64, false, ALL), Ok(Builder::Zig));
        let refused = |target, is_native, tools| choose(target, is_native, tools).unwrap_err();
        let without = refused(arm64, false, Tools { has_standard_library: false, ..ALL });
        assert!(without.contains("rustup target add aarch64-unknown-linux-gnu"), "{without}");
        let without = refused(arm64, false, Tools { zig: Zig::Missing, ..ALL });
        assert!(without.contains("not installed (pip install cargo-zigbuild=="), "{without}");
        let without = refused(arm64, false, Tools { zig: Zig::OutOfReach, ..ALL });
        assert!(without.contains("finds no zig") && without.contains("ziglang=="), "{without}");
        let no_musl = Tools { has_musl: false, ..ALL };
        assert_eq!(choose(is_static, true, ALL), Ok(Builder::Cargo));
        assert_eq!(choose(is_static, true, no_musl), Ok(Builder::Zig));
        assert!(refused(is_static, true, Tools { zig: Zig::Missing, ..no_musl }).contains("musl-tools"));
    }

    /// A folder with programs that behave as the real ones do.
    fn programs(name: &str, zig_cc: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-toolchain-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = |name: &str, script: &str| {
            let path = folder.join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        program("rustc", "echo /");
        // Cargo passes the subcommand's name on, and the subcommand has no --version: cargo-zigbuild 0.24.1 exits with 2.
        program("cargo", "exec cargo-$1 \"$@\"");
        program(
            "cargo-zigbuild",
            &format!(
                "case \"$*\" in\n--version) echo cargo-zigbuild 0.24.1 ;;\n'zig cc -- --version') {zig_cc} ;;\n*) exit 2 ;;\nesac"
            ),
        );
        folder
    }

    #[test]
    fn an_installed_cargo_zigbuild_is_found() {
        let folder = programs("ready", "exit 0");
        let arm64 = target(Architecture::Arm64, Linkage::Glibc);
        let path = std::env::join_paths([folder.clone(), "/bin".into()]).unwrap();
        assert!(!Command::new("cargo").args(["zigbuild", "--version"]).env("PATH", &path).status().unwrap().success());
        assert_eq!(choose(arm64, false, look_up(arm64, &path)), Ok(Builder::Zig));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_cargo_zigbuild_without_zig_is_not_ready() {
        // As `pipx install cargo-zigbuild` leaves it.
        let folder = programs("lonely", "echo 'Error: Failed to find zig' >&2; exit 1");
        let arm64 = target(Architecture::Arm64, Linkage::Glibc);
        let path = std::env::join_paths([folder.clone(), "/bin".into()]).unwrap();
        assert_eq!(look_up(arm64, &path).zig, Zig::OutOfReach);
        fs::remove_dir_all(folder).unwrap();
    }
}
