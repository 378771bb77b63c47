//! A text without what is nobody's business, should Chime have repeated it: whole, cut, from the middle, or escaped.

use crate::template::secrets::{SHORTEST, public, secrets};
use serde_json::Value as Json;
use std::collections::HashSet;
use std::fmt::Write;

/// So many characters of a secret in a row give it away.
const WINDOW: usize = 8;

/// What takes the place of a secret.
const HIDDEN: &str = "[hidden]";

/// `text` without anything of the secrets in `properties`. What also stands in a public place of them, or in `known`, is no secret:
/// metadata that begins with an ARN must not blank the ARNs of a reason.
pub fn redact(text: &str, properties: &[&Json], known: &[&str]) -> String {
    let secrets: Vec<&str> = properties.iter().flat_map(|json| secrets(json)).collect();
    if secrets.is_empty() {
        return text.to_owned();
    }
    let public: Vec<&str> = properties.iter().flat_map(|json| public(json)).chain(known.iter().copied()).collect();
    let mut forms: Vec<Vec<char>> = Vec::new();
    for secret in secrets.into_iter().filter(|secret| !public.contains(secret)) {
        for form in [secret.to_owned(), in_json(secret), in_ascii_json(secret), in_html(secret), in_url(secret)] {
            let form: Vec<char> = form.chars().collect();
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    // A short public text is part of too many words to make them public.
    let public = public.iter().map(|text| text.chars().collect::<Vec<_>>()).filter(|text| text.len() >= WINDOW);
    let text: Vec<char> = text.chars().collect();
    hidden(&text, &covered(&text, &forms), &covered(&text, &public.collect::<Vec<_>>()))
}

/// Which characters of `text` stand in a run that one of `forms` has as well: of [`WINDOW`] characters, or all of a shorter one.
fn covered(text: &[char], forms: &[Vec<char>]) -> Vec<bool> {
    let windows: HashSet<&[char]> =
        forms.iter().filter(|form| !form.is_empty()).flat_map(|form| form.windows(WINDOW.min(form.len()))).collect();
    let lengths: HashSet<usize> = windows.iter().map(|window| window.len()).collect();
    let mut covered = vec![false; text.len()];
    for length in lengths {
        for (at, _) in text.windows(length).enumerate().filter(|(_, window)| windows.contains(window)) {
            covered[at..at + length].fill(true);
        }
    }
    covered
}

/// `text` with [`HIDDEN`] in the place of each run that is secret and not public. Between public characters, a few that are not give
/// nothing away.
fn hidden(text: &[char], is_secret: &[bool], is_public: &[bool]) -> String {
    let is_hidden: Vec<bool> = is_secret.iter().zip(is_public).map(|(secret, public)| *secret && !public).collect();
    let mut shown = String::new();
    let mut at = 0;
    while at < text.len() {
        let run = is_hidden[at..].iter().take_while(|hidden| **hidden == is_hidden[at]).count();
        if is_hidden[at] && run >= SHORTEST {
            shown.push_str(HIDDEN)
        } else {
            shown.extend(&text[at..at + run])
        }
        at += run;
    }
    shown
}

fn in_json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().trim_matches('"').to_owned()
}

/// JSON in ASCII alone, as Java's and Python's writers give it.
fn in_ascii_json(text: &str) -> String {
    let mut escaped = String::new();
    for character in in_json(text).chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

fn in_html(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn in_url(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(metadata: &str, text: &str) -> String {
        redact(
            text,
            &[&json!({"Metadata": metadata, "Name": "public name"})],
            &["arn:aws:chime:us-east-1:1:app-instance/a"],
        )
    }

    #[test]
    fn a_secret_is_hidden_whole_cut_and_from_the_middle() {
        let secret = "something rather secret";
        for (text, expected) in [
            ("Value 'something rather secret' is odd", "Value '[hidden]' is odd"),
            ("Value 'something ra...' is odd", "Value '[hidden]...' is odd"),
            ("Value '...er secret' is odd", "Value '...[hidden]' is odd"),
            ("near 'ing rather se' at 5", "near '[hidden]' at 5"),
            ("nothing of it, and some thing", "nothing of it, and some thing"),
        ] {
            assert_eq!(redacted(secret, text), expected);
        }
        assert_eq!(redacted("abcd", "Value 'abcd'"), "Value '[hidden]'");
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_escaped() {
        let secret = "{\"käse\": \"<a & b>\"}";
        for escaped in [
            r#"{\"käse\": \"<a & b>\"}"#,
            r#"{\"k\u00e4se\": \"<a & b>\"}"#,
            "{&quot;käse&quot;: &quot;&lt;a &amp; b&gt;&quot;}",
            "%7B%22k%C3%A4se%22%3A%20%22%3Ca%20%26%20b%3E%22%7D",
        ] {
            assert_eq!(redacted(secret, &format!("'{escaped}'")), "'[hidden]'");
        }
    }

    #[test]
    fn what_is_public_as_well_stays() {
        let text = "DeleteX failed for arn:aws:chime:us-east-1:1:app-instance/a of public name";
        assert_eq!(redacted("arn:aws:chime:us-east-1:1:app-instance/a", text), text);
        assert_eq!(redacted("public name", text), text);
        let metadata = "arn:aws:chime:us-east-1:1:app-instance/a and a secret";
        assert_eq!(
            redacted(metadata, &format!("{text}; {metadata}")),
            format!("{text}; arn:aws:chime:us-east-1:1:app-instance/a[hidden]")
        );
    }
}
