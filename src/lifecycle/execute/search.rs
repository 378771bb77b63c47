//! Cleans up where Chime chooses the ids: searches the parent, and removes what the create created.

use crate::chime::error::{Error, Result};
use crate::chime::poll::{Backoff, Window};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::delete::Sighting;
use crate::lifecycle::decide::search::{Depth, Found, Question, SearchAction, SearchFacts, decide_search};
use crate::lifecycle::decide::{Step, Wait};
use crate::lifecycle::find::{Finding, Recency, Search};
use crate::lifecycle::inquiry::{Inquiry, inquire_from, refused};
use crate::request::cause::Cause;
use serde_json::Value as Json;

/// Collects the facts for a cleanup that has to search.
struct SearchInquiry<'a> {
    operation: &'a Operation<'a>,
    parent: &'a str,
    properties: &'a Json,
    made_by: Option<&'a Cause>,
    facts: SearchFacts,
    /// What to skip: what is to stay, and what has been dealt with. A List may still show what has been removed.
    except: Vec<String>,
    /// The resource that the latest search has found.
    found: Option<String>,
    /// Chime's refusal to show whose a likely candidate is.
    refusal: Option<Error>,
    window: Window,
}

impl SearchInquiry<'_> {
    /// The resource of the latest search, which is not searched for again.
    fn take(&mut self) -> Result<String> {
        let id = self.found.take().ok_or_else(|| Error::bug("No search has found anything"))?;
        self.except.push(id.clone());
        self.facts.is_second_search = true;
        self.forget();
        Ok(id)
    }

    fn unreadable(&mut self) -> Error {
        refused(self.refusal.take())
            .with_advice("It may be the resource to delete, but its owner cannot be read, so it was left alone.")
    }
}

impl Inquiry for SearchInquiry<'_> {
    type Question = Question;
    type Action = SearchAction;

    fn decide(&mut self) -> Step<Question, SearchAction> {
        self.facts.is_window_open = self.window.is_open();
        decide_search(&self.facts)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        match (question, &self.found) {
            (Question::LaterLife, Some(id)) => {
                self.facts.is_of_later_life = Some(self.operation.is_of_a_later_life(id).await?);
            }
            (Question::LaterLife | Question::Search, _) => {
                let Self { properties, made_by, except, .. } = &*self;
                let search = Search { properties, made_by: *made_by, except, recency: Recency::Unanswered };
                self.facts.found = Some(match self.operation.search(self.parent, search, self.facts.depth).await? {
                    Finding::Resource(id) => {
                        self.found = Some(id);
                        Found::Resource
                    }
                    Finding::Nothing => Found::Nothing,
                    Finding::Unreadable(error) => {
                        self.refusal = Some(error);
                        Found::Unreadable
                    }
                });
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.found, self.facts.is_of_later_life, self.found) = (None, None, None);
    }

    fn window(&self, _: Wait) -> Window {
        self.window
    }
}

impl Operation<'_> {
    /// Searches `parent` and removes every match.
    pub(super) async fn search_and_remove(
        &self,
        parent: &str,
        properties: &Json,
        made_by: Option<&Cause>,
        except: &[String],
        window: Window,
    ) -> Result<()> {
        let facts = SearchFacts {
            found: None,
            depth: Depth::LikelyNames,
            is_second_search: false,
            is_window_open: true,
            is_of_later_life: None,
        };
        let mut inquiry = SearchInquiry {
            operation: self,
            parent,
            properties,
            made_by,
            facts,
            except: except.to_vec(),
            found: None,
            refusal: None,
            window,
        };
        let mut backoff = Backoff::default();
        loop {
            match inquire_from(&mut backoff, self.time_scale(), &mut inquiry).await? {
                SearchAction::Remove => self.remove(&inquiry.take()?, Sighting::Unseen).await?,
                SearchAction::Leave => drop(inquiry.take()?),
                SearchAction::SearchThoroughly => {
                    inquiry.facts.depth = Depth::Thorough;
                    inquiry.forget();
                }
                SearchAction::Fail => return Err(inquiry.unreadable()),
                SearchAction::Finish => return Ok(()),
            }
        }
    }
}
