"""Which resources state one and the same thing in Chime."""

from collections import defaultdict
from dataclasses import dataclass

from cfn_lint_chime_messaging.functions import Place
from cfn_lint_chime_messaging.resources import possible_together, values
from cfn_lint_chime_messaging.schemas import SCHEMAS, identifiers, name_of


@dataclass(frozen=True)
class Statement:
    """A place that states a thing: a resource, or an item of one that lists several."""

    logical_id: str
    place: Place

    def name(self):
        """How a message calls it."""
        return f"{self.logical_id}.{self.place.name}" if self.place.is_item() else self.logical_id


def doubles(resources, texts, is_possible):
    """Each pair of statements of one thing, the second one first, with the thing's type."""
    things = defaultdict(list)
    for resource in resources:
        for kind, key, place in _things(resource, texts, is_possible):
            things[kind, key].append(Statement(resource.logical_id, place))
    for (kind, _), statements in things.items():
        for at, later in enumerate(statements):
            for earlier in statements[:at]:
                if possible_together(earlier.place, later.place, is_possible):
                    yield later, earlier, kind
                    break


def _things(resource, texts, is_possible):
    """The type, the texts of the identifiers, and the place of each thing that a resource states."""
    kind = resource.schema["typeName"]
    if "lists" in resource.schema:
        kind = resource.schema["lists"]["typeName"]
        property_name = name_of(resource.schema["lists"]["property"])
        for listed, place in resource.values(property_name, is_possible):
            for at, item in enumerate(listed if isinstance(listed, list) else []):
                for value, there in values(item, place.within(at), is_possible):
                    key = tuple(_text(resource, name, texts, value) for name in identifiers(SCHEMAS[kind]))
                    if None not in key:
                        yield kind, key, there
    elif identifiers(resource.schema):
        key = tuple(_text(resource, name, texts) for name in identifiers(resource.schema))
        if None not in key:
            yield kind, key, resource.place


def _text(resource, name, texts, other=None):
    """The text of a property, or of `other` where the resource's type has no such property."""
    if not isinstance(resource.properties, dict):
        return None
    return texts.of(resource.properties.get(name) if name in resource.schema["properties"] else other)
