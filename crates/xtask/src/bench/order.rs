//! A linker script with the functions that init and the first events run. The linker puts them side by side, so that the rest of the
//! executable stays on disk.
//!
//! Each function is named by the shortest unique prefix of its symbol, without hashes, so that the script survives changes of the code. The order
//! of all other functions does not change.

use crate::bench::instructions::under_callgrind;
use crate::bench::program::{Events, Setup, Transport};
use crate::files::file_error;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A create and a delete.
const EVENTS: usize = 2;

/// Writes the script for `binary`, which must have symbols.
///
/// # Errors
/// `binary`, valgrind or nm cannot be run, or the file cannot be written.
pub async fn write(script: &Path, binary: &Path) -> Result<(), String> {
    // With TLS handshakes, as in production.
    let setup = Setup { transport: Transport::Tls, events: Events::Resource };
    let written = under_callgrind(binary, setup, &["--demangle=no"], EVENTS).await?;
    let nm = Command::new("nm").arg("--defined-only").arg(binary).output();
    let nm = nm.map_err(|error| format!("nm cannot be run: {error}"))?;
    let printed = String::from_utf8_lossy(&nm.stdout);
    let symbols = symbols(&printed);
    let ran: BTreeSet<&str> = functions(&written).collect();
    let prefixes = prefixes(&symbols, &ran);
    if prefixes.is_empty() {
        let binary = binary.display();
        return Err(format!("{binary} has no symbols: build it with CARGO_PROFILE_RELEASE_STRIP=false"));
    }
    fs::write(script, linker_script(&prefixes)).map_err(file_error(script))
}

/// The functions in the output of callgrind. <https://valgrind.org/docs/manual/cl-format.html>
fn functions(written: &str) -> impl Iterator<Item = &str> {
    let named = written.lines().filter_map(|line| line.strip_prefix("fn=").or(line.strip_prefix("cfn=")));
    // Only the first mention of a function has its name; later ones have its number. A recursive call also has its depth.
    let named = named.filter_map(|line| line.split_once(") ")).map(|(_, name)| name);
    named.map(|name| name.split_once('\'').map_or(name, |(name, _)| name))
}

/// The Rust functions in the output of nm, by address. Functions with the same code may share an address.
fn symbols(printed: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut symbols = BTreeMap::<&str, Vec<&str>>::new();
    for line in printed.lines() {
        let mut words = line.split(' ');
        if let (Some(address), Some("t" | "T" | "w" | "W"), Some(name)) = (words.next(), words.next(), words.next()) {
            // Functions in other languages have no sections of their own.
            if name.starts_with("_ZN") || name.starts_with("_R") {
                symbols.entry(address).or_default().push(name);
            }
        }
    }
    symbols
}

/// The shortest prefixes of the names of the functions that `ran`, which no other function's name starts with.
fn prefixes(symbols: &BTreeMap<&str, Vec<&str>>, ran: &BTreeSet<&str>) -> BTreeSet<String> {
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
        hashes.pattern(name.get(..=shared).unwrap_or(name))
    });
    chosen.collect()
}

/// The length of the common prefix of two names, in bytes.
fn shared(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

/// The parts of a symbol that change with a compiler or a dependency.
struct Hashes {
    /// The hash of a function at the end of its symbol: `17h` and sixteen digits.
    of_functions: Regex,
    /// The hash of a crate in the newer mangling: `Cs`, letters and digits, and `_`.
    of_crates: Regex,
}

impl Hashes {
    #[allow(clippy::expect_used)] // The patterns are constant and used in tests.
    fn new() -> Self {
        let pattern = |pattern| Regex::new(pattern).expect("a pattern");
        Self { of_functions: pattern("17h[0-9a-f]{16}E.*$"), of_crates: pattern("Cs[0-9A-Za-z]{6,12}_") }
    }

    /// `name` with its hashes replaced by placeholders.
    fn without(&self, name: &str) -> String {
        let name = self.of_functions.replace(name, "17h");
        if name.starts_with("_R") { self.of_crates.replace_all(&name, "Cs?").into_owned() } else { name.into_owned() }
    }

    /// The linker's pattern for a prefix with placeholders.
    fn pattern(&self, prefix: &str) -> String {
        format!("{}*", prefix.replace("Cs?", "Cs*_"))
    }
}

/// The script. The section of a function is `.text.NAME`, or `.text.unlikely.NAME` if the function is marked as cold.
fn linker_script(prefixes: &BTreeSet<String>) -> String {
    let lines: String = prefixes.iter().map(|prefix| format!("    .text*.{prefix}\n")).collect();
    format!(
        "/* The functions that init and the first events run (`cargo xtask bench --order build/hot.ld`, docs/performance.md). */\n\
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
        prefixes(&symbols(PRINTED), &ran.iter().copied().collect()).into_iter().collect()
    }

    #[test]
    fn a_prefix_matches_no_function_that_does_not_run() {
        assert_eq!(chosen(&["_ZN5tokio7runtime4poll17h0123456789abcdefE"]), ["_ZN5tokio7runtime4po*"]);
        let both = ["_ZN5tokio7runtime4poll17h0123456789abcdefE", "_ZN5tokio7runtime4park17h0123456789abcdefE"];
        assert_eq!(chosen(&both), ["_ZN5tokio7*"]);
        assert_eq!(chosen(&["_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc"]), ["_RNvCs*_7___rustc12*"]);
        assert_eq!(chosen(&["nobody's", "main"]), [""; 0]);
    }

    #[test]
    fn aliases_of_a_function_that_runs_are_included() {
        assert_eq!(chosen(&["_ZN3url5parse17hfedcba9876543210E"]), ["_ZN3*", "_ZN5tokio4*"]);
    }

    #[test]
    fn only_the_first_mention_in_callgrinds_output_has_the_name() {
        let written = "events: Ir\nfn=(1) main\n1 2\ncfn=(2) poll'2\ncalls=1 0\nfn=(2)\n3 4\n";
        assert_eq!(functions(written).collect::<Vec<_>>(), ["main", "poll"]);
    }
}
