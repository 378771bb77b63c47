//! The Kinesis data streams of the account, where there is an account to ask.
//!
//! By itself the simulator accepts any stream whose ARN has the right form. With [`DataStreams`] it refuses one that Chime would
//! refuse, at the call that names it, so that whoever makes the call sees it fail as in AWS.

use crate::error::ApiError;
use crate::model::Members;
use crate::streaming;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::sync::Arc;

/// Looks up a stream by its name: the `StreamDescriptionSummary`, or none where there is no such stream.
type Describe = dyn Fn(String) -> BoxFuture<'static, Result<Option<Json>, String>> + Send + Sync;

/// The data streams of an account.
#[derive(Clone)]
pub struct DataStreams {
    describe: Arc<Describe>,
}

impl std::fmt::Debug for DataStreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataStreams").finish_non_exhaustive()
    }
}

impl DataStreams {
    /// Those that `describe` looks up by name: the `StreamDescriptionSummary` of Kinesis, or none where there is no such stream.
    pub fn new<F>(describe: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<Json>, String>> + Send + 'static,
    {
        Self { describe: Arc::new(move |name| describe(name).boxed()) }
    }

    /// Why Chime would not stream to the data stream of this name; `None` if it would.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn refusal_of_stream(&self, name: &str) -> Result<Option<String>, String> {
        Ok(refusal(name, (self.describe)(name.to_owned()).await?.as_ref()))
    }

    /// The error that an operation gets because of its data streams, if it gets one. What is wrong with the request itself is
    /// for the operation to say.
    pub(crate) async fn refusal(
        &self,
        operation: &str,
        input: &Members,
        region: &str,
        account: &str,
    ) -> Option<ApiError> {
        if operation != "PutMessagingStreamingConfigurations" {
            return None;
        }
        for configuration in streaming::wanted(input, region, account).ok()? {
            let name = streaming::stream_name(&configuration).unwrap_or_default();
            match self.refusal_of_stream(name).await {
                Ok(None) => {}
                Ok(Some(why)) => return Some(ApiError::bad_request(why)),
                Err(error) => return Some(ApiError::failure(error)),
            }
        }
        None
    }
}

/// What Chime asks of a stream: it is there, has two shards, and is encrypted. The documentation asks for two shards without a
/// word on streams that grow by themselves; those pass. Only the beginning of the first text is known to be Chime's own.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/streaming-export.html>
fn refusal(name: &str, stream: Option<&Json>) -> Option<String> {
    let Some(stream) = stream else {
        return Some(format!("Unable to access Kinesis stream {name}: there is none of this name in the account"));
    };
    let is_on_demand = stream["StreamModeDetails"]["StreamMode"] == "ON_DEMAND";
    let too_few = stream["OpenShardCount"].as_u64().filter(|count| *count < 2 && !is_on_demand);
    let too_few = too_few.map(|count| format!("needs two shards or more, and has {count}"));
    let is_encrypted = stream["EncryptionType"] == "KMS";
    let not_encrypted = (!is_encrypted).then(|| "has no server-side encryption (StreamEncryption)".to_owned());
    let problems: Vec<_> = too_few.into_iter().chain(not_encrypted).collect();
    (!problems.is_empty()).then(|| format!("The Kinesis stream {name} {}", problems.join(", and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Options;
    use crate::testing::{self, failure, is, messaging};
    use messaging::types::{MessagingDataType, StreamingConfiguration};
    use serde_json::json;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn stream(shards: u32, mode: &str, encryption: &str) -> Json {
        json!({"OpenShardCount": shards, "StreamModeDetails": {"StreamMode": mode}, "EncryptionType": encryption})
    }

    #[test]
    fn a_stream_is_there_encrypted_and_has_two_shards_unless_it_grows_by_itself() {
        let refusal = |stream: Option<Json>| refusal("s", stream.as_ref()).unwrap_or_default();
        assert_eq!(refusal(Some(stream(2, "PROVISIONED", "KMS"))), "");
        assert_eq!(refusal(Some(stream(1, "ON_DEMAND", "KMS"))), "");
        assert!(refusal(Some(stream(2, "ON_DEMAND", "NONE"))).contains("no server-side encryption"));
        let both = refusal(Some(stream(1, "PROVISIONED", "NONE")));
        assert!(both.contains("has 1, and has no server-side encryption"), "{both}");
        assert!(refusal(None).starts_with("Unable to access Kinesis stream s: "));
    }

    #[tokio::test]
    async fn a_stream_that_is_not_there_is_refused_at_the_call_and_nothing_is_changed() {
        let is_up = Arc::new(AtomicBool::new(true));
        let kinesis = Arc::clone(&is_up);
        let data_streams = DataStreams::new(move |name| {
            let stream = (name == "chime-messaging-good").then(|| stream(2, "PROVISIONED", "KMS"));
            let described = if kinesis.load(Ordering::Relaxed) { Ok(stream) } else { Err("no answer".to_owned()) };
            async { described }
        });
        let options = Options { data_streams: Some(data_streams), ..Options::default() };
        let chime = testing::Account::of(options, "us-east-1");
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
        // What is wrong with the request itself comes first.
        assert_eq!(failure(put("other").await), is(400, "BadRequest"));
        let said = chime.simulator.take_calls().pop().and_then(|call| call.message);
        assert!(said.is_some_and(|said| said.contains("begins with chime-messaging-")));
        is_up.store(false, Ordering::Relaxed);
        assert_eq!(failure(put("chime-messaging-good").await), is(500, "ServiceFailure"));
        assert_eq!(chime.simulator.holds(), held);
    }
}
