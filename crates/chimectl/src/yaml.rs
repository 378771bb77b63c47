//! JSON as YAML, as far as templates and people need it.

use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// What the YAML is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A template: members keep their order, and text is quoted where YAML would read it as something else.
    Template,
    /// An overview for people: what a thing is goes before what it holds, and text stands as it is.
    Overview,
}

/// The value as YAML, indented so many levels, with a line break after each line.
pub fn yaml(value: &Json, depth: usize, style: Style) -> String {
    let mut text = String::new();
    write_value(&mut text, value, depth, style);
    text
}

fn write_value(text: &mut String, value: &Json, depth: usize, style: Style) {
    match value {
        Json::Object(members) => {
            for (name, value) in ordered(members, style) {
                write_named(text, name, value, depth, style);
            }
        }
        Json::Array(items) => {
            for item in items {
                let dash = text.len() + 2 * depth;
                write_value(text, item, depth + 1, style);
                // The first line of an item shows that it is one.
                if dash < text.len() {
                    text.replace_range(dash..=dash, "-");
                }
            }
        }
        scalar => line(text, depth, &plain(scalar, style)),
    }
}

fn write_named(text: &mut String, name: &str, value: &Json, depth: usize, style: Style) {
    if is_nested(value) {
        line(text, depth, &format!("{name}:"));
        write_value(text, value, depth + 1, style);
    } else {
        line(text, depth, &format!("{name}: {}", plain(value, style)));
    }
}

fn ordered(members: &Map<String, Json>, style: Style) -> Vec<(&String, &Json)> {
    let mut members: Vec<_> = members.iter().collect();
    if style == Style::Overview {
        members.sort_by_key(|(_, value)| is_nested(value));
    }
    members
}

/// Whether a value takes lines of its own.
fn is_nested(value: &Json) -> bool {
    match value {
        Json::Object(members) => !members.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn line(text: &mut String, depth: usize, what: &str) {
    let _ = writeln!(text, "{:width$}{what}", "", width = 2 * depth);
}

fn plain(value: &Json, style: Style) -> String {
    match value {
        Json::String(text) if style == Style::Template && needs_quotes(text) => format!("'{text}'"),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether YAML could read a text as something else. An ARN has colons, with no blank behind them.
fn needs_quotes(text: &str) -> bool {
    text.contains(['{', ':', '#']) && !text.starts_with("arn:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_overview_indents_what_is_nested_and_says_it_last() {
        let held = json!([
            {"Name": "n", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}], "Users": []},
            {"Lambda": {"Days": 3}, "Admins": ["x"], "Metadata": "{}"},
        ]);
        let overview = "  - Name: n
    Users: []
    Tags:
      - Key: a
        Value: b
      - Key: c
        Value: d
  - Metadata: {}
    Admins:
      - x
    Lambda:
      Days: 3
";
        assert_eq!(yaml(&held, 1, Style::Overview), overview);
    }

    #[test]
    fn a_template_keeps_its_order_and_quotes_what_is_no_plain_text() {
        let properties = json!({"A": [{"K": "v"}], "M": "{\"x\": 1}", "N": 3, "R": "arn:aws:chime:x"});
        let template = "A:\n  - K: v\nM: '{\"x\": 1}'\nN: 3\nR: arn:aws:chime:x\n";
        assert_eq!(yaml(&properties, 0, Style::Template), template);
    }
}
