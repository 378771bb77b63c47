//! The end of every run: what it made is deleted, whatever happened before.

use crate::probe::answer::{Answer, Stop};
use crate::probe::session::{PREFIX, Session};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long a create of which nobody knows what became is looked for, at most: longer than any lag of a List that was ever seen.
const SEARCH: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Something that could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// What it is.
    pub what: String,
    /// Why it is still there.
    pub why: String,
    /// The command that removes it, or looks for it.
    pub command: String,
}

/// What became of what the run made.
#[derive(Debug, Default, Serialize)]
pub struct Cleanup {
    /// How many app instances have been deleted, with all that they held.
    pub deleted: usize,
    /// What is left.
    pub left: Vec<Left>,
}

impl Session {
    /// Deletes every app instance of the run, and with it all that lies in it. What nobody knows of, because the answer to its create
    /// was lost, is looked for by its name.
    pub async fn clean_up(&self) -> Cleanup {
        let mut left = self.delete_standing().await;
        let until = Instant::now() + SEARCH.min(self.given.patience);
        while self.ledger.open() > 0 && left.is_empty() {
            match self.found().await {
                Ok(found) if !found.is_empty() => {
                    for arn in found {
                        self.ledger.made(&arn);
                        self.ledger.settled();
                    }
                    left = self.delete_standing().await;
                }
                Ok(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                Ok(_) => break,
                Err(why) => {
                    left.push(self.unknown(&why.to_string()));
                    break;
                }
            }
        }
        if self.ledger.open() > 0 && left.is_empty() {
            left.push(self.unknown("ListAppInstances does not show one, which may only be late"));
        }
        Cleanup { deleted: self.ledger.count_deleted(), left }
    }

    /// What is left where nothing can be deleted any more.
    pub fn given_up(&self, why: &str) -> Cleanup {
        let standing = self.ledger.standing();
        let mut left: Vec<Left> = standing.iter().map(|arn| self.left(arn, why)).collect();
        if self.ledger.open() > 0 {
            left.push(self.unknown(why));
        }
        Cleanup { deleted: self.ledger.count_deleted(), left }
    }

    async fn delete_standing(&self) -> Vec<Left> {
        let mut left = Vec::new();
        for arn in self.ledger.standing() {
            match self.delete(&arn).await {
                Ok(()) => self.ledger.deleted(&arn),
                Err(why) => left.push(self.left(&arn, &why)),
            }
        }
        left
    }

    /// Deletes an app instance; one that is not there is deleted. What was made a moment ago may not be there yet, for the delete as
    /// for the List, and so a refusal is not believed at once.
    async fn delete(&self, arn: &str) -> Result<(), String> {
        let time = if self.ledger.was_deleted(arn) { Duration::ZERO } else { SEARCH.min(self.given.patience) };
        let until = Instant::now() + time;
        loop {
            let delete = self.identity().delete_app_instance().app_instance_arn(arn).send();
            let refusal = match self.ask_to_the_end(delete).await {
                Ok(Answer::Yes(_)) => return Ok(()),
                Ok(Answer::No(refusal)) => refusal,
                Err(why) => return Err(why.to_string()),
            };
            if Instant::now() < until {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            // Only a List tells what a refusal means: Chime may say the same of what is not there.
            return match self.listed().await {
                Ok(listed) if listed.iter().all(|(listed, _)| listed != arn) => Ok(()),
                Ok(_) => Err(refusal.to_string()),
                Err(why) => Err(format!("{refusal}; and {why}")),
            };
        }
    }

    /// The app instances with the run's name that the run does not know of.
    async fn found(&self) -> Result<Vec<String>, Stop> {
        let standing = self.ledger.standing();
        let mut found = Vec::new();
        for (arn, name) in self.listed().await? {
            let is_known = standing.contains(&arn) || self.ledger.is_deleted(&arn);
            if !is_known && self.is_of_this_run(&arn, &name).await? {
                found.push(arn);
            }
        }
        Ok(found)
    }

    /// Whether an app instance has the run's name. A List need not give names as they were given, or at all.
    async fn is_of_this_run(&self, arn: &str, listed_name: &str) -> Result<bool, Stop> {
        if !listed_name.trim_end().is_empty() {
            return Ok(listed_name.trim_end() == self.name);
        }
        let describe = self.identity().describe_app_instance().app_instance_arn(arn).send();
        let described = self.ask_to_the_end(describe).await?.yes().and_then(|found| found.app_instance);
        Ok(described.is_some_and(|found| found.name() == Some(&self.name)))
    }

    /// App instances that other runs have left behind, or are still using.
    ///
    /// # Errors
    /// Those of ListAppInstances.
    pub async fn others(&self) -> Result<Vec<String>, Stop> {
        let listed = self.listed().await?.into_iter();
        Ok(listed.filter(|(_, name)| name.starts_with(PREFIX)).map(|(arn, _)| arn).collect())
    }

    /// The command that deletes an app instance.
    pub fn command(&self, arn: &str) -> String {
        format!("aws chime-sdk-identity delete-app-instance --region {} --app-instance-arn {arn}", self.region())
    }

    fn left(&self, arn: &str, why: &str) -> Left {
        Left { what: format!("the app instance {arn}"), why: why.to_owned(), command: self.command(arn) }
    }

    fn unknown(&self, why: &str) -> Left {
        Left {
            what: format!("perhaps an app instance called {}: its CreateAppInstance got no answer", self.name),
            why: why.to_owned(),
            command: format!(
                "aws chime-sdk-identity list-app-instances --region {} --query \"AppInstances[?Name=='{}']\"",
                self.region(),
                self.name
            ),
        }
    }
}
