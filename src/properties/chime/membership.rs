//! What a membership is like.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::text::Text;

string_enum! {
    /// Whether the other members see one.
    MembershipType = "DEFAULT" | "HIDDEN"
}

impl Default for MembershipType {
    fn default() -> Self {
        Self::unchecked("DEFAULT")
    }
}

properties! {
    /// What a member wants to hear of a channel.
    pub struct MembershipPreferences {
        /// By push notification.
        push_notifications: PushNotificationPreferences => "PushNotifications",
    }
}

properties! {
    /// Which messages become push notifications.
    pub struct PushNotificationPreferences {
        /// All, none, or those that the rule lets through.
        allow_notifications: AllowNotifications => "AllowNotifications",
        /// The rule for FILTERED: a filter policy of Amazon SNS, as text.
        filter_rule: Option<Text<1, 10000>> => "FilterRule",
    }
}

string_enum! {
    /// Which messages become push notifications.
    AllowNotifications = "ALL" | "NONE" | "FILTERED"
}
