//! What is set on an app instance, a user or a channel, and how it is turned off again. And what an error looks like.

use crate::probe::answer::Stop;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkidentity::types::{
    AppInstanceRetentionSettings, ChannelRetentionSettings, ExpirationCriterion, ExpirationSettings,
};

/// The longest time of both settings, so that nothing goes by itself before the probe deletes it.
const DAYS: i32 = 5475;

/// Retention that is turned off by settings without days, as documented, and without channels, as nobody documents.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/manage-retention.html>
pub async fn retention(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let put = async |channels: Option<ChannelRetentionSettings>| {
        let settings = AppInstanceRetentionSettings::builder().set_channel_retention_settings(channels).build();
        let put = cx.identity().put_app_instance_retention_settings().app_instance_arn(&place.app_instance);
        cx.ask(put.app_instance_retention_settings(settings).send()).await
    };
    let shows = async |days: Option<i32>| {
        let look = async || {
            let get = cx.identity().get_app_instance_retention_settings().app_instance_arn(&place.app_instance);
            let settings = cx.ask(get.send()).await?.yes().and_then(|got| got.app_instance_retention_settings);
            Ok(settings.and_then(|all| all.channel_retention_settings).and_then(|all| all.retention_days) == days)
        };
        cx.until(look).await
    };
    let with = |days| Some(ChannelRetentionSettings::builder().set_retention_days(days).build());
    put(with(Some(DAYS))).await?.needed("PutAppInstanceRetentionSettings")?;
    let seen = shows(Some(DAYS)).await?.is_some();
    notes.fits("GetAppInstanceRetentionSettings shows what was put", seen, seen);
    let answer = put(with(None)).await?;
    notes.fits("PutAppInstanceRetentionSettings with empty ChannelRetentionSettings", &answer, answer.no().is_none());
    if answer.no().is_none() {
        let seen = shows(None).await?.is_some();
        notes.fits("GetAppInstanceRetentionSettings shows no days then", seen, seen);
    }
    let answer = put(None).await?;
    notes.told("PutAppInstanceRetentionSettings without ChannelRetentionSettings", answer);
    Ok(())
}

/// Expiration that is turned off by leaving it out.
pub async fn expiration(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let user = cx.user().await?;
    let put = async |settings: Option<ExpirationSettings>| {
        let put = cx.identity().put_app_instance_user_expiration_settings().app_instance_user_arn(&user);
        cx.soon_or_no(async || cx.ask(put.clone().set_expiration_settings(settings.clone()).send()).await).await
    };
    let shows = async |days: Option<i32>| {
        let look = async || {
            let describe = cx.identity().describe_app_instance_user().app_instance_user_arn(&user);
            let user = cx.ask(describe.send()).await?.yes().and_then(|described| described.app_instance_user);
            let Some(user) = user else { return Ok(false) };
            Ok(user.expiration_settings.map(|settings| settings.expiration_days) == days)
        };
        Ok::<_, Stop>(cx.until(look).await?.is_some())
    };
    let settings = ExpirationSettings::builder().expiration_days(DAYS);
    let settings = settings.expiration_criterion(ExpirationCriterion::CreatedTimestamp).build();
    let settings = settings.map_err(|error| Stop::Unprepared(error.to_string()))?;
    put(Some(settings)).await?.needed("PutAppInstanceUserExpirationSettings")?;
    let seen = shows(Some(DAYS)).await?;
    notes.fits("DescribeAppInstanceUser shows the ExpirationSettings that were put", seen, seen);
    let answer = put(None).await?;
    notes.fits("PutAppInstanceUserExpirationSettings without ExpirationSettings", &answer, answer.no().is_none());
    if answer.no().is_none() {
        let seen = shows(None).await?;
        notes.fits("DescribeAppInstanceUser shows none then", seen, seen);
    }
    Ok(())
}

/// A bearer that is nobody, and an error as it comes.
pub async fn refusals(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let nobody = format!("{}/user/nobody", place.app_instance);
    let describe = cx.messaging().describe_channel().channel_arn(&place.channel).chime_bearer(nobody).send();
    let answer = cx.ask(describe).await?;
    // Then an admin acts in the bearer's place.
    let is_known = answer.no().is_some_and(|refusal| matches!(refusal.status, 400 | 401 | 403 | 404));
    notes.fits("DescribeChannel with a ChimeBearer that is nobody", &answer, is_known);
    if let Some(refusal) = answer.no() {
        let header = refusal.header.as_deref().unwrap_or("none");
        notes.fits("x-amzn-ErrorType of that", header, !refusal.code.is_empty());
        notes.told("the body of that", &refusal.body);
    }
    // The simulator answers as `missing` says; the function takes a refusal for none once the app instance is seen.
    let get = cx.messaging().get_messaging_streaming_configurations().app_instance_arn(&place.app_instance).send();
    notes.told("GetMessagingStreamingConfigurations where there are none", cx.ask(get).await?);
    Ok(())
}
