//! Which resource a construct of a live stack is.
//!
//! Three witnesses, none of them perfect. The parameter that the library wrote when it made the resource: its name has no stack in it, so
//! that two stacks with constructs of the same ids overwrite each other's, but its history says which function wrote what. The properties:
//! they name a user, an admin or a setting, though perhaps one that the library never made, as its updates do nothing. The tags and marks:
//! what this function has touched before bears its owner's. In doubt a resource is left alone.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::Origin;
use crate::lifecycle::Operation;
use crate::lifecycle::decide::{Step, Wait};
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::region::check_properties;
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::arn_scope;
use crate::request::request_id::RequestId;
use crate::resource::Locator;
use crate::resource::actor::Actor;
use crate::resource::erased::Compared;
use crate::resource::observed::Observation;
use crate::resource::ownership::owner::Ownership;
use crate::resource::ownership::store::read_ownership;
use crate::resource::pages::pages;
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value as Json, json};
use std::pin::pin;

/// How many resources are asked for their tags where no parameter says which it is.
const MOST: usize = 100;

/// What the library has noted of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The parameter's name.
    pub name: String,
    /// The resource's id, in our own words.
    pub id: String,
    /// The parameter holds it still: no other stack's twin has overwritten it.
    pub is_latest: bool,
    /// This stack's own function wrote it; or nobody knows who did, and nobody has overwritten it.
    pub is_own: bool,
}

/// What the parameter says, if there is one and it speaks of this account and region. The library's function, whose log group is
/// `log_group`, has written it.
///
/// # Errors
/// Those of GetParameterHistory.
pub async fn record(operation: &Operation<'_>, origin: &Origin, log_group: &str) -> Result<Option<Record>> {
    for name in &origin.parameters {
        let versions = ssm::history(operation.cx, name).await?;
        let Some(latest) = versions.last() else { continue };
        let session = format!("/{}", log_group.rsplit('/').next().unwrap_or_default());
        let own = versions.iter().rev().find(|version| version.writer.ends_with(&session));
        let is_sessions = versions.iter().all(|version| version.writer.contains(":assumed-role/"));
        let record = own.unwrap_or(latest);
        let id = id_of(operation, &record.value).filter(|_| is_here(operation, &record.value));
        return Ok(id.map(|id| Record {
            name: name.clone(),
            id,
            is_latest: record == latest,
            is_own: own.is_some() || !is_sessions && versions.len() == 1,
        }));
    }
    Ok(None)
}

/// The id of the resource whose ARN the library has noted. Of an admin, it notes the user or bot.
fn id_of(operation: &Operation<'_>, arn: &str) -> Option<String> {
    if operation.resource.is_id(arn) {
        return Some(arn.to_owned());
    }
    id_from_properties(operation, &json!({"AppInstanceAdminArn": arn}))
}

fn is_here(operation: &Operation<'_>, arn: &str) -> bool {
    let region = operation.cx.settings().region.as_deref().unwrap_or_default();
    arn_scope(arn).is_some_and(|scope| scope.region == region && scope.account == operation.request.stack_id.account())
}

/// The resource that `properties` name by themselves.
pub fn id_from_properties(operation: &Operation<'_>, properties: &Json) -> Option<String> {
    match operation.resource.locate(&RawProperties::of(properties), None) {
        Some(Locator::ById(id)) => Some(id),
        Some(Locator::InParent(_)) | None => None,
    }
}

/// Whether an Update goes on from what CloudFormation believes, or back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the old properties to the new ones.
    Forward,
    /// Back from an update that touched nothing: it means what its new properties name.
    Back,
}

/// Which resource it is; `None` where it is sure that there is none any more.
///
/// # Errors
/// Nobody can say for sure, and what to do about that. Those of ListTagsForResource, of the Describe and of the Lists.
pub async fn resolve(
    operation: &Operation<'_>,
    origin: &Origin,
    record: Option<&Record>,
    direction: Direction,
) -> Result<Option<String>> {
    match operation.resource.has_template_id() {
        // Boxed, because the layout of the nested futures exceeds rustc's query depth.
        true => Box::pin(resolve_named(operation, record, direction)).await.map(Some),
        false => Box::pin(resolve_chosen(operation, origin, record)).await,
    }
}

