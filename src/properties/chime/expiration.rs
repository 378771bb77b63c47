//! When Chime deletes a thing by itself.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::numbers::Days;

properties! {
    /// When Chime deletes a user by itself. It does so in the background, about six hours late.
    pub struct ExpirationSettings {
        /// After how many days.
        expiration_days: Days => "ExpirationDays",
        /// Counted from when.
        expiration_criterion: ExpirationCriterion => "ExpirationCriterion",
    }
}

string_enum! {
    /// From when on the days of [`ExpirationSettings`] are counted. Chime knows a second criterion, for channels alone.
    ExpirationCriterion = "CREATED_TIMESTAMP"
}
