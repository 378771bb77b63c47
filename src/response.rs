//! The answer to CloudFormation, fitted into the 4096 bytes that it reads.

use crate::request::Request;
use serde_json::{Map, Value as Json, json};

/// The most bytes that CloudFormation reads of an answer.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>
pub const MAX_BYTES: usize = 4096;

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The id of the resource, or of what could have been one.
    pub physical_resource_id: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should, with all attributes.
    Success(Vec<(&'static str, String)>),
    /// Badly: what failed, why, and what to do.
    Failed(String),
}

impl Response {
    /// A resource that is as it should be.
    pub fn success(id: impl Into<String>, attributes: Vec<(&'static str, String)>) -> Self {
        Self { physical_resource_id: id.into(), outcome: Outcome::Success(attributes) }
    }

    /// A failure.
    pub fn failed(id: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { physical_resource_id: id.into(), outcome: Outcome::Failed(reason.into()) }
    }

    /// `SUCCESS` or `FAILED`.
    pub fn status(&self) -> &'static str {
        match self.outcome {
            Outcome::Success(_) => "SUCCESS",
            Outcome::Failed(_) => "FAILED",
        }
    }

    /// What failed, why, and what to do; nothing after a success.
    pub fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Success(_) => "",
            Outcome::Failed(reason) => reason,
        }
    }

    /// The body of the answer. The reason ends with `log`, and is shortened before that to what fits.
    ///
    /// The ids and attributes of our types and CloudFormation's own ids take less than 3 KiB together. An event with ids beyond
    /// CloudFormation's limits is answered in more than [`MAX_BYTES`].
    pub fn body(&self, request: &Request, log: &str) -> Vec<u8> {
        let reason = match &self.outcome {
            Outcome::Success(_) => String::new(),
            Outcome::Failed(reason) => {
                let rest = self.body_with(request, "").len();
                let tail = format!(" {log}");
                let room = MAX_BYTES.saturating_sub(rest + escaped(&tail));
                format!("{}{tail}", shortened(reason, room))
            }
        };
        self.body_with(request, &reason)
    }

    fn body_with(&self, request: &Request, reason: &str) -> Vec<u8> {
        let mut body = json!({
            "Status": self.status(),
            "PhysicalResourceId": self.physical_resource_id,
            "StackId": request.stack_id.as_str(),
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_resource_id,
        });
        match &self.outcome {
            Outcome::Failed(_) => body["Reason"] = json!(reason),
            Outcome::Success(attributes) => {
                let data = attributes.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
                body["Data"] = Json::Object(data.collect::<Map<_, _>>());
            }
        }
        body.to_string().into_bytes()
    }
}

/// The bytes that `text` takes within a JSON string.
fn escaped(text: &str) -> usize {
    text.chars().map(escaped_char).sum()
}

fn escaped_char(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// `text`, or as many whole characters of its beginning as take up at most `room` bytes of JSON with an ellipsis.
fn shortened(text: &str, room: usize) -> String {
    if escaped(text) <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub('…'.len_utf8());
    let within = |used: &mut usize, c: char| {
        *used += escaped_char(c);
        (*used <= room).then_some(c)
    };
    text.chars().scan(0, within).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    fn request() -> Request {
        Request::read(json!({
            "RequestType": "Create", "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": "Custom::ChimeAppInstance", "ResourceProperties": {},
        }))
        .expect("a request")
    }

    fn body(reason: &str) -> (usize, String) {
        let body = Response::failed("id", reason).body(&request(), "Log: group/stream");
        let json: Json = serde_json::from_slice(&body).expect("JSON");
        (body.len(), json["Reason"].as_str().expect("a reason").to_owned())
    }

    #[test]
    fn a_reason_is_shortened_on_a_character_boundary_and_keeps_where_the_log_is() {
        for unit in ["a", "\"", "\\", "\n", "\u{1}", "ä", "€", "😀", "a\"€\u{2}😀"] {
            let (length, reason) = body(&unit.repeat(5000));
            assert!(length <= MAX_BYTES && length > MAX_BYTES - 8, "{unit:?}: {length}");
            assert!(reason.ends_with("… Log: group/stream"), "{reason}");
        }
    }

    #[test]
    fn a_reason_that_just_fits_is_whole_and_one_byte_more_is_not() {
        let (length, _) = body("");
        let just = "a".repeat(MAX_BYTES - length);
        assert_eq!(body(&just).0, MAX_BYTES);
        assert!(body(&just).1.starts_with(&just));
        let (length, reason) = body(&format!("{just}a"));
        assert!(length <= MAX_BYTES && reason.contains('…'));
    }

    #[test]
    fn a_success_has_attributes_and_no_reason() {
        let body = Response::success("id", vec![("Name", "value".into())]).body(&request(), "log");
        let json: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            json,
            json!({"Status": "SUCCESS", "PhysicalResourceId": "id", "StackId": "s", "RequestId": "r",
            "LogicalResourceId": "l", "Data": {"Name": "value"}})
        );
    }
}
