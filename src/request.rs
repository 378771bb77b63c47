//! CloudFormation requests. Parsing is strict about what a response needs and ignores the contents of the properties.
//!
//! The envelope is parsed first, and the properties stay JSON. If both were parsed together, one invalid property would
//! lose the ResponseURL, and the stack would wait an hour for a response that nobody could send.

pub mod cause;
pub mod clock;
pub mod envelope;
pub mod logical_id;
pub mod request_id;
pub mod response_url;
pub mod stack_id;

use crate::properties::problems::{Problems, scalar};
use crate::request::clock::RequestClock;
use crate::request::envelope::{Fields, UnreadableField, fields};
use crate::request::logical_id::LogicalId;
use crate::request::request_id::RequestId;
use crate::request::response_url::ResponseUrl;
use crate::request::stack_id::StackId;
use aws_lambda_events::event::cloudformation::CloudFormationCustomResourceRequest as Envelope;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// What CloudFormation asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Create the resource.
    Create,
    /// Change the resource from the old properties to the new ones.
    Update {
        /// The current physical id.
        physical_id: String,
        /// The properties that CloudFormation believes the resource has.
        old_properties: Json,
        /// Whether the old properties can be trusted.
        reliability: Reliability,
    },
    /// Delete the resource.
    Delete {
        /// The physical id.
        physical_id: String,
    },
}

impl Action {
    /// The physical id that CloudFormation knows. A Create has none.
    pub fn physical_id(&self) -> Option<&str> {
        match self {
            Self::Create => None,
            Self::Update { physical_id, .. } | Self::Delete { physical_id } => Some(physical_id),
        }
    }
}

/// Whether the old properties of an Update describe the resource as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliability {
    /// They do.
    Reliable,
    /// They may not. CloudFormation sends old and new properties that are identical only after a failure, and then only
    /// Chime knows the resource's actual state.
    Unreliable,
}

/// A request about one resource of a stack.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub action: Action,
    /// CloudFormation's id for this request.
    pub request_id: RequestId,
    /// The stack.
    pub stack_id: StackId,
    /// The resource's name in the template.
    pub logical_id: LogicalId,
    /// The type's name without the leading `Custom::`.
    pub resource_type: String,
    /// The template's properties, in the Chime API's spelling.
    pub properties: Json,
    /// Where the response goes.
    pub response_url: ResponseUrl,
    /// Additional attribute names in the response, each with the attribute that it stands for.
    pub aliases: &'static [(&'static str, &'static str)],
    /// When CloudFormation sent the request, and how long it waits for a response.
    pub clock: RequestClock,
}

/// An event that is not a valid request, with whatever is needed to respond to it.
#[derive(Debug)]
pub struct InvalidRequest {
    /// What is wrong with it.
    pub problems: Problems,
    /// The parts that could be read, if they are enough to send a response.
    pub request: Option<Box<Request>>,
}

impl Request {
    /// Parses an event.
    ///
    /// # Errors
    /// The event is not a CloudFormation request. If it contains everything that a response needs, the error carries a
    /// request to respond to.
    pub fn read(text: &str) -> Result<Self, InvalidRequest> {
        let Fields { mut read, mut unreadable } = match fields(text) {
            Ok(fields) => fields,
            Err(problem) => return Err(InvalidRequest { problems: Problems::of(problem), request: None }),
        };
        match read.get("RequestType").and_then(Json::as_str) {
            // A Delete only needs the physical id. Missing or unreadable properties must not make it fail.
            Some("Delete") => unreadable.clear(),
            // A rollback must not fail because of the properties it rolls back from.
            Some("Update") => unreadable.retain(|UnreadableField { name, .. }| name != "OldResourceProperties"),
            _ => {}
        }
        for properties in ["ResourceProperties", "OldResourceProperties"] {
            read.entry(properties).or_insert_with(|| json!({}));
        }
        let recovered = Self::recover(&read);
        if !unreadable.is_empty() {
            let problems: Vec<_> = unreadable.iter().map(ToString::to_string).collect();
            return Err(InvalidRequest { problems: Problems::of(problems.join("; ")), request: recovered });
        }
        let clock = clock(&read);
        match serde_json::from_value(Json::Object(read)).map(|envelope| Self::flatten(envelope, clock)) {
            Ok(Some(request)) => Ok(request),
            Ok(None) => {
                Err(InvalidRequest { problems: Problems::of("The RequestType is unknown"), request: recovered })
            }
            Err(error) => {
                let problems = Problems::of(format!("The event is not a CloudFormation request: {error}"));
                Err(InvalidRequest { problems, request: recovered })
            }
        }
    }