/// What is known of a construct whose properties name the resource. What is `None` has not been asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Witnesses {
    /// The request that asks.
    request: RequestId,
    /// What the properties name: the old ones, then the new ones, where they differ.
    named: Vec<String>,
    /// What the library has recorded.
    recorded: Option<Recorded>,
    /// Who owns the recorded resource is not another stack.
    recorded_is_believable: Option<bool>,
    /// The request because of which this logical resource owns what the new properties name.
    new_is_ours: Option<Option<RequestId>>,
    /// Whether it owns what the old ones name.
    old_is_ours: Option<bool>,
    /// What Chime shows of both.
    sights: Option<[Sight; 2]>,
}

/// What the library has recorded of a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    id: String,
    /// This stack's function wrote it.
    is_own: bool,
    /// It is in the same app instance as what the properties name. One in another is a twin's: where a construct is, the stack itself has
    /// told it.
    is_beside: bool,
}

/// What Chime shows of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Nothing.
    Gone,
    /// It, as stated.
    AsStated,
    /// It, otherwise than stated.
    Different,
}

/// What has to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    RecordedOwner,
    NewOwner,
    OldOwner,
    Sights,
}

/// Which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resolution {
    /// This one.
    This(String),
    /// One of two, and nothing tells which.
    Ambiguous(String, String),
    /// The properties name nothing.
    Unnamed,
}

/// Decides which resource a construct is whose properties name it.
fn decide(witnesses: &Witnesses) -> Step<Question, Resolution> {
    let this = |id: &String| Step::Do(Resolution::This(id.clone()));
    if let Some(recorded) = &witnesses.recorded {
        if witnesses.named.contains(&recorded.id) {
            return this(&recorded.id);
        }
        // An update of the library's that named another changed nothing. Where it is gone, the library has made no other.
        if recorded.is_own && recorded.is_beside {
            match witnesses.recorded_is_believable {
                None => return Step::Ask(Question::RecordedOwner),
                Some(true) => return this(&recorded.id),
                Some(false) => {}
            }
        }
    }
    let [old, new] = witnesses.named.as_slice() else {
        return witnesses.named.first().map_or(Step::Do(Resolution::Unnamed), this);
    };
    match (&witnesses.new_is_ours, witnesses.old_is_ours, witnesses.sights) {
        (None, ..) => Step::Ask(Question::NewOwner),
        // What this very request has made there in an earlier delivery is what replaces the old.
        (Some(Some(cause)), ..) if witnesses.request.is_noted_as(cause) => this(old),
        (Some(Some(_)), ..) => this(new),
        (Some(None), None, _) => Step::Ask(Question::OldOwner),
        (Some(None), Some(true), _) => this(old),
        (Some(None), Some(false), None) => Step::Ask(Question::Sights),
        (_, _, Some([Sight::AsStated, Sight::Gone | Sight::Different])) => this(old),
        (_, _, Some([Sight::Gone | Sight::Different, Sight::AsStated])) => this(new),
        (_, _, Some([Sight::Gone, _])) => this(old),
        (_, _, Some(_)) => Step::Do(Resolution::Ambiguous(old.clone(), new.clone())),
    }
}

/// The witnesses while they are being heard.
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
                self.witnesses.recorded_is_believable = Some(!matches!(owner, Some(Ownership::Foreign { .. })));
            }
            Question::NewOwner => {
                self.witnesses.new_is_ours = Some(match owner(operation, &named(1)).await? {
                    Some(Ownership::Ours { cause, .. }) => Some(cause),
                    _ => None,
                });
            }
            Question::OldOwner => {
                let owner = owner(operation, &named(0)).await?;
                self.witnesses.old_is_ours = Some(matches!(owner, Some(Ownership::Ours { .. })));
            }
            Question::Sights => {
                let before = operation.request.old_properties().unwrap_or(&operation.request.properties);
                let old = sight(operation, &named(0), before).await?;
                self.witnesses.sights = Some([old, sight(operation, &named(1), &operation.request.properties).await?]);
            }
        }
        Ok(())
    }

    fn forget(&mut self) {}

    fn window(&self, _: Wait) -> Window {
        self.operation.consistency_window()
    }
}

