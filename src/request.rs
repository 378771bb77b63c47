//! The envelope of a request: strict about what an answer needs, incurious about the properties.
//!
//! The envelope is read first and the properties are left as JSON. Were they read together, one bad property would lose the
//! ResponseURL, and the stack would wait an hour for an answer that nobody could give.

use crate::cdk::Construct;
use crate::properties::{Problems, scalar};
use aws_lambda_events::event::cloudformation::CloudFormationCustomResourceRequest as Envelope;
use serde_json::{Value as Json, json};
use std::fmt;
use std::time::Duration;

/// What CloudFormation asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make it.
    Create,
    /// Bring it from the old properties to the new.
    Update {
        /// What it is called now.
        physical_resource_id: String,
        /// The properties that CloudFormation believes it to have.
        old_properties: Json,
    },
    /// Remove it.
    Delete {
        /// What it is called.
        physical_resource_id: String,
    },
}

/// A request about one resource of a stack.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub action: Action,
    /// CloudFormation's id of this request.
    pub request_id: String,
    /// The stack.
    pub stack_id: StackId,
    /// The resource's name in the template.
    pub logical_resource_id: String,
    /// The type's name without the leading `Custom::`.
    pub resource_type: String,
    /// The properties as the template states them, in the spelling of the Chime API.
    pub properties: Json,
    /// Where the answer goes.
    pub response_url: ResponseUrl,
    /// The construct that the request came from, if it is in the second dialect.
    pub construct: Option<Construct>,
    /// How long CloudFormation waits, if the template says so.
    pub service_timeout: Option<Duration>,
}

/// An event that is no request, as far as it can be answered.
#[derive(Debug)]
pub struct Unreadable {
    /// What is wrong with it.
    pub problems: Problems,
    /// The request as far as it could be read, if an answer could reach CloudFormation.
    pub request: Option<Box<Request>>,
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// The event is not a request of CloudFormation, or names a construct that there is none of. If it holds all that an
    /// answer needs, it can be answered nevertheless.
    pub fn read(mut event: Json) -> Result<Self, Unreadable> {
        if let Some(event) = event.as_object_mut() {
            // A Delete must not fail for want of properties, and nothing that needs them misses their absence.
            for properties in ["ResourceProperties", "OldResourceProperties"] {
                event.entry(properties).or_insert_with(|| json!({}));
            }
        }
        if !event.is_object() {
            // Said without the reader's help, which would repeat the event.
            return Err(Unreadable { problems: Problems::of("The event is not a JSON object"), request: None });
        }
        let fallback = Self::salvage(&event);
        let service_timeout = service_timeout(&event);
        let request = match serde_json::from_value(event).map(Self::flat) {
            Ok(Some(request)) => Self { service_timeout, ..request },
            Ok(None) => {
                return Err(Unreadable {
                    problems: Problems::of("The RequestType is not one that is known"),
                    request: fallback,
                });
            }
            Err(error) => {
                let problems = Problems::of(format!("The event is not a request of CloudFormation: {error}"));
                return Err(Unreadable { problems, request: fallback });
            }
        };
        Construct::translate(request).map_err(|(request, problems)| Unreadable { problems, request: Some(request) })
    }

    /// One flat request from an envelope of three variants that share all but two members.
    fn flat(envelope: Envelope) -> Option<Self> {
        macro_rules! request {
            ($envelope:expr, $action:expr) => {
                Some(Self {
                    action: $action,
                    request_id: $envelope.request_id,
                    stack_id: StackId($envelope.stack_id),
                    logical_resource_id: $envelope.logical_resource_id,
                    resource_type: type_name(&$envelope.resource_type).to_owned(),
                    properties: $envelope.resource_properties,
                    response_url: ResponseUrl($envelope.response_url),
                    construct: None,
                    service_timeout: None,
                })
            };
        }
        match envelope {
            Envelope::Create(create) => request!(create, Action::Create),
            Envelope::Update(update) => {
                let (physical_resource_id, old_properties) =
                    (update.physical_resource_id, update.old_resource_properties);
                request!(update, Action::Update { physical_resource_id, old_properties })
            }
            Envelope::Delete(delete) => {
                let physical_resource_id = delete.physical_resource_id;
                request!(delete, Action::Delete { physical_resource_id })
            }
            // The enum is open to kinds of requests that CloudFormation may come to send.
            _ => None,
        }
    }

