"""Prints the Terraform configuration of a folder as JSON: the blocks of all its files, by their kind."""

import json
import sys
from pathlib import Path

import hcl2

merged = {}
for path in sorted(Path(sys.argv[1]).glob("*.tf")):
    with path.open(encoding="utf-8") as file:
        for kind, blocks in hcl2.load(file).items():
            if isinstance(blocks, list):
                merged.setdefault(kind, []).extend(blocks)
print(json.dumps(merged))
