//! What a stack states of its resources, as CloudFormation tells it: the properties that its events hold or, where they are no longer there,
//! what can be resolved of its template.

use crate::account::failure::failure;
use crate::drift::template::{self, References, Resolved};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Parameter, ResourceStatus, Stack, StackEvent, StackResourceSummary, StackStatus, TemplateStage,
};
use chime_messaging_resources::inspection::may_be_ours;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// CloudFormation's own type for a custom resource, which the older library uses.
const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";

/// A stack with its resources.
#[derive(Debug)]
pub struct StackStatement {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its resources, those that are deleted left out, in CloudFormation's order.
    pub resources: Vec<StackResource>,
    /// What could not be read, if other things stand in for it.
    pub notes: Vec<String>,
}

/// A resource of a stack.
#[derive(Debug)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Empty if it has none.
    pub physical_id: String,
    /// Such as `Custom::ChimeChannel`.
    pub resource_type: String,
    /// CloudFormation's, such as `CREATE_COMPLETE`.
    pub status: String,
    /// What the stack states of it, or why that is unknown. Only the wanted types are looked up.
    pub stated: Result<Statement, String>,
}

/// What a stack states of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The properties, as the function gets them.
    pub properties: Json,
    /// The names of the properties whose values CloudFormation does not tell.
    pub unknown: Vec<String>,
    /// Where they come from.
    pub source: Source,
}

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The event of the last successful create or update.
    Events,
    /// The template, with its references resolved.
    Template,
}

/// Reads a stack by its name or id.
///
/// # Errors
/// There is no such stack, or its resources may not be listed.
pub async fn read(client: &Client, stack: &str) -> Result<StackStatement, String> {
    read_with(client, stack, may_be_ours).await
}

/// The same, with the properties of the resources of the types for which `is_wanted` is true.
///
/// # Errors
/// Those of [`read`].
pub async fn read_with(
    client: &Client,
    stack: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<StackStatement, String> {
    let described = client.describe_stacks().stack_name(stack).send().await;
    let described = described.map_err(|error| failure("DescribeStacks", &error))?;
    let described =
        described.stacks.unwrap_or_default().into_iter().next().ok_or("CloudFormation shows no such stack")?;
    match described.stack_status() {
        Some(StackStatus::DeleteComplete) => return Err("the stack is deleted".to_owned()),
        Some(StackStatus::ReviewInProgress) => {
            return Err("the stack has no resources yet, only a change set that was not executed".to_owned());
        }
        _ => {}
    }
    let id = described.stack_id.clone().unwrap_or_default();
    let list = client.list_stack_resources().stack_name(&id).into_paginator().items().send();
    let listed = list.collect::<Result<Vec<_>, _>>().await.map_err(|error| failure("ListStackResources", &error))?;
    let listed: Vec<_> = listed.into_iter().filter(exists).collect();

    let ours = listed.iter().filter(|resource| is_wanted(type_of(resource)));
    let ours = ours.map(|resource| (logical_id(resource), physical_id(resource))).collect();
    let mut notes = Vec::new();
    let mut stated = events(client, &id, &ours).await.unwrap_or_else(|why| {
        notes.push(format!("{why}; what the stack states is taken from its template"));
        BTreeMap::new()
    });
    let mut why_not = "its events and the template do not hold its properties".to_owned();
    if ours.keys().any(|logical_id| !stated.contains_key(*logical_id)) {
        match from_template(client, &described, &listed).await {
            Ok(resolved) => {
                for (name, statement) in resolved {
                    stated.entry(name).or_insert(statement);
                }
            }
            Err(why) => why_not = why,
        }
    }
    let resources = listed.iter().map(|resource| StackResource {
        logical_id: logical_id(resource).to_owned(),
        physical_id: physical_id(resource).to_owned(),
        resource_type: type_of(resource).to_owned(),
        status: resource.resource_status().map(ResourceStatus::as_str).unwrap_or_default().to_owned(),
        stated: stated.remove(logical_id(resource)).ok_or_else(|| why_not.clone()),
    });
    Ok(StackStatement {
        name: described.stack_name.clone().unwrap_or_default(),
        id,
        resources: resources.collect(),
        notes,
    })
}

fn logical_id(resource: &StackResourceSummary) -> &str {
    resource.logical_resource_id().unwrap_or_default()
}

fn physical_id(resource: &StackResourceSummary) -> &str {
    resource.physical_resource_id().unwrap_or_default()
}

fn type_of(resource: &StackResourceSummary) -> &str {
    resource.resource_type().unwrap_or_default()
}

fn exists(resource: &StackResourceSummary) -> bool {
    !matches!(resource.resource_status(), Some(ResourceStatus::DeleteComplete | ResourceStatus::DeleteSkipped))
}

/// What the events hold of `ours`, the physical ids by the logical ids. The newest event comes first, and no more are read than needed.
async fn events(
    client: &Client,
    stack: &str,
    ours: &BTreeMap<&str, &str>,
) -> Result<BTreeMap<String, Statement>, String> {
    let mut missing: BTreeSet<&str> = ours.keys().copied().collect();
    let mut found = BTreeMap::new();
    let mut events = client.describe_stack_events().stack_name(stack).into_paginator().items().send();
    while !missing.is_empty() {
        let Some(event) = events.next().await else { break };
        let event = event.map_err(|error| failure("DescribeStackEvents", &error))?;
        let logical_id = event.logical_resource_id().unwrap_or_default();
        if !missing.contains(logical_id) || !is_success_of(&event, ours.get(logical_id).copied()) {
            continue;
        }
        missing.remove(logical_id);
        let properties = event.resource_properties().and_then(|text| serde_json::from_str::<Json>(text).ok());
        if let Some(properties) = properties.filter(Json::is_object) {
            let unknown = hidden(event.resource_type().unwrap_or_default(), &properties);
            found.insert(logical_id.to_owned(), Statement { properties, unknown, source: Source::Events });
        }
    }
    Ok(found)
}

/// Whether an event reports the success of a create, an update or an import of the resource with this physical id.
fn is_success_of(event: &StackEvent, physical_id: Option<&str>) -> bool {
    let is_success = matches!(
        event.resource_status(),
        Some(ResourceStatus::CreateComplete | ResourceStatus::UpdateComplete | ResourceStatus::ImportComplete)
    );
    is_success && event.physical_resource_id() == physical_id
}

/// The names of the properties that hold what CloudFormation does not tell: the value of a parameter with NoEcho, or a dynamic reference,
/// which the event holds unresolved.
fn hidden(resource_type: &str, properties: &Json) -> Vec<String> {
    let own = own_properties(resource_type, properties).into_iter().flatten();
    own.filter(|(_, value)| is_hidden(value)).map(|(name, _)| name.clone()).collect()
}

fn is_hidden(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains("****") || text.contains("{{resolve:"),
        Json::Array(items) => items.iter().any(is_hidden),
        Json::Object(map) => map.values().any(is_hidden),
        _ => false,
    }
}

