//! `chimectl drift`: what the resources of stacks state, beside what Chime shows. It changes nothing.

pub mod print;
pub mod report;
pub mod statement;
pub mod template;
pub mod verdict;

use crate::account::progress::{INTERRUPTED, spinner, unless_interrupted};
use crate::account::release::release;
use crate::account::session::{AccountArguments, Session};
use crate::terminal::{complain, say_line};
use chime_messaging_resources::Difference;
use chime_messaging_resources::inspection::{Inspection, Owner, StatedResource, inspect};
use futures_util::{StreamExt, stream};
use report::{NOT_SHOWN, PropertyReport, PropertyVerdict, Report, ResourceReport, StackReport, Standing};
use serde_json::Value as Json;
use statement::{Source, StackResource, Statement};
use std::collections::VecDeque;
use std::process::ExitCode;
use verdict::{Facts, Verdict};

/// CloudFormation's type for a nested stack.
const STACK: &str = "AWS::CloudFormation::Stack";

/// How many resources are looked at at the same time. Chime allows few calls a second.
const CONCURRENCY: usize = 4;

/// The arguments of `drift`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 no drift, 1 drift, 2 something could not be told or there was an error. \
                        As for diff and grep, 2 wins: there may be drift as well.")]
pub struct Arguments {
    /// The names or ids of the stacks. Nested stacks are compared with them
    #[arg(required = true, value_name = "STACK", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    stacks: Vec<String>,
    #[command(flatten)]
    account: AccountArguments,
    /// The region of the stacks; by default --region, AWS_REGION or the region of the Chime calls. A stack's id names its own
    #[arg(long, value_name = "REGION")]
    stack_region: Option<String>,
    /// Print the report as JSON (docs/schemas/chimectl-drift.json)
    #[arg(long)]
    json: bool,
}

/// Compares all resources of the stacks.
///
/// # Errors
/// There are no credentials, or there is no region. A stack that cannot be read is part of the report.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let session = Session::open(&arguments.account).await?;
    let region = stack_region(&arguments, session.region());
    let bar = spinner();
    bar.set_message(arguments.stacks.join(", "));
    let compared = unless_interrupted(compare_all(&session, &region, &arguments.stacks)).await;
    bar.finish_and_clear();
    let Some(compared) = compared else {
        complain!("Interrupted: nothing is reported.");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let report = Report::of(compared);
    match arguments.json {
        true => say_line!("{}", serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?),
        false => print::report(&report),
    }
    Ok(ExitCode::from(report.conclusion.exit_status()))
}

fn stack_region(arguments: &Arguments, chime_region: &str) -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let stated = arguments.stack_region.clone().or_else(|| arguments.account.region.clone());
    let region = stated.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    region.unwrap_or_else(|| chime_region.to_owned())
}

/// The reports on the stacks of a region, each followed by those on its nested stacks. Nothing is changed.
pub async fn compare_all(session: &Session, region: &str, stacks: &[String]) -> Vec<StackReport> {
    let mut reports = Vec::new();
    let mut pending: VecDeque<(String, Option<String>)> = stacks.iter().map(|stack| (stack.clone(), None)).collect();
    while let Some((stack, parent)) = pending.pop_front() {
        let report = compare(session, region, &stack, parent).await;
        let nested = report.resources.iter().filter(|resource| resource.resource_type == STACK);
        for resource in nested.filter(|resource| !resource.physical_id.is_empty()).rev() {
            pending.push_front((resource.physical_id.clone(), report.id.clone()));
        }
        reports.push(report);
    }
    reports
}

async fn compare(session: &Session, region: &str, stack: &str, parent: Option<String>) -> StackReport {
    let of_id = stack.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
    let client = session.cloudformation(of_id.unwrap_or(region));
    let stated = match statement::read(&client, stack).await {
        Ok(stated) => stated,
        Err(problem) => {
            let asked = match of_id {
                Some(_) => String::new(),
                None => format!(" (asked in {region}; --stack-region names another region)"),
            };
            return StackReport::unreadable(stack, parent, format!("{problem}{asked}"));
        }
    };
    let resources = stream::iter(&stated.resources).map(|resource| compare_resource(session, &stated.id, resource));
    let resources = resources.buffered(CONCURRENCY).collect().await;
    StackReport { name: stated.name, id: Some(stated.id), parent, problem: None, notes: stated.notes, resources }
}