async fn resolve_named(operation: &Operation<'_>, record: Option<&Record>, direction: Direction) -> Result<String> {
    let old = operation.request.old_properties().filter(|_| direction == Direction::Forward);
    let properties = old.into_iter().chain([&operation.request.properties]);
    let mut named: Vec<String> =
        properties.filter_map(|properties| id_from_properties(operation, properties)).collect();
    named.dedup();
    let parent = |id: &str| operation.resource.parent(id);
    let recorded = record.map(|record| Recorded {
        id: record.id.clone(),
        is_own: record.is_own,
        is_beside: named.iter().any(|id| parent(id) == parent(&record.id)),
    });
    let witnesses = Witnesses {
        request: operation.request.request_id.clone(),
        named,
        recorded,
        recorded_is_believable: None,
        new_is_ours: None,
        old_is_ours: None,
        sights: None,
    };
    match inquire(operation.time_scale(), &mut ResolveInquiry { operation, witnesses }).await? {
        Resolution::This(id) => Ok(id),
        Resolution::Ambiguous(old, new) => Err(Error::new(
            Kind::Conflict,
            format!("Which of {old} and {new} this is cannot be told for sure, and nothing was touched"),
        )
        .with_advice(
            "Let the function take the construct over in one deployment (a ServiceTimeout is enough), and change what it names in \
             the next.",
        )),
        Resolution::Unnamed => Err(Error::new(
            Kind::Invalid,
            format!("The properties do not say which {} it is", operation.resource.type_name()),
        )
        .with_advice("Nothing is done about it. Check that the construct names ARNs that exist.")),
    }
}

async fn sight(operation: &Operation<'_>, id: &str, properties: &Json) -> Result<Sight> {
    Ok(match observe(operation, id, properties).await? {
        None => Sight::Gone,
        Some(observation) if observation.differences.is_empty() => Sight::AsStated,
        Some(_) => Sight::Different,
    })
}

/// What Chime shows of `id`, and how it differs from `properties`; nothing where Chime refuses as it does of what is missing.
///
/// # Errors
/// Those of the Describe that mean something else.
pub async fn observe(operation: &Operation<'_>, id: &str, properties: &Json) -> Result<Option<Observation>> {
    let Ok(desired) = operation.resource.read(properties) else { return Ok(None) };
    match desired.observe(operation.cx, id, Compared::PropertiesAndTags).await {
        Err(error) if error.could_be_not_found() => Ok(None),
        observed => observed,
    }
}

/// Who owns the resource `id`; `None` where it is gone, or what bears its mark. Unreadable is neither foreign nor gone: as long as the List
/// of its parent holds it, its tags are asked for again.
///
/// # Errors
/// It is there, and whose it is cannot be read. Those of ListTagsForResource and of the List.
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
        Err(refusal.with_advice("It exists, and whose it is cannot be read: it is left alone."))
    })
    .await
}

/// A resource that Chime has chosen the id of.
async fn resolve_chosen(operation: &Operation<'_>, origin: &Origin, record: Option<&Record>) -> Result<Option<String>> {
    if let Some(record) = record {
        match owner(operation, &record.id).await? {
            Some(Ownership::Ours { .. }) => return Ok(Some(record.id.clone())),
            Some(Ownership::Unowned) | None if record.is_own => return Ok(Some(record.id.clone())),
            _ => {}
        }
    }
    let properties = operation.request.old_properties().unwrap_or(&operation.request.properties);
    // Nothing is gone because it was looked for in the wrong place.
    check_properties(operation.cx, properties)?;
    let raw = RawProperties::of(properties);
    let Some(Locator::InParent(parent)) = operation.resource.locate(&raw, None) else {
        return Err(ambiguous(operation, origin, record, &[]));
    };
    let list = |token| -> LocalBoxFuture<'_, _> {
        operation.resource.list(operation.cx, &parent, token, raw, Actor::stated(&raw))
    };
    let (mut pages, mut unclaimed, mut asked) = (pin!(pages(list)), Vec::new(), 0);
    while let Some(page) = pages.try_next().await? {
        if asked >= MOST {
            return Err(ambiguous(operation, origin, record, &unclaimed));
        }
        for listed in page.items {
            asked += 1;
            match read_ownership(operation.cx, operation.resource, &listed.id).await {
                Ok(Ownership::Ours { .. }) => return Ok(Some(listed.id)),
                Ok(Ownership::Unowned) => unclaimed.push(listed.id),
                Ok(Ownership::SameStack { .. } | Ownership::Foreign { .. }) => {}
                // Unreadable is not foreign.
                Err(error) if error.could_be_not_found() => unclaimed.push(listed.id),
                Err(error) => return Err(error),
            }
        }
    }
    if unclaimed.is_empty() { Ok(None) } else { Err(ambiguous(operation, origin, record, &unclaimed)) }
}

