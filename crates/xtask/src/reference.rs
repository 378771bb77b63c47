//! The reference of all types in the style of the AWS documentation, from the schemas and the sample events.

use chimectl::yaml::{Style, yaml};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The properties that every type takes; `AdoptExisting` all but lists of members.
const IN_EVERY_TYPE: [&str; 5] = ["ServiceToken", "ServiceTimeout", "ClientRequestToken", "AdoptExisting", "Resync"];

/// The page `docs/resources.md`. `example` gives the properties of a type's example.
pub fn page(schemas: &[Json], example: impl Fn(&str) -> Option<Json>) -> String {
    let mut page = String::from(
        "# Resource types\n\nThis page is generated from the declarations in `src/resources` by `cargo xtask generate`.\n\n\
         Every type also takes these properties. Numbers may be written as numbers or as strings.\n\n",
    );
    let common: BTreeMap<&str, &str> = schemas
        .iter()
        .flat_map(|schema| members(schema, "properties").filter(|(name, _)| IN_EVERY_TYPE.contains(name)))
        .map(|(name, property)| (name, text(property, "description")))
        .collect();
    common.iter().for_each(|(name, what)| line(&mut page, format_args!("- `{name}`: {what}")));
    page.push('\n');
    for schema in schemas {
        let name = text(schema, "typeName");
        line(&mut page, format_args!("- [{name}](#{})", anchor(name)));
    }
    page.push_str(CONVENTIONS);
    for schema in schemas {
        page.push('\n');
        resource(&mut page, schema, example(text(schema, "typeName")));
    }
    page
}

/// What the sections of every type have in common.
const CONVENTIONS: &str = "
In each type's section:

