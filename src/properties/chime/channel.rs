//! Properties of a channel.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::enums::string_enum;
use crate::properties::values::numbers::{Days, IntRange};

string_enum! {
    /// Who may add members: any member, or only moderators.
    ChannelMode = "UNRESTRICTED" | "RESTRICTED"
}

string_enum! {
    /// Who can find a channel: everybody in the app instance, or only its members.
    ChannelPrivacy = "PUBLIC" | "PRIVATE"
}

properties! {
    /// Makes a channel elastic: it splits into sub-channels for up to a million members, and only moderators see all of
    /// it. Available only in us-east-1.
    pub struct ElasticChannelConfiguration {
        /// The maximum number of sub-channels.
        maximum_sub_channels: IntRange<2, 2147483647> => "MaximumSubChannels",
        /// The number of members in a sub-channel at which Chime adds another one.
        target_memberships_per_sub_channel: IntRange<2, 2147483647> => "TargetMembershipsPerSubChannel",
        /// The percentage of that number below which Chime moves the members to other sub-channels.
        minimum_membership_percentage: IntRange<1, 40> => "MinimumMembershipPercentage",
    }
}

properties! {
    /// When Chime deletes a channel automatically. Chime does so in the background, about six hours late.
    pub struct ChannelExpirationSettings {
        /// The number of days.
        expiration_days: Days => "ExpirationDays",
        /// The event from which the days are counted.
        expiration_criterion: ChannelExpirationCriterion => "ExpirationCriterion",
    }
}

string_enum! {
    /// The start of the days in [`ChannelExpirationSettings`]: the creation of the channel, or its last message.
    ChannelExpirationCriterion = "CREATED_TIMESTAMP" | "LAST_MESSAGE_TIMESTAMP"
}

/// Adds a problem to the current value if the region of `app_instance` has no elastic channels.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/elastic-channels.html>
pub fn must_have_elastic_channels(app_instance: &AppInstanceArn, problems: &mut Problems) {
    let region = app_instance.as_str().split(':').nth(3).unwrap_or_default();
    if region != "us-east-1" {
        problems.add(format_args!(
            "must be left out: elastic channels are available only in us-east-1, and the app instance is in {region}"
        ));
    }
}
