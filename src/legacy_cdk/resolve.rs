//! Which thing a resource of a live stack is.
//!
//! Three witnesses, none of them perfect. The parameter that the library wrote when it made the thing: its name has no stack in it, so that
//! two stacks with constructs of the same ids overwrite each other's, but its history says which function wrote what. The properties:
//! they name a user, an admin or a setting, though perhaps one that the library never made, as its updates do nothing. The tags and marks:
//! what this function has touched before bears its owner's. In doubt a thing is left alone.

use crate::chime::backoff::Patience;
use crate::chime::error::{Error, Kind, Result};
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::Origin;
use crate::lifecycle::Life;
use crate::lifecycle::region::must_name_what_is_here;
use crate::properties::raw::Stated;
use crate::properties::values::arns::home;
use crate::resource::Place;
use crate::resource::observed::Seen;
use crate::resource::ownership::owner::{Owner, Whose};
use crate::resource::ownership::store::whose;
use serde_json::{Value as Json, json};

/// How many things are asked for their tags where no parameter says which it is.
const MOST: usize = 100;

/// What the library has noted of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The parameter's name.
    pub name: String,
    /// The thing's id, in our own words.
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
pub async fn record(life: &Life<'_>, origin: &Origin, log_group: &str) -> Result<Option<Record>> {
    for name in &origin.parameters {
        let versions = ssm::history(life.cx, name).await?;
        let Some(latest) = versions.last() else { continue };
        let session = format!("/{}", log_group.rsplit('/').next().unwrap_or_default());
        let own = versions.iter().rev().find(|version| version.writer.ends_with(&session));
        let is_sessions = versions.iter().all(|version| version.writer.contains(":assumed-role/"));
        let record = own.unwrap_or(latest);
        let id = id_of(life, &record.value).filter(|_| is_here(life, &record.value));
        return Ok(id.map(|id| Record {
            name: name.clone(),
            id,
            is_latest: record == latest,
            is_own: own.is_some() || !is_sessions && versions.len() == 1,
        }));
    }
    Ok(None)
}

/// The id of the thing whose ARN the library has noted. Of an admin, it notes the user or bot.
fn id_of(life: &Life<'_>, arn: &str) -> Option<String> {
    if life.face.is_id(arn) {
        return Some(arn.to_owned());
    }
    known(life, &json!({"AppInstanceAdminArn": arn}))
}

fn is_here(life: &Life<'_>, arn: &str) -> bool {
    let region = life.cx.settings().region.as_deref().unwrap_or_default();
    home(arn).is_some_and(|home| home.region == region && home.account == life.request.stack_id.account())
}

/// The thing that `properties` name by themselves.
pub fn known(life: &Life<'_>, properties: &Json) -> Option<String> {
    match life.face.place(&Stated::of(properties), None) {
        Some(Place::Known(id)) => Some(id),
        Some(Place::In(_)) | None => None,
    }
}

/// Which thing it is; `None` where it is sure that there is none any more. An Update that `goes_back` from one that touched nothing means
/// what it wants to have back.
///
/// # Errors
/// Nobody can say for sure, and what to do about that. Those of ListTagsForResource, of the Describe and of the Lists.
pub async fn thing(
    life: &Life<'_>,
    origin: &Origin,
    record: Option<&Record>,
    goes_back: bool,
) -> Result<Option<String>> {
    match life.face.is_named() {
        true => named(life, record, goes_back).await.map(Some),
        false => chosen(life, origin, record).await,
    }
}

/// A thing that the template names.
async fn named(life: &Life<'_>, record: Option<&Record>, goes_back: bool) -> Result<String> {
    let old = life.request.old_properties().filter(|_| !goes_back);
    let properties = old.into_iter().chain([&life.request.properties]);
    let mut ids: Vec<String> = properties.filter_map(|properties| known(life, properties)).collect();
    ids.dedup();
    if let Some(record) = record {
        if ids.contains(&record.id) {
            return Ok(record.id.clone());
        }
        // An update of the library's that named another changed nothing. One in another app instance is a twin's: where a construct
        // is, the stack itself has told it.
        let is_beside = |id: &String| life.face.parent(id) == life.face.parent(&record.id);
        // Where it is gone, the library has made no other.
        if record.is_own
            && ids.iter().any(is_beside)
            && !matches!(owner(life, &record.id).await?, Some(Whose::Anothers { .. }))
        {
            return Ok(record.id.clone());
        }
    }
    if let [old, new] = ids.as_slice() {
        return Ok(if is_the_original(life, old, new).await? { new.clone() } else { old.clone() });
    }
    ids.into_iter().next().ok_or_else(|| {
        Error::new(Kind::Invalid, format!("The properties do not say which {} it is", life.face.type_name()))
            .advise("Nothing is done about it. Check that the construct names ARNs that exist.")
    })
}

