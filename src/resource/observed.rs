//! What Chime shows of a resource.

use crate::properties::differences::Difference;
use aws_smithy_types::DateTime;
use std::time::SystemTime;

/// What Chime shows of a resource, in terms of its properties. Values that Chime does not show are taken from the
/// template.
#[derive(Clone, Debug)]
pub struct Observed<P> {
    /// The properties.
    pub properties: P,
    /// When it was created, if Chime shows it.
    pub created: Option<SystemTime>,
    /// The ARN of its creator, if Chime shows it.
    pub created_by: Option<String>,
}

impl<P> Observed<P> {
    /// A resource with these properties, created at `created`.
    pub fn new(properties: P, created: Option<&DateTime>) -> Self {
        let created = created.and_then(|time| SystemTime::try_from(*time).ok());
        Self { properties, created, created_by: None }
    }

    /// Adds the ARN of the creator.
    #[must_use]
    pub fn by(self, arn: Option<&str>) -> Self {
        Self { created_by: arn.map(str::to_owned), ..self }
    }
}

/// The parts of an observed resource that the lifecycle needs, independent of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When it was created, if Chime shows it.
    pub created: Option<SystemTime>,
    /// Whether a create with the template's properties may have produced it.
    pub is_trace: bool,
    /// Whether a create-only property differs from the template.
    pub is_another: bool,
    /// How it differs from the template, as far as Chime shows it. Empty if nothing was compared.
    pub differences: Vec<Difference>,
}
