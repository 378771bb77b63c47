//! Masks secrets in a text. Chime may repeat a secret in full, truncated, in part or escaped.

use crate::properties::values::secrets::{MIN_SECRET, public, secrets};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// This many consecutive characters of a secret are treated as a leak.
const WINDOW: usize = 8;

/// The replacement for a secret.
const HIDDEN: &str = "[hidden]";

/// How many characters of a text are processed. This is more than a response or a log line can hold. An event can
/// contain a property name of six megabytes.
const MAX_CHARS: usize = 8192;

/// `text` with the secrets masked, and cut after [`MAX_CHARS`] characters. The secrets are those in `properties` and
/// the function's `own` ones. Text that also occurs in a public property or in `known` is not masked. For example,
/// metadata that begins with an ARN must not mask the ARNs in a reason.
pub fn redact(text: &str, properties: &[&Json], own: &[&str], known: &[&str]) -> String {
    let text: Vec<char> = text.chars().take(MAX_CHARS).collect();
    // On a laptop, the credentials may be an ordinary word.
    let own = own.iter().copied().filter(|own| own.chars().count() >= WINDOW);
    let secrets: HashSet<Cow<'_, str>> =
        properties.iter().flat_map(|json| secrets(json)).chain(own.map(Cow::from)).collect();
    if secrets.is_empty() {
        return text.iter().collect();
    }
    let known = known.iter().copied().map(Cow::from);
    let public: HashSet<Cow<'_, str>> = properties.iter().flat_map(|json| public(json)).chain(known).collect();
    let (mut secret_chars, mut public_chars) = (SecretMatcher::new(&text), SecretMatcher::new(&text));
    for secret in secrets.difference(&public) {
        // Chime never receives longer values, and our own messages repeat only the beginning.
        let secret: String = secret.chars().take(MAX_CHARS).collect();
        for spelled in [secret.clone(), in_json(&secret), in_html(&secret)] {
            secret_chars.cover(&spelled);
        }
        for digits in [HexDigits::Lower, HexDigits::Upper] {
            for spelled in [in_ascii_json, in_units, in_url] {
                secret_chars.cover(&spelled(&secret, digits));
            }
        }
    }
    // Short public values are skipped: they occur inside too many other words. Values longer than Chime accepts are
    // never repeated.
    for text in public.iter().filter(|text| text.len() <= MAX_CHARS && text.chars().count() >= WINDOW) {
        public_chars.cover(text);
    }
    mask(&text, &secret_chars.covered, &public_chars.covered)
}

/// Marks the characters of a text that also occur in another text, in runs of [`WINDOW`] characters or as a whole if
/// the other text is shorter. The other text may be a thousand times longer, so the index is built from the first one.
struct SecretMatcher<'a> {
    text: &'a [char],
    covered: Vec<bool>,
    /// Where each run that is not yet covered occurs.
    runs: HashMap<&'a [char], Vec<usize>>,
    /// The [`fingerprint`]s of all runs.
    fingerprints: Vec<bool>,
}

impl<'a> SecretMatcher<'a> {
    fn new(text: &'a [char]) -> Self {
        let (mut runs, mut fingerprints) = (HashMap::<_, Vec<_>>::new(), vec![false; FINGERPRINTS]);
        for (at, run) in text.windows(WINDOW).enumerate() {
            runs.entry(run).or_default().push(at);
            fingerprints[fingerprint(run)] = true;
        }
        Self { text, covered: vec![false; text.len()], runs, fingerprints }
    }

    fn cover(&mut self, other: &str) {
        let beginning: Vec<char> = other.chars().take(WINDOW).collect();
        if beginning.len() < WINDOW {
            for (at, _) in self.text.windows(beginning.len().max(1)).enumerate().filter(|(_, run)| *run == beginning) {
                self.covered[at..at + beginning.len()].fill(true);
            }
            return;
        }
        let mut run = beginning;
        let mut rest = other.chars().skip(WINDOW);
        loop {
            if self.fingerprints[fingerprint(&run)]
                && let Some(places) = self.runs.remove(&*run)
            {
                for at in places {
                    self.covered[at..at + WINDOW].fill(true);
                }
            }
            let Some(next) = rest.next() else { return };
            run.rotate_left(1);
            run[WINDOW - 1] = next;
        }
    }
}

