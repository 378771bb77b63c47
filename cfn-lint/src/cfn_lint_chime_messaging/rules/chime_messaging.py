"""The rules for `Custom::Chime…` resources. Each checks what a template says against the generated schemas.

The ids are of the range 9xxx, which cfn-lint leaves to the rules of others.
"""

import sys
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule, RuleMatch

# cfn-lint loads the files of a folder one by one, outside of the package that they belong to.
if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cfn_lint_chime_messaging.functions import Place
from cfn_lint_chime_messaging.problems import Problems, hint
from cfn_lint_chime_messaging.schemas import SCHEMAS
from cfn_lint_chime_messaging.tokens import is_ours
from cfn_lint_chime_messaging.words import did_you_mean

_CUSTOM = "Custom::"


class ChimeTypes(CloudFormationLintRule):
    """A type that the function does not know."""

    id = "E9901"
    shortdesc = "Custom::Chime… type exists"
    description = "Checks that the type of a Chime custom resource is one that the function knows."
    tags = ["resources", "chime"]

    def match(self, cfn):
        """One match for each type that is ours by its name, or nearly, and does not exist."""
        matches = []
        names = [name.removeprefix(_CUSTOM) for name in SCHEMAS]
        for logical_id, resource in cfn.get_resources().items():
            written = resource["Type"]
            if not isinstance(written, str) or not written.startswith(_CUSTOM) or written in SCHEMAS:
                continue
            ours = _is_ours(resource, cfn)
            meant = None if ours is False else did_you_mean(written.removeprefix(_CUSTOM), names)
            if meant:
                message = f"{written} is not a type, did you mean {_CUSTOM}{meant}?"
            elif ours:
                message = f"{written} is not a type (there are {', '.join(SCHEMAS)})"
            else:
                continue  # Somebody else's.
            matches.append(RuleMatch(["Resources", logical_id, "Type"], message))
        return matches


class ChimeProperties(CloudFormationLintRule):
    """A property that the function would refuse."""

    id = "E9902"
    shortdesc = "Properties of Custom::Chime… resources are right"
    description = "Checks the properties of Chime custom resources: unknown and missing ones, types and limits."
    tags = ["resources", "chime"]

    def match(self, cfn):
        """One match for each problem."""
        problems = _problems(cfn)
        return [
            RuleMatch(list(path), message)
            for schema, properties, place in _resources(cfn)
            for path, message in problems.of(properties, schema, place)
            # cfn-lint itself says so of each custom resource, in E3003.
            if message != "ServiceToken is required"
        ]


class ChimeAttributes(CloudFormationLintRule):
    """An attribute that the function does not give."""

    id = "E9903"
    shortdesc = "Attributes of Custom::Chime… resources exist"
    description = "Checks that Fn::GetAtt and Fn::Sub read attributes that Chime custom resources have."
    tags = ["functions", "getatt", "sub", "chime"]

    def match(self, cfn):
        """One match for each read of an attribute that does not exist."""
        matches = []
        resources = cfn.get_resources()
        for path, logical_id, attribute in _reads(cfn):
            name = resources.get(logical_id, {}).get("Type")
            schema = SCHEMAS.get(name) if isinstance(name, str) else None
            if schema and _is_ours(resources[logical_id], cfn) is False:
                continue
            if schema and path[0] in ("Resources", "Outputs") and attribute not in schema["attributes"]:
                end = hint(attribute, schema["attributes"])
                matches.append(RuleMatch(path, f"{attribute} is not an attribute of {name}{end}"))
        return matches


class ChimeServiceTimeout(CloudFormationLintRule):
    """A resource that a stack may wait for, for an hour."""

    id = "W9904"
    shortdesc = "Custom::Chime… resources have a ServiceTimeout"
    description = "Warns of a Chime custom resource without ServiceTimeout: CloudFormation then waits an hour for it."
    tags = ["resources", "chime"]

    def match(self, cfn):
        """One match for each resource, or each branch of an Fn::If, without one."""
        problems = _problems(cfn)
        message = "ServiceTimeout is not set: if the function never answers, CloudFormation waits for an hour"
        return [
            RuleMatch(list(place.path), message)
            for _, properties, place in _resources(cfn)
            if isinstance(properties, dict)
            for place in problems.left_out(properties, "ServiceTimeout", place)
        ]


def _is_ours(resource, cfn):
    """Whether the resource's ServiceToken is ours, as far as the template tells."""
    properties = resource.get("Properties")
    return is_ours(properties.get("ServiceToken"), cfn.template) if isinstance(properties, dict) else None


def _resources(cfn):
    """The schema, the properties and their place of each resource that has a schema and is not another provider's."""
    for logical_id, resource in cfn.get_resources().items():
        schema = SCHEMAS.get(resource["Type"]) if isinstance(resource["Type"], str) else None
        if schema and _is_ours(resource, cfn) is not False:
            path = ("Resources", logical_id, "Properties") if "Properties" in resource else ("Resources", logical_id)
            condition = resource.get("Condition")
            conditions = {condition: True} if isinstance(condition, str) else {}
            yield schema, resource.get("Properties", {}), Place(path, conditions=conditions)


def _problems(cfn):
    """Finds problems in this template."""
    resources = cfn.get_resources()
    return Problems(_possible(cfn), lambda logical_id: resources.get(logical_id, {}).get("Type"))


def _possible(cfn):
    """Whether conditions can hold together, as cfn-lint works it out."""

    def is_possible(conditions):
        wanted = {name: {holds} for name, holds in conditions.items()}
        return any(True for _ in cfn.conditions.build_scenarios(wanted))

    return is_possible


def _reads(cfn):
    """The path, the logical id and the attribute of each Fn::GetAtt and of each `${Id.Attribute}` in an Fn::Sub."""
    for *path, argument in cfn.search_deep_keys("Fn::GetAtt", includeGlobals=False):
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
            yield path, *parts
    for *path, argument in cfn.search_deep_keys("Fn::Sub", includeGlobals=False):
        for name in cfn.get_sub_parameters(argument[0] if isinstance(argument, list) and argument else argument):
            if "." in name:
                yield path, *name.split(".", 1)
