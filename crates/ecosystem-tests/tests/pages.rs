//! The pages for readers: links lead somewhere, commands are run by a test or say why not, and reasons are those of the source.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

#[path = "../../../tests/support/pages.rs"]
mod pages;

use cloudformation_local::workspace::root;
use pages::{Page, page, pages};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What a command may need that the tests do not have: `<!-- needs … -->`.
const NEEDS: [&str; 4] = ["an AWS account", "Docker", "a C++ compiler", "a release"];

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages(root());
    let broken: Vec<_> = pages.iter().flat_map(|page| broken_links(page, &pages)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn broken_links(page: &Page, pages: &[Page]) -> Vec<String> {
    let is_external = |link: &&String| link.contains("://") || link.starts_with("mailto:");
    let why = |link: &String| {
        let (path, anchor) = link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
        let path = match path {
            "" => page.path.clone(),
            path => match normal(&page.path.with_file_name("").join(path)) {
                Some(path) => path,
                None => return Some("it leads out of the project"),
            },
        };
        if !root().join(&path).exists() {
            return Some("there is no such file");
        }
        // GitHub shows the README of a folder.
        let shown = if root().join(&path).is_dir() { path.join("README.md") } else { path };
        let is_there = |anchor: &str| match pages.iter().find(|page| page.path == shown) {
            Some(page) => page.anchors.iter().any(|found| found == anchor),
            None => false,
        };
        anchor.is_some_and(|anchor| !is_there(anchor)).then_some("there is no such heading")
    };
    let links = page.links.iter().filter(|link| !is_external(link));
    links.filter_map(|link| Some(format!("{}: {link}: {}", page.path.display(), why(link)?))).collect()
}

/// The path without `..`. `None` if it leads out of the project.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !normal.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            part => normal.push(part),
        }
    }
    Some(normal)
}

