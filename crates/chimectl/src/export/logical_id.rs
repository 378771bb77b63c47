//! Logical ids for what has none yet: readable, and the same in every run.

use std::collections::BTreeMap;

/// The most characters of a logical id before its digest. CloudFormation allows 255.
const MAX: usize = 240;

/// CDK leaves this word out of the ids that it makes, and nothing would be left.
const HIDDEN: &str = "Default";

/// What an id begins with that has no letter to begin with.
const NAMELESS: &str = "X";

/// Words with capitals, without what a logical id may not contain: `anna.b` becomes `AnnaB`.
pub fn words(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let capitalised = parts.map(|part| {
        let (first, rest) = part.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    capitalised.collect()
}

/// The logical ids for wishes, each with the physical id it is for. Where several wish the same, each gets a digest of its physical id, so
/// that none depends on the order.
pub fn assign(wishes: &[(String, String)]) -> Vec<String> {
    let wishes: Vec<_> = wishes.iter().map(|(wish, physical_id)| (possible(wish), physical_id)).collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (wish, _) in &wishes {
        *count.entry(wish.clone()).or_default() += 1;
    }
    let mut assigned: Vec<String> = Vec::new();
    for (wish, physical_id) in &wishes {
        let is_free = wish != NAMELESS && wish != HIDDEN && count.get(wish) == Some(&1);
        let mut id = if is_free { wish.clone() } else { format!("{wish}{:08x}", digest(physical_id)) };
        // Two ids with one digest are not worth more than this.
        while !is_free && (count.contains_key(&id) || assigned.contains(&id)) {
            id.push('x');
        }
        assigned.push(id);
    }
    assigned
}

/// A wish that begins with a letter and is short enough.
fn possible(wish: &str) -> String {
    let prefix = if wish.starts_with(|c: char| c.is_ascii_alphabetic()) { "" } else { NAMELESS };
    prefix.chars().chain(wish.chars()).take(MAX).collect()
}

/// FNV-1a. Its definition is fixed, and so are the logical ids.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(wish: &str, id: &str) -> (String, String) {
        (wish.to_owned(), id.to_owned())
    }

    #[test]
    fn words_get_capitals_and_lose_what_a_logical_id_may_not_contain() {
        for (text, expected) in
            [("anna.b@example", "AnnaBExample"), ("Support chat", "SupportChat"), ("Zoë", "Zo"), ("!!", ""), ("7", "7")]
        {
            assert_eq!(words(text), expected);
        }
    }

    #[test]
    fn equal_wishes_get_digests_that_do_not_depend_on_the_order() {
        let (one, other) = (wish("Bot", "arn/1"), wish("Bot", "arn/2"));
        let there = assign(&[one.clone(), wish("App", "a"), other.clone()]);
        let back = assign(&[other, one]);
        assert_eq!(there[1], "App");
        assert_eq!((&there[0], &there[2]), (&back[1], &back[0]));
        assert_ne!(there[0], there[2]);
        assert!(there[0].starts_with("Bot") && there[0].len() == 11, "{there:?}");
    }

    #[test]
    fn a_logical_id_is_never_empty_and_begins_with_a_letter() {
        let assigned = assign(&[wish("", "arn/1"), wish("7", "arn/2"), wish("Default", "arn/3")]);
        assert!(assigned[2].starts_with("Default") && assigned[2].len() > "Default".len(), "{assigned:?}");
        assert!(assigned.iter().all(|id| id.starts_with(|c: char| c.is_ascii_alphabetic())), "{assigned:?}");
    }

    #[test]
    fn ids_are_distinct_and_short_enough_whatever_has_to_be_put_before_or_cut() {
        let long = "u".repeat(300);
        let wishes = [
            wish("7Channel", "arn/1"),
            wish("X7Channel", "arn/2"),
            wish(&long, "arn/3"),
            wish(&format!("{long}v"), "arn/4"),
        ];
        let assigned = assign(&wishes);
        let distinct: std::collections::BTreeSet<_> = assigned.iter().collect();
        assert_eq!(distinct.len(), 4, "{assigned:?}");
        assert!(assigned.iter().all(|id| id.len() <= 255), "{assigned:?}");
    }
}
