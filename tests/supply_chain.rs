//! Checks the licences, bans and duplicates in `deny.toml` with cargo alone. Building cargo-deny takes minutes.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A package that is part of a workspace build on this machine.
struct Package {
    name: String,
    version: String,
    licence: String,
}

fn packages() -> Vec<Package> {
    let tree = ["tree", "--workspace", "--edges", "normal,build", "--prefix", "none", "--format", "{p}|{l}"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(tree).args(["--locked", "--offline"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let read = |line: &str| {
        let (package, licence) = line.split_once('|')?;
        let (name, version) = package.split_once(" v")?;
        let version = version.split(' ').next()?;
        Some(Package { name: name.to_owned(), version: version.to_owned(), licence: licence.to_owned() })
    };
    let packages: Vec<_> = lines.into_iter().filter_map(read).collect();
    assert!(packages.len() > 100, "{text}");
    packages
}

/// The strings in the list `key` of the table `table` in `deny.toml`.
fn list(table: &str, key: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let text = fs::read_to_string(path).expect("deny.toml");
    let lines = text.lines().skip_while(|line| *line != format!("[{table}]")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('[')).skip_while(|line| *line != format!("{key} = ["));
    let items = lines.skip(1).take_while(|line| *line != "]").filter(|line| !line.trim_start().starts_with('#'));
    let items: Vec<_> = items.filter_map(|line| Some(line.split('"').nth(1)?.to_owned())).collect();
    assert!(!items.is_empty(), "{table}.{key}");
    items
}

/// Whether `rule` matches a package. A rule is a `name`, or a `name@` followed by the beginning of a version.
fn matches_rule(rule: &str, name: &str, version: &str) -> bool {
    match rule.split_once('@') {
        Some((of, beginning)) => of == name && format!("{version}.").starts_with(&format!("{beginning}.")),
        None => rule == name,
    }
}

/// Whether `expression` permits a choice of licences that are all in `allowed`.
fn is_licensed(expression: &str, allowed: &[String]) -> bool {
    expression.split(" AND ").all(|part| {
        let choices = part.trim_matches(['(', ')']).replace('/', " OR ");
        choices.split(" OR ").any(|licence| allowed.iter().any(|allowed| allowed == licence.trim()))
    })
}

#[test]
fn every_licence_is_allowed() {
    let allowed = list("licenses", "allow");
    let wrong = packages().into_iter().filter(|package| !is_licensed(&package.licence, &allowed));
    let wrong: Vec<_> = wrong.map(|package| format!("{}: {}", package.name, package.licence)).collect();
    assert_eq!(wrong, Vec::<String>::new());
    for (expression, expected) in [
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("Unlicense/MIT", true),
        ("", false),
    ] {
        assert_eq!(is_licensed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn there_is_one_tls_stack_and_no_banned_package() {
    let (banned, packages) = (list("bans", "deny"), packages());
    for package in &packages {
        let rule = banned.iter().find(|rule| matches_rule(rule, &package.name, &package.version));
        assert_eq!(rule, None, "{} {}", package.name, package.version);
    }
    assert!(packages.iter().any(|package| package.name == "rustls"));
    assert!(matches_rule("hyper@0.14", "hyper", "0.14.32") && !matches_rule("hyper@0.1", "hyper", "0.14.32"));
}

#[test]
fn only_known_packages_have_duplicate_versions() {
    let (known, mut versions) = (list("bans", "skip"), BTreeMap::<_, BTreeSet<_>>::new());
    for package in packages() {
        versions.entry(package.name).or_default().insert(package.version);
    }
    for rule in &known {
        let is_needed = |(name, versions): (&String, &BTreeSet<String>)| {
            versions.len() > 1 && versions.iter().any(|version| matches_rule(rule, name, version))
        };
        assert!(versions.iter().any(is_needed), "{rule} is no longer a duplicate");
    }
    for (name, versions) in &versions {
        let others = versions.iter().filter(|version| !known.iter().any(|rule| matches_rule(rule, name, version)));
        assert!(others.count() <= 1, "{name}: {versions:?}");
    }
}
