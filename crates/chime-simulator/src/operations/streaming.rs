//! Streaming configurations of an app instance: the Kinesis streams for its data.

use crate::context::{Operation, OperationContext, check_scope};
use crate::data_streams::DataStreams;
use crate::error::{Answer, ApiError};
use crate::model::Members;
use serde_json::{Value as Json, json};

/// The beginning of the name of every data stream that Chime streams to.
const PREFIX: &str = "chime-messaging-";

pub(super) const OPERATIONS: [(&str, Operation); 3] = [
    ("GetMessagingStreamingConfigurations", get),
    ("PutMessagingStreamingConfigurations", put),
    ("DeleteMessagingStreamingConfigurations", delete),
];

fn get(cx: &mut OperationContext) -> Answer {
    let missing = cx.missing(&format!("{}/streaming-configurations", cx.text("AppInstanceArn")));
    let found = &cx.app_instance()?.streaming_configurations;
    match found.is_empty() {
        true => Err(missing),
        false => Ok(json!({"StreamingConfigurations": found})),
    }
}

fn put(cx: &mut OperationContext) -> Answer {
    let wanted = wanted(cx.input, cx.region, cx.account)?;
    cx.app_instance()?.streaming_configurations = wanted.clone();
    Ok(json!({"StreamingConfigurations": wanted}))
}

/// The configurations in a request. They are rejected if Chime would reject them for any stream.
fn wanted(input: &Members, region: &str, account: &str) -> Result<Vec<Json>, ApiError> {
    let wanted = input.get("StreamingConfigurations").and_then(Json::as_array).cloned().unwrap_or_default();
    for (index, one) in wanted.iter().enumerate() {
        if wanted[..index].iter().any(|before| before["DataType"] == one["DataType"]) {
            return Err(ApiError::bad_request(format!("Duplicate DataType {}", one["DataType"])));
        }
        let arn = one["ResourceArn"].as_str().unwrap_or_default();
        if stream_name(one).is_none_or(|name| name.len() == PREFIX.len() || !name.starts_with(PREFIX)) {
            return Err(ApiError::bad_request(format!(
                "{arn} is not a Kinesis data stream with a name that begins with {PREFIX}"
            )));
        }
        check_scope(arn, region, account)?;
    }
    Ok(wanted)
}

/// The name of the data stream in a configuration.
fn stream_name(configuration: &Json) -> Option<&str> {
    let arn: Vec<&str> = configuration["ResourceArn"].as_str()?.splitn(6, ':').collect();
    match arn[..] {
        ["arn", _, "kinesis", _, _, resource] => resource.strip_prefix("stream/"),
        _ => None,
    }
}

fn delete(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("AppInstanceArn");
    match cx.app_instance() {
        Ok(instance) if !instance.streaming_configurations.is_empty() => {
            instance.streaming_configurations.clear();
            Ok(Json::Null)
        }
        _ => cx.delete_missing(&format!("{arn}/streaming-configurations")),
    }
}

