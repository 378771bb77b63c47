//! `Custom::ChimeAppInstanceRetentionSettings`: how long an app instance keeps the messages of its channels.
//!
//! Thirty days after a period is set or shortened, messages older than it are gone for good.

use super::app_instance::nothing_if_gone;
use crate::arns::AppInstanceArn;
use crate::error::{Error, Result};
use crate::ownership::Owner;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::values::Days;
use aws_sdk_chimesdkidentity::types::{AppInstanceRetentionSettings as SdkRetentionSettings, ChannelRetentionSettings};

crate::properties! {
    /// How long an app instance keeps the messages of its channels. Thirty days after a period is set or shortened, messages older
    /// than it are gone for good. Deleting the resource turns retention off: messages are kept for ever.
    pub struct AppInstanceRetentionSettingsProperties {
        /// The app instance.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// For how many days messages are kept.
        retention_days: Days => "RetentionDays",
    }
}

crate::setting_of_app_instance! {
    /// The path of an app instance's retention settings.
    pub struct AppInstanceRetentionSettingsId("/retention-settings");
}

/// Retention settings.
#[derive(Debug)]
pub struct AppInstanceRetentionSettings;

impl Resource for AppInstanceRetentionSettings {
    const TYPE: &'static str = "ChimeAppInstanceRetentionSettings";
    const IDENTITY: Identity = Identity::Shared;
    const REF: &'static str = "`<AppInstanceArn>/retention-settings`";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] =
        &[("AppInstanceArn", "The ARN of the app instance."), ("RetentionDays", "For how many days messages are kept.")];
    type Id = AppInstanceRetentionSettingsId;
    type Properties = AppInstanceRetentionSettingsProperties;

    fn replaces(id: &AppInstanceRetentionSettingsId, properties: &AppInstanceRetentionSettingsProperties) -> bool {
        id.0 != properties.app_instance_arn
    }

    async fn create(cx: &Context, properties: &AppInstanceRetentionSettingsProperties) -> Result<Live> {
        let id = AppInstanceRetentionSettingsId(properties.app_instance_arn.clone());
        put(cx, &id, Some(properties.retention_days)).await?;
        cx.claim(&id);
        Ok(live(&id, properties))
    }

    async fn update(
        cx: &Context,
        id: &AppInstanceRetentionSettingsId,
        change: &Change<'_, AppInstanceRetentionSettingsProperties>,
    ) -> Result<Live> {
        if change.differs(|properties| properties.retention_days) {
            put(cx, id, Some(change.wanted.retention_days)).await?;
        }
        Ok(live(id, change.wanted))
    }

    async fn delete(cx: &Context, id: &AppInstanceRetentionSettingsId) -> Result<()> {
        put(cx, id, None).await
    }

    /// No List holds settings, so the second opinion is Get's.
    async fn is_listed(cx: &Context, id: &AppInstanceRetentionSettingsId) -> Result<bool> {
        Ok(get(cx, id).await?.is_some())
    }

    /// A setting carries no tags. What is as it was asked for counts as the owner's.
    async fn find(
        cx: &Context,
        properties: &AppInstanceRetentionSettingsProperties,
        _: &Owner,
    ) -> Result<Vec<AppInstanceRetentionSettingsId>> {
        let id = AppInstanceRetentionSettingsId(properties.app_instance_arn.clone());
        let is_as_wanted = get(cx, &id).await? == Some(properties.retention_days.get());
        Ok(Some(id).filter(|_| is_as_wanted).into_iter().collect())
    }
}

/// The days that messages are kept for; none where they are kept for ever, or their app instance is gone.
async fn get(cx: &Context, id: &AppInstanceRetentionSettingsId) -> Result<Option<i32>> {
    let get = cx.identity().get_app_instance_retention_settings().app_instance_arn(id.0.as_str());
    match get.send().await {
        Ok(output) => {
            let settings = output.app_instance_retention_settings.and_then(|all| all.channel_retention_settings);
            Ok(settings.and_then(|channels| channels.retention_days))
        }
        Err(error) => nothing_if_gone(cx, &id.0, error.into()).await,
    }
}

/// Chime knows no delete for retention: settings without days turn it off.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/manage-retention.html>
async fn put(cx: &Context, id: &AppInstanceRetentionSettingsId, days: Option<Days>) -> Result<()> {
    let channels = ChannelRetentionSettings::builder().set_retention_days(days.map(Days::get)).build();
    let settings = SdkRetentionSettings::builder().channel_retention_settings(channels).build();
    let put = cx.identity().put_app_instance_retention_settings().app_instance_arn(id.0.as_str());
    put.app_instance_retention_settings(settings).send().await.map_err(Error::from)?;
    Ok(())
}

fn live(id: &AppInstanceRetentionSettingsId, properties: &AppInstanceRetentionSettingsProperties) -> Live {
    let days = properties.retention_days.get().to_string();
    Live::new(id, [("AppInstanceArn", id.0.to_string()), ("RetentionDays", days)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn days_are_whole_and_at_most_fifteen_years() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let days = |days: &str| read::<AppInstanceRetentionSettingsProperties>(&json!({"AppInstanceArn": app, "RetentionDays": days}));
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
        assert!("arn:aws:chime:us-east-1:123456789012:app-instance/a".parse::<AppInstanceRetentionSettingsId>().is_err());
    }
}
