//! What Chime makes of a ClientRequestToken that comes again.

use crate::probe::answer::{Answer, Stop};
use crate::probe::notes::{Notes, millis};
use crate::probe::session::Session;
use chime_simulator::TokenReplay;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// The variants that answer so to a token which made `first`, and whose thing is there or has been deleted since.
fn variants(first: &str, again: &Answer<String>, is_there: bool) -> Vec<Json> {
    use TokenReplay::{Conflict409, FirstResult201, Forgotten};
    let variants: &[TokenReplay] = match (again, is_there) {
        (Answer::Yes(arn), true) if arn == first => &[FirstResult201, Forgotten],
        (Answer::Yes(arn), false) if arn == first => &[FirstResult201],
        (Answer::Yes(_), false) => &[Forgotten],
        (Answer::No(refusal), _) if refusal.status == 409 => &[Conflict409],
        _ => &[],
    };
    variants.iter().map(|variant| json!(variant)).collect()
}

fn spoken(first: &str, again: &Answer<String>) -> String {
    match again {
        Answer::Yes(arn) if arn == first => "the first answer again".to_owned(),
        Answer::Yes(_) => "another one is made".to_owned(),
        Answer::No(refusal) => refusal.to_string(),
    }
}

/// A token that has made something, sent again, and again after that has been deleted.
pub async fn replay(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let of = "token_replay";
    let (place, token) = (cx.place()?, cx.token());
    let mut note = |what: &str, first: &str, again: &Answer<String>, is_there| {
        notes.switch(what, spoken(first, again), of, variants(first, again, is_there));
    };

    let create = || channel(cx, &token, "replayed");
    let first = create().await?.needed("CreateChannel")?;
    note("CreateChannel with a used token", &first, &create().await?, true);
    let delete = cx.messaging().delete_channel().channel_arn(&first).chime_bearer(&place.bearer).send();
    cx.ask(delete).await?.needed("DeleteChannel")?;
    note("CreateChannel with a used token, after the deletion", &first, &create().await?, false);

    let create = || cx.app_instance(&token);
    let first = create().await?.needed("CreateAppInstance")?;
    note("CreateAppInstance with a used token", &first, &create().await?, true);
    cx.delete_app_instance(&first).await?.needed("DeleteAppInstance")?;
    note("CreateAppInstance with a used token, after the deletion", &first, &create().await?, false);

    // A user's id is taken as well, so that the deletion is where tokens show.
    let id = cx.fresh("replayed");
    let create = || user(cx, &token, &id);
    let first = create().await?.needed("CreateAppInstanceUser")?;
    note("CreateAppInstanceUser with a used token", &first, &create().await?, true);
    Ok(())
}

/// A used token with other parameters.
pub async fn other_parameters(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let token = cx.token();
    let first = channel(cx, &token, "one").await?.needed("CreateChannel")?;
    let again = channel(cx, &token, "another").await?;
    notes.told("CreateChannel with a used token and another name", spoken(&first, &again));
    Ok(())
}

/// Two creates with one token at the same time.
pub async fn at_once(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let (token, id) = (cx.token(), cx.fresh("twice"));
    let timed = async || {
        let started = Instant::now();
        let answer = user(cx, &token, &id).await?;
        Ok::<_, Stop>((answer, started.elapsed()))
    };
    let (one, other) = tokio::join!(timed(), timed());
    let (both, what) = ([one?, other?], "CreateAppInstanceUser, twice at once with one token");
    let refusal = both.iter().find_map(|(answer, _)| answer.no());
    let Some(refusal) = refusal else {
        notes.time(what, Some(Duration::ZERO), cx.given.patience, "create_time_ms");
        return Ok(());
    };
    let made = both.iter().find(|(answer, _)| answer.no().is_none()).map(|(_, took)| *took);
    // Where every used token is a Conflict, this one is no sign of a create that is under way.
    let again = user(cx, &token, &id).await?;
    match (refusal.status, made, again.no()) {
        (409, Some(took), None) => {
            notes.time("CreateAppInstanceUser is under way", Some(took), cx.given.patience, "create_time_ms");
        }
        (409, Some(took), Some(_)) => {
            notes.told("CreateAppInstanceUser took", format!("{} ms", millis(took)));
        }
        _ => notes.fits("one of two creates at once is done, or a Conflict", &again, false),
    }
    notes.told(what, refusal);
    Ok(())
}

async fn user(cx: &Session, token: &str, id: &str) -> Result<Answer<String>, Stop> {
    let create = cx.identity().create_app_instance_user().app_instance_arn(&cx.place()?.app_instance);
    let answer = cx.ask(create.app_instance_user_id(id).name(id).client_request_token(token).send()).await?;
    Ok(answer.map(|made| made.app_instance_user_arn.unwrap_or_default()))
}

async fn channel(cx: &Session, token: &str, name: &str) -> Result<Answer<String>, Stop> {
    let place = cx.place()?;
    let create = cx.messaging().create_channel().app_instance_arn(&place.app_instance).chime_bearer(&place.bearer);
    let answer = cx.ask(create.name(name).client_request_token(token).send()).await?;
    Ok(answer.map(|made| made.channel_arn.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_leaves_its_variants() {
        let yes = |arn: &str| Answer::Yes(arn.to_owned());
        assert_eq!(variants("a", &yes("a"), true), [json!("FirstResult201"), json!("Forgotten")]);
        assert_eq!(variants("a", &yes("a"), false), [json!("FirstResult201")]);
        assert_eq!(variants("a", &yes("b"), false), [json!("Forgotten")]);
        assert_eq!(variants("a", &yes("b"), true), [Json::Null; 0]);
    }
}
