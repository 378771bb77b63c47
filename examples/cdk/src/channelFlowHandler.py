import boto3

chime = boto3.client("chime-sdk-messaging")


def lambda_handler(event, context):
    """Lets every message through as it is."""
    message = event["ChannelMessage"]
    callback = {"MessageId": message["MessageId"]}
    if message.get("Content"):
        callback["Content"] = message["Content"]
    chime.channel_flow_callback(
        CallbackId=event["CallbackId"],
        ChannelArn=message["ChannelArn"],
        ChannelMessage=callback,
    )
