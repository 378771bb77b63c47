//! The Kinesis data streams of the account.
//!
//! By itself the simulator accepts any stream with a valid ARN. With [`DataStreams`] it rejects a stream that Chime would reject, at the
//! call that names it, as in AWS.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::sync::Arc;

/// Looks up a stream by name: its `StreamDescriptionSummary`, or none if there is no such stream.
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
    /// The streams that `describe` looks up by name: it returns Kinesis's `StreamDescriptionSummary`, or none if there is no such stream.
    pub fn new<F>(describe: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<Json>, String>> + Send + 'static,
    {
        Self { describe: Arc::new(move |name| describe(name).boxed()) }
    }

    /// Why Chime rejects the data stream of this name; `None` if it does not.
    ///
    /// # Errors
    /// The stream cannot be looked up.
    pub async fn rejection(&self, name: &str) -> Result<Option<String>, String> {
        Ok(rejection(name, (self.describe)(name.to_owned()).await?.as_ref()))
    }
}

/// Chime requires that a stream exists, has two shards and is encrypted. The documentation does not mention on-demand streams; those
/// are accepted. Only the beginning of the first message is known to be Chime's own.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/streaming-export.html>
fn rejection(name: &str, stream: Option<&Json>) -> Option<String> {
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
    use serde_json::json;

    fn stream(shards: u32, mode: &str, encryption: &str) -> Json {
        json!({"OpenShardCount": shards, "StreamModeDetails": {"StreamMode": mode}, "EncryptionType": encryption})
    }

    #[test]
    fn a_stream_must_exist_be_encrypted_and_have_two_shards_unless_it_is_on_demand() {
        let rejection = |stream: Option<Json>| rejection("s", stream.as_ref()).unwrap_or_default();
        assert_eq!(rejection(Some(stream(2, "PROVISIONED", "KMS"))), "");
        assert_eq!(rejection(Some(stream(1, "ON_DEMAND", "KMS"))), "");
        assert!(rejection(Some(stream(2, "ON_DEMAND", "NONE"))).contains("no server-side encryption"));
        let both = rejection(Some(stream(1, "PROVISIONED", "NONE")));
        assert!(both.contains("has 1, and has no server-side encryption"), "{both}");
        assert!(rejection(None).starts_with("Unable to access Kinesis stream s: "));
    }
}
