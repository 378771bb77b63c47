//! Settings of an app instance, a user or a channel, and how they are turned off. Also the form of errors.

use crate::probe::answer::Abort;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkidentity::types::{
    AppInstanceRetentionSettings, ChannelRetentionSettings, ExpirationCriterion, ExpirationSettings,
};

/// The maximum of both settings, so that nothing expires before the probe deletes it.
const DAYS: i32 = 5475;

/// Turns retention off by settings without days, as documented, and without channels, which is undocumented.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/manage-retention.html>
pub async fn retention(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let put = async |channels: Option<ChannelRetentionSettings>| {
        let settings = AppInstanceRetentionSettings::builder().set_channel_retention_settings(channels).build();
        let put = cx.identity().put_app_instance_retention_settings().app_instance_arn(&sandbox.app_instance);
        cx.call(put.app_instance_retention_settings(settings).send()).await
    };
    let shows = async |days: Option<i32>| {
        let look = async || {
            let get = cx.identity().get_app_instance_retention_settings().app_instance_arn(&sandbox.app_instance);
            let settings = cx.call(get.send()).await?.accepted().and_then(|got| got.app_instance_retention_settings);
            Ok(settings.and_then(|all| all.channel_retention_settings).and_then(|all| all.retention_days) == days)
        };
        cx.retry_until(look).await
    };
    let with = |days| Some(ChannelRetentionSettings::builder().set_retention_days(days).build());
    put(with(Some(DAYS))).await?.require("PutAppInstanceRetentionSettings")?;
    let seen = shows(Some(DAYS)).await?.is_some();
    notes.expectation("GetAppInstanceRetentionSettings shows what was put", seen, seen);
    let answer = put(with(None)).await?;
    notes.expectation(
        "PutAppInstanceRetentionSettings with empty ChannelRetentionSettings",
        &answer,
        answer.refusal().is_none(),
    );
    if answer.refusal().is_none() {
        let seen = shows(None).await?.is_some();
        notes.expectation("GetAppInstanceRetentionSettings shows no days then", seen, seen);
    }
    let answer = put(None).await?;
    notes.record("PutAppInstanceRetentionSettings without ChannelRetentionSettings", answer);
    Ok(())
}

/// Turns expiration off by leaving it out.
pub async fn expiration(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let user = cx.user().await?;
    let put = async |settings: Option<ExpirationSettings>| {
        let put = cx.identity().put_app_instance_user_expiration_settings().app_instance_user_arn(&user);
        cx.retry_until_visible(async || cx.call(put.clone().set_expiration_settings(settings.clone()).send()).await)
            .await
    };
    let shows = async |days: Option<i32>| {
        let look = async || {
            let describe = cx.identity().describe_app_instance_user().app_instance_user_arn(&user);
            let user = cx.call(describe.send()).await?.accepted().and_then(|described| described.app_instance_user);
            let Some(user) = user else { return Ok(false) };
            Ok(user.expiration_settings.map(|settings| settings.expiration_days) == days)
        };
        Ok::<_, Abort>(cx.retry_until(look).await?.is_some())
    };
    let settings = ExpirationSettings::builder().expiration_days(DAYS);
    let settings = settings.expiration_criterion(ExpirationCriterion::CreatedTimestamp).build();
    let settings = settings.map_err(|error| Abort::NotPrepared(error.to_string()))?;
    put(Some(settings)).await?.require("PutAppInstanceUserExpirationSettings")?;
    let seen = shows(Some(DAYS)).await?;
    notes.expectation("DescribeAppInstanceUser shows the ExpirationSettings that were put", seen, seen);
    let answer = put(None).await?;
    notes.expectation(
        "PutAppInstanceUserExpirationSettings without ExpirationSettings",
        &answer,
        answer.refusal().is_none(),
    );
    if answer.refusal().is_none() {
        let seen = shows(None).await?;
        notes.expectation("DescribeAppInstanceUser shows none then", seen, seen);
    }
    Ok(())
}

/// A bearer that does not exist, and the raw form of an error.
pub async fn refusals(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let nobody = format!("{}/user/nobody", sandbox.app_instance);
    let describe = cx.messaging().describe_channel().channel_arn(&sandbox.channel).chime_bearer(nobody).send();
    let answer = cx.call(describe).await?;
    // The function lets an admin act instead after one of these.
    let is_known = answer.refusal().is_some_and(|refusal| matches!(refusal.status, 400 | 401 | 403 | 404));
    notes.expectation("DescribeChannel with a ChimeBearer that is nobody", &answer, is_known);
    if let Some(refusal) = answer.refusal() {
        let header = refusal.header.as_deref().unwrap_or("none");
        notes.expectation("x-amzn-ErrorType of that", header, !refusal.code.is_empty());
        notes.record("the body of that", &refusal.body);
    }
    // The simulator answers by `missing`; the function reads a refusal as "none" once it has seen the app instance.
    let get = cx.messaging().get_messaging_streaming_configurations().app_instance_arn(&sandbox.app_instance).send();
    notes.record("GetMessagingStreamingConfigurations where there are none", cx.call(get).await?);
    Ok(())
}
