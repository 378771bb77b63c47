//! What is said of a resource: a pure function of what CloudFormation and Chime show.

use chime_messaging_resources::inspection::Owner;
use schemars::JsonSchema;
use serde::Serialize;

/// What is known of a resource of a stack.
#[derive(Clone, Debug)]
pub enum Facts {
    /// AWS's own type.
    Native,
    /// A nested stack, whose resources have reports of their own.
    NestedStack,
    /// A custom resource of somebody else's.
    OtherProvider,
    /// CloudFormation works on the resource.
    InProgress(String),
    /// It could not be found out what the stack states of it.
    Unstated(String),
    /// What the stack states is invalid, for this reason.
    Invalid(String),
    /// The physical id says that nothing was created.
    NotCreated,
    /// Chime or IAM refused a call, or it could not be determined which resource it is.
    Refused(String),
    /// Chime shows that it does not exist.
    Gone,
    /// It exists.
    Present {
        /// How many properties differ.
        differences: usize,
        /// Who owns it, or why that could not be read.
        owner: Result<Owner, String>,
    },
}

/// What is said of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Chime shows what the stack states.
    Same,
    /// Chime shows something else, or somebody else owns it.
    Changed,
    /// It does not exist.
    Gone,
    /// It is not for this command to compare.
    NotCompared,
    /// It could not be told.
    Unknown,
}

impl Verdict {
    /// The verdict for a resource, and the reason where the verdict needs one.
    pub fn of(facts: &Facts) -> (Self, Option<String>) {
        let because = |verdict, reason: &str| (verdict, Some(reason.to_owned()));
        match facts {
            Facts::Native => because(Self::NotCompared, "CloudFormation compares AWS's own types"),
            Facts::NestedStack => because(Self::NotCompared, "its resources are compared"),
            Facts::OtherProvider => because(Self::NotCompared, "another provider's custom resource"),
            Facts::InProgress(status) => because(Self::Unknown, &format!("CloudFormation works on it ({status})")),
            Facts::Unstated(why) | Facts::Refused(why) => because(Self::Unknown, why),
            Facts::Invalid(why) => because(Self::Unknown, &format!("what the stack states is invalid: {why}")),
            Facts::NotCreated => because(Self::Gone, "its create made nothing, or nobody knows what"),
            Facts::Gone => because(Self::Gone, "Chime does not have it"),
            Facts::Present { differences, owner: Err(why) } => {
                let verdict = if *differences > 0 { Self::Changed } else { Self::Unknown };
                because(verdict, &format!("the owner could not be read: {why}"))
            }
            Facts::Present { differences, owner: Ok(owner) } => match (stranger(owner), differences) {
                (Some(stranger), _) => because(Self::Changed, &stranger),
                (None, 0) => (Self::Same, None),
                (None, _) => (Self::Changed, None),
            },
        }
    }

    /// Whether it means drift.
    pub fn is_drift(self) -> bool {
        matches!(self, Self::Changed | Self::Gone)
    }
}

/// Who owns a resource, where that is not the logical resource itself.
fn stranger(owner: &Owner) -> Option<String> {
    match owner {
        Owner::This(_) | Owner::OlderLibrary | Owner::Untracked(_) => None,
        Owner::SameStack(logical_id) => Some(format!("it belongs to {logical_id} of this stack")),
        Owner::OtherStack { stack, logical_id } if logical_id.is_empty() => {
            Some(format!("it belongs to stack {stack}"))
        }
        Owner::OtherStack { stack, logical_id } => Some(format!("it belongs to {logical_id} of stack {stack}")),
        Owner::Nobody => Some("no owner is recorded: somebody removed its tags or its mark".to_owned()),
    }
}

/// What is said of everything together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Conclusion {
    /// Chime shows what the stacks state.
    NoDrift,
    /// It does not, and everything could be told.
    Drift,
    /// Something could not be told. There may be drift as well.
    Incomplete,
}

