//! Which rights at a Kinesis data stream Chime wants of its caller.

use crate::probe::answer::Stop;
use crate::probe::notes::Notes;
use crate::probe::session::Session;
use aws_sdk_chimesdkmessaging::types::{MessagingDataType, StreamingConfiguration};

/// Whether the rights of these credentials do. The smallest set that does is found by running the probe with less and less of them.
pub async fn kinesis_rights(cx: &Session, notes: &mut Notes) -> Result<(), Stop> {
    let place = cx.place()?;
    let stream = cx.given.stream_arn.clone().ok_or_else(|| Stop::Unprepared("no --stream-arn".to_owned()))?;
    let configuration = StreamingConfiguration::builder().data_type(MessagingDataType::Channel).resource_arn(stream);
    let configuration = configuration.build().map_err(|error| Stop::Unprepared(error.to_string()))?;
    let put = cx.messaging().put_messaging_streaming_configurations().app_instance_arn(&place.app_instance);
    let what = "PutMessagingStreamingConfigurations with the rights of these credentials";
    match cx.ask(put.streaming_configurations(configuration).send()).await {
        Ok(answer) => notes.told(what, answer),
        // Here a denial is the answer: it names the right that is missing.
        Err(denied @ Stop::Denied(_)) => {
            notes.told(what, denied);
            return Ok(());
        }
        Err(stop) => return Err(stop),
    }
    let delete = cx.messaging().delete_messaging_streaming_configurations().app_instance_arn(&place.app_instance);
    notes.told("DeleteMessagingStreamingConfigurations", cx.ask(delete.send()).await?);
    Ok(())
}
