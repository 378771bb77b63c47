//! Translates a construct's request into a request for one of our types.
//!
//! The constructs send `AWS::CloudFormation::CustomResource` with `{resourceType, uid, properties: {camelCase…}}` and
//! read attributes under other names. The translation maps the type and the properties, and adds the construct's
//! attribute names as aliases.

use crate::lifecycle::request_history::Transition;
use crate::properties::problems::{ADOPT_EXISTING, Problems, did_you_mean};
use crate::properties::values::text::UserName;
use crate::request::{Action, InvalidRequest, Request};
use serde_json::{Map, Value as Json};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The CloudFormation type of every construct.
pub const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";

/// A construct: its `resourceType`, the type it maps to, and the attributes that it reads under another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Construct {
    resource_type: &'static str,
    custom_type: &'static str,
    aliases: &'static [(&'static str, &'static str)],
    /// The path of the SSM parameter that holds the resource's ARN. Settings have no parameter.
    parameter_path: Option<&'static str>,
}

const CONSTRUCTS: [Construct; 7] = [
    construct("AppInstance", "ChimeAppInstance", &[("appInstanceArn", "AppInstanceArn")], Some("appInstanceArn")),
    construct("AppInstanceUser", USER, &[("appInstanceUser", "AppInstanceUserArn")], Some("appInstanceUserId")),
    construct("AppInstanceAdmin", "ChimeAppInstanceAdmin", &[], Some("appInstanceAdminArn")),
    construct(
        "AppInstanceBot",
        "ChimeAppInstanceBot",
        &[("appInstanceBot", "AppInstanceBotArn")],
        Some("appInstanceBotId"),
    ),
    construct("ChannelFlow", "ChimeChannelFlow", &[("channelFlowArn", "ChannelFlowArn")], Some("channelFlowArn")),
    construct("StreamingConfig", "ChimeMessagingStreamingConfigurations", &[], None),
    construct("DataRetention", "ChimeAppInstanceRetentionSettings", &[], None),
];

/// What a construct's request says in addition to the properties: where the library recorded its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Possible names of the SSM parameter, the most likely one first.
    pub parameters: Vec<String>,
    /// Whether an Update changes to a different construct.
    pub is_other_construct: bool,
    /// The old and new state of an Update, including properties that our types do not know.
    pub transition: Transition,
}

const USER: &str = "ChimeAppInstanceUser";

const fn construct(
    resource_type: &'static str,
    custom_type: &'static str,
    aliases: &'static [(&'static str, &'static str)],
    parameter_path: Option<&'static str>,
) -> Construct {
    Construct { resource_type, custom_type, aliases, parameter_path }
}

/// Translates a request from a construct and returns its origin. Any other request is returned unchanged.
///
/// # Errors
/// There is no such construct. The error carries the request, so that it can be answered.
pub fn translate(mut request: Request) -> Result<(Request, Option<Origin>), InvalidRequest> {
    if request.resource_type != CUSTOM_RESOURCE {
        return Ok((request, None));
    }
    let resource_type = request.properties.get("resourceType").and_then(Json::as_str).unwrap_or_default();
    let Some(construct) = CONSTRUCTS.iter().find(|construct| construct.resource_type == resource_type) else {
        let names = CONSTRUCTS.map(|construct| construct.resource_type);
        let hint = did_you_mean(resource_type, &names).map(|meant| format!(", did you mean {meant}?"));
        let problems = Problems::of(format!(
            "{CUSTOM_RESOURCE} needs a resourceType of {}, not \"{resource_type}\"{}; in a template of your own, use a type \
             such as Custom::ChimeAppInstance instead",
            names.join(" or "),
            hint.unwrap_or_default()
        ));
        return Err(InvalidRequest { problems, request: Some(Box::new(request)) });
    };
    let problems = construct.problems(&request.properties);
    if !matches!(request.action, Action::Delete { .. }) && !problems.is_empty() {
        return Err(InvalidRequest { problems: Problems::of(problems.join("; ")), request: Some(Box::new(request)) });
    }
    let origin = construct.origin(&request);
    request.resource_type = construct.custom_type.to_owned();
    request.properties = construct.properties(&request.properties);
    if let Action::Update { old_properties, .. } = &mut request.action {
        *old_properties = construct.properties(old_properties);
    }
    request.aliases = construct.aliases;
    Ok((request, Some(origin)))
}

