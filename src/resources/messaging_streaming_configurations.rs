//! `Custom::ChimeMessagingStreamingConfigurations`: streams an app instance's channels and messages to Kinesis.
//!
//! Chime streams only what happens from then on. Chime also uses the function's role to write a test record to the
//! stream, and to create a service-linked role.

use crate::chime::poll::{Poll, poll};
use crate::properties::chime::streaming::{StreamingConfiguration, must_fit_together};
use crate::properties::problems::Problems;
use crate::properties::values::arns::AppInstanceArn;
use crate::properties::values::lists::List;
use crate::resource::ids::setting;
use crate::resource::parent::has_app_instance_of;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{observed_streaming_configurations, streaming_configurations};

properties! {
    /// Where an app instance streams its channel events and messages from then on. An app instance has one set of
    /// configurations.
    pub struct MessagingStreamingConfigurationsProperties where fit_together {
        /// The app instance.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// The configurations, at most one for each type of data.
        streaming_configurations: List<StreamingConfiguration, 1, 2> => "StreamingConfigurations",
    }
}

fn fit_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    let configurations = raw.each_within("StreamingConfigurations");
    must_fit_together(&configurations, raw.get("AppInstanceArn").as_ref(), problems);
}

setting! {
    /// The path of an app instance's streaming configurations.
    pub struct MessagingStreamingConfigurationsId(AppInstanceArn => "AppInstanceArn", "/streaming-configurations");
}

/// Streaming configurations.
#[derive(Debug)]
pub struct MessagingStreamingConfigurations;

impl Resource for MessagingStreamingConfigurations {
    const TYPE: &'static str = "ChimeMessagingStreamingConfigurations";
    const REF: &'static str = "`<AppInstanceArn>/streaming-configurations`";
    const ATTRIBUTES: Attributes<Self> =
        &[Attribute::of_id("AppInstanceArn", "The ARN of the app instance.", |id| id.0.to_string())];
    const TRACKING: Tracking = Tracking::ParentTag("cfn:streaming-configurations");
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["AppInstanceArn"];
    const EXISTENCE: Existence = Existence::Observation;
    type Id = MessagingStreamingConfigurationsId;
    type Properties = MessagingStreamingConfigurationsProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::ById(MessagingStreamingConfigurationsId(raw.get("AppInstanceArn")?)))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        put(cx, desired).await?;
        let id = MessagingStreamingConfigurationsId(desired.app_instance_arn.clone());
        cx.claim(&id);
        Ok(Provisioned::new(id))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        if change.differs(|properties| &properties.streaming_configurations) {
            put(cx, change.desired).await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        let delete = cx.messaging().delete_messaging_streaming_configurations();
        delete.app_instance_arn(id.0.as_str()).send().await?;
        Ok(())
    }

    /// Chime may reject the read if configurations were never set. This counts as "none" only if it goes on for as long as a refusal may
    /// be due to something else, or if the app instance is gone.
    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let mut is_parent_there = None;
        let shown = poll(cx.settings().time_scale, async || {
            let get = cx.messaging().get_messaging_streaming_configurations().app_instance_arn(id.0.as_str());
            let error = match get.send().await.map_err(Error::from) {
                Ok(output) => {
                    cx.close_refusal_window();
                    return Ok(Poll::Ready(output.streaming_configurations.unwrap_or_default()));
                }
                Err(error) if error.could_be_not_found() => error,
                Err(error) => return Err(error),
            };
            if error.kind() == Kind::NotFound || !cx.refusal_window().is_open() {
                return Ok(Poll::Ready(Vec::new()));
            }
            if is_parent_there.is_none() {
                is_parent_there = Some(has_app_instance_of(cx, id.0.as_str()).await?);
            }
            let is_worth_a_wait = is_parent_there == Some(true);
            Ok(if is_worth_a_wait { Poll::Again(cx.refusal_window()) } else { Poll::Ready(Vec::new()) })
        })
        .await?;
        let mut configurations = observed_streaming_configurations(&shown);
        // An export lists them in the same order each time.
        configurations.sort_by(|one, other| one.data_type.as_str().cmp(other.data_type.as_str()));
        let properties = MessagingStreamingConfigurationsProperties {
            app_instance_arn: id.0.clone(),
            streaming_configurations: List::unchecked(configurations),
        };
        Ok(Some(Observed::new(properties, None)).filter(|_| !shown.is_empty()))
    }

    fn owner_arn(id: &Self::Id) -> String {
        id.0.to_string()
    }
}

async fn put(cx: &Context, desired: &MessagingStreamingConfigurationsProperties) -> Result<()> {
    let put = cx.messaging().put_messaging_streaming_configurations();
    put.app_instance_arn(desired.app_instance_arn.as_str())
        .set_streaming_configurations(Some(streaming_configurations(&desired.streaming_configurations)?))
        .send()
        .await
        .map_err(|error| match Error::from(error) {
            error if matches!(error.kind(), Kind::Invalid | Kind::Forbidden) => error.with_advice(STREAM_ADVICE),
            error => error,
        })?;
    Ok(())
}

/// What Chime asks of a stream, and of whoever puts it.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/streaming-export.html>
const STREAM_ADVICE: &str = "Check the Kinesis stream: it exists, its name begins with chime-messaging-, it is in the app instance's region and \
     account, and it has a shard to write to. Check the function's role: kinesis:DescribeStream and kinesis:PutRecord on the stream, \
     kms:GenerateDataKey on the key of an encrypted stream, and iam:CreateServiceLinkedRole for Chime's service-linked role.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn each_data_type_is_streamed_once_and_within_the_region() {
        let stream = |region: &str| format!("arn:aws:kinesis:{region}:123456789012:stream/chime-messaging-a");
        let wrong = json!({"AppInstanceArn": "arn:aws:chime:us-east-1:123456789012:app-instance/a", "StreamingConfigurations": [
            {"DataType": "Channel", "ResourceArn": stream("us-east-1")},
            {"DataType": "Channel", "ResourceArn": stream("eu-central-1")}]});
        assert_eq!(
            read::<MessagingStreamingConfigurationsProperties>(&wrong).expect_err("wrong").to_string(),
            "StreamingConfigurations[1].DataType must not repeat Channel; \
             StreamingConfigurations[1].ResourceArn must be in us-east-1, the region of the app instance, not in eu-central-1"
        );
    }

    #[test]
    fn one_or_two_configurations_are_required_and_misspellings_get_a_suggestion() {
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
