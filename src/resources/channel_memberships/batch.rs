//! The calls that add and remove the members of a list.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{CONSISTENCY_WINDOW, Poll, Window, poll};
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::AppInstanceMemberArn;
use crate::resource::actor::Actor;
use crate::resource::context::Context;
use crate::resource::pages::pages;
use crate::resources::channel_membership::{describe, page, remove};
use crate::resources::channel_memberships::id::ChannelMembershipsId;
use aws_sdk_chimesdkmessaging::types::ChannelMembership as SdkMembership;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem::take;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use tokio::time::Instant;

/// The most that Chime takes in one call (`MemberArns` of BatchCreateChannelMembership).
const MOST_PER_CALL: usize = 100;

/// How many members are looked at or removed at a time.
const AT_ONCE: usize = 16;

/// The memberships of one resource, and who acts for them.
#[derive(Debug)]
pub struct Batch<'a> {
    cx: &'a Context,
    id: &'a ChannelMembershipsId,
    /// Who acts.
    bearer: String,
    /// Whom the properties name to act, even where another does.
    stated_bearer: String,
}

/// What is not known yet of a member.
struct Unsettled {
    member: String,
    claim: Claim,
}

/// What Chime has said of a member that it did not list among those it has added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// That it is a member already.
    Member,
    /// Nothing.
    Nothing,
}

/// What a second look at a member came to.
enum Look {
    Settled,
    OtherType(String),
    Unseen(String),
}

impl<'a> Batch<'a> {
    /// As the stated bearer.
    pub fn stated(cx: &'a Context, id: &'a ChannelMembershipsId, bearer: &AppInstanceMemberArn) -> Self {
        Self { cx, id, bearer: bearer.to_string(), stated_bearer: bearer.to_string() }
    }

    /// As `actor`, in place of the one that the properties name.
    pub fn acting(cx: &'a Context, id: &'a ChannelMembershipsId, raw: &RawProperties<'_>, actor: &Actor) -> Self {
        let stated_bearer = Actor::stated(raw).as_str().to_owned();
        Self { cx, id, bearer: actor.as_str().to_owned(), stated_bearer }
    }

    /// Makes members of them all, by hundreds. Those that are members already stay as they are.
    ///
    /// # Errors
    /// Chime does not take some of them: the reason names each.
    pub async fn add(&self, members: &[&str]) -> Result<()> {
        let time_scale = self.cx.settings().time_scale;
        let mut rejected = Rejected::default();
        let mut unsettled = Vec::new();
        for (at, batch) in members.chunks(MOST_PER_CALL).enumerate() {
            let before = at * MOST_PER_CALL;
            self.note_added(before, members.len(), None);
            let mut left = batch.to_vec();
            poll(time_scale, async || {
                let again = self.add_batch(&left, &mut rejected, &mut unsettled).await?;
                let Some((_, code)) = again.first().cloned() else { return Ok(Poll::Ready(())) };
                left = again.into_iter().map(|(member, _)| member).collect();
                self.note_added((before + batch.len()).saturating_sub(left.len()), members.len(), Some(&code));
                Ok(Poll::Again(Window::unlimited()))
            })
            .await?;
        }
        self.settle(unsettled, &mut rejected).await?;
        rejected.into_result(members.len())
    }

    /// Settles what became of those of whom Chime has said that they are members already, or nothing; it may not show yet what it has
    /// just made.
    async fn settle(&self, mut unsettled: Vec<Unsettled>, rejected: &mut Rejected) -> Result<()> {
        let time_scale = self.cx.settings().time_scale;
        let window = Window::consistency(time_scale);
        poll(time_scale, async || {
            let unseen = self.look_again(take(&mut unsettled), rejected).await?;
            if unseen.is_empty() {
                return Ok(Poll::Ready(()));
            }
            if !window.is_open() {
                let why = "Chime shows no membership";
                unseen.iter().for_each(|member| rejected.note(member, Kind::NotFound, why.to_owned()));
                return Ok(Poll::Ready(()));
            }
            let unseen: Vec<&str> = unseen.iter().map(String::as_str).collect();
            for batch in unseen.chunks(MOST_PER_CALL) {
                let again = self.add_batch(batch, rejected, &mut unsettled).await?;
                let again = again.into_iter().map(|(member, _)| member.to_owned());
                unsettled.extend(again.map(|member| Unsettled { member, claim: Claim::Nothing }));
            }
            Ok(Poll::Again(window))
        })
        .await
    }

    /// For the reason of a create that runs out of time.
    fn note_added(&self, done: usize, all: usize, code: Option<&str>) {
        let said = code.map(|code| format!(", and Chime said {code} of the next")).unwrap_or_default();
        let advice = match all > MOST_PER_CALL {
            true => " State fewer in one resource: several of them may name the same channel.",
            false => "",
        };
        self.cx.note_progress(format!("{done} of {all} members had been added by then{said}.{advice}"));
    }

