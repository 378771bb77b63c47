//! The end of every run: everything it created is deleted, whatever happened before.

use crate::probe::answer::{Abort, Answer};
use crate::probe::session::{PREFIX, Session};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long an app instance with an unknown outcome is searched for: longer than any known lag of a List.
const SEARCH: Duration = Duration::from_secs(20);

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Something that could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leftover {
    /// What could not be deleted.
    pub what: String,
    /// Why it is still there.
    pub why: String,
    /// The command that deletes it, or searches for it.
    pub command: String,
}

/// The result of the cleanup.
#[derive(Debug, Default, Serialize)]
pub struct Cleanup {
    /// How many app instances have been deleted, with everything in them.
    pub deleted: usize,
    /// What could not be deleted.
    pub left: Vec<Leftover>,
}

impl Session {
    /// Deletes every app instance of the run, with everything in it. An app instance whose create got no answer is searched for by name.
    pub async fn clean_up(&self) -> Cleanup {
        let mut left = self.delete_remaining().await;
        let until = Instant::now() + SEARCH.min(self.options.patience);
        while self.ledger.unsettled() > 0 && left.is_empty() {
            match self.found().await {
                Ok(found) if !found.is_empty() => {
                    for arn in found {
                        self.ledger.created(&arn);
                        self.ledger.create_settled();
                    }
                    left = self.delete_remaining().await;
                }
                Ok(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                Ok(_) => break,
                Err(why) => {
                    left.push(self.unknown(&why.to_string()));
                    break;
                }
            }
        }
        if self.ledger.unsettled() > 0 && left.is_empty() {
            left.push(self.unknown("ListAppInstances does not show it, perhaps only not yet"));
        }
        Cleanup { deleted: self.ledger.count_deleted(), left }
    }

    /// What is left if the cleanup is given up.
    pub fn give_up(&self, why: &str) -> Cleanup {
        let remaining = self.ledger.remaining();
        let mut left: Vec<Leftover> = remaining.iter().map(|arn| self.left(arn, why)).collect();
        if self.ledger.unsettled() > 0 {
            left.push(self.unknown(why));
        }
        Cleanup { deleted: self.ledger.count_deleted(), left }
    }

    async fn delete_remaining(&self) -> Vec<Leftover> {
        let mut left = Vec::new();
        for arn in self.ledger.remaining() {
            match self.delete(&arn).await {
                Ok(()) => self.ledger.deleted(&arn),
                Err(why) => left.push(self.left(&arn, &why)),
            }
        }
        left
    }

    /// Deletes an app instance; a missing one counts as deleted. A new app instance may not be visible yet, neither to the delete nor to a
    /// List, and so a refusal is not final at first.
    async fn delete(&self, arn: &str) -> Result<(), String> {
        let time = if self.ledger.was_deleted(arn) { Duration::ZERO } else { SEARCH.min(self.options.patience) };
        let until = Instant::now() + time;
        loop {
            let delete = self.identity().delete_app_instance().app_instance_arn(arn).send();
            let refusal = match self.call_uninterrupted(delete).await {
                Ok(Answer::Accepted(_)) => return Ok(()),
                Ok(Answer::Refused(refusal)) => refusal,
                Err(why) => return Err(why.to_string()),
            };
            if Instant::now() < until {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            // Chime may refuse the deletion of a missing app instance, so only a List decides.
            return match self.listed().await {
                Ok(listed) if listed.iter().all(|(listed, _)| listed != arn) => Ok(()),
                Ok(_) => Err(refusal.to_string()),
                Err(why) => Err(format!("{refusal}; and {why}")),
            };
        }
    }

    /// The app instances with the run's name that the run does not know.
    async fn found(&self) -> Result<Vec<String>, Abort> {
        let remaining = self.ledger.remaining();
        let mut found = Vec::new();
        for (arn, name) in self.listed().await? {
            let is_known = remaining.contains(&arn) || self.ledger.is_deleted(&arn);
            if !is_known && self.is_of_this_run(&arn, &name).await? {
                found.push(arn);
            }
        }
        Ok(found)
    }

    /// Whether an app instance has the run's name. A List may change names, or leave them out.
    async fn is_of_this_run(&self, arn: &str, listed_name: &str) -> Result<bool, Abort> {
        if !listed_name.trim_end().is_empty() {
            return Ok(listed_name.trim_end() == self.name);
        }
        let describe = self.identity().describe_app_instance().app_instance_arn(arn).send();
        let described = self.call_uninterrupted(describe).await?.accepted().and_then(|found| found.app_instance);
        Ok(described.is_some_and(|found| found.name() == Some(&self.name)))
    }

    /// The app instances of other runs, which have left them behind or still use them.
    ///
    /// # Errors
    /// Those of [`listed`](Self::listed).
    pub async fn others(&self) -> Result<Vec<String>, Abort> {
        let listed = self.listed().await?.into_iter();
        Ok(listed.filter(|(_, name)| name.starts_with(PREFIX)).map(|(arn, _)| arn).collect())
    }

    /// The command that deletes an app instance.
    pub fn command(&self, arn: &str) -> String {
        format!("aws chime-sdk-identity delete-app-instance --region {} --app-instance-arn {arn}", self.region())
    }

    fn left(&self, arn: &str, why: &str) -> Leftover {
        Leftover { what: format!("the app instance {arn}"), why: why.to_owned(), command: self.command(arn) }
    }

    fn unknown(&self, why: &str) -> Leftover {
        Leftover {
            what: format!("perhaps an app instance with the name {}: its CreateAppInstance got no answer", self.name),
            why: why.to_owned(),
            command: format!(
                "aws chime-sdk-identity list-app-instances --region {} --query \"AppInstances[?Name=='{}']\"",
                self.region(),
                self.name
            ),
        }
    }
}
