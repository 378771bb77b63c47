//! What Chime shows of a resource.

use crate::properties::differences::Difference;
use aws_smithy_types::DateTime;
use std::time::SystemTime;

/// What Chime shows of a resource, in the words of its own properties. What Chime does not show is as it is stated.
#[derive(Clone, Debug)]
pub struct Observed<P> {
    /// The properties.
    pub properties: P,
    /// When it was made, if Chime says so.
    pub created: Option<SystemTime>,
    /// The ARN of whoever made it, if Chime says so.
    pub created_by: Option<String>,
}

impl<P> Observed<P> {
    /// What has these properties, and was made at `created`.
    pub fn new(properties: P, created: Option<&DateTime>) -> Self {
        let created = created.and_then(|time| SystemTime::try_from(*time).ok());
        Self { properties, created, created_by: None }
    }

    /// The same, made by the user or bot with this ARN.
    #[must_use]
    pub fn by(self, arn: Option<&str>) -> Self {
        Self { created_by: arn.map(str::to_owned), ..self }
    }
}

/// What the lifecycle needs to know of an observed resource, of whichever type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When it was made, if Chime says so.
    pub created: Option<SystemTime>,
    /// Whether a create with the stated properties leaves such a trace.
    pub is_trace: bool,
    /// Whether a property that cannot change is another one than stated.
    pub is_another: bool,
    /// How it differs from what is stated, as far as Chime shows; nothing where nothing was compared.
    pub differences: Vec<Difference>,
}
