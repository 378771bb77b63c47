//! `Custom::ChimeAppInstance`: the home of a chat back end, which holds its users, bots, channels and flows.

use crate::arns::AppInstanceArn;
use crate::error::{Error, Kind, Result};
use crate::ownership::Owner;
use crate::resource::{Change, Context, Live, Resource};
use crate::tags::{TagChange, Tags, identity as tagging};
use crate::values::{Metadata, Text};

crate::properties! {
    /// The properties of an app instance. None of them replaces it.
    pub struct AppInstanceProperties {
        /// Its name; `<stack>-<logical id>` unless given.
        name: Option<Text<1, 256>> => "Name",
        /// Whatever the application wants to keep with it.
        metadata: Option<Metadata> => "Metadata",
        /// Its tags.
        tags: Option<Tags> => "Tags",
    }
}

impl AppInstanceProperties {
    fn name(&self, cx: &Context) -> String {
        self.name.as_ref().map_or_else(|| cx.default_name(), |name| name.as_str().to_owned())
    }
}

/// An app instance.
#[derive(Debug)]
pub struct AppInstance;

impl Resource for AppInstance {
    const TYPE: &'static str = "ChimeAppInstance";
    const CHIME_CHOOSES_ID: bool = true;
    type Id = AppInstanceArn;
    type Properties = AppInstanceProperties;

    fn replaces(_: &AppInstanceArn, _: &AppInstanceProperties) -> bool {
        false
    }

    async fn create(cx: &Context, properties: &AppInstanceProperties) -> Result<Live> {
        let create = cx.identity().create_app_instance().name(properties.name(cx));
        let output = create
            .set_metadata(properties.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()))
            .set_tags(Some(tagging::at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        Ok(live(&cx.made(output.app_instance_arn())?))
    }

    async fn update(
        cx: &Context,
        id: &AppInstanceArn,
        change: &Change<'_, AppInstanceProperties>,
    ) -> Result<Live> {
        if change.differs(|properties| (properties.name(cx), &properties.metadata)) {
            // Chime wants both, whichever of them has changed; an empty text clears the metadata.
            let metadata = change.wanted.metadata.as_ref().map_or("", Metadata::as_str);
            let update = cx.identity().update_app_instance().app_instance_arn(id.as_str());
            update.name(change.wanted.name(cx)).metadata(metadata).send().await?;
        }
        tagging::apply(cx, id.as_str(), &TagChange::of(change, |properties| properties.tags.as_ref())).await?;
        Ok(live(id))
    }

    async fn delete(cx: &Context, id: &AppInstanceArn) -> Result<()> {
        cx.identity().delete_app_instance().app_instance_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn is_listed(cx: &Context, id: &AppInstanceArn) -> Result<bool> {
        let mut pages = cx.identity().list_app_instances().max_results(50).into_paginator().send();
        while let Some(page) = pages.next().await {
            if page?.app_instances().iter().any(|found| found.app_instance_arn() == Some(id.as_str())) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn find(cx: &Context, properties: &AppInstanceProperties, owner: &Owner) -> Result<Vec<AppInstanceArn>> {
        let name = properties.name(cx);
        let mut found = Vec::new();
        let mut pages = cx.identity().list_app_instances().max_results(50).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page?;
            // The owner's own has the name that it was given; asking each of a hundred for its tags would take long.
            let candidates = page.app_instances().iter().filter(|summary| summary.name() == Some(&name));
            for arn in candidates.filter_map(|summary| summary.app_instance_arn()?.parse::<AppInstanceArn>().ok()) {
                if tagging::is_owned(cx, arn.as_str(), owner).await? {
                    found.push(arn);
                }
            }
        }
        Ok(found)
    }
}

fn live(arn: &AppInstanceArn) -> Live {
    Live::new(arn, [("AppInstanceArn", arn.to_string()), ("AppInstanceId", arn.id().to_owned())])
}

/// What to make of an error about something in `app_instance`: nothing is in an app instance that does not exist.
///
/// # Errors
/// The same error, unless it means that the app instance does not exist.
pub async fn nothing_if_gone<T: Default>(cx: &Context, app_instance: &AppInstanceArn, error: Error) -> Result<T> {
    match error.kind() {
        Kind::NotFound => Ok(T::default()),
        Kind::Forbidden if !AppInstance::is_listed(cx, app_instance).await? => Ok(T::default()),
        _ => Err(error),
    }
}
