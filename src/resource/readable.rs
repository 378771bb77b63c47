//! Reads a resource of any type for the tools, without a request of CloudFormation: all that Chime shows of it, what a template would have
//! to state, and how it differs from what a stack states.

use crate::chime::error::{Error, Result};
use crate::properties::differences::{Difference, Differences};
use crate::properties::problems::Problems;
use crate::properties::raw::RawProperties;
use crate::properties::values::tags::Tags;
use crate::properties::{self, Properties, Value};
use crate::resource::Resource;
use crate::resource::actor::Actor;
use crate::resource::attribute::AttributeSource;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::erased::adapter::Erased;
use crate::resource::ownership::{Tracking, tags};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value as Json};

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
pub enum Comparison {
    /// Chime shows that there is no such resource.
    Gone,
    /// The stated properties are invalid, so that there is nothing to compare with.
    Invalid(Problems),
    /// These properties differ. Empty if none does.
    Differences(Vec<Difference>),
}

/// What a template would have to state so that the resource stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The properties, without tags.
    pub properties: Map<String, Json>,
    /// Why a template cannot state them, or would state something else. Empty if it can.
    pub problems: Vec<String>,
}

/// A type whose resources can be read in full.
pub trait Readable: DynResource {
    /// The properties that Chime shows of the resource `id` to `actor`, as a template states them, without tags. `raw` is what is known of
    /// them beforehand, and may be empty. `None` if Chime shows that the resource does not exist.
    fn properties<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Option<Map<String, Json>>>>;

    /// What a template would have to state so that the resource `id`, as Chime shows it to `actor`, stays as it is. `None` if Chime shows
    /// that it does not exist.
    fn export<'a>(&'a self, cx: &'a Context, id: &'a str, actor: Actor) -> LocalBoxFuture<'a, Result<Option<Export>>>;

    /// The names of the properties that Chime does not show.
    fn unobserved(&self) -> Vec<&'static str>;

    /// The value of an attribute of the resource `id`, if the id contains it.
    fn attribute(&self, id: &str, name: &str) -> Option<String>;

    /// Compares the resource `id`, as Chime shows it to `actor`, with what is stated. All differences are listed, those of the tags
    /// included. A property whose stated value is unknown does not differ.
    fn compare<'a>(
        &'a self,
        cx: &'a Context,
        id: &'a str,
        stated: Stated<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Comparison>>;
}

impl<R: Resource> Readable for Erased<R> {
    fn properties<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        raw: RawProperties<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Option<Map<String, Json>>>> {
        Box::pin(async move {
            let id: R::Id =
                text.parse().map_err(|_| Error::bug(format!("{text} is not a physical id of {}", R::TYPE)))?;
            let observed = R::observe(cx, &id, &raw, &actor, None).await?;
            Ok(observed.and_then(|observed| match observed.properties.write() {
                Json::Object(properties) => Some(properties),
                _ => None,
            }))
        })
    }

    fn export<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Option<Export>>> {
        Box::pin(async move {
            let id: R::Id =
                text.parse().map_err(|_| Error::bug(format!("{text} is not a physical id of {}", R::TYPE)))?;
            let nothing = Json::Null;
            let observed = R::observe(cx, &id, &RawProperties::of(&nothing), &actor, None).await?;
            Ok(observed.map(|observed| {
                let written = observed.properties.write();
                let problems = match properties::read::<R::Properties>(&written) {
                    Err(problems) => vec![problems.to_string()],
                    // For a property that Chime does not show, the default may differ from the real value.
                    Ok(stated) => {
                        let desired = R::desired(cx, &stated);
                        let differences = properties::differences(&observed.properties, &desired);
                        differences.iter().map(ToString::to_string).collect()
                    }
                };
                Export { properties: written.as_object().cloned().unwrap_or_default(), problems }
            }))
        })
    }

    fn unobserved(&self) -> Vec<&'static str> {
        unobserved::<R>()
    }

    fn attribute(&self, id: &str, name: &str) -> Option<String> {
        let id: R::Id = id.parse().ok()?;
        match R::ATTRIBUTES.iter().find(|attribute| attribute.name == name)?.source {
            AttributeSource::Id(of) => Some(of(&id)),
            AttributeSource::Properties(_) | AttributeSource::Chime => None,
        }
    }

    fn compare<'a>(
        &'a self,
        cx: &'a Context,
        text: &'a str,
        stated: Stated<'a>,
        actor: Actor,
    ) -> LocalBoxFuture<'a, Result<Comparison>> {
        Box::pin(async move {
            let id: R::Id =
                text.parse().map_err(|_| Error::bug(format!("{text} is not a physical id of {}", R::TYPE)))?;
            let raw = RawProperties::of(stated.properties);
            let completed = if stated.unknown.is_empty() {
                stated.properties.clone()
            } else {
                let Some(observed) = R::observe(cx, &id, &raw, &actor, None).await? else {
                    return Ok(Comparison::Gone);
                };
                complete(stated, &observed.properties.write())
            };
            let stated = match properties::read::<R::Properties>(&completed) {
                Ok(stated) => stated,
                Err(problems) => return Ok(Comparison::Invalid(problems)),
            };
            let desired = R::desired(cx, &stated);
            let raw = RawProperties::of(&completed);
            let Some(observed) = R::observe(cx, &id, &raw, &actor, Some(&desired)).await? else {
                return Ok(Comparison::Gone);
            };
            let mut differences = properties::differences(&observed.properties, &desired);
            if let Some(stated) = R::tags(&stated) {
                differences.extend(tag_differences(cx, text, stated).await?);
            }
            Ok(Comparison::Differences(differences))
        })
    }
}

/// The properties that are not compared because Chime does not show them. Tags are not part of what Chime shows of a resource, but they are
/// read and compared where the resource carries them.
pub fn unobserved<R: Resource>() -> Vec<&'static str> {
    let has_tags = R::TRACKING == Tracking::Tags;
    R::Properties::unobserved().into_iter().filter(|name| *name != "Tags" || !has_tags).collect()
}

/// The stated properties, with the observed value in place of each unknown one. Required properties are then present, and no unknown
/// property counts as different.
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