/// The number of fingerprints.
const FINGERPRINTS: usize = 1 << 16;

/// A cheap hash: equal runs have the same fingerprint, and different runs rarely do.
fn fingerprint(run: &[char]) -> usize {
    run.iter().step_by(3).fold(0, |fingerprint, c| fingerprint * 37 + *c as usize) % FINGERPRINTS
}

/// `text` with [`HIDDEN`] in place of every run that is secret and not public. Runs of a few hidden characters between
/// public ones stay visible, because they reveal nothing.
fn mask(text: &[char], is_secret: &[bool], is_public: &[bool]) -> String {
    let is_hidden: Vec<bool> = is_secret.iter().zip(is_public).map(|(secret, public)| *secret && !public).collect();
    let mut shown = String::new();
    let mut at = 0;
    while at < text.len() {
        let run = is_hidden[at..].iter().take_while(|hidden| **hidden == is_hidden[at]).count();
        if is_hidden[at] && run >= MIN_SECRET {
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

/// The case of hexadecimal digits in an escape. Java's encoders and Python's differ.
#[derive(Clone, Copy)]
enum HexDigits {
    Lower,
    Upper,
}

impl HexDigits {
    fn write(self, to: &mut String, before: &str, number: u16, width: usize) {
        let _ = match self {
            Self::Lower => write!(to, "{before}{number:0width$x}"),
            Self::Upper => write!(to, "{before}{number:0width$X}"),
        };
    }
}

/// JSON with every non-ASCII character escaped.
fn in_ascii_json(text: &str, digits: HexDigits) -> String {
    let mut escaped = String::new();
    for character in in_json(text).chars() {
        match character.is_ascii() {
            true => escaped.push(character),
            false => escaped.push_str(&in_units(character.encode_utf8(&mut [0; 4]), digits)),
        }
    }
    escaped
}

/// Every character as escaped UTF-16 code units.
fn in_units(text: &str, digits: HexDigits) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        digits.write(&mut escaped, "\\u", unit, 4);
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

fn in_url(text: &str, digits: HexDigits) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => digits.write(&mut escaped, "%", byte.into(), 2),
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
            &["own secret"],
            &["arn:aws:chime:us-east-1:1:app-instance/a"],
        )
    }

    #[test]
    fn a_full_truncated_or_partial_secret_is_masked() {
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
        assert_eq!(redacted("abcd", "x-amz-security-token:own secret\n"), "x-amz-security-token:[hidden]\n");
    }

    #[test]
    fn an_escaped_secret_is_masked() {
        let secret = "{\"käse\": \"<a & b>\"}";
        for escaped in [
            r#"{\"käse\": \"<a & b>\"}"#,
            r#"{\"k\u00e4se\": \"<a & b>\"}"#,
            "{&quot;käse&quot;: &quot;&lt;a &amp; b&gt;&quot;}",
            r#"{\"k\u00E4se\": \"<a & b>\"}"#,
            "%7B%22k%C3%A4se%22%3A%20%22%3Ca%20%26%20b%3E%22%7D",
            "%7b%22k%c3%a4se%22%3a%20%22%3ca%20%26%20b%3e%22%7d",
        ] {
            assert_eq!(redacted(secret, &format!("'{escaped}'")), "'[hidden]'");
        }
    }

    #[test]
    fn a_long_text_is_masked_and_truncated() {
        let secret = "secret of \u{1F600} and more";
        let long = format!("{}{secret}", "p".repeat(3 << 20));
        let shown = redact(&long, &[&json!({"Metadata": long.clone(), "Name": long.clone() + "x"})], &[], &[]);
        assert_eq!(shown, HIDDEN);
        let shown =
            redact(&format!("{} {secret}", "x".repeat(MAX_CHARS - 9)), &[&json!({"Metadata": secret})], &[], &[]);
        assert_eq!(shown, format!("{} {HIDDEN}", "x".repeat(MAX_CHARS - 9)));
    }

    #[test]
    fn text_that_is_also_public_is_not_masked() {
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
