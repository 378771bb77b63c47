//! Events: a whole one as it stands, or a sample with some of its values replaced. Chime knows nothing of anything, or has made an app instance.

#![no_main]

use chime_messaging_resources_fuzz::{events, response_url, run, said};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

/// What stands for the address of answers in a whole event.
const ANSWER: &str = "https://answer/";

const MISSING: &[u8] = b"404 Not Found\r\nx-amzn-errortype: NotFoundException|{\"Code\":\"NotFound\"}";
const MADE: &[u8] = b"201 Created|{\"AppInstanceArn\":\"arn:aws:chime:us-east-1:123456789012:app-instance/a\"}";

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, rest)) = data.split_first() else { return Corpus::Reject };
    let is_made = data.iter().fold(0, |sum, byte| sum ^ byte) % 2 == 0;
    let says = [said(if is_made { MADE } else { MISSING })];
    if let Ok(text) = std::str::from_utf8(data)
        && serde_json::value::RawValue::from_string(text.to_owned()).is_ok()
    {
        run(&text.replace(ANSWER, &response_url()), &says);
        return Corpus::Keep;
    }
    let mut event = events()[usize::from(*first) % events().len()].clone();
    // Each replacement: two bytes that choose the value, and the text of what takes its place.
    for replacement in rest.split(|byte| *byte == 0).take(8) {
        let [high, low, text @ ..] = replacement else { continue };
        let text = String::from_utf8_lossy(text);
        let new = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
        let mut at = usize::from(*high) << 8 | usize::from(*low);
        at %= count(&event);
        replace(&mut event, &mut at, &new);
    }
    run(&event.to_string(), &says);
    Corpus::Keep
});

fn count(json: &Value) -> usize {
    1 + match json {
        Value::Object(map) => map.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Puts `new` in the place of the value `at` in the order of reading.
fn replace(json: &mut Value, at: &mut usize, new: &Value) -> bool {
    if *at == 0 {
        *json = new.clone();
        return true;
    }
    *at -= 1;
    match json {
        Value::Object(map) => map.values_mut().any(|value| replace(value, at, new)),
        Value::Array(items) => items.iter_mut().any(|value| replace(value, at, new)),
        _ => false,
    }
}
