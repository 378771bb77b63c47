"""cfn-lint with the rules of this package, as the tests run it."""

import textwrap
from pathlib import Path

from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.runner import Runner

PROJECT = Path(__file__).resolve().parents[2]
RULES = PROJECT / "cfn-lint/src/cfn_lint_chime_messaging/rules"

_RUNNER = Runner(ConfigMixIn(append_rules=[str(RULES)], regions=["us-east-1"]))


def findings(template):
    """All that cfn-lint finds in a template, its own rules included, as `id line message`."""
    decoded, errors = decode_str(template)
    found = errors or _RUNNER.validate_template(decoded)
    found = sorted(found, key=lambda match: (match.linenumber, match.columnnumber, match.rule.id))
    return [f"{match.rule.id} {match.linenumber} {match.message}" for match in found]


def template(body, head=""):
    """A template with the resources of `body` from line 4 on, or as many lines further down as `head` has."""
    head = textwrap.dedent(head).strip()
    lines = ['AWSTemplateFormatVersion: "2010-09-09"', *([head] if head else [])]
    return "\n".join([*lines, "Resources:", textwrap.indent(textwrap.dedent(body).strip("\n"), "  ")])


def resource(kind, own, common="ServiceToken: arn\nServiceTimeout: 60", condition=None):
    """A template with one resource: with the properties `common` from line 6 on, and its own behind them."""
    head = f"It:\n  Type: Custom::{kind}\n" + (f"  Condition: {condition}\n" if condition else "")
    properties = f"{common}\n{textwrap.dedent(own).strip()}"
    return template(f"{head}  Properties:\n{textwrap.indent(properties, '    ')}")
