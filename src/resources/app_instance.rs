//! `Custom::ChimeAppInstance`: the container of a chat back end. It holds users, bots, channels and flows.

use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{Text, or_empty};
use crate::resource::ownership::tags::identity::creation_tags;
use crate::resource::parent::list_app_instances;
use crate::resource::prelude::*;

properties! {
    /// An app instance: the container of a chat back end. It holds users, bots, channels and channel flows. Deleting it
    /// deletes everything in it.
    pub struct AppInstanceProperties {
        /// The name. Defaults to `<stack>-<logical id>`, truncated to fit.
        name: Option<Text<1, 256>> => "Name",
        /// Arbitrary text that the application stores with the app instance.
        metadata: Metadata => "Metadata",
        /// The tags. Chime allows fifty, six of which are reserved for ownership.
        tags: Option<Tags> => "Tags" unobserved,
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
        Attribute::of_id("AppInstanceId", "The id chosen by Chime, which is the last part of the ARN.", |arn| {
            arn.id().to_owned()
        }),
    ];
    const TRACKING: Tracking = Tracking::Tags;
    const HAS_TEMPLATE_ID: bool = false;
    type Id = AppInstanceArn;
    type Properties = AppInstanceProperties;

    fn locate(_: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::InParent(String::new()))
    }

    fn desired(cx: &Context, stated: &Self::Properties) -> Self::Properties {
        let name = stated.name.clone().unwrap_or_else(|| Text::unchecked(cx.default_name()));
        AppInstanceProperties { name: Some(name), ..stated.clone() }
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let create = cx.identity().create_app_instance().name(or_empty(&desired.name));
        let output = create
            .set_metadata(desired.metadata.to_create())
            .set_tags(Some(creation_tags(cx, desired.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.app_instance_arn(), None)
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| (&properties.name, &properties.metadata)) {
            let update = cx.identity().update_app_instance().app_instance_arn(id.as_str());
            update.name(or_empty(&change.desired.name)).metadata(change.desired.metadata.to_update()).send().await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        cx.identity().delete_app_instance().app_instance_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn list(cx: &Context, _: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        list_app_instances(cx, token).await
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let output = cx.identity().describe_app_instance().app_instance_arn(id.as_str()).send().await?;
        Ok(output.app_instance().map(|found| {
            let properties = AppInstanceProperties {
                name: found.name().map(Text::unchecked),
                metadata: Metadata::observed(found.metadata()),
                tags: None,
            };
            Observed::new(properties, found.created_timestamp())
        }))
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
    fn no_property_is_required_and_every_violation_is_named() {
        assert!(crate::properties::read::<AppInstanceProperties>(&json!({})).is_ok());
        let wrong = json!({"Name": "", "Metadata": "m".repeat(1025), "Tags": [{"Key": "k"}]});
        assert_eq!(
            crate::properties::read::<AppInstanceProperties>(&wrong).expect_err("wrong").to_string(),
            "Name must be text of 1 to 256 characters, not \"\"; Metadata must be at most 1024 characters, it has 1025; \
             Tags[0].Value is required"
        );
    }

    #[tokio::test]
    async fn the_default_name_is_built_from_stack_and_logical_id_and_truncated() {
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
    async fn omitted_metadata_is_cleared() {
        let bed = ChimeTestBed::start(Options::default()).expect("it starts");
        let (app, with) = (LogicalResource::new("Custom::ChimeAppInstance"), json!({"Name": "N", "Metadata": "m"}));
        let created = bed.invoke(&app.create(&with)).await;
        let updated = bed.invoke(&app.update(created.id(), &with, &json!({"Name": "N"}))).await;
        assert_eq!(updated.operations(), ["UpdateAppInstance"]);
        assert_eq!(bed.simulator.holds()[0].get("Metadata"), None);
    }
}
