//! What an app instance streams to Kinesis.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::raw::RawProperties;
use crate::properties::same_app_instance::must_be_in_scope_of;
use crate::properties::values::arns::{AppInstanceArn, MessagingStreamArn};
use crate::properties::values::enums::string_enum;
use std::collections::HashSet;

properties! {
    /// Where one type of data is streamed.
    pub struct StreamingConfiguration {
        /// The type of data.
        data_type: MessagingDataType => "DataType" slot,
        /// A Kinesis data stream in the app instance's account and region. Its name begins with `chime-messaging-`. It
        /// needs at least two shards and encryption.
        resource_arn: MessagingStreamArn => "ResourceArn",
    }
}

string_enum! {
    /// The types of data: channel data (channels, memberships, moderators and bans), or messages.
    MessagingDataType = "Channel" | "ChannelMessage"
}

/// Adds a problem for each of `configurations` that conflicts with another one or does not fit the app instance.
pub fn must_fit_together(
    configurations: &[RawProperties<'_>],
    app_instance: Option<&AppInstanceArn>,
    problems: &mut Problems,
) {
    let mut types = HashSet::new();
    for (at, configuration) in configurations.iter().enumerate() {
        problems.within(&format!("StreamingConfigurations[{at}]"), |problems| {
            let data_type = configuration.get::<MessagingDataType>("DataType");
            if let Some(repeated) = data_type.filter(|data_type| !types.insert(data_type.as_str().to_owned())) {
                let repeated = repeated.as_str();
                problems.within("DataType", |problems| problems.add(format_args!("must not repeat {repeated}")));
            }
            must_be_in_scope_of::<MessagingStreamArn>(configuration, "ResourceArn", app_instance, problems);
        });
    }
}
