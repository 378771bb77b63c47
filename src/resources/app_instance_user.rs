//! `Custom::ChimeAppInstanceUser`: a user who can chat in an app instance.

use crate::properties::chime::expiration::ExpirationSettings;
use crate::properties::values::arns::{AppInstanceArn, AppInstanceUserArn, InAppInstance};
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{ResourceId, UserName};
use crate::resource::ownership::tags::identity::creation_tags;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{observed_user_expiration, user_expiration_settings};

properties! {
    /// A user who can chat in an app instance.
    pub struct AppInstanceUserProperties {
        /// The app instance that contains the user.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// The id, which is the last part of the ARN: letters, digits and `: - _ . @`, beginning and ending with a
        /// letter or digit.
        app_instance_user_id: ResourceId => "AppInstanceUserId" create_only,
        /// The name, which must not be blank. Defaults to AppInstanceUserId.
        name: Option<UserName> => "Name",
        /// Arbitrary text that the application stores with the user.
        metadata: Metadata => "Metadata",
        /// When Chime deletes the user automatically. Defaults to never.
        expiration_settings: Option<ExpirationSettings> => "ExpirationSettings",
        /// The tags. Chime allows fifty, six of which are reserved for ownership.
        tags: Option<Tags> => "Tags" unobserved,
    }
}

/// A user.
#[derive(Debug)]
pub struct AppInstanceUser;

impl Resource for AppInstanceUser {
    const TYPE: &'static str = "ChimeAppInstanceUser";
    const REF: &'static str = "The ARN of the user.";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("AppInstanceUserArn", "The ARN.", AppInstanceUserArn::to_string),
        Attribute::of_id("AppInstanceUserId", "The id.", |arn| arn.id().to_owned()),
    ];
    const TRACKING: Tracking = Tracking::Tags;
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["AppInstanceArn", "AppInstanceUserId"];
    type Id = AppInstanceUserArn;
    type Properties = AppInstanceUserProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        let app_instance: AppInstanceArn = raw.get("AppInstanceArn")?;
        let id: ResourceId = raw.get("AppInstanceUserId")?;
        Some(Locator::ById(app_instance.user(id.as_str())))
    }

    fn desired(_: &Context, stated: &Self::Properties) -> Self::Properties {
        let id = stated.app_instance_user_id.as_str();
        let name = stated.name.clone().unwrap_or_else(|| UserName::unchecked(id));
        AppInstanceUserProperties { name: Some(name), ..stated.clone() }
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let create = cx.identity().create_app_instance_user();
        let output = create
            .app_instance_arn(desired.app_instance_arn.as_str())
            .app_instance_user_id(desired.app_instance_user_id.as_str())
            .set_name(name_of(desired))
            .set_metadata(desired.metadata.to_create())
            .set_expiration_settings(user_expiration_settings(&desired.expiration_settings)?)
            .set_tags(Some(creation_tags(cx, desired.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.app_instance_user_arn(), Some(desired.app_instance_arn.as_str()))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let desired = change.desired;
        if change.differs(|properties| (&properties.name, &properties.metadata)) {
            let update = cx.identity().update_app_instance_user().app_instance_user_arn(id.as_str());
            update.set_name(name_of(desired)).metadata(desired.metadata.to_update()).send().await?;
        }
        if change.differs(|properties| &properties.expiration_settings) {
            let put = cx.identity().put_app_instance_user_expiration_settings().app_instance_user_arn(id.as_str());
            put.set_expiration_settings(user_expiration_settings(&desired.expiration_settings)?).send().await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        cx.identity().delete_app_instance_user().app_instance_user_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let output = cx.identity().describe_app_instance_user().app_instance_user_arn(id.as_str()).send().await?;
        Ok(output.app_instance_user().map(|found| {
            let properties = AppInstanceUserProperties {
                app_instance_arn: id.app_instance_arn(),
                app_instance_user_id: ResourceId::unchecked(id.id()),
                name: found.name().map(UserName::unchecked),
                metadata: Metadata::observed(found.metadata()),
                expiration_settings: found.expiration_settings().map(observed_user_expiration),
                tags: None,
            };
            Observed::new(properties, found.created_timestamp())
        }))
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        let list = cx.identity().list_app_instance_users().app_instance_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let users = page.app_instance_users().iter();
        Ok(Page::of(users.map(|user| (user.app_instance_user_arn(), user.name())), page.next_token()))
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
}

fn name_of(desired: &AppInstanceUserProperties) -> Option<String> {
    desired.name.as_ref().map(|name| name.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_bed::{ChimeTestBed, Operations};
    use chime_simulator::Options;
    use cloudformation_local::LogicalResource;
    use serde_json::json;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    #[test]
    fn every_problem_is_named() {
        let wrong = json!({"AppInstanceArn": "a", "AppInstanceUserId": "-ada", "Name": " ",
            "ExpirationSettings": {"ExpirationDays": "0", "ExpirationCriterion": "CREATED"}});
        assert_eq!(
            crate::properties::read::<AppInstanceUserProperties>(&wrong).expect_err("wrong").to_string(),
            "AppInstanceArn must be the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>), not \"a\"; \
             AppInstanceUserId must be 1 to 64 letters, digits and : - _ . @, with a letter or digit at either end, not \"-ada\"; \
             Name must be text of 1 to 100 characters, not all blank, not \" \"; \
             ExpirationSettings.ExpirationDays must be a whole number from 1 to 5475, not \"0\"; \
             ExpirationSettings.ExpirationCriterion must be CREATED_TIMESTAMP, not \"CREATED\""
        );
    }

    #[tokio::test]
    async fn the_default_name_is_the_id_and_each_change_makes_only_the_needed_call() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let bed = ChimeTestBed::start(Options { seed, ..Options::default() }).expect("it starts");
        let user = LogicalResource::new("Custom::ChimeAppInstanceUser");
        let first = json!({"AppInstanceArn": APP, "AppInstanceUserId": "ada"});
        let id = bed.invoke(&user.create(&first)).await.id().to_owned();
        assert_eq!(bed.simulator.holds()[0]["Users"][0]["Name"], "ada");
        let mut expiring = first.clone();
        expiring["ExpirationSettings"] = json!({"ExpirationDays": "3", "ExpirationCriterion": "CREATED_TIMESTAMP"});
        for (old, new) in [(&first, &expiring), (&expiring, &first)] {
            let updated = bed.invoke(&user.update(&id, old, new)).await;
            assert_eq!(updated.operations(), ["PutAppInstanceUserExpirationSettings"]);
        }
        let mut named = first.clone();
        named["Name"] = json!("Ada");
        let updated = bed.invoke(&user.update(&id, &first, &named)).await;
        assert_eq!(updated.operations(), ["UpdateAppInstanceUser"]);
        assert_eq!(bed.simulator.holds()[0]["Users"][0]["Name"], "Ada");
    }
}
