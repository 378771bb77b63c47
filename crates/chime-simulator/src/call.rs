//! The log of calls.

use crate::millis;
use crate::model::Service;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::time::Duration;

/// One request to one of the two APIs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Since the start of the simulator.
    #[serde(rename = "at_ms", with = "millis")]
    pub at: Duration,
    /// Which API. Both have the three operations on tags: there the client's `x-amz-user-agent` decides, or else the kind of resource.
    pub service: Service,
    /// The operation's name; empty if the path belongs to none.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The HTTP status; none if the request got no answer.
    pub status: Option<u16>,
    /// The name of the exception in the answer, such as `ConflictException`.
    pub error: Option<String>,
    /// The message of that exception.
    pub message: Option<String>,
    /// The answer's `x-amzn-RequestId`.
    pub request_id: String,
    /// The members of the request, from path, query, headers and body.
    pub input: Json,
    /// The name of the injected fault, if there was one.
    pub fault: Option<String>,
    /// Whether the operation changes anything: all do but Describe, Get, List and Search.
    pub changing: bool,
    /// The time from the complete request to the decision, without injected delays.
    #[serde(rename = "duration_us", with = "micros")]
    pub duration: Duration,
}

impl Call {
    /// Whether its path or its input contains this text.
    pub(crate) fn is_about(&self, text: &str) -> bool {
        let path = percent_decode_str(&self.path).decode_utf8_lossy();
        path.contains(text) || self.input.to_string().contains(text)
    }
}

/// Whether an operation of this name changes anything.
pub(crate) fn is_change(operation: &str) -> bool {
    !["Describe", "Get", "List", "Search"].iter().any(|verb| operation.starts_with(verb))
}

mod micros {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        (time.as_micros() as u64).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Apis;

    #[test]
    fn only_get_and_search_do_not_change_anything() {
        let apis = Apis::load().unwrap();
        for model in [&apis.identity, &apis.messaging] {
            for (name, operation) in &model.operations {
                let reads = operation.method == "GET" || name == "SearchChannels";
                assert_eq!(is_change(name), !reads, "{name}");
            }
        }
    }
}
