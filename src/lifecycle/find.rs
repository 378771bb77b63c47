//! Finding what a logical resource has made, where nobody knows its id.

use crate::chime::error::{Error, Kind, Result};
use crate::lifecycle::Life;
use crate::properties::raw::Stated;
use crate::properties::values::text::Text;
use crate::resource::bearer::acting;
use crate::resource::ownership::owner::{MADE_UP, Noted, Owner, Whose};
use crate::resource::ownership::store::whose;
use crate::resource::pages::Page;
use serde_json::Value as Json;

/// How many things of another name a thorough search asks for their tags: an app instance may hold thousands of channels.
const MOST_OTHERS: usize = 100;

/// What is looked for, among what a parent holds.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The properties that it was made with.
    pub properties: &'a Json,
    /// The request that made it; whichever, if none.
    pub request_id: Option<&'a str>,
    /// None of these.
    pub except: &'a [String],
    /// Of what is noted nowhere: only what has been made just now.
    pub is_recent: bool,
}

/// What a search came to.
#[derive(Debug)]
pub enum Found {
    /// This is it.
    Thing(String),
    /// Nothing that could be read is it.
    Nothing,
    /// Nothing that could be read is it, and something could not be read.
    InDoubt(Error),
}

impl Life<'_> {
    /// Searches what `parent` holds once, page by page, and ends at the first hit. The name that a thing was made with is a hint as
    /// to whose tags to ask for first: asking each of a hundred takes long. A `thorough` search asks the first hundred of the others too.
    ///
    /// # Errors
    /// Those of the List, and of ListTagsForResource where IAM denies it.
    pub async fn search(&self, parent: &str, wanted: Wanted<'_>, is_thorough: bool) -> Result<Found> {
        let stated = Stated::of(wanted.properties);
        let name: Option<String> = stated.get::<Text<0, 256>>("Name").map(|name| name.as_str().to_owned());
        let name = name.unwrap_or_else(|| self.cx.default_name().to_owned());
        let mut doubt = None;
        let mut token = None;
        let mut others = 0;
        loop {
            let page = self.page(parent, token.clone(), &stated).await?;
            for thing in page.things {
                // Without a name, or with an empty one, anything may be it: Chime may not list what it was given.
                let is_likely = thing.name.as_deref().is_none_or(|found| is_alike(found, &name));
                if wanted.except.contains(&thing.id) || !(is_likely || is_thorough && others < MOST_OTHERS) {
                    continue;
                }
                others += usize::from(!is_likely);
                match self.is_sought(&thing.id, &wanted, &stated).await {
                    Ok(true) => return Ok(Found::Thing(thing.id)),
                    Ok(false) => {}
                    Err(error) if error.may_mean_missing() => doubt = doubt.or(Some(error).filter(|_| is_likely)),
                    Err(error) => return Err(error),
                }
            }
            if page.next_token.is_none() {
                return Ok(doubt.map_or(Found::Nothing, Found::InDoubt));
            }
            if page.next_token == token {
                return Err(Error::new(Kind::Unavailable, "Chime's list has a page that leads to itself"));
            }
            token = page.next_token;
        }
    }

    /// Whether `id` is what is looked for: by its tags, or by its traces.
    async fn is_sought(&self, id: &str, wanted: &Wanted<'_>, stated: &Stated<'_>) -> Result<bool> {
        if self.face.noted() == Noted::Nowhere {
            let look = |stated| self.face.look(self.cx, id, stated);
            let seen = acting(self.cx, self.face, id, stated.clone(), look).await?;
            return Ok(seen.is_as_stated && (!wanted.is_recent || self.is_trace(&seen)));
        }
        Ok(match whose(self.cx, self.face, id).await? {
            // What an Update of a made-up id has made is not what that id means.
            Whose::Own { former: Some(former), .. } if wanted.request_id.is_none() && former == MADE_UP => false,
            Whose::Own { request_id, .. } => {
                wanted.request_id.is_none_or(|wanted| Owner::is_request(&request_id, wanted))
            }
            _ => false,
        })
    }

    async fn page(&self, parent: &str, token: Option<String>, stated: &Stated<'_>) -> Result<Page> {
        let list = |stated| self.face.list(self.cx, parent, token.clone(), stated);
        acting(self.cx, self.face, parent, stated.clone(), list).await
    }

    /// Whether `id` is there: by its own word, or by the List of its parent. The second opinion on a refusal; it ends at the first hit.
    ///
    /// # Errors
    /// Those of the List.
    pub async fn is_listed(&self, id: &str) -> Result<bool> {
        let is_there = |stated| self.face.is_there(self.cx, id, stated);
        if let Some(is_there) = acting(self.cx, self.face, id, self.stated(), is_there).await? {
            return Ok(is_there);
        }
        let parent = self.face.parent(id);
        let mut token = None;
        loop {
            let page = self.page(&parent, token.clone(), &self.stated()).await?;
            if page.things.iter().any(|thing| thing.id == id) {
                return Ok(true);
            }
            if page.next_token.is_none() {
                return Ok(false);
            }
            if page.next_token == token {
                return Err(Error::new(Kind::Unavailable, "Chime's list has a page that leads to itself"));
            }
            token = page.next_token;
        }
    }
}

/// Whether two names may be one: Chime's lists may trim or pad what it was given.
fn is_alike(one: &str, other: &str) -> bool {
    let core =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    one.is_empty() || core(one) == core(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_listed_trimmed_or_padded_or_not_at_all() {
        for listed in ["Chat room", "Chat room ", " chat  room", ""] {
            assert!(is_alike(listed, "Chat room"), "{listed:?}");
        }
        assert!(!is_alike("Chat rooms", "Chat room"));
    }
}
