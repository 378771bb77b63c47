//! Expiration settings of users and channels. Nothing expires here: the settings are only kept.

use crate::channel::Need;
use crate::error::Answer;
use crate::turn::Turn;
use serde_json::json;

pub(crate) fn put_user(turn: &mut Turn) -> Answer {
    let settings = turn.value("ExpirationSettings");
    let user = turn.user()?;
    user.expiration_settings = settings.clone();
    user.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user.app_instance_user_arn, "ExpirationSettings": settings}))
}

pub(crate) fn put_channel(turn: &mut Turn) -> Answer {
    // The one change of a channel that needs no bearer.
    if turn.optional("ChimeBearer").is_some() {
        turn.act(Need::Moderate)?;
    }
    let settings = turn.value("ExpirationSettings");
    let channel = turn.channel()?;
    channel.expiration_settings = settings.clone();
    channel.stamp.touch();
    Ok(json!({"ChannelArn": channel.channel_arn, "ExpirationSettings": settings}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{ExpirationCriterion, ExpirationSettings};

    #[tokio::test]
    async fn a_channel_expires_with_or_without_a_bearer_and_can_be_made_to_stay() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let (owner, other) = (account.user(&instance, "o").await, account.user(&instance, "x").await);
        let channel = account.channel(&instance, &owner, "c").await;
        let put = |bearer: Option<&String>, days: Option<i32>| {
            let settings = days.map(|days| {
                let settings = ExpirationSettings::builder().expiration_days(days);
                let last = ExpirationCriterion::LastMessageTimestamp;
                settings.expiration_criterion(last).build().unwrap()
            });
            let put = account.messaging.put_channel_expiration_settings().channel_arn(&channel);
            put.set_chime_bearer(bearer.cloned()).set_expiration_settings(settings).send()
        };
        let kept = || account.simulator.holds()[0]["Channels"][0]["ExpirationSettings"].clone();
        put(None, Some(3)).await.unwrap();
        assert_eq!(kept()["ExpirationDays"], 3);
        put(Some(&owner), None).await.unwrap();
        assert!(kept().is_null());
        assert_eq!(failure(put(Some(&other), Some(3)).await), is(403, "Forbidden"));
    }
}
