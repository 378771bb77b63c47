"""Checks a value of a template against a schema, and says what is wrong in the function's own words."""

import re
from dataclasses import replace

from cfn_lint_chime_messaging.functions import LEFT_OUT, UNKNOWN, is_open
from cfn_lint_chime_messaging.things import a_list, misfit, reference
from cfn_lint_chime_messaging.words import did_you_mean, scalar, shown


# Properties of AWS's own types, or of Chime's calls, that are resources of their own here.
_OF_OTHER_TYPES = {
    "MemberArns": "Custom::ChimeChannelMemberships",
    "ModeratorArns": "Custom::ChimeChannelModerator",
    "ChannelFlowArn": "Custom::ChimeChannelFlowAssociation",
}


class Problems:
    """Finds every problem.

    `is_possible` says of conditions, by their names, whether they can hold together; `type_of` gives the type of a resource by its
    logical id, or None; `texts` gives the texts of values; `parameters` are those of the template.
    """

    def __init__(self, is_possible, type_of, texts, parameters):
        self._is_possible = is_possible
        self._type_of = type_of
        self._texts = texts
        self._parameters = parameters if isinstance(parameters, dict) else {}

    def of(self, value, schema, place):
        """Each problem of the value at `place`: its path in the template, and a sentence."""
        for there, predicate in self._value(value, schema, place):
            yield there.path, f"{there.name or 'Properties'} {predicate}"

    def left_out(self, properties, name, place):
        """Each place where the property `name` of the map at `place` is left out."""
        if name in properties:
            branches = place.within(name).branches(properties[name], self._is_possible)
            yield from (there for branch, there in branches if branch is LEFT_OUT)
        elif not is_open(properties):
            yield replace(place.within(name), path=place.path)

    def _value(self, value, schema, place):
        kind = schema["type"]
        check = self._map if kind == "object" else self._list if kind == "array" else _scalar
        for branch, there in place.branches(value, self._is_possible):
            if branch is UNKNOWN and there.read is not None:
                yield from self._read(there.read, schema, there)
            elif branch is not LEFT_OUT and branch is not UNKNOWN:
                end = ", which is what an empty CommaDelimitedList gives" if branch == "" and there.is_item() else ""
                yield from ((at, predicate + end) for at, predicate in check(branch, schema, there))

    def _read(self, value, schema, place):
        """The problem of a value that is read from another resource, where its type tells that it does not fit."""
        read = reference(value)
        wrong = misfit(read, self._type_of(read[0]), schema) if read else None
        if wrong:
            yield place, wrong
        elif schema.get("pattern", "").startswith(_ARN):
            parameter = self._parameters.get(value.get("Ref")) if isinstance(value.get("Ref"), str) else None
            default = parameter.get("Default") if isinstance(parameter, dict) else None
            if isinstance(default, str) and default != default.strip():
                yield place, f"{_WHITE_SPACE}, as the Default of {value['Ref']} does"
            elif (text := self._texts.of(value)) and text != text.strip():
                yield place, _WHITE_SPACE

    def _map(self, value, schema, place):
        properties = schema["properties"]
        if not isinstance(value, dict):
            yield place, f"must be a map of {', '.join(properties)}, not {shown(value)}"
            return
        for name, part in value.items():
            if name in properties:
                yield from self._value(part, properties[name], place.within(name))
            elif not is_open([name]):
                elsewhere = None if place.name else _OF_OTHER_TYPES.get(name)
                end = f" here, use a {elsewhere} resource instead" if elsewhere else hint(str(name), properties)
                yield place.within(name), f"is not a property{end}"
        for name in schema["required"]:
            yield from ((there, "is required") for there in self.left_out(value, name, place))

    def _list(self, value, schema, place):
        wanted = f"must be {a_list(schema)}"
        if not isinstance(value, list):
            yield place, f"{wanted}, not {shown(value)}"
            return
        # An item may be there under a condition only.
        fewest = most = 0
        for at, item in enumerate(value):
            branches = [branch for branch, _ in place.within(at).branches(item, self._is_possible)]
            fewest += LEFT_OUT not in branches
            most += any(branch is not LEFT_OUT for branch in branches)
            yield from self._value(item, schema["items"], place.within(at))
        if fewest > schema["maxItems"]:
            yield place, f"{wanted}, it has {fewest}"
        elif most < schema["minItems"]:
            yield place, f"{wanted}, it has {most}"


def hint(written, choices):
    """How a problem with an unknown name ends: with the name that was probably meant, or with those that there are."""
    meant = did_you_mean(written, choices)
    return f", did you mean {meant}?" if meant else f" (there are {', '.join(choices)})"


def _scalar(value, schema, place):
    """The problem of a value that has to be a scalar, if it has one."""
    text = scalar(value)
    if text is not None and "{{resolve:" in text:
        return  # A dynamic reference: CloudFormation alone knows.
    if "enum" in schema:
        check = _choice
    else:
        check = _whole if "integer" in schema["type"] else _text
    predicate = check(value, text, schema)
    if predicate:
        yield place, predicate


def _choice(value, text, schema):
    words = schema["enum"]
    if text in words:
        return None
    meant = did_you_mean(text, words) if text and len(words) > 1 else None
    return f"must be {' or '.join(words)}, not {shown(value)}" + (f", did you mean {meant}?" if meant else "")


def _whole(value, text, schema):
    least, most = schema["minimum"], schema["maximum"]
    if text and re.fullmatch("0*[0-9]{1,10}", text) and least <= int(text) <= most:
        return None
    return f"must be a whole number from {least} to {most}, not {shown(value)}"


# How the pattern of an ARN begins, and what is said of one that is put together with white space at an end.
_ARN = "^arn:"
_WHITE_SPACE = "must not begin or end with white space"


def _text(value, text, schema):
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    fits = text is not None and least <= len(text) and (most is None or len(text) <= most)
    # Python's `$` would let a line break at the end pass.
    pattern = re.sub(r"\$$", r"\\Z", schema.get("pattern", ""))
    if fits and re.search(pattern, text):
        return None
    message = schema.get("patternErrorMessage", "")
    if message.startswith("must be "):
        # It names all that the text has to be. Device tokens only have to be one line: as they are secrets, none is repeated.
        return message if message.endswith("on one line") else f"{message}, not {shown(value)}"
    if fits:
        return message
    if least:
        return f"must be text of {least} to {most} characters, not {shown(value)}"
    if text is None:
        return "must be text; a map has to be written as a JSON string" if most else f"must be text, not {shown(value)}"
    return f"must be at most {most} characters, it has {len(text)}"
