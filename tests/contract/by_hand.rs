//! What happens in the account without CloudFormation: time passes, tags are removed, and resources are changed or
//! deleted by hand.

use crate::harness::{Stack, seed_as_held, without_uuids};
use crate::test_bed::{Environment, Outcome};
use crate::types::A;
use cloudformation_local::LogicalResource;
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime};

/// Another stack than that of the tests.
pub const ANOTHER_STACK: &str =
    "arn:aws:cloudformation:us-east-1:123456789012:stack/other/7f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f";

pub const MINUTE: u64 = 60;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;
pub const YEAR: u64 = 365 * DAY;

impl Stack {
    /// Sends an event as if `seconds` had passed since everything in the account was made.
    pub async fn send_after(&self, seconds: u64, event: &Value) -> Outcome {
        let sent = SystemTime::now() + Duration::from_secs(seconds);
        let outcome = self.bed.invoke_sent(event, sent).await;
        assert_eq!(outcome.failure, None, "{}", self.of.name);
        outcome
    }

    /// The same for an event that must succeed.
    pub async fn succeed_after(&self, seconds: u64, event: &Value) -> Outcome {
        let outcome = self.send_after(seconds, event).await;
        assert_eq!(outcome.status(), "SUCCESS", "{}: {}", self.of.name, outcome.reason());
        outcome
    }

    /// Delivers an event to another execution environment of the function, which remembers no request. Returns the
    /// answer.
    pub async fn deliver_elsewhere(&self, event: &Value, timeout: Duration) {
        let (url, hosts) = (self.bed.simulator.url(), self.bed.bucket.host());
        let time_scale = chime_simulator::TimeScale::times(crate::pace::pace());
        let elsewhere = Environment { time_scale, ..Environment::new(&url, &hosts) }.in_process().expect("it starts");
        let mut again = event.clone();
        again["ResponseURL"] = json!(self.bed.bucket.response_url(event));
        elsewhere.run(&again, timeout / crate::pace::pace()).await.expect("an answer");
    }

    /// The same logical id in another stack.
    pub fn of_another_stack(&self) -> LogicalResource {
        self.resource.of_stack(ANOTHER_STACK)
    }

    /// Removes every tag that notes an owner.
    pub fn untag(&self) {
        self.bed.simulator.change(without_notes).expect("a change");
    }

    /// Makes a resource with these properties as if by hand: no owner is noted. Returns its id.
    pub async fn make_by_hand(&self, properties: &Value) -> String {
        let somebody = self.of_another_stack().renamed("Somebody");
        let id = self.succeed(&somebody.create(properties)).await.id().to_owned();
        self.untag();
        id
    }

    /// Deletes a resource as if by hand, by a call of its own: unlike after [`delete_by_hand`](Self::delete_by_hand), Chime lags.
    pub async fn delete_by_call(&self, id: &str, properties: &Value) {
        self.untag();
        let somebody = self.of_another_stack().renamed("Somebody");
        self.succeed(&somebody.delete(id, properties)).await;
    }

    /// Chime's contents without the notes of owners.
    pub fn holds_without_notes(&self) -> Value {
        without_notes(self.holds())
    }

    /// Deletes everything by hand that is not in the seed. Marks on what stays are kept.
    pub fn delete_by_hand(&self) {
        self.bed.simulator.change(|held| with_tags_of(seed_as_held(), &held)).expect("a change");
    }

    /// The stack's properties with one more.
    pub fn with(&self, name: &str, value: impl Into<Value>) -> Value {
        with(&self.of.properties, name, value)
    }
}

/// These properties with one more.
pub fn with(properties: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut properties = properties.clone();
    properties[name] = value.into();
    properties
}

/// The same without the tags that note an owner.
pub fn without_notes(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let kept =
                items.into_iter().filter(|item| !item["Key"].as_str().is_some_and(|key| key.starts_with("cfn:")));
            Value::Array(kept.map(without_notes).collect())
        }
        Value::Object(map) => {
            let map = map.into_iter().map(|(name, value)| (name, without_notes(value)));
            let kept =
                map.filter(|(name, value)| name != "Tags" || value.as_array().is_some_and(|tags| !tags.is_empty()));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// The seed, each part with the tags that it has now.
fn with_tags_of(seed: Value, held: &Value) -> Value {
    match seed {
        Value::Array(items) => {
            Value::Array(items.into_iter().enumerate().map(|(at, item)| with_tags_of(item, &held[at])).collect())
        }
        Value::Object(map) => {
            let mut map: Map<_, _> = map
                .into_iter()
                .map(|(name, value)| {
                    let held = held[&name].clone();
                    (name, with_tags_of(value, &held))
                })
                .collect();
            if let Some(tags) = held.get("Tags") {
                map.insert("Tags".to_owned(), tags.clone());
            }
            Value::Object(map)
        }
        other => other,
    }
}

/// A user of the first app instance.
pub fn user(id: &str) -> String {
    format!("{A}/user/{id}")
}

/// The members of a channel of the first app instance.
pub fn members_of(stack: &Stack, channel: &str) -> Vec<String> {
    let held = without_uuids(stack.bed.simulator.holds());
    let channels = held[0]["Channels"].as_array().cloned().unwrap_or_default();
    let channel = channels.into_iter().find(|held| held["Name"] == channel).expect("the channel");
    let memberships = channel["Memberships"].as_array().cloned().unwrap_or_default();
    memberships.iter().filter_map(|held| held["MemberArn"].as_str().map(str::to_owned)).collect()
}
