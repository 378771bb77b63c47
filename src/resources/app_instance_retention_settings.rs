//! `Custom::ChimeAppInstanceRetentionSettings`: how long an app instance keeps the messages of its channels.
//!
//! Thirty days after a period is set or shortened, Chime permanently deletes messages that are older than the period.

use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::numbers::Days;
use crate::resource::ids::setting;
use crate::resource::prelude::*;
use aws_sdk_chimesdkidentity::types::{AppInstanceRetentionSettings as SdkRetentionSettings, ChannelRetentionSettings};

properties! {
    /// How long an app instance keeps the messages of its channels. Thirty days after a period is set or shortened,
    /// Chime permanently deletes messages that are older than the period. Deleting the resource turns retention off,
    /// and messages are kept forever.
    pub struct AppInstanceRetentionSettingsProperties {
        /// The app instance.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// How many days messages are kept.
        retention_days: Days => "RetentionDays",
    }
}

setting! {
    /// The path of an app instance's retention settings.
    pub struct AppInstanceRetentionSettingsId(AppInstanceArn => "AppInstanceArn", "/retention-settings");
}

/// Retention settings.
#[derive(Debug)]
pub struct AppInstanceRetentionSettings;

impl Resource for AppInstanceRetentionSettings {
    const TYPE: &'static str = "ChimeAppInstanceRetentionSettings";
    const REF: &'static str = "`<AppInstanceArn>/retention-settings`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("AppInstanceArn", "The ARN of the app instance.", |id| id.0.to_string()),
        Attribute::of_properties("RetentionDays", "How many days messages are kept.", |properties| {
            properties.retention_days.get().to_string()
        }),
    ];
    const TRACKING: Tracking = Tracking::ParentTag("cfn:retention-settings");
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["AppInstanceArn"];
    const EXISTENCE: Existence = Existence::Observation;
    type Id = AppInstanceRetentionSettingsId;
    type Properties = AppInstanceRetentionSettingsProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::ById(AppInstanceRetentionSettingsId(raw.get("AppInstanceArn")?)))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let id = AppInstanceRetentionSettingsId(desired.app_instance_arn.clone());
        put(cx, &id, Some(desired.retention_days)).await?;
        cx.claim(&id);
        Ok(Provisioned::new(id))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| properties.retention_days) {
            put(cx, id, Some(change.desired.retention_days)).await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        put(cx, id, None).await
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let app_instance_arn = id.0.clone();
        let get = cx.identity().get_app_instance_retention_settings().app_instance_arn(app_instance_arn.as_str());
        let settings = get.send().await?.app_instance_retention_settings.and_then(|all| all.channel_retention_settings);
        // Settings without days keep messages forever, the same as no settings.
        Ok(settings.and_then(|channels| channels.retention_days).map(|days| {
            let retention_days = Days::unchecked(days);
            Observed::new(AppInstanceRetentionSettingsProperties { app_instance_arn, retention_days }, None)
        }))
    }

    fn owner_arn(id: &Self::Id) -> String {
        id.0.to_string()
    }
}

/// Chime has no delete operation for retention. Settings without days turn it off.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/manage-retention.html>
async fn put(cx: &Context, id: &AppInstanceRetentionSettingsId, days: Option<Days>) -> Result<()> {
    let channels = ChannelRetentionSettings::builder().set_retention_days(days.map(Days::get)).build();
    let settings = SdkRetentionSettings::builder().channel_retention_settings(channels).build();
    let put = cx.identity().put_app_instance_retention_settings().app_instance_arn(id.0.as_str());
    put.app_instance_retention_settings(settings).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn days_are_integers_up_to_fifteen_years() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let days = |days: &str| {
            read::<AppInstanceRetentionSettingsProperties>(&json!({"AppInstanceArn": app, "RetentionDays": days}))
        };
        assert!(days("1").is_ok() && days("5475").is_ok());
        for wrong in ["0", "5476", "1.5", "", "-1", "99999999999", "NaN"] {
            let problem = days(wrong).expect_err("wrong").to_string();
            assert_eq!(problem, format!("RetentionDays must be a whole number from 1 to 5475, not \"{wrong}\""));
        }
    }

    #[test]
    fn the_id_is_the_path_of_the_settings() {
        let text = "arn:aws:chime:us-east-1:123456789012:app-instance/a/retention-settings";
        let id: AppInstanceRetentionSettingsId = text.parse().expect("an id");
        assert_eq!(id.to_string(), text);
        assert!(
            "arn:aws:chime:us-east-1:123456789012:app-instance/a".parse::<AppInstanceRetentionSettingsId>().is_err()
        );
    }
}
