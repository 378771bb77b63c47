//! Streaming configurations of an app instance: which of its data goes to which Kinesis stream.

use super::error::{Answer, ApiError};
use super::turn::Turn;
use serde_json::{Value as Json, json};

/// Chime streams only to data streams whose name begins so.
const PREFIX: &str = "stream/chime-messaging-";

pub(super) fn get(turn: &mut Turn) -> Answer {
    let missing = turn.missing(&format!("{}/streaming-configurations", turn.text("AppInstanceArn")));
    let found = &turn.app_instance()?.streaming_configurations;
    match found.is_empty() {
        true => Err(missing),
        false => Ok(json!({"StreamingConfigurations": found})),
    }
}

pub(super) fn put(turn: &mut Turn) -> Answer {
    let wanted: Vec<Json> = turn.read("StreamingConfigurations");
    for (index, one) in wanted.iter().enumerate() {
        if wanted[..index].iter().any(|before| before["DataType"] == one["DataType"]) {
            return Err(ApiError::bad_request(format!("Duplicate DataType {}", one["DataType"])));
        }
        let arn = one["ResourceArn"].as_str().unwrap_or_default();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts[..] {
            ["arn", _, "kinesis", region, _, name]
                if region == turn.region && name.len() > PREFIX.len() && name.starts_with(PREFIX) => {}
            _ => {
                let region = turn.region;
                return Err(ApiError::bad_request(format!(
                    "{arn} is not a Kinesis data stream in {region} with a name that begins with chime-messaging-"
                )));
            }
        }
    }
    turn.app_instance()?.streaming_configurations = wanted.clone();
    Ok(json!({"StreamingConfigurations": wanted}))
}

pub(super) fn delete(turn: &mut Turn) -> Answer {
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
    use super::super::testing::{Account, failure, is, messaging};
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
    async fn only_a_stream_with_the_prefix_in_the_region_and_once_for_each_type() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let good = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-x";
        let channel = |arn| to(MessagingDataType::Channel, arn);
        for bad in [
            vec![],
            vec![channel("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-")],
            vec![channel("arn:aws:kinesis:us-east-1:123456789012:stream/other")],
            vec![channel("arn:aws:kinesis:eu-central-1:123456789012:stream/chime-messaging-x")],
            vec![channel("arn:aws:firehose:us-east-1:123456789012:stream/chime-messaging-x")],
            vec![channel(good), channel(good)],
        ] {
            let put = account.messaging.put_messaging_streaming_configurations();
            let put = put.app_instance_arn(&instance).set_streaming_configurations(Some(bad));
            assert_eq!(failure(put.send().await), is(400, "BadRequest"));
        }
    }
}
