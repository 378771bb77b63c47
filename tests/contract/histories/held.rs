//! Chime's contents as facts that can be added up: each resource contributes its own facts.

use super::lambda::options;
use crate::harness::{TIMEOUT, without_uuids};
use crate::test_bed::ChimeTestBed;
use chime_simulator::{Behaviour, Simulator};
use cloudformation_local::LogicalResource;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// How often each fact occurs. A fact is the path of a text and the text.
pub type Facts = BTreeMap<String, i64>;

/// The facts in `held`, without generated values.
pub fn facts(held: Value) -> Facts {
    let mut facts = Facts::new();
    collect(String::new(), &without_uuids(held), &mut facts);
    facts
}

fn collect(path: String, json: &Value, facts: &mut Facts) {
    match json {
        Value::Object(map) => {
            for (name, value) in map {
                collect(format!("{path}.{name}"), value, facts);
            }
            *facts.entry(path).or_default() += 1;
        }
        Value::Array(items) => {
            for item in items {
                let own = item
                    .as_object()
                    .and_then(|map| map.iter().find(|(name, _)| name.ends_with("Arn") || *name == "Key"));
                let name = own.map_or_else(|| item.to_string(), |(_, value)| value.to_string());
                collect(format!("{path}[{name}]"), item, facts);
            }
        }
        scalar => *facts.entry(format!("{path}={scalar}")).or_default() += 1,
    }
}

/// The facts that a resource with these properties adds, if its create runs without faults.
pub async fn contributed_facts(resource: &LogicalResource, properties: &Value) -> Facts {
    static KNOWN: OnceLock<Mutex<BTreeMap<String, Facts>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let key = format!("{} {} {properties}", resource.stack_id, resource.logical_id);
    if let Some(facts) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return facts.clone();
    }
    let bed = ChimeTestBed::start(options(Behaviour::default())).expect("it starts").with_timeout(TIMEOUT * 10);
    let created = bed.invoke(&resource.create(properties)).await;
    assert_eq!(created.status(), "SUCCESS", "{properties}: {}", created.reason());
    let facts = difference(&facts(bed.simulator.holds()), &facts(before_as_held()));
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, facts.clone());
    facts
}

/// The initial contents, as the simulator returns them.
pub fn before_as_held() -> Value {
    static HELD: OnceLock<Value> = OnceLock::new();
    HELD.get_or_init(|| {
        let simulator = Simulator::start(options(Behaviour::default())).expect("it starts");
        simulator.holds()
    })
    .clone()
}

/// The facts in `one` minus those in `other`. Facts that only `other` has are negative.
pub fn difference(one: &Facts, other: &Facts) -> Facts {
    let mut difference = one.clone();
    for (fact, times) in other {
        *difference.entry(fact.clone()).or_default() -= times;
    }
    difference.retain(|_, times| *times != 0);
    difference
}

/// Adds facts to others.
pub fn add(facts: &mut Facts, more: &Facts) {
    for (fact, times) in more {
        *facts.entry(fact.clone()).or_default() += times;
    }
}

/// The tags that record the owner of a setting.
pub const MARKS: [&str; 4] =
    ["cfn:admin", "cfn:retention-settings", "cfn:streaming-configurations", "cfn:channel-flow"];

/// Removes the facts about our marks.
pub fn without_mark_facts(facts: Facts) -> Facts {
    facts.into_iter().filter(|(fact, _)| !MARKS.iter().any(|mark| fact.contains(&format!("[\"{mark}\"]")))).collect()
}

fn is_note(fact: &str) -> bool {
    fact.contains("[\"cfn:")
}

/// Removes the facts about owners.
pub fn without_notes(facts: Facts) -> Facts {
    facts.into_iter().filter(|(fact, _)| !is_note(fact)).collect()
}

/// Only the facts about owners.
pub fn only_notes(facts: Facts) -> Facts {
    facts.into_iter().filter(|(fact, _)| is_note(fact)).collect()
}

/// The facts about a mark that says that the setting was there before.
pub fn as_found(notes: Facts) -> Facts {
    let is_value = |fact: &str| MARKS.iter().any(|mark| fact.contains(&format!("[\"{mark}\"].Value=")));
    let found = |fact: String| if is_value(&fact) { format!("{}/found\"", fact.trim_end_matches('"')) } else { fact };
    notes.into_iter().map(|(fact, times)| (found(fact), times)).collect()
}
