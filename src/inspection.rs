//! What Chime shows of a stack's resource, beside what the stack states: for tools, which change nothing.
//!
//! An inspection finds the resource as an Update would find it, in both dialects, and makes no call that changes anything. What to make of
//! the result is the caller's to decide.

use crate::chime::clients::Chime;
use crate::chime::error::{Error, Kind, Result};
use crate::legacy_cdk::takeover;
use crate::legacy_cdk::translate::{CUSTOM_RESOURCE, Origin, to_chime_name, translate};
use crate::lifecycle::Operation;
use crate::lifecycle::deadlines::Deadlines;
use crate::lifecycle::physical_id::PhysicalIdKind;
use crate::lifecycle::request_history::RequestHistory;
use crate::properties::differences::Difference;
use crate::properties::problems::COMMON_PROPERTIES;
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::arn_scope;
use crate::registry;
use crate::request::Request;
use crate::resource::actor::Actor;
use crate::resource::bearer::as_any_actor;
use crate::resource::context::Context;
use crate::resource::erased::DynResource;
use crate::resource::ownership::store::read_ownership;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use crate::resource::readable::{Comparison, Readable, Stated};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// How long an inspection may take. Throttled calls are tried again until then.
const TIME: Duration = Duration::from_secs(600);

/// A resource as its stack states it.
#[derive(Clone, Copy, Debug)]
pub struct StatedResource<'a> {
    /// The stack's id.
    pub stack_id: &'a str,
    /// The resource's name in the template.
    pub logical_id: &'a str,
    /// Such as `Custom::ChimeChannel`, or `AWS::CloudFormation::CustomResource` for a construct of the older library.
    pub resource_type: &'a str,
    /// The physical id that CloudFormation holds.
    pub physical_id: &'a str,
    /// The properties, with references resolved.
    pub properties: &'a Json,
    /// The names of the properties whose values could not be resolved, in the spelling of the template. They are not compared.
    pub unknown: &'a [String],
}

/// What Chime shows of a resource.
#[derive(Debug)]
pub enum Inspection {
    /// The type is none of this function's.
    OtherType,
    /// CloudFormation's physical id says that the create made nothing, or that nobody knows what it made.
    NotCreated,
    /// The stated properties are invalid, for these reasons.
    Invalid(String),
    /// Chime shows that the resource does not exist.
    Gone(Identity),
    /// The resource exists.
    Present {
        /// Which one it is.
        identity: Identity,
        /// How Chime differs from what is stated, tags included. Empty if it does not.
        differences: Vec<Difference>,
        /// The names of the stated properties that were compared.
        compared: Vec<String>,
        /// The names of the stated properties that Chime does not show.
        unobserved: Vec<String>,
        /// The names of the stated properties whose stated values are unknown.
        unknown: Vec<String>,
        /// Who owns it, or why that could not be read.
        owner: Result<Owner>,
    },
}

/// Which resource of Chime a logical resource stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Our type, without the leading `Custom::`.
    pub type_name: &'static str,
    /// Our physical id. For a resource of the older library, CloudFormation holds another.
    pub id: String,
}

/// Who owns a resource, as seen from a logical resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The logical resource itself.
    This(Standing),
    /// Another logical id of the same stack, to which it has been handed over.
    SameStack(String),
    /// A logical id of another stack. The logical id is empty if the note has none.
    OtherStack {
        /// The stack's id or name.
        stack: String,
        /// The logical id in it.
        logical_id: String,
    },
    /// Nobody: no owner is recorded, although one can be.
    Nobody,
    /// Nobody yet: the older library made it, and this function has not handled it since.
    OlderLibrary,
    /// Resources of this type have no note of an owner.
    Untracked(Standing),
}

