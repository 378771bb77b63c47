//! Retention settings of an app instance. They are never deleted: empty settings turn retention off.

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::entity::now;
use serde_json::{Value as Json, json};

/// How long after a change of the settings data is deleted, in seconds.
const GRACE: f64 = 30.0 * 24.0 * 3600.0;

pub(super) const OPERATIONS: [(&str, Operation); 2] =
    [("GetAppInstanceRetentionSettings", get), ("PutAppInstanceRetentionSettings", put)];

fn get(cx: &mut OperationContext) -> Answer {
    let days = cx.app_instance()?.retention_days;
    let settings = json!({"ChannelRetentionSettings": {"RetentionDays": days}});
    Ok(json!({"AppInstanceRetentionSettings": settings}))
}

fn put(cx: &mut OperationContext) -> Answer {
    let settings = cx.value("AppInstanceRetentionSettings");
    let Some(Json::Object(channels)) = settings.get("ChannelRetentionSettings") else {
        // Only an empty ChannelRetentionSettings is documented.
        return Err(ApiError::bad_request("ChannelRetentionSettings is missing"));
    };
    let days = channels.get("RetentionDays").and_then(Json::as_i64);
    cx.app_instance()?.retention_days = days;
    let from = days.map(|_| now() + GRACE);
    Ok(json!({"AppInstanceRetentionSettings": settings, "InitiateDeletionTimestamp": from}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};
    use identity::types::{AppInstanceRetentionSettings, ChannelRetentionSettings};

    #[tokio::test]
    async fn retention_is_set_changed_and_turned_off() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let put = |days: Option<i32>| {
            let channels = ChannelRetentionSettings::builder().set_retention_days(days).build();
            let settings = AppInstanceRetentionSettings::builder().channel_retention_settings(channels);
            let put = account.identity.put_app_instance_retention_settings();
            put.app_instance_arn(&instance).app_instance_retention_settings(settings.build()).send()
        };
        let get = async || {
            let get = account.identity.get_app_instance_retention_settings();
            let got = get.app_instance_arn(&instance).send().await.unwrap();
            let settings = got.app_instance_retention_settings.unwrap();
            settings.channel_retention_settings.unwrap().retention_days
        };
        assert_eq!(get().await, None);
        assert!(put(Some(30)).await.unwrap().initiate_deletion_timestamp.is_some());
        assert_eq!(get().await, Some(30));
        assert_eq!(account.simulator.holds()[0]["RetentionDays"], 30);
        assert!(put(None).await.unwrap().initiate_deletion_timestamp.is_none());
        assert_eq!(get().await, None);
        assert_eq!(failure(put(Some(5476)).await), is(400, "BadRequest"));

        let put = account.identity.put_app_instance_retention_settings();
        let nothing = AppInstanceRetentionSettings::builder().build();
        let put = put.app_instance_arn(&instance).app_instance_retention_settings(nothing);
        assert_eq!(failure(put.send().await), is(400, "BadRequest"));
    }
}
