"""What a Ref, an Fn::GetAtt or an Fn::Sub of one reference comes to, where the type of the resource tells that before a deployment."""

import re

_ACCOUNT = "us-east-1:123456789012"
_APP_INSTANCE = f"arn:aws:chime:{_ACCOUNT}:app-instance/8d1e9c52"
_USER = f"{_APP_INSTANCE}/user/ann"
_BOT = f"{_APP_INSTANCE}/bot/b0b"
_CHANNEL = f"{_APP_INSTANCE}/channel/lobby"
_FLOW = f"{_APP_INSTANCE}/channel-flow/5f10a7c2"
_STREAM = f"arn:aws:kinesis:{_ACCOUNT}:stream/chime-messaging-a"
_FUNCTION = f"arn:aws:lambda:{_ACCOUNT}:function:filter"
_ALIAS = f"arn:aws:lex:{_ACCOUNT}:bot-alias/AAAAAAAAAA/BBBBBBBBBB"
_PUSH = f"arn:aws:mobiletargeting:{_ACCOUNT}:apps/0a1b2c3d"
_ID = "8d1e9c52"

# The attributes whose name says it, whatever the type. An admin, a member or a moderator may be a user or a bot.
_ATTRIBUTES = {
    "AppInstanceArn": [_APP_INSTANCE],
    "AppInstanceUserArn": [_USER],
    "AppInstanceBotArn": [_BOT],
    "AppInstanceAdminArn": [_USER, _BOT],
    "MemberArn": [_USER, _BOT],
    "ChannelModeratorArn": [_USER, _BOT],
    "ChannelArn": [_CHANNEL],
    "ChannelFlowArn": [_FLOW],
    "AppInstanceId": [_ID],
    "AppInstanceUserId": [_ID],
    "ChannelId": [_ID],
    "ChannelFlowId": [_ID],
    "EndpointId": [_ID],
}


def _chime(arn):
    return {"Ref": [arn], "Arn": [arn]}


# What Ref gives, and the attributes that are named the same for many types. An example that is not an ARN is no ARN.
_TYPES = {
    "Custom::ChimeAppInstance": _chime(_APP_INSTANCE),
    "Custom::ChimeAppInstanceUser": _chime(_USER),
    "Custom::ChimeAppInstanceBot": _chime(_BOT),
    "Custom::ChimeChannel": _chime(_CHANNEL),
    "Custom::ChimeChannelFlow": _chime(_FLOW),
    "Custom::ChimeAppInstanceAdmin": {"Ref": [f"{_APP_INSTANCE}/admins/{_USER}"]},
    "Custom::ChimeAppInstanceRetentionSettings": {"Ref": [f"{_APP_INSTANCE}/retention-settings"]},
    "Custom::ChimeMessagingStreamingConfigurations": {"Ref": [f"{_APP_INSTANCE}/streaming-configurations"]},
    "Custom::ChimeChannelMembership": {"Ref": [f"{_CHANNEL}/memberships/{_USER}"]},
    "Custom::ChimeChannelMemberships": {"Ref": [f"{_CHANNEL}/memberships/DEFAULT/1795600000"]},
    "Custom::ChimeChannelModerator": {"Ref": [f"{_CHANNEL}/moderators/{_USER}"]},
    "Custom::ChimeChannelBan": {"Ref": [f"{_CHANNEL}/bans/{_USER}"]},
    "Custom::ChimeChannelFlowAssociation": {"Ref": [f"{_CHANNEL}/channel-flow"]},
    "Custom::ChimeAppInstanceUserEndpoint": {"Ref": [f"{_USER}/endpoints/{_ID}"]},
    "AWS::Chime::AppInstance": _chime(_APP_INSTANCE),
    "AWS::Chime::AppInstanceUser": _chime(_USER),
    "AWS::Chime::AppInstanceBot": _chime(_BOT),
    # Its Ref is the ARN and the bearer, with a bar between them.
    "AWS::Chime::Channel": {"Ref": [f"{_CHANNEL}|{_USER}"], "Arn": [_CHANNEL], "CreatedBy": [_USER, _BOT]},
    "AWS::Chime::ChannelFlow": _chime(_FLOW),
    "AWS::Kinesis::Stream": {"Ref": [_ID], "Arn": [_STREAM]},
    "AWS::Lambda::Function": {"Ref": [_ID], "Arn": [_FUNCTION]},
    "AWS::Lambda::Alias": {"Ref": [f"{_FUNCTION}:live"]},
    "AWS::Lambda::Version": {"Ref": [f"{_FUNCTION}:1"]},
    "AWS::Serverless::Function": {"Ref": [_ID], "Arn": [_FUNCTION]},
    "AWS::Lex::BotAlias": {"Arn": [_ALIAS]},
    "AWS::Pinpoint::App": {"Ref": [_ID], "Arn": [_PUSH]},
}


