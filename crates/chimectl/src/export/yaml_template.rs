//! Writes an export as a CloudFormation template.

use crate::export::native::Native;
use crate::export::template::{LeftOut, Reference, Resource, Template, intrinsic};
use crate::yaml::{Style, quoted, yaml};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// The export of the function's ServiceToken.
pub const SERVICE_TOKEN: &str = "chime-messaging-resources-ServiceToken";

/// The template. `is_wanted` says which of the resources it has.
pub fn write(template: &Template, native: Native, is_wanted: impl Fn(&Resource) -> bool) -> String {
    let mut text = String::from("AWSTemplateFormatVersion: \"2010-09-09\"\n");
    let description: String =
        format!("The app instance {}, as it is in Chime", template.name).chars().take(1000).collect();
    let _ = writeln!(text, "Description: {}\n", quoted(&description));
    for comment in header(template) {
        comment_line(&mut text, 0, &comment);
    }
    text.push_str("\nResources:\n");
    let write_reference = |reference: &Reference<'_>| match reference {
        Reference::To(resource) => native.reference(resource).unwrap_or_else(|| intrinsic(reference)),
        Reference::Within(..) => intrinsic(reference),
    };
    for (at, resource) in template.resources.iter().filter(|resource| is_wanted(resource)).enumerate() {
        let native_type = native.type_of(resource);
        text.push_str(if at == 0 { "" } else { "\n" });
        let _ = writeln!(text, "  {}:", resource.logical_id);
        for comment in &resource.comments {
            comment_line(&mut text, 2, comment);
        }
        let properties = resource.properties.iter();
        let properties =
            properties.map(|(name, value)| (name, template.with_references(name, value, &write_reference)));
        let mut written = serde_json::Map::new();
        let policy = match &native_type {
            // CloudFormation imports nothing without a policy.
            Some(_) => "Retain",
            None => {
                written.insert("ServiceToken".to_owned(), json!({"Fn::ImportValue": SERVICE_TOKEN}));
                written.insert("ServiceTimeout".to_owned(), json!(600));
                written.insert("AdoptExisting".to_owned(), json!(resource.physical_id));
                "RetainExceptOnCreate"
            }
        };
        written.extend(properties.map(|(name, value)| (name.clone(), value)));
        let type_name = native_type.unwrap_or_else(|| format!("Custom::{}", resource.type_name));
        let mut body = serde_json::Map::new();
        body.insert("Type".to_owned(), json!(type_name));
        body.insert("DeletionPolicy".to_owned(), json!(policy));
        if policy != "Retain"
            && let Some(depends_on) = depends_on(&resource.depends_on)
        {
            body.insert("DependsOn".to_owned(), depends_on);
        }
        body.insert("Properties".to_owned(), Json::Object(written));
        text.push_str(&yaml(&Json::Object(body), 2, Style::Template));
    }
    text
}

fn depends_on(logical_ids: &[String]) -> Option<Json> {
    match logical_ids {
        [] => None,
        [one] => Some(json!(one)),
        several => Some(json!(several)),
    }
}

/// What a reader has to know first: what the template does, and what it does not have.
pub fn header(template: &Template) -> Vec<String> {
    let mut lines = vec![
        "Written by chimectl export. Deployed as it is, it adopts what is named here: only tags are written."
            .to_owned(),
        "While AdoptExisting stands there, deleting the stack leaves everything in Chime.".to_owned(),
    ];
    if !template.left_out.is_empty() {
        lines.push(String::new());
        lines.push("Left out:".to_owned());
        lines.extend(template.left_out.iter().map(|LeftOut { what, why }| format!("- {what}: {why}")));
    }
    lines
}

/// A comment. It stays one, whatever is in it.
fn comment_line(text: &mut String, depth: usize, comment: &str) {
    let line: String = comment.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    let _ = writeln!(text, "{}", format!("{:width$}# {line}", "", width = 2 * depth).trim_end());
}

/// Whether a character could end a comment, in YAML, TypeScript or Python.
pub fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
