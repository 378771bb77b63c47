//! What Chime does with a repeated ClientRequestToken.

use crate::probe::answer::{Abort, Answer};
use crate::probe::notes::{Notes, millis};
use crate::probe::session::Session;
use chime_simulator::TokenReplay;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// The state of the entity that the first call with a token created.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Exists,
    Deleted,
}

/// The simulator's variants that give this answer to the repeated token of `arn`.
fn variants(arn: &str, first: First, again: &Answer<String>) -> Vec<Json> {
    use TokenReplay::{Conflict409, FirstResult201, Forgotten};
    let variants: &[TokenReplay] = match (first, again) {
        (First::Exists, Answer::Accepted(second)) if second == arn => &[FirstResult201, Forgotten],
        (First::Deleted, Answer::Accepted(second)) if second == arn => &[FirstResult201],
        (First::Deleted, Answer::Accepted(_)) => &[Forgotten],
        (_, Answer::Refused(refusal)) if refusal.status == 409 => &[Conflict409],
        _ => &[],
    };
    variants.iter().map(|variant| json!(variant)).collect()
}

fn describe(first: &str, again: &Answer<String>) -> String {
    match again {
        Answer::Accepted(arn) if arn == first => "the first answer again".to_owned(),
        Answer::Accepted(_) => "another one is made".to_owned(),
        Answer::Refused(refusal) => refusal.to_string(),
    }
}

/// Repeats the token of a create: while the entity exists, and after its deletion.
pub async fn replay(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let of = "token_replay";
    let (sandbox, token) = (cx.sandbox()?, cx.token());
    let mut note = |what: &str, arn: &str, first: First, again: &Answer<String>| {
        notes.switch(what, describe(arn, again), of, variants(arn, first, again));
    };

    let create = || channel(cx, &token, "replayed");
    let first = create().await?.require("CreateChannel")?;
    note("CreateChannel with a used token", &first, First::Exists, &create().await?);
    let delete = cx.messaging().delete_channel().channel_arn(&first).chime_bearer(&sandbox.bearer).send();
    cx.call(delete).await?.require("DeleteChannel")?;
    note("CreateChannel with a used token, after the deletion", &first, First::Deleted, &create().await?);

    let create = || cx.app_instance(&token);
    let first = create().await?.require("CreateAppInstance")?;
    note("CreateAppInstance with a used token", &first, First::Exists, &create().await?);
    cx.delete_app_instance(&first).await?.require("DeleteAppInstance")?;
    note("CreateAppInstance with a used token, after the deletion", &first, First::Deleted, &create().await?);

    // Only while the user exists: a deleted user's id may stay taken, which would hide what the token does.
    let id = cx.fresh("replayed");
    let create = || user(cx, &token, &id);
    let first = create().await?.require("CreateAppInstanceUser")?;
    note("CreateAppInstanceUser with a used token", &first, First::Exists, &create().await?);
    Ok(())
}

/// A used token with other parameters.
pub async fn other_parameters(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let token = cx.token();
    let first = channel(cx, &token, "one").await?.require("CreateChannel")?;
    let again = channel(cx, &token, "another").await?;
    notes.record("CreateChannel with a used token and another name", describe(&first, &again));
    Ok(())
}

/// Two creates with one token at the same time.
pub async fn at_once(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let (token, id) = (cx.token(), cx.fresh("twice"));
    let timed = async || {
        let started = Instant::now();
        let answer = user(cx, &token, &id).await?;
        Ok::<_, Abort>((answer, started.elapsed()))
    };
    let (one, other) = tokio::join!(timed(), timed());
    let (both, what) = ([one?, other?], "CreateAppInstanceUser, twice at once with one token");
    let refusal = both.iter().find_map(|(answer, _)| answer.refusal());
    let Some(refusal) = refusal else {
        notes.time(what, Some(Duration::ZERO), cx.options.patience, "create_time_ms");
        return Ok(());
    };
    let made = both.iter().find(|(answer, _)| answer.refusal().is_none()).map(|(_, took)| *took);
    // If every used token is a Conflict, this one does not prove that a create was in progress.
    let again = user(cx, &token, &id).await?;
    match (refusal.status, made, again.refusal()) {
        (409, Some(took), None) => {
            notes.time("CreateAppInstanceUser is under way", Some(took), cx.options.patience, "create_time_ms");
        }
        (409, Some(took), Some(_)) => {
            notes.record("CreateAppInstanceUser took", format!("{} ms", millis(took)));
        }
        _ => notes.expectation("one of two creates at once is done, or a Conflict", &again, false),
    }
    notes.record(what, refusal);
    Ok(())
}

async fn user(cx: &Session, token: &str, id: &str) -> Result<Answer<String>, Abort> {
    let create = cx.identity().create_app_instance_user().app_instance_arn(&cx.sandbox()?.app_instance);
    let answer = cx.call(create.app_instance_user_id(id).name(id).client_request_token(token).send()).await?;
    Ok(answer.map(|made| made.app_instance_user_arn.unwrap_or_default()))
}

async fn channel(cx: &Session, token: &str, name: &str) -> Result<Answer<String>, Abort> {
    let sandbox = cx.sandbox()?;
    let create = cx.messaging().create_channel().app_instance_arn(&sandbox.app_instance).chime_bearer(&sandbox.bearer);
    let answer = cx.call(create.name(name).client_request_token(token).send()).await?;
    Ok(answer.map(|made| made.channel_arn.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_fits_its_variants() {
        let yes = |arn: &str| Answer::Accepted(arn.to_owned());
        assert_eq!(variants("a", First::Exists, &yes("a")), [json!("FirstResult201"), json!("Forgotten")]);
        assert_eq!(variants("a", First::Deleted, &yes("a")), [json!("FirstResult201")]);
        assert_eq!(variants("a", First::Deleted, &yes("b")), [json!("Forgotten")]);
        assert_eq!(variants("a", First::Exists, &yes("b")), [Json::Null; 0]);
    }
}
