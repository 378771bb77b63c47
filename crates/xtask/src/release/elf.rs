//! What a program needs of the system that it runs on.

use crate::release::architecture::Architecture;

/// The minor version of glibc on `provided.al2023`, which has 2.34.
const LAMBDA: u32 = 34;

/// The oldest glibc that a tag is made for: pip has known the tag's form since that one.
const OLDEST: u32 = 17;

/// The minor version of the newest glibc, 2.X, that a program needs; `None` for a static program and a script.
pub fn glibc_of(program: &[u8]) -> Option<u32> {
    const MARK: &[u8] = b"GLIBC_2.";
    let marks = (0..program.len()).filter(|&start| program[start..].starts_with(MARK));
    let versions = marks.map(|start| {
        let digits = program[start + MARK.len()..].iter().take(3).take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |version, digit| version * 10 + u32::from(digit - b'0'))
    });
    versions.max()
}

/// Whether a program is loaded by musl's loader. A static program has musl in it, and no loader.
pub fn needs_musl(program: &[u8]) -> bool {
    const LOADER: &[u8] = b"/lib/ld-musl-";
    program.windows(LOADER.len()).any(|window| window == LOADER)
}

/// Checks that a program runs with Lambda's glibc.
///
/// # Errors
/// It requires a newer one.
pub fn check_glibc(program: &[u8]) -> Result<(), String> {
    match glibc_of(program) {
        Some(newest) if newest > LAMBDA => Err(format!(
            "it requires glibc 2.{newest}, but provided.al2023 has 2.{LAMBDA}: build it with cargo-zigbuild or on an older system"
        )),
        _ => Ok(()),
    }
}

/// The platforms of a wheel with these programs: every Linux if all are static, and otherwise those with their glibc.
/// <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>
pub fn platforms(architecture: Architecture, programs: &[&[u8]]) -> String {
    let machine = architecture.machine();
    match programs.iter().filter_map(|program| glibc_of(program)).max() {
        None => format!("manylinux_2_{OLDEST}_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"),
        Some(minor) => format!("manylinux_2_{}_{machine}", minor.max(OLDEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_for_a_newer_glibc_is_rejected() {
        assert_eq!(check_glibc(b"\x7fELF GLIBC_2.4\0GLIBC_2.34\0end"), Ok(()));
        assert_eq!(check_glibc(b"#!/bin/sh"), Ok(()));
        assert!(check_glibc(b"GLIBC_2.34\0GLIBC_2.39\0").is_err_and(|why| why.starts_with("it requires glibc 2.39")));
    }

    #[test]
    fn a_wheel_is_for_the_systems_that_all_its_programs_run_on() {
        let (any, newer): (&[u8], &[u8]) = (b"\x7fELF", b"GLIBC_2.34\0");
        assert_eq!(
            platforms(Architecture::Arm64, &[any, any]),
            "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"
        );
        assert_eq!(platforms(Architecture::X86_64, &[any, newer]), "manylinux_2_34_x86_64");
        assert_eq!(platforms(Architecture::X86_64, &[b"GLIBC_2.4\0"]), "manylinux_2_17_x86_64");
    }
}