    /// Flattens the envelope, whose three variants share all but two fields.
    fn flatten(envelope: Envelope, clock: RequestClock) -> Option<Self> {
        macro_rules! request {
            ($envelope:expr, $action:expr) => {
                Some(Self {
                    action: $action,
                    request_id: RequestId::new($envelope.request_id),
                    stack_id: StackId::new($envelope.stack_id),
                    logical_id: LogicalId::new($envelope.logical_resource_id),
                    resource_type: type_name(&$envelope.resource_type).to_owned(),
                    properties: $envelope.resource_properties,
                    response_url: ResponseUrl::new($envelope.response_url),
                    aliases: &[],
                    clock,
                })
            };
        }
        match envelope {
            Envelope::Create(create) => request!(create, Action::Create),
            Envelope::Update(update) => {
                let (physical_id, old_properties) = (update.physical_resource_id, update.old_resource_properties);
                let is_identical = old_properties == update.resource_properties;
                let reliability = if is_identical { Reliability::Unreliable } else { Reliability::Reliable };
                request!(update, Action::Update { physical_id, old_properties, reliability })
            }
            Envelope::Delete(delete) => {
                let physical_id = delete.physical_resource_id;
                request!(delete, Action::Delete { physical_id })
            }
            // The enum is non-exhaustive: CloudFormation may add request types.
            _ => None,
        }
    }

    /// The fields that a response needs, from an event that is not a valid request.
    fn recover(event: &Map<String, Json>) -> Option<Box<Self>> {
        let text = |name: &str| event.get(name).and_then(Json::as_str).map(str::to_owned);
        Some(Box::new(Self {
            action: match (text("PhysicalResourceId"), text("RequestType").as_deref()) {
                (Some(physical_id), Some("Delete")) => Action::Delete { physical_id },
                (Some(physical_id), _) => {
                    Action::Update { physical_id, old_properties: Json::Null, reliability: Reliability::Unreliable }
                }
                (None, _) => Action::Create,
            },
            request_id: RequestId::new(text("RequestId")?),
            stack_id: StackId::new(text("StackId")?),
            logical_id: LogicalId::new(text("LogicalResourceId")?),
            resource_type: type_name(&text("ResourceType").unwrap_or_default()).to_owned(),
            properties: event.get("ResourceProperties").cloned().unwrap_or_default(),
            response_url: ResponseUrl::new(text("ResponseURL")?),
            aliases: &[],
            clock: clock(event),
        }))
    }

    /// The request type, as CloudFormation names it.
    pub fn request_type(&self) -> &'static str {
        match self.action {
            Action::Create => "Create",
            Action::Update { .. } => "Update",
            Action::Delete { .. } => "Delete",
        }
    }

    /// The old properties of an Update.
    pub fn old_properties(&self) -> Option<&Json> {
        match &self.action {
            Action::Update { old_properties, .. } => Some(old_properties),
            Action::Create | Action::Delete { .. } => None,
        }
    }
}

/// CloudFormation puts the ServiceTimeout into the event, and into the properties as well.
fn clock(event: &Map<String, Json>) -> RequestClock {
    let stated = event.get("ServiceTimeout").or_else(|| event.get("ResourceProperties")?.get("ServiceTimeout"));
    let seconds = stated.and_then(|stated| scalar(stated)?.parse().ok());
    let sent = event.get("ResponseURL").and_then(|url| ResponseUrl::new(url.as_str()?).signed_at());
    let stack_id = event.get("StackId").and_then(Json::as_str).map(StackId::new);
    RequestClock::new(sent, seconds.map(Duration::from_secs)).with_stack_created(stack_id.and_then(|id| id.created()))
}

