//! Associations that exist already, and those of a deleted user.

use crate::probe::answer::{Abort, Answer};
use crate::probe::lags::is_member;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use chime_simulator::{AssociationExists, BatchMemberExists};
use serde_json::json;

/// Notes the answer to the Create of an association that exists already.
pub fn exists<T>(notes: &mut Notes, what: &str, answer: &Answer<T>) {
    let variant = match answer {
        Answer::Accepted(_) => Some(AssociationExists::Success201),
        Answer::Refused(refusal) if refusal.status == 409 => Some(AssociationExists::Conflict409),
        Answer::Refused(_) => None,
    };
    notes.switch(what, answer, "association_exists", variant.map(|variant| json!(variant)));
}

/// An admin, a member, a moderator and a ban that exist already.
pub async fn already(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (sandbox, messaging) = (cx.sandbox()?, cx.messaging());
    let (channel, bearer) = (&sandbox.channel, &sandbox.bearer);
    let (user, banned) = (cx.user().await?, cx.user().await?);

    let create = async || promote(cx, &user).await;
    cx.retry_until_accepted("CreateAppInstanceAdmin", create).await?;
    exists(notes, "CreateAppInstanceAdmin of an admin", &create().await?);
    let create = async || join(cx, &user).await;
    cx.retry_until_accepted("CreateChannelMembership", create).await?;
    exists(notes, "CreateChannelMembership of a member", &create().await?);
    let create = async || {
        let create = messaging.create_channel_moderator().channel_arn(channel).channel_moderator_arn(&user);
        cx.call(create.chime_bearer(bearer).send()).await
    };
    cx.retry_until_accepted("CreateChannelModerator", create).await?;
    exists(notes, "CreateChannelModerator of a moderator", &create().await?);
    let create = async || {
        let create = messaging.create_channel_ban().channel_arn(channel).member_arn(&banned);
        cx.call(create.chime_bearer(bearer).send()).await
    };
    cx.retry_until_accepted("CreateChannelBan", create).await?;
    exists(notes, "CreateChannelBan of somebody banned", &create().await?);
    Ok(())
}

/// A batch with somebody who is a member already.
pub async fn batch(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let (member, other) = (cx.user().await?, cx.user().await?);
    cx.retry_until_accepted("CreateChannelMembership", async || join(cx, &member).await).await?;
    let batch = cx.messaging().batch_create_channel_membership().channel_arn(&sandbox.channel);
    let batch = batch.member_arns(&member).member_arns(&other).chime_bearer(&sandbox.bearer).send();
    let answer = cx.call(batch).await?;
    let mut said = answer.to_string();
    let variant = answer.accepted().and_then(|made| {
        let error = made.errors().iter().find(|error| error.member_arn() == Some(&*member));
        let members = made.batch_channel_memberships().map(|made| made.members()).unwrap_or_default();
        let is_among = members.iter().any(|made| made.arn() == Some(&*member));
        let code = error.and_then(|error| error.error_code()).map(|code| code.as_str().to_owned());
        said = match (&code, is_among) {
            (Some(code), _) => format!("among the errors: {code}"),
            (None, true) => "among the members".to_owned(),
            (None, false) => "left out".to_owned(),
        };
        match (code.as_deref(), is_among) {
            (Some("Conflict"), false) => Some(BatchMemberExists::Conflict),
            (None, true) => Some(BatchMemberExists::Success),
            (None, false) => Some(BatchMemberExists::LeftOut),
            _ => None,
        }
    });
    let what = "BatchCreateChannelMembership, of a member";
    notes.switch(what, said, "batch_member_exists", variant.map(|variant| json!(variant)));
    Ok(())
}

/// What remains of a deleted user: the function's deletions rely on Lists without it.
pub async fn deleted_user(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let user = cx.user().await?;
    cx.retry_until_accepted("CreateAppInstanceAdmin", async || promote(cx, &user).await).await?;
    cx.retry_until_accepted("CreateChannelMembership", async || join(cx, &user).await).await?;
    let delete = cx.identity().delete_app_instance_user().app_instance_user_arn(&user).send();
    let answer = cx.call(delete).await?;
    notes.expectation("DeleteAppInstanceUser of an admin and member", &answer, answer.refusal().is_none());
    if answer.refusal().is_some() {
        return Ok(());
    }
    let is_no_admin = async || {
        let list = cx.identity().list_app_instance_admins().app_instance_arn(&sandbox.app_instance);
        let listed = cx.call(list.send()).await?.require("ListAppInstanceAdmins")?;
        Ok(listed.app_instance_admins().iter().all(|one| one.admin().and_then(|admin| admin.arn()) != Some(&*user)))
    };
    let gone = |took: Option<_>| if took.is_some() { "gone" } else { "still listed" };
    let took = cx.retry_until(is_no_admin).await?;
    notes.expectation("ListAppInstanceAdmins without the deleted user", gone(took), took.is_some());
    let took = cx.retry_until(async || Ok(!is_member(cx, &user).await?)).await?;
    notes.expectation("ListChannelMemberships without the deleted user", gone(took), took.is_some());
    Ok(())
}

async fn promote(cx: &Session, user: &str) -> Result<Answer<()>, Abort> {
    let create = cx.identity().create_app_instance_admin().app_instance_arn(&cx.sandbox()?.app_instance);
    Ok(cx.call(create.app_instance_admin_arn(user).send()).await?.map(drop))
}

async fn join(cx: &Session, user: &str) -> Result<Answer<()>, Abort> {
    let sandbox = cx.sandbox()?;
    let create = cx.messaging().create_channel_membership().channel_arn(&sandbox.channel).member_arn(user);
    Ok(cx.call(create.r#type("DEFAULT".into()).chime_bearer(&sandbox.bearer).send()).await?.map(drop))
}