    /// The least that an answer needs, from an event that is not a request.
    fn salvage(event: &Json) -> Option<Box<Self>> {
        let text = |name: &str| event.get(name).and_then(Json::as_str).map(str::to_owned);
        Some(Box::new(Self {
            action: match (text("PhysicalResourceId"), text("RequestType").as_deref()) {
                (Some(physical_resource_id), Some("Delete")) => Action::Delete { physical_resource_id },
                (Some(physical_resource_id), _) => Action::Update { physical_resource_id, old_properties: Json::Null },
                (None, _) => Action::Create,
            },
            request_id: text("RequestId")?,
            stack_id: StackId(text("StackId")?),
            logical_resource_id: text("LogicalResourceId")?,
            resource_type: text("ResourceType").unwrap_or_default(),
            properties: Json::Null,
            response_url: ResponseUrl(text("ResponseURL")?),
            construct: None,
            service_timeout: service_timeout(event),
        }))
    }

    /// The id that CloudFormation knows the resource by; none before it is created.
    pub fn physical_resource_id(&self) -> Option<&str> {
        match &self.action {
            Action::Create => None,
            Action::Update { physical_resource_id, .. } | Action::Delete { physical_resource_id } => {
                Some(physical_resource_id)
            }
        }
    }

    /// The request's kind, as CloudFormation names it.
    pub fn request_type(&self) -> &'static str {
        match self.action {
            Action::Create => "Create",
            Action::Update { .. } => "Update",
            Action::Delete { .. } => "Delete",
        }
    }

    /// `text` without anything of the properties that is nobody's business, should Chime have repeated it.
    pub fn redact(&self, text: &str) -> String {
        let old = match &self.action {
            Action::Update { old_properties, .. } => Some(old_properties),
            Action::Create | Action::Delete { .. } => None,
        };
        let mut secrets = Vec::new();
        [Some(&self.properties), old].into_iter().flatten().for_each(|json| collect_secrets(json, &mut secrets));
        secrets.iter().fold(text.to_owned(), |text, secret| {
            let in_json = serde_json::to_string(secret).unwrap_or_default();
            hide(&hide(&text, secret), in_json.trim_matches('"'))
        })
    }
}

/// `text` without `secret`, and without the beginning of it where somebody has cut it short.
fn hide(text: &str, secret: &str) -> String {
    let beginning = secret.char_indices().nth(SHORTEST_CUT).map_or(secret, |(end, _)| &secret[..end]);
    let mut hidden = String::new();
    let mut rest = text;
    while let Some((before, _)) = rest.split_once(beginning) {
        let found = &rest[before.len()..];
        let same = found.chars().zip(secret.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        hidden.push_str(before);
        hidden.push_str("[hidden]");
        rest = &found[same..];
    }
    hidden + rest
}

/// How many characters of a secret give it away.
const SHORTEST_CUT: usize = 12;

/// Below this length a secret is part of too many words, and gives nothing away.
const SHORTEST_SECRET: usize = 4;

fn collect_secrets<'a>(json: &'a Json, secrets: &mut Vec<&'a str>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(name, value)| match value {
            Json::String(text) if ["Metadata", "DeviceToken", "VoipDeviceToken"].contains(&name.as_str()) => {
                secrets.extend(Some(text.as_str()).filter(|text| text.len() >= SHORTEST_SECRET));
            }
            _ => collect_secrets(value, secrets),
        }),
        Json::Array(items) => items.iter().for_each(|item| collect_secrets(item, secrets)),
        _ => {}
    }
}

/// The ServiceTimeout of a template, which stands in the event, and among the properties as well.
fn service_timeout(event: &Json) -> Option<Duration> {
    let stated = event.get("ServiceTimeout").or_else(|| event.get("ResourceProperties")?.get("ServiceTimeout"))?;
    scalar(stated)?.parse().ok().map(Duration::from_secs)
}

fn type_name(resource_type: &str) -> &str {
    resource_type.strip_prefix("Custom::").unwrap_or(resource_type)
}

