//! The second dialect: what the constructs of the library `cdk-amazon-chime-resources` send.
//!
//! They send `AWS::CloudFormation::CustomResource` with `{resourceType, uid, properties: {camelCase…}}` and read attributes
//! of names of their own. This module turns such a request into one about a type of ours, and our attributes into theirs.
//! Nothing else knows of it.

use crate::properties::{Problems, did_you_mean};
use crate::request::{Action, Request};
use crate::values::UserName;
use serde_json::{Map, Value as Json};

/// The CloudFormation type of every construct.
const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";

/// One of the constructs: its `resourceType`, the type it becomes, and an attribute it reads that we name otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Construct {
    resource_type: &'static str,
    becomes: &'static str,
    attribute: Option<(&'static str, &'static str)>,
}

const CONSTRUCTS: [Construct; 7] = [
    construct("AppInstance", "ChimeAppInstance", Some(("appInstanceArn", "AppInstanceArn"))),
    construct("AppInstanceUser", "ChimeAppInstanceUser", Some(("appInstanceUser", "AppInstanceUserArn"))),
    construct("AppInstanceAdmin", "ChimeAppInstanceAdmin", None),
    construct("AppInstanceBot", "ChimeAppInstanceBot", Some(("appInstanceBot", "AppInstanceBotArn"))),
    construct("ChannelFlow", "ChimeChannelFlow", Some(("channelFlowArn", "ChannelFlowArn"))),
    construct("StreamingConfig", "ChimeMessagingStreamingConfigurations", None),
    construct("DataRetention", "ChimeAppInstanceRetentionSettings", None),
];

const fn construct(
    resource_type: &'static str,
    becomes: &'static str,
    attribute: Option<(&'static str, &'static str)>,
) -> Construct {
    Construct { resource_type, becomes, attribute }
}

impl Construct {
    /// The request in our own words, if it came from a construct; any other request as it is.
    ///
    /// # Errors
    /// It came from no construct that there is. The request comes back, so that it can be answered.
    pub fn translate(mut request: Request) -> Result<Request, (Box<Request>, Problems)> {
        if request.resource_type != CUSTOM_RESOURCE {
            return Ok(request);
        }
        let resource_type = request.properties.get("resourceType").and_then(Json::as_str).unwrap_or_default();
        let Some(construct) = CONSTRUCTS.iter().find(|construct| construct.resource_type == resource_type) else {
            let names = CONSTRUCTS.map(|construct| construct.resource_type);
            let hint = did_you_mean(resource_type, &names).map(|meant| format!(", did you mean {meant}?"));
            let problems = Problems::of(format!(
                "{CUSTOM_RESOURCE} needs a resourceType of {}, not \"{resource_type}\"{}; a template of your own states \
                 a type such as Custom::ChimeAppInstance instead",
                names.join(" or "),
                hint.unwrap_or_default()
            ));
            return Err((Box::new(request), problems));
        };
        request.resource_type = construct.becomes.to_owned();
        request.properties = construct.properties(&request.properties);
        if let Action::Update { old_properties, .. } = &mut request.action {
            *old_properties = construct.properties(old_properties);
        }
        request.construct = Some(*construct);
        Ok(request)
    }

    fn properties(&self, json: &Json) -> Json {
        let uid = json.get("uid");
        let mut properties = match json.get("properties") {
            Some(properties) => respelled(properties),
            None => Json::Object(Map::new()),
        };
        if let (Some(name), "ChimeAppInstanceUser") = (properties.get_mut("Name"), self.becomes) {
            // The library falls back to the construct's unique id, which may be longer than Chime takes.
            if let Some(text) = name.as_str().filter(|_| uid == Some(name)) {
                *name = Json::String(text.chars().take(UserName::MAX).collect());
            }
        }
        properties
    }

    /// All attributes under our names, and under those that the construct reads.
    pub fn attributes(&self, mut attributes: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        let alias = self.attribute.and_then(|(theirs, ours)| {
            attributes.iter().find(|(name, _)| *name == ours).map(|(_, value)| (theirs, value.clone()))
        });
        attributes.extend(alias);
        attributes
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

    fn translate(properties: Json) -> Result<Request, (Box<Request>, Problems)> {
        let event = json!({
            "RequestType": "Create", "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": "Custom::X", "ResourceProperties": properties,
        });
        let request = Request::read(event).expect("a request");
        Construct::translate(Request { resource_type: CUSTOM_RESOURCE.to_owned(), ..request })
    }

    #[test]
    fn the_words_of_a_construct_become_those_of_the_chime_api_at_every_depth() {
        let streaming =
            translate(json!({"ServiceToken": "t", "uid": "u", "resourceType": "StreamingConfig", "properties": {
            "appInstanceArn": "a", "streamingConfigs": [{"appInstanceDataType": "Channel", "resourceArn": "r"}]}}));
        let streaming = streaming.expect("a construct");
        assert_eq!(streaming.resource_type, "ChimeMessagingStreamingConfigurations");
        assert_eq!(
            streaming.properties,
            json!({"AppInstanceArn": "a", "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": "r"}]})
        );
        let retention = translate(json!({"resourceType": "DataRetention", "properties": {"dataRetention": "3"}}));
        assert_eq!(retention.expect("a construct").properties, json!({"RetentionDays": "3"}));
    }

    #[test]
    fn a_users_name_that_the_library_made_up_is_cut_to_what_chime_takes() {
        let long = "U".repeat(120);
        let user = |name: &str| {
            let properties = json!({"resourceType": "AppInstanceUser", "uid": long, "properties": {"name": name}});
            translate(properties).expect("a construct").properties["Name"].as_str().map(str::len)
        };
        assert_eq!(user(&long), Some(100));
        assert_eq!(user(&"N".repeat(101)), Some(101));
    }

    #[test]
    fn attributes_come_under_both_names() {
        let user =
            translate(json!({"resourceType": "AppInstanceUser", "properties": {}})).expect("a construct").construct;
        let attributes = user.expect("a construct").attributes(vec![("AppInstanceUserArn", "arn".into())]);
        assert_eq!(attributes, [("AppInstanceUserArn", "arn".to_owned()), ("appInstanceUser", "arn".to_owned())]);
    }

    #[test]
    fn a_construct_that_there_is_none_of_is_answered_with_those_there_are() {
        let (_, problems) = translate(json!({"resourceType": "AppInstanceUsr"})).expect_err("no construct");
        assert!(problems.to_string().contains("did you mean AppInstanceUser?"), "{problems}");
    }
}
