//! Which functions a start and the first events run, as a script for the linker: it puts them side by side, and the rest of the executable
//! stays on disk.
//!
//! The script names each by the shortest beginning of its symbol that nothing else has, without hashes. So it holds on while the code changes;
//! what it does not name is where it would be without it.

use crate::bench::instructions::under_callgrind;
use crate::bench::program::Surroundings;
use crate::files::file_error;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A create and a delete.
const EVENTS: usize = 2;

/// Writes the script for `binary`, which has to have its symbols.
///
/// # Errors
/// `binary` cannot be run, or valgrind or nm cannot, or the file cannot be written.
pub async fn write(script: &Path, binary: &Path) -> Result<(), String> {
    // As in production: with handshakes.
    let surroundings = Surroundings { tls: true, constructs: false };
    let written = under_callgrind(binary, surroundings, &["--demangle=no"], EVENTS).await?;
    let nm = Command::new("nm").arg("--defined-only").arg(binary).output();
    let nm = nm.map_err(|error| format!("nm cannot be run: {error}"))?;
    let printed = String::from_utf8_lossy(&nm.stdout);
    let symbols = symbols(&printed);
    let ran: BTreeSet<&str> = functions(&written).collect();
    let beginnings = beginnings(&symbols, &ran);
    if beginnings.is_empty() {
        let binary = binary.display();
        return Err(format!("{binary} has no symbols: build it with CARGO_PROFILE_RELEASE_STRIP=false"));
    }
    fs::write(script, linker_script(&beginnings)).map_err(file_error(script))
}

/// The functions that callgrind has counted. <https://valgrind.org/docs/manual/cl-format.html>
fn functions(written: &str) -> impl Iterator<Item = &str> {
    let named = written.lines().filter_map(|line| line.strip_prefix("fn=").or(line.strip_prefix("cfn=")));
    // A function is named once, and has a number from then on; in a recursion its depth is noted as well.
    let named = named.filter_map(|line| line.split_once(") ")).map(|(_, name)| name);
    named.map(|name| name.split_once('\'').map_or(name, |(name, _)| name))
}

/// The functions of an executable that are written in Rust, by what nm prints. Functions with the same code may be one, and have one address.
fn symbols(printed: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut symbols = BTreeMap::<&str, Vec<&str>>::new();
    for line in printed.lines() {
        let mut words = line.split(' ');
        if let (Some(address), Some("t" | "T" | "w" | "W"), Some(name)) = (words.next(), words.next(), words.next()) {
            // Those of other languages lie in no sections of their own.
            if name.starts_with("_ZN") || name.starts_with("_R") {
                symbols.entry(address).or_default().push(name);
            }
        }
    }
    symbols
}

/// The shortest beginnings of the names of those functions that `ran`, and of no others.
fn beginnings(symbols: &BTreeMap<&str, Vec<&str>>, ran: &BTreeSet<&str>) -> BTreeSet<String> {
    let hashes = Hashes::new();
    let mut names = HashMap::<String, bool>::new();
    for aliases in symbols.values() {
        let has_run = aliases.iter().any(|name| ran.contains(name));
        for name in aliases {
            *names.entry(hashes.without(name)).or_default() |= has_run;
        }
    }
    let names: BTreeMap<_, _> = names.into_iter().collect();
    let others: BTreeSet<&str> = names.iter().filter(|(_, has_run)| !**has_run).map(|(name, _)| &**name).collect();
    let chosen = names.iter().filter(|(_, has_run)| **has_run).map(|(name, _)| {
        let neighbours = [others.range(..&**name).next_back(), others.range(&**name..).next()];
        let shared = neighbours.into_iter().flatten().map(|other| shared(name, other)).max().unwrap_or_default();
        hashes.open(name.get(..=shared).unwrap_or(name))
    });
    chosen.collect()
}

/// How many bytes two names have in common at their beginnings.
fn shared(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

/// The parts of a symbol that change with a compiler or a dependency.
struct Hashes {
    /// Of a whole function, at its end: `17h` and sixteen digits.
    of_functions: Regex,
    /// Of a crate, in the newer kind of symbols: `Cs`, letters and digits, and `_`.
    of_crates: Regex,
}

impl Hashes {
    #[allow(clippy::expect_used)] // They are constant, and the tests use them.
    fn new() -> Self {
        let pattern = |pattern| Regex::new(pattern).expect("a pattern");
        Self { of_functions: pattern("17h[0-9a-f]{16}E.*$"), of_crates: pattern("Cs[0-9A-Za-z]{6,12}_") }
    }

    /// `name` without its hashes; where they were can still be seen.
    fn without(&self, name: &str) -> String {
        let name = self.of_functions.replace(name, "17h");
        if name.starts_with("_R") { self.of_crates.replace_all(&name, "Cs?").into_owned() } else { name.into_owned() }
    }

    /// The pattern of a beginning of a name without hashes.
    fn open(&self, beginning: &str) -> String {
        format!("{}*", beginning.replace("Cs?", "Cs*_"))
    }
}

/// A section is named after its function, behind `.text` or, where that is marked as cold, `.text.unlikely`.
fn linker_script(beginnings: &BTreeSet<String>) -> String {
    let lines: String = beginnings.iter().map(|beginning| format!("    .text*.{beginning}\n")).collect();
    format!(
        "/* What a start and the first events run (`cargo xtask bench --order build/hot.ld`, docs/performance.md). */\n\
         SECTIONS {{\n  .text.hot : {{ *(\n{lines}  ) }}\n}}\nINSERT BEFORE .text;\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
0000000000001000 t _ZN5tokio7runtime4park17h0123456789abcdefE
0000000000002000 t _ZN5tokio7runtime4poll17h0123456789abcdefE
0000000000003000 t _ZN5tokio4time17h0123456789abcdefE.llvm.12
0000000000003000 t _ZN3url5parse17hfedcba9876543210E
0000000000004000 t _RNvCsfLfy6EI15iL_7___rustc12___rust_alloc
0000000000005000 t _RNvCsfLfy6EI15iL_7___rustc14___rust_realloc
0000000000006000 d _ZN3url4DATA17h0123456789abcdefE
0000000000007000 T main
";

    fn chosen(ran: &[&str]) -> Vec<String> {
        beginnings(&symbols(PRINTED), &ran.iter().copied().collect()).into_iter().collect()
    }

    #[test]
    fn a_function_is_named_by_what_tells_it_from_those_that_do_not_run() {
        assert_eq!(chosen(&["_ZN5tokio7runtime4poll17h0123456789abcdefE"]), ["_ZN5tokio7runtime4po*"]);
        let both = ["_ZN5tokio7runtime4poll17h0123456789abcdefE", "_ZN5tokio7runtime4park17h0123456789abcdefE"];
        assert_eq!(chosen(&both), ["_ZN5tokio7*"]);
        assert_eq!(chosen(&["_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc"]), ["_RNvCs*_7___rustc12*"]);
        assert_eq!(chosen(&["nobody's", "main"]), [""; 0]);
    }

    #[test]
    fn whatever_has_the_code_of_one_that_runs_runs() {
        assert_eq!(chosen(&["_ZN3url5parse17hfedcba9876543210E"]), ["_ZN3*", "_ZN5tokio4*"]);
    }

    #[test]
    fn callgrind_names_a_function_once() {
        let written = "events: Ir\nfn=(1) main\n1 2\ncfn=(2) poll'2\ncalls=1 0\nfn=(2)\n3 4\n";
        assert_eq!(functions(written).collect::<Vec<_>>(), ["main", "poll"]);
    }
}
