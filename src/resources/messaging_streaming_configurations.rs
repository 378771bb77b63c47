//! `Custom::ChimeMessagingStreamingConfigurations`: an app instance's channels and messages, streamed to Kinesis.
//!
//! Only what happens from then on is streamed. Chime needs the function's role to write to the stream once, as a test, and to
//! create a service-linked role.

use super::app_instance::AppInstance;
use crate::arns::{AppInstanceArn, MessagingStreamArn, region};
use crate::error::{Error, Kind, Result};
use crate::ownership::Owner;
use crate::properties::Problems;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::values::List;
use aws_sdk_chimesdkmessaging::types::StreamingConfiguration as SdkStreamingConfiguration;

crate::properties! {
    /// Where an app instance streams what happens in it, from then on. There is one set of configurations for an app instance.
    pub struct MessagingStreamingConfigurationsProperties where fit_together {
        /// The app instance.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// What is streamed where, each type of data once.
        streaming_configurations: List<StreamingConfiguration, 1, 2> => "StreamingConfigurations",
    }
}

crate::properties! {
    /// Where one type of data is streamed to.
    pub struct StreamingConfiguration {
        /// What is streamed.
        data_type: MessagingDataType => "DataType",
        /// A Kinesis data stream in the account and region of the app instance, whose name begins with `chime-messaging-`, with at least
        /// two shards and encryption.
        resource_arn: MessagingStreamArn => "ResourceArn",
    }
}

crate::choices! {
    /// What can be streamed.
    pub enum MessagingDataType {
        /// Channels, memberships, moderators and bans.
        Channel = "Channel",
        /// Messages.
        ChannelMessage = "ChannelMessage",
    }
}

fn fit_together(properties: &MessagingStreamingConfigurationsProperties, problems: &mut Problems) {
    let configurations = &properties.streaming_configurations;
    let home = region(properties.app_instance_arn.as_str());
    for (at, configuration) in configurations.iter().enumerate() {
        problems.within(&format!("StreamingConfigurations[{at}]"), |problems| {
            if configurations.iter().take(at).any(|earlier| earlier.data_type == configuration.data_type) {
                let repeated = configuration.data_type.as_str();
                problems.within("DataType", |problems| problems.add(format_args!("must not repeat {repeated}")));
            }
            if region(configuration.resource_arn.as_str()) != home {
                problems.within("ResourceArn", |problems| {
                    problems.add(format_args!("must be in {home}, the region of the app instance"));
                });
            }
        });
    }
}

impl MessagingStreamingConfigurationsProperties {
    fn sdk_streaming_configurations(&self) -> Result<Vec<SdkStreamingConfiguration>> {
        let build = |configuration: &StreamingConfiguration| {
            SdkStreamingConfiguration::builder()
                .data_type(configuration.data_type.as_str().into())
                .resource_arn(configuration.resource_arn.as_str())
                .build()
        };
        self.streaming_configurations.iter().map(build).collect::<Result<_, _>>().map_err(Error::bug)
    }
}

crate::setting_of_app_instance! {
    /// The path of an app instance's streaming configurations.
    pub struct MessagingStreamingConfigurationsId("/streaming-configurations");
}

/// Streaming configurations.
#[derive(Debug)]
pub struct MessagingStreamingConfigurations;

impl Resource for MessagingStreamingConfigurations {
    const TYPE: &'static str = "ChimeMessagingStreamingConfigurations";
    const IDENTITY: Identity = Identity::Shared;
    const REF: &'static str = "`<AppInstanceArn>/streaming-configurations`";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] = &[("AppInstanceArn", "The ARN of the app instance.")];
    type Id = MessagingStreamingConfigurationsId;
    type Properties = MessagingStreamingConfigurationsProperties;

    fn replaces(
        id: &MessagingStreamingConfigurationsId,
        properties: &MessagingStreamingConfigurationsProperties,
    ) -> bool {
        id.0 != properties.app_instance_arn
    }

    async fn create(cx: &Context, properties: &MessagingStreamingConfigurationsProperties) -> Result<Live> {
        let id = MessagingStreamingConfigurationsId(properties.app_instance_arn.clone());
        put(cx, properties).await?;
        cx.claim(&id);
        Ok(live(&id))
    }

