//! The log: one JSON line for each event, and nothing from dependencies.
//!
//! At verbose levels, the SDK and the Lambda runtime log requests, responses and whole events. These contain metadata,
//! the presigned URL and credentials. The log therefore drops every line that is not from this crate, at any level.

use std::borrow::Cow;
use std::env;
use std::panic;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Starts logging at the level in `AWS_LAMBDA_LOG_LEVEL` or else `RUST_LOG`. The default is INFO.
pub fn init() {
    let level = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"].iter().find_map(|name| env::var(name).ok()?.parse().ok());
    let own_target = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level.unwrap_or(LevelFilter::INFO));
    let json_lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    // A process that already has a logger keeps it.
    let _ = tracing_subscriber::registry().with(json_lines.with_filter(own_target)).try_init();
    // A panic's message may repeat the value that caused it. The source location is enough for a bug report.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        // Read from the environment that the runtime sets, because the event is not available here.
        let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        let header = env::var("_X_AMZN_TRACE_ID").unwrap_or_default();
        tracing::error!(function_name, xray_trace_id = trace_id(&header), location, "panicked");
    }));
}

/// Extracts the trace id from Lambda's X-Ray header: `Root=<id>;Parent=...;Sampled=0`.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
pub(crate) fn trace_id(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root=")).filter(|id| !id.is_empty())
}

/// The most characters of one value in a log line. The function's own messages are shorter, but a single name in an
/// event can be six megabytes long.
const MAX_CHARS: usize = 8192;

/// Prepares `text` for a log line: applies [`escape_controls`] and cuts it after [`MAX_CHARS`] characters.
pub fn truncate_for_log(text: &str) -> Cow<'_, str> {
    escape_controls(text.char_indices().nth(MAX_CHARS).map_or(text, |(at, _)| &text[..at]))
}

/// Escapes every character in `text` that a terminal interprets, that breaks a line or that reverses the text
/// direction. JSON's own escaping leaves DEL, the C1 control characters, line separators and direction marks unchanged.
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_interpreted) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match is_interpreted(character) {
            true => escaped.extend(character.escape_unicode()),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

fn is_interpreted(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_id_is_the_root_of_the_header() {
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        for header in [format!("Root={id}"), format!("Self=1-2;Root={id};Parent=53995c3f42cd8ad8;Sampled=1")] {
            assert_eq!(trace_id(&header), Some(id));
        }
        assert_eq!(trace_id(""), None);
        assert_eq!(trace_id("Parent=53995c3f42cd8ad8"), None);
    }

    #[test]
    fn a_long_text_is_truncated_on_a_character_boundary() {
        assert_eq!(truncate_for_log(&"é".repeat(MAX_CHARS + 1)), "é".repeat(MAX_CHARS));
        assert_eq!(truncate_for_log("short"), "short");
    }

    #[test]
    fn control_characters_are_escaped() {
        for (text, expected) in [
            ("a name, Käse 😀\r\n\t", "a name, Käse 😀\r\n\t"),
            ("\u{1b}[31m\u{9b}31m", "\\u{1b}[31m\\u{9b}31m"),
            ("\u{7f}\u{85}\u{2028}\u{202e}", "\\u{7f}\\u{85}\\u{2028}\\u{202e}"),
        ] {
            assert_eq!(escape_controls(text), expected);
        }
    }
}
