//! One channel, read: its tags, its flow, and how many are in it.

use crate::account::session::Session;
use crate::inventory::entry::Kind;
use chime_messaging_resources::ChimeError;
use chime_messaging_resources::account::Listed;
use futures_util::{TryStreamExt, future};
use serde_json::{Value as Json, json};
use std::pin::pin;

/// The relations of a channel, and the `Type` that their List depends on. Hidden members have their own List.
pub const RELATIONS: [(Kind, Option<&str>); 4] = [
    (Kind::Moderator, None),
    (Kind::Membership, Some("DEFAULT")),
    (Kind::Membership, Some("HIDDEN")),
    (Kind::Ban, None),
];

/// Whether the relations of a channel are counted with it, or read one by one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relations {
    /// Counted.
    Counted,
    /// Read later.
    Later,
}

/// What Chime shows of a channel.
#[derive(Debug)]
pub struct Channel {
    /// It, in its List.
    pub listed: Listed,
    /// Its tags.
    pub tags: Result<Vec<(String, String)>, ChimeError>,
    /// The ARN of its creator, if Chime shows it.
    pub creator: Option<String>,
    /// The ARN of its flow, if it has one.
    pub flow: Result<Option<String>, ChimeError>,
    /// How many there are of each relation.
    pub counts: Vec<(Kind, Result<usize, ChimeError>)>,
}

impl Channel {
    /// Reads a channel as `bearer`.
    pub async fn read(session: &Session, listed: Listed, bearer: &str, relations: Relations) -> Self {
        let describe = session.chime().messaging().describe_channel().channel_arn(&listed.id).chime_bearer(bearer);
        let counts = async {
            match relations {
                Relations::Counted => counts(session, &listed.id, bearer).await,
                Relations::Later => Vec::new(),
            }
        };
        let (tags, described, counts) = future::join3(session.reader().tags(&listed.id), describe.send(), counts).await;
        let described = described.map(|output| output.channel).map_err(ChimeError::from);
        let channel = described.as_ref().ok().and_then(Option::as_ref);
        let creator = channel.and_then(|channel| channel.created_by()?.arn().map(str::to_owned));
        let flow = described.map(|channel| channel.and_then(|channel| channel.channel_flow_arn));
        Self { listed, tags, creator, flow, counts }
    }

    /// The counts in words: `12 members, 1 moderator`.
    pub fn counts_in_words(&self) -> Option<String> {
        let total = |kind: Kind| -> usize {
            let counts = self.counts.iter().filter(|(of, _)| *of == kind);
            counts.filter_map(|(_, count)| count.as_ref().ok()).sum()
        };
        let words: Vec<_> = [Kind::Membership, Kind::Moderator, Kind::Ban]
            .into_iter()
            .map(|kind| (kind, total(kind)))
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| kind.counted(count))
            .collect();
        Some(words.join(", ")).filter(|words| !words.is_empty())
    }
}

async fn counts(session: &Session, channel: &str, bearer: &str) -> Vec<(Kind, Result<usize, ChimeError>)> {
    let counts = RELATIONS.map(|(kind, membership_type)| async move {
        (kind, count(session, kind, channel, bearer, &properties_of(membership_type)).await)
    });
    future::join_all(counts).await
}

async fn count(
    session: &Session,
    kind: Kind,
    channel: &str,
    bearer: &str,
    properties: &Json,
) -> Result<usize, ChimeError> {
    let type_name = kind.type_name().unwrap_or_default();
    let mut pages = pin!(session.reader().list(type_name, channel, bearer, properties));
    let mut count = 0;
    while let Some(page) = pages.try_next().await? {
        count += page.items.len();
    }
    Ok(count)
}

/// The properties on which the List of a relation depends.
pub fn properties_of(membership_type: Option<&str>) -> Json {
    membership_type.map_or(Json::Null, |membership_type| json!({"Type": membership_type}))
}
