//! A user or bot that is an admin of an app instance, a moderator of a channel, or banned from one.

use crate::state::entity::{Stamp, leaf_entity};
use serde::{Deserialize, Serialize};

/// In JSON just the ARN.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Association {
    pub arn: String,
    /// Who made it a moderator, or banned it; where nobody says, whoever created the channel.
    pub by: Option<String>,
    pub stamp: Stamp,
}

leaf_entity!(Association by arn);

impl Association {
    /// One that `bearer` makes just now.
    pub fn made_by(arn: String, bearer: String) -> Self {
        Self { by: Some(bearer), ..arn.into() }
    }
}

impl From<String> for Association {
    fn from(arn: String) -> Self {
        Self { arn, by: None, stamp: Stamp::default() }
    }
}

impl From<Association> for String {
    fn from(association: Association) -> Self {
        association.arn
    }
}
