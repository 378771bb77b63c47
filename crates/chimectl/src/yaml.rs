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
        Json::Object(members) if is_nested(value, style) || members.is_empty() => {
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
    let name = if style == Style::Template { quoted(name) } else { name.to_owned() };
    if is_nested(value, style) {
        line(text, depth, &format!("{name}:"));
        write_value(text, value, depth + 1, style);
    } else {
        line(text, depth, &format!("{name}: {}", plain(value, style)));
    }
}

fn ordered(members: &Map<String, Json>, style: Style) -> Vec<(&String, &Json)> {
    let mut members: Vec<_> = members.iter().collect();
    if style == Style::Overview {
        members.sort_by_key(|(_, value)| is_nested(value, style));
    }
    members
}

/// Whether a value takes lines of its own.
fn is_nested(value: &Json, style: Style) -> bool {
    match value {
        Json::Object(members) => !(members.is_empty() || style == Style::Template && short_form(members).is_some()),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// The short form of a function of CloudFormation: its tag, and its argument.
fn short_form(members: &Map<String, Json>) -> Option<(&'static str, String)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    match (name.as_str(), argument) {
        ("Ref", Json::String(name)) => Some(("!Ref", name.clone())),
        ("Fn::Sub", Json::String(text)) => Some(("!Sub", text.clone())),
        ("Fn::ImportValue", Json::String(name)) => Some(("!ImportValue", name.clone())),
        ("Fn::GetAtt", Json::Array(parts)) => {
            let parts: Option<Vec<&str>> = parts.iter().map(Json::as_str).collect();
            Some(("!GetAtt", parts?.join(".")))
        }
        _ => None,
    }
}

fn line(text: &mut String, depth: usize, what: &str) {
    let _ = writeln!(text, "{:width$}{what}", "", width = 2 * depth);
}

fn plain(value: &Json, style: Style) -> String {
    match value {
        Json::String(text) if style == Style::Template => quoted(text),
        Json::String(text) => text.clone(),
        Json::Object(members) if style == Style::Template => match short_form(members) {
            Some((tag, argument)) => format!("{tag} {}", quoted(&argument)),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// A text as YAML reads it back, with quotes only where they are needed.
pub fn quoted(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        let escaped: String = text
            .chars()
            .map(|c| match c {
                '"' | '\\' => format!("\\{c}"),
                c if is_printable(c) => c.to_string(),
                c => format!("\\U{:08x}", u32::from(c)),
            })
            .collect();
        format!("\"{escaped}\"")
    }
}

/// What YAML 1.1 reads as something else than text.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// Whether YAML reads a text as it stands: a word, or several, beginning with a letter. An ARN has colons, with no blank behind them.
fn is_plain(text: &str) -> bool {
    let is_fine = |c: char| c.is_alphanumeric() || " -_./:@+=(),".contains(c);
    text.starts_with(char::is_alphabetic)
        && text.chars().all(is_fine)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !WORDS.contains(&text.to_lowercase().as_str())
}

/// Whether a character may stand in single quotes, on one line.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
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
    fn functions_have_their_short_forms_in_a_template() {
        let properties = json!({"A": {"Ref": "App"}, "L": [{"Fn::Sub": "${App}/user/a"}, {"Fn::GetAtt": ["C", "Arn"]}],
            "M": {"Other": "y", "Ref": "x"}, "S": {"Fn::ImportValue": "a-b"}});
        let template = "A: !Ref App\nL:\n  - !Sub '${App}/user/a'\n  - !GetAtt C.Arn\nM:\n  Other: 'y'\n  Ref: x\nS: !ImportValue a-b\n";
        assert_eq!(yaml(&properties, 0, Style::Template), template);
    }

    #[test]
    fn a_name_that_yaml_reads_as_something_else_is_quoted_in_a_template() {
        assert_eq!(yaml(&json!({"Null": {"Yes": 1}}), 0, Style::Template), "'Null':\n  'Yes': 1\n");
        assert_eq!(yaml(&json!({"Null": 1}), 0, Style::Overview), "Null: 1\n");
    }

    #[test]
    fn text_that_yaml_reads_as_something_else_is_quoted() {
        for plain in ["Support chat", "arn:aws:chime:x/y", "a-b_c.d@e", "Zoë", "Custom::Chime"] {
            assert_eq!(quoted(plain), plain);
        }
        for odd in [
            "",
            "yes",
            "Null",
            "12",
            "1e3",
            "2020-01-01",
            "a: b",
            "a:",
            " a",
            "a ",
            "- a",
            "!a",
            "#a",
            "{}",
            "it's?",
            "a #b",
        ] {
            assert_eq!(quoted(odd), format!("'{}'", odd.replace('\'', "''")));
        }
        assert_eq!(quoted("a\nb\"\\\u{2028}"), "\"a\\U0000000ab\\\"\\\\\\U00002028\"");
    }

    #[test]
    fn a_template_keeps_its_order_and_quotes_what_is_no_plain_text() {
        let properties = json!({"A": [{"K": "v"}], "M": "{\"x\": 1}", "N": 3, "R": "arn:aws:chime:x"});
        let template = "A:\n  - K: v\nM: '{\"x\": 1}'\n'N': 3\nR: arn:aws:chime:x\n";
        assert_eq!(yaml(&properties, 0, Style::Template), template);
    }
}
