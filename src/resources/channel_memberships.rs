//! Many memberships at once: the `MemberArns` of `Custom::ChimeChannelMembership`.
//!
//! Chime takes a hundred members at a time into a channel, and lets them go one by one. Nothing notes whose a membership is, so that
//! the physical id says since when this resource has been: whoever was a member before then is not removed.

use crate::chime::backoff::{LAG, Patience, a_moment};
use crate::chime::error::{Error, Kind, Result};
use crate::properties::chime::membership::MembershipType;
use crate::properties::values::arns::ChannelArn;
use crate::resource::context::Context;
use crate::resources::channel_membership_id::ChannelMembershipsId;
use aws_sdk_chimesdkmessaging::operation::list_channel_memberships::ListChannelMembershipsOutput;
use aws_sdk_chimesdkmessaging::types::ChannelMembership as SdkMembership;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use tokio::time::{Instant, sleep};

/// The most that Chime takes in one call (`MemberArns` of BatchCreateChannelMembership).
const BATCH: usize = 100;

/// How many members are removed at a time.
const AT_ONCE: usize = 16;

/// The memberships of one resource, and who acts for them.
#[derive(Debug)]
pub struct Memberships<'a> {
    cx: &'a Context,
    id: &'a ChannelMembershipsId,
    /// Who acts.
    bearer: String,
    /// Whom the properties name to act, even where another does.
    own_bearer: String,
}

impl<'a> Memberships<'a> {
    pub fn new(cx: &'a Context, id: &'a ChannelMembershipsId, bearer: String, own_bearer: String) -> Self {
        Self { cx, id, bearer, own_bearer }
    }

    /// Makes members of them all, by hundreds. Those that are members already stay as they are.
    ///
    /// # Errors
    /// Chime does not take some of them: the reason names each.
    pub async fn add(&self, members: &[&str]) -> Result<()> {
        let mut refused = Refused::default();
        let mut doubtful = Vec::new();
        for (at, batch) in members.chunks(BATCH).enumerate() {
            self.note_added(at * BATCH, members.len(), None);
            let mut left = batch.to_vec();
            let mut patience = Patience::to_the_end(self.cx.settings().time_scale);
            loop {
                let again = self.add_batch(&left, &mut refused, &mut doubtful).await?;
                let Some((_, code)) = again.first().cloned() else { break };
                left = again.into_iter().map(|(member, _)| member).collect();
                self.note_added((at * BATCH + batch.len()).saturating_sub(left.len()), members.len(), Some(&code));
                patience.pause().await;
            }
        }
        // Chime has said of these that they are members already, or nothing; it may not show yet what it has just made.
        let mut lag = Patience::for_a_lag(Instant::now() + LAG, self.cx.settings().time_scale);
        loop {
            let unseen = self.doubted(std::mem::take(&mut doubtful), &mut refused).await?;
            if unseen.is_empty() {
                return refused.into_result(members.len());
            }
            if !lag.pause().await {
                unseen
                    .iter()
                    .for_each(|member| refused.note(member, Kind::NotFound, "Chime shows no membership".to_owned()));
                return refused.into_result(members.len());
            }
            let unseen: Vec<&str> = unseen.iter().map(String::as_str).collect();
            for batch in unseen.chunks(BATCH) {
                let again = self.add_batch(batch, &mut refused, &mut doubtful).await?;
                doubtful.extend(again.into_iter().map(|(member, _)| (member.to_owned(), false)));
            }
        }
    }

    /// For the reason of a create that runs out of time.
    fn note_added(&self, done: usize, all: usize, code: Option<&str>) {
        let said = code.map(|code| format!(", and Chime said {code} of the next")).unwrap_or_default();
        let advice = match all > BATCH {
            true => {
                "State fewer in one resource: several of them may name the same channel, or give the function a longer Timeout"
            }
            false => "Deploy again",
        };
        self.cx.note_progress(format!("{done} of {all} members had been added by then{said}. {advice}"));
    }

    /// Looks at those of whom Chime has said that they are members already, or nothing. Gives those that it does not show.
    async fn doubted(&self, doubtful: Vec<(String, bool)>, refused: &mut Refused) -> Result<Vec<String>> {
        let looks = stream::iter(doubtful).map(|(member, is_there): (String, bool)| async move {
            match self.describe(&member).await {
                Ok(found) if found.r#type().is_none_or(|kind| kind.as_str() == self.id.kind.as_str()) => Ok(None),
                Ok(_) => Ok(Some((member, true))),
                Err(error) if error.may_mean_missing() => Ok(Some((member, false)).filter(|_| !is_there)),
                Err(error) => Err(error),
            }
        });
        let looks: Vec<Option<(String, bool)>> = looks.buffer_unordered(AT_ONCE).try_collect().await?;
        let (other, unseen): (Vec<_>, Vec<_>) =
            looks.into_iter().flatten().partition(|(_, is_of_another_type)| *is_of_another_type);
        for (member, _) in other {
            refused.note(&member, Kind::Conflict, "a member already, and of another Type".to_owned());
        }
        Ok(unseen.into_iter().map(|(member, _)| member).collect())
    }

