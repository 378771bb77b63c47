//! The calls that add and remove the members of a list.

use crate::chime::error::{Kind, Result};
use crate::chime::poll::{CONSISTENCY_WINDOW, Poll, Window, poll};
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::AppInstanceMemberArn;
use crate::resource::actor::Actor;
use crate::resource::bearer::is_bearer_rejected;
use crate::resource::context::Context;
use crate::resource::memberships::{describe, page, remove};
use crate::resource::pages::pages;
use crate::resource::parent::is_visible;
use crate::resource::relations::may_be_creators_own;
use crate::resources::channel_memberships::id::ChannelMembershipsId;
use crate::resources::channel_memberships::rejected::Rejected;
use crate::resources::channel_memberships::unconfirmed::{Reported, Unconfirmed};
use aws_sdk_chimesdkmessaging::types::ChannelMembership as SdkMembership;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use tokio::time::Instant;

/// The maximum batch size of Chime (`MemberArns` of BatchCreateChannelMembership).
const BATCH_SIZE: usize = 100;

/// How many members are checked or removed concurrently.
const CONCURRENCY: usize = 16;

/// The memberships of one resource, and the bearer of the calls.
#[derive(Debug)]
pub struct Batch<'a> {
    cx: &'a Context,
    id: &'a ChannelMembershipsId,
    /// The bearer.
    bearer: String,
    /// The bearer in the properties. It may differ from the one that acts.
    stated_bearer: String,
    /// The bearer before an update. It has invited the members who were added until then.
    former_bearer: Option<String>,
}

/// Why members are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// An update no longer names them. The update before it may have added them a moment ago.
    ByUpdate,
    /// The resource is deleted.
    ByDelete,
}

/// The result of checking a member again.
enum CheckResult {
    Confirmed,
    OtherType(String),
    Missing(String),
    /// Chime says that it exists, and does not show it yet.
    Unseen(Unconfirmed),
}

impl<'a> Batch<'a> {
    /// With the bearer from the properties.
    pub fn stated(cx: &'a Context, id: &'a ChannelMembershipsId, bearer: &AppInstanceMemberArn) -> Self {
        Self { cx, id, bearer: bearer.to_string(), stated_bearer: bearer.to_string(), former_bearer: None }
    }

    /// The same for an update of a list that had this bearer before.
    #[must_use]
    pub fn with_former_bearer(self, former_bearer: Option<String>) -> Self {
        Self { former_bearer, ..self }
    }

    /// With `actor` instead of the bearer from the properties.
    pub fn acting(cx: &'a Context, id: &'a ChannelMembershipsId, raw: &RawProperties<'_>, actor: &Actor) -> Self {
        let stated_bearer = Actor::stated(raw).as_str().to_owned();
        Self { cx, id, bearer: actor.as_str().to_owned(), stated_bearer, former_bearer: None }
    }

    /// Adds all members in batches. Existing members stay unchanged.
    ///
    /// # Errors
    /// Chime rejects some of them. The reason names each one.
    pub async fn add(&self, members: &[&str]) -> Result<()> {
        let time_scale = self.cx.settings().time_scale;
        let mut rejected = Rejected::default();
        let mut unconfirmed = Vec::new();
        for (at, batch) in members.chunks(BATCH_SIZE).enumerate() {
            let before = at * BATCH_SIZE;
            self.record_progress(before, members.len(), None);
            let mut left = batch.to_vec();
            poll(time_scale, async || {
                let retry = self.add_batch(&left, &mut rejected, &mut unconfirmed).await?;
                let Some((_, code)) = retry.first().cloned() else { return Ok(Poll::Ready(())) };
                left = retry.into_iter().map(|(member, _)| member).collect();
                self.record_progress((before + batch.len()).saturating_sub(left.len()), members.len(), Some(&code));
                Ok(Poll::Again(Window::unlimited()))
            })
            .await?;
        }
        self.confirm(unconfirmed, &mut rejected).await?;
        rejected.into_result(members.len())
    }

