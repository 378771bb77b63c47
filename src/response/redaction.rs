//! A text without what is nobody's business, should Chime have repeated it: whole, cut, from the middle, or escaped.

use crate::properties::values::secrets::{SHORTEST, public, secrets};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// So many characters of a secret in a row give it away.
const WINDOW: usize = 8;

/// What takes the place of a secret.
const HIDDEN: &str = "[hidden]";

/// How much of a text is looked at, in characters: more than an answer or a line of the log has room for. An event may name a property of
/// six megabytes.
const LONGEST: usize = 8192;

/// `text` without anything of the secrets in `properties` and of the function's `own` ones, and no longer than [`LONGEST`]. What also stands in
/// a public place of the properties, or in `known`, is no secret: metadata that begins with an ARN must not blank the ARNs of a reason.
pub fn redact(text: &str, properties: &[&Json], own: &[&str], known: &[&str]) -> String {
    let text: Vec<char> = text.chars().take(LONGEST).collect();
    // The credentials of a laptop may be a word.
    let own = own.iter().copied().filter(|own| own.chars().count() >= WINDOW);
    let secrets: Vec<&str> = properties.iter().flat_map(|json| secrets(json)).chain(own).collect();
    if secrets.is_empty() {
        return text.iter().collect();
    }
    let public: Vec<&str> = properties.iter().flat_map(|json| public(json)).chain(known.iter().copied()).collect();
    let (mut is_secret, mut is_public) = (SecretMatcher::none_of(&text), SecretMatcher::none_of(&text));
    let known: HashSet<&str> = public.iter().copied().collect();
    for secret in secrets.into_iter().filter(|secret| !known.contains(secret)) {
        // Chime has never seen a longer one, and our own words repeat no more than the beginning.
        let secret: String = secret.chars().take(LONGEST).collect();
        for spelled in [secret.clone(), in_json(&secret), in_html(&secret)] {
            is_secret.cover(&spelled);
        }
        for digits in [HexDigits::Lower, HexDigits::Upper] {
            for spelled in [in_ascii_json, in_units, in_url] {
                is_secret.cover(&spelled(&secret, digits));
            }
        }
    }
    // A short public text is part of too many words to make them public, and a longer one than any that Chime takes is not repeated.
    for text in public.into_iter().filter(|text| text.len() <= LONGEST && text.chars().count() >= WINDOW) {
        is_public.cover(text);
    }
    mask(&text, &is_secret.characters, &is_public.characters)
}

/// Which characters of a text stand in a run that another one has as well: of [`WINDOW`] characters, or all of a shorter one. The other may
/// be a thousand times as long, so that it is the text whose runs are kept.
struct SecretMatcher<'a> {
    text: &'a [char],
    characters: Vec<bool>,
    /// Where each run stands that is not covered yet.
    runs: HashMap<&'a [char], Vec<usize>>,
    /// Which [`outline`]s the runs have.
    outlines: Vec<bool>,
}

impl<'a> SecretMatcher<'a> {
    fn none_of(text: &'a [char]) -> Self {
        let (mut runs, mut outlines) = (HashMap::<_, Vec<_>>::new(), vec![false; OUTLINES]);
        for (at, run) in text.windows(WINDOW).enumerate() {
            runs.entry(run).or_default().push(at);
            outlines[outline(run)] = true;
        }
        Self { text, characters: vec![false; text.len()], runs, outlines }
    }

    fn cover(&mut self, other: &str) {
        let beginning: Vec<char> = other.chars().take(WINDOW).collect();
        if beginning.len() < WINDOW {
            for (at, _) in self.text.windows(beginning.len().max(1)).enumerate().filter(|(_, run)| *run == beginning) {
                self.characters[at..at + beginning.len()].fill(true);
            }
            return;
        }
        let mut run = beginning;
        let mut rest = other.chars().skip(WINDOW);
        loop {
            if self.outlines[outline(&run)]
                && let Some(places) = self.runs.remove(&*run)
            {
                for at in places {
                    self.characters[at..at + WINDOW].fill(true);
                }
            }
            let Some(next) = rest.next() else { return };
            run.rotate_left(1);
            run[WINDOW - 1] = next;
        }
    }
}

/// How many outlines there are.
const OUTLINES: usize = 1 << 16;

/// What two runs have in common if they are equal, and seldom otherwise.
fn outline(run: &[char]) -> usize {
    run.iter().step_by(3).fold(0, |outline, c| outline * 37 + *c as usize) % OUTLINES
}

/// `text` with [`HIDDEN`] in the place of each run that is secret and not public. Between public characters, a few that are not give
/// nothing away.
fn mask(text: &[char], is_secret: &[bool], is_public: &[bool]) -> String {
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

/// How an escape writes ten to fifteen. Java's writers and Python's do not agree.
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

/// JSON in ASCII alone.
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

/// Every character as its UTF-16 units, escaped for JSON.
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
        assert_eq!(redacted("abcd", "x-amz-security-token:own secret\n"), "x-amz-security-token:[hidden]\n");
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_escaped() {
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
    fn a_text_of_any_length_is_looked_at_as_far_as_it_is_shown() {
        let secret = "secret of \u{1F600} and more";
        let long = format!("{}{secret}", "p".repeat(3 << 20));
        let shown = redact(&long, &[&json!({"Metadata": long.clone(), "Name": long.clone() + "x"})], &[], &[]);
        assert_eq!(shown, HIDDEN);
        let shown = redact(&format!("{} {secret}", "x".repeat(LONGEST - 9)), &[&json!({"Metadata": secret})], &[], &[]);
        assert_eq!(shown, format!("{} {HIDDEN}", "x".repeat(LONGEST - 9)));
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