/// Whether it is the thing that the new properties name, and not the one that the old do, as in an update that goes back after one that
/// nobody waited for. What this very request has made there in an earlier delivery is what replaces the old.
async fn is_the_original(life: &Life<'_>, old: &str, new: &str) -> Result<bool> {
    if let Some(request_id) = owned_because_of(life, new).await? {
        return Ok(!Owner::is_request(&request_id, life.cx.owner().request_id()));
    }
    if owned_because_of(life, old).await?.is_some() {
        return Ok(false);
    }
    let before = life.request.old_properties().unwrap_or(&life.request.properties);
    let (old_seen, new_seen) = (seen(life, old, before).await?, seen(life, new, &life.request.properties).await?);
    match (old_seen.is_as_wanted, new_seen.is_as_wanted) {
        (true, false) => Ok(false),
        (false, true) => Ok(true),
        _ if !old_seen.exists => Ok(false),
        _ => Err(Error::new(
            Kind::Conflict,
            format!("Which of {old} and {new} this is cannot be told for sure, and nothing was touched"),
        )
        .advise(
            "Let the function take the construct over in one deployment (a ServiceTimeout is enough), and change what it names in \
             the next.",
        )),
    }
}

/// What Chime shows of `id`, beside what `properties` want of it.
///
/// # Errors
/// Those of the Describe, but for what may mean that it is missing.
pub async fn seen(life: &Life<'_>, id: &str, properties: &Json) -> Result<Seen> {
    let Ok(wanted) = life.face.read(properties) else { return Ok(Seen::NOTHING) };
    match wanted.look(life.cx, id).await {
        Ok(seen) => Ok(seen),
        Err(error) if error.may_mean_missing() => Ok(Seen::NOTHING),
        Err(error) => Err(error),
    }
}

/// Whose the thing `id` is; `None` where it is gone, or what bears its mark. Unreadable is neither foreign nor gone: as long as the List of its
/// parent holds it, its tags are asked for again.
///
/// # Errors
/// It is there, and whose it is cannot be read. Those of ListTagsForResource and of the List.
pub async fn owner(life: &Life<'_>, id: &str) -> Result<Option<Whose>> {
    let mut patience = Patience::for_a_lag(life.deadlines.halfway(), life.cx.settings().time_scale);
    loop {
        match whose(life.cx, life.face, id).await {
            Ok(whose) => return Ok(Some(whose)),
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            Err(error) if error.may_mean_missing() => {
                if !life.is_listed(id).await? {
                    return Ok(None);
                }
                if !patience.pause().await {
                    return Err(error.advise("It exists, and whose it is cannot be read: it is left alone."));
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The request because of which `id` is this logical resource's; `None` if it is not.
async fn owned_because_of(life: &Life<'_>, id: &str) -> Result<Option<String>> {
    Ok(match owner(life, id).await? {
        Some(Whose::Own { request_id, .. }) => Some(request_id),
        _ => None,
    })
}

/// A thing that Chime has chosen the id of.
async fn chosen(life: &Life<'_>, origin: &Origin, record: Option<&Record>) -> Result<Option<String>> {
    if let Some(record) = record {
        match owner(life, &record.id).await? {
            Some(Whose::Own { .. }) => return Ok(Some(record.id.clone())),
            Some(Whose::Nobodys) | None if record.is_own => return Ok(Some(record.id.clone())),
            _ => {}
        }
    }
    let properties = life.request.old_properties().unwrap_or(&life.request.properties);
    // Nothing is gone because it was looked for in the wrong place.
    must_name_what_is_here(life.cx, properties)?;
    let Some(Place::In(parent)) = life.face.place(&Stated::of(properties), None) else {
        return Err(in_doubt(life, origin, record, &[]));
    };
    let (stated, mut token, mut unclaimed, mut asked) = (Stated::of(properties), None, Vec::new(), 0);
    loop {
        let page = life.face.list(life.cx, &parent, token.clone(), stated.clone()).await?;
        for listed in page.things {
            asked += 1;
            match whose(life.cx, life.face, &listed.id).await {
                Ok(Whose::Own { .. }) => return Ok(Some(listed.id)),
                Ok(Whose::Nobodys) => unclaimed.push(listed.id),
                Ok(Whose::Siblings { .. } | Whose::Anothers { .. }) => {}
                // Unreadable is not foreign.
                Err(error) if error.may_mean_missing() => unclaimed.push(listed.id),
                Err(error) => return Err(error),
            }
        }
        let is_last = page.next_token.is_none() || page.next_token == token;
        if !is_last && asked < MOST {
            token = page.next_token;
            continue;
        }
        return if is_last && unclaimed.is_empty() {
            Ok(None)
        } else {
            Err(in_doubt(life, origin, record, &unclaimed))
        };
    }
}

/// Why nothing is done about a thing that may be another stack's, and what to do.
fn in_doubt(life: &Life<'_>, origin: &Origin, record: Option<&Record>, unclaimed: &[String]) -> Error {
    let kind = life.face.type_name();
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
    let (stack, logical_id) = (life.request.stack_id.as_str(), &life.request.logical_id);
    Error::new(Kind::Conflict, format!("Which {kind} this is cannot be told for sure, and nothing was touched. {why}")).advise(format!(
        "Find out its ARN (without an owner in their tags are: {some}) and say that it is this stack's: aws {api} tag-resource \
         --resource-arn <ARN> --tags Key=cfn:stack-id,Value={stack} Key=cfn:logical-id,Value={logical_id}; then deploy again. If it \
         does not exist any more, delete the stack with --retain-resources {logical_id}."
    ))
}
