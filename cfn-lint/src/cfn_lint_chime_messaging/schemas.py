"""What each `Custom::Chime…` type takes and gives, as the generated files in `schemas/` say."""

import json
from pathlib import Path


def name_of(pointer):
    """The name of the property that a schema points to."""
    return pointer.removeprefix("/properties/")


def identifiers(schema):
    """The properties that identify a resource in Chime; none where Chime chooses the id."""
    return [name_of(pointer) for pointer in schema.get("additionalIdentifiers", [[]])[0]]


def _load(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    for pointer in schema["readOnlyProperties"]:
        # CloudFormation's form lists among the properties what only Fn::GetAtt gives.
        del schema["properties"][name_of(pointer)]
    return schema


_LOADED = [_load(path) for path in sorted((Path(__file__).parent / "schemas").glob("*.json"))]

# The schema of each type by its name, such as `Custom::ChimeAppInstance`, with the properties that a template can set.
SCHEMAS = {schema["typeName"]: schema for schema in _LOADED}
