#!/usr/bin/env python3
"""Reduces the schemas of AWS's own resource types for the Chime SDK to the parts that the parity test compares.

    python3 crates/chime-simulator/model/native.py

Needs cfn-lint 1.58 or later, whose package contains the schemas. The file records its version and the date.
"""

import datetime
import json
import pathlib
from importlib import metadata

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

NOUNS = ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow", "Channel"]
REGION = "us-east-1"

# The keywords that the parity test compares. Patterns are not compared, because different patterns can be equivalent.
LIMITS = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "enum", "required"]


def names(pointers):
    """The top-level names in a list of pointers such as `/properties/Name`."""
    return sorted({pointer.split("/")[2] for pointer in pointers})


def shape(schema, definitions):
    """The limits of a property and of its members, with references resolved."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    kept = {limit: schema[limit] for limit in LIMITS if limit in schema}
    if "items" in schema:
        kept["items"] = shape(schema["items"], definitions)
    if "properties" in schema:
        kept["properties"] = {name: shape(inner, definitions) for name, inner in sorted(schema["properties"].items())}
    return kept


def reduced(schema):
    read_only = names(schema.get("readOnlyProperties", []))
    definitions = schema.get("definitions", {})
    return {
        "properties": sorted(schema["properties"]),
        "required": sorted(schema.get("required", [])),
        "createOnly": names(schema.get("createOnlyProperties", [])),
        "readOnly": read_only,
        "ref": names(schema["primaryIdentifier"]),
        "shapes": {
            name: shape(inner, definitions)
            for name, inner in sorted(schema["properties"].items())
            if name not in read_only
        },
    }


def main():
    types = {}
    for noun in NOUNS:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, f"AWS::Chime::{noun}").schema
        types[noun] = reduced(schema)
    document = {"cfn-lint": metadata.version("cfn-lint"), "read": datetime.date.today().isoformat(), "types": types}
    path = pathlib.Path(__file__).with_name("native.json")
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
