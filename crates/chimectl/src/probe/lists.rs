//! Lists: names, pages, and the token of the next page.

use crate::probe::answer::Abort;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use chime_simulator::{Behaviour, ListedNames};
use serde_json::json;

/// How Lists show names.
pub async fn names(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let user = cx.user().await?;
    let given = user.rsplit('/').next().unwrap_or_default();
    let mut listed = None;
    let look = async || {
        listed = cx.users().await?.into_iter().find(|(arn, _)| *arn == user).map(|(_, name)| name);
        Ok(listed.is_some())
    };
    cx.retry_until(look).await?;
    let Some(listed) = listed else {
        notes.record("ListAppInstanceUsers", "does not show the user yet");
        return Ok(());
    };
    let variant = match listed.as_deref() {
        Some(name) if name == given => Some(ListedNames::AsGiven),
        Some(name) if name.trim_end() == given => Some(ListedNames::TrailingBlank),
        None => Some(ListedNames::LeftOut),
        Some(_) => None,
    };
    let said = listed.map_or_else(|| "no Name".to_owned(), |name| format!("{name:?} for {given:?}"));
    notes.switch("ListAppInstanceUsers", said, "listed_names", variant.map(|variant| json!(variant)));
    Ok(())
}

/// The size of a page if a larger one was requested, and whether the pages end.
pub async fn pages(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    const ASKED: i32 = 3;
    let sandbox = cx.sandbox()?;
    let mut made = Vec::new();
    for _ in 0..=ASKED {
        made.push(cx.user().await?);
    }
    // The pages must not change while they are read.
    cx.retry_until(async || {
        let users = cx.users().await?;
        Ok(made.iter().all(|user| users.iter().any(|(arn, _)| arn == user)))
    })
    .await?;
    let page = async |token: Option<String>| {
        let list = cx.identity().list_app_instance_users().app_instance_arn(&sandbox.app_instance);
        cx.call(list.max_results(ASKED).set_next_token(token).send()).await?.require("ListAppInstanceUsers")
    };
    let first = page(None).await?;
    let size = first.app_instance_users().len();
    let value = if size < ASKED as usize { size } else { Behaviour::default().page_size };
    notes.switch("ListAppInstanceUsers with MaxResults 3", format!("{size} on a page"), "page_size", [json!(value)]);
    let mut token = first.next_token;
    let mut pages = 1;
    let loops = loop {
        let Some(before) = token else { break false };
        if pages > 500 {
            break true;
        }
        token = page(Some(before.clone())).await?.next_token;
        pages += 1;
        if token.as_ref() == Some(&before) {
            break true;
        }
    };
    let said = if loops { format!("page {pages} has the NextToken of the page before") } else { "it ends".to_owned() };
    notes.switch("ListAppInstanceUsers, page by page", said, "looping_next_token", [json!(loops)]);
    Ok(())
}
