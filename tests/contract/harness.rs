//! Runs one type at a time between the simulator and the response bucket.

use crate::pace::pace;
use crate::test_bed::{ChimeTestBed, Outcome};
use crate::types::{Type, seed, types};
use chime_simulator::TimeScale;
use chime_simulator::{Behaviour, Fault, FaultKind, Options};
use cloudformation_local::LogicalResource;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};

/// How long the function has for an event.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A stack with one resource type.
pub struct Stack {
    pub of: Type,
    pub bed: ChimeTestBed,
    pub resource: LogicalResource,
}

/// Declares a case: a test for each type, named after the case and the type. `with(…)` sets Chime's behaviour.
macro_rules! case {
    ($(#[$meta:meta])* async fn $case:ident($stack:ident) $body:block) => {
        case!(with(chime_simulator::Behaviour::default()) $(#[$meta])* async fn $case($stack) $body);
    };
    (with($behaviour:expr) $(#[$meta:meta])* async fn $case:ident($stack:ident) $body:block) => {
        $(#[$meta])*
        mod $case {
            #[allow(unused_imports)] // A case does not need all imports of its file.
            use super::*;

            async fn case($stack: $crate::harness::Stack) $body

            of_all_types!(tests!($behaviour));
        }
    };
}

/// The list of all tested types, as input for another macro.
macro_rules! of_all_types {
    ($make:ident!($($with:expr)?)) => {
        $make!($($with)?; app_instance, app_instance_user, app_instance_admin, app_instance_bot,
            app_instance_retention_settings, messaging_streaming_configurations, channel_flow, channel, channel_membership, channel_memberships,
            channel_moderator, channel_ban, channel_flow_association, app_instance_user_endpoint);
    };
}

/// Generates a test for each type. It runs the `case` of the enclosing module.
macro_rules! tests {
    ($behaviour:expr; $($type:ident),*) => {$(
        #[tokio::test]
        async fn $type() {
            case($crate::harness::Stack::of(stringify!($type), $behaviour)).await;
        }
    )*};
}

/// The names of the types, spelled like tests.
macro_rules! names {
    (; $($type:ident),*) => {
        pub const NAMES: &[&str] = &[$(stringify!($type)),*];
    };
}

of_all_types!(names!());

impl Stack {
    /// A stack for the type with this name, spelled like a test.
    pub fn of(name: &str, behaviour: Behaviour) -> Self {
        let of = types().into_iter().find(|of| snake_case(of.name) == name).expect("a type");
        Self::start(of, behaviour)
    }

    pub fn start(of: Type, behaviour: Behaviour) -> Self {
        let options = Options { behaviour, seed: seed(), time_scale: TimeScale::times(pace()), ..Options::default() };
        let bed = ChimeTestBed::start(options).expect("it starts").with_timeout(TIMEOUT);
        Self { resource: LogicalResource::new(&of.resource_type()), of, bed }
    }

    /// The same stack with a new Chime.
    pub fn with_behaviour(&self, behaviour: Behaviour) -> Self {
        Self::of(&snake_case(self.of.name), behaviour)
    }

    /// Sets the timeout for each event in seconds.
    pub fn with_timeout(self, seconds: u64) -> Self {
        Self { bed: self.bed.with_timeout(Duration::from_secs(seconds)), ..self }
    }

    pub fn inject(&self, fault: Fault) {
        self.bed.simulator.inject(fault);
    }

    /// Makes every call of the create operation fail with `kind`.
    pub fn fail_creates(&self, kind: FaultKind) {
        self.inject(Fault::always(self.of.create_operation, kind));
    }

    pub fn clear_faults(&self) {
        self.bed.simulator.clear_faults();
    }

    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.bed.simulator.set_behaviour(behaviour);
    }

    /// Sends an event that was sent `seconds` ago by the clock. Repeated deliveries keep that time.
    pub async fn send_late(&self, event: &Value, seconds: u64) -> Outcome {
        let sent = SystemTime::now() - Duration::from_secs(seconds);
        self.checked(self.bed.invoke_sent(event, sent).await)
    }

    fn checked(&self, outcome: Outcome) -> Outcome {
        assert_eq!(outcome.failure, None, "{}", self.of.name);
        assert_eq!(outcome.problems, Vec::<String>::new(), "{}", self.of.name);
        outcome
    }

    pub async fn send(&self, event: &Value) -> Outcome {
        self.checked(self.bed.invoke(event).await)
    }

    /// Sends an event that must succeed.
    pub async fn succeed(&self, event: &Value) -> Outcome {
        let outcome = self.send(event).await;
        assert_eq!(outcome.status(), "SUCCESS", "{}: {}", self.of.name, outcome.reason());
        outcome
    }

    /// Sends an event that must fail.
    pub async fn fail(&self, event: &Value) -> Outcome {
        let outcome = self.send(event).await;
        assert_eq!(outcome.status(), "FAILED", "{}: {}", self.of.name, event["RequestType"]);
        assert!(outcome.reason().contains("Log: /aws/lambda/"), "{}", outcome.reason());
        outcome
    }

    /// Creates the resource with the type's first properties. Returns its id.
    pub async fn create(&self) -> String {
        self.succeed(&self.resource.create(&self.of.properties)).await.id().to_owned()
    }

    /// Chime's contents. Generated ids are replaced by `<uuid>`, and times in marks by `<time>`.
    pub fn holds(&self) -> Value {
        without_uuids(self.bed.simulator.holds())
    }

    /// Chime's contents if the resource had been created with these properties from the start.
    pub async fn would_hold(&self, properties: &Value) -> Value {
        let other = self.with_behaviour(Behaviour::default());
        other.succeed(&other.resource.create(properties)).await;
        other.holds()
    }

    /// Asserts that nothing is left of the resource.
    pub fn assert_nothing_left(&self) {
        assert_eq!(self.holds(), seed_as_held(), "{}", self.of.name);
    }
}

/// The seed as the simulator returns it.
pub fn seed_as_held() -> Value {
    let options = Options { seed: seed(), ..Options::default() };
    ChimeTestBed::start(options).expect("it starts").simulator.holds()
}

pub fn without_uuids(json: Value) -> Value {
    match json {
        Value::String(text) => Value::String(text.split('/').map(without_uuid).collect::<Vec<_>>().join("/")),
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(without_uuids).collect();
            // Tags have no order. Other lists do.
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
    let is_time = |part: &str| part.len() == 10 && part.bytes().all(|c| c.is_ascii_digit());
    let is_uuid = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    // The note of a request says when it was sent.
    let is_cause = part.split_once('@').is_some_and(|(request, time)| is_uuid(request) && is_time(time));
    if is_uuid(part) || is_cause {
        "<uuid>"
    } else if is_time(part) {
        "<time>"
    } else {
        part
    }
}

/// A type's name in the spelling of a test: `ChimeChannelFlow` becomes `channel_flow`.
pub fn snake_case(name: &str) -> String {
    let words = name.trim_start_matches("Chime").chars().flat_map(|c| {
        let parts = if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] };
        parts.into_iter()
    });
    words.collect::<String>().trim_start_matches('_').to_owned()
}

/// The changing operations that were called, in order.
pub fn changing(outcome: &Outcome) -> Vec<&str> {
    outcome.calls.iter().filter(|call| call.changing).map(|call| call.operation.as_str()).collect()
}

/// The attributes in the response.
pub fn data(outcome: &Outcome) -> Value {
    outcome.answer.as_ref().expect("an answer")["Data"].clone()
}

/// Waits so many seconds of the function's time.
pub async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds) / pace()).await;
}

/// A stopwatch in the function's time.
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn seconds(&self) -> u64 {
        (self.0.elapsed() * pace()).as_secs()
    }
}

#[test]
fn every_registered_type_has_its_tests() {
    let tested: Vec<_> = types().iter().map(|of| of.name).collect();
    assert_eq!(tested, chime_messaging_resources::registry::types());
    assert_eq!(tested.into_iter().map(snake_case).collect::<Vec<_>>(), NAMES);
}
