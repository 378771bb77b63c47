//! Expiration settings of users and channels. Nothing expires in the simulator: it only stores the settings.

use crate::context::{Operation, OperationContext};
use crate::error::Answer;
use crate::state::channel::Need;
use serde_json::json;

pub(super) const OPERATIONS: [(&str, Operation); 2] =
    [("PutAppInstanceUserExpirationSettings", put_user), ("PutChannelExpirationSettings", put_channel)];

fn put_user(cx: &mut OperationContext) -> Answer {
    let settings = cx.value("ExpirationSettings");
    let user = cx.user()?;
    user.expiration_settings = settings.clone();
    user.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user.app_instance_user_arn, "ExpirationSettings": settings}))
}

fn put_channel(cx: &mut OperationContext) -> Answer {
    // This is the only change of a channel that needs no bearer.
    if cx.optional("ChimeBearer").is_some() {
        cx.act(Need::Moderate)?;
    }
    let settings = cx.value("ExpirationSettings");
    let channel = cx.channel()?;
    channel.expiration_settings = settings.clone();
    channel.stamp.touch();
    Ok(json!({"ChannelArn": channel.channel_arn, "ExpirationSettings": settings}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{ExpirationCriterion, ExpirationSettings};

    #[tokio::test]
    async fn the_expiration_of_a_channel_is_set_and_cleared_with_or_without_a_bearer() {
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
