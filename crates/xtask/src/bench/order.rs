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
use std::ops::Bound::{Included, Unbounded};
use std::path::Path;
use std::process::Command;

/// A create and a delete.
const EVENTS: usize = 2;

/// With a script that names 93 of 100 functions that ran, the function took 0.66 MiB more. Such a script is to be written again.
const ENOUGH: f64 = 0.95;

/// Writes the script for `binary`, which must have symbols.
///
/// # Errors
/// `binary`, valgrind or nm cannot be run, or the file cannot be written.
pub async fn write(script: &Path, binary: &Path) -> Result<(), String> {
    let written = run(binary).await?;
    let printed = nm(binary)?;
    let symbols = symbols(&printed);
    let ran: BTreeSet<&str> = functions(&written).collect();
    let prefixes = prefixes(&symbols, &ran);
    if prefixes.is_empty() {
        return Err(without_symbols(binary));
    }
    fs::write(script, linker_script(&prefixes)).map_err(file_error(script))
}

/// Says which share of the functions that ran the script names, and whether that is enough to be of use.
///
/// # Errors
/// `binary`, valgrind or nm cannot be run, or the file cannot be read.
pub async fn check(script: &Path, binary: &Path) -> Result<bool, String> {
    let text = fs::read_to_string(script).map_err(file_error(script))?;
    let written = run(binary).await?;
    let printed = nm(binary)?;
    let ran: BTreeSet<&str> = functions(&written).collect();
    let named = Script::read(&text);
    // Functions in other languages have no symbols here: their place does not change.
    let symbols = symbols(&printed);
    let ran: Vec<&str> = symbols.values().flatten().filter(|name| ran.contains(*name)).copied().collect();
    if ran.is_empty() {
        return Err(without_symbols(binary));
    }
    let share = named.share(&ran);
    anstream::println!("{} names {:.0} % of the {} functions that ran.", script.display(), 100.0 * share, ran.len());
    Ok(share >= ENOUGH)
}

/// What callgrind says of an init and two events.
async fn run(binary: &Path) -> Result<String, String> {
    // With TLS handshakes, as in production.
    let setup = Setup { transport: Transport::Tls, events: Events::Resource };
    under_callgrind(binary, setup, &["--demangle=no"], EVENTS).await
}

fn nm(binary: &Path) -> Result<String, String> {
    let nm = Command::new("nm").arg("--defined-only").arg(binary).output();
    let nm = nm.map_err(|error| format!("nm cannot be run: {error}"))?;
    Ok(String::from_utf8_lossy(&nm.stdout).into_owned())
}

fn without_symbols(binary: &Path) -> String {
    format!("{} has no symbols: build it with CARGO_PROFILE_RELEASE_STRIP=false", binary.display())
}

/// The prefixes of a linker script, with placeholders for hashes.
struct Script {
    prefixes: BTreeSet<String>,
    hashes: Hashes,
}

impl Script {
    fn read(text: &str) -> Self {
        let patterns = text.lines().filter_map(|line| line.trim().strip_prefix(".text*."));
        let prefixes = patterns.map(|pattern| pattern.trim_end_matches('*').replace("Cs*_", "Cs?")).collect();
        Self { prefixes, hashes: Hashes::new() }
    }

    /// The share of `functions` that the script names.
    fn share(&self, functions: &[&str]) -> f64 {
        let named = functions.iter().filter(|name| self.names(&self.hashes.without(name))).count();
        named as f64 / functions.len().max(1) as f64
    }

    fn names(&self, function: &str) -> bool {
        // The prefixes of a name sort before it, and none of them before its first characters.
        let before = self.prefixes.range::<str, _>((Unbounded, Included(function))).rev();
        before.take_while(|prefix| prefix.get(..2) == function.get(..2)).any(|prefix| function.starts_with(&**prefix))
    }
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
    fn a_script_names_what_it_was_written_for_and_nothing_new() {
        let (park, poll) = ("_ZN5tokio7runtime4park17h0123456789abcdefE", "_ZN5tokio7runtime4poll17h0123456789abcdefE");
        let alloc = "_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc";
        let script = linker_script(&prefixes(&symbols(PRINTED), &[poll, alloc].into()));
        let script = Script::read(&script);
        assert_eq!(script.share(&[poll, alloc]), 1.0);
        // The same functions of another compiler.
        let later = ["_ZN5tokio7runtime4poll17hffffffffffffffffE", "_RNvCs1234567890a_7___rustc12___rust_alloc"];
        assert_eq!(script.share(&later), 1.0);
        assert_eq!(script.share(&[poll, park]), 0.5);
    }

    /// The build of the tests has nearly all functions of the release, and more. What was renamed or moved since the script was written is not among them.
    #[test]
    fn the_functions_of_ours_that_hot_ld_names_still_exist() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let function = runtime.block_on(chimectl::build::function(|_| ())).unwrap();
        let printed = nm(&function).unwrap();
        let hashes = Hashes::new();
        let names: BTreeSet<String> = symbols(&printed).values().flatten().map(|name| hashes.without(name)).collect();
        let script = Script::read(include_str!("../../../../build/hot.ld"));
        let ours: Vec<_> =
            script.prefixes.iter().filter(|prefix| prefix.contains("25chime_messaging_resources")).collect();
        let exists = |prefix: &&&String| {
            names
                .range::<str, _>((Included(prefix.as_str()), Unbounded))
                .next()
                .is_some_and(|name| name.starts_with(&***prefix))
        };
        let lost: Vec<_> = ours.iter().filter(|prefix| !exists(prefix)).collect();
        assert!(ours.len() > 50, "{}", ours.len());
        assert!(
            lost.len() * 10 < ours.len(),
            "build/hot.ld names {} of {} functions that are gone: write it again (docs/performance.md): {lost:#?}",
            lost.len(),
            ours.len()
        );
    }

    #[test]
    fn only_the_first_mention_in_callgrinds_output_has_the_name() {
        let written = "events: Ir\nfn=(1) main\n1 2\ncfn=(2) poll'2\ncalls=1 0\nfn=(2)\n3 4\n";
        assert_eq!(functions(written).collect::<Vec<_>>(), ["main", "poll"]);
    }
}