    async fn update(
        cx: &Context,
        id: &MessagingStreamingConfigurationsId,
        change: &Change<'_, MessagingStreamingConfigurationsProperties>,
    ) -> Result<Live> {
        if change.differs(|properties| &properties.streaming_configurations) {
            put(cx, change.wanted).await?;
        }
        Ok(live(id))
    }

    async fn delete(cx: &Context, id: &MessagingStreamingConfigurationsId) -> Result<()> {
        let delete = cx.messaging().delete_messaging_streaming_configurations();
        delete.app_instance_arn(id.0.as_str()).send().await?;
        Ok(())
    }

    /// No List holds configurations, so the second opinion is Get's.
    async fn is_listed(cx: &Context, id: &MessagingStreamingConfigurationsId) -> Result<bool> {
        Ok(!get(cx, id).await?.is_empty())
    }

    /// Configurations carry no tags. Those that are as they were asked for count as the owner's.
    async fn find(
        cx: &Context,
        properties: &MessagingStreamingConfigurationsProperties,
        _: &Owner,
    ) -> Result<Vec<MessagingStreamingConfigurationsId>> {
        let id = MessagingStreamingConfigurationsId(properties.app_instance_arn.clone());
        let (found, wanted) = (get(cx, &id).await?, properties.sdk_streaming_configurations()?);
        let is_as_wanted = found.len() == wanted.len() && wanted.iter().all(|wanted| found.contains(wanted));
        Ok(Some(id).filter(|_| is_as_wanted).into_iter().collect())
    }
}

/// What is streamed. Chime may say Forbidden of configurations that were never put; it is taken at its word for that only
/// while it answers about the account's app instances.
async fn get(cx: &Context, id: &MessagingStreamingConfigurationsId) -> Result<Vec<SdkStreamingConfiguration>> {
    let get = cx.messaging().get_messaging_streaming_configurations().app_instance_arn(id.0.as_str());
    match get.send().await.map_err(Error::from) {
        Ok(output) => Ok(output.streaming_configurations.unwrap_or_default()),
        Err(error) if error.kind() == Kind::NotFound => Ok(Vec::new()),
        Err(error) if error.kind() == Kind::Forbidden => {
            AppInstance::is_listed(cx, &id.0).await?;
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

async fn put(cx: &Context, properties: &MessagingStreamingConfigurationsProperties) -> Result<()> {
    let put = cx.messaging().put_messaging_streaming_configurations();
    put.app_instance_arn(properties.app_instance_arn.as_str())
        .set_streaming_configurations(Some(properties.sdk_streaming_configurations()?))
        .send()
        .await?;
    Ok(())
}

fn live(id: &MessagingStreamingConfigurationsId) -> Live {
    Live::new(id, [("AppInstanceArn", id.0.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn each_type_of_data_is_streamed_once_and_within_the_region() {
        let stream = |region: &str| format!("arn:aws:kinesis:{region}:123456789012:stream/chime-messaging-a");
        let wrong = json!({"AppInstanceArn": "arn:aws:chime:us-east-1:123456789012:app-instance/a", "StreamingConfigurations": [
            {"DataType": "Channel", "ResourceArn": stream("us-east-1")},
            {"DataType": "Channel", "ResourceArn": stream("eu-central-1")}]});
        assert_eq!(
            read::<MessagingStreamingConfigurationsProperties>(&wrong).expect_err("wrong").to_string(),
            "StreamingConfigurations[1].DataType must not repeat Channel; \
             StreamingConfigurations[1].ResourceArn must be in us-east-1, the region of the app instance"
        );
    }

    #[test]
    fn there_are_one_or_two_and_a_word_of_the_older_api_is_understood() {
        let of = |configurations| {
            let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
            let json = json!({"AppInstanceArn": app, "StreamingConfigurations": configurations});
            read::<MessagingStreamingConfigurationsProperties>(&json).expect_err("wrong").to_string()
        };
        assert_eq!(of(json!([])), "StreamingConfigurations must be a list of 1 to 2 items, it has 0");
        let firehose = "arn:aws:firehose:us-east-1:123456789012:deliverystream/chime-messaging-a";
        let problems = of(json!([{"DataType": "ChannelMesage", "ResourceArn": firehose}]));
        assert!(problems.contains("not \"ChannelMesage\", did you mean ChannelMessage?"), "{problems}");
        assert!(problems.contains("a Kinesis data stream whose name begins with chime-messaging-"), "{problems}");
    }
}
