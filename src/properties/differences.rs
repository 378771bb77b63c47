//! How what Chime shows differs from what a template states, path by path.

use serde_json::Value as Json;
use std::fmt;

/// How much of a value is repeated, in characters.
const SHOWN: usize = 120;

/// One property that differs. Displays as a clause: `Name is "Chat" in Chime and "Support" here`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The property's path, such as `Processors[0].Name`.
    pub path: String,
    /// What Chime and the template say, each null where it says nothing; `None` of a secret, which nobody may see.
    values: Option<(Json, Json)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.values {
            Some((observed, stated)) => {
                write!(f, "{} is {} in Chime and {} here", self.path, shown(observed), shown(stated))
            }
            None => write!(f, "{} in Chime is another one than here", self.path),
        }
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "not set".to_owned(),
        value => {
            let text = value.to_string();
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text,
            }
        }
    }
}

/// Several differences as one text: all of them, `; ` between two.
pub fn listed(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Differences, while they are being collected.
#[derive(Debug, Default)]
pub struct Differences {
    path: String,
    found: Vec<Difference>,
}

impl Differences {
    /// Adds that the value at hand is `observed` and not `stated`.
    pub fn add(&mut self, observed: Json, stated: Json) {
        self.found.push(Difference { path: self.path.clone(), values: Some((observed, stated)) });
    }

    /// Adds that the value at hand is another one, and nobody may see either.
    pub fn add_secret(&mut self) {
        self.found.push(Difference { path: self.path.clone(), values: None });
    }

    /// Compares a part of the value at hand: a property by its name, or an item as `[0]`.
    pub fn within(&mut self, part: &str, compare: impl FnOnce(&mut Self)) {
        let whole = self.path.len();
        if whole > 0 && !part.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(part);
        compare(self);
        self.path.truncate(whole);
    }

    /// All that were found, in order.
    pub fn into_vec(self) -> Vec<Difference> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_differs_without_being_shown_and_a_long_value_is_cut() {
        let mut differences = Differences::default();
        differences.within("Metadata", Differences::add_secret);
        differences.within("Name", |at| at.add(json!("n".repeat(500)), Json::Null));
        let [metadata, name] = &differences.into_vec()[..] else { panic!("two differences") };
        assert_eq!(metadata.to_string(), "Metadata in Chime is another one than here");
        assert!(name.to_string().ends_with("n… in Chime and not set here"), "{name}");
    }
}