    /// Looks at each, and gives those that Chime does not show although it has not said either that they are members.
    async fn look_again(&self, unsettled: Vec<Unsettled>, rejected: &mut Rejected) -> Result<Vec<String>> {
        let looks = stream::iter(unsettled).map(|Unsettled { member, claim }| async move {
            match self.describe(&member).await {
                Ok(found) if found.r#type().is_none_or(|kind| kind.as_str() == self.id.membership_type.as_str()) => {
                    Ok(Look::Settled)
                }
                Ok(_) => Ok(Look::OtherType(member)),
                Err(error) if !error.could_be_not_found() => Err(error),
                Err(_) if claim == Claim::Member => Ok(Look::Settled),
                Err(_) => Ok(Look::Unseen(member)),
            }
        });
        let looks: Vec<Look> = looks.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut unseen = Vec::new();
        for look in looks {
            match look {
                Look::Settled => {}
                Look::OtherType(member) => {
                    rejected.note(&member, Kind::Conflict, "a member already, and of another Type: end that membership in one deployment, and state it here in the next".to_owned());
                }
                Look::Unseen(member) => unseen.push(member),
            }
        }
        Ok(unseen)
    }

    /// One call. Gives those that are to be tried again, each with the code that Chime gave it.
    async fn add_batch<'m>(
        &self,
        batch: &[&'m str],
        rejected: &mut Rejected,
        unsettled: &mut Vec<Unsettled>,
    ) -> Result<Vec<(&'m str, String)>> {
        let create = self.cx.messaging().batch_create_channel_membership().channel_arn(self.id.channel.as_str());
        let create = create.r#type(self.id.membership_type.as_str().into()).chime_bearer(&self.bearer);
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
                    unsettled.push(Unsettled { member: member.to_owned(), claim: Claim::Nothing });
                }
                continue;
            };
            let code = error.error_code().map_or("ServiceFailure", |code| code.as_str());
            match Kind::of_code(code) {
                Kind::Conflict => {
                    self.cx.claim(self.id);
                    unsettled.push(Unsettled { member: member.to_owned(), claim: Claim::Member });
                }
                Kind::Throttled | Kind::Unavailable => again.push((member, code.to_owned())),
                kind => rejected.note(member, kind, format!("{code}, {}", error.error_message().unwrap_or_default())),
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
        let time_scale = self.cx.settings().time_scale;
        let mut left = members;
        // Of a long list most may be gone: a Delete that ran out of time goes on where it ended.
        let mut by_list = left.len() > MOST_PER_CALL;
        let mut is_second_look = false;
        let unseen = poll(time_scale, async || {
            let mut missing = Vec::new();
            if !by_list {
                match self.remove_each(&left, all, &done).await {
                    Ok(unseen) => missing = unseen,
                    Err(error) if error.could_be_not_found() => by_list = true,
                    Err(error) => return Err(error),
                }
            }
            if by_list {
                missing = self.remove_listed(take(&mut left), all, &done).await?;
            }
            if missing.is_empty() || is_second_look {
                return Ok(Poll::Ready(missing));
            }
            (left, is_second_look) = (missing, true);
            Ok(Poll::Confirm)
        })
        .await?;
        let may_be_unshown = |since| self.cx.clock().may_be_unshown(since, CONSISTENCY_WINDOW);
        if unseen.is_empty() || !self.id.since.is_some_and(may_be_unshown) {
            return Ok(());
        }
        if unseen.len() <= MOST_PER_CALL {
            return self.remove_unseen(unseen).await;
        }
        // A call for each would take the time that a repeated Delete needs; one List after the window tells the same.
        let window = Window::consistency(time_scale).and_until(Instant::now() + self.cx.chime().attempt_timeout());
        window.closed().await;
        self.remove_listed(unseen, all, &done).await.map(drop)
    }

    /// What was made a moment ago may be invisible, and yet be there for a Delete.
    async fn remove_unseen(&self, members: Vec<String>) -> Result<()> {
        let deletes = stream::iter(members).map(|member| async move {
            match self.delete(&member).await {
                Err(error) if !error.could_be_not_found() => Err(error),
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
                Err(error) if !error.could_be_not_found() => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether a membership came with this resource: the stated bearer, or the one who acts, invited the member, and not before the resource
    /// was made. Clocks may differ by some seconds, but not so far that the membership which comes with a channel counts. Whoever is
    /// deleted since may be named no longer: then the time alone says it.
    fn is_own(&self, member: &str, found: &SdkMembership) -> bool {
        let by = found.invited_by().and_then(|by| by.arn()).unwrap_or_default();
        let created = found.created_timestamp().and_then(|time| SystemTime::try_from(*time).ok());
        let is_by_us = by.is_empty() || by == self.stated_bearer || by == self.bearer;
        let (Some(created), true) = (created, is_by_us) else { return false };
        let clock = self.cx.clock();
        match self.id.since {
            Some(since) => {
                (created >= since || !["", member].contains(&by) && clock.is_since(created, since))
                    && clock.is_older(created)
            }
            None => clock.may_be_unanswered(created),
        }
    }

    /// The ARNs of all members of the channel.
    ///
    /// # Errors
    /// Those of ListChannelMemberships.
    pub async fn listed(&self) -> Result<HashSet<String>> {
        let (channel, membership_type) = (self.id.channel.as_str(), &self.id.membership_type);
        let path = format!("{channel}/memberships/");
        let list = |token| -> futures_util::future::LocalBoxFuture<'_, _> {
            Box::pin(page(self.cx, channel, membership_type, &self.bearer, token))
        };
        let mut pages = pin!(pages(list));
        let mut listed = HashSet::new();
        while let Some(page) = pages.try_next().await? {
            let arns = page.items.iter().filter_map(|listed| listed.id.strip_prefix(&path));
            listed.extend(arns.map(str::to_owned));
        }
        Ok(listed)
    }

    async fn describe(&self, member: &str) -> Result<SdkMembership> {
        describe(self.cx, &self.id.channel, member, &self.bearer).await
    }

    async fn delete(&self, member: &str) -> Result<()> {
        remove(self.cx, &self.id.channel, member, &self.bearer).await
    }
}

/// Those that Chime does not take, by what it says of them.
#[derive(Debug, Default)]
struct Rejected {
    kind: Option<Kind>,
    by_reason: BTreeMap<String, Vec<String>>,
}

impl Rejected {
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
            .with_advice("Correct the list, and deploy again"))
    }
}
