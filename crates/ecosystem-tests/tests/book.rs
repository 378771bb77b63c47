//! The pages of `docs/` as a book: `docs/SUMMARY.md` has each of them, and links that leave `docs/` lead to the repository.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

#[path = "../../../tests/support/pages.rs"]
mod pages;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use cloudformation_local::workspace::root;
use pages::{Page, page, pages};
use serde_json::{Value, json};

const REPOSITORY: &str = "https://github.com/owner/name";

/// The pages of `docs/` without the book's own one.
fn documents() -> Vec<Page> {
    let is_document = |page: &Page| page.path.starts_with("docs") && page.path != Path::new("docs/SUMMARY.md");
    pages(root()).into_iter().filter(is_document).collect()
}

fn text(page: &Page) -> String {
    std::fs::read_to_string(root().join(&page.path)).unwrap()
}

#[test]
fn the_book_has_every_page_once() {
    let summary =
        pages(root()).into_iter().find(|page| page.path == Path::new("docs/SUMMARY.md")).expect("the summary");
    let mut entries: Vec<_> = summary.links.iter().map(|link| Path::new("docs").join(link)).collect();
    entries.sort();
    let mut documents: Vec<_> = documents().into_iter().map(|page| page.path).collect();
    documents.sort();
    assert_eq!(entries, documents);
}

/// What the preprocessor makes of these chapters, by path and content.
fn preprocessed(chapters: &[(String, String)], repository: Option<&str>) -> Vec<String> {
    let chapter = |(path, content): &(String, String)| json!({"Chapter": {"source_path": path, "content": content, "sub_items": []}});
    let mut items: Vec<Value> = chapters.iter().map(chapter).collect();
    // One chapter is below another one, as in a book with parts.
    let last = items.pop().unwrap();
    items[0]["Chapter"]["sub_items"] = json!([last]);
    items.extend([json!("Separator"), json!({"PartTitle": "Part"})]);
    let html = repository.map(|url| json!({"git-repository-url": url})).unwrap_or(json!({}));
    let input = json!([{"config": {"output": {"html": html}}}, {"items": items}]).to_string();
    let mut python = Command::new("python3");
    python.arg("links.py").current_dir(root().join("book")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It reads everything before it writes.
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let book: Value = serde_json::from_slice(&output.stdout).unwrap();
    let content = |item: &Value| item["Chapter"]["content"].as_str().unwrap().to_owned();
    let all = book["items"].as_array().unwrap();
    let top = all.iter().filter(|item| item.get("Chapter").is_some()).map(content);
    top.chain([content(&all[0]["Chapter"]["sub_items"][0])]).collect()
}

#[test]
fn links_that_leave_the_book_lead_to_the_repository() {
    let documents = documents();
    let name = |page: &Page| page.path.strip_prefix("docs").unwrap().display().to_string();
    let chapters: Vec<_> = documents.iter().map(|page| (name(page), text(page))).collect();
    let mut far = BTreeSet::new();
    for ((path, _), content) in chapters.iter().zip(preprocessed(&chapters, Some(REPOSITORY))) {
        let links = page(&content, path.into()).links;
        assert!(links.iter().all(|link| !link.starts_with("../")), "{path}: {links:?}");
        far.extend(links.into_iter().filter(|link| link.starts_with(REPOSITORY)));
    }
    assert!(far.len() > 20, "{far:?}");
    for link in far {
        let path = link.split('#').next().unwrap().strip_prefix(REPOSITORY).unwrap();
        let (kind, path) = path.trim_start_matches('/').split_once("/HEAD/").unwrap();
        let path = root().join(path);
        assert!(if kind == "tree" { path.is_dir() } else { kind == "blob" && path.is_file() }, "{link}");
    }
}

#[test]
fn links_within_the_book_and_to_parts_of_pages_stay() {
    let page = |text: &str| ("a.md".to_owned(), text.to_owned());
    let chapters =
        [page("[a](b.md#c) [d](../docs/b.md) [e](https://example.com/../f)"), page("[a](../cdk/README.md#use)")];
    let far = format!("[a]({REPOSITORY}/blob/HEAD/cdk/README.md#use)");
    assert_eq!(preprocessed(&chapters, Some(&format!("{REPOSITORY}/"))), [chapters[0].1.clone(), far]);
    // Nobody knows where the repository is.
    assert_eq!(preprocessed(&chapters, None), chapters.map(|(_, text)| text));
}
