//! What an app instance streams to Kinesis.

use crate::template::arns::{AppInstanceArn, MessagingStreamArn, must_be_at_home};
use crate::template::choices::choices;
use crate::template::problems::Problems;
use crate::template::properties::properties;

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
    configurations: &[StreamingConfiguration],
    app_instance: &AppInstanceArn,
    problems: &mut Problems,
) {
    for (at, configuration) in configurations.iter().enumerate() {
        problems.within(&format!("StreamingConfigurations[{at}]"), |problems| {
            if configurations.iter().take(at).any(|earlier| earlier.data_type == configuration.data_type) {
                let repeated = configuration.data_type.as_str();
                problems.within("DataType", |problems| problems.add(format_args!("must not repeat {repeated}")));
            }
            problems.within("ResourceArn", |problems| {
                must_be_at_home(&configuration.resource_arn, app_instance, problems);
            });
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
