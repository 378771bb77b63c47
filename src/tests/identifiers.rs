//! Compares the declared identifiers of each type with what the type derives an id from.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use crate::properties::raw::RawProperties;
use crate::registry::{find, schemas};
use crate::resource::Locator;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;

/// The properties of the type's sample Create event.
fn sample(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("events/{name}/1-create.json"));
    let event: Json = serde_json::from_str(&fs::read_to_string(path).expect("the event")).expect("JSON");
    event["ResourceProperties"].clone()
}

/// The id that the properties determine, if they do.
fn id(name: &str, properties: &Json) -> Option<String> {
    match find(name).expect("a type").locate(&RawProperties::of(properties), None) {
        Some(Locator::ById(id)) => Some(id),
        Some(Locator::InParent(_)) | None => None,
    }
}

/// The properties that change the id of the sample, or without which it has none.
fn identifying(name: &str, properties: &Json) -> Vec<String> {
    let own = id(name, properties);
    let names = properties.as_object().expect("a map").keys();
    let decides = |property: &&String| {
        let mut others = properties.clone();
        others[property.as_str()] = match &properties[property.as_str()] {
            Json::String(text) => json!(format!("{text}x")),
            _ => Json::Null,
        };
        id(name, &others) != own
    };
    names.filter(decides).map(|property| format!("/properties/{property}")).collect()
}

#[test]
fn the_declared_identifiers_are_those_that_determine_the_id() {
    let mut identified = 0;
    for schema in schemas() {
        let name = schema["typeName"].as_str().and_then(|name| name.strip_prefix("Custom::")).expect("a name");
        // Several lists may state members of one channel.
        if schema.get("lists").is_some() {
            assert!(schema.get("additionalIdentifiers").is_none(), "{name}");
            continue;
        }
        let declared = schema["additionalIdentifiers"][0].as_array().cloned().unwrap_or_default();
        let mut declared: Vec<_> = declared.iter().filter_map(|pointer| Some(pointer.as_str()?.to_owned())).collect();
        declared.sort();
        assert_eq!(identifying(name, &sample(name)), declared, "{name}");
        assert_eq!(!declared.is_empty(), find(name).expect("a type").has_template_id(), "{name}");
        identified += usize::from(!declared.is_empty());
    }
    assert!(identified > 8, "{identified}");
}

#[test]
fn what_gives_the_rights_of_a_bearer_names_whom_and_where() {
    let authorizing: Vec<_> = schemas()
        .into_iter()
        .filter(|schema| schema.get("authorizes").is_some())
        .map(|schema| {
            let identifiers = schema["additionalIdentifiers"][0].as_array().cloned().unwrap_or_default();
            assert!(identifiers.contains(&schema["authorizes"]), "{schema}");
            schema["typeName"].as_str().unwrap_or_default().to_owned()
        })
        .collect();
    assert_eq!(authorizing, ["Custom::ChimeAppInstanceAdmin", "Custom::ChimeChannelModerator"]);
}
