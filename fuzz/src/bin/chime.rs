//! Chime's answers: a sample event, and whatever bytes come over the wire after `HTTP/1.1 `, one answer after the other.

#![no_main]

use chime_messaging_resources_fuzz::{events, run, said};
use libfuzzer_sys::{Corpus, fuzz_target};

/// What stands between two answers.
const BETWEEN: &[u8] = b"\n--\n";

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, mut rest)) = data.split_first() else { return Corpus::Reject };
    let mut says = Vec::new();
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        says.push(said(&rest[..at]));
        rest = &rest[at + BETWEEN.len()..];
    }
    says.push(said(rest));
    run(&events()[usize::from(*first) % events().len()].to_string(), &says);
    Corpus::Keep
});