/// A stack's id: `arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<uuid>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackId(String);

impl StackId {
    /// The id of a stack, as CloudFormation sends it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as CloudFormation sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn field(&self, at: usize) -> &str {
        self.0.split(':').nth(at).unwrap_or_default()
    }

    /// The partition of the stack's region.
    pub fn partition(&self) -> &str {
        self.field(1)
    }

    /// The stack's region.
    pub fn region(&self) -> &str {
        self.field(3)
    }

    /// The stack's name.
    pub fn stack_name(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
}

/// The presigned URL that takes the answer. Its query is a credential: neither `Debug` nor anything else here shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseUrl(String);

impl ResponseUrl {
    /// A URL, as CloudFormation sends it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The whole URL, for the one who sends the answer.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?…", self.0.split('?').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Json {
        json!({
            "RequestType": "Update", "RequestId": "r", "ResponseURL": "https://host/path?X-Amz-Signature=secret",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid", "LogicalResourceId": "App",
            "PhysicalResourceId": "id", "ResourceType": "Custom::ChimeAppInstance",
            "ResourceProperties": {"Metadata": "something secret"}, "OldResourceProperties": {"Metadata": "older secret"},
        })
    }

    #[test]
    fn an_event_without_properties_is_a_request_all_the_same() {
        let mut event = event();
        event.as_object_mut().expect("a map").remove("ResourceProperties");
        assert_eq!(Request::read(event).expect("a request").properties, json!({}));
    }

    #[test]
    fn an_event_that_is_no_request_can_be_answered_if_it_says_where() {
        let mut event = event();
        event["RequestType"] = json!("DELETE");
        let unreadable = Request::read(event.clone()).expect_err("no such request");
        assert!(unreadable.problems.to_string().contains("DELETE"), "{}", unreadable.problems);
        let request = unreadable.request.expect("it can be answered");
        assert_eq!((request.request_id.as_str(), request.physical_resource_id()), ("r", Some("id")));
        event.as_object_mut().expect("a map").remove("ResponseURL");
        assert!(Request::read(event).expect_err("no such request").request.is_none());
    }

    #[test]
    fn a_stacks_id_says_its_name_region_and_partition() {
        let request = Request::read(event()).expect("a request");
        let stack = request.stack_id;
        assert_eq!((stack.stack_name(), stack.region(), stack.partition()), ("chat", "us-east-1", "aws"));
        assert_eq!(StackId::new("nonsense").region(), "");
    }

    #[test]
    fn what_is_nobodys_business_is_not_shown() {
        let request = Request::read(event()).expect("a request");
        assert!(!format!("{:?}", request.response_url).contains("secret"));
        assert_eq!(request.redact("Value 'something secret', was 'older secret'"), "Value '[hidden]', was '[hidden]'");
        assert_eq!(request.redact("Value 'something se...' is odd"), "Value '[hidden]...' is odd");
        let quoted = Request { properties: json!({"Metadata": "{\"a\": \"secret\"}"}), ..request };
        assert_eq!(quoted.redact(r#"Value "{\"a\": \"secret\"}" is odd"#), "Value \"[hidden]\" is odd");
    }

    #[test]
    fn an_event_that_is_no_object_is_not_repeated() {
        let event = json!("{\"ResponseURL\": \"https://host/?X-Amz-Signature=secret\"}");
        let unreadable = Request::read(event).expect_err("no request");
        assert_eq!(unreadable.problems.to_string(), "The event is not a JSON object");
    }

    #[test]
    fn an_update_that_cannot_be_read_is_not_taken_for_a_delete() {
        let mut event = event();
        event["ResourceType"] = Json::Null;
        let request = Request::read(event).expect_err("no request").request.expect("it can be answered");
        assert_eq!(request.request_type(), "Update");
    }

    #[test]
    fn a_service_timeout_is_read_from_the_event_or_the_properties() {
        let mut event = event();
        assert_eq!(Request::read(event.clone()).expect("a request").service_timeout, None);
        event["ResourceProperties"]["ServiceTimeout"] = json!("60");
        assert_eq!(Request::read(event).expect("a request").service_timeout, Some(Duration::from_secs(60)));
    }
}
