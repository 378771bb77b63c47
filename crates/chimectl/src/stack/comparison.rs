//! What stacks state and Chime does not show, by the comparison of `chimectl drift`.

use crate::account::session::Session;
use crate::drift::report::ResourceReport;
use crate::drift::verdict::Verdict;
use crate::drift::{changed_properties, compare_all};
use crate::stack::presence;
use crate::stack::rehearsal::{ACCOUNT, Rehearsal, chime_region};

/// A sentence for each resource of a stack, and of those nested in it, that Chime does not show as it is stated.
///
/// # Errors
/// MiniStack does not answer.
pub async fn mismatches(rehearsal: &Rehearsal, region: &str, stack: &str) -> Result<Vec<String>, String> {
    let (account, simulator) = (rehearsal.account(region), rehearsal.simulator(region));
    let session = Session::local(&simulator.url(), account.url(), ACCOUNT, chime_region(region)).await?;
    let reports = compare_all(&session, region, &[stack.to_owned()]).await;
    let held = simulator.holds();
    let mut found = Vec::new();
    for report in reports {
        found.extend(report.problem.map(|problem| format!("{} could not be compared: {problem}", report.name)));
        // AWS's own types are CloudFormation's to compare, which here is not there.
        let is_missing = |resource: &&ResourceReport| !presence::is_present(&held, &resource.physical_id);
        let native = report.resources.iter().filter(|it| it.resource_type.starts_with("AWS::Chime::"));
        found.extend(native.filter(is_missing).map(|it| missing(&it.logical_id, &it.physical_id)));
        found.extend(report.resources.iter().flat_map(told));
    }
    // Reads by this comparison are none of the stack's.
    rehearsal.take_calls();
    Ok(found)
}

fn missing(logical_id: &str, physical_id: &str) -> String {
    format!("The stack has {logical_id}, and Chime does not hold {physical_id}.")
}

/// What is said of a resource of ours, unless it is as stated.
fn told(resource: &ResourceReport) -> Vec<String> {
    let logical_id = &resource.logical_id;
    let why = resource.reason.as_deref().unwrap_or_default();
    match resource.verdict {
        Verdict::Same | Verdict::NotCompared => Vec::new(),
        Verdict::Gone => vec![missing(logical_id, resource.chime_id.as_ref().unwrap_or(&resource.physical_id))],
        Verdict::Unknown => vec![format!("{logical_id} could not be compared with Chime: {why}.")],
        Verdict::Changed => {
            let reason = resource.reason.iter().map(|reason| format!("{logical_id}: {reason}."));
            reason.chain(changed_properties(resource).map(|what| format!("{logical_id}: {what}."))).collect()
        }
    }
}
