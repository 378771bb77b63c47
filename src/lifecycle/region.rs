//! Whether a thing is where the Chime calls go. Nothing is gone because it was looked for in the wrong place.

use crate::chime::error::{Error, Kind, Result};
use crate::resource::context::Context;
use crate::template::arns::{chime_arns, home};
use serde_json::Value as Json;

/// The partition of the regions that have Chime's messaging control plane.
const PARTITION: &str = "aws";

/// Checks that the ARNs of Chime in `texts` are of the region and the partition of the Chime calls.
///
/// # Errors
/// One is not; the reason names both regions.
pub fn must_be_here<'a>(cx: &Context, texts: impl Iterator<Item = &'a str>) -> Result<()> {
    let here = cx.settings().region.as_deref().unwrap_or_default();
    let strangers: Vec<String> = texts
        .flat_map(chime_arns)
        .filter_map(|arn| {
            let home = home(arn).filter(|home| home.partition != PARTITION || home.region != here)?;
            Some(format!("{arn} is of region {} (partition {})", home.region, home.partition))
        })
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Invalid,
        format!("{}, and the function's Chime calls go to region {here} (partition {PARTITION})", strangers.join("; ")),
    )
    .advise(
        "Use a function whose Chime calls go there: its stack's parameter ChimeRegion, or the environment variable CHIME_REGION, \
         says where.",
    ))
}

/// All texts in `json`.
pub fn texts(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        // The name of a property is no ARN, and neither are the keys and values of tags, or what the application keeps.
        Json::Object(map) => {
            let arns = map.iter().filter(|(name, _)| !["Tags", "Metadata", "Name"].contains(&name.as_str()));
            arns.flat_map(|(_, value)| texts(value)).collect()
        }
        _ => Vec::new(),
    }
}
