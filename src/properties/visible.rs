//! Makes characters visible that a message would not show.

/// `text` with every invisible character escaped, such as a line break or a zero-width space. Every value and name in a message passes
/// through here.
pub fn visible(text: &str) -> String {
    let is_invisible = |c: char| {
        c.is_control()
            || c != ' ' && c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        if is_invisible(c) {
            shown.extend(c.escape_default())
        } else {
            shown.push(c)
        }
        shown
    })
}