    /// Checks the members that Chime reported as existing, or about which it reported nothing. Chime may not show a new
    /// membership yet.
    async fn confirm(&self, mut unconfirmed: Vec<Unconfirmed>, rejected: &mut Rejected) -> Result<()> {
        let time_scale = self.cx.settings().time_scale;
        let window = Window::consistency(time_scale);
        poll(time_scale, async || {
            let (missing, unseen) = self.check_again(take(&mut unconfirmed), rejected).await?;
            if missing.is_empty() && unseen.is_empty() {
                return Ok(Poll::Ready(()));
            }
            if !window.is_open() {
                let why = "Chime does not show the membership";
                missing.iter().for_each(|member| rejected.add(member, Kind::NotFound, why.to_owned()));
                return Ok(Poll::Ready(()));
            }
            let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
            for batch in missing.chunks(BATCH_SIZE) {
                let retry = self.add_batch(batch, rejected, &mut unconfirmed).await?;
                let retry = retry.into_iter().map(|(member, _)| member.to_owned());
                unconfirmed.extend(retry.map(|member| Unconfirmed { member, reported: Reported::Nothing }));
            }
            unconfirmed.extend(unseen);
            Ok(Poll::Again(window))
        })
        .await
    }

    /// Records the progress for the reason of a create that runs out of time.
    fn record_progress(&self, done: usize, all: usize, code: Option<&str>) {
        let last_error = code.map(|code| format!(", and Chime returned {code} for the next")).unwrap_or_default();
        let advice = match all > BATCH_SIZE {
            true => " Put fewer members into one resource: several resources may name the same channel.",
            false => "",
        };
        self.cx.note_progress(format!("{done} of {all} members had been added by then{last_error}.{advice}"));
    }

