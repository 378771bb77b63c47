//! Paginated Lists.

use crate::chime::error::{Error, Kind, Result};
use crate::resource::ownership::without_found;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{Stream, TryStreamExt, try_unfold};
use std::pin::pin;

/// A page of a List.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T = Listed> {
    /// Its items.
    pub items: Vec<T>,
    /// The NextToken for the next page. `None` on the last page.
    pub next_token: Option<String>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next_token: None }
    }
}

impl Page {
    /// A page with these ids and names. Items without an id are dropped.
    pub fn of<'a>(items: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>, next_token: Option<&str>) -> Self {
        let listed = |(id, name): (Option<&str>, Option<&str>)| {
            Some(Listed { id: id?.to_owned(), name: name.map(str::to_owned) })
        };
        let next_token = next_token.filter(|token| !token.is_empty()).map(str::to_owned);
        Self { items: items.filter_map(listed).collect(), next_token }
    }

    /// A page of items whose ids are paths behind `parent`.
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
    /// Its name, if it has one and the List shows it.
    pub name: Option<String>,
}

/// All pages of a List. Each page is requested only when it is needed.
///
/// # Errors
/// Those of `list`. A repeated NextToken is an error too, because such a List proves nothing and never ends.
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

/// Whether a List contains the resource `id`, whatever standing the id states. Stops at the page with the first match.
///
/// # Errors
/// Those of [`pages`].
pub async fn holds<'a>(
    list: impl Fn(Option<String>) -> LocalBoxFuture<'a, Result<Page>> + 'a,
    id: &str,
) -> Result<bool> {
    // A List shows what exists, and not whether a stack has found it.
    let named = without_found(id);
    let mut pages = pin!(pages(list));
    while let Some(page) = pages.try_next().await? {
        if page.items.iter().any(|listed| listed.id == id || Some(listed.id.as_str()) == named) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tokens of a List so far. It keeps one of them and replaces it at growing intervals, so that it detects a cycle
/// of any length (Brent's algorithm).
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

    /// A List in which each page contains its own token. `next` returns the token of the next page.
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
        assert!(holds(three(), "third/found").await.expect("a List"));
        assert!(!holds(three(), "third/other").await.expect("a List"));
    }

    #[tokio::test]
    async fn a_repeated_token_is_an_error_and_not_absence() {
        for cycle in [
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
            let error = holds(cycle, "missing").await.expect_err("a cycle");
            assert!(error.reason().contains("the same NextToken twice"), "{}", error.reason());
        }
    }
}
