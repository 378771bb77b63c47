//! Lists, page by page.

use crate::chime::error::{Error, Kind, Result};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{Stream, TryStreamExt, try_unfold};
use std::pin::pin;

/// A page of a List.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T = Listed> {
    /// What is on it.
    pub items: Vec<T>,
    /// The NextToken of the next page; `None` on the last.
    pub next_token: Option<String>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next_token: None }
    }
}

impl Page {
    /// A page with these ids and names. A List's member without an id is of no use to anybody.
    pub fn of<'a>(items: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>, next_token: Option<&str>) -> Self {
        let listed = |(id, name): (Option<&str>, Option<&str>)| {
            Some(Listed { id: id?.to_owned(), name: name.map(str::to_owned) })
        };
        let next_token = next_token.filter(|token| !token.is_empty()).map(str::to_owned);
        Self { items: items.filter_map(listed).collect(), next_token }
    }

    /// A page of what is known by a path behind `parent`, and by what it is there.
    pub fn of_paths<'a>(
        parent: &str,
        path: &str,
        items: impl Iterator<Item = &'a str>,
        next_token: Option<&str>,
    ) -> Self {
        let ids: Vec<String> = items.map(|item| format!("{parent}/{path}/{item}")).collect();
        Self::of(ids.iter().map(|id| (Some(id.as_str()), None)), next_token)
    }
}

/// One item of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its physical id.
    pub id: String,
    /// Its name, if it has one and the List says it.
    pub name: Option<String>,
}

/// All pages of a List, the first one and those that the tokens lead to, each asked for when it is wanted.
///
/// # Errors
/// Those of `list`; and a NextToken that was there before, because such a List proves nothing and never ends.
pub fn pages<'a, T: 'a>(
    list: impl Fn(Option<String>) -> LocalBoxFuture<'a, Result<Page<T>>> + 'a,
) -> impl Stream<Item = Result<Page<T>>> + 'a {
    try_unfold((Some(None), Tokens::default(), list), |(next, mut tokens, list)| async move {
        let Some(token) = next else { return Ok(None) };
        let page = list(token).await?;
        if let Some(token) = &page.next_token {
            tokens.check(token)?;
        }
        let next = page.next_token.is_some().then(|| page.next_token.clone());
        Ok(Some((page, (next, tokens, list))))
    })
}

/// Whether a List holds `id`. It ends at the first hit.
///
/// # Errors
/// Those of [`pages`].
pub async fn holds<'a>(
    list: impl Fn(Option<String>) -> LocalBoxFuture<'a, Result<Page>> + 'a,
    id: &str,
) -> Result<bool> {
    let mut pages = pin!(pages(list));
    while let Some(page) = pages.try_next().await? {
        if page.items.iter().any(|listed| listed.id == id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tokens of a List so far. One of them is kept, each time a later one, so that a circle of any length is noticed (Brent's algorithm).
#[derive(Debug, Default)]
struct Tokens {
    kept: Option<String>,
    count: u64,
}

impl Tokens {
    fn check(&mut self, token: &str) -> Result<()> {
        if self.kept.as_deref() == Some(token) {
            return Err(Error::new(Kind::Unavailable, "A List returned the same NextToken twice"));
        }
        self.count += 1;
        if self.count.is_power_of_two() {
            self.kept = Some(token.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// A List of pages that each hold their own token, which leads to the `next` one.
    fn list(
        next: fn(&str) -> Option<&'static str>,
    ) -> impl Fn(Option<String>) -> LocalBoxFuture<'static, Result<Page>> {
        move |token| {
            let token = token.unwrap_or_else(|| "first".to_owned());
            let next = next(&token);
            async move { Ok(Page::of([(Some(token.as_str()), None)].into_iter(), next)) }.boxed()
        }
    }

    #[tokio::test]
    async fn every_page_is_read_until_there_is_no_token() {
        let three = || {
            list(|token| match token {
                "first" => Some("second"),
                "second" => Some("third"),
                _ => None,
            })
        };
        assert!(holds(three(), "third").await.expect("a List"));
        assert!(!holds(three(), "fourth").await.expect("a List"));
    }

    #[tokio::test]
    async fn a_token_that_comes_again_is_an_error_and_never_absence() {
        for circle in [
            list(|_| Some("first")),
            list(|token| if token == "second" { Some("third") } else { Some("second") }),
            list(|token| match token {
                "first" => Some("a"),
                "a" => Some("b"),
                "b" => Some("c"),
                "c" => Some("d"),
                _ => Some("b"),
            }),
        ] {
            let error = holds(circle, "missing").await.expect_err("a circle");
            assert!(error.reason().contains("the same NextToken twice"), "{}", error.reason());
        }
    }
}
