"""What values come to, as far as a template tells: values with the same text are the same once they are deployed."""

import json
import re

from cfn_lint_chime_messaging.schemas import SCHEMAS
from cfn_lint_chime_messaging.things import is_own_arn, path_of, reference
from cfn_lint_chime_messaging.words import scalar

# A reference in the text of an Fn::Sub; `${!Name}` is no reference.
_IN_SUB = re.compile(r"\$\{\s*([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\s*\}")


class Texts:
    """The texts of values in a template with these resources. What only CloudFormation knows stands in a text as `${…}`."""

    def __init__(self, resources):
        self._resources = resources

    def of(self, value):
        """The text of a value, or None for a list or a map."""
        return self._of(value, ())

    def _of(self, value, reading):
        read = reference(value)
        if read:
            return self._read(*read, reading)
        if not isinstance(value, dict) or len(value) != 1:
            return scalar(value)
        ((name, argument),) = value.items()
        if name == "Fn::Sub":
            return self._substituted(argument, reading)
        if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
            parts = [self._of(part, reading) for part in argument[1]]
            if isinstance(argument[0], str) and None not in parts:
                return argument[0].join(parts)
        return f"${{{json.dumps(value, sort_keys=True, default=str)}}}"

    def _substituted(self, argument, reading):
        text, own = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str) or not isinstance(own, dict):
            return None

        def put_in(match):
            value = self._of(own[match[1]], reading) if match[1] in own and not match[2] else None
            return value or self._read(match[1], match[2] or "Ref", reading)

        return _IN_SUB.sub(put_in, text)

    def _read(self, logical_id, attribute, reading):
        """The text of what a reference gives."""
        unknown = f"${{{logical_id}}}" if attribute == "Ref" else f"${{{logical_id}.{attribute}}}"
        resource = self._resources.get(logical_id, {})
        kind, properties = resource.get("Type"), resource.get("Properties")
        if not isinstance(kind, str) or not isinstance(properties, dict) or logical_id in reading:
            return unknown
        reading = (*reading, logical_id)
        if is_own_arn(kind, attribute):
            parts = {name: self._of(properties.get(name), reading) for name in path_of(kind).values()}
            if parts and None not in parts.values():
                return "".join(f"{before}{parts[name]}" for before, name in path_of(kind).items())
            return f"${{{logical_id}}}"
        # An attribute with the name of a property gives what the property states.
        if kind in SCHEMAS and attribute in SCHEMAS[kind]["attributes"] and attribute in properties:
            return self._of(properties[attribute], reading) or unknown
        return unknown
