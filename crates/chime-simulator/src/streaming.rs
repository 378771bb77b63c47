//! Streaming configurations of an app instance: which of its data goes to which Kinesis stream.

use crate::error::{Answer, ApiError};
use crate::model::Members;
use crate::turn::{Turn, must_be_at_home};
use serde_json::{Value as Json, json};

/// Chime streams only to data streams whose name begins so.
const PREFIX: &str = "chime-messaging-";

pub(crate) fn get(turn: &mut Turn) -> Answer {
    let missing = turn.missing(&format!("{}/streaming-configurations", turn.text("AppInstanceArn")));
    let found = &turn.app_instance()?.streaming_configurations;
    match found.is_empty() {
        true => Err(missing),
        false => Ok(json!({"StreamingConfigurations": found})),
    }
}

pub(crate) fn put(turn: &mut Turn) -> Answer {
    let wanted = wanted(turn.input, turn.region, turn.account)?;
    turn.app_instance()?.streaming_configurations = wanted.clone();
    Ok(json!({"StreamingConfigurations": wanted}))
}

/// The configurations of a request, each of which has to be one that Chime takes of a data stream whatever the stream is like.
pub(crate) fn wanted(input: &Members, region: &str, account: &str) -> Result<Vec<Json>, ApiError> {
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
        must_be_at_home(arn, region, account)?;
    }
    Ok(wanted)
}

/// The name of the data stream that a configuration names.
pub(crate) fn stream_name(configuration: &Json) -> Option<&str> {
    let arn: Vec<&str> = configuration["ResourceArn"].as_str()?.splitn(6, ':').collect();
    match arn[..] {
        ["arn", _, "kinesis", _, _, resource] => resource.strip_prefix("stream/"),
        _ => None,
    }
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("AppInstanceArn");
    match turn.app_instance() {
        Ok(instance) if !instance.streaming_configurations.is_empty() => {
            instance.streaming_configurations.clear();
            Ok(Json::Null)
        }
        _ => turn.delete_missing(&format!("{arn}/streaming-configurations")),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{MessagingDataType, StreamingConfiguration};

    fn to(data: MessagingDataType, arn: &str) -> StreamingConfiguration {
        StreamingConfiguration::builder().data_type(data).resource_arn(arn).build().unwrap()
    }

    #[tokio::test]
    async fn streaming_is_put_replaced_and_deleted() {
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
    async fn only_a_stream_with_the_prefix_of_the_account_and_region_and_once_for_each_type() {
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
}
