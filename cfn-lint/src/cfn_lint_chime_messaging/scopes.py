"""In which regions and accounts the ARNs of a template are."""

import json

from cfn_lint_chime_messaging.functions import LEFT_OUT, UNKNOWN

# The fields of an ARN that Chime requires to be the same for all that works together.
_FIELDS = {3: "region", 4: "account"}


def strangers(resources, texts, is_possible):
    """Each place of an ARN that is in another region or account than the first Chime ARN of the same function, with a sentence."""
    homes = {}
    for resource in resources:
        token = json.dumps(resource.token(), sort_keys=True, default=str)
        for text, place in _arns(resource.properties, resource.schema, resource.place, texts, is_possible):
            fields = text.split(":")
            for at, what in _FIELDS.items():
                value = fields[at] if len(fields) > 5 else ""
                if not value or "$" in value or "{" in value:
                    continue
                if fields[2] == "chime":
                    homes.setdefault((token, at), (value, f"{place.name} of {resource.logical_id}"))
                home, where = homes.get((token, at), (value, ""))
                if value != home:
                    yield place, f"{place.name} must be in {home}, the {what} of {where}, not in {value}"


def _arns(value, schema, place, texts, is_possible):
    """The text and the place of each value that has to be an ARN."""
    for branch, there in place.branches(value, is_possible):
        if branch is LEFT_OUT:
            continue
        if branch is not UNKNOWN and schema["type"] == "object" and isinstance(branch, dict):
            for name, part in branch.items():
                if name in schema["properties"]:
                    yield from _arns(part, schema["properties"][name], there.within(name), texts, is_possible)
        elif branch is not UNKNOWN and schema["type"] == "array" and isinstance(branch, list):
            for at, item in enumerate(branch):
                yield from _arns(item, schema["items"], there.within(at), texts, is_possible)
        elif schema.get("pattern", "").startswith("^arn:"):
            text = texts.of(there.read if branch is UNKNOWN else branch)
            if text and text.startswith("arn:"):
                yield text, there
