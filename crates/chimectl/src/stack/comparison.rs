//! What stacks state and Chime does not show, by the comparison of `chimectl drift`.

use crate::account::session::Session;
use crate::drift::compare_all;
use crate::drift::print::changed;
use crate::drift::report::{PropertyReport, PropertyVerdict, ResourceReport};
use crate::drift::verdict::Verdict;
use crate::stack::presence;
use crate::stack::rehearsal::{ACCOUNT, Rehearsal, chime_region};

/// What a comparison found of a stack and of those nested in it.
#[derive(Debug, Default)]
pub struct Findings {
    /// A sentence for each thing that Chime does not show as it is stated.
    pub mismatches: Vec<String>,
    /// What could not be compared, and why. That is no failure.
    pub uncompared: Vec<String>,
}

/// Compares the resources of a stack, and of those nested in it, with Chime.
///
/// # Errors
/// MiniStack does not answer.
pub async fn compare(rehearsal: &Rehearsal, region: &str, stack: &str) -> Result<Findings, String> {
    let (account, simulator) = (rehearsal.account(region), rehearsal.simulator(region));
    let session = Session::local(&simulator.url(), account.url(), ACCOUNT, chime_region(region)).await?;
    let reports = compare_all(&session, region, &[stack.to_owned()]).await;
    let held = simulator.holds();
    let mut found = Findings::default();
    for report in reports {
        found.uncompared.extend(report.problem.map(|problem| format!("{}: {problem}", report.name)));
        // AWS's own types are CloudFormation's to compare, which here is not there.
        let is_missing = |resource: &&ResourceReport| !presence::is_present(&held, &resource.physical_id);
        let native = report.resources.iter().filter(|it| it.resource_type.starts_with("AWS::Chime::"));
        found.mismatches.extend(native.filter(is_missing).map(|it| missing(&it.logical_id, &it.physical_id)));
        report.resources.iter().for_each(|resource| found.add(resource));
    }
    // Reads by this comparison are none of the stack's.
    rehearsal.take_calls();
    Ok(found)
}

fn missing(logical_id: &str, physical_id: &str) -> String {
    format!("The stack has {logical_id}, and Chime does not hold {physical_id}.")
}

impl Findings {
    /// Adds what is to be said of a resource of ours.
    fn add(&mut self, resource: &ResourceReport) {
        let logical_id = &resource.logical_id;
        let reason = resource.reason.as_deref().unwrap_or_default();
        match resource.verdict {
            Verdict::Same | Verdict::NotCompared => {}
            Verdict::Gone => {
                let id = resource.chime_id.as_ref().unwrap_or(&resource.physical_id);
                self.mismatches.push(missing(logical_id, id));
            }
            Verdict::Unknown => self.uncompared.push(format!("{logical_id}: {reason}")),
            Verdict::Changed => {
                self.mismatches.extend(resource.reason.iter().map(|reason| format!("{logical_id}: {reason}.")));
                let is_changed = |property: &&PropertyReport| property.verdict == PropertyVerdict::Changed;
                let changed = resource.properties.iter().filter(is_changed).map(|property| {
                    let advice = match property.missing_member() {
                        Some(_) => format!(": change Resync of {logical_id}, and it is added again"),
                        None => format!(": change Resync of {logical_id}, and the update corrects it"),
                    };
                    format!("{logical_id}: {}{advice}.", changed(property))
                });
                self.mismatches.extend(changed);
            }
        }
        // What Chime never shows is in the reference: only what is peculiar to this stack is said.
        let unknown = resource.properties.iter().filter(|property| property.is_untold());
        self.uncompared.extend(unknown.map(|property| {
            format!("{logical_id}.{}: {}", property.path, property.reason.as_deref().unwrap_or_default())
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::report::NOT_SHOWN;
    use serde_json::{Value as Json, json};

    fn findings(verdict: Verdict, reason: Option<&str>, properties: Vec<PropertyReport>) -> (Vec<String>, Vec<String>) {
        let mut findings = Findings::default();
        findings.add(&ResourceReport {
            logical_id: "Lobby".to_owned(),
            resource_type: "Custom::ChimeChannel".to_owned(),
            physical_id: "arn".to_owned(),
            chime_id: None,
            verdict,
            reason: reason.map(str::to_owned),
            standing: None,
            source: None,
            properties,
        });
        (findings.mismatches, findings.uncompared)
    }

    fn not_compared(path: &str, why: &str) -> PropertyReport {
        PropertyReport::of(path.to_owned(), PropertyVerdict::NotCompared, Some(why.to_owned()))
    }

    #[test]
    fn what_cannot_be_compared_is_said_and_is_no_mismatch() {
        let (mismatches, uncompared) = findings(Verdict::Unknown, Some("nobody tells"), Vec::new());
        assert!(mismatches.is_empty());
        assert_eq!(uncompared, ["Lobby: nobody tells"]);
        let properties = vec![not_compared("ChimeBearer", NOT_SHOWN), not_compared("Metadata", "it is secret")];
        let (mismatches, uncompared) = findings(Verdict::Same, None, properties);
        assert!(mismatches.is_empty());
        assert_eq!(uncompared, ["Lobby.Metadata: it is secret"]);
    }

    #[test]
    fn what_is_gone_or_differs_is_a_mismatch() {
        let gone = findings(Verdict::Gone, Some("Chime does not have it"), Vec::new());
        assert_eq!(gone.0, ["The stack has Lobby, and Chime does not hold arn."]);
        let mut name = PropertyReport::of("Name".to_owned(), PropertyVerdict::Changed, None);
        name.shown = Some(("\"Foyer\"".to_owned(), "\"Lobby\"".to_owned()));
        let (mismatches, uncompared) = findings(Verdict::Changed, Some("it belongs to stack shop"), vec![name]);
        assert_eq!(
            mismatches,
            [
                "Lobby: it belongs to stack shop.",
                "Lobby: Name is \"Foyer\" in Chime and \"Lobby\" in the stack: change Resync of Lobby, and the update corrects it."
            ]
        );
        assert!(uncompared.is_empty());
    }

    #[test]
    fn a_lost_member_is_named_once_with_the_way_back() {
        let bob = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/bob";
        let mut lost = PropertyReport::of(format!("MemberArns[{bob}]"), PropertyVerdict::Changed, None);
        (lost.stated, lost.observed) = (Some(json!(bob)), Some(Json::Null));
        let (mismatches, _) = findings(Verdict::Changed, None, vec![lost]);
        assert_eq!(
            mismatches,
            ["Lobby: user/bob is not a member of the channel in Chime, and is one in the stack: change Resync of \
              Lobby, and it is added again."]
        );
    }
}
