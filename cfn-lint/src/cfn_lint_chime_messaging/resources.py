"""The resources of a template that the rules check."""

from dataclasses import dataclass

from cfn_lint_chime_messaging.functions import LEFT_OUT, UNKNOWN, Place
from cfn_lint_chime_messaging.schemas import SCHEMAS
from cfn_lint_chime_messaging.tokens import is_ours


@dataclass(frozen=True)
class Resource:
    """A resource with the schema of its type, its properties as they are written, and their place."""

    logical_id: str
    schema: dict
    properties: object
    place: Place

    def token(self):
        """Its ServiceToken, as it is written."""
        return self.properties.get("ServiceToken") if isinstance(self.properties, dict) else None

    def values(self, name, is_possible):
        """Each (value, place) that a property can come to, as it is written: an intrinsic function stays one."""
        if isinstance(self.properties, dict) and name in self.properties:
            yield from values(self.properties[name], self.place.within(name), is_possible)


def values(written, place, is_possible):
    """Each (value, place) that a value can come to, as it is written, without those that are left out."""
    for branch, there in place.branches(written, is_possible):
        if branch is UNKNOWN and there.read is not None:
            yield there.read, there
        elif branch is not UNKNOWN and branch is not LEFT_OUT:
            yield branch, there


def resources(cfn):
    """Each resource that has a schema and is not another provider's."""
    for logical_id, resource in cfn.get_resources().items():
        schema = SCHEMAS.get(resource["Type"]) if isinstance(resource["Type"], str) else None
        if schema and is_ours_in(resource, cfn) is not False:
            yield Resource(logical_id, schema, resource.get("Properties", {}), _place(logical_id, resource))


def is_ours_in(resource, cfn):
    """Whether the resource's ServiceToken is ours, as far as the template tells."""
    properties = resource.get("Properties")
    return is_ours(properties.get("ServiceToken"), cfn.template) if isinstance(properties, dict) else None


def native(cfn, kind):
    """The logical id, the properties and their place of each resource of one of AWS's own types."""
    for logical_id, resource in cfn.get_resources(kind).items():
        properties = resource.get("Properties", {})
        if isinstance(properties, dict):
            yield logical_id, properties, _place(logical_id, resource)


def possible(cfn):
    """Whether conditions, by their names, can hold together, as cfn-lint works it out."""

    def is_possible(conditions):
        wanted = {name: {holds} for name, holds in conditions.items()}
        return not wanted or any(True for _ in cfn.conditions.build_scenarios(wanted))

    return is_possible


def possible_together(one, other, is_possible):
    """Whether the conditions of two places can hold together."""
    contradict = any(other.conditions.get(name, holds) is not holds for name, holds in one.conditions.items())
    return not contradict and is_possible({**one.conditions, **other.conditions})


def _place(logical_id, resource):
    path = ("Resources", logical_id, "Properties") if "Properties" in resource else ("Resources", logical_id)
    condition = resource.get("Condition")
    return Place(path, conditions={condition: True} if isinstance(condition, str) else {})
