//! The layout of the source: a module imports only from its own layer and the layers below, and there are no import
//! cycles.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from top to bottom, in the order in which they handle an event.
const LAYERS: [&str; 16] = [
    "main",
    "handler",
    "inspection",
    "account",
    "registry",
    "legacy_cdk",
    "lifecycle",
    "resources",
    "resource",
    "response",
    "request",
    "properties",
    "chime",
    "settings",
    "sync",
    "logging",
];

/// Dependencies that are forbidden although they point downwards, or that need no import.
const FORBIDDEN: [(&str, &str); 9] = [
    ("lifecycle", "crate::resources"),
    ("lifecycle", "aws_sdk_chimesdkidentity"),
    ("lifecycle", "aws_sdk_chimesdkmessaging"),
    ("resources", "crate::request"),
    ("resources", "crate::response"),
    ("properties", "crate::chime"),
    ("properties", "crate::settings"),
    ("chime", "crate::logging"),
    ("response", "crate::chime::clients"),
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The source text of every module without its tests, by module path such as `chime::error`.
fn modules() -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(src()).expect("below src").with_extension("");
            let name = name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("::");
            let text = fs::read_to_string(&path).expect("a file");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            modules.insert(name.strip_suffix("::mod").unwrap_or(&name).to_owned(), text);
        }
    }
    modules.retain(|name, _| name != "lib" && !name.starts_with("tests"));
    modules
}

/// The paths within this crate that a text mentions, up to the first name that is not lower-case. For example, `use
/// crate::a::{b::C, d}` mentions `a::b` and `a::d`.
fn mentioned(text: &str) -> BTreeSet<String> {
    let path_pattern = Regex::new(r"crate::((?:[a-z_]+::)*)(?:\{([^;]*)\}|([a-z_]*))").expect("a pattern");
    let name_pattern = Regex::new(r"\b([a-z_]+)\b").expect("a pattern");
    let mut found = BTreeSet::new();
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for names in path_pattern.captures_iter(&code) {
        let base = names[1].trim_end_matches("::").to_owned();
        let last = names.get(3).map(|last| last.as_str()).into_iter();
        let listed = names.get(2).map(|list| list.as_str()).unwrap_or_default();
        let listed = name_pattern.find_iter(listed).map(|name| name.as_str());
        for name in last.chain(listed).filter(|name| !name.is_empty()) {
            found.insert(if base.is_empty() { name.to_owned() } else { format!("{base}::{name}") });
        }
        found.insert(base);
    }
    found
}

/// The modules that each module mentions. A path to an item, such as a function, counts as its module.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules();
    let module_of = |path: &String| {
        let exact = modules.contains_key(path).then(|| path.clone());
        exact.or_else(|| {
            path.rsplit_once("::").map(|(module, _)| module.to_owned()).filter(|module| modules.contains_key(module))
        })
    };
    let of = |(name, text): (&String, &String)| {
        let mentioned: BTreeSet<String> =
            mentioned(text).iter().filter_map(module_of).filter(|mentioned| mentioned != name).collect();
        (name.clone(), mentioned)
    };
    modules.iter().map(of).collect()
}

fn layer(module: &str) -> usize {
    let folder = module.split("::").next().unwrap_or_default();
    LAYERS.iter().position(|layer| *layer == folder).unwrap_or_else(|| panic!("{module} has no layer"))
}

#[test]
fn each_module_imports_only_from_lower_layers() {
    let imports = imports();
    assert!(imports.len() > 40 && imports.values().map(BTreeSet::len).sum::<usize>() > 100, "{imports:?}");
    let layers: BTreeSet<_> = imports.keys().map(|module| LAYERS[layer(module)]).collect();
    assert_eq!(layers.len(), LAYERS.len(), "{layers:?}");
    for (module, mentioned) in &imports {
        for import in mentioned {
            assert!(layer(module) <= layer(import), "{module} imports {import}, which is in a higher layer");
        }
    }
}

#[test]
fn forbidden_dependencies_are_not_used() {
    for (module, text) in modules() {
        for (folder, forbidden) in FORBIDDEN.iter().filter(|(folder, _)| module.split("::").next() == Some(*folder)) {
            assert!(!text.contains(forbidden), "{module}: {folder} must not depend on {forbidden}");
        }
    }
    // Only the request pipeline, the tools' view of a resource and the module itself know the legacy CDK constructs.
    let imports = imports();
    let uses_legacy = |mentioned: &BTreeSet<String>| mentioned.iter().any(|name| name.starts_with("legacy_cdk"));
    let users: Vec<_> =
        imports.iter().filter(|(name, mentioned)| !name.starts_with("legacy_cdk") && uses_legacy(mentioned)).collect();
    assert_eq!(users.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["handler", "inspection"]);
}

#[test]
fn there_are_no_import_cycles() {
    let imports = imports();
    for start in imports.keys() {
        let mut reached = BTreeSet::new();
        let mut pending: Vec<&String> = imports[start].iter().collect();
        while let Some(module) = pending.pop() {
            if reached.insert(module) {
                pending.extend(imports.get(module).into_iter().flatten());
            }
        }
        assert!(!reached.contains(start), "{start} imports itself through {reached:?}");
    }
}