/// The properties of the type itself. Constructs of the older library hold them one level deeper.
fn own_properties<'a>(resource_type: &str, properties: &'a Json) -> Option<&'a Map<String, Json>> {
    match resource_type {
        CUSTOM_RESOURCE => properties.get("properties")?.as_object(),
        _ => properties.as_object(),
    }
}

/// What the template states of all resources, with references resolved.
async fn from_template(
    client: &Client,
    stack: &Stack,
    resources: &[StackResourceSummary],
) -> Result<BTreeMap<String, Statement>, String> {
    let id = stack.stack_id().unwrap_or_default();
    let got = client.get_template().stack_name(id).template_stage(TemplateStage::Processed).send().await;
    let got = got.map_err(|error| failure("GetTemplate", &error))?;
    let template = template::read(got.template_body().unwrap_or_default())
        .map_err(|error| format!("the template could not be read: {error}"))?;
    let references = References {
        stack_id: id.to_owned(),
        parameters: parameters(stack.parameters(), &template),
        resources: resources
            .iter()
            .map(|it| (logical_id(it).to_owned(), (physical_id(it).to_owned(), type_of(it).to_owned())))
            .collect(),
    };
    let definitions = template["Resources"].as_object().into_iter().flatten();
    Ok(definitions.filter_map(|(name, definition)| Some((name.clone(), statement(definition, &references)?))).collect())
}

/// What a template states of a resource. `None` if it cannot even be told which type of ours it is.
fn statement(definition: &Json, references: &References) -> Option<Statement> {
    let resource_type = definition["Type"].as_str()?;
    let empty = Map::new();
    let all = definition["Properties"].as_object().unwrap_or(&empty);
    let (properties, unknown) = resolved(all, references);
    if resource_type != CUSTOM_RESOURCE {
        return Some(Statement { properties, unknown, source: Source::Template });
    }
    let mut properties = properties;
    let is_construct = properties.get("resourceType").is_some_and(Json::is_string);
    let Some(Json::Object(own)) = all.get("properties").filter(|_| is_construct) else {
        // Another provider's.
        return (!unknown.iter().any(|name| name == "resourceType")).then_some(Statement {
            properties,
            unknown,
            source: Source::Template,
        });
    };
    let (own, unknown) = resolved(own, references);
    properties.as_object_mut()?.insert("properties".to_owned(), own);
    Some(Statement { properties, unknown, source: Source::Template })
}

/// Each property resolved, and the names of those that cannot be.
fn resolved(properties: &Map<String, Json>, references: &References) -> (Json, Vec<String>) {
    let (mut known, mut unknown) = (Map::new(), Vec::new());
    for (name, value) in properties {
        match references.resolve(value) {
            Resolved::Value(value) if !is_hidden(&value) => drop(known.insert(name.clone(), value)),
            Resolved::Nothing => {}
            Resolved::Value(_) | Resolved::Unknown => unknown.push(name.clone()),
        }
    }
    (Json::Object(known), unknown)
}

