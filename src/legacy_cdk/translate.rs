//! What the constructs send, in our own words.
//!
//! They send `AWS::CloudFormation::CustomResource` with `{resourceType, uid, properties: {camelCase…}}` and read attributes
//! of names of their own. A request of theirs becomes one about a type of ours, and our attributes get their names as well.

use crate::lifecycle::request_history::Transition;
use crate::properties::problems::{Problems, did_you_mean};
use crate::properties::values::text::UserName;
use crate::request::{Action, InvalidRequest, Request};
use serde_json::{Map, Value as Json};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The CloudFormation type of every construct.
pub const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";

/// One of the constructs: its `resourceType`, the type it becomes, and the attributes it reads that we name otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Construct {
    resource_type: &'static str,
    becomes: &'static str,
    aliases: &'static [(&'static str, &'static str)],
    /// The folder of the SSM parameter that the library writes the thing's ARN into; a setting has none.
    folder: Option<&'static str>,
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

/// What a request of a construct's says beside the properties: where the library has noted what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The names that the SSM parameter may have, the likeliest first.
    pub parameters: Vec<String>,
    /// Whether an Update leads to another construct than there was.
    pub is_another: bool,
    /// From what to what an Update leads: all that the template states, with what no type of ours knows.
    pub transition: Transition,
}

const USER: &str = "ChimeAppInstanceUser";

const fn construct(
    resource_type: &'static str,
    becomes: &'static str,
    aliases: &'static [(&'static str, &'static str)],
    folder: Option<&'static str>,
) -> Construct {
    Construct { resource_type, becomes, aliases, folder }
}

/// The request in our own words and its origin, if it came from a construct; any other request as it is.
///
/// # Errors
/// It came from no construct that there is. The request comes back, so that it can be answered.
pub fn translate(mut request: Request) -> Result<(Request, Option<Origin>), InvalidRequest> {
    if request.resource_type != CUSTOM_RESOURCE {
        return Ok((request, None));
    }
    let resource_type = request.properties.get("resourceType").and_then(Json::as_str).unwrap_or_default();
    let Some(construct) = CONSTRUCTS.iter().find(|construct| construct.resource_type == resource_type) else {
        let names = CONSTRUCTS.map(|construct| construct.resource_type);
        let hint = did_you_mean(resource_type, &names).map(|meant| format!(", did you mean {meant}?"));
        let problems = Problems::of(format!(
            "{CUSTOM_RESOURCE} needs a resourceType of {}, not \"{resource_type}\"{}; a template of your own states a type such \
             as Custom::ChimeAppInstance instead",
            names.join(" or "),
            hint.unwrap_or_default()
        ));
        return Err(InvalidRequest { problems, request: Some(Box::new(request)) });
    };
    let origin = construct.origin(&request);
    request.resource_type = construct.becomes.to_owned();
    request.properties = construct.properties(&request.properties);
    if let Action::Update { old_properties, .. } = &mut request.action {
        *old_properties = construct.properties(old_properties);
    }
    request.aliases = construct.aliases;
    Ok((request, Some(origin)))
}

impl Construct {
    /// The unique id changes when a construct moves and keeps its logical id; the parameter has that of before.
    fn origin(&self, request: &Request) -> Origin {
        let uid = |properties: &Json| properties.get("uid")?.as_str().map(str::to_owned);
        let uids = [request.old_properties().and_then(uid), uid(&request.properties)];
        let mut parameters: Vec<String> = match self.folder {
            Some(folder) => uids.into_iter().flatten().map(|uid| format!("/chime/{folder}/{uid}")).collect(),
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
        let is_another = request.old_properties().is_some_and(|old| kind(old) != kind(&request.properties));
        Origin { parameters, is_another, transition: Transition { old, new: digest(&request.properties) } }
    }

    fn properties(&self, json: &Json) -> Json {
        let uid = json.get("uid");
        let mut properties = match json.get("properties") {
            Some(properties) => respelled(properties),
            None => Json::Object(Map::new()),
        };
        if let (Some(name), USER) = (properties.get_mut("Name"), self.becomes) {
            // The library falls back to the construct's unique id, which may be longer than Chime takes.
            if let Some(text) = name.as_str().filter(|_| uid == Some(name)) {
                *name = Json::String(text.chars().take(UserName::MAX).collect());
            }
        }
        if let Some(Json::Object(lex)) = properties.pointer_mut("/Configuration/Lex") {
            // What the library says of every bot.
            lex.entry("RespondsTo").or_insert_with(|| Json::from("STANDARD_MESSAGES"));
        }
        properties
    }
}

/// The same value with every property in the Chime API's spelling.
fn respelled(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            Json::Object(map.iter().map(|(name, value)| (respelled_name(name), respelled(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(respelled).collect()),
        scalar => scalar.clone(),
    }
}

fn respelled_name(name: &str) -> String {
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
    fn the_words_of_a_construct_become_those_of_the_chime_api_at_every_depth() {
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
    fn a_users_name_that_the_library_made_up_is_cut_to_what_chime_takes() {
        let long = "U".repeat(120);
        let user = |name: &str| {
            let properties = json!({"resourceType": "AppInstanceUser", "uid": long, "properties": {"name": name}});
            translated(properties).expect("a construct").properties["Name"].as_str().map(str::len)
        };
        assert_eq!(user(&long), Some(100));
        assert_eq!(user(&"N".repeat(101)), Some(101));
    }

    #[test]
    fn a_bot_responds_to_what_the_library_lets_it_respond_to() {
        let bot = |lex: Json| {
            let properties = json!({"resourceType": "AppInstanceBot", "properties": {"configuration": {"lex": lex}}});
            translated(properties).expect("a construct").properties["Configuration"]["Lex"]["RespondsTo"].clone()
        };
        assert_eq!(bot(json!({"localeId": "en_US"})), "STANDARD_MESSAGES");
        assert_eq!(bot(json!({"respondsTo": "OTHER"})), "OTHER");
    }

    #[test]
    fn attributes_come_under_both_names() {
        let user = translated(json!({"resourceType": "AppInstanceUser", "properties": {}})).expect("a construct");
        assert_eq!(user.aliases, [("appInstanceUser", "AppInstanceUserArn")]);
    }

    #[test]
    fn a_construct_that_there_is_none_of_is_answered_with_those_there_are() {
        let unreadable = translated(json!({"resourceType": "AppInstanceUsr"})).expect_err("no construct");
        assert!(unreadable.problems.to_string().contains("did you mean AppInstanceUser?"), "{unreadable:?}");
    }
}
