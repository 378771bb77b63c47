//! The report of a drift check: what `--json` prints, and what the table is made of. `docs/schemas/chimectl-drift.json` describes it.

use crate::drift::statement::Source;
use crate::drift::verdict::{Conclusion, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

/// The report on all stacks.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What is said of everything together.
    pub conclusion: Conclusion,
    /// How many resources have each verdict.
    pub summary: Summary,
    /// The stacks in the order of the command line. Nested stacks follow their parents.
    pub stacks: Vec<StackReport>,
}

/// How many resources have each verdict.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Chime shows what the stack states.
    pub same: usize,
    /// Chime shows something else, or somebody else owns the resource.
    pub changed: usize,
    /// The resource does not exist.
    pub gone: usize,
    /// Other types than this function's.
    pub not_compared: usize,
    /// It could not be told.
    pub unknown: usize,
}

/// The report on a stack.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StackReport {
    /// Its name; what the command line names, if it could not be read.
    pub name: String,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For a nested stack, the id of the stack that it is a resource of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Why it could not be read. It has no resources then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What could not be read of it, where something else stands in.
    pub notes: Vec<String>,
    /// Its resources.
    pub resources: Vec<ResourceReport>,
}

/// The report on a resource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceReport {
    /// Its name in the template.
    pub logical_id: String,
    /// CloudFormation's type.
    pub resource_type: String,
    /// CloudFormation's physical id. For a resource of the older library, `chimeId` names the resource.
    pub physical_id: String,
    /// Our physical id, where CloudFormation holds another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chime_id: Option<String>,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why, where the verdict needs a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it comes from: `made` or `adopted` by the stack, `found` there before it, `olderLibrary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Where the stated properties come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Its properties, path by path.
    pub properties: Vec<PropertyReport>,
}

/// Where a resource comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// The stack made it.
    Made,
    /// The stack took it over, and gives it back: `AdoptExisting` stands in its properties.
    Adopted,
    /// It was there before the stack, as stated.
    Found,
    /// The older library made it, and this function has not handled it since.
    OlderLibrary,
}

/// The report on a property.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PropertyReport {
    /// Its path, such as `Processors[0].Name`.
    pub path: String,
    /// What is said of it.
    pub verdict: PropertyVerdict,
    /// Why it is not compared, or that its values are secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the stack states; null for nothing. Only of what has changed, and never of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<Json>,
    /// What Chime shows; null for nothing. Only of what has changed, and never of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Json>,
    /// What Chime shows and what the stack states, shortened for people.
    #[serde(skip)]
    pub shown: Option<(String, String)>,
}

/// What is said of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PropertyVerdict {
    /// Chime shows what the stack states.
    Same,
    /// Chime shows something else.
    Changed,
    /// Chime does not show it, or CloudFormation does not tell what is stated.
    NotCompared,
}

/// Why a property is not compared that Chime never shows, such as a bearer.
pub const NOT_SHOWN: &str = "Chime does not show it";

impl Report {
    /// The report on these stacks.
    pub fn of(stacks: Vec<StackReport>) -> Self {
        let verdicts: Vec<Verdict> = stacks.iter().flat_map(StackReport::verdicts).collect();
        let mut summary = Summary::default();
        for resource in stacks.iter().flat_map(|stack| &stack.resources) {
            *match resource.verdict {
                Verdict::Same => &mut summary.same,
                Verdict::Changed => &mut summary.changed,
                Verdict::Gone => &mut summary.gone,
                Verdict::NotCompared => &mut summary.not_compared,
                Verdict::Unknown => &mut summary.unknown,
            } += 1;
        }
        Self { conclusion: Conclusion::of(verdicts), summary, stacks }
    }
}

impl PropertyReport {
    /// The report on a property whose values are not shown.
    pub fn of(path: String, verdict: PropertyVerdict, reason: Option<String>) -> Self {
        Self { path, verdict, reason, stated: None, observed: None, shown: None }
    }

    /// The ARN of a member that a list states, and that Chime does not show in the channel.
    pub fn missing_member(&self) -> Option<&str> {
        let arn = self.path.strip_prefix("MemberArns[")?.strip_suffix(']')?;
        let is_missing = self.verdict == PropertyVerdict::Changed && self.observed.as_ref().is_some_and(Json::is_null);
        Some(arn).filter(|_| is_missing)
    }

    /// Whether CloudFormation does not tell what this stack states of it.
    pub fn is_untold(&self) -> bool {
        self.verdict == PropertyVerdict::NotCompared && self.reason.as_deref() != Some(NOT_SHOWN)
    }
}

impl StackReport {
    /// A stack that could not be read.
    pub fn unreadable(name: &str, parent: Option<String>, problem: String) -> Self {
        let (name, problem) = (name.to_owned(), Some(problem));
        Self { name, id: None, parent, problem, notes: Vec::new(), resources: Vec::new() }
    }

    fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let unreadable = self.problem.iter().map(|_| Verdict::Unknown);
        self.resources.iter().map(|resource| resource.verdict).chain(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file is written anew if UPDATE_SCHEMA is set.
    #[test]
    fn the_published_schema_is_that_of_the_report() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/chimectl-drift.json");
        let derived = format!("{:#}\n", schemars::schema_for!(Report).to_value());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(file, &derived).expect("the file is written");
        }
        let published = std::fs::read_to_string(file).expect("the file");
        assert_eq!(published, derived, "UPDATE_SCHEMA=1 cargo test -p chimectl --lib writes it anew");
    }

    #[test]
    fn a_stack_that_could_not_be_read_leaves_the_answer_incomplete() {
        let report = Report::of(vec![StackReport::unreadable("chat", None, "denied".to_owned())]);
        assert_eq!((report.conclusion, report.summary), (Conclusion::Incomplete, Summary::default()));
    }
}
