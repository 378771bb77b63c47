"""The rules for what several resources of a template say together.

The ids are of the range 9xxx, which cfn-lint leaves to the rules of others.
"""

import sys
from pathlib import Path

import networkx
from cfnlint.rules import CloudFormationLintRule, RuleMatch

# cfn-lint loads the files of a folder one by one, outside of the package that they belong to.
if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cfn_lint_chime_messaging import bearers, identifiers, scopes, streams
from cfn_lint_chime_messaging.resources import native, possible, resources
from cfn_lint_chime_messaging.schemas import identifiers as identifiers_of
from cfn_lint_chime_messaging.schemas import SCHEMAS
from cfn_lint_chime_messaging.texts import Texts


class ChimeBearers(CloudFormationLintRule):
    """A bearer whose rights may come too late."""

    id = "W9905"
    shortdesc = "Custom::Chime… resources wait for the rights of their bearer"
    description = "Warns where an admin or moderator of the template gives a ChimeBearer its rights, and nothing puts it first."
    tags = ["resources", "chime", "dependson"]

    def match(self, cfn):
        """One match for each bearer, but not for resources that wait as soon as another one does."""
        return [
            RuleMatch(
                list(place.path),
                f"{place.name} gets its rights from {grant}, and nothing puts {grant} first: add DependsOn: {grant}",
            )
            for place, grant in bearers.unordered(resources(cfn), _texts(cfn), possible(cfn), _before(cfn))
        ]


class ChimeIdentifiers(CloudFormationLintRule):
    """Two resources for one thing."""

    id = "E9906"
    shortdesc = "Each thing in Chime is stated once"
    description = "Checks that no two Chime custom resources state the same user, channel, admin, membership, setting and so on."
    tags = ["resources", "chime"]

    def match(self, cfn):
        """One match for each statement of what stands further up already."""
        return [
            RuleMatch(list(later.place.path), _said(later, earlier, kind))
            for later, earlier, kind in identifiers.doubles(resources(cfn), _texts(cfn), possible(cfn))
        ]


class ChimeStreams(CloudFormationLintRule):
    """A stream that Chime would refuse."""

    id = "E9907"
    shortdesc = "Kinesis data streams for Chime are as it requires"
    description = "Checks the name, the shards and the encryption of the template's data streams that Chime is to write to."
    tags = ["resources", "chime", "kinesis"]

    def match(self, cfn):
        """One match for each problem of a stream that streaming configurations read."""
        readers = [resource.logical_id for resource in resources(cfn) if resource.schema["typeName"] == _STREAMING]
        read = {logical_id for reader in readers for logical_id in _direct(cfn, reader)}
        return [
            RuleMatch(list(place.path), message)
            for logical_id, properties, place in native(cfn, "AWS::Kinesis::Stream")
            if logical_id in read
            for place, message in streams.problems(properties, place, _texts(cfn), possible(cfn))
        ]


class ChimeScopes(CloudFormationLintRule):
    """An ARN of another region or account."""

    id = "E9908"
    shortdesc = "ARNs of Custom::Chime… resources are in one region and account"
    description = "Checks that the ARNs that are written out in a template are in the region and account of its first Chime ARN."
    tags = ["resources", "chime", "arn"]

    def match(self, cfn):
        """One match for each ARN."""
        found = scopes.strangers(resources(cfn), _texts(cfn), possible(cfn))
        return [RuleMatch(list(place.path), message) for place, message in found]


_STREAMING = "Custom::ChimeMessagingStreamingConfigurations"


def _said(later, earlier, kind):
    """What is wrong with a second statement of one thing of a type."""
    if later.logical_id == earlier.logical_id:
        return f"{later.place.name} is the same as {earlier.place.name}"
    names = " and ".join(identifiers_of(SCHEMAS[kind]))
    return f"{later.name()} and {earlier.name()} state the same thing: Chime has one {kind} with this {names}"


def _texts(cfn):
    return Texts(cfn.get_resources())


def _before(cfn):
    """A function that gives the logical ids of what CloudFormation creates before a resource, by references or DependsOn."""
    if cfn.graph is None:
        return lambda logical_id: set()
    graph = cfn.graph.graph
    return lambda logical_id: networkx.descendants(graph, logical_id) if logical_id in graph else set()


def _direct(cfn, logical_id):
    """The logical ids that a resource refers to."""
    return set(cfn.graph.graph.successors(logical_id)) if cfn.graph is not None and logical_id in cfn.graph.graph else set()