fn type_name(resource_type: &str) -> &str {
    resource_type.strip_prefix("Custom::").unwrap_or(resource_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Json {
        json!({
            "RequestType": "Update", "RequestId": "r", "ResponseURL": "https://host/path?X-Amz-Signature=secret",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid", "LogicalResourceId": "App",
            "PhysicalResourceId": "id", "ResourceType": "Custom::ChimeAppInstance",
            "ResourceProperties": {"Name": "new"}, "OldResourceProperties": {"Name": "old"},
        })
    }

    fn read(event: &Json) -> Result<Request, InvalidRequest> {
        Request::read(&event.to_string())
    }

    #[test]
    fn an_event_without_properties_is_a_valid_request() {
        let mut event = event();
        event.as_object_mut().expect("a map").remove("ResourceProperties");
        assert_eq!(read(&event).expect("a request").properties, json!({}));
    }

    #[test]
    fn an_invalid_event_can_be_answered_if_it_has_a_response_url() {
        let mut event = event();
        event["RequestType"] = json!("DELETE");
        let unreadable = read(&event).expect_err("an unknown request type");
        assert!(unreadable.problems.to_string().contains("DELETE"), "{}", unreadable.problems);
        let request = unreadable.request.expect("it can be answered");
        assert_eq!((request.request_id.as_str(), request.action.physical_id()), ("r", Some("id")));
        event.as_object_mut().expect("a map").remove("ResponseURL");
        assert!(read(&event).expect_err("an unknown request type").request.is_none());
    }

    #[test]
    fn unreadable_properties_do_not_stop_a_delete_nor_unreadable_old_properties_an_update() {
        let mut event = event();
        let with_unreadable_new = |event: &Json| event.to_string().replace("\"new\"", r#""\ud800""#);
        let with_unreadable_old = event.to_string().replace("\"old\"", r#""\ud800""#);
        assert_eq!(Request::read(&with_unreadable_old).expect("a request").old_properties(), Some(&json!({})));
        let unreadable = Request::read(&with_unreadable_new(&event)).expect_err("unreadable");
        assert!(unreadable.problems.to_string().starts_with("ResourceProperties cannot be read"), "{unreadable:?}");
        assert_eq!(unreadable.request.expect("it can be answered").request_type(), "Update");
        event["RequestType"] = json!("Delete");
        assert_eq!(Request::read(&with_unreadable_new(&event)).expect("a request").properties, json!({}));
    }

    #[test]
    fn an_unreadable_update_is_not_mistaken_for_a_delete() {
        let mut event = event();
        event["ResourceType"] = Json::Null;
        let request = read(&event).expect_err("no request").request.expect("it can be answered");
        assert_eq!(request.request_type(), "Update");
    }

    #[test]
    fn identical_old_and_new_properties_are_unreliable() {
        let reliability = |event: &Json| match read(event).expect("a request").action {
            Action::Update { reliability, .. } => Some(reliability),
            _ => None,
        };
        let mut event = event();
        assert_eq!(reliability(&event), Some(Reliability::Reliable));
        event["OldResourceProperties"] = event["ResourceProperties"].clone();
        assert_eq!(reliability(&event), Some(Reliability::Unreliable));
    }

    #[test]
    fn a_service_timeout_is_read_from_the_event_or_the_properties() {
        let seconds = |event: &Json| read(event).expect("a request").clock.service_timeout().as_secs();
        let mut event = event();
        assert_eq!(seconds(&event), 3600);
        event["ResourceProperties"]["ServiceTimeout"] = json!("60");
        assert_eq!(seconds(&event), 60);
        event["ServiceTimeout"] = json!(u64::MAX);
        assert_eq!(seconds(&event), 3600);
    }
}
