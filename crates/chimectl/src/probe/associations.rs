//! Who is something already, and what becomes of it with its user.

use crate::probe::answer::{Answer, Stop};
use crate::probe::lags::is_member;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use chime_simulator::{AssociationExists, BatchMemberExists};
use serde_json::json;

/// Notes what is answered to an association that is there already.
pub fn exists<T>(notes: &mut Notes, what: &str, answer: &Answer<T>) {
    let variant = match answer {
        Answer::Yes(_) => Some(AssociationExists::Success201),
        Answer::No(refusal) if refusal.status == 409 => Some(AssociationExists::Conflict409),
        Answer::No(_) => None,
    };
    notes.switch(what, answer, "association_exists", variant.map(|variant| json!(variant)));
}

/// An admin, a member, a moderator and a ban that are there already.
pub async fn already(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let (place, messaging) = (cx.place()?, cx.messaging());
    let (channel, bearer) = (&place.channel, &place.bearer);
    let (user, banned) = (cx.user().await?, cx.user().await?);

    let create = async || promote(cx, &user).await;
    cx.soon("CreateAppInstanceAdmin", create).await?;
    exists(notes, "CreateAppInstanceAdmin of an admin", &create().await?);
    let create = async || join(cx, &user).await;
    cx.soon("CreateChannelMembership", create).await?;
    exists(notes, "CreateChannelMembership of a member", &create().await?);
    let create = async || {
        let create = messaging.create_channel_moderator().channel_arn(channel).channel_moderator_arn(&user);
        cx.ask(create.chime_bearer(bearer).send()).await
    };
    cx.soon("CreateChannelModerator", create).await?;
    exists(notes, "CreateChannelModerator of a moderator", &create().await?);
    let create = async || {
        let create = messaging.create_channel_ban().channel_arn(channel).member_arn(&banned);
        cx.ask(create.chime_bearer(bearer).send()).await
    };
    cx.soon("CreateChannelBan", create).await?;
    exists(notes, "CreateChannelBan of somebody banned", &create().await?);
    Ok(())
}

/// A batch with a member in it who is one already.
pub async fn batch(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let (member, other) = (cx.user().await?, cx.user().await?);
    cx.soon("CreateChannelMembership", async || join(cx, &member).await).await?;
    let batch = cx.messaging().batch_create_channel_membership().channel_arn(&place.channel);
    let batch = batch.member_arns(&member).member_arns(&other).chime_bearer(&place.bearer).send();
    let answer = cx.ask(batch).await?;
    let mut said = answer.to_string();
    let variant = answer.yes().and_then(|made| {
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

/// What a deleted user leaves behind: the function's deletes count on Lists that hold it no more.
pub async fn deleted_user(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let user = cx.user().await?;
    cx.soon("CreateAppInstanceAdmin", async || promote(cx, &user).await).await?;
    cx.soon("CreateChannelMembership", async || join(cx, &user).await).await?;
    let delete = cx.identity().delete_app_instance_user().app_instance_user_arn(&user).send();
    let answer = cx.ask(delete).await?;
    notes.fits("DeleteAppInstanceUser of an admin and member", &answer, answer.no().is_none());
    if answer.no().is_some() {
        return Ok(());
    }
    let is_no_admin = async || {
        let list = cx.identity().list_app_instance_admins().app_instance_arn(&place.app_instance);
        let listed = cx.ask(list.send()).await?.needed("ListAppInstanceAdmins")?;
        Ok(listed.app_instance_admins().iter().all(|one| one.admin().and_then(|admin| admin.arn()) != Some(&*user)))
    };
    let gone = |took: Option<_>| if took.is_some() { "gone" } else { "still listed" };
    let took = cx.until(is_no_admin).await?;
    notes.fits("ListAppInstanceAdmins without the deleted user", gone(took), took.is_some());
    let took = cx.until(async || Ok(!is_member(cx, &user).await?)).await?;
    notes.fits("ListChannelMemberships without the deleted user", gone(took), took.is_some());
    Ok(())
}

async fn promote(cx: &Session, user: &str) -> Result<Answer<()>, Stop> {
    let create = cx.identity().create_app_instance_admin().app_instance_arn(&cx.place()?.app_instance);
    Ok(cx.ask(create.app_instance_admin_arn(user).send()).await?.map(drop))
}

async fn join(cx: &Session, user: &str) -> Result<Answer<()>, Stop> {
    let place = cx.place()?;
    let create = cx.messaging().create_channel_membership().channel_arn(&place.channel).member_arn(user);
    Ok(cx.ask(create.r#type("DEFAULT".into()).chime_bearer(&place.bearer).send()).await?.map(drop))
}
