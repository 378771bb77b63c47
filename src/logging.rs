//! The log: one JSON line for each event, and nothing that a library has to say.
//!
//! The SDK and the Lambda runtime write requests, answers and whole events to their logs at the finer levels: metadata, the
//! presigned URL, credentials. So only this crate's own lines pass, whatever level is asked for.

use std::borrow::Cow;
use std::env;
use std::panic;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Starts the log, at the level of `AWS_LAMBDA_LOG_LEVEL` or else `RUST_LOG`; INFO unless one of them is a level.
pub fn init() {
    let level = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"].iter().find_map(|name| env::var(name).ok()?.parse().ok());
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level.unwrap_or(LevelFilter::INFO));
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    // A second start, in a process that has a log already, leaves that one as it is.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    // A panic's message may repeat what it choked on. Where it happened is what a report of it needs.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        // As the runtime sets them, because nothing of the event is at hand.
        let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        let header = env::var("_X_AMZN_TRACE_ID").unwrap_or_default();
        tracing::error!(function_name, xray_trace_id = trace_id(&header), location, "panicked");
    }));
}

/// X-Ray's id of a trace, out of the header that Lambda gives: `Root=<id>;Parent=...;Sampled=0`.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
pub(crate) fn trace_id(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root=")).filter(|id| !id.is_empty())
}

/// The most characters of one value in a line: more than any text of ours has. An event can be one name of six megabytes.
const LONGEST: usize = 8192;

/// `text` as a line may hold it: [`escape_controls`], and cut after [`LONGEST`] characters.
pub fn truncate_for_log(text: &str) -> Cow<'_, str> {
    escape_controls(text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at]))
}

/// `text` with every character that a terminal acts on, or that breaks a line or reverses its direction, as an escape. JSON's own escapes leave DEL, the
/// second set of control characters, line separators and marks of direction as they are.
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_acted_on) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match is_acted_on(character) {
            true => plain.extend(character.escape_unicode()),
            false => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

fn is_acted_on(character: char) -> bool {
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
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(truncate_for_log(&"é".repeat(LONGEST + 1)), "é".repeat(LONGEST));
        assert_eq!(truncate_for_log("short"), "short");
    }

    #[test]
    fn what_a_terminal_acts_on_is_shown_as_an_escape() {
        for (text, expected) in [
            ("a name, Käse 😀\r\n\t", "a name, Käse 😀\r\n\t"),
            ("\u{1b}[31m\u{9b}31m", "\\u{1b}[31m\\u{9b}31m"),
            ("\u{7f}\u{85}\u{2028}\u{202e}", "\\u{7f}\\u{85}\\u{2028}\\u{202e}"),
        ] {
            assert_eq!(escape_controls(text), expected);
        }
    }
}
