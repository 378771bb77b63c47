//! The project's pages, as GitHub shows them: links, anchors, blocks of code and tables.

#![allow(dead_code)] // Not every test needs everything.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A page.
pub struct Page {
    /// Its path in the project.
    pub path: PathBuf,
    /// The targets of its links and images.
    pub links: Vec<String>,
    /// What a link to a part of it may name.
    pub anchors: Vec<String>,
    pub blocks: Vec<Block>,
    pub tables: Vec<Table>,
    /// The code spans outside of blocks.
    pub code: Vec<String>,
}

/// A block of code.
pub struct Block {
    pub line: usize,
    pub language: String,
    pub text: String,
    /// The comment right before it: `<!-- … -->`.
    pub marker: Option<String>,
}

/// A table.
pub struct Table {
    pub line: usize,
    /// The text between the nearest heading and the table.
    pub before: String,
    pub head: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Default)]
pub struct Cell {
    pub text: String,
    /// Its code spans.
    pub code: Vec<String>,
}

/// All pages for readers, in the order of their paths.
pub fn pages(project: &Path) -> Vec<Page> {
    let mut paths: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(PathBuf::from).to_vec();
    paths.extend(markdown_in(project, "docs", &|_| true));
    let is_readme = |name: &str| name == "README.md";
    for folder in ["cdk", "cfn-lint", "editor", "examples"] {
        paths.extend(markdown_in(project, folder, &is_readme));
    }
    paths.sort();
    paths.into_iter().filter_map(|path| Some(page(&fs::read_to_string(project.join(&path)).ok()?, path))).collect()
}

/// The Markdown files below a folder, without those of other packages and of builds.
fn markdown_in(project: &Path, folder: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(project.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            if !["node_modules", "target", "dist"].contains(&name.as_str()) && !name.starts_with(['.', '_']) {
                found.extend(markdown_in(project, &path, wanted));
            }
        } else if name.ends_with(".md") && wanted(&name) {
            found.push(path.into());
        }
    }
    found
}

/// Parses a page.
pub fn page(text: &str, path: PathBuf) -> Page {
    let mut page =
        Page { path, links: Vec::new(), anchors: Vec::new(), blocks: Vec::new(), tables: Vec::new(), code: Vec::new() };
    let (mut comment, mut before, mut heading, mut slugs) = (None, String::new(), None, BTreeMap::new());
    let (mut block, mut cell): (Option<Block>, Option<Cell>) = (None, None);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let line = text.get(..range.start).unwrap_or_default().lines().count() + 1;
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let inner = html.trim().strip_prefix("<!--").and_then(|html| html.strip_suffix("-->"));
                comment = inner.map(|inner| inner.trim().to_owned());
                continue;
            }
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => continue,
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                block = Some(Block { line, language, text: String::new(), marker: comment.take() });
            }
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let count = slugs.entry(slug.clone()).or_insert(0);
                page.anchors.push(if *count == 0 { slug } else { format!("{slug}-{count}") });
                *count += 1;
                before.clear();
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.to_string());
            }
            Event::Start(Tag::Table(_)) => {
                page.tables.push(Table { line, before: before.clone(), head: Vec::new(), rows: Vec::new() });
            }
            Event::Start(Tag::TableRow) => {
                page.tables.iter_mut().last().into_iter().for_each(|table| table.rows.push(Vec::new()));
            }
            Event::Start(Tag::TableCell) => cell = Some(Cell::default()),
            Event::End(TagEnd::TableCell) => {
                let (table, cell) = (page.tables.iter_mut().last(), cell.take());
                if let (Some(table), Some(cell)) = (table, cell) {
                    table.rows.iter_mut().last().unwrap_or(&mut table.head).push(cell);
                }
            }
            Event::Text(found) | Event::Code(found) if block.is_some() => {
                block.iter_mut().for_each(|block| block.text.push_str(&found));
            }
            Event::Code(code) => {
                page.code.push(code.to_string());
                cell.iter_mut().for_each(|cell| cell.code.push(code.to_string()));
                [heading.as_mut(), cell.as_mut().map(|cell| &mut cell.text), Some(&mut before)]
                    .into_iter()
                    .flatten()
                    .for_each(|text| text.push_str(&code));
            }
            Event::Text(found) => {
                [heading.as_mut(), cell.as_mut().map(|cell| &mut cell.text), Some(&mut before)]
                    .into_iter()
                    .flatten()
                    .for_each(|text| text.push_str(&found));
            }
            Event::SoftBreak | Event::HardBreak => before.push(' '),
            _ => {}
        }
        comment = None;
    }
    page
}

/// The anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}
