"""The rules, for cfn-lint's `append_rules`: this module by its name, or this folder by its path."""

from cfn_lint_chime_messaging.rules.between_resources import ChimeBearers, ChimeIdentifiers, ChimeScopes, ChimeStreams
from cfn_lint_chime_messaging.rules.single_resources import (
    ChimeAttributes,
    ChimeProperties,
    ChimeServiceTimeout,
    ChimeServiceToken,
    ChimeTypes,
)

__all__ = [
    "ChimeAttributes",
    "ChimeBearers",
    "ChimeIdentifiers",
    "ChimeProperties",
    "ChimeScopes",
    "ChimeServiceTimeout",
    "ChimeServiceToken",
    "ChimeStreams",
    "ChimeTypes",
]