    /// One call. Gives those that are to be tried again, each with the code that Chime gave it.
    async fn add_batch<'m>(
        &self,
        batch: &[&'m str],
        refused: &mut Refused,
        doubtful: &mut Vec<(String, bool)>,
    ) -> Result<Vec<(&'m str, String)>> {
        let create = self.cx.messaging().batch_create_channel_membership().channel_arn(self.id.channel.as_str());
        let create = create.r#type(self.id.kind.as_str().into()).chime_bearer(&self.bearer);
        let arns = batch.iter().map(|member| (*member).to_owned()).collect();
        let output = create.set_member_arns(Some(arns)).send().await?;
        let made = output.batch_channel_memberships().map_or(&[][..], |made| made.members());
        let made: HashSet<&str> = made.iter().filter_map(|member| member.arn()).collect();
        let errors = output.errors().iter().filter_map(|error| Some((error.member_arn()?, error)));
        let errors: HashMap<&str, _> = errors.collect();
        let mut again = Vec::new();
        for member in batch.iter().copied() {
            let Some(error) = errors.get(member) else {
                self.cx.claim(self.id);
                if !made.contains(member) {
                    doubtful.push((member.to_owned(), false));
                }
                continue;
            };
            let code = error.error_code().map_or("ServiceFailure", |code| code.as_str());
            match Kind::of_code(code) {
                Kind::Conflict => {
                    self.cx.claim(self.id);
                    doubtful.push((member.to_owned(), true));
                }
                Kind::Throttled | Kind::Unavailable => again.push((member, code.to_owned())),
                kind => refused.note(member, kind, format!("{code}, {}", error.error_message().unwrap_or_default())),
            }
        }
        Ok(again)
    }

    /// Removes those of them that have become members since this resource has been.
    ///
    /// # Errors
    /// Chime refuses, and some of them are still there.
    pub async fn remove(&self, members: Vec<String>) -> Result<()> {
        let (all, done) = (members.len(), AtomicUsize::new(0));
        let mut left = members;
        // Of a long list most may be gone: a Delete that ran out of time goes on where it ended.
        let mut by_list = left.len() > BATCH;
        for is_second_look in [false, true] {
            let mut missing = Vec::new();
            if !by_list {
                match self.remove_each(&left, all, &done).await {
                    Ok(unseen) => missing = unseen,
                    Err(error) if error.may_mean_missing() => by_list = true,
                    Err(error) => return Err(error),
                }
            }
            if by_list {
                missing = self.remove_listed(left, all, &done).await?;
            }
            left = missing;
            if left.is_empty() {
                return Ok(());
            }
            if !is_second_look {
                a_moment(self.cx.settings().time_scale).await;
            }
        }
        if !self.id.since.is_some_and(|since| self.cx.may_be_unshown(since)) {
            return Ok(());
        }
        if left.len() > BATCH {
            // A call for each would take the time that a repeated Delete needs; one List after the lag tells the same.
            let time_scale = self.cx.settings().time_scale;
            sleep(time_scale.of(LAG).min(self.cx.chime().attempt_timeout())).await;
            return self.remove_listed(left, all, &done).await.map(drop);
        }
        self.remove_unseen(left).await
    }