# How the ARN of a thing is made of properties, for the types whose ids an author chooses: what stands before each of them.
_PATHS = {
    noun: {"": "AppInstanceArn", f"/{path}/": name}
    for noun, path, name in [("AppInstanceUser", "user", "AppInstanceUserId"), ("Channel", "channel", "ChannelId")]
}


def path_of(kind):
    """The properties that the ARN of a thing is made of, by what stands before each of them; none where Chime chooses the id."""
    return _PATHS.get(kind.removeprefix("Custom::Chime").removeprefix("AWS::Chime::"), {})


def is_own_arn(kind, attribute):
    """Whether an attribute of a Chime resource gives the same as its Ref or its Arn: the ARN of the thing itself."""
    known = _TYPES.get(kind, {})
    own = known.get("Arn")
    return bool(own) and kind.split("::")[1].startswith("Chime") and (known.get(attribute) or _ATTRIBUTES.get(attribute)) == own


def reference(value):
    """The logical id and the attribute (`Ref` for none) of a value that is one reference and nothing else, or None."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, argument),) = value.items()
    if name == "Ref":
        return (argument, "Ref") if isinstance(argument, str) else None
    if name == "Fn::Sub" and isinstance(argument, str):
        whole = re.fullmatch(r"\$\{\s*([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\s*\}", argument)
        return (whole[1], whole[2] or "Ref") if whole else None
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if name == "Fn::GetAtt" and isinstance(parts, list) and len(parts) == 2 and all(isinstance(p, str) for p in parts):
        return parts[0], parts[1]
    return None


def misfit(read, kind, schema):
    """What is wrong with `read` (a logical id and an attribute) of a resource of the type `kind` as a value, or None."""
    pattern = schema.get("pattern")
    logical_id, attribute = read
    known = _TYPES.get(kind, {})
    values = known.get(attribute) or (known and _ATTRIBUTES.get(attribute))
    if values and schema["type"] == "array":
        # Each value that is known here is a single one.
        fits = misfit(read, kind, schema["items"]) is None and schema["items"]["type"] == "string"
        hint = f"; [{_written(logical_id, attribute)}] is one" if fits else ""
        return f"must be {a_list(schema)}, not {_written(logical_id, attribute)} of {kind}{hint}"
    if not pattern or not values or any(re.search(pattern, value) for value in values):
        return None
    fits = [other for other, given in known.items() if any(re.search(pattern, value) for value in given)]
    hint = f"; {_written(logical_id, fits[0])} is one" if fits else ""
    return f"{schema['patternErrorMessage']}, not {_written(logical_id, attribute)} of {kind}{hint}"


def a_list(schema):
    """A list with its length, as a message names it."""
    return f"a list of {schema['minItems']} to {schema['maxItems']} items"


def _written(logical_id, attribute):
    return f"!Ref {logical_id}" if attribute == "Ref" else f"!GetAtt {logical_id}.{attribute}"
