//! The layout of a crate's source: each module imports only what stands below it, and none imports itself by way of others.
//!
//! A module stands above the modules that it declares. Outside of tests, modules are named from the crate's root (`crate::`), so that a
//! reader sees where an import comes from.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Checks the source in the folder `src` of a crate, whose modules at the root are `floors`, from the top down.
pub fn check(crate_folder: &str, floors: &[&str]) {
    let source = Source::read(&Path::new(crate_folder).join("src"));
    source.check_floors(floors);
    source.check_circles();
}

/// The modules of a crate, by their paths such as `state::user`, without their tests.
struct Source {
    modules: BTreeMap<String, String>,
}

impl Source {
    fn read(src: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for file in files(src) {
            let path = file.strip_prefix(src).expect("below src").with_extension("");
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let name = parts.join("::");
            assert_ne!(parts.last().map(String::as_str), Some("mod"), "{name}: a module stands beside its folder");
            let text = fs::read_to_string(&file).expect("a file");
            let (code, _) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            assert!(!code.iter().any(|line| line.contains("super::")), "{name}: named by super");
            modules.insert(name, code.join("\n"));
        }
        // The root is above all; a program's main is above that.
        modules.retain(|name, _| name != "lib" && name != "main");
        Self { modules }
    }

    /// The module that a path names, or in which it names something.
    fn module_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut path = path;
        while !self.modules.contains_key(path) {
            path = path.rsplit_once("::")?.0;
        }
        Some(path)
    }

    /// The modules that a module names or declares.
    fn imports(&self, name: &str) -> BTreeSet<String> {
        let code = &self.modules[name];
        let declared = code.lines().filter_map(|line| {
            let (visibility, declared) = line.strip_suffix(';')?.split_once("mod ")?;
            ["", "pub ", "pub(crate) "].contains(&visibility).then(|| format!("{name}::{declared}"))
        });
        let named = code.split("crate::").skip(1).flat_map(|rest| paths("", rest));
        let paths: Vec<_> = declared.chain(named).collect();
        let modules = paths.iter().filter_map(|path| self.module_of(path));
        modules.filter(|module| *module != name).map(str::to_owned).collect()
    }

    fn check_floors(&self, floors: &[&str]) {
        let floor = |module: &str| {
            let root = module.split("::").next().unwrap_or_default();
            floors.iter().position(|floor| *floor == root).unwrap_or_else(|| panic!("{module} has no floor"))
        };
        let here: BTreeSet<_> = self.modules.keys().map(|module| floor(module)).collect();
        assert_eq!(here.len(), floors.len(), "a floor without a module");
        for module in self.modules.keys() {
            for import in self.imports(module) {
                assert!(floor(module) <= floor(&import), "{module} imports {import}, which stands above it");
            }
        }
    }

    fn check_circles(&self) {
        let imports: BTreeMap<_, _> =
            self.modules.keys().map(|module| (module.clone(), self.imports(module))).collect();
        for start in imports.keys() {
            let mut reached = BTreeSet::new();
            let mut open: Vec<&String> = imports[start].iter().collect();
            while let Some(module) = open.pop() {
                if reached.insert(module) {
                    open.extend(&imports[module]);
                }
            }
            assert!(!reached.contains(start), "{start} imports itself by way of {reached:?}");
        }
    }
}

/// The paths at the beginning of `text`, behind `prefix`: `a::{b::C, d}; …` gives `a::b::C` and `a::d`.
fn paths(prefix: &str, text: &str) -> Vec<String> {
    if let Some(list) = text.strip_prefix('{') {
        let mut depth = 0;
        let mut items = vec![String::new()];
        for character in list.chars() {
            match character {
                '}' if depth == 0 => break,
                ',' if depth == 0 => items.push(String::new()),
                _ => items.last_mut().expect("an item").push(character),
            }
            depth += i32::from(character == '{') - i32::from(character == '}');
        }
        return items.iter().flat_map(|item| paths(prefix, item.trim_start())).collect();
    }
    let length = text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    match rest.strip_prefix("::") {
        Some(rest) => paths(&path, rest),
        None => vec![path],
    }
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let entries = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn a_list_of_imports_is_read_at_every_depth() {
    assert_eq!(paths("", "a::b;"), ["a::b"]);
    assert_eq!(paths("", "a::{b::{C, d}, e};\nuse"), ["a::b::C", "a::b::d", "a::e"]);
    assert_eq!(paths("", "a::run(x::y)"), ["a::run"]);
}
