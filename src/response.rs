//! The answer to CloudFormation, fitted into the 4096 bytes that it reads.

pub mod delivery;
pub mod redaction;
pub mod response_url_policy;

use crate::chime::error::Error;
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
    /// Badly.
    Failed {
        /// What failed, why, and what to do: for the stack's author.
        reason: String,
        /// The same with all that it came from: for the log.
        detail: String,
    },
}

impl Response {
    /// A resource that is as it should be.
    pub fn success(id: impl Into<String>, attributes: Vec<(&'static str, String)>) -> Self {
        Self { physical_resource_id: id.into(), outcome: Outcome::Success(attributes) }
    }

    /// A failure.
    pub fn failed(id: impl Into<String>, error: Error) -> Self {
        let outcome = Outcome::Failed { reason: error.reason(), detail: error.to_string() };
        Self { physical_resource_id: id.into(), outcome }
    }

    /// A request that nothing was done for.
    pub fn rejected(id: impl Into<String>, reason: String) -> Self {
        let outcome = Outcome::Failed { detail: reason.clone(), reason };
        Self { physical_resource_id: id.into(), outcome }
    }

    /// The same, with every text of a failure as `redact` gives it.
    #[must_use]
    pub fn redacted(self, redact: impl Fn(&str) -> String) -> Self {
        let outcome = match self.outcome {
            Outcome::Failed { reason, detail } => Outcome::Failed { reason: redact(&reason), detail: redact(&detail) },
            success => success,
        };
        Self { outcome, ..self }
    }

    /// `SUCCESS` or `FAILED`.
    pub fn status(&self) -> &'static str {
        match self.outcome {
            Outcome::Success(_) => "SUCCESS",
            Outcome::Failed { .. } => "FAILED",
        }
    }

    /// What failed, why, and what to do; nothing after a success.
    pub fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Success(_) => "",
            Outcome::Failed { reason, .. } => reason,
        }
    }

    /// The reason with all that it came from; nothing after a success.
    pub fn detail(&self) -> &str {
        match &self.outcome {
            Outcome::Success(_) => "",
            Outcome::Failed { detail, .. } => detail,
        }
    }

    /// The body of the answer. The reason ends with `log`, if that is known, and is shortened before that to what fits.
    ///
    /// Ids are repeated as they are, up to four times the length that CloudFormation gives them. An event that has longer ones did not
    /// come from CloudFormation; it is answered with their beginnings.
    pub fn body(&self, request: &Request, log: &str) -> Vec<u8> {
        let whole = match &self.outcome {
            Outcome::Success(_) => self.body_with(request, ""),
            Outcome::Failed { reason, .. } => {
                let rest = self.body_with(request, "").len();
                let tail = if log.is_empty() { String::new() } else { format!(" {log}") };
                let room = MAX_BYTES.saturating_sub(rest + escaped(&tail));
                self.body_with(request, &format!("{}{tail}", truncate_json(reason, room)))
            }
        };
        if whole.len() <= MAX_BYTES {
            return whole;
        }
        let too_long = "The attributes, or where the log is, are too long for an answer to CloudFormation.";
        Self::rejected(self.physical_resource_id.clone(), too_long.to_owned()).body_with(request, too_long)
    }

    fn body_with(&self, request: &Request, reason: &str) -> Vec<u8> {
        let mut body = json!({
            "Status": self.status(),
            "PhysicalResourceId": truncate_json(&self.physical_resource_id, LONGEST_PHYSICAL_ID),
            "StackId": truncate_json(request.stack_id.as_str(), LONGEST_ID),
            "RequestId": truncate_json(request.request_id.as_str(), LONGEST_ID),
            "LogicalResourceId": truncate_json(request.logical_id.as_str(), LONGEST_ID),
        });
        match &self.outcome {
            Outcome::Failed { .. } => body["Reason"] = json!(reason),
            Outcome::Success(attributes) => {
                let find = |name: &str| attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| value);
                let aliases = request.aliases.iter().filter_map(|(alias, name)| Some((*alias, find(name)?)));
                let all = attributes.iter().map(|(name, value)| (*name, value)).chain(aliases);
                let data = all.map(|(name, value)| (name.to_owned(), json!(value)));
                body["Data"] = Json::Object(data.collect::<Map<_, _>>());
            }
        }
        body.to_string().into_bytes()
    }
}

/// A physical id is at most 1 KB.
const LONGEST_PHYSICAL_ID: usize = 1024;

/// Logical ids are at most 255 characters, and the others shorter.
const LONGEST_ID: usize = 512;

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
fn truncate_json(text: &str, room: usize) -> String {
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
    use crate::request::logical_id::LogicalId;
    use crate::request::request_id::RequestId;

    fn request() -> Request {
        let event = json!({
            "RequestType": "Create", "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": "Custom::ChimeAppInstance", "ResourceProperties": {},
        });
        Request::read(&event.to_string()).expect("a request")
    }

    fn body(reason: &str) -> (usize, String) {
        let body = Response::rejected("id", reason.to_owned()).body(&request(), "Log: group/stream");
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
    fn a_reason_without_a_log_ends_as_it_is() {
        let body = Response::rejected("id", "why".to_owned()).body(&request(), "");
        let json: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["Reason"], "why");
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

    #[test]
    fn an_attribute_comes_under_its_aliases_too() {
        let request = Request { aliases: &[("name", "Name"), ("other", "Other")], ..request() };
        let body = Response::success("id", vec![("Name", "value".into())]).body(&request, "log");
        let json: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["Data"], json!({"Name": "value", "name": "value"}));
    }

    #[test]
    fn ids_beyond_cloudformations_limits_fit_too() {
        let long = "\u{1}é".repeat(3000);
        let request =
            Request { request_id: RequestId::new(long.clone()), logical_id: LogicalId::new(long.clone()), ..request() };
        for response in [
            Response::rejected(long.clone(), long.clone()),
            Response::success(long.clone(), Vec::new()),
            Response::success("id", vec![("Name", long.clone())]),
        ] {
            let body = response.body(&request, "log");
            assert!(body.len() <= MAX_BYTES, "{}", body.len());
            assert!(serde_json::from_slice::<Json>(&body).is_ok());
        }
    }
}