impl Conclusion {
    /// The conclusion from all verdicts. What could not be told counts more than drift, as an error does for diff and grep: the answer is
    /// incomplete.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        verdicts.into_iter().fold(Self::NoDrift, |conclusion, verdict| match (conclusion, verdict) {
            (_, Verdict::Unknown) | (Self::Incomplete, _) => Self::Incomplete,
            (_, verdict) if verdict.is_drift() => Self::Drift,
            (conclusion, _) => conclusion,
        })
    }

    /// The exit status.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::NoDrift => 0,
            Self::Drift => 1,
            Self::Incomplete => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_messaging_resources::Standing;

    fn of(facts: Facts) -> (Verdict, String) {
        let (verdict, reason) = Verdict::of(&facts);
        (verdict, reason.unwrap_or_default())
    }

    fn present(differences: usize, owner: Owner) -> (Verdict, String) {
        of(Facts::Present { differences, owner: Ok(owner) })
    }

    fn is(verdict: Verdict, reason: &str) -> (Verdict, String) {
        (verdict, reason.to_owned())
    }

    #[test]
    fn what_is_not_ours_is_not_compared() {
        assert_eq!(of(Facts::Native), is(Verdict::NotCompared, "CloudFormation compares AWS's own types"));
        assert_eq!(of(Facts::NestedStack), is(Verdict::NotCompared, "its resources are compared"));
        assert_eq!(of(Facts::OtherProvider), is(Verdict::NotCompared, "another provider's custom resource"));
    }

    #[test]
    fn a_resource_that_is_its_owners_and_does_not_differ_is_the_same() {
        for owner in [
            Owner::This(Standing::Made),
            Owner::This(Standing::Found),
            Owner::OlderLibrary,
            Owner::Untracked(Standing::Made),
            Owner::Untracked(Standing::Found),
        ] {
            assert_eq!(present(0, owner.clone()), is(Verdict::Same, ""));
            assert_eq!(present(2, owner), is(Verdict::Changed, ""));
        }
    }

    #[test]
    fn another_owner_or_none_is_a_change_that_is_named() {
        let other =
            |logical_id: &str| Owner::OtherStack { stack: "shop".to_owned(), logical_id: logical_id.to_owned() };
        for (owner, reason) in [
            (Owner::SameStack("New".to_owned()), "it belongs to New of this stack"),
            (other("App"), "it belongs to App of stack shop"),
            (other(""), "it belongs to stack shop"),
            (Owner::Nobody, "no owner is recorded: somebody removed its tags or its mark"),
        ] {
            assert_eq!(present(0, owner.clone()), is(Verdict::Changed, reason));
            assert_eq!(present(1, owner), is(Verdict::Changed, reason));
        }
    }

    #[test]
    fn an_owner_that_cannot_be_read_leaves_the_resource_unknown_unless_it_differs() {
        let of = |differences| of(Facts::Present { differences, owner: Err("denied".to_owned()) });
        assert_eq!(of(0), is(Verdict::Unknown, "the owner could not be read: denied"));
        assert_eq!(of(1), is(Verdict::Changed, "the owner could not be read: denied"));
    }

    #[test]
    fn what_does_not_exist_is_gone() {
        assert_eq!(of(Facts::Gone), is(Verdict::Gone, "Chime does not have it"));
        assert_eq!(of(Facts::NotCreated), is(Verdict::Gone, "its create made nothing, or nobody knows what"));
    }

    #[test]
    fn what_could_not_be_told_is_unknown_for_its_reason() {
        assert_eq!(of(Facts::Refused("denied".into())), is(Verdict::Unknown, "denied"));
        assert_eq!(of(Facts::Unstated("no events".into())), is(Verdict::Unknown, "no events"));
        assert_eq!(
            of(Facts::Invalid("Name is required".into())),
            is(Verdict::Unknown, "what the stack states is invalid: Name is required")
        );
        assert_eq!(
            of(Facts::InProgress("UPDATE_IN_PROGRESS".into())),
            is(Verdict::Unknown, "CloudFormation works on it (UPDATE_IN_PROGRESS)")
        );
    }

    #[test]
    fn the_exit_status_is_2_if_anything_is_unknown_else_1_if_anything_has_drifted_else_0() {
        use Verdict::{Changed, Gone, NotCompared, Same, Unknown};
        for (verdicts, status) in [
            (&[][..], 0),
            (&[Same, NotCompared], 0),
            (&[Same, Changed], 1),
            (&[Gone, NotCompared], 1),
            (&[Unknown, Same], 2),
            (&[Unknown, Changed], 2),
            (&[Gone, Unknown], 2),
        ] {
            assert_eq!(Conclusion::of(verdicts.iter().copied()).exit_status(), status, "{verdicts:?}");
        }
    }
}
