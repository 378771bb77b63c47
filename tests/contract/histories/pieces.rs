//! The parts of Chime's contents that one resource adds, so that they can be added, changed and removed by hand.

use super::existing::Existing;
use super::held::before_as_held;
use super::lambda::options;
use crate::by_hand::without_notes;
use crate::harness::TIMEOUT;
use crate::test_bed::ChimeTestBed;
use chime_simulator::Behaviour;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A step on the way to a part: the name of a member, or the item with this identity.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(String),
}

/// An item of a list, or a named member of an object.
#[derive(Clone, Debug)]
struct Part {
    path: Vec<Step>,
    member: Option<String>,
    value: Value,
}

/// What a resource adds to Chime's contents, without the notes of an owner.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// Its physical id.
    pub id: String,
    parts: Vec<Part>,
}

/// What identifies an item in its list.
fn identity(item: &Value) -> String {
    let name = |name: &str| item.get(name).map(Value::to_string);
    let first_arn =
        || item.as_object()?.iter().find(|(name, _)| name.ends_with("Arn")).map(|(_, value)| value.to_string());
    name("EndpointId").or_else(first_arn).unwrap_or_else(|| item.to_string())
}

fn additions(path: &[Step], with: &Value, before: &Value, parts: &mut Vec<Part>) {
    match (with, before) {
        (Value::Object(with), Value::Object(before)) => {
            for (name, value) in with {
                match before.get(name) {
                    Some(old) => additions(&[path, &[Step::Member(name.clone())]].concat(), value, old, parts),
                    // A list that nothing is in is not shown. A setting is a list that is set as a whole.
                    None if value.is_array() && name != "StreamingConfigurations" => {
                        additions(&[path, &[Step::Member(name.clone())]].concat(), value, &json!([]), parts);
                    }
                    None => {
                        parts.push(Part { path: path.to_vec(), member: Some(name.clone()), value: value.clone() });
                    }
                }
            }
        }
        (Value::Array(with), Value::Array(before)) => {
            for item in with {
                match before.iter().find(|old| identity(old) == identity(item)) {
                    Some(old) => additions(&[path, &[Step::Item(identity(item))]].concat(), item, old, parts),
                    None => parts.push(Part { path: path.to_vec(), member: None, value: item.clone() }),
                }
            }
        }
        _ => {}
    }
}

/// Follows a path. `None` if it does not exist.
fn follow<'a>(held: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(held, |at, step| match step {
        Step::Member(name) => Some(at.as_object_mut()?.entry(name).or_insert_with(|| json!([]))),
        Step::Item(item) => at.as_array_mut()?.iter_mut().find(|found| identity(found) == *item),
    })
}

impl Pieces {
    /// What it adds.
    pub async fn of(existing: &Existing, has_constructs: bool) -> Self {
        static KNOWN: OnceLock<Mutex<BTreeMap<String, Pieces>>> = OnceLock::new();
        let known = KNOWN.get_or_init(Mutex::default);
        let (resource, properties) = existing.as_resource(has_constructs);
        let key = format!("{} {properties}", resource.resource_type);
        if let Some(pieces) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return pieces.clone();
        }
        let bed = ChimeTestBed::start(options(Behaviour::default())).expect("it starts").with_timeout(TIMEOUT * 10);
        let created = bed.invoke(&resource.create(&properties)).await;
        assert_eq!(created.status(), "SUCCESS", "{properties}: {}", created.reason());
        let mut parts = Vec::new();
        additions(&[], &without_notes(bed.simulator.holds()), &before_as_held(), &mut parts);
        let pieces = Self { id: created.id().to_owned(), parts };
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, pieces.clone());
        pieces
    }

    /// The same for the resource with this id, if Chime chose it.
    pub fn with_id(self, id: &str) -> Self {
        let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        let (old, new) = (last(&self.id), last(id));
        let renamed = |value: &Value| -> Value {
            serde_json::from_str(&value.to_string().replace(&old, &new)).expect("JSON with another id")
        };
        let parts = self.parts.iter().map(|part| Part { value: renamed(&part.value), ..part.clone() }).collect();
        Self { id: id.to_owned(), parts }
    }

    /// Adds them.
    pub fn add_to(&self, mut held: Value) -> Value {
        for part in &self.parts {
            let Some(at) = follow(&mut held, &part.path) else { continue };
            match &part.member {
                Some(name) => at[name] = part.value.clone(),
                None => at.as_array_mut().expect("a list").push(part.value.clone()),
            }
        }
        held
    }

    /// Removes what is there of them.
    pub fn remove_from(&self, mut held: Value) -> Value {
        for part in &self.parts {
            match (follow(&mut held, &part.path), &part.member) {
                (Some(Value::Object(map)), Some(name)) => {
                    map.remove(name);
                }
                (Some(Value::Array(items)), None) => items.retain(|item| identity(item) != identity(&part.value)),
                _ => {}
            }
        }
        held
    }

    /// Changes what is there to be like them. Tags stay.
    pub fn write_over(&self, mut held: Value) -> Value {
        for part in &self.parts {
            match (follow(&mut held, &part.path), &part.member) {
                (Some(at), Some(name)) => at[name] = part.value.clone(),
                (Some(Value::Array(items)), None) => {
                    let item = items.iter_mut().find(|item| identity(item) == identity(&part.value));
                    if let (Some(Value::Object(item)), Value::Object(new)) = (item, &part.value) {
                        item.extend(new.clone().into_iter().filter(|(name, _)| name != "Tags"));
                    }
                }
                _ => {}
            }
        }
        held
    }
}
