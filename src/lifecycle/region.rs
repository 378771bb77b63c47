//! Whether a resource is where the Chime calls go. Nothing is gone because it was looked for in the wrong place.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::values::arns::{arn_scope, chime_arns};
use crate::resource::context::Context;
use serde_json::Value as Json;

/// The partition of the regions that have Chime's messaging control plane.
const PARTITION: &str = "aws";

/// Checks that the ARNs of Chime in `texts`, each behind the path of its property, are of the region and the partition of the Chime calls.
///
/// # Errors
/// One is not; the reason names its property and both regions.
pub fn check_region<'a>(cx: &Context, texts: impl IntoIterator<Item = (String, &'a str)>) -> Result<()> {
    let here = cx.settings().region.as_deref().unwrap_or_default();
    let arns = texts.into_iter().flat_map(|(path, text)| chime_arns(text).map(move |arn| (path.clone(), arn)));
    let strangers: Vec<String> = arns
        .filter_map(|(path, arn)| {
            let home = arn_scope(arn).filter(|home| home.partition != PARTITION || home.region != here)?;
            let property = if path.is_empty() { path } else { format!("{path}: ") };
            let region =
                if home.region.is_empty() { "no region".to_owned() } else { format!("region {}", home.region) };
            Some(format!("{property}{arn} is of {region} (partition {})", home.partition))
        })
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Invalid,
        format!("{}, and the function's Chime calls go to region {here} (partition {PARTITION})", strangers.join("; ")),
    )
    .with_advice(
        "Use a function whose Chime calls go there: its stack's parameter ChimeRegion, or the environment variable CHIME_REGION, \
         says where.",
    ))
}

/// Checks the same of all that a template's `properties` name.
///
/// # Errors
/// The same.
pub fn check_properties(cx: &Context, properties: &Json) -> Result<()> {
    let mut found = Vec::new();
    texts(properties, String::new(), &mut found);
    check_region(cx, found)
}

/// All texts in `json`, each behind its path.
fn texts<'a>(json: &'a Json, path: String, found: &mut Vec<(String, &'a str)>) {
    match json {
        Json::String(text) => found.push((path, text)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| texts(item, format!("{path}[{at}]"), found));
        }
        // The name of a property is no ARN, and neither are the keys and values of tags, or what the application keeps.
        Json::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| !["Tags", "Metadata", "Name"].contains(&name.as_str())) {
                let dot = if path.is_empty() { "" } else { "." };
                texts(value, format!("{path}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}