/// Looks at a resource of a stack. `account` is the account of the Chime calls, if it is known.
///
/// # Errors
/// Chime or IAM refuses a call that the answer depends on, the resource is in another region than the calls, or it cannot be determined
/// which one it is.
pub async fn inspect(chime: Chime, account: Option<String>, stated: StatedResource<'_>) -> Result<Inspection> {
    let (request, origin) = match request(stated) {
        Ok(request) => request,
        Err(why) => return Ok(*why),
    };
    let Some(readable) = registry::readable(&request.resource_type) else { return Ok(Inspection::OtherType) };
    let resource: &dyn DynResource = readable;
    let deadlines = Deadlines::of(&request.clock, TIME, chime.settings().time_scale);
    let cx = Context::new(chime, &request, account);
    let history = RequestHistory::default();
    let operation = Operation { cx: &cx, resource, request: &request, deadlines: &deadlines, history: &history };
    let type_name = resource.type_name();
    let id = match &origin {
        Some(origin) => match Box::pin(takeover::find(&operation, origin, stated.physical_id)).await? {
            Some(id) => id,
            None => return Ok(Inspection::Gone(Identity { type_name, id: stated.physical_id.to_owned() })),
        },
        None => stated.physical_id.to_owned(),
    };
    if PhysicalIdKind::of(resource, &id) != PhysicalIdKind::Resource {
        return Ok(Inspection::NotCreated);
    }
    check_region(&cx, &id)?;
    let identity = Identity { type_name, id };
    let unknown = names_in_chimes_spelling(stated.unknown, origin.as_ref());
    match compare(&operation, readable, &identity.id, &unknown).await? {
        Comparison::Gone => Ok(Inspection::Gone(identity)),
        Comparison::Invalid(problems) => Ok(Inspection::Invalid(problems.to_string())),
        Comparison::Differences(differences) => {
            let names = names(&request.properties);
            let (unobserved, compared): (Vec<_>, Vec<_>) = names
                .into_iter()
                .filter(|name| !unknown.contains(name))
                .partition(|name| readable.unobserved().contains(&name.as_str()));
            let owner = owner(&operation, &identity.id, takeover::is_log_group(stated.physical_id)).await;
            Ok(Inspection::Present { identity, differences, compared, unobserved, unknown, owner })
        }
    }
}

/// Whether a resource of this type may be ours: a type of ours, or CloudFormation's type for a custom resource, which the older library uses.
pub fn may_be_ours(resource_type: &str) -> bool {
    let is_type = |name: &str| registry::readable(name).is_some();
    resource_type == CUSTOM_RESOURCE || resource_type.strip_prefix("Custom::").is_some_and(is_type)
}

/// The value of an attribute of a resource of ours, if its physical id contains it. `resource_type` is such as `Custom::ChimeChannel`.
pub fn attribute(resource_type: &str, physical_id: &str, name: &str) -> Option<String> {
    registry::readable(resource_type.strip_prefix("Custom::")?)?.attribute(physical_id, name)
}

/// Nothing is gone because it was looked for in another region.
fn check_region(cx: &Context, id: &str) -> Result<()> {
    let here = cx.settings().region.as_deref().unwrap_or_default();
    match arn_scope(id) {
        Some(scope) if scope.region != here => {
            Err(Error::new(Kind::Invalid, format!("it is in {}, and the Chime calls go to {here}", scope.region)))
        }
        _ => Ok(()),
    }
}

/// The request that an Update to the same properties would be. It is never carried out.
fn request(stated: StatedResource<'_>) -> Result<(Request, Option<Origin>), Box<Inspection>> {
    let event = json!({
        "RequestType": "Update", "RequestId": "inspection", "ResponseURL": "https://localhost/",
        "StackId": stated.stack_id, "LogicalResourceId": stated.logical_id, "ResourceType": stated.resource_type,
        "PhysicalResourceId": stated.physical_id,
        "ResourceProperties": stated.properties, "OldResourceProperties": stated.properties,
    });
    let is_ours = stated.resource_type.starts_with("Custom::");
    match Request::read(&event.to_string()).and_then(translate) {
        Ok((request, origin)) if is_ours || origin.is_some() => Ok((request, origin)),
        // A custom resource of somebody else has no resourceType, or another one.
        Ok(_) => Err(Box::new(Inspection::OtherType)),
        Err(invalid) if is_ours => Err(Box::new(Inspection::Invalid(invalid.problems.to_string()))),
        Err(_) => Err(Box::new(Inspection::OtherType)),
    }
}

