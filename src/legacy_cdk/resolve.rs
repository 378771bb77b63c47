//! Finds out which resource a construct of an existing stack stands for.
//!
//! There are three sources, and none is fully reliable:
//!
//! - The SSM parameter that the library wrote when it created the resource. Its name does not contain the stack, so two
//!   stacks with the same construct ids overwrite each other's parameter. Its history says which function wrote which
//!   value.
//! - The properties. They name a user, an admin or a setting. The library may never have created it, because the
//!   library's updates do nothing.
//! - The ownership tags and marks. They exist on everything that this function has already handled.
//!
//! If the sources leave doubt, the resource is left alone.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::legacy_cdk::record::{Record, id_from_properties};
use crate::legacy_cdk::translate::Origin;
use crate::legacy_cdk::witnesses::{CandidateState, Question, Recorded, Resolution, Witnesses, decide};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::{Step, Wait};
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::region::check_properties;
use crate::properties::raw::RawProperties;
use crate::resource::Locator;
use crate::resource::actor::Actor;
use crate::resource::erased::Compared;
use crate::resource::observed::Observation;
use crate::resource::ownership::Ownership;
use crate::resource::ownership::store::read_ownership;
use crate::resource::pages::pages;
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value as Json;
use std::pin::pin;

/// How many resources are checked for their tags when no parameter identifies the right one.
const MAX_TAG_READS: usize = 100;

/// Which way an Update goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the old properties to the new ones.
    Forward,
    /// Back from an update that changed nothing. The new properties identify the resource.
    Rollback,
}

/// Which resource this is. `None` if it certainly no longer exists.
///
/// # Errors
/// The resource cannot be determined; the error says what to do. Also those of ListTagsForResource, the Describe call
/// and the Lists.
pub async fn resolve(
    operation: &Operation<'_>,
    origin: &Origin,
    record: Option<&Record>,
    direction: Direction,
) -> Result<Option<String>> {
    match operation.resource.has_template_id() {
        // Boxed, because the layout of the nested futures exceeds rustc's query depth.
        true => Box::pin(resolve_by_template_id(operation, record, direction)).await.map(Some),
        false => Box::pin(resolve_by_chime_id(operation, origin, record)).await,
    }
}

/// The facts, while they are being collected.
struct ResolveInquiry<'a> {
    operation: &'a Operation<'a>,
    witnesses: Witnesses,
}

impl Inquiry for ResolveInquiry<'_> {
    type Question = Question;
    type Action = Resolution;

    fn decide(&mut self) -> Step<Question, Resolution> {
        decide(&self.witnesses)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        let operation = self.operation;
        let named = |at: usize| self.witnesses.named.get(at).cloned().unwrap_or_default();
        match question {
            Question::RecordedOwner => {
                let id = self.witnesses.recorded.as_ref().map(|recorded| recorded.id.clone()).unwrap_or_default();
                let owner = owner(operation, &id).await?;
                self.witnesses.recorded_is_not_foreign = Some(!matches!(owner, Some(Ownership::Foreign { .. })));
            }
            Question::NewOwner => {
                self.witnesses.new_is_ours = Some(match owner(operation, &named(1)).await? {
                    Some(Ownership::Ours { cause, .. }) => Some(cause.request),
                    _ => None,
                });
            }
            Question::OldOwner => {
                let owner = owner(operation, &named(0)).await?;
                self.witnesses.old_is_ours = Some(matches!(owner, Some(Ownership::Ours { .. })));
            }
            Question::CandidateStates => {
                let before = operation.request.old_properties().unwrap_or(&operation.request.properties);
                let old = candidate_state(operation, &named(0), before).await?;
                self.witnesses.candidate_states =
                    Some([old, candidate_state(operation, &named(1), &operation.request.properties).await?]);
            }
        }
        Ok(())
    }

    fn forget(&mut self) {}

    fn window(&self, _: Wait) -> Window {
        self.operation.consistency_window()
    }
}

async fn resolve_by_template_id(
    operation: &Operation<'_>,
    record: Option<&Record>,
    direction: Direction,
) -> Result<String> {
    let old = operation.request.old_properties().filter(|_| direction == Direction::Forward);
    let properties = old.into_iter().chain([&operation.request.properties]);
    let mut named: Vec<String> =
        properties.filter_map(|properties| id_from_properties(operation, properties)).collect();
    named.dedup();
    let parent = |id: &str| operation.resource.parent(id);
    let recorded = record.map(|record| Recorded {
        id: record.id.clone(),
        is_own: record.is_own,
        is_in_same_app_instance: named.iter().any(|id| parent(id) == parent(&record.id)),
    });
    let witnesses = Witnesses::new(operation.request.request_id.clone(), named, recorded);
    match inquire(operation.time_scale(), &mut ResolveInquiry { operation, witnesses }).await? {
        Resolution::This(id) => Ok(id),
        Resolution::Ambiguous(old, new) => Err(Error::new(
            Kind::Conflict,
            format!("Cannot determine whether this is {old} or {new}, and nothing was changed"),
        )
        .with_advice(
            "Let the function take over the construct in one deployment (adding a ServiceTimeout is enough), and change it in \
             the next.",
        )),
        Resolution::Unidentified => Err(Error::new(
            Kind::Invalid,
            format!("The properties do not identify the {}", operation.resource.type_name()),
        )
        .with_advice("Nothing was changed. Check that the ARNs in the construct exist.")),
    }
}

