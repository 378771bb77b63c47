//! Writes an export as a CloudFormation template.

use crate::export::native::Native;
use crate::export::template::{LeftOut, Reference, Resource, Template, intrinsic};
use crate::yaml::{Style, quoted, yaml};
use serde_json::Value as Json;
use std::fmt::Write;

/// The export of the function's ServiceToken.
pub const SERVICE_TOKEN: &str = "chime-messaging-resources-ServiceToken";

/// A rollback of the create gives back, and a later delete keeps.
const ADOPTED_POLICY: &str = "RetainExceptOnCreate";

/// The most bytes of a description.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_DESCRIPTION: usize = 1024;

/// CloudFormation imports nothing without a policy.
const IMPORTED_POLICY: &str = "Retain";

/// The template. For an import, it has the resources of AWS's types alone.
pub fn write(template: &Template, native: Native, purpose: Purpose) -> String {
    let mut text = String::from("AWSTemplateFormatVersion: \"2010-09-09\"\n");
    let description = format!("The app instance {}, as it is in Chime", template.name);
    let description = &description[..description.floor_char_boundary(MOST_DESCRIPTION)];
    let _ = writeln!(text, "Description: {}\n", quoted(description));
    for comment in header(template, purpose) {
        comment_line(&mut text, 0, &comment);
    }
    let is_of_it = |resource: &&Resource| purpose == Purpose::Adoption || native.type_of(resource).is_some();
    let resources: Vec<_> = template.resources.iter().filter(is_of_it).collect();
    text.push_str(if resources.is_empty() { "\nResources: {}\n" } else { "\nResources:\n" });
    let write_reference = |reference: &Reference<'_>| match reference {
        Reference::To(resource) => native.reference(resource).unwrap_or_else(|| intrinsic(reference)),
        Reference::Within(..) => intrinsic(reference),
    };
    for (at, resource) in resources.into_iter().enumerate() {
        let native_type = native.type_of(resource);
        text.push_str(if at == 0 { "" } else { "\n" });
        let _ = writeln!(text, "  {}:", quoted(&resource.logical_id));
        for comment in &resource.comments {
            comment_line(&mut text, 2, comment);
        }
        let properties = resource.properties.iter();
        let properties =
            properties.map(|(name, value)| (name, template.with_references(name, value, &write_reference)));
        let own: serde_json::Map<_, _> = properties.map(|(name, value)| (name.clone(), value)).collect();
        let type_name = native_type.clone().unwrap_or_else(|| format!("Custom::{}", resource.type_name));
        let policy = if native_type.is_some() { IMPORTED_POLICY } else { ADOPTED_POLICY };
        // A replacement must not take anything away either.
        let _ = writeln!(text, "    Type: {type_name}\n    DeletionPolicy: {policy}\n    UpdateReplacePolicy: Retain");
        if native_type.is_none() {
            text.push_str(&depends_on(&resource.depends_on));
        }
        text.push_str("    Properties:\n");
        if native_type.is_none() {
            let _ = writeln!(text, "      ServiceToken: !ImportValue {SERVICE_TOKEN}\n      ServiceTimeout: 600");
            let _ = writeln!(text, "      AdoptExisting: {}", quoted(&resource.physical_id));
        }
        text.push_str(&yaml(&Json::Object(own), 3, Style::Template));
    }
    text
}

fn depends_on(logical_ids: &[String]) -> String {
    match logical_ids {
        [] => String::new(),
        [one] => format!("    DependsOn: {}\n", quoted(one)),
        several => {
            let quoted: Vec<_> = several.iter().map(|one| quoted(one)).collect();
            format!("    DependsOn: [{}]\n", quoted.join(", "))
        }
    }
}

/// What the comment at the top says that the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To adopt.
    Adoption,
    /// To import AWS's own types.
    Import,
}

/// What a reader has to know first: what the text does, and what it does not have.
pub fn header(template: &Template, purpose: Purpose) -> Vec<String> {
    let lines: &[&str] = match purpose {
        Purpose::Adoption => &[
            "Written by chimectl export. Deployed as it is, it adopts what is named here: only tags are written.",
            "Deleting the stack leaves everything in Chime, and the tags that name it: CloudFormation keeps what has these policies.",
            "Deployed without the policies, a delete takes these tags away, so that another stack can adopt what was here.",
            "Deployed without the policies and without AdoptExisting, a delete deletes.",
        ],
        Purpose::Import => &[
            "Written by chimectl export, for an import with resources-to-import.json. An import creates nothing:",
            "template.yaml adds the rest in an update.",
        ],
    };
    let mut lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines.extend(template.notes.iter().cloned());
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