/// The error of an operation because of the account's data streams, if there is one. The operation itself reports other errors.
pub(crate) async fn rejection(
    streams: &DataStreams,
    operation: &str,
    input: &Members,
    region: &str,
    account: &str,
) -> Option<ApiError> {
    if operation != "PutMessagingStreamingConfigurations" {
        return None;
    }
    for configuration in wanted(input, region, account).ok()? {
        match streams.rejection(stream_name(&configuration).unwrap_or_default()).await {
            Ok(None) => {}
            Ok(Some(why)) => return Some(ApiError::bad_request(why)),
            Err(error) => return Some(ApiError::failure(error)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::data_streams::DataStreams;
    use crate::simulator::Options;
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{MessagingDataType, StreamingConfiguration};
    use serde_json::json;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn to(data: MessagingDataType, arn: &str) -> StreamingConfiguration {
        StreamingConfiguration::builder().data_type(data).resource_arn(arn).build().unwrap()
    }

    #[tokio::test]
    async fn streaming_is_set_replaced_and_deleted() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-x";
        let get = || chime.get_messaging_streaming_configurations().app_instance_arn(&instance).send();
        let put = |list: Vec<StreamingConfiguration>| {
            let put = chime.put_messaging_streaming_configurations().app_instance_arn(&instance);
            put.set_streaming_configurations(Some(list)).send()
        };
        let delete = || chime.delete_messaging_streaming_configurations().app_instance_arn(&instance).send();
        assert_eq!(failure(get().await), is(404, "NotFound"));
        assert_eq!(failure(delete().await), is(404, "NotFound"));
        let both = [MessagingDataType::Channel, MessagingDataType::ChannelMessage];
        put(both.map(|data| to(data, arn)).to_vec()).await.unwrap();
        assert_eq!(get().await.unwrap().streaming_configurations.unwrap().len(), 2);
        put(vec![to(MessagingDataType::Channel, arn)]).await.unwrap();
        assert_eq!(get().await.unwrap().streaming_configurations.unwrap().len(), 1);
        delete().await.unwrap();
        assert_eq!(failure(get().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn a_stream_has_the_prefix_and_is_in_the_same_account_and_region_and_each_type_has_one() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let good = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-x";
        let channel = |arn| to(MessagingDataType::Channel, arn);
        for bad in [
            vec![],
            vec![channel("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-")],
            vec![channel("arn:aws:kinesis:us-east-1:123456789012:stream/other")],
            vec![channel("arn:aws:kinesis:eu-central-1:123456789012:stream/chime-messaging-x")],
            vec![channel("arn:aws:kinesis:us-east-1:210987654321:stream/chime-messaging-x")],
            vec![channel("arn:aws:firehose:us-east-1:123456789012:stream/chime-messaging-x")],
            vec![channel(good), channel(good)],
        ] {
            let put = account.messaging.put_messaging_streaming_configurations();
            let put = put.app_instance_arn(&instance).set_streaming_configurations(Some(bad));
            assert_eq!(failure(put.send().await), is(400, "BadRequest"));
        }
    }

    #[tokio::test]
    async fn a_missing_stream_is_rejected_and_nothing_changes() {
        let is_up = Arc::new(AtomicBool::new(true));
        let kinesis = Arc::clone(&is_up);
        let data_streams = DataStreams::new(move |name| {
            let good = json!({"OpenShardCount": 2, "EncryptionType": "KMS"});
            let stream = (name == "chime-messaging-good").then_some(good);
            let described = if kinesis.load(Ordering::Relaxed) { Ok(stream) } else { Err("no answer".to_owned()) };
            async { described }
        });
        let options = Options { data_streams: Some(data_streams), ..Options::default() };
        let chime = Account::of(options, "us-east-1");
        let instance = chime.app_instance().await;
        let put = async |name: &str| {
            let arn = format!("arn:aws:kinesis:us-east-1:123456789012:stream/{name}");
            let one = StreamingConfiguration::builder().data_type(MessagingDataType::Channel).resource_arn(arn);
            let put = chime.messaging.put_messaging_streaming_configurations().app_instance_arn(&instance);
            put.streaming_configurations(one.build().unwrap()).send().await
        };
        put("chime-messaging-good").await.unwrap();
        let held = chime.simulator.holds();
        assert_eq!(failure(put("chime-messaging-none").await), is(400, "BadRequest"));
        let said = chime.simulator.take_calls().pop().and_then(|call| call.message);
        assert!(said.is_some_and(|said| said.starts_with("Unable to access Kinesis stream chime-messaging-none")));
        // Errors of the request itself come first.
        assert_eq!(failure(put("other").await), is(400, "BadRequest"));
        let said = chime.simulator.take_calls().pop().and_then(|call| call.message);
        assert!(said.is_some_and(|said| said.contains("begins with chime-messaging-")));
        is_up.store(false, Ordering::Relaxed);
        assert_eq!(failure(put("chime-messaging-good").await), is(500, "ServiceFailure"));
        assert_eq!(chime.simulator.holds(), held);
    }
}
