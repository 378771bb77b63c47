//! What a type takes and gives, as a schema in the form of CloudFormation's own resource types.
//!
//! Nothing is stated here: the schema follows from the declaration that the reader of the properties follows from. The
//! function never builds one; the files in `schemas/`, the reference in `docs/` and the linter are made of them.

use crate::properties::problems::ADOPT_EXISTING;
use crate::properties::{Properties, Value};
use crate::resource::Resource;
use crate::resource::ownership::owner::Tracking;
use serde_json::{Map, Value as Json, json};

/// The schema of a type, in the form of <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html>.
///
/// Three members are ours: `attributes`, what `Fn::GetAtt` gives (`readOnlyProperties` are those of them that are not properties
/// as well), `ref`, what `Ref` gives, and `rename`, what a new logical id means. A number is of the types integer and string, because CloudFormation sends strings.
pub fn of<R: Resource>() -> Json {
    let mut schema = R::Properties::schema();
    schema["typeName"] = json!(format!("Custom::{}", R::TYPE));
    schema["ref"] = json!(R::REF);
    schema["attributes"] =
        R::ATTRIBUTES.iter().map(|attribute| (attribute.name.to_owned(), json!(attribute.doc))).collect();
    schema["rename"] = json!(match (R::TRACKING, R::HAS_TEMPLATE_ID) {
        (Tracking::Untracked, true) => LOST.to_owned(),
        (_, true) => format!("{KEPT}{}", R::RENAME_NOTE),
        (_, false) => MADE_ANEW.to_owned(),
    });
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
        properties.extend(in_every_type());
        if !R::IS_ADOPTABLE {
            properties.remove(ADOPT_EXISTING);
        }
    }
    required.extend(schema["required"].as_array().cloned().unwrap_or_default());
    schema["required"] = json!(required);
    schema["createOnlyProperties"] = create_only.iter().map(|name| json!(pointer(name))).collect();
    schema["readOnlyProperties"] = json!(read_only);
    schema
}

/// What a new logical id means to a thing that the template names.
const KEPT: &str = "It is kept: the new logical id takes it over, and the old one's delete leaves it alone. Rename and change in two \
                    deployments.";

/// What a new logical id means to what is noted nowhere.
const LOST: &str = "It is lost: nothing records its owner, and the delete of the old logical id removes what the new one names as well. \
                    Remove it in one deployment, and add it under its new logical id in the next.";

/// What a new logical id means to a thing that Chime chooses an id for.
const MADE_ANEW: &str =
    "It is made anew, under an id of its own, and the old one is deleted, as everywhere in CloudFormation.";

fn pointer(name: &str) -> String {
    format!("/properties/{name}")
}

/// The properties that every type takes, and no resource reads.
fn in_every_type() -> Map<String, Json> {
    let properties = json!({
        "ServiceToken": {"type": "string", "description": "The ARN of the function: !ImportValue chime-messaging-resources-ServiceToken."},
        "ServiceTimeout": {"type": ["integer", "string"], "minimum": 1, "maximum": 3600,
            "description": "How many seconds CloudFormation waits for the function; an hour unless given."},
        "ClientRequestToken": {"type": "string",
            "description": "Accepted and not used: CloudFormation's RequestId is the token that Chime gets."},
        "AdoptExisting": {"type": "string",
            "description": "What Ref gives of something that exists already and is to be taken over. It has to be as stated here. While the property stands there, a delete of the resource gives it back and does not delete it."},
        "Resync": {"type": "string",
            "description": "Any text. When it changes, the update reads what Chime holds, and brings it in line with the template."},
    });
    match properties {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
