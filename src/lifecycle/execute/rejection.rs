//! The reasons for rejected creates: what exists, who owns it, and what to do about it.

use crate::chime::error::{Error, Kind};
use crate::lifecycle::decide::create::Rejection;
use crate::properties::differences::{Difference, listed};
use crate::resource::ownership::owner::OWNER_TAGS;
use crate::resource::ownership::tags::is_messaging_resource;
use crate::resource::ownership::{Tracking, owner_name};

/// The existing resource that made a create fail.
pub struct Rejected<'a> {
    /// Its id. Empty if it is unknown.
    pub id: &'a str,
    /// The ARN whose tags name its owner.
    pub owner_arn: &'a str,
    /// Where its owner is recorded.
    pub tracking: Tracking,
    /// How it differs from the properties. Empty if they were not compared.
    pub differences: &'a [Difference],
    /// Chime's own error: the Conflict, or the refusal to show the owner.
    pub refusal: Option<Error>,
}

impl Rejected<'_> {
    /// The error to report for this rejection.
    pub fn because(self, rejection: Rejection) -> Error {
        let (id, differences) = (self.id, listed(self.differences));
        let conflict = |what: String| Error::new(Kind::Conflict, what);
        let free = self.call_that_frees();
        let refusal = self.refusal.unwrap_or_else(|| conflict(format!("{id} already exists")));
        match rejection {
            Rejection::Foreign { stack, logical_id } => {
                conflict(format!("{id} already exists and belongs to another stack: {}", owner_name(&stack, &logical_id))).with_advice(
                    format!(
                        "Define it in one stack only. If that stack is gone, or has kept it, release it ({free}) and then set \
                         AdoptExisting: {id}"
                    ),
                )
            }
            Rejection::Unowned => conflict(format!("{id} already exists, and its tags name no owner")).with_advice(
                format!("To take it over, set AdoptExisting: {id}. Otherwise choose another id"),
            ),
            Rejection::Kept => conflict(format!(
                "{id} already exists: this logical resource created it in an earlier deployment, and it has stayed: a DeletionPolicy kept it, or a \
                 rollback took longer than its ServiceTimeout"
            ))
            .with_advice(format!("To take it over again, set AdoptExisting: {id}. Otherwise choose another id")),
            Rejection::Different(owner) => {
                let how = if differences.is_empty() { String::new() } else { format!(": {differences}") };
                conflict(format!(
                    "{id} already exists and belongs to the logical id {owner} of this stack, with other properties{how}"
                ))
                .with_advice(
                    "If you renamed the resource, rename and change in two deployments: first the new logical id alone, then the new \
                     properties. If both logical ids are in the template, keep only one of them",
                )
            }
            Rejection::FoundDifferent => {
                conflict(format!("{id} already exists and differs from the template: {differences}")).with_advice(
                    "It existed before this create, so it was left as it is. Give it its current values in the template, deploy, and change it \
                     in the next deployment; or remove it first",
                )
            }
            Rejection::AdoptedDifferent => {
                conflict(format!("{id} differs from the template: {differences}"))
                    .with_advice("Adopt it with its current values, and change it in the next deployment")
            }
            Rejection::Unseen if self.tracking == Tracking::Untracked && !id.is_empty() => refusal,
            Rejection::Unseen => refusal.with_advice(
                "Chime says that it exists, or that this request was already carried out, but does not show the resource: deploy again",
            ),
            Rejection::Absent => Error::new(Kind::NotFound, format!("AdoptExisting names {id}, which Chime does not show"))
                .with_advice("Nothing was created. Check the id, the account and the region, or remove AdoptExisting to create one"),
            Rejection::Unreadable => refusal,
        }
    }

    /// The AWS CLI command that removes every note of the owner.
    fn call_that_frees(&self) -> String {
        let keys = match self.tracking {
            Tracking::ParentTag(key) => key.to_owned(),
            Tracking::Tags | Tracking::Untracked => OWNER_TAGS.join(" "),
        };
        let api = if is_messaging_resource(self.owner_arn) { "chime-sdk-messaging" } else { "chime-sdk-identity" };
        format!("aws {api} untag-resource --resource-arn {} --tag-keys {keys}", self.owner_arn)
    }
}
