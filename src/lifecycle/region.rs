//! Checks that the ARNs of a request are in the region that the Chime calls go to. In any other region, every resource would
//! look as if it did not exist.

use crate::chime::error::{Error, Kind, Result};
use crate::properties::values::arns::{arn_scope, chime_arns};
use crate::resource::context::Context;
use crate::settings::CHIME_REGIONS;
use serde_json::Value as Json;

/// The partition of every region that has Chime's messaging control plane.
const PARTITION: &str = "aws";

/// Checks every Chime ARN in `texts`: its region and partition have to be those of the Chime calls. Each text comes with the path of
/// its property.
///
/// # Errors
/// An ARN is elsewhere. The reason names its property and both regions.
pub fn check_region<'a>(cx: &Context, texts: impl IntoIterator<Item = (String, &'a str)>) -> Result<()> {
    let here = cx.settings().region.as_deref().unwrap_or_default();
    let arns = texts.into_iter().flat_map(|(path, text)| chime_arns(text).map(move |arn| (path.clone(), arn)));
    let strangers: Vec<String> = arns
        .filter_map(|(path, arn)| {
            let home = arn_scope(arn).filter(|home| home.partition != PARTITION || home.region != here)?;
            let property = if path.is_empty() { path } else { format!("{path}: ") };
            let region =
                if home.region.is_empty() { "no region".to_owned() } else { format!("region {}", home.region) };
            Some(format!("{property}{arn} is in {region} (partition {})", home.partition))
        })
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Invalid,
        format!("{}, but the function's Chime calls go to region {here} (partition {PARTITION})", strangers.join("; ")),
    )
    .with_advice(format!(
        "Correct the ARN, or use a function whose Chime calls go there: Chime's messaging control plane is in {}. The parameter \
         ChimeRegion of the function's stack, or the environment variable CHIME_REGION, sets the region.",
        CHIME_REGIONS.join(" and ")
    )))
}

/// Checks every Chime ARN in a resource's `properties`, like [`check_region`].
///
/// # Errors
/// Those of [`check_region`].
pub fn check_properties(cx: &Context, properties: &Json) -> Result<()> {
    let mut found = Vec::new();
    texts(properties, String::new(), &mut found);
    check_region(cx, found)
}

/// Whether `properties` name something of another region, partition or account than the resource `id`. A request with these properties was
/// rejected or denied, so it created nothing, and what it names may not even be asked about.
pub fn is_elsewhere(cx: &Context, properties: &Json, id: &str) -> bool {
    let mut found = Vec::new();
    texts(properties, String::new(), &mut found);
    let account = arn_scope(id).map(|home| home.account);
    let mut homes = found.iter().flat_map(|(_, text)| chime_arns(text)).filter_map(arn_scope);
    check_properties(cx, properties).is_err()
        || homes.any(|home| account.is_some_and(|account| account != home.account))
}

/// Collects all strings in `json`, each with its path.
fn texts<'a>(json: &'a Json, path: String, found: &mut Vec<(String, &'a str)>) {
    match json {
        Json::String(text) => found.push((path, text)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| texts(item, format!("{path}[{at}]"), found));
        }
        // Tags, names and metadata are free text: an ARN in them refers to nothing that the function calls.
        Json::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| !["Tags", "Metadata", "Name"].contains(&name.as_str())) {
                let dot = if path.is_empty() { "" } else { "." };
                texts(value, format!("{path}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}