/// A resource that Chime refuses to show is gone if its parent's List lacks it.
async fn compare(
    operation: &Operation<'_>,
    readable: &'static dyn Readable,
    id: &str,
    unknown: &[String],
) -> Result<Comparison> {
    let properties = &operation.request.properties;
    let stated = Stated { properties, unknown };
    let call = |actor: Actor| -> LocalBoxFuture<'_, _> { readable.compare(operation.cx, id, stated, actor) };
    let raw = RawProperties::of(properties);
    match as_any_actor(operation.cx, operation.resource, id, &raw, call).await {
        Err(error) if error.could_be_not_found() => match operation.exists_after(&error, id).await {
            Ok(false) => Ok(Comparison::Gone),
            Ok(true) | Err(_) => Err(error),
        },
        outcome => outcome,
    }
}

async fn owner(operation: &Operation<'_>, id: &str, is_of_older_library: bool) -> Result<Owner> {
    if operation.resource.tracking() == Tracking::Untracked {
        return Ok(Owner::Untracked(operation.resource.standing(id)));
    }
    Ok(match read_ownership(operation.cx, operation.resource, id).await? {
        Ownership::Ours { standing, .. } => Owner::This(standing),
        // It was returned to this logical resource, and only the note of that is left.
        Ownership::SameStack { owner, handover: Handover::GivenBack, .. }
            if operation.request.logical_id.is_noted_as(&owner) =>
        {
            Owner::This(Standing::Made)
        }
        Ownership::SameStack { owner, .. } => Owner::SameStack(owner.to_string()),
        Ownership::Foreign { stack, logical_id } => Owner::OtherStack { stack, logical_id: logical_id.to_string() },
        Ownership::Unowned if is_of_older_library => Owner::OlderLibrary,
        Ownership::Unowned => Owner::Nobody,
    })
}

/// The names of a type's own properties.
fn names(properties: &Json) -> Vec<String> {
    let names = properties.as_object().into_iter().flat_map(|map| map.keys());
    names.filter(|name| !COMMON_PROPERTIES.contains(&name.as_str())).cloned().collect()
}