impl Construct {
    /// When a construct moves and keeps its logical id, its `uid` changes. The parameter still has the old one.
    fn origin(&self, request: &Request) -> Origin {
        let uid = |properties: &Json| properties.get("uid")?.as_str().map(str::to_owned);
        let uids = [request.old_properties().and_then(uid), uid(&request.properties)];
        let mut parameters: Vec<String> = match self.parameter_path {
            Some(parameter_path) => {
                uids.into_iter().flatten().map(|uid| format!("/chime/{parameter_path}/{uid}")).collect()
            }
            None => Vec::new(),
        };
        parameters.dedup();
        let digest = |properties: &Json| {
            let mut hasher = DefaultHasher::new();
            properties.to_string().hash(&mut hasher);
            hasher.finish()
        };
        let old = request.old_properties().map(digest).unwrap_or_default();
        let kind = |properties: &Json| properties.get("resourceType").cloned();
        let is_other_construct = request.old_properties().is_some_and(|old| kind(old) != kind(&request.properties));
        Origin { parameters, is_other_construct, transition: Transition { old, new: digest(&request.properties) } }
    }

    /// What a construct may not state, although the type that it becomes knows it, and what it states twice in two spellings.
    fn problems(&self, json: &Json) -> Vec<String> {
        let properties = json.get("properties").unwrap_or(&Json::Null);
        let mut problems = twice(properties);
        if properties
            .as_object()
            .is_some_and(|properties| properties.keys().any(|name| to_chime_name(name) == ADOPT_EXISTING))
        {
            problems.push(format!(
                "a construct takes no adoptExisting: declare the resource as Custom::{} with {ADOPT_EXISTING}",
                self.custom_type
            ));
        }
        problems
    }

    fn properties(&self, json: &Json) -> Json {
        let uid = json.get("uid");
        let mut properties = match json.get("properties") {
            Some(properties) => to_chime_spelling(properties),
            None => Json::Object(Map::new()),
        };
        if let Json::Object(properties) = &mut properties {
            properties.remove(ADOPT_EXISTING);
        }
        if let (Some(name), USER) = (properties.get_mut("Name"), self.custom_type) {
            // The library defaults to the construct's unique id, which may be longer than Chime allows.
            if let Some(text) = name.as_str().filter(|_| uid == Some(name)) {
                *name = Json::String(text.chars().take(UserName::MAX).collect());
            }
        }
        if let Some(Json::Object(lex)) = properties.pointer_mut("/Configuration/Lex") {
            // The library sets this for every bot.
            lex.entry("RespondsTo").or_insert_with(|| Json::from("STANDARD_MESSAGES"));
        }
        properties
    }
}

/// The properties that stand twice, in two spellings, at any depth.
fn twice(json: &Json) -> Vec<String> {
    match json {
        Json::Object(map) => {
            let names: Vec<&String> = map.keys().collect();
            let own = names.iter().enumerate().filter_map(|(at, name)| {
                let other = names[..at].iter().find(|other| to_chime_name(other) == to_chime_name(name))?;
                Some(format!("{other} and {name} are one property: state it once"))
            });
            own.chain(map.values().flat_map(twice)).collect()
        }
        Json::Array(items) => items.iter().flat_map(twice).collect(),
        _ => Vec::new(),
    }
}

