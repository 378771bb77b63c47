"""The rules for each `Custom::Chime…` resource by itself. Each checks what a template says against the generated schemas.

The ids are of the range 9xxx, which cfn-lint leaves to the rules of others.
"""

import sys
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule, RuleMatch

# cfn-lint loads the files of a folder one by one, outside of the package that they belong to.
if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cfn_lint_chime_messaging.problems import Problems, hint
from cfn_lint_chime_messaging.resources import is_ours_in, possible, resources
from cfn_lint_chime_messaging.schemas import SCHEMAS
from cfn_lint_chime_messaging.texts import Texts
from cfn_lint_chime_messaging.tokens import meant_import
from cfn_lint_chime_messaging.words import did_you_mean

_CUSTOM = "Custom::"
# The type of any custom resource. The constructs of cdk-amazon-chime-resources state it, with a resourceType among the properties.
_UNTYPED = "AWS::CloudFormation::CustomResource"


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
            if written == _UNTYPED and _needs_a_type(resource, cfn):
                message = f"{written} is not a type of the function, state one such as {_CUSTOM}ChimeAppInstance"
                matches.append(RuleMatch(["Resources", logical_id, "Type"], message))
            if not isinstance(written, str) or not written.startswith(_CUSTOM) or written in SCHEMAS:
                continue
            ours = is_ours_in(resource, cfn)
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
            for resource in resources(cfn)
            for path, message in problems.of(resource.properties, resource.schema, resource.place)
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
        stated = cfn.get_resources()
        for path, logical_id, attribute in _reads(cfn):
            name = stated.get(logical_id, {}).get("Type")
            schema = SCHEMAS.get(name) if isinstance(name, str) else None
            if schema and is_ours_in(stated[logical_id], cfn) is False:
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
            for resource in resources(cfn)
            if isinstance(resource.properties, dict)
            for place in problems.left_out(resource.properties, "ServiceTimeout", resource.place)
        ]


class ChimeServiceToken(CloudFormationLintRule):
    """An import that is named nearly as the function's export is."""

    id = "W9909"
    shortdesc = "ServiceToken of Custom::Chime… resources is the function's export"
    description = "Warns of a ServiceToken of a Chime custom resource that is imported under nearly the name of the function's export."
    tags = ["resources", "chime", "importvalue"]

    def match(self, cfn):
        """One match for each resource."""
        return [
            RuleMatch([*resource.place.path, "ServiceToken"], f"{meant[0]} is not the function's export, did you mean {meant[1]}?")
            for resource in resources(cfn)
            if (meant := meant_import(resource.token()))
        ]


def _needs_a_type(resource, cfn):
    """Whether a resource without a type of its own goes to the function, and is not of the older library's constructs."""
    return is_ours_in(resource, cfn) is True and "resourceType" not in resource["Properties"]


def _problems(cfn):
    """Finds problems in this template."""
    stated = cfn.get_resources()
    return Problems(possible(cfn), lambda logical_id: stated.get(logical_id, {}).get("Type"), Texts(stated), cfn.template.get("Parameters"))


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
