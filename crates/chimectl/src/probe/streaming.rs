//! Which permissions on a Kinesis data stream Chime requires of its caller.

use crate::probe::answer::Abort;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkmessaging::types::{MessagingDataType, StreamingConfiguration};

/// Whether these credentials have enough permissions. To find the smallest set, repeat the probe with fewer of them.
pub async fn kinesis_rights(cx: &Session, notes: &mut Notes) -> Result<(), Abort> {
    let sandbox = cx.sandbox()?;
    let stream = cx.options.stream_arn.clone().ok_or_else(|| Abort::NotPrepared("no --stream-arn".to_owned()))?;
    let configuration = StreamingConfiguration::builder().data_type(MessagingDataType::Channel).resource_arn(stream);
    let configuration = configuration.build().map_err(|error| Abort::NotPrepared(error.to_string()))?;
    let put = cx.messaging().put_messaging_streaming_configurations().app_instance_arn(&sandbox.app_instance);
    let what = "PutMessagingStreamingConfigurations with the rights of these credentials";
    match cx.call(put.streaming_configurations(configuration).send()).await {
        Ok(answer) => notes.record(what, answer),
        // Here a denial is the answer: it names the missing permission.
        Err(denied @ Abort::Denied(_)) => {
            notes.record(what, denied);
            return Ok(());
        }
        Err(abort) => return Err(abort),
    }
    let delete = cx.messaging().delete_messaging_streaming_configurations().app_instance_arn(&sandbox.app_instance);
    notes.record("DeleteMessagingStreamingConfigurations", cx.call(delete.send()).await?);
    Ok(())
}