/// Converts every property name to the Chime API's spelling.
fn to_chime_spelling(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            Json::Object(map.iter().map(|(name, value)| (to_chime_name(name), to_chime_spelling(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(to_chime_spelling).collect()),
        scalar => scalar.clone(),
    }
}

/// A property name in the Chime API's spelling.
pub fn to_chime_name(name: &str) -> String {
    match name {
        "streamingConfigs" => "StreamingConfigurations".to_owned(),
        "appInstanceDataType" => "DataType".to_owned(),
        "dataRetention" => "RetentionDays".to_owned(),
        _ => {
            let mut letters = name.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn translated(properties: Json) -> Result<Request, InvalidRequest> {
        let event = json!({
            "RequestType": "Create", "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": CUSTOM_RESOURCE, "ResourceProperties": properties,
        });
        translate(Request::read(&event.to_string()).expect("a request")).map(|(request, _)| request)
    }

    #[test]
    fn property_names_are_translated_at_every_depth() {
        let streaming =
            translated(json!({"ServiceToken": "t", "uid": "u", "resourceType": "StreamingConfig", "properties": {
            "appInstanceArn": "a", "streamingConfigs": [{"appInstanceDataType": "Channel", "resourceArn": "r"}]}}));
        let streaming = streaming.expect("a construct");
        assert_eq!(streaming.resource_type, "ChimeMessagingStreamingConfigurations");
        assert_eq!(
            streaming.properties,
            json!({"AppInstanceArn": "a", "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": "r"}]})
        );
        let retention = translated(json!({"resourceType": "DataRetention", "properties": {"dataRetention": "3"}}));
        assert_eq!(retention.expect("a construct").properties, json!({"RetentionDays": "3"}));
    }

    #[test]
    fn a_construct_adopts_nothing_and_states_nothing_twice() {
        let rejected = |properties: Json| translated(properties).expect_err("rejected").problems.to_string();
        let user = json!({"resourceType": "AppInstanceUser", "properties": {"adoptExisting": "arn"}});
        assert_eq!(
            rejected(user),
            "a construct takes no adoptExisting: declare the resource as Custom::ChimeAppInstanceUser with AdoptExisting"
        );
        let streaming = json!({"resourceType": "StreamingConfig", "properties": {
            "streamingConfigs": [{"dataType": "Channel", "appInstanceDataType": "ChannelMessage"}]}});
        assert_eq!(rejected(streaming), "appInstanceDataType and dataType are one property: state it once");
    }

    #[test]
    fn a_default_user_name_is_truncated_to_chimes_limit() {
        let long = "U".repeat(120);
        let user = |name: &str| {
            let properties = json!({"resourceType": "AppInstanceUser", "uid": long, "properties": {"name": name}});
            translated(properties).expect("a construct").properties["Name"].as_str().map(str::len)
        };
        assert_eq!(user(&long), Some(100));
        assert_eq!(user(&"N".repeat(101)), Some(101));
    }

    #[test]
    fn a_bot_defaults_to_standard_messages() {
        let bot = |lex: Json| {
            let properties = json!({"resourceType": "AppInstanceBot", "properties": {"configuration": {"lex": lex}}});
            translated(properties).expect("a construct").properties["Configuration"]["Lex"]["RespondsTo"].clone()
        };
        assert_eq!(bot(json!({"localeId": "en_US"})), "STANDARD_MESSAGES");
        assert_eq!(bot(json!({"respondsTo": "OTHER"})), "OTHER");
    }

    #[test]
    fn a_construct_gets_its_attribute_aliases() {
        let user = translated(json!({"resourceType": "AppInstanceUser", "properties": {}})).expect("a construct");
        assert_eq!(user.aliases, [("appInstanceUser", "AppInstanceUserArn")]);
    }

    #[test]
    fn an_unknown_construct_is_rejected_with_a_suggestion() {
        let invalid = translated(json!({"resourceType": "AppInstanceUsr"})).expect_err("no construct");
        assert!(invalid.problems.to_string().contains("did you mean AppInstanceUser?"), "{invalid:?}");
    }
}