/// Why nothing is done about a resource that may be another stack's, and what to do.
fn ambiguous(operation: &Operation<'_>, origin: &Origin, record: Option<&Record>, unclaimed: &[String]) -> Error {
    let kind = operation.resource.type_name();
    let name = origin.parameters.first().map_or("", String::as_str);
    let why = match record {
        Some(Record { id, .. }) => format!(
            "The SSM parameter {name} names {id}, and another stack may have written it, or that is another's by its tags"
        ),
        None => format!(
            "The SSM parameter {name}, which named it, is gone, or names nothing of this kind, account and region"
        ),
    };
    let some = unclaimed.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let api = if kind == "ChimeChannelFlow" { "chime-sdk-messaging" } else { "chime-sdk-identity" };
    let (stack, logical_id) = (operation.request.stack_id.as_str(), &operation.request.logical_id);
    Error::new(Kind::Conflict, format!("Which {kind} this is cannot be told for sure, and nothing was touched. {why}"))
        .with_advice(format!(
            "Find out its ARN (these have no owner in their tags: {some}) and say that it is this stack's: aws {api} tag-resource \
             --resource-arn <ARN> --tags Key=cfn:stack-id,Value={stack} Key=cfn:logical-id,Value={logical_id}; then deploy again. If \
             it does not exist any more, delete the stack with --retain-resources {logical_id}."
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witnesses(named: &[&str]) -> Witnesses {
        Witnesses {
            request: RequestId::new("request"),
            named: named.iter().map(|id| (*id).to_owned()).collect(),
            recorded: None,
            recorded_is_believable: None,
            new_is_ours: None,
            old_is_ours: None,
            sights: None,
        }
    }

    fn recorded(id: &str) -> Option<Recorded> {
        Some(Recorded { id: id.to_owned(), is_own: true, is_beside: true })
    }

    fn this(id: &str) -> Step<Question, Resolution> {
        Step::Do(Resolution::This(id.to_owned()))
    }

    #[test]
    fn what_the_properties_name_is_believed_if_there_is_one() {
        assert_eq!(decide(&witnesses(&["one"])), this("one"));
        assert_eq!(decide(&witnesses(&[])), Step::Do(Resolution::Unnamed));
    }

    #[test]
    fn what_the_library_recorded_is_believed_unless_it_is_foreign_or_elsewhere() {
        let with = Witnesses { recorded: recorded("recorded"), ..witnesses(&["old"]) };
        assert_eq!(decide(&with), Step::Ask(Question::RecordedOwner));
        assert_eq!(decide(&Witnesses { recorded_is_believable: Some(true), ..with.clone() }), this("recorded"));
        assert_eq!(decide(&Witnesses { recorded_is_believable: Some(false), ..with.clone() }), this("old"));
        let elsewhere = recorded("recorded").map(|recorded| Recorded { is_beside: false, ..recorded });
        assert_eq!(decide(&Witnesses { recorded: elsewhere, ..with }), this("old"));
        assert_eq!(decide(&Witnesses { recorded: recorded("new"), ..witnesses(&["old", "new"]) }), this("new"));
    }

    #[test]
    fn of_two_names_the_owner_decides_and_then_what_chime_shows() {
        let two = witnesses(&["old", "new"]);
        assert_eq!(decide(&two), Step::Ask(Question::NewOwner));
        let new_is = |cause: &str| Witnesses { new_is_ours: Some(Some(RequestId::new(cause))), ..two.clone() };
        assert_eq!(decide(&new_is("request")), this("old"));
        assert_eq!(decide(&new_is("earlier")), this("new"));
        let neither = Witnesses { new_is_ours: Some(None), ..two };
        assert_eq!(decide(&neither), Step::Ask(Question::OldOwner));
        assert_eq!(decide(&Witnesses { old_is_ours: Some(true), ..neither.clone() }), this("old"));
        let unowned = Witnesses { old_is_ours: Some(false), ..neither };
        assert_eq!(decide(&unowned), Step::Ask(Question::Sights));
        let shows = |old, new| decide(&Witnesses { sights: Some([old, new]), ..unowned.clone() });
        assert_eq!(shows(Sight::AsStated, Sight::Gone), this("old"));
        assert_eq!(shows(Sight::Gone, Sight::AsStated), this("new"));
        assert_eq!(shows(Sight::Gone, Sight::Gone), this("old"));
        let ambiguous = Step::Do(Resolution::Ambiguous("old".to_owned(), "new".to_owned()));
        assert_eq!(shows(Sight::AsStated, Sight::AsStated), ambiguous);
        assert_eq!(shows(Sight::Different, Sight::Different), ambiguous);
    }
}
