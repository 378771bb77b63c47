"""Prints the script of a step of action.yml: the file and the name of the step are the arguments."""

import sys
from pathlib import Path

import yaml

path, wanted = sys.argv[1:]
steps = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["runs"]["steps"]
(script,) = [step["run"] for step in steps if step["name"] == wanted]
print(script)
