//! `Custom::ChimeAppInstance`: the home of a chat back end, which holds its users, bots, channels and flows.

use crate::arns::AppInstanceArn;
use crate::chime::list;
use crate::error::{Error, Kind, Result};
use crate::ownership::Owner;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::tags::{TagChange, Tags, identity as tagging};
use crate::values::{Metadata, Text};

crate::properties! {
    /// An app instance: the home of a chat back end, which holds its users, bots, channels and channel flows. Deleting it deletes
    /// all that is in it.
    pub struct AppInstanceProperties {
        /// Its name. `<stack>-<logical id>` unless given, cut to fit.
        name: Option<Text<1, 256>> => "Name",
        /// Whatever the application wants to keep with it, as text.
        metadata: Option<Metadata> => "Metadata",
        /// Its tags. Chime takes fifty, three of which say whose the resource is.
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
    const IDENTITY: Identity = Identity::ChosenByChime;
    const REF: &'static str = "The ARN of the app instance.";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] =
        &[("AppInstanceArn", "The ARN."), ("AppInstanceId", "The id that Chime gave it, the last part of the ARN.")];
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
        let app_instances = list!(cx.identity().list_app_instances(), app_instances)?;
        Ok(app_instances.iter().any(|found| found.app_instance_arn() == Some(id.as_str())))
    }

    async fn find(cx: &Context, properties: &AppInstanceProperties, owner: &Owner) -> Result<Vec<AppInstanceArn>> {
        let name = properties.name(cx);
        let app_instances = list!(cx.identity().list_app_instances(), app_instances)?;
        // The owner's own has the name that it was given; asking each of a hundred for its tags would take long.
        let candidates = app_instances.iter().filter(|found| found.name().is_none_or(|found| found == name));
        tagging::owned(cx, candidates.filter_map(|found| found.app_instance_arn()).collect(), owner).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use chime_local::logical_resource::LogicalResource;
    use chime_local::rehearsal::Rehearsal;
    use chime_local::simulator::Options;
    use serde_json::json;

    #[test]
    fn nothing_is_required_and_every_limit_is_named() {
        assert!(crate::properties::read::<AppInstanceProperties>(&json!({})).is_ok());
        let wrong = json!({"Name": "", "Metadata": "m".repeat(1025), "Tags": [{"Key": "k"}]});
        assert_eq!(
            crate::properties::read::<AppInstanceProperties>(&wrong).expect_err("wrong").to_string(),
            "Name must be text of 1 to 256 characters, not \"\"; Metadata must be at most 1024 characters, it has 1025; \
             Tags[0].Value is required"
        );
    }

    #[tokio::test]
    async fn a_name_that_is_not_given_is_made_of_stack_and_logical_id_and_cut_to_fit() {
        let rehearsal = Rehearsal::start(Options::default()).expect("it starts");
        for (logical_id, name) in [("App".to_owned(), "chat-App".to_owned()), ("A".repeat(255), format!("chat-{}", "A".repeat(251)))] {
            let app = LogicalResource { logical_id, ..LogicalResource::new("Custom::ChimeAppInstance") };
            assert_eq!(rehearsal.invoke(&app.create(&json!({}))).await.status(), "SUCCESS");
            let held = rehearsal.simulator.holds();
            assert!(held.as_array().expect("a list").iter().any(|app| app["Name"] == *name), "{held}");
        }
    }

    #[tokio::test]
    async fn metadata_that_is_left_out_is_cleared() {
        let rehearsal = Rehearsal::start(Options::default()).expect("it starts");
        let (app, with) = (LogicalResource::new("Custom::ChimeAppInstance"), json!({"Name": "N", "Metadata": "m"}));
        let created = rehearsal.invoke(&app.create(&with)).await;
        let updated = rehearsal.invoke(&app.update(created.id(), &with, &json!({"Name": "N"}))).await;
        assert_eq!(updated.operations(), ["UpdateAppInstance"]);
        assert_eq!(rehearsal.simulator.holds()[0].get("Metadata"), None);
    }
}
