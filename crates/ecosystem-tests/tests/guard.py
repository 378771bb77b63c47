"""Prints what cloudformation-validate says of templates with rules of Guard alone: the template's name, the rule and its message."""

import sys
from pathlib import Path

from cloudformation_validate import CompositeEngine, CompositeEngineConfig, ValidateConfig, file_to_external_rule_source

rules, *templates = sys.argv[1:]
engine = CompositeEngine(CompositeEngineConfig(guard_rules=[file_to_external_rule_source(rules)]))
for template in templates:
    for found in engine.validate_template(template, ValidateConfig(disable_builtin_rules=True)).diagnostics:
        print(f"{Path(template).name} {found.rule_id} {found.message}")
