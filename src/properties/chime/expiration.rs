//! When Chime deletes a user automatically.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::numbers::Days;

properties! {
    /// When Chime deletes a user automatically. Chime does so in the background, about six hours late.
    pub struct ExpirationSettings {
        /// The number of days.
        expiration_days: Days => "ExpirationDays",
        /// The event from which the days are counted.
        expiration_criterion: ExpirationCriterion => "ExpirationCriterion",
    }
}

string_enum! {
    /// The start of the days in [`ExpirationSettings`]. Chime's other criterion applies only to channels.
    ExpirationCriterion = "CREATED_TIMESTAMP"
}