    /// What was made a moment ago may be invisible, and yet be there for a Delete.
    async fn remove_unseen(&self, members: Vec<String>) -> Result<()> {
        let deletes = stream::iter(members).map(|member| async move {
            match self.delete(&member).await {
                Err(error) if !error.may_mean_missing() => Err(error),
                _ => Ok(()),
            }
        });
        deletes.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Removes those that Chime lists and that are this resource's. Gives those that are not there.
    async fn remove_listed(&self, members: Vec<String>, all: usize, done: &AtomicUsize) -> Result<Vec<String>> {
        let listed = self.listed().await?;
        let (present, mut missing) = members.into_iter().partition::<Vec<_>, _>(|member| listed.contains(member));
        missing.extend(self.remove_each(&present, all, done).await?);
        Ok(missing)
    }

    /// Removes each that is this resource's. Gives those that are not there.
    async fn remove_each(&self, members: &[String], all: usize, done: &AtomicUsize) -> Result<Vec<String>> {
        let removals = stream::iter(members.to_vec()).map(|member| async move {
            let outcome = match self.describe(&member).await {
                Ok(found) if self.is_own(&member, &found) => match self.delete(&member).await {
                    Err(error) if error.kind() != Kind::NotFound => Err(error),
                    _ => Ok(None),
                },
                Ok(_) => Ok(None),
                Err(error) if error.kind() == Kind::NotFound => Ok(Some(member)),
                Err(error) => Err(error),
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            self.cx.note_progress(format!(
                "{done} of {all} members had been dealt with by then. Delete again: it goes on from there"
            ));
            outcome
        });
        let missing: Vec<Option<String>> = removals.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(missing.into_iter().flatten().collect())
    }

    /// One of `members` that is there and this resource's, as a create of it would have made it.
    ///
    /// # Errors
    /// Those of ListChannelMemberships and DescribeChannelMembership.
    pub async fn find(&self, members: &[String]) -> Result<Option<SdkMembership>> {
        let listed = self.listed().await?;
        for member in members.iter().filter(|member| listed.contains(*member)) {
            match self.describe(member).await {
                Ok(found) if self.is_own(member, &found) => return Ok(Some(found)),
                Err(error) if !error.may_mean_missing() => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether a membership came with this resource.
    fn is_own(&self, member: &str, found: &SdkMembership) -> bool {
        let by = found.invited_by().and_then(|by| by.arn());
        let created = found.created_timestamp().and_then(|time| SystemTime::try_from(*time).ok());
        // Whoever creates a channel is a member of it by itself.
        let (Some(created), true) = (created, by != Some(member)) else { return false };
        match self.id.since {
            Some(since) => created >= since && self.cx.is_older(created),
            None => by == Some(&*self.own_bearer) && self.cx.may_be_unanswered(created),
        }
    }

    async fn listed(&self) -> Result<HashSet<String>> {
        let mut listed = HashSet::new();
        let mut token: Option<String> = None;
        loop {
            let page = page(self.cx, self.id.channel.as_str(), self.id.kind, &self.bearer, token.clone()).await?;
            let arns = page.channel_memberships().iter().filter_map(|summary| summary.member()?.arn());
            listed.extend(arns.map(str::to_owned));
            let next = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_some() && next == token {
                return Err(Error::new(Kind::Unavailable, "Chime's list has a page that leads to itself"));
            }
            token = next;
            if token.is_none() {
                return Ok(listed);
            }
        }
    }

    async fn describe(&self, member: &str) -> Result<SdkMembership> {
        describe(self.cx, &self.id.channel, member, &self.bearer).await
    }

    async fn delete(&self, member: &str) -> Result<()> {
        delete(self.cx, &self.id.channel, member, &self.bearer).await
    }
}

/// What Chime shows of a membership.
pub async fn describe(cx: &Context, channel: &ChannelArn, member: &str, bearer: &str) -> Result<SdkMembership> {
    let describe = cx.messaging().describe_channel_membership().channel_arn(channel.as_str());
    let output = describe.member_arn(member).chime_bearer(bearer).send().await?;
    output.channel_membership.ok_or_else(|| Error::new(Kind::NotFound, format!("{member} is not shown")))
}

/// Ends a membership.
pub async fn delete(cx: &Context, channel: &ChannelArn, member: &str, bearer: &str) -> Result<()> {
    let delete = cx.messaging().delete_channel_membership().channel_arn(channel.as_str());
    delete.member_arn(member).chime_bearer(bearer).send().await?;
    Ok(())
}

/// A page of a channel's members. A hidden member is on a List of its own.
pub async fn page(
    cx: &Context,
    channel: &str,
    kind: MembershipType,
    bearer: &str,
    token: Option<String>,
) -> Result<ListChannelMembershipsOutput> {
    let list = cx.messaging().list_channel_memberships().channel_arn(channel).r#type(kind.as_str().into());
    Ok(list.max_results(50).chime_bearer(bearer).set_next_token(token).send().await?)
}

/// Those that Chime does not take, by what it says of them.
#[derive(Debug, Default)]
struct Refused {
    kind: Option<Kind>,
    by_reason: BTreeMap<String, Vec<String>>,
}

impl Refused {
    /// All are of one app instance: what tells them apart is behind its ARN.
    fn note(&mut self, member: &str, kind: Kind, why: String) {
        self.kind.get_or_insert(kind);
        let short = member.splitn(3, '/').last().unwrap_or_default();
        self.by_reason.entry(why).or_default().push(short.to_owned());
    }

    fn into_result(self, all: usize) -> Result<()> {
        let Some(kind) = self.kind else { return Ok(()) };
        let count: usize = self.by_reason.values().map(Vec::len).sum();
        let reasons = self
            .by_reason
            .into_iter()
            .map(|(why, members)| format!("{} ({})", members.join(", "), why.trim_end_matches(", ")));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        // What is a Conflict for one member is none for the whole.
        let kind = if kind == Kind::Conflict { Kind::Invalid } else { kind };
        Err(Error::new(kind, format!("Chime does not take {count} of {all} members into the channel: {reasons}"))
            .advise("Correct the list, and deploy again"))
    }
}
