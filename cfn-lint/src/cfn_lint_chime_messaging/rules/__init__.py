"""The rules, for cfn-lint's `append_rules`: this module by its name, or this folder by its path."""

from cfn_lint_chime_messaging.rules.chime_messaging import (
    ChimeAttributes,
    ChimeProperties,
    ChimeServiceTimeout,
    ChimeTypes,
)

__all__ = ["ChimeAttributes", "ChimeProperties", "ChimeServiceTimeout", "ChimeTypes"]