    /// Checks each member again. Returns those that Chime neither shows nor has reported as members, and those that it has reported and does
    /// not show: their type is unknown.
    async fn check_again(
        &self,
        unconfirmed: Vec<Unconfirmed>,
        rejected: &mut Rejected,
    ) -> Result<(Vec<String>, Vec<Unconfirmed>)> {
        let checks = stream::iter(unconfirmed).map(|Unconfirmed { member, reported }| async move {
            match self.describe(&member).await {
                Ok(found) if found.r#type().is_none_or(|kind| kind.as_str() == self.id.membership_type.as_str()) => {
                    Ok(CheckResult::Confirmed)
                }
                Ok(_) => Ok(CheckResult::OtherType(member)),
                Err(error) if !error.could_be_not_found() => Err(error),
                Err(_) if reported == Reported::Member => Ok(CheckResult::Unseen(Unconfirmed { member, reported })),
                Err(_) => Ok(CheckResult::Missing(member)),
            }
        });
        let checks: Vec<CheckResult> = checks.buffer_unordered(CONCURRENCY).try_collect().await?;
        let (mut missing, mut unseen) = (Vec::new(), Vec::new());
        for check in checks {
            match check {
                CheckResult::Confirmed => {}
                CheckResult::OtherType(member) => {
                    rejected.add(&member, Kind::Conflict, "already a member, with another Type: remove that membership in one deployment, and add it here in the next".to_owned());
                }
                CheckResult::Missing(member) => missing.push(member),
                CheckResult::Unseen(member) => unseen.push(member),
            }
        }
        Ok((missing, unseen))
    }

    /// Makes one call. Returns the members to retry, each with Chime's error code.
    async fn add_batch<'m>(
        &self,
        batch: &[&'m str],
        rejected: &mut Rejected,
        unconfirmed: &mut Vec<Unconfirmed>,
    ) -> Result<Vec<(&'m str, String)>> {
        let create = self.cx.messaging().batch_create_channel_membership().channel_arn(self.id.channel.as_str());
        let create = create.r#type(self.id.membership_type.as_str().into()).chime_bearer(&self.bearer);
        let arns = batch.iter().map(|member| (*member).to_owned()).collect();
        let output = create.set_member_arns(Some(arns)).send().await?;
        let made = output.batch_channel_memberships().map_or(&[][..], |made| made.members());
        let made: HashSet<&str> = made.iter().filter_map(|member| member.arn()).collect();
        let errors = output.errors().iter().filter_map(|error| Some((error.member_arn()?, error)));
        let errors: HashMap<&str, _> = errors.collect();
        let mut retry = Vec::new();
        for member in batch.iter().copied() {
            let Some(error) = errors.get(member) else {
                self.cx.claim(self.id);
                if !made.contains(member) {
                    unconfirmed.push(Unconfirmed { member: member.to_owned(), reported: Reported::Nothing });
                }
                continue;
            };
            let code = error.error_code().map_or("ServiceFailure", |code| code.as_str());
            match Kind::of_code(code) {
                // Somebody else may have made it. What this request made is claimed or of unknown outcome.
                Kind::Conflict => {
                    unconfirmed.push(Unconfirmed { member: member.to_owned(), reported: Reported::Member });
                }
                Kind::Throttled | Kind::Unavailable => retry.push((member, code.to_owned())),
                kind => rejected.add(member, kind, format!("{code}, {}", error.error_message().unwrap_or_default())),
            }
        }
        Ok(retry)
    }

    /// Removes the members that joined after this resource was created.
    ///
    /// # Errors
    /// Chime rejects the removal, and some of them are still members.
    pub async fn remove(&self, members: Vec<String>, removal: Removal) -> Result<()> {
        let (all, done) = (members.len(), AtomicUsize::new(0));
        let time_scale = self.cx.settings().time_scale;
        let mut left = members;
        // In a long list, most members may already be gone: the next Delete continues after a time-out.
        let mut by_list = left.len() > BATCH_SIZE;
        let (mut is_second_check, mut is_first_refusal) = (false, true);
        let channel = self.id.channel.as_str();
        let missing = poll(time_scale, async || {
            let removed = match by_list {
                true => self.remove_listed(left.clone(), all, &done).await,
                false => self.remove_each(&left, all, &done).await,
            };
            let missing = match removed {
                Ok(missing) => missing,
                // Chime gives the same answer for former members, and it may still show one that another delivery has just removed.
                Err(error) if error.could_be_not_found() && (!by_list || self.cx.refusal_window().is_open()) => {
                    // Waiting helps neither if the channel is gone nor if another bearer has to try.
                    let may_be_hopeless = removal == Removal::ByDelete && is_bearer_rejected(&error);
                    if may_be_hopeless
                        && take(&mut is_first_refusal)
                        && !is_visible(self.cx, channel, &self.bearer).await?
                    {
                        return Err(error);
                    }
                    by_list = true;
                    done.store(0, Ordering::Relaxed);
                    return Ok(Poll::Again(self.cx.refusal_window()));
                }
                Err(error) => return Err(error),
            };
            if missing.is_empty() || is_second_check {
                return Ok(Poll::Ready(missing));
            }
            (left, is_second_check) = (missing, true);
            Ok(Poll::Confirm)
        })
        .await?;
        let clock = self.cx.clock();
        let may_be_unshown = match removal {
            Removal::ByUpdate => clock.age() <= CONSISTENCY_WINDOW,
            Removal::ByDelete => self.id.since.is_some_and(|since| clock.may_be_unshown(since, CONSISTENCY_WINDOW)),
        };
        if missing.is_empty() || !may_be_unshown {
            return Ok(());
        }
        if missing.len() <= BATCH_SIZE {
            return self.remove_invisible(missing).await;
        }
        // One call for each member would use up the time that a repeated Delete needs. One List after the window gives
        // the same information.
        let window = Window::consistency(time_scale).and_until(Instant::now() + self.cx.chime().attempt_timeout());
        window.closed().await;
        self.remove_listed(missing, all, &done).await.map(drop)
    }

    /// Deletes members that Chime does not show, because a recent membership may be invisible and still deletable. Tries those that
    /// Chime does not find once more after [`Window::absence`].
    async fn remove_invisible(&self, members: Vec<String>) -> Result<()> {
        let window = Window::absence(self.cx.settings().time_scale);
        let unknown = self.remove_blindly(members).await?;
        if !unknown.is_empty() {
            window.closed().await;
            self.remove_blindly(unknown).await?;
        }
        Ok(())
    }

    /// Deletes members even if Chime does not show them, but none that it shows as somebody else's. Returns those that it does not find.
    async fn remove_blindly(&self, members: Vec<String>) -> Result<Vec<String>> {
        let deletes = stream::iter(members).map(|member| async move {
            if self.describe(&member).await.is_ok_and(|found| !self.is_own(&member, &found)) {
                return Ok(None);
            }
            match self.delete(&member).await {
                Ok(()) => Ok(None),
                Err(error) if error.could_be_not_found() => Ok(Some(member)),
                Err(error) => Err(error),
            }
        });
        let unknown: Vec<Option<String>> = deletes.buffer_unordered(CONCURRENCY).try_collect().await?;
        Ok(unknown.into_iter().flatten().collect())
    }

    /// Removes the members that Chime lists and that belong to this resource. Returns those that are missing.
    async fn remove_listed(&self, members: Vec<String>, all: usize, done: &AtomicUsize) -> Result<Vec<String>> {
        let listed = self.listed(&members).await?;
        let (present, mut missing) = members.into_iter().partition::<Vec<_>, _>(|member| listed.contains(member));
        missing.extend(self.remove_each(&present, all, done).await?);
        Ok(missing)
    }

    /// Removes each member that belongs to this resource. Returns those that are missing.
    async fn remove_each(&self, members: &[String], all: usize, done: &AtomicUsize) -> Result<Vec<String>> {
        let removals = stream::iter(members.to_vec()).map(|member| async move {
            let outcome = match self.describe(&member).await {
                Ok(found) if self.is_own(&member, &found) => match self.delete(&member).await {
                    Ok(()) => Ok(None),
                    // Chime has just shown it, so the delete may not see it yet.
                    Err(error) if error.kind() == Kind::NotFound => Ok(Some(member)),
                    Err(error) => Err(error),
                },
                Ok(_) => Ok(None),
                Err(error) if error.kind() == Kind::NotFound => Ok(Some(member)),
                Err(error) => Err(error),
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            self.cx.note_progress(format!(
                "{done} of {all} members had been processed by then, and the next attempt goes on"
            ));
            outcome
        });
        let missing: Vec<Option<String>> = removals.buffer_unordered(CONCURRENCY).try_collect().await?;
        Ok(missing.into_iter().flatten().collect())
    }

    /// One of `members` that is in the channel and was created by this resource.
    ///
    /// # Errors
    /// Those of ListChannelMemberships and DescribeChannelMembership.
    pub async fn find(&self, members: &[String]) -> Result<Option<SdkMembership>> {
        let listed = self.listed(members).await?;
        for member in members.iter().filter(|member| listed.contains(*member)) {
            match self.describe(member).await {
                Ok(found) if self.is_own(member, &found) => return Ok(Some(found)),
                Err(error) if !error.could_be_not_found() => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether a membership came with this resource.
    ///
    /// - The stated bearer, the acting one, or the one before an update invited the member. Chime may no longer show an inviter who has
    ///   been deleted; then only the time counts.
    /// - The membership was not created before the resource. Clocks may differ by some seconds. That allowance does not apply to a member
    ///   without a known inviter or who invited itself, as a channel's creator did.
    /// - If only the properties of a create are known, its stated bearer made the membership, within the time of that create.
    fn is_own(&self, member: &str, found: &SdkMembership) -> bool {
        let by = found.invited_by().and_then(|by| by.arn()).unwrap_or_default();
        let created = found.created_timestamp().and_then(|time| SystemTime::try_from(*time).ok());
        let ours = [Some(&self.stated_bearer), Some(&self.bearer), self.former_bearer.as_ref()];
        let is_by_us = by.is_empty() || ours.into_iter().flatten().any(|bearer| bearer == by);
        let (Some(created), true) = (created, is_by_us) else { return false };
        let clock = self.cx.clock();
        match self.id.since {
            Some(since) => {
                (created >= since || !["", member].contains(&by) && clock.is_since(created, since))
                    && clock.is_older(created)
            }
            None => {
                let is_stated = ["", self.stated_bearer.as_str()].contains(&by);
                is_stated && !may_be_creators_own(member, Some(by)) && self.cx.may_clean_up(created)
            }
        }
    }

    /// Those of `members` that are in the channel. The channel may have a hundred times as many.
    ///
    /// # Errors
    /// Those of ListChannelMemberships.
    pub async fn listed(&self, members: &[String]) -> Result<HashSet<String>> {
        let sought: HashSet<&str> = members.iter().map(String::as_str).collect();
        let (channel, membership_type) = (self.id.channel.as_str(), &self.id.membership_type);
        let path = format!("{channel}/memberships/");
        let list = |token| -> futures_util::future::LocalBoxFuture<'_, _> {
            Box::pin(page(self.cx, channel, membership_type, &self.bearer, token))
        };
        let mut pages = pin!(pages(list));
        let mut listed = HashSet::new();
        while let Some(page) = pages.try_next().await? {
            let arns = page.items.iter().filter_map(|listed| listed.id.strip_prefix(&path));
            listed.extend(arns.filter(|arn| sought.contains(arn)).map(str::to_owned));
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
