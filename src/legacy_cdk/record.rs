//! The SSM parameter in which the library recorded a construct's resource, and the id that it contains.

use crate::chime::error::Result;
use crate::legacy_cdk::ssm;
use crate::legacy_cdk::translate::Origin;
use crate::lifecycle::Operation;
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::arn_scope;
use crate::resource::Locator;
use serde_json::{Value as Json, json};

/// What the library's parameter says about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The parameter's name.
    pub name: String,
    /// The resource's physical id, in our form.
    pub id: String,
    /// Whether the parameter still holds this value. Another stack with the same construct id may have overwritten it.
    pub is_latest: bool,
    /// Whether this stack's function wrote the value. Also true if the writer is unknown and the value was never
    /// overwritten.
    pub is_own: bool,
}

/// Reads the library's parameter. `None` if there is none, or if it names a resource in another account or region.
/// `log_group` is the log group of the library's function, which wrote the parameter.
///
/// # Errors
/// Those of GetParameterHistory.
pub async fn record(operation: &Operation<'_>, origin: &Origin, log_group: &str) -> Result<Option<Record>> {
    for name in &origin.parameters {
        let versions = ssm::history(operation.cx, name).await?;
        let Some(latest) = versions.last() else { continue };
        let session = format!("/{}", log_group.rsplit('/').next().unwrap_or_default());
        let own = versions.iter().rev().find(|version| version.writer.ends_with(&session));
        let all_by_roles = versions.iter().all(|version| version.writer.contains(":assumed-role/"));
        let record = own.unwrap_or(latest);
        let id = id_of(operation, &record.value).filter(|_| is_in_this_account_and_region(operation, &record.value));
        return Ok(id.map(|id| Record {
            name: name.clone(),
            id,
            is_latest: record == latest,
            is_own: own.is_some() || !all_by_roles && versions.len() == 1,
        }));
    }
    Ok(None)
}

/// The physical id of the resource whose ARN the library recorded. For an admin, the library records the user or bot.
fn id_of(operation: &Operation<'_>, arn: &str) -> Option<String> {
    if operation.resource.is_id(arn) {
        return Some(arn.to_owned());
    }
    id_from_properties(operation, &json!({"AppInstanceAdminArn": arn}))
}

fn is_in_this_account_and_region(operation: &Operation<'_>, arn: &str) -> bool {
    let region = operation.cx.settings().region.as_deref().unwrap_or_default();
    arn_scope(arn).is_some_and(|scope| scope.region == region && scope.account == operation.request.stack_id.account())
}

/// The resource that `properties` identify without further information.
pub fn id_from_properties(operation: &Operation<'_>, properties: &Json) -> Option<String> {
    match operation.resource.locate(&RawProperties::of(properties), None) {
        Some(Locator::ById(id)) => Some(id),
        Some(Locator::InParent(_)) | None => None,
    }
}
