#!/usr/bin/env python3
"""Reduces the schemas of CloudFormation's own types of the Chime SDK to what the parity test compares.

    python3 local/model/native.py

Needs an installed cfn-lint of 1.58 or later, whose package holds the schemas; its version and the day are written into the file.
"""

import datetime
import json
import pathlib
from importlib import metadata

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

NOUNS = ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow", "Channel"]
REGION = "us-east-1"


def names(pointers):
    """What a list of pointers such as `/properties/Name` names, at the top."""
    return sorted({pointer.split("/")[2] for pointer in pointers})


def reduced(schema):
    return {
        "properties": sorted(schema["properties"]),
        "required": sorted(schema.get("required", [])),
        "createOnly": names(schema.get("createOnlyProperties", [])),
        "readOnly": names(schema.get("readOnlyProperties", [])),
        "ref": names(schema["primaryIdentifier"]),
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