async fn compare_resource(session: &Session, stack_id: &str, resource: &StackResource) -> ResourceReport {
    let (facts, seen) = look(session, stack_id, resource).await;
    let (verdict, reason) = Verdict::of(&facts);
    let reason = reason.map(|reason| match release_of(session, &facts, resource, seen.as_ref()) {
        Some(command) => format!(
            "{reason}. If it is this resource's, this releases it, and a new value of Resync then takes it: {command}"
        ),
        None => reason,
    });
    let is_ours = seen.is_some() && verdict != Verdict::NotCompared;
    let standing = match &facts {
        Facts::Present { owner: Ok(owner), .. } => standing(owner, resource.stated.as_ref().ok()),
        _ => None,
    };
    let (chime_id, properties) = seen.map(|seen| (seen.chime_id, seen.properties)).unwrap_or_default();
    ResourceReport {
        logical_id: resource.logical_id.clone(),
        resource_type: resource.resource_type.clone(),
        physical_id: resource.physical_id.clone(),
        chime_id: chime_id.filter(|id| *id != resource.physical_id),
        verdict,
        reason,
        standing,
        source: resource.stated.as_ref().ok().filter(|_| is_ours).map(|stated| stated.source),
        properties,
    }
}

/// The command that removes the note of another owner.
fn release_of(session: &Session, facts: &Facts, resource: &StackResource, seen: Option<&Seen>) -> Option<String> {
    let Facts::Present { owner: Ok(Owner::SameStack(_) | Owner::OtherStack { .. }), .. } = facts else { return None };
    let type_name = resource.resource_type.strip_prefix("Custom::")?;
    let command = release(type_name, seen?.chime_id.as_deref()?)?;
    Some(session.target().line(&command))
}

/// What an inspection showed of a resource of ours.
#[derive(Default)]
struct Seen {
    chime_id: Option<String>,
    properties: Vec<PropertyReport>,
}

async fn look(session: &Session, stack_id: &str, resource: &StackResource) -> (Facts, Option<Seen>) {
    let resource_type = resource.resource_type.as_str();
    if resource_type == STACK {
        return (Facts::NestedStack, None);
    }
    if !chime_messaging_resources::inspection::may_be_ours(resource_type) {
        let is_native = resource_type.starts_with("AWS::") && !resource_type.ends_with("::CustomResource");
        return (if is_native { Facts::Native } else { Facts::OtherProvider }, None);
    }
    if resource.status.ends_with("_IN_PROGRESS") {
        return (Facts::InProgress(resource.status.clone()), None);
    }
    let stated = match &resource.stated {
        Ok(stated) => stated,
        Err(why) => return (Facts::Unstated(why.clone()), None),
    };
    let account = stack_id.split(':').nth(4).map(str::to_owned);
    let asked = StatedResource {
        stack_id,
        logical_id: &resource.logical_id,
        resource_type,
        physical_id: &resource.physical_id,
        properties: &stated.properties,
        unknown: &stated.unknown,
    };
    match inspect(session.chime().clone(), account, asked).await {
        Err(error) => (Facts::Refused(error.to_string()), Some(Seen::default())),
        Ok(Inspection::OtherType) => (Facts::OtherProvider, None),
        Ok(Inspection::NotCreated) => (Facts::NotCreated, Some(Seen::default())),
        Ok(Inspection::Invalid(problems)) => (Facts::Invalid(problems), Some(Seen::default())),
        Ok(Inspection::Gone(identity)) => (Facts::Gone, Some(Seen { chime_id: Some(identity.id), ..Seen::default() })),
        Ok(Inspection::Present { identity, differences, compared, unobserved, unknown, owner }) => {
            let owner = owner.map_err(|error| error.to_string());
            let facts = Facts::Present { differences: differences.len(), owner };
            let properties = properties(&differences, compared, unobserved, unknown, stated.source);
            (facts, Some(Seen { chime_id: Some(identity.id), properties }))
        }
    }
}

