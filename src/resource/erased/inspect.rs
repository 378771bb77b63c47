//! A type as tools on an account see it: what Chime shows beside what a stack states. It only reads.
//!
//! This is a trait of its own because the function needs none of it: what stands in [`DynResource`](super::DynResource) is part of the
//! function, used or not.

use crate::chime::error::{Error, Result};
use crate::properties::differences::{Difference, Differences};
use crate::properties::problems::Problems;
use crate::properties::raw::RawProperties;
use crate::properties::values::tags::Tags;
use crate::properties::{self, Properties, Value};
use crate::resource::Resource;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::erased::adapter::Erased;
use crate::resource::ownership::tags;
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;

/// What a stack states of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    /// The properties, as in the template.
    pub properties: &'a Json,
    /// The names of the properties whose values are unknown.
    pub unknown: &'a [String],
}

/// What Chime shows of a resource beside what a stack states.
#[derive(Debug)]
pub enum Compared {
    /// Chime shows that there is no such resource.
    Gone,
    /// The stated properties are invalid, so that there is nothing to compare with.
    Invalid(Problems),
    /// These properties differ. Empty if none does.
    Differences(Vec<Difference>),
}

/// A type that can be compared. Ids are plain text, as in [`DynResource`](super::DynResource).
pub trait Inspect: Sync {
    /// The type's name, without the leading `Custom::`.
    fn type_name(&self) -> &'static str;

    /// The names of the properties that Chime does not show.
    fn unobserved(&self) -> Vec<&'static str>;

    /// Compares the resource `id`, as Chime shows it to `actor`, with what is stated. All differences are listed, those of the tags
    /// included. A property whose stated value is unknown does not differ.
    fn compare<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        stated: Stated<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Compared>>;
}

impl<R: Resource> Inspect for Erased<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn unobserved(&self) -> Vec<&'static str> {
        R::Properties::unobserved()
    }

    fn compare<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        stated: Stated<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Compared>> {
        Box::pin(async move {
            let id: R::Id =
                text.parse().map_err(|_| Error::bug(format!("{text} is not a physical id of {}", R::TYPE)))?;
            let raw = RawProperties::of(stated.properties);
            let completed = if stated.unknown.is_empty() {
                stated.properties.clone()
            } else {
                let Some(observed) = R::observe(cx, &id, &raw, &actor, None).await? else { return Ok(Compared::Gone) };
                complete(stated, &observed.properties.write())
            };
            let stated = match properties::read::<R::Properties>(&completed) {
                Ok(stated) => stated,
                Err(problems) => return Ok(Compared::Invalid(problems)),
            };
            let desired = R::desired(cx, &stated);
            let raw = RawProperties::of(&completed);
            let Some(observed) = R::observe(cx, &id, &raw, &actor, Some(&desired)).await? else {
                return Ok(Compared::Gone);
            };
            let mut differences = properties::differences(&observed.properties, &desired);
            if let Some(stated) = R::tags(&stated) {
                differences.extend(tag_differences(cx, text, stated).await?);
            }
            Ok(Compared::Differences(differences))
        })
    }
}

/// The stated properties, with what Chime shows in place of what is unknown. A required property is so there, and none of these differs.
fn complete(stated: Stated<'_>, observed: &Json) -> Json {
    let mut completed = stated.properties.clone();
    if let Some(map) = completed.as_object_mut() {
        for name in stated.unknown {
            map.remove(name);
            if let Some(value) = observed.get(name) {
                map.insert(name.clone(), value.clone());
            }
        }
    }
    completed
}

async fn tag_differences(cx: &Context, id: &str, stated: &Tags) -> Result<Vec<Difference>> {
    let current = Tags::observed(tags::read(cx, id).await?);
    let mut differences = Differences::default();
    differences.within("Tags", |differences| Tags::compare(&current, stated, differences));
    Ok(differences.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_property_has_the_observed_value_or_none() {
        let properties = json!({"Name": "?", "Mode": "RESTRICTED"});
        let unknown = ["Name".to_owned(), "Metadata".to_owned()];
        let stated = Stated { properties: &properties, unknown: &unknown };
        let completed = complete(stated, &json!({"Name": "Chat", "Mode": "UNRESTRICTED"}));
        assert_eq!(completed, json!({"Name": "Chat", "Mode": "RESTRICTED"}));
    }
}
