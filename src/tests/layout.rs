//! The layout of the source: each folder imports only what stands below it, and no module imports itself by way of others.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The way of an event, from the top down.
const FLOORS: [&str; 14] = [
    "main",
    "handler",
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

/// What a folder must not know although it stands below, and what it need not import to know.
const UNKNOWN: [(&str, &str); 9] = [
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

/// Every module's path, such as `chime::error`, with its text without its tests.
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

/// What a text names of this crate, each as far as it is a path of lower-case names: `use crate::a::{b::C, d}` names `a::b` and `a::d`.
fn named(text: &str) -> BTreeSet<String> {
    let word = Regex::new(r"crate::((?:[a-z_]+::)*)(?:\{([^;]*)\}|([a-z_]*))").expect("a pattern");
    let inner = Regex::new(r"\b([a-z_]+)\b").expect("a pattern");
    let mut found = BTreeSet::new();
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for names in word.captures_iter(&code) {
        let base = names[1].trim_end_matches("::").to_owned();
        let last = names.get(3).map(|last| last.as_str()).into_iter();
        let listed = names.get(2).map(|list| list.as_str()).unwrap_or_default();
        let listed = inner.find_iter(listed).map(|name| name.as_str());
        for name in last.chain(listed).filter(|name| !name.is_empty()) {
            found.insert(if base.is_empty() { name.to_owned() } else { format!("{base}::{name}") });
        }
        found.insert(base);
    }
    found
}

/// The modules that each module names. A name within a module, such as a function's, is the module itself.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let modules = modules();
    let module_of = |path: &String| {
        let whole = modules.contains_key(path).then(|| path.clone());
        whole.or_else(|| {
            path.rsplit_once("::").map(|(module, _)| module.to_owned()).filter(|it| modules.contains_key(it))
        })
    };
    let of = |(name, text): (&String, &String)| {
        let named: BTreeSet<String> = named(text).iter().filter_map(module_of).filter(|named| named != name).collect();
        (name.clone(), named)
    };
    modules.iter().map(of).collect()
}

fn floor(module: &str) -> usize {
    let room = module.split("::").next().unwrap_or_default();
    FLOORS.iter().position(|floor| *floor == room).unwrap_or_else(|| panic!("{module} has no floor"))
}

#[test]
fn each_folder_imports_only_what_stands_below_it() {
    let imports = imports();
    assert!(imports.len() > 40 && imports.values().map(BTreeSet::len).sum::<usize>() > 100, "{imports:?}");
    let rooms: BTreeSet<_> = imports.keys().map(|module| FLOORS[floor(module)]).collect();
    assert_eq!(rooms.len(), FLOORS.len(), "{rooms:?}");
    for (module, named) in &imports {
        for import in named {
            assert!(floor(module) <= floor(import), "{module} imports {import}, which stands above it");
        }
    }
}

#[test]
fn some_folders_do_not_know_of_others_although_they_stand_below() {
    for (module, text) in modules() {
        for (room, unknown) in UNKNOWN.iter().filter(|(room, _)| module.split("::").next() == Some(*room)) {
            assert!(!text.contains(unknown), "{module}: {room} must not know {unknown}");
        }
    }
    // The second dialect is known to its own room and to the pipeline.
    let imports = imports();
    let knows = |named: &BTreeSet<String>| named.iter().any(|name| name.starts_with("legacy_cdk"));
    let who: Vec<_> = imports.iter().filter(|(name, named)| !name.starts_with("legacy_cdk") && knows(named)).collect();
    assert_eq!(who.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["handler"]);
}

#[test]
fn no_module_imports_itself_by_way_of_others() {
    let imports = imports();
    for start in imports.keys() {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = imports[start].iter().collect();
        while let Some(module) = open.pop() {
            if reached.insert(module) {
                open.extend(imports.get(module).into_iter().flatten());
            }
        }
        assert!(!reached.contains(start), "{start} imports itself by way of {reached:?}");
    }
}
