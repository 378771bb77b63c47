//! The response to CloudFormation, limited to the 4096 bytes that CloudFormation reads.

pub mod delivery;
pub mod redaction;
pub mod response_url_policy;

use crate::chime::error::Error;
use crate::request::Request;
use serde_json::{Map, Value as Json, json};

/// The maximum size of a response.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>
pub const MAX_BYTES: usize = 4096;

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The physical id. After a failed create it may not name an existing resource.
    pub physical_resource_id: String,
    /// Success or failure.
    pub outcome: Outcome,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded, with these attributes.
    Success(Vec<(&'static str, String)>),
    /// It failed.
    Failed {
        /// What failed, why, and what to do. For the stack's author.
        reason: String,
        /// The same with all underlying errors. For the log.
        detail: String,
    },
}

impl Response {
    /// A successful request.
    pub fn success(id: impl Into<String>, attributes: Vec<(&'static str, String)>) -> Self {
        Self { physical_resource_id: id.into(), outcome: Outcome::Success(attributes) }
    }

    /// A failed request.
    pub fn failed(id: impl Into<String>, error: Error) -> Self {
        let outcome = Outcome::Failed { reason: error.reason(), detail: error.to_string() };
        Self { physical_resource_id: id.into(), outcome }
    }

    /// A request that was rejected before anything was done.
    pub fn rejected(id: impl Into<String>, reason: String) -> Self {
        let outcome = Outcome::Failed { detail: reason.clone(), reason };
        Self { physical_resource_id: id.into(), outcome }
    }

    /// Applies `change` to every text of a failure.
    #[must_use]
    pub fn map_texts(self, change: impl Fn(&str) -> String) -> Self {
        let outcome = match self.outcome {
            Outcome::Failed { reason, detail } => Outcome::Failed { reason: change(&reason), detail: change(&detail) },
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

    /// What failed, why, and what to do. Empty after a success.
    pub fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Success(_) => "",
            Outcome::Failed { reason, .. } => reason,
        }
    }

    /// The reason with all underlying errors. Empty after a success.
    pub fn detail(&self) -> &str {
        match &self.outcome {
            Outcome::Success(_) => "",
            Outcome::Failed { detail, .. } => detail,
        }
    }

    /// The body of the response. The reason ends with `log`, the log location, and is shortened before it to fit.
    ///
    /// Ids are repeated unchanged up to several times the length that CloudFormation uses. An event with longer ids did
    /// not come from CloudFormation, and the response truncates them.
    pub fn body(&self, request: &Request, log: &str) -> Vec<u8> {
        let full = match &self.outcome {
            Outcome::Success(_) => self.body_with(request, ""),
            Outcome::Failed { reason, .. } => {
                let rest = self.body_with(request, "").len();
                let tail = if log.is_empty() { String::new() } else { format!(" {log}") };
                let room = MAX_BYTES.saturating_sub(rest + escaped_len(&tail));
                self.body_with(request, &format!("{}{tail}", truncate_json(reason, room)))
            }
        };
        if full.len() <= MAX_BYTES {
            return full;
        }
        let too_long = "The attributes or the log location are too long for a CloudFormation response.";
        Self::rejected(self.physical_resource_id.clone(), too_long.to_owned()).body_with(request, too_long)
    }

    fn body_with(&self, request: &Request, reason: &str) -> Vec<u8> {
        let mut body = json!({
            "Status": self.status(),
            "PhysicalResourceId": truncate_json(&self.physical_resource_id, MAX_PHYSICAL_ID),
            "StackId": truncate_json(request.stack_id.as_str(), MAX_ID),
            "RequestId": truncate_json(request.request_id.as_str(), MAX_ID),
            "LogicalResourceId": truncate_json(request.logical_id.as_str(), MAX_ID),
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

/// CloudFormation limits physical ids to 1 KB.
const MAX_PHYSICAL_ID: usize = 1024;

/// Logical ids have at most 255 characters, and the other ids are shorter.
const MAX_ID: usize = 512;

/// How many bytes `text` takes within a JSON string.
fn escaped_len(text: &str) -> usize {
    text.chars().map(escaped_char_len).sum()
}

fn escaped_char_len(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// `text` if it fits into `room` bytes of JSON. Otherwise as many whole characters as fit, followed by an ellipsis.
fn truncate_json(text: &str, room: usize) -> String {
    if escaped_len(text) <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub('…'.len_utf8());
    let within = |used: &mut usize, c: char| {
        *used += escaped_char_len(c);
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
    fn a_reason_is_truncated_on_a_character_boundary_and_keeps_the_log_location() {
        for unit in ["a", "\"", "\\", "\n", "\u{1}", "ä", "€", "😀", "a\"€\u{2}😀"] {
            let (length, reason) = body(&unit.repeat(5000));
            assert!(length <= MAX_BYTES && length > MAX_BYTES - 8, "{unit:?}: {length}");
            assert!(reason.ends_with("… Log: group/stream"), "{reason}");
        }
    }

    #[test]
    fn a_reason_that_just_fits_is_kept_and_one_byte_more_is_truncated() {
        let (length, _) = body("");
        let fitting = "a".repeat(MAX_BYTES - length);
        assert_eq!(body(&fitting).0, MAX_BYTES);
        assert!(body(&fitting).1.starts_with(&fitting));
        let (length, reason) = body(&format!("{fitting}a"));
        assert!(length <= MAX_BYTES && reason.contains('…'));
    }

    #[test]
    fn a_reason_without_a_log_location_is_unchanged() {
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
    fn an_attribute_is_also_returned_under_its_aliases() {
        let request = Request { aliases: &[("name", "Name"), ("other", "Other")], ..request() };
        let body = Response::success("id", vec![("Name", "value".into())]).body(&request, "log");
        let json: Json = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["Data"], json!({"Name": "value", "name": "value"}));
    }

    #[test]
    fn a_response_with_oversized_ids_still_fits() {
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
