"""Runs the processor of a template with stand-ins for boto3, and prints what it says to Chime: processor.py TEMPLATE MESSAGE..."""

import json
import sys
import types

from cfnlint.decode.cfn_yaml import load

path, *messages = sys.argv[1:]
code = load(path)["Resources"]["FilterFunction"]["Properties"]["Code"]["ZipFile"]
callbacks = []


class Chime:
    def channel_flow_callback(self, **callback):
        callbacks.append(callback)


sys.modules["boto3"] = types.SimpleNamespace(client=lambda name: {"chime-sdk-messaging": Chime()}[name])
names = {}
exec(code, names)
for content in messages:
    message = {"MessageId": "1", "ChannelArn": "arn", "Content": content}
    names["handler"]({"EventType": "CHANNEL_MESSAGE_EVENT", "CallbackId": "2", "ChannelMessage": message}, None)
print(json.dumps(callbacks))
