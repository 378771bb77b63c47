"""What each `Custom::Chime…` type takes and gives, as the generated files in `schemas/` say."""

import json
from pathlib import Path


def _load(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    for pointer in schema["readOnlyProperties"]:
        # CloudFormation's form lists among the properties what only Fn::GetAtt gives.
        del schema["properties"][pointer.removeprefix("/properties/")]
    return schema


_LOADED = [_load(path) for path in sorted((Path(__file__).parent / "schemas").glob("*.json"))]

# The schema of each type by its name, such as `Custom::ChimeAppInstance`, with the properties that a template can set.
SCHEMAS = {schema["typeName"]: schema for schema in _LOADED}
