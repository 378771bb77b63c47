//! Properties of a membership.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::text::Text;

string_enum! {
    /// Whether the other members see a member.
    MembershipType = "DEFAULT" | "HIDDEN"
}

impl Default for MembershipType {
    fn default() -> Self {
        Self::unchecked("DEFAULT")
    }
}

properties! {
    /// A member's push-notification preferences.
    pub struct MembershipPreferences {
        /// The push notifications.
        push_notifications: PushNotificationPreferences => "PushNotifications",
    }
}

properties! {
    /// Which messages cause a push notification.
    pub struct PushNotificationPreferences {
        /// All messages, none, or those that match the filter rule.
        allow_notifications: AllowNotifications => "AllowNotifications",
        /// The rule for FILTERED: an Amazon SNS filter policy, as text.
        filter_rule: Option<Text<1, 10000>> => "FilterRule",
    }
}

string_enum! {
    /// Which messages cause a push notification.
    AllowNotifications = "ALL" | "NONE" | "FILTERED"
}
