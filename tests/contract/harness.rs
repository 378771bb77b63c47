//! One type at a time between the simulator and the receiver.

use crate::types::{Type, seed, types};
use chime_local::logical_resource::LogicalResource;
use chime_local::rehearsal::{Rehearsal, Rehearsed};
use chime_local::simulator::{Behaviour, Options};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

/// One type's stack.
pub struct Stack {
    pub of: Type,
    pub rehearsal: Rehearsal,
    pub resource: LogicalResource,
}

/// Runs a case for every type at once, each with a Chime of its own.
pub async fn for_each_type<F: Future<Output = ()>>(behaviour: &Behaviour, case: impl Fn(Stack) -> F) {
    join_all(types().into_iter().map(|of| case(Stack::start(of, behaviour.clone())))).await;
}

impl Stack {
    pub fn start(of: Type, behaviour: Behaviour) -> Self {
        let options = Options { behaviour, seed: seed(), ..Options::default() };
        let rehearsal = Rehearsal::start(options).expect("it starts").with_timeout(Duration::from_secs(20));
        Self { resource: LogicalResource::new(&of.resource_type()), of, rehearsal }
    }

    pub async fn send(&self, event: &Value) -> Rehearsed {
        let rehearsed = self.rehearsal.invoke(event).await;
        assert_eq!(rehearsed.failure, None, "{}", self.of.name);
        assert_eq!(rehearsed.problems, Vec::<String>::new(), "{}", self.of.name);
        rehearsed
    }

    /// Sends an event that has to succeed.
    pub async fn succeed(&self, event: &Value) -> Rehearsed {
        let rehearsed = self.send(event).await;
        assert_eq!(rehearsed.status(), "SUCCESS", "{}: {}", self.of.name, rehearsed.reason());
        rehearsed
    }

    /// Sends an event that has to fail.
    pub async fn fail(&self, event: &Value) -> Rehearsed {
        let rehearsed = self.send(event).await;
        assert_eq!(rehearsed.status(), "FAILED", "{}: {}", self.of.name, event["RequestType"]);
        assert!(rehearsed.reason().contains("Log: /aws/lambda/"), "{}", rehearsed.reason());
        rehearsed
    }

    /// Creates it with the type's first properties, and gives its id.
    pub async fn create(&self) -> String {
        self.succeed(&self.resource.create(&self.of.properties)).await.id().to_owned()
    }

    /// What Chime holds, with every id that Chime or CloudFormation has made up as `<uuid>`.
    pub fn holds(&self) -> Value {
        without_uuids(self.rehearsal.simulator.holds())
    }

    /// What Chime would hold if the resource had been created with these properties in the first place.
    pub async fn would_hold(&self, properties: &Value) -> Value {
        let other = Stack::start(
            types().into_iter().find(|of| of.name == self.of.name).expect("the same type"),
            Behaviour::default(),
        );
        other.succeed(&other.resource.create(properties)).await;
        other.holds()
    }

    /// Nothing is left of the resource.
    pub fn assert_nothing_left(&self) {
        assert_eq!(self.holds(), seed_as_held(), "{}", self.of.name);
    }
}

/// The seed in the form in which the simulator holds it.
pub fn seed_as_held() -> Value {
    let options = Options { seed: seed(), ..Options::default() };
    Rehearsal::start(options).expect("it starts").simulator.holds()
}

fn without_uuids(json: Value) -> Value {
    match json {
        Value::String(text) => Value::String(text.split('/').map(without_uuid).collect::<Vec<_>>().join("/")),
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(without_uuids).collect();
            // Tags have no order; lists of other things keep theirs.
            if items.iter().all(|item| item.get("Key").is_some()) {
                items.sort_by_key(|tag| tag["Key"].to_string());
            }
            Value::Array(items)
        }
        Value::Object(map) => {
            json!(map.into_iter().map(|(k, v)| (k, without_uuids(v))).collect::<serde_json::Map<_, _>>())
        }
        other => other,
    }
}

fn without_uuid(part: &str) -> &str {
    if part.len() == 36 && part.matches('-').count() == 4 { "<uuid>" } else { part }
}