/// The values of the parameters. One with NoEcho is not shown.
fn parameters(parameters: &[Parameter], template: &Json) -> BTreeMap<String, Json> {
    let of = |parameter: &Parameter| {
        let key = parameter.parameter_key()?;
        // That of a parameter of Systems Manager is the name of it.
        let value = parameter.resolved_value().or(parameter.parameter_value())?;
        let declared = &template["Parameters"][key];
        let is_list = declared["Type"].as_str().is_some_and(|it| it.contains("List<") || it == "CommaDelimitedList");
        if value.contains("****") {
            return None;
        }
        let items = || value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect();
        Some((key.to_owned(), if is_list { items() } else { json!(value) }))
    };
    parameters.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudformation::types::builders::StackEventBuilder;

    fn event(status: ResourceStatus) -> StackEventBuilder {
        StackEvent::builder().resource_status(status).physical_resource_id("id")
    }

    #[test]
    fn only_the_success_of_the_resource_that_is_there_now_counts() {
        use ResourceStatus::{
            CreateComplete, CreateInProgress, DeleteComplete, ImportComplete, UpdateComplete, UpdateFailed,
        };
        for (status, counts) in [
            (CreateComplete, true),
            (UpdateComplete, true),
            (ImportComplete, true),
            (CreateInProgress, false),
            (UpdateFailed, false),
            (DeleteComplete, false),
        ] {
            assert_eq!(is_success_of(&event(status.clone()).build(), Some("id")), counts, "{status}");
        }
        assert!(!is_success_of(&event(CreateComplete).build(), Some("another")));
    }

    #[test]
    fn what_cloudformation_hides_is_unknown() {
        let properties = json!({"Name": "n", "Metadata": "****", "Tags": [{"Key": "k", "Value": "{{resolve:ssm:x}}"}]});
        assert_eq!(hidden("Custom::ChimeAppInstance", &properties), ["Metadata", "Tags"]);
        let construct = json!({"ServiceToken": "****", "uid": "u", "properties": {"name": "n", "metadata": "****"}});
        assert_eq!(hidden(CUSTOM_RESOURCE, &construct), ["metadata"]);
    }

    #[test]
    fn a_template_states_what_can_be_resolved_of_it_in_both_dialects() {
        let references = References {
            stack_id: "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid".to_owned(),
            parameters: [("Days".to_owned(), json!("30"))].into(),
            resources: BTreeMap::new(),
        };
        let definition = json!({"Type": "Custom::ChimeAppInstance", "Properties": {
            "ServiceToken": {"Fn::ImportValue": "x"}, "Name": {"Ref": "AWS::StackName"}, "Metadata": {"Ref": "Secret"},
        }});
        let stated = statement(&definition, &references).expect("a statement");
        assert_eq!(stated.properties, json!({"Name": "chat"}));
        assert_eq!(stated.unknown, ["Metadata", "ServiceToken"]);
        let construct = json!({"Type": CUSTOM_RESOURCE, "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "resourceType": "DataRetention", "uid": "u",
            "properties": {"appInstanceArn": {"Fn::GetAtt": ["App", "appInstanceArn"]}, "dataRetention": {"Ref": "Days"}},
        }});
        let stated = statement(&construct, &references).expect("a statement");
        assert_eq!(stated.properties["resourceType"], "DataRetention");
        assert_eq!(stated.properties["properties"], json!({"dataRetention": "30"}));
        assert_eq!(stated.unknown, ["appInstanceArn"]);
        let others =
            json!({"Type": CUSTOM_RESOURCE, "Properties": {"ServiceToken": "x", "Bucket": {"Ref": "Unknown"}}});
        let stated = statement(&others, &references).expect("a statement");
        assert_eq!(stated.properties, json!({"ServiceToken": "x"}));
        let unclear = json!({"Type": CUSTOM_RESOURCE, "Properties": {"resourceType": {"Ref": "Unknown"}}});
        assert_eq!(statement(&unclear, &references), None);
    }

    #[test]
    fn a_list_parameter_is_a_list_and_a_hidden_one_is_left_out() {
        let parameter = |key: &str, value: &str| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let template = json!({"Parameters": {"Users": {"Type": "CommaDelimitedList"}, "Days": {"Type": "Number"}}});
        let all = [parameter("Users", "a, b"), parameter("Days", "3"), parameter("Secret", "****")];
        let expected = [("Days".to_owned(), json!("3")), ("Users".to_owned(), json!(["a", "b"]))];
        assert_eq!(parameters(&all, &template), expected.into());
        let by_name = Parameter::builder().parameter_key("P").parameter_value("/name").resolved_value("value").build();
        assert_eq!(parameters(&[by_name], &template), [("P".to_owned(), json!("value"))].into());
    }
}
