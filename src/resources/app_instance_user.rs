//! `Custom::ChimeAppInstanceUser`: somebody who can chat in an app instance.

use super::app_instance::nothing_if_gone;
use crate::arns::{AppInstanceArn, AppInstanceUserArn, InAppInstance};
use crate::chime::list;
use crate::error::Result;
use crate::ownership::Owner;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::tags::{TagChange, Tags, identity as tagging};
use crate::values::{ExpirationSettings, Metadata, ResourceId, UserName};
use aws_sdk_chimesdkidentity::types::ExpirationSettings as SdkExpirationSettings;

crate::properties! {
    /// Somebody who can chat in an app instance.
    pub struct AppInstanceUserProperties {
        /// The app instance it belongs to.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// Its id, unique in the app instance and the last part of its ARN: letters, digits and `: - _ . @`, with a letter or digit at
        /// either end.
        app_instance_user_id: ResourceId => "AppInstanceUserId" replaces,
        /// Its name, not all blank. AppInstanceUserId unless given.
        name: Option<UserName> => "Name",
        /// Whatever the application wants to keep with it, as text.
        metadata: Option<Metadata> => "Metadata",
        /// When Chime deletes it by itself. Never unless given.
        expiration_settings: Option<ExpirationSettings> => "ExpirationSettings",
        /// Its tags. Chime takes fifty, three of which say whose the resource is.
        tags: Option<Tags> => "Tags",
    }
}

impl AppInstanceUserProperties {
    fn name(&self) -> &str {
        self.name.as_ref().map_or(self.app_instance_user_id.as_str(), UserName::as_str)
    }

    fn arn(&self) -> AppInstanceUserArn {
        self.app_instance_arn.user(self.app_instance_user_id.as_str())
    }

    fn sdk_expiration_settings(&self) -> Result<Option<SdkExpirationSettings>> {
        let build = |settings: &ExpirationSettings| {
            SdkExpirationSettings::builder()
                .expiration_days(settings.expiration_days.get())
                .expiration_criterion(settings.expiration_criterion.as_str().into())
                .build()
        };
        self.expiration_settings.as_ref().map(build).transpose().map_err(crate::error::Error::bug)
    }
}

/// A user.
#[derive(Debug)]
pub struct AppInstanceUser;

impl Resource for AppInstanceUser {
    const TYPE: &'static str = "ChimeAppInstanceUser";
    const IDENTITY: Identity = Identity::ChosenByTemplate;
    const REF: &'static str = "The ARN of the user.";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] =
        &[("AppInstanceUserArn", "The ARN."), ("AppInstanceUserId", "The id.")];
    type Id = AppInstanceUserArn;
    type Properties = AppInstanceUserProperties;

    fn replaces(id: &AppInstanceUserArn, properties: &AppInstanceUserProperties) -> bool {
        *id != properties.arn()
    }