async fn candidate_state(operation: &Operation<'_>, id: &str, properties: &Json) -> Result<CandidateState> {
    Ok(match observe(operation, id, properties).await? {
        None => CandidateState::Gone,
        Some(observation) if observation.differences.is_empty() => CandidateState::Matches,
        Some(_) => CandidateState::Differs,
    })
}

/// What Chime shows of `id`, and how it differs from `properties`. `None` if Chime answers with an error that it also
/// returns for missing resources.
///
/// # Errors
/// Other errors of the Describe call.
pub async fn observe(operation: &Operation<'_>, id: &str, properties: &Json) -> Result<Option<Observation>> {
    let Ok(desired) = operation.resource.read(properties) else { return Ok(None) };
    match desired.observe(operation.cx, id, Compared::PropertiesAndTags).await {
        Err(error) if error.could_be_not_found() => Ok(None),
        observed => observed,
    }
}

/// Who owns the resource `id`. `None` if it is gone, or if the resource that carries its mark is gone. Unreadable tags
/// prove neither foreign ownership nor absence: as long as the parent's List contains the resource, they are read
/// again.
///
/// # Errors
/// The resource exists and its tags cannot be read. Also those of ListTagsForResource and of the List.
pub async fn owner(operation: &Operation<'_>, id: &str) -> Result<Option<Ownership>> {
    let window = operation.consistency_window();
    poll(operation.time_scale(), async || {
        let refusal = match read_ownership(operation.cx, operation.resource, id).await {
            Ok(owner) => return Ok(Poll::Ready(Some(owner))),
            Err(error) if error.kind() == Kind::NotFound => return Ok(Poll::Ready(None)),
            Err(error) if error.could_be_not_found() => error,
            Err(error) => return Err(error),
        };
        if !operation.exists(id).await? {
            return Ok(Poll::Ready(None));
        }
        if window.is_open() {
            return Ok(Poll::Again(window));
        }
        Err(refusal.with_advice("The resource exists, but its owner cannot be read, so it was left alone."))
    })
    .await
}

/// Resolves a resource whose id Chime chose.
async fn resolve_by_chime_id(
    operation: &Operation<'_>,
    origin: &Origin,
    record: Option<&Record>,
) -> Result<Option<String>> {
    if let Some(record) = record {
        match owner(operation, &record.id).await? {
            Some(Ownership::Ours { .. }) => return Ok(Some(record.id.clone())),
            Some(Ownership::Unowned) | None if record.is_own => return Ok(Some(record.id.clone())),
            _ => {}
        }
    }
    let properties = operation.request.old_properties().unwrap_or(&operation.request.properties);
    // A List in the wrong region would not contain the resource and so suggest that it is gone.
    check_properties(operation.cx, properties)?;
    let raw = RawProperties::of(properties);
    let Some(Locator::InParent(parent)) = operation.resource.locate(&raw, None) else {
        return Err(ambiguous_error(operation, origin, record, &[]));
    };
    let list = |token| -> LocalBoxFuture<'_, _> {
        operation.resource.list(operation.cx, &parent, token, raw, Actor::stated(&raw))
    };
    let (mut pages, mut unclaimed, mut checked) = (pin!(pages(list)), Vec::new(), 0);
    while let Some(page) = pages.try_next().await? {
        if checked >= MAX_TAG_READS {
            return Err(ambiguous_error(operation, origin, record, &unclaimed));
        }
        for listed in page.items {
            checked += 1;
            match read_ownership(operation.cx, operation.resource, &listed.id).await {
                Ok(Ownership::Ours { .. }) => return Ok(Some(listed.id)),
                Ok(Ownership::Unowned) => unclaimed.push(listed.id),
                Ok(Ownership::SameStack { .. } | Ownership::Foreign { .. }) => {}
                // Unreadable tags do not prove foreign ownership.
                Err(error) if error.could_be_not_found() => unclaimed.push(listed.id),
                Err(error) => return Err(error),
            }
        }
    }
    if unclaimed.is_empty() { Ok(None) } else { Err(ambiguous_error(operation, origin, record, &unclaimed)) }
}

/// The error for a resource that may belong to another stack, with what to do.
fn ambiguous_error(operation: &Operation<'_>, origin: &Origin, record: Option<&Record>, unclaimed: &[String]) -> Error {
    let kind = operation.resource.type_name();
    let name = origin.parameters.first().map_or("", String::as_str);
    let why = match record {
        Some(Record { id, .. }) => format!(
            "The SSM parameter {name} names {id}, but another stack may have written it, or the tags of that resource name another \
             owner"
        ),
        None => format!(
            "The SSM parameter {name}, which named it, is gone or does not name a {kind} in this account and region"
        ),
    };
    let some = unclaimed.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let api = if kind == "ChimeChannelFlow" { "chime-sdk-messaging" } else { "chime-sdk-identity" };
    let (stack, logical_id) = (operation.request.stack_id.as_str(), &operation.request.logical_id);
    Error::new(Kind::Conflict, format!("Cannot determine which {kind} this is, and nothing was changed. {why}"))
        .with_advice(format!(
            "Find its ARN (these candidates have no owner in their tags: {some}) and record this stack as its owner: aws {api} \
             tag-resource --resource-arn <ARN> --tags Key=cfn:stack-id,Value={stack} Key=cfn:logical-id,Value={logical_id}. Then \
             deploy again. If the resource no longer exists, delete the stack with --retain-resources {logical_id}."
        ))
}
