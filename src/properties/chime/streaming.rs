//! What an app instance streams to Kinesis.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::raw::Stated;
use crate::properties::same_app_instance::must_be_at_home;
use crate::properties::values::arns::{AppInstanceArn, MessagingStreamArn};
use crate::properties::values::enums::choices;
use std::collections::HashSet;

properties! {
    /// Where one type of data is streamed to.
    pub struct StreamingConfiguration {
        /// What is streamed.
        data_type: MessagingDataType => "DataType",
        /// A Kinesis data stream in the account and region of the app instance, whose name begins with `chime-messaging-`, with at least
        /// two shards and encryption.
        resource_arn: MessagingStreamArn => "ResourceArn",
    }
}

choices! {
    /// What can be streamed: channels, memberships, moderators and bans; or messages.
    MessagingDataType = "Channel" | "ChannelMessage"
}

/// Adds what is wrong with `configurations` together, or beside their app instance.
pub fn must_fit_together(
    configurations: &[Stated<'_>],
    app_instance: Option<&AppInstanceArn>,
    problems: &mut Problems,
) {
    let mut types = HashSet::new();
    for (at, configuration) in configurations.iter().enumerate() {
        problems.within(&format!("StreamingConfigurations[{at}]"), |problems| {
            let data_type = configuration.get::<MessagingDataType>("DataType");
            if let Some(repeated) = data_type.filter(|data_type| !types.insert(data_type.as_str())) {
                let repeated = repeated.as_str();
                problems.within("DataType", |problems| problems.add(format_args!("must not repeat {repeated}")));
            }
            must_be_at_home::<MessagingStreamArn>(configuration, "ResourceArn", app_instance, problems);
        });
    }
}

/// What is streamed where; its order means nothing.
pub fn sorted(configurations: &[StreamingConfiguration]) -> Vec<(&str, &str)> {
    let pairs = configurations.iter().map(|one| (one.data_type.as_str(), one.resource_arn.as_str()));
    let mut sorted: Vec<_> = pairs.collect();
    sorted.sort_unstable();
    sorted
}