    async fn create(cx: &Context, properties: &AppInstanceUserProperties) -> Result<Live> {
        let create = cx.identity().create_app_instance_user();
        let output = create
            .app_instance_arn(properties.app_instance_arn.as_str())
            .app_instance_user_id(properties.app_instance_user_id.as_str())
            .name(properties.name())
            .set_metadata(properties.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()))
            .set_expiration_settings(properties.sdk_expiration_settings()?)
            .set_tags(Some(tagging::at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        Ok(live(&cx.made(output.app_instance_user_arn())?))
    }

    async fn update(
        cx: &Context,
        id: &AppInstanceUserArn,
        change: &Change<'_, AppInstanceUserProperties>,
    ) -> Result<Live> {
        if change.differs(|properties| (properties.name(), &properties.metadata)) {
            // Chime wants both, whichever of them has changed; an empty text clears the metadata.
            let metadata = change.wanted.metadata.as_ref().map_or("", Metadata::as_str);
            let update = cx.identity().update_app_instance_user().app_instance_user_arn(id.as_str());
            update.name(change.wanted.name()).metadata(metadata).send().await?;
        }
        if change.differs(|properties| &properties.expiration_settings) && has_expiration_to_change(cx, id, change).await? {
            let put = cx.identity().put_app_instance_user_expiration_settings().app_instance_user_arn(id.as_str());
            put.set_expiration_settings(change.wanted.sdk_expiration_settings()?).send().await?;
        }
        tagging::apply(cx, id.as_str(), &TagChange::of(change, |properties| properties.tags.as_ref())).await?;
        Ok(live(id))
    }

    async fn delete(cx: &Context, id: &AppInstanceUserArn) -> Result<()> {
        cx.identity().delete_app_instance_user().app_instance_user_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn is_listed(cx: &Context, id: &AppInstanceUserArn) -> Result<bool> {
        let app_instance = id.app_instance_arn();
        let request = cx.identity().list_app_instance_users().app_instance_arn(app_instance.as_str());
        match list!(request, app_instance_users) {
            Ok(users) => Ok(users.iter().any(|user| user.app_instance_user_arn() == Some(id.as_str()))),
            Err(error) => nothing_if_gone(cx, &app_instance, error).await,
        }
    }

    async fn find(
        cx: &Context,
        properties: &AppInstanceUserProperties,
        owner: &Owner,
    ) -> Result<Vec<AppInstanceUserArn>> {
        tagging::owned(cx, vec![properties.arn().as_str()], owner).await
    }
}

/// Whether there are expiration settings to put, or to remove. Chime's documentation does not say what it makes of a
/// removal where there are none, so that is not asked of it.
async fn has_expiration_to_change(
    cx: &Context,
    id: &AppInstanceUserArn,
    change: &Change<'_, AppInstanceUserProperties>,
) -> Result<bool> {
    if change.before.is_some() || change.wanted.expiration_settings.is_some() {
        return Ok(true);
    }
    let output = cx.identity().describe_app_instance_user().app_instance_user_arn(id.as_str()).send().await?;
    Ok(output.app_instance_user().is_some_and(|user| user.expiration_settings().is_some()))
}

fn live(arn: &AppInstanceUserArn) -> Live {
    Live::new(arn, [("AppInstanceUserArn", arn.to_string()), ("AppInstanceUserId", arn.id().to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_local::logical_resource::LogicalResource;
    use chime_local::rehearsal::Rehearsal;
    use chime_local::simulator::Options;
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
    async fn a_user_is_named_by_its_id_unless_it_has_a_name_and_each_change_is_the_call_it_needs() {
        let seed = json!([{"AppInstanceArn": APP, "Name": "Chat"}]);
        let rehearsal = Rehearsal::start(Options { seed, ..Options::default() }).expect("it starts");
        let user = LogicalResource::new("Custom::ChimeAppInstanceUser");
        let first = json!({"AppInstanceArn": APP, "AppInstanceUserId": "ada"});
        let id = rehearsal.invoke(&user.create(&first)).await.id().to_owned();
        assert_eq!(rehearsal.simulator.holds()[0]["Users"][0]["Name"], "ada");
        let mut expiring = first.clone();
        expiring["ExpirationSettings"] = json!({"ExpirationDays": "3", "ExpirationCriterion": "CREATED_TIMESTAMP"});
        for (old, new) in [(&first, &expiring), (&expiring, &first)] {
            let updated = rehearsal.invoke(&user.update(&id, old, new)).await;
            assert_eq!(updated.operations(), ["PutAppInstanceUserExpirationSettings"]);
        }
        let mut named = first.clone();
        named["Name"] = json!("Ada");
        let updated = rehearsal.invoke(&user.update(&id, &first, &named)).await;
        assert_eq!(updated.operations(), ["UpdateAppInstanceUser"]);
        assert_eq!(rehearsal.simulator.holds()[0]["Users"][0]["Name"], "Ada");
    }
}
