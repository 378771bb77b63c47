//! `Custom::ChimeAppInstance`: the home of a chat back end, which holds its users, bots, channels and flows.

use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::Text;
use crate::resource::ownership::tags::identity::at_creation;
use crate::resource::parent::list_app_instances;
use crate::resource::prelude::*;

properties! {
    /// An app instance: the home of a chat back end, which holds its users, bots, channels and channel flows. Deleting it deletes
    /// all that is in it.
    pub struct AppInstanceProperties {
        /// Its name. `<stack>-<logical id>` unless given, cut to fit.
        name: Option<Text<1, 256>> => "Name",
        /// Whatever the application wants to keep with it, as text.
        metadata: Metadata => "Metadata",
        /// Its tags. Chime takes fifty, six of which are reserved for its ownership.
        tags: Option<Tags> => "Tags",
    }
}

impl AppInstanceProperties {
    fn name<'a>(&'a self, cx: &'a Context) -> &'a str {
        self.name.as_ref().map_or(cx.default_name(), Text::as_str)
    }
}

/// An app instance.
#[derive(Debug)]
pub struct AppInstance;

impl Resource for AppInstance {
    const TYPE: &'static str = "ChimeAppInstance";
    const REF: &'static str = "The ARN of the app instance.";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("AppInstanceArn", "The ARN.", AppInstanceArn::to_string),
        Attribute::of_id("AppInstanceId", "The id that Chime gave it, the last part of the ARN.", |arn| {
            arn.id().to_owned()
        }),
    ];
    const NOTED: Noted = Noted::OwnTags;
    const IS_NAMED: bool = false;
    type Id = AppInstanceArn;
    type Properties = AppInstanceProperties;

    fn place(_: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        Some(Place::In(String::new()))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let create = cx.identity().create_app_instance().name(properties.name(cx));
        let output = create
            .set_metadata(properties.metadata.to_create())
            .set_tags(Some(at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.app_instance_arn())
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        if change.differs(|properties| (properties.name(cx), &properties.metadata)) {
            let update = cx.identity().update_app_instance().app_instance_arn(id.as_str());
            update.name(change.wanted.name(cx)).metadata(change.wanted.metadata.to_update()).send().await?;
        }
        Ok(Live::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &Stated<'_>) -> Result<()> {
        cx.identity().delete_app_instance().app_instance_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn list(cx: &Context, _: &str, token: Option<String>, _: &Stated<'_>) -> Result<Page> {
        list_app_instances(cx, token).await
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, _: &Stated<'_>) -> Result<Seen> {
        let output = cx.identity().describe_app_instance().app_instance_arn(id.as_str()).send().await?;
        let Some(found) = output.app_instance() else { return Ok(Seen::NOTHING) };
        Seen::beside(found.created_timestamp(), wanted, |wanted| {
            Ok(found.name() == Some(wanted.name(cx)) && wanted.metadata.is(found.metadata()))
        })
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_bed::{ChimeTestBed, Operations};
    use chime_simulator::Options;
    use cloudformation_local::LogicalResource;
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
        let bed = ChimeTestBed::start(Options::default()).expect("it starts");
        for (logical_id, name) in
            [("App".to_owned(), "chat-App".to_owned()), ("A".repeat(255), format!("chat-{}", "A".repeat(251)))]
        {
            let app = LogicalResource { logical_id, ..LogicalResource::new("Custom::ChimeAppInstance") };
            assert_eq!(bed.invoke(&app.create(&json!({}))).await.status(), "SUCCESS");
            let held = bed.simulator.holds();
            assert!(held.as_array().expect("a list").iter().any(|app| app["Name"] == *name), "{held}");
        }
    }

    #[tokio::test]
    async fn metadata_that_is_left_out_is_cleared() {
        let bed = ChimeTestBed::start(Options::default()).expect("it starts");
        let (app, with) = (LogicalResource::new("Custom::ChimeAppInstance"), json!({"Name": "N", "Metadata": "m"}));
        let created = bed.invoke(&app.create(&with)).await;
        let updated = bed.invoke(&app.update(created.id(), &with, &json!({"Name": "N"}))).await;
        assert_eq!(updated.operations(), ["UpdateAppInstance"]);
        assert_eq!(bed.simulator.holds()[0].get("Metadata"), None);
    }
}