/// The report on the properties: those that differ by their paths, then the others by their names.
fn properties(
    differences: &[Difference],
    compared: Vec<String>,
    unobserved: Vec<String>,
    unknown: Vec<String>,
    source: Source,
) -> Vec<PropertyReport> {
    let changed = differences.iter().map(|difference| {
        let values = difference.values();
        PropertyReport {
            path: difference.path.clone(),
            verdict: PropertyVerdict::Changed,
            reason: values.is_none().then(|| "its values are secret".to_owned()),
            stated: values.map(|(_, stated)| stated.clone()),
            observed: values.map(|(observed, _)| observed.clone()),
            shown: difference.shown(),
        }
    });
    let differs = |name: &str| differences.iter().any(|it| it.path.split(['.', '[']).next() == Some(name));
    let same = compared.into_iter().filter(|name| !differs(name));
    let same = same.map(|name| PropertyReport::of(name, PropertyVerdict::Same, None));
    let not_compared = |names: Vec<String>, why: &'static str| {
        names.into_iter().map(move |name| PropertyReport::of(name, PropertyVerdict::NotCompared, Some(why.to_owned())))
    };
    let why_unknown = match source {
        Source::Events => "CloudFormation does not tell its value: a parameter with NoEcho, or a dynamic reference",
        Source::Template => "its value in the template cannot be resolved from outside",
    };
    let not_shown = not_compared(unobserved, NOT_SHOWN);
    changed.chain(same).chain(not_shown).chain(not_compared(unknown, why_unknown)).collect()
}

fn standing(owner: &Owner, stated: Option<&Statement>) -> Option<Standing> {
    use chime_messaging_resources::Standing as Recorded;
    let is_adopted = stated.is_some_and(|stated| stated.properties.get("AdoptExisting").is_some_and(Json::is_string));
    match owner {
        Owner::This(Recorded::Found) | Owner::Untracked(Recorded::Found) => Some(Standing::Found),
        Owner::This(Recorded::Made) | Owner::Untracked(Recorded::Made) if is_adopted => Some(Standing::Adopted),
        Owner::This(Recorded::Made) | Owner::Untracked(Recorded::Made) => Some(Standing::Made),
        Owner::OlderLibrary => Some(Standing::OlderLibrary),
        Owner::SameStack(_) | Owner::OtherStack { .. } | Owner::Nobody => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_simulator::{Options, Simulator};
    use serde_json::json;

    #[tokio::test]
    async fn a_construct_of_the_older_library_is_found_by_its_parameter_with_reading_calls_alone() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let seed = json!([{"AppInstanceArn": app, "Name": "Renamed"}]);
        let simulator = Simulator::start(Options { seed, ..Options::default() }).expect("it starts");
        let writer = "arn:aws:sts::123456789012:assumed-role/chat-Role/chat-Provider";
        simulator.put_parameter("/chime/appInstanceArn/Chat", app, writer);
        let account = AccountArguments { endpoint_url: Some(simulator.url()), ..AccountArguments::default() };
        let session = Session::open(&account).await.expect("a session");
        let properties = json!({"resourceType": "AppInstance", "uid": "Chat", "properties": {"name": "Chat"}});
        let resource = StackResource {
            logical_id: "App".to_owned(),
            physical_id: "/aws/lambda/chat-Provider".to_owned(),
            resource_type: "AWS::CloudFormation::CustomResource".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
            stated: Ok(Statement { properties, unknown: Vec::new(), source: Source::Events }),
        };
        let stack = "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid";
        let report = compare_resource(&session, stack, &resource).await;
        assert_eq!((report.verdict, report.reason), (Verdict::Changed, None));
        assert_eq!(report.chime_id.as_deref(), Some(app));
        assert_eq!(report.standing, Some(Standing::OlderLibrary));
        let changed = report.properties.iter().filter(|property| property.verdict == PropertyVerdict::Changed);
        assert_eq!(changed.map(|property| &*property.path).collect::<Vec<_>>(), ["Name"]);
        assert_eq!(simulator.take_parameter_calls(), ["GetParameterHistory"]);
        assert!(simulator.calls().iter().all(|call| !call.changing));
    }
}