/// The names of the type's own properties among these, as Chime spells them.
fn names_in_chimes_spelling(names: &[String], origin: Option<&Origin>) -> Vec<String> {
    let own = names.iter().filter(|name| !COMMON_PROPERTIES.contains(&name.as_str()));
    own.map(|name| if origin.is_some() { to_chime_name(name) } else { name.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use chime_simulator::{Fault, FaultKind, Options, Simulator};
    use std::sync::Arc;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn simulator() -> Simulator {
        let user = |id: &str| json!({"AppInstanceUserArn": format!("{APP}/user/{id}"), "Name": id});
        let seed = json!([{
            "AppInstanceArn": APP, "Name": "Chat", "Users": [user("ada"), user("eve")], "Admins": [format!("{APP}/user/ada")],
            "Channels": [{"ChannelArn": format!("{APP}/channel/lobby"), "Name": "Lobby", "Mode": "UNRESTRICTED",
                "Privacy": "PRIVATE"}],
        }]);
        Simulator::start(Options { seed, ..Options::default() }).expect("it starts")
    }

    async fn inspected(simulator: &Simulator, kind: &str, physical_id: &str, properties: Json) -> Result<Inspection> {
        let variables = [
            ("AWS_ENDPOINT_URL", simulator.url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ];
        let settings =
            Settings::of(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()));
        let http = crate::http_client(None).expect("a client");
        let stated = StatedResource {
            stack_id: "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid",
            logical_id: "It",
            resource_type: kind,
            physical_id,
            properties: &properties,
            unknown: &[],
        };
        inspect(Chime::new(Arc::new(settings), http, Duration::from_secs(20)), None, stated).await
    }

    #[tokio::test]
    async fn types_of_others_are_not_looked_for() {
        let simulator = simulator();
        for (kind, properties) in [
            ("Custom::Other", json!({"Name": "x"})),
            ("AWS::CloudFormation::CustomResource", json!({"Name": "x"})),
            ("AWS::CloudFormation::CustomResource", json!({"resourceType": "Other"})),
            ("AWS::SNS::Topic", json!({})),
        ] {
            let inspection = inspected(&simulator, kind, "id", properties).await;
            assert!(matches!(inspection, Ok(Inspection::OtherType)), "{kind}: {inspection:?}");
        }
        assert_eq!(simulator.calls().len(), 0);
    }

    #[tokio::test]
    async fn an_id_that_names_nothing_is_not_looked_for() {
        let simulator = simulator();
        for id in ["not-created:r", "unfinished:r@1795600000", "chat-App-1A2B3C"] {
            let inspection = inspected(&simulator, "Custom::ChimeAppInstance", id, json!({"Name": "Chat"})).await;
            assert!(matches!(inspection, Ok(Inspection::NotCreated)), "{id}: {inspection:?}");
        }
        assert_eq!(simulator.calls().len(), 0);
    }

    #[tokio::test]
    async fn nothing_is_gone_because_it_is_in_another_region() {
        let simulator = simulator();
        let elsewhere = APP.replace("us-east-1", "eu-central-1");
        let error = inspected(&simulator, "Custom::ChimeAppInstance", &elsewhere, json!({"Name": "Chat"})).await;
        let error = error.expect_err("another region").to_string();
        assert_eq!(error, "it is in eu-central-1, and the Chime calls go to us-east-1");
    }

    #[tokio::test]
    async fn invalid_properties_are_named() {
        let inspection = inspected(&simulator(), "Custom::ChimeAppInstance", APP, json!({"Nmae": "Chat"})).await;
        let Ok(Inspection::Invalid(problems)) = inspection else { panic!("{inspection:?}") };
        assert!(problems.contains("did you mean Name?"), "{problems}");
    }

    #[tokio::test]
    async fn an_admin_looks_where_the_stated_bearer_is_gone_and_the_bearer_is_not_compared() {
        let channel = format!("{APP}/channel/lobby");
        let properties = json!({
            "AppInstanceArn": APP, "ChannelId": "lobby", "Name": "Foyer", "Mode": "UNRESTRICTED",
            "ChimeBearer": format!("{APP}/user/nobody"),
        });
        let inspection = inspected(&simulator(), "Custom::ChimeChannel", &channel, properties).await;
        let Ok(Inspection::Present { differences, unobserved, owner: Ok(Owner::Nobody), .. }) = &inspection else {
            panic!("{inspection:?}")
        };
        assert_eq!(differences.iter().map(|it| &*it.path).collect::<Vec<_>>(), ["Name"]);
        assert_eq!(unobserved, &["ChimeBearer"]);
    }

    #[tokio::test]
    async fn a_user_who_is_not_listed_is_gone_and_one_whom_iam_hides_is_an_error() {
        let simulator = simulator();
        let user = |id: &str| (format!("{APP}/user/{id}"), json!({"AppInstanceArn": APP, "AppInstanceUserId": id}));
        let (id, properties) = user("joe");
        let inspection = inspected(&simulator, "Custom::ChimeAppInstanceUser", &id, properties).await;
        assert!(matches!(inspection, Ok(Inspection::Gone(_))), "{inspection:?}");
        simulator.inject(Fault::always("DescribeAppInstanceUser", FaultKind::AccessDenied));
        let (id, properties) = user("ada");
        let error = inspected(&simulator, "Custom::ChimeAppInstanceUser", &id, properties).await;
        assert_eq!(error.expect_err("denied").kind(), Kind::Denied);
    }
}
