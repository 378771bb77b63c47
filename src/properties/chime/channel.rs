//! What a channel is like.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::enums::string_enum;
use crate::properties::values::numbers::{Days, IntRange};

string_enum! {
    /// Who may add members: anybody who is one, or moderators alone.
    ChannelMode = "UNRESTRICTED" | "RESTRICTED"
}

string_enum! {
    /// Who finds a channel: everybody in the app instance, or its members alone.
    ChannelPrivacy = "PUBLIC" | "PRIVATE"
}

properties! {
    /// What makes a channel elastic: it grows by sub-channels to a million members, and only its moderators see all of it. In us-east-1
    /// alone.
    pub struct ElasticChannelConfiguration {
        /// The most sub-channels.
        maximum_sub_channels: IntRange<2, 2147483647> => "MaximumSubChannels",
        /// How many members a sub-channel is to have before another one is made.
        target_memberships_per_sub_channel: IntRange<2, 2147483647> => "TargetMembershipsPerSubChannel",
        /// Below which part of that, in per cent, members are moved out of it.
        minimum_membership_percentage: IntRange<1, 40> => "MinimumMembershipPercentage",
    }
}

properties! {
    /// When Chime deletes a channel by itself. It does so in the background, about six hours late.
    pub struct ChannelExpirationSettings {
        /// After how many days.
        expiration_days: Days => "ExpirationDays",
        /// Counted from when.
        expiration_criterion: ChannelExpirationCriterion => "ExpirationCriterion",
    }
}

string_enum! {
    /// From when on the days of [`ChannelExpirationSettings`] are counted: its creation, or the last message in it.
    ChannelExpirationCriterion = "CREATED_TIMESTAMP" | "LAST_MESSAGE_TIMESTAMP"
}

/// Adds a problem to the property at hand if `app_instance` lies where there are no elastic channels.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/elastic-channels.html>
pub fn must_have_elastic_channels(app_instance: &AppInstanceArn, problems: &mut Problems) {
    let region = app_instance.as_str().split(':').nth(3).unwrap_or_default();
    if region != "us-east-1" {
        problems.add(format_args!(
            "must be left out: elastic channels exist in us-east-1 alone, and the app instance is in {region}"
        ));
    }
}
