//! Chime's answers about missing entities.

use crate::probe::answer::Abort;
use crate::probe::notes::{Notes, millis};
use crate::probe::session::Session;
use chime_simulator::AppInstanceDelete;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// An id that does not exist.
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The ARN of an app instance that never existed, in the account of this one.
fn never_existed(app_instance: &str) -> String {
    let (before, _) = app_instance.rsplit_once('/').unwrap_or_default();
    format!("{before}/{NO_ID}")
}

/// The answers about ids that never existed.
pub async fn made_up(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (sandbox, identity, messaging) = (cx.sandbox()?, cx.identity(), cx.messaging());
    let (channel, bearer, app_instance) = (&sandbox.channel, &sandbox.bearer, &sandbox.app_instance);
    let nobody = format!("{app_instance}/user/nobody");
    let user = cx.user().await?;

    let of = "missing";
    let call = identity.describe_app_instance_user().app_instance_user_arn(&nobody).send();
    notes.missing("DescribeAppInstanceUser", of, cx.call(call).await)?;
    let call = identity.update_app_instance_user().app_instance_user_arn(&nobody).name("n").metadata("").send();
    notes.missing("UpdateAppInstanceUser", of, cx.call(call).await)?;
    let call = identity.list_tags_for_resource().resource_arn(&nobody).send();
    notes.missing("ListTagsForResource of a user", of, cx.call(call).await)?;
    let call = identity.describe_app_instance_bot().app_instance_bot_arn(format!("{app_instance}/bot/{NO_ID}")).send();
    notes.missing("DescribeAppInstanceBot", of, cx.call(call).await)?;
    let call = identity.describe_app_instance_admin().app_instance_arn(app_instance).app_instance_admin_arn(&user);
    notes.missing("DescribeAppInstanceAdmin of a user who is none", of, cx.call(call.send()).await)?;
    let call = identity.create_app_instance_admin().app_instance_arn(app_instance).app_instance_admin_arn(&nobody);
    notes.missing("CreateAppInstanceAdmin of a user that is not there", of, cx.call(call.send()).await)?;
    let flow = format!("{app_instance}/channel-flow/{NO_ID}");
    let call = messaging.describe_channel_flow().channel_flow_arn(flow).send();
    notes.missing("DescribeChannelFlow", of, cx.call(call).await)?;
    let call = messaging.describe_channel().channel_arn(format!("{app_instance}/channel/{NO_ID}"));
    notes.missing("DescribeChannel", of, cx.call(call.chime_bearer(bearer).send()).await)?;
    let call = messaging.describe_channel_membership().channel_arn(channel).member_arn(&user);
    notes.missing("DescribeChannelMembership of no member", of, cx.call(call.chime_bearer(bearer).send()).await)?;
    let call = messaging.describe_channel_moderator().channel_arn(channel).channel_moderator_arn(&user);
    notes.missing("DescribeChannelModerator of no moderator", of, cx.call(call.chime_bearer(bearer).send()).await)?;
    let call = messaging.describe_channel_ban().channel_arn(channel).member_arn(&user);
    notes.missing("DescribeChannelBan of nobody banned", of, cx.call(call.chime_bearer(bearer).send()).await)?;

    let of = "missing_parent";
    let never_existed = never_existed(app_instance);
    let nobody = format!("{never_existed}/user/nobody");
    let call = identity.describe_app_instance().app_instance_arn(&never_existed).send();
    notes.missing("DescribeAppInstance", of, cx.call(call).await)?;
    let call = identity.describe_app_instance_user().app_instance_user_arn(&nobody).send();
    notes.missing("DescribeAppInstanceUser in no app instance", of, cx.call(call).await)?;
    let call = identity.list_app_instance_users().app_instance_arn(&never_existed).send();
    notes.missing("ListAppInstanceUsers of no app instance", of, cx.call(call).await)?;
    let call =
        messaging.describe_channel_flow().channel_flow_arn(format!("{never_existed}/channel-flow/{NO_ID}")).send();
    notes.missing("DescribeChannelFlow in no app instance", of, cx.call(call).await)?;
    let of = "delete_missing_parent";
    let call = identity.delete_app_instance_user().app_instance_user_arn(&nobody).send();
    notes.deleted("DeleteAppInstanceUser in no app instance", of, cx.call(call).await)
}

