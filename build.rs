//! Asks the linker for a smaller and quicker function, where it can do that: in release builds for x86_64 Linux.
//!
//! Each flag is tried on an empty program first, with the linker of this build. One that does not know it (zig's under cargo-lambda, GNU's)
//! links as it always has. `docs/performance.md` says what each is worth.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// Says which functions a start and the first events run, so that these lie together: a start then maps half of the code, where it was
/// four fifths. `cargo xtask bench --order` makes it; what it no longer names lies where it would without it.
const ORDER: &str = "build/hot.ld";

/// What a flag changes is how the same program lies in its file; what is in it stays as it is.
const FLAGS: [&str; 3] = [
    // Sections of a kind lie together, so that the package compresses better.
    "-Wl,--bp-compression-sort=both",
    // Functions with the same code become one. Nothing here compares their addresses: those of the SDK's formatters and destructors differ by
    // type alone.
    "-Wl,--icf=all",
    // At a fixed address nothing has to be relocated at the start: a third of the instructions until the first event. The price is that the
    // executable itself lies where everybody knows; the stack, the heap and the C library are still randomised. It is paid because a process
    // handles only what IAM let somebody send, in a virtual machine of its own, in Rust without `unsafe` of ours, and every cold start gains.
    "-no-pie",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("PROFILE", "release") || !is("TARGET", "x86_64-unknown-linux-gnu") {
        return;
    }
    println!("cargo::rerun-if-changed={ORDER}");
    let order = env::var("CARGO_MANIFEST_DIR").map(|folder| format!("-Wl,-T,{folder}/{ORDER}"));
    for flag in FLAGS.into_iter().chain(order.as_deref()) {
        if is_known(flag).unwrap_or_default() {
            println!("cargo::rustc-link-arg-bins={flag}");
        }
    }
}

/// Whether an empty program that is linked with `flag` links, and runs where it can be run.
fn is_known(flag: &str) -> Option<bool> {
    let folder = env::var_os("OUT_DIR")?;
    let folder = Path::new(&folder);
    let (source, program) = (folder.join("empty.rs"), folder.join("empty"));
    std::fs::write(&source, "fn main() {}\n").ok()?;
    let target = env::var("TARGET").ok()?;
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc.args(["--target", &target, "-C", &format!("link-arg={flag}"), "-o"]).arg(&program).arg(&source);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={linker}"));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    let silently = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
    let links = silently(&mut rustc)?.success();
    let is_native = env::var("HOST").is_ok_and(|host| host == target);
    Some(links && (!is_native || silently(&mut Command::new(program))?.success()))
}
