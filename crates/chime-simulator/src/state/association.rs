//! An admin of an app instance, or a moderator or a ban of a channel.

use crate::state::entity::{Entity, Stamp};
use serde::{Deserialize, Serialize};

/// A user or bot in one of these lists. In JSON it is just the ARN.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Association {
    pub arn: String,
    /// Who made it a moderator, or banned it; none for the creator of the channel.
    pub by: Option<String>,
    pub stamp: Stamp,
}

impl Entity for Association {
    fn id(&self) -> &str {
        &self.arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn keep_times(&mut self, former: &Self) {
        self.by.clone_from(&former.by);
    }
}

impl Association {
    /// One that `bearer` has just created.
    pub fn created_by(arn: String, bearer: String) -> Self {
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
