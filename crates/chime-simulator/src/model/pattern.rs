//! The patterns of the models, which are written for Java.

use regex::Regex;

/// Compiles a published pattern so that it matches only whole strings.
///
/// Three things are not taken literally. `\u10000-\u10FFFF` in the character class of names means the characters from U+10000 to
/// U+10FFFF: read literally (four digits for each escape), it would forbid most emoji and allow what other parts of the class leave
/// out. `\d` is an ASCII digit in Java. And `.` matches none of Java's five line terminators.
pub(super) fn compile(published: &str) -> Result<Regex, regex::Error> {
    let meant = published.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}").replace(r"\d", "[0-9]");
    Regex::new(&format!(r"\A(?:{})\z", dots(&meant)))
}

/// Replaces each `.` that is neither escaped nor in a character class.
fn dots(pattern: &str) -> String {
    let mut written = String::new();
    let (mut is_escaped, mut is_in_class) = (false, false);
    for character in pattern.chars() {
        match character {
            '.' if !is_escaped && !is_in_class => written.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            _ => written.push(character),
        }
        match character {
            '[' if !is_escaped => is_in_class = true,
            ']' if !is_escaped => is_in_class = false,
            _ => {}
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]*";

    #[test]
    fn a_name_may_have_characters_beyond_the_basic_plane() {
        let name = compile(NAME).unwrap();
        assert!(name.is_match("caf\u{e9} \u{1F980}"));
        assert!(!name.is_match("bell \u{7}"));
        assert!(!name.is_match("\u{FFFE}"));
    }

    #[test]
    fn a_dot_matches_no_line_terminator() {
        let metadata = compile(".*").unwrap();
        for terminator in ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert!(!metadata.is_match(&format!("a{terminator}b")), "{terminator:?}");
        }
        assert!(metadata.is_match("a\t\u{b}\u{c}b"));
        assert!(compile(r"a\.[.\]]").unwrap().is_match("a.."));
        assert!(!compile(r"\.").unwrap().is_match("a"));
    }

    #[test]
    fn a_pattern_matches_the_whole_string() {
        let token = compile("[-_a-zA-Z0-9]*").unwrap();
        assert!(token.is_match("a-b_C9"));
        assert!(!token.is_match("a b"));
        assert!(!token.is_match("ab\n"));
        assert!(!compile(r"\d{1}").unwrap().is_match("\u{0663}"));
    }
}
