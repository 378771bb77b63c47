"""What Chime requires of a Kinesis data stream that it writes to."""

from cfn_lint_chime_messaging.functions import LEFT_OUT, UNKNOWN
from cfn_lint_chime_messaging.words import scalar, shown

_PREFIX = "chime-messaging-"


def problems(properties, place, texts, is_possible):
    """Each place and sentence about the properties of a stream, as far as they are known."""

    def branches(name):
        return place.within(name).branches(properties[name], is_possible) if name in properties else [(LEFT_OUT, place)]

    for branch, there in branches("Name"):
        if branch is LEFT_OUT:
            yield there, f"Name is required: a stream for Chime has a name that begins with {_PREFIX}"
        elif not _may_begin(texts.of(there.read if branch is UNKNOWN else branch) or ""):
            yield there, f"Name must begin with {_PREFIX}, or Chime cannot write to the stream"
    mode = properties.get("StreamModeDetails")
    if mode is None or mode == {"StreamMode": "PROVISIONED"}:
        for branch, there in branches("ShardCount"):
            text = None if branch in (LEFT_OUT, UNKNOWN) else scalar(branch)
            if text is not None and text.isdecimal() and int(text) < 2:
                yield there, f"ShardCount must be 2 or more for Chime, not {shown(branch)}"
    for branch, there in branches("StreamEncryption"):
        if branch is LEFT_OUT:
            yield there, "StreamEncryption is required: Chime writes to encrypted streams only"


def _may_begin(text):
    """Whether a name can begin as Chime requires, where a part of it may be unknown."""
    known = text.split("${")[0]
    return known.startswith(_PREFIX) or (known != text and _PREFIX.startswith(known))