/// The answers to the deletion of entities that were deleted or never existed.
pub async fn second_delete(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (sandbox, identity, messaging) = (cx.sandbox()?, cx.identity(), cx.messaging());
    let (channel, bearer, app_instance) = (&sandbox.channel, &sandbox.bearer, &sandbox.app_instance);
    let of = "delete_missing";

    let user = cx.user().await?;
    let delete = || cx.call(identity.delete_app_instance_user().app_instance_user_arn(&user).send());
    delete().await?.require("DeleteAppInstanceUser")?;
    notes.deleted("DeleteAppInstanceUser, the second time", of, delete().await)?;
    let gone = cx.channel().await?;
    let delete = || cx.call(messaging.delete_channel().channel_arn(&gone).chime_bearer(bearer).send());
    delete().await?.require("DeleteChannel")?;
    notes.deleted("DeleteChannel, the second time", of, delete().await)?;

    let user = cx.user().await?;
    let call = identity.delete_app_instance_user().app_instance_user_arn(format!("{app_instance}/user/nobody")).send();
    notes.deleted("DeleteAppInstanceUser of a user that never was", of, cx.call(call).await)?;
    let call = identity.delete_app_instance_admin().app_instance_arn(app_instance).app_instance_admin_arn(&user);
    notes.deleted("DeleteAppInstanceAdmin of a user who is none", of, cx.call(call.send()).await)?;
    let call = identity.deregister_app_instance_user_endpoint().app_instance_user_arn(&user).endpoint_id(NO_ID).send();
    notes.deleted("DeregisterAppInstanceUserEndpoint", of, cx.call(call).await)?;
    let call = messaging.delete_channel_membership().channel_arn(channel).member_arn(&user).chime_bearer(bearer).send();
    notes.deleted("DeleteChannelMembership of no member", of, cx.call(call).await)?;
    let call = messaging.delete_channel_moderator().channel_arn(channel).channel_moderator_arn(&user);
    notes.deleted("DeleteChannelModerator of no moderator", of, cx.call(call.chime_bearer(bearer).send()).await)?;
    let call = messaging.delete_channel_ban().channel_arn(channel).member_arn(&user).chime_bearer(bearer).send();
    notes.deleted("DeleteChannelBan of nobody banned", of, cx.call(call).await)?;
    let flow = format!("{app_instance}/channel-flow/{NO_ID}");
    let call = messaging.delete_channel_flow().channel_flow_arn(&flow).send();
    notes.deleted("DeleteChannelFlow", of, cx.call(call).await)?;
    let call = messaging.disassociate_channel_flow().channel_arn(channel).channel_flow_arn(&flow);
    notes.deleted("DisassociateChannelFlow", of, cx.call(call.chime_bearer(bearer).send()).await)?;
    let call = messaging.delete_messaging_streaming_configurations().app_instance_arn(app_instance).send();
    notes.deleted("DeleteMessagingStreamingConfigurations of none", of, cx.call(call).await)
}

/// How an app instance disappears, and the answers about what was in it.
pub async fn deleted_parent(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (identity, patience) = (cx.identity(), cx.options.patience);
    let second = cx.app_instance(&cx.token()).await?;
    notes.expectation("CreateAppInstance with a name that is taken", &second, second.refusal().is_none());
    let second = second.require("CreateAppInstance")?;
    let user = cx.user_in(&second).await?;
    let is_listed = async || Ok::<_, Abort>(cx.listed().await?.iter().any(|(arn, _)| *arn == second));
    let appeared = cx.retry_until(is_listed).await?.unwrap_or(patience);
    cx.delete_app_instance(&second).await?.require("DeleteAppInstance")?;

    let is_gone = async || {
        let describe = identity.describe_app_instance().app_instance_arn(&second);
        Ok(cx.call(describe.send()).await?.refusal().is_some())
    };
    let undescribed = cx.retry_until(is_gone).await?;
    notes.record("DescribeAppInstance of a deleted one stops showing it", in_words(undescribed, patience));
    let unlisted =
        cx.retry_until(async || Ok(!is_listed().await?)).await?.map(|more| undescribed.unwrap_or_default() + more);
    let value = app_instance_delete(undescribed, unlisted.unwrap_or(patience), appeared);
    let what = "ListAppInstances stops showing a deleted app instance";
    notes.switch(what, in_words(unlisted, patience), "app_instance_delete", [value]);

    let of = "missing_parent";
    let call = identity.describe_app_instance().app_instance_arn(&second).send();
    notes.missing("DescribeAppInstance of a deleted one", of, cx.call(call).await)?;
    let call = identity.describe_app_instance_user().app_instance_user_arn(&user).send();
    notes.missing("DescribeAppInstanceUser in a deleted app instance", of, cx.call(call).await)?;
    let of = "delete_missing_parent";
    let call = identity.delete_app_instance_user().app_instance_user_arn(&user).send();
    notes.deleted("DeleteAppInstanceUser in a deleted app instance", of, cx.call(call).await)?;
    notes.deleted("DeleteAppInstance, the second time", of, cx.delete_app_instance(&second).await)
}

/// The variant if Describe and List stopped showing a deleted app instance after these times, while a new one took `appeared` to be
/// listed.
fn app_instance_delete(undescribed: Option<Duration>, unlisted: Duration, appeared: Duration) -> Json {
    // While Describe shows it too, that is delete_time_ms; and a List may lag after a delete as it does after a create.
    let explained = undescribed.unwrap_or(unlisted).max(appeared);
    let listed_for = Duration::from_millis(millis(unlisted));
    json!(match unlisted > explained + explained / 2 {
        true => AppInstanceDelete::Asynchronous { listed_for },
        false => AppInstanceDelete::Immediate,
    })
}

fn in_words(took: Option<Duration>, patience: Duration) -> String {
    match took {
        None => format!("not within {} s", patience.as_secs()),
        Some(took) if took < Duration::from_millis(1) => "at once".to_owned(),
        Some(took) => format!("after {} ms", took.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_not_an_asynchronous_deletion() {
        let ms = Duration::from_millis;
        let variant = |undescribed: u64, unlisted, appeared| {
            app_instance_delete(Some(ms(undescribed)), ms(unlisted), ms(appeared))
        };
        assert_eq!(variant(0, 0, 0), json!("Immediate"));
        assert_eq!(variant(0, 900, 800), json!("Immediate"));
        assert_eq!(variant(900, 950, 0), json!("Immediate"));
        assert_eq!(variant(0, 900, 0), json!({"Asynchronous": {"listed_for_ms": 900}}));
        assert_eq!(
            never_existed("arn:aws:chime:us-east-1:1:app-instance/a"),
            format!("arn:aws:chime:us-east-1:1:app-instance/{NO_ID}")
        );
    }
}
