//! Generates the schema of a type, in the form of CloudFormation's own resource types.
//!
//! The schema follows from the declaration of the properties, so there is nothing to keep in sync. The function itself
//! never builds one. The files in `schemas/`, the reference in `docs/` and the linter are generated from them.

use crate::properties::problems::ADOPT_EXISTING;
use crate::properties::raw::CHIME_BEARER;
use crate::properties::{Properties, Value};
use crate::resource::Resource;
use crate::resource::ownership::Tracking;
use crate::resource::readable::unobserved;
use serde_json::{Map, Value as Json, json};

/// The schema of a type, in the form of
/// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>.
///
/// `additionalIdentifiers` has the properties that identify a resource in Chime. These keys are not part of that form:
///
/// - `attributes`: what `Fn::GetAtt` returns. `readOnlyProperties` lists those that are not properties as well.
/// - `ref`: what `Ref` returns.
/// - `rename`: the effect of a new logical id.
/// - `adoption`: which properties a create compares with an existing resource.
/// - `bearer`: the property that names the bearer, if the type needs one.
/// - `authorizes`: the property that names the user or bot to whom the resource gives the rights of a bearer.
/// - `lists`: the type of which the resource states several, and the property that lists them.
///
/// Numbers have the types integer and string, because CloudFormation sends strings.
pub fn of<R: Resource>() -> Json {
    let mut schema = R::Properties::schema();
    schema["typeName"] = json!(format!("Custom::{}", R::TYPE));
    schema["ref"] = json!(R::REF);
    schema["attributes"] =
        R::ATTRIBUTES.iter().map(|attribute| (attribute.name.to_owned(), json!(attribute.doc))).collect();
    schema["rename"] = json!(match (R::TRACKING, R::HAS_TEMPLATE_ID) {
        (Tracking::Untracked, true) => RENAME_LOSES.to_owned(),
        (_, true) => format!("{RENAME_KEEPS}{}", R::RENAME_NOTE),
        (_, false) => RENAME_RECREATES.to_owned(),
    });
    schema["adoption"] = json!(adoption::<R>());
    let create_only = R::Properties::create_only();
    let (mut read_only, mut required) = (Vec::new(), vec![json!("ServiceToken")]);
    if let Some(properties) = schema["properties"].as_object_mut() {
        for attribute in R::ATTRIBUTES {
            if !properties.contains_key(attribute.name) {
                let schema = json!({"type": "string", "description": attribute.doc});
                properties.insert(attribute.name.to_owned(), schema);
                read_only.push(pointer(attribute.name));
            }
        }
        properties.extend(common_properties());
        if !R::IS_ADOPTABLE {
            properties.remove(ADOPT_EXISTING);
        }
    }
    required.extend(schema["required"].as_array().cloned().unwrap_or_default());
    schema["required"] = json!(required);
    schema["createOnlyProperties"] = create_only.iter().map(|name| json!(pointer(name))).collect();
    schema["readOnlyProperties"] = json!(read_only);
    if !R::IDENTIFIERS.is_empty() {
        schema["additionalIdentifiers"] = json!([R::IDENTIFIERS.iter().copied().map(pointer).collect::<Vec<_>>()]);
    }
    if R::NEEDS_BEARER {
        schema["bearer"] = json!(pointer(CHIME_BEARER));
    }
    if let Some(name) = R::AUTHORIZES {
        schema["authorizes"] = json!(pointer(name));
    }
    if let Some((listed, name)) = R::LISTS {
        schema["lists"] = json!({"typeName": format!("Custom::{listed}"), "property": pointer(name)});
    }
    schema
}

/// The effect of a new logical id if the template determines the resource's id.
const RENAME_KEEPS: &str = "The resource is kept: the new logical id takes it over, and deleting the old logical id leaves it alone. Rename \
                    and change in two deployments.";

/// The effect of a new logical id if no owner is recorded.
const RENAME_LOSES: &str = "The resource is lost: its owner is not recorded, so deleting the old logical id also removes the resource of the \
                    new one. Remove it in one deployment, and add it under the new logical id in the next.";

/// The effect of a new logical id if Chime chooses the resource's id.
const RENAME_RECREATES: &str =
    "CloudFormation creates a new resource with a new id and deletes the old one, as for other resource types.";

/// Which properties a create compares with an existing resource.
fn adoption<R: Resource>() -> String {
    let has_tags = R::TRACKING == Tracking::Tags;
    let hidden: Vec<_> =
        unobserved::<R>().into_iter().map(|name| format!("`{name}`, which Chime does not show")).collect();
    let except = if hidden.is_empty() { String::new() } else { format!(" except {}", hidden.join(" and ")) };
    let tags = if has_tags { " Of the tags, only those in the template are compared." } else { "" };
    let found = match (R::IS_ADOPTABLE, R::TRACKING, R::HAS_TEMPLATE_ID) {
        (false, ..) => return format!("{NOT_ADOPTABLE}{}", R::ADOPTION_NOTE),
        (true, Tracking::ParentTag(_), _) | (true, Tracking::Untracked, true) => FOUND,
        (true, ..) => "",
    };
    format!("A create with `AdoptExisting` compares all properties{except}.{tags}{found}{}", R::ADOPTION_NOTE)
}

/// What a create without `AdoptExisting` does if a resource with the same id exists and has no recorded owner.
const FOUND: &str = " A create without `AdoptExisting` compares the same: if they match, it succeeds, and the delete leaves the resource in \
                     Chime. If they differ, it fails.";

/// For types that do not accept `AdoptExisting`.
const NOT_ADOPTABLE: &str = "This type does not take `AdoptExisting`.";

fn pointer(name: &str) -> String {
    format!("/properties/{name}")
}

/// The properties that every type accepts and no resource reads.
fn common_properties() -> Map<String, Json> {
    let properties = json!({
        "ServiceToken": {"type": "string", "description": "The ARN of the function: !ImportValue chime-messaging-resources-ServiceToken."},
        "ServiceTimeout": {"type": ["integer", "string"], "minimum": 1, "maximum": 3600,
            "description": "How many seconds CloudFormation waits for the function. Defaults to an hour."},
        "ClientRequestToken": {"type": "string",
            "description": "Accepted and ignored. The function sends CloudFormation's RequestId to Chime as the token."},
        "AdoptExisting": {"type": "string",
            "description": "The Ref of an existing resource to take over. The resource must match the properties here. As long as AdoptExisting is set, a delete leaves the resource in Chime and removes what the function noted in its tags or its parent's."},
        "Resync": {"type": "string",
            "description": "Any text. When it changes, the update reads the resource from Chime and corrects whatever differs from the template."},
    });
    match properties {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