- *Adoption* says what is compared when a resource exists already. A property that the template leaves out is compared by its default. How
  to bring in what exists: [moving.md](moving.md#bring-existing-things-in).
- *IAM actions* are those that the function's role needs for the type, over its whole life. [template.yaml](../template.yaml) grants all of
  them.
";

fn resource(page: &mut String, schema: &Json, example: Option<Json>) {
    let name = text(schema, "typeName");
    line(page, format_args!("## {name}\n\n{}\n\n### Syntax\n\n```yaml", text(schema, "description")));
    line(page, format_args!("Type: {name}\nProperties:"));
    let own = own_properties(schema);
    for name in ["ServiceToken", "ServiceTimeout"] {
        syntax(page, "  ", name, &schema["properties"][name]);
    }
    own.iter().for_each(|(name, property)| syntax(page, "  ", name, property));
    line(page, format_args!("```\n\n### Properties"));
    let replacing = pointers(schema, "createOnlyProperties");
    for (name, _) in &own {
        let update = if replacing.contains(name) { "Replacement" } else { "No interruption" };
        property_entry(page, name, schema, name, update);
    }
    line(page, format_args!("\n### Return values\n\n`Ref`: {}\n\n`Fn::GetAtt`:\n", text(schema, "ref")));
    for (name, what) in schema["attributes"].as_object().into_iter().flatten() {
        line(page, format_args!("- `{name}`: {}", what.as_str().unwrap_or_default()));
    }
    line(page, format_args!("\n### When its logical id is renamed\n\n{}", text(schema, "rename")));
    line(page, format_args!("\n### Adoption\n\n{}", text(schema, "adoption")));
    let actions: Vec<_> = actions(name).into_iter().map(|action| format!("`{action}`")).collect();
    line(page, format_args!("\n### IAM actions\n\n{}", actions.join(", ")));
    beside_native(page, schema);
    if let Some(example) = example {
        line(page, format_args!("\n### Example\n\n```yaml\nType: {name}\nProperties:"));
        line(page, format_args!("  ServiceToken: !ImportValue chime-messaging-resources-ServiceToken"));
        line(page, format_args!("  ServiceTimeout: 600"));
        page.push_str(&yaml(&with_numbers(example), 1, Style::Template));
        line(page, format_args!("```"));
    }
}

/// AWS's own resource types for the Chime SDK, from `chime-simulator/model/native.py`.
const NATIVE: &str = include_str!("../../chime-simulator/model/native.json");

/// The differences from AWS's own type of the same name, if there is one, and where to read how to migrate.
fn beside_native(page: &mut String, schema: &Json) {
    let native: Json = serde_json::from_str(NATIVE).unwrap_or_default();
    let noun = text(schema, "typeName").trim_start_matches("Custom::Chime");
    let Some(native) = native["types"].get(noun) else { return };
    let theirs = |what: &str| native[what].as_array().into_iter().flatten().filter_map(Json::as_str);
    let (read_only, ours) = (theirs("readOnly").collect::<Vec<_>>(), own_properties(schema));
    let not_taken = theirs("properties").filter(|name| !read_only.contains(name));
    let not_taken = not_taken.filter(|name| !ours.iter().any(|(own, _)| own == name));
    let not_given = read_only.iter().copied().filter(|name| schema["attributes"].get(*name).is_none());
    let but = |names: Vec<&str>| match names[..] {
        [] => String::new(),
        _ => format!(" but {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    let (not_taken, not_given) = (but(not_taken.collect()), but(not_given.collect()));
    let reference = if theirs("ref").count() == 1 { "" } else { ", and `Ref` gives the ARN alone" };
    line(
        page,
        format_args!(
            "\n### Beside AWS::Chime::{noun}\n\nThis type takes all properties of `AWS::Chime::{noun}`{not_taken}, and returns all of its \
             `Fn::GetAtt` attributes{not_given}{reference}. You can move a resource [to AWS's type](moving.md#to-awss-own-types) and \
             [from it](moving.md#from-awss-own-types)."
        ),
    );
}

/// The operations of each type, as the tests see them.
const OPERATIONS: &str = include_str!("../../../tests/contract/operations.json");

/// The template of the function, with its role.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The operations for which Chime checks its caller's rights in another service, and the policy that has these rights.
const IN_OTHER_SERVICES: [(&str, &str); 2] =
    [("RegisterAppInstanceUserEndpoint", "Push"), ("PutMessagingStreamingConfigurations", "Streaming")];

/// The IAM actions that the function needs for a type.
fn actions(name: &str) -> Vec<String> {
    let operations: BTreeMap<String, Vec<String>> = serde_json::from_str(OPERATIONS).unwrap_or_default();
    let operations = operations.get(name.trim_start_matches("Custom::")).cloned().unwrap_or_default();
    let elsewhere = IN_OTHER_SERVICES.iter().filter(|(operation, _)| operations.iter().any(|found| found == operation));
    let elsewhere: Vec<_> = elsewhere.flat_map(|(_, policy)| policy_actions(policy)).collect();
    operations.iter().map(|operation| format!("chime:{operation}")).chain(elsewhere).collect()
}

/// The actions of the role's policy with this name.
fn policy_actions(policy: &str) -> Vec<String> {
    let (_, after) = TEMPLATE.split_once(&format!("- PolicyName: {policy}\n")).unwrap_or_default();
    let lines = after.lines().take_while(|line| line.is_empty() || line.starts_with("          "));
    let actions = lines.filter_map(|line| {
        let line = line.trim();
        line.strip_prefix("Action: ").or_else(|| line.strip_prefix("- ").filter(|item| !item.contains(' ')))
    });
    actions.map(str::to_owned).collect()
}

/// The type's own properties: without those that every type has, and without attributes.
fn own_properties(schema: &Json) -> Vec<(&str, &Json)> {
    let others = pointers(schema, "readOnlyProperties");
    let properties = members(schema, "properties").filter(|(name, _)| !others.contains(name));
    properties.filter(|(name, _)| !IN_EVERY_TYPE.contains(name)).collect()
}

fn syntax(page: &mut String, indent: &str, name: &str, property: &Json) {
    match kind(property) {
        Kind::Map => {
            line(page, format_args!("{indent}{name}:"));
            let inner = format!("{indent}  ");
            members(property, "properties").for_each(|(name, property)| syntax(page, &inner, name, property));
        }
        Kind::List => {
            line(page, format_args!("{indent}{name}:"));
            let (first, other) = (format!("{indent}  - "), format!("{indent}    "));
            if !matches!(kind(&property["items"]), Kind::Map) {
                line(page, format_args!("{first}{}", kind(&property["items"]).name()));
            }
            for (at, (name, property)) in members(&property["items"], "properties").enumerate() {
                // Only the first line has the list marker.
                let mut part = String::new();
                syntax(&mut part, &other, name, property);
                if at == 0 {
                    part.replace_range(..first.len(), &first);
                }
                page.push_str(&part);
            }
        }
        Kind::Number => line(page, format_args!("{indent}{name}: Integer")),
        Kind::Text => line(page, format_args!("{indent}{name}: String")),
    }
}

fn property_entry(page: &mut String, path: &str, schema: &Json, name: &str, update: &str) {
    let property = &schema["properties"][name];
    line(page, format_args!("\n`{path}`\n\n{}\n", text(property, "description")));
    line(page, format_args!("- *Required*: {}", if is_required(schema, name) { "Yes" } else { "No" }));
    let (name, limits) = (kind(property).name(), limits(property));
    line(page, format_args!("- *Type*: {name}"));
    limits.iter().for_each(|limit| line(page, format_args!("- {limit}")));
    line(page, format_args!("- *Update requires*: {update}"));
    let (of, path) = match kind(property) {
        Kind::List => (&property["items"], format!("{path}[]")),
        _ => (property, path.to_owned()),
    };
    for (name, _) in members(of, "properties") {
        property_entry(page, &format!("{path}.{name}"), of, name, update);
    }
}

/// The type of a property as the reference shows it.
enum Kind {
    Map,
    List,
    Number,
    Text,
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Map => "Map",
            Self::List => "List",
            Self::Number => "Integer",
            Self::Text => "String",
        }
    }
}

fn kind(property: &Json) -> Kind {
    match property["type"].as_str() {
        Some("object") => Kind::Map,
        Some("array") => Kind::List,
        Some(_) => Kind::Text,
        None => Kind::Number,
    }
}

fn limits(property: &Json) -> Vec<String> {
    let known = [
        ("minLength", "Minimum length"),
        ("maxLength", "Maximum length"),
        ("minimum", "Minimum"),
        ("maximum", "Maximum"),
        ("minItems", "Minimum items"),
        ("maxItems", "Maximum items"),
    ];
    let numbers = known.iter().filter_map(|(member, name)| Some(format!("*{name}*: {}", property[member].as_u64()?)));
    let words = property["enum"].as_array().map(|words| {
        let words: Vec<_> = words.iter().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect();
        format!("*Allowed values*: {}", words.join(" | "))
    });
    let pattern = property["pattern"].as_str().map(|pattern| format!("*Pattern*: `{}`", pattern));
    numbers.chain(words).chain(pattern).collect()
}

fn members<'a>(schema: &'a Json, name: &str) -> impl Iterator<Item = (&'a str, &'a Json)> + use<'a> {
    schema[name].as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn pointers<'a>(schema: &'a Json, name: &str) -> Vec<&'a str> {
    let pointers = schema[name].as_array().into_iter().flatten().filter_map(Json::as_str);
    pointers.filter_map(|pointer| pointer.strip_prefix("/properties/")).collect()
}

fn is_required(schema: &Json, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|required| required == name))
}

fn text<'a>(schema: &'a Json, name: &str) -> &'a str {
    schema[name].as_str().unwrap_or_default()
}

fn anchor(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric() || *c == '-').flat_map(char::to_lowercase).collect()
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = writeln!(page, "{text}");
}

/// A sample of an event, where every scalar is text, as its author would write it in a template.
fn with_numbers(example: Json) -> Json {
    match example {
        Json::Object(map) => map.into_iter().map(|(name, value)| (name, with_numbers(value))).collect(),
        Json::Array(items) => items.into_iter().map(with_numbers).collect(),
        Json::String(text) => text.parse::<u32>().map_or(Json::String(text), Json::from),
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_in_other_services_come_from_the_role() {
        let endpoint = actions("Custom::ChimeAppInstanceUserEndpoint");
        assert_eq!(endpoint.last().map(String::as_str), Some("mobiletargeting:GetApp"));
        let streaming = actions("Custom::ChimeMessagingStreamingConfigurations");
        let elsewhere: Vec<_> = streaming.iter().filter(|action| !action.starts_with("chime:")).collect();
        assert_eq!(
            elsewhere,
            [
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
                "iam:CreateServiceLinkedRole"
            ]
        );
    }
}
