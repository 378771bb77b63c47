//! What arrives in the bucket, and how the bucket reacts.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::time::Duration;

/// One request to the bucket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// The request that it answers: as registered, or else as the body says.
    pub request_id: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// In the order of arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The body as JSON; null if it is not JSON.
    pub answer: Json,
    /// Why the bucket or CloudFormation would reject it; empty if they would not.
    pub problems: Vec<String>,
    /// The status of the reply, even if that was lost; none if there was no reply.
    pub answered_status: Option<u16>,
}

impl Delivery {
    /// Whether the bucket stored it and CloudFormation would accept it.
    pub fn accepted(&self) -> bool {
        self.stored() && self.problems.is_empty()
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Json> {
        (!self.answer.is_null()).then(|| self.answer.clone())
    }

    /// Whether the bucket stored it.
    pub fn stored(&self) -> bool {
        self.answered_status.is_some_and(|status| status < 300)
    }
}

/// What the bucket does with a request instead of storing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reaction {
    /// Replies with this status.
    Status(u16),
    /// Replies with 307 and this address.
    Redirect(String),
    /// Closes the connection after this time, without a reply.
    Hang(Duration),
    /// Resets the connection.
    Reset,
    /// Stores it, and resets the connection before the reply.
    Lost,
    /// Stores it, and sends the reply's body byte by byte with such pauses.
    Drip(Duration),
}
