//! JSON for people: names and values in lines, what is inside something indented.

use serde_json::Value as Json;
use std::fmt::Write;

/// The value as an outline, with a line's end after each line.
pub fn of(value: &Json) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 1);
    text
}

fn write_value(text: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Object(members) => {
            // What a thing is goes before what it holds.
            let (inner, scalars): (Vec<_>, Vec<_>) = members.iter().partition(|(_, value)| is_long(value));
            for (name, value) in scalars.into_iter().chain(inner) {
                write_named(text, name, value, depth);
            }
        }
        Json::Array(items) => {
            for item in items {
                let dash = text.len() + 2 * depth;
                write_value(text, item, depth + 1);
                // The first line of an item shows that it is one.
                if dash < text.len() {
                    text.replace_range(dash..=dash, "-");
                }
            }
        }
        scalar => line(text, depth, &plain(scalar)),
    }
}

fn write_named(text: &mut String, name: &str, value: &Json, depth: usize) {
    match value {
        long if is_long(long) => {
            line(text, depth, &format!("{name}:"));
            write_value(text, value, depth + 1);
        }
        scalar => line(text, depth, &format!("{name}: {}", plain(scalar))),
    }
}

/// Whether it takes lines of its own.
fn is_long(value: &Json) -> bool {
    match value {
        Json::Object(members) => !members.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn line(text: &mut String, depth: usize, what: &str) {
    let _ = writeln!(text, "{:width$}{what}", "", width = 2 * depth);
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn an_outline_indents_what_is_inside() {
        let held = json!([
            {"Name": "n", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}], "Users": []},
            {"Lambda": {"Days": 3}, "Admins": ["x"]},
        ]);
        let outline = "  - Name: n
    Users: []
    Tags:
      - Key: a
        Value: b
      - Key: c
        Value: d
  - Admins:
      - x
    Lambda:
      Days: 3
";
        assert_eq!(super::of(&held), outline);
    }
}
