//! Reads a resource of any type outside of CloudFormation's requests: in full, as a template would state it.

use crate::chime::error::{Error, Result};
use crate::properties::Value;
use crate::properties::raw::RawProperties;
use crate::resource::Resource;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::erased::adapter::Erased;
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value as Json};

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
}