#[test]
fn every_command_is_run_by_a_test_or_says_what_it_needs() {
    let mut problems = Vec::new();
    for page in pages(root()) {
        for block in page.blocks.iter().filter(|block| ["sh", "bash", "console", "shell"].contains(&&*block.language)) {
            if let Some(problem) = marker_problem(block.marker.as_deref(), &block.text) {
                problems.push(format!("{}:{}: {problem}", page.path.display(), block.line));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with the marker of a block:
///
/// - `needs …`: one of [`NEEDS`];
/// - `run by: FILE::TEST`: the file has this test;
/// - `run by: FILE`: the file has each line of the block.
fn marker_problem(marker: Option<&str>, text: &str) -> Option<String> {
    let Some(marker) = marker else {
        return Some("a comment <!-- run by: FILE::TEST --> or <!-- needs … --> is missing before it".to_owned());
    };
    if let Some(need) = marker.strip_prefix("needs ") {
        return (!NEEDS.contains(&need)).then(|| format!("{need} is not one of {NEEDS:?}"));
    }
    let Some(by) = marker.strip_prefix("run by: ") else { return Some(format!("{marker} is not a marker")) };
    let (path, test) = by.split_once("::").map_or((by, None), |(path, test)| (path, Some(test)));
    let Ok(file) = fs::read_to_string(root().join(path)) else { return Some(format!("there is no {path}")) };
    match test {
        Some(test) => {
            let is_there = file.contains(&format!("fn {test}(")) || !path.ends_with(".rs") && file.contains(test);
            (!is_there).then(|| format!("{path} has no test {test}"))
        }
        None => {
            let command = |line: &str| line.split("  #").next().unwrap_or_default().trim().to_owned();
            let absent = text.lines().map(command).find(|line| !file.contains(line.as_str()));
            absent.map(|line| format!("{path} does not run {line}"))
        }
    }
}

#[test]
fn every_reason_in_the_troubleshooting_table_is_one_of_the_source() {
    let literals = literals();
    let text = read("docs/troubleshooting.md");
    let page = page(&text, "docs/troubleshooting.md".into());
    let table = page.tables.first().expect("a table");
    let reasons = table.rows.iter().filter(|row| row[0].text.starts_with(&first_code(&row[0].code)));
    let reasons: Vec<&String> = reasons.flat_map(|row| &row[0].code).collect();
    assert!(reasons.len() > 30, "{reasons:?}");
    let unknown: Vec<_> = reasons.iter().filter(|reason| !is_reason(reason, &literals)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    let mut rows: Vec<_> = table.rows.iter().map(|row| &row[0].text).collect();
    let all = rows.len();
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), all, "a row is there twice");
}

/// The first code span of a cell. A cell without one starts with no reason.
fn first_code(code: &[String]) -> String {
    code.first().filter(|code| code.contains(' ')).cloned().unwrap_or_else(|| "\0".to_owned())
}

/// Whether a text of the source begins like the reason, whose `…` stand for what differs. An error of Chime is its code, which the
/// source knows.
fn is_reason(reason: &str, literals: &[String]) -> bool {
    if let Some((operation, code)) = reason.split_once(" failed: ") {
        let word = code.strip_suffix("Exception").unwrap_or(code);
        let word = word.strip_suffix("Client").unwrap_or(word);
        let is_code = code == "…" || literals.iter().any(|literal| literal == word);
        let is_operation = operation == "…" || read("template.yaml").contains(&format!("- chime:{operation}\n"));
        return is_operation && (is_code || code.contains(' ') && literals.iter().any(|literal| begins(literal, code)));
    }
    literals.iter().any(|literal| begins(literal, reason))
}

/// Whether `literal`, in which `…` stands for a placeholder, begins with `reason`.
fn begins(literal: &str, reason: &str) -> bool {
    let parts: Vec<&str> = reason.split('…').map(str::trim).collect();
    let mut rest = literal;
    for (at, part) in parts.iter().enumerate() {
        if at == 0 && !rest.starts_with(part) {
            return false;
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// The texts in the sources of the function, with `…` for placeholders, and constants in their place.
fn literals() -> Vec<String> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let (mut found, mut constants) = (Vec::new(), BTreeMap::new());
    let constant = Regex::new("const ([A-Z_]+): &(?:'static )?str =\\s*\"([^\"]*)\";").expect("a pattern");
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        constants.extend(constant.captures_iter(text).map(|found| (found[1].to_owned(), found[2].to_owned())));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        collect(tokens, &mut found);
    }
    let placeholder = Regex::new(r"\{([A-Za-z_]*)(?::[^}]*)?\}").expect("a pattern");
    let filled = |text: String| {
        let value = |found: &regex::Captures<'_>| constants.get(&found[1]).cloned().unwrap_or_else(|| "…".to_owned());
        placeholder.replace_all(&text, value).into_owned()
    };
    found.into_iter().map(filled).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The texts among tokens, without comments.
fn collect(tokens: TokenStream, found: &mut Vec<String>) {
    let mut after_hash = false;
    for token in tokens {
        let is_attribute = after_hash;
        after_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match token {
            TokenTree::Group(group) if is_attribute && group.delimiter() == Delimiter::Bracket => {}
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Literal(literal) => {
                found.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value()));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

#[test]
fn every_table_of_figures_says_when_it_was_measured() {
    let date = Regex::new(r"\b20\d\d-\d\d-\d\d\b").expect("a pattern");
    let mut undated = Vec::new();
    for path in ["docs/performance.md", "docs/reliability.md", "docs/reliability-archive.md"] {
        let page = page(&read(path), path.into());
        assert!(page.tables.iter().any(is_of_figures), "{path}");
        let tables = page.tables.iter().filter(|table| is_of_figures(table) && !date.is_match(&table.before));
        undated.extend(tables.map(|table| format!("{path}:{}", table.line)));
    }
    assert!(undated.is_empty(), "{undated:?}");
}

/// Whether a third of the cells after the first column begin with a number.
fn is_of_figures(table: &pages::Table) -> bool {
    let cells: Vec<_> = table.rows.iter().flat_map(|row| row.iter().skip(1)).collect();
    let is_number =
        |text: &str| text.trim_start_matches(['−', '+', '×', ' ']).starts_with(|c: char| c.is_ascii_digit());
    let numbers = cells.iter().filter(|cell| is_number(&cell.text)).count();
    numbers > 0 && numbers * 3 >= cells.len()
}

#[test]
fn every_test_that_a_page_names_exists() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "crates"] {
        all_rust_files(&root().join(folder), &mut files);
    }
    let sources: String = files.iter().map(|file| fs::read_to_string(file).expect("a source")).collect();
    let looks_like_a_test = |code: &&String| {
        code.matches('_').count() >= 4 && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let mut absent = Vec::new();
    for page in pages(root()) {
        let names = page.code.iter().filter(looks_like_a_test);
        let names = names
            .filter(|name| !sources.contains(&format!("fn {name}(")) && !sources.contains(&format!("mod {name} ")));
        absent.extend(names.map(|name| format!("{}: {name}", page.path.display())));
    }
    assert!(absent.is_empty(), "{absent:#?}");
}

fn all_rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules" && name != "target") {
            all_rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn pages_are_read_as_github_shows_them() {
    let text = "# One `two`, three!\n\n# One two three\n\n- item\n\n  <!-- needs Docker -->\n  ```sh\n  run\n  ```\n\n<!-- far -->\n\ntext\n\n```sh\nrun\n```\n\n| a |\n|---|\n| `b …` c |\n";
    let page = page(text, "x.md".into());
    assert_eq!(page.anchors, ["one-two-three", "one-two-three-1"]);
    let markers: Vec<_> = page.blocks.iter().map(|block| (block.marker.as_deref(), block.text.as_str())).collect();
    assert_eq!(markers, [(Some("needs Docker"), "run\n"), (None, "run\n")]);
    assert_eq!((page.tables[0].rows[0][0].text.as_str(), page.tables[0].rows[0][0].code[0].as_str()), ("b … c", "b …"));
}

#[test]
fn a_reason_has_to_begin_like_a_text_of_the_source() {
    assert!(begins("… already exists and belongs to … of …", "… already exists and belongs to …"));
    assert!(begins("Custom::… is not a type", "Custom::… is not a type"));
    assert!(!begins("… already exists", "already exists"));
    assert!(!begins("Custom::… is a type", "Custom::… is not a type"));
}

#[test]
fn a_broken_link_and_a_wrong_marker_are_found() {
    let text = "# Here\n\n[a](#here) [b](README.md#no-such-heading) [c](no-such-file.md) [d](../outside.md) [e](https://example.com/#x) [f](cfn-lint)\n";
    let page = page(text, "SECURITY.md".into());
    let pages = [page, pages::page("# README\n", "README.md".into())];
    let broken = broken_links(&pages[0], &pages);
    assert_eq!(
        broken,
        [
            "SECURITY.md: README.md#no-such-heading: there is no such heading",
            "SECURITY.md: no-such-file.md: there is no such file",
            "SECURITY.md: ../outside.md: it leads out of the project"
        ]
    );
    let this = "run by: crates/ecosystem-tests/tests/pages.rs";
    let problem = |marker: &str| marker_problem(Some(marker), "fn every_link_leads_somewhere()  # a comment\n");
    assert_eq!(problem("needs an AWS account"), None);
    assert_eq!(problem(&format!("{this}::every_link_leads_somewhere")), None);
    assert_eq!(problem(this), None);
    assert!(marker_problem(None, "").is_some());
    for wrong in [
        "needs patience",
        "something else",
        "run by: no/such/file.rs::test",
        &format!("{this}::no_such_test"),
        "run by: Cargo.toml",
    ] {
        assert!(problem(wrong).is_some(), "{wrong}");
    }
}
