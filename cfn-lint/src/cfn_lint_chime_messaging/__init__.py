"""cfn-lint rules for the custom resources of Amazon Chime SDK messaging."""

from pathlib import Path

# The folder that cfn-lint's append_rules takes, where this package is not installed beside cfn-lint.
RULES = Path(__file__).parent / "rules"


def print_rules():
    """Prints the folder of the rules, for `cfn-lint --append-rules "$(cfn-lint-chime-messaging)"`."""
    print(RULES)
