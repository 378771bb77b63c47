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
                end = f", state a {elsewhere} for it" if elsewhere else hint(str(name), properties)
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


# How the pattern of an ARN begins, and what is said of one with white space, which nobody sees.
_ARN = "^arn:"
_WHITE_SPACE = "must not begin or end with white space"
# How a pattern begins of a text that is one line: Chime's `.` matches no line break of Java's.
_ONE_LINE = r"^[^\n\r\u0085\u2028\u2029]*"


def _text(value, text, schema):
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    limits = f" of {least} to {most} characters" if least else f" of at most {most} characters" if most else ""
    if text is None and limits and not least:
        return "must be text; a map has to be written as a JSON string"
    if text is None or len(text) < least or (least and most and len(text) > most):
        return f"must be text{limits}, not {shown(value)}"
    if most and len(text) > most:
        return f"must be at most {most} characters, it has {len(text)}"
    if schema.get("pattern", "").startswith(_ONE_LINE) and re.search(r"[\n\r\u0085\u2028\u2029]", text):
        return "must not hold line breaks" + ("" if least else "; write JSON on one line")
    # Python's `$` would let a line break at the end pass.
    pattern = re.sub(r"\$$", r"\\Z", schema.get("pattern", ""))
    if not re.search(pattern, text):
        if pattern.startswith(_ARN) and text != text.strip() and re.search(pattern, text.strip()):
            return _WHITE_SPACE
        note = f" ({schema['description']})" if "description" in schema else ""
        return f"must match {schema['pattern']}, not {shown(value)}{note}"
    return None
