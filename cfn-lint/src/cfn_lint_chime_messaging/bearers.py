"""Which resources act as a user or bot that may not have its rights yet."""

from dataclasses import dataclass

from cfn_lint_chime_messaging.functions import Place
from cfn_lint_chime_messaging.resources import possible_together
from cfn_lint_chime_messaging.schemas import identifiers, name_of


@dataclass(frozen=True)
class _Grant:
    """A resource that makes a user or bot an admin or a moderator, with the text of its ARN, and the texts of what it is one of."""

    logical_id: str
    bearer: str
    scope: dict
    place: Place


def unordered(resources, texts, is_possible, before):
    """The place of each bearer whose rights another resource gives, and that resource, where nothing puts it first.

    `before` gives the logical ids of what CloudFormation creates before a resource.
    """
    resources = list(resources)
    grants = [grant for resource in resources for grant in _grants(resource, texts, is_possible)]
    found = []
    for resource in resources:
        pointer = resource.schema.get("bearer")
        for value, place in resource.values(name_of(pointer), is_possible) if pointer else ():
            waits_for = before(resource.logical_id)
            usable = [
                grant
                for grant in grants
                if grant.bearer == texts.of(value)
                and all(texts.of(resource.properties.get(name)) == text for name, text in grant.scope.items())
                and possible_together(grant.place, place, is_possible)
                and resource.logical_id not in (grant.logical_id, *before(grant.logical_id))
            ]
            if usable and not any(grant.logical_id in waits_for for grant in usable):
                # An admin may do more than a moderator.
                found.append((resource.logical_id, place, min(usable, key=lambda grant: len(grant.scope)).logical_id))
    for logical_id, place, grant in found:
        # Once a resource waits, those wait that depend on it.
        if not any(other in before(logical_id) and its == grant for other, _, its in found):
            yield place, grant


def _grants(resource, texts, is_possible):
    pointer = resource.schema.get("authorizes")
    if pointer:
        others = [name for name in identifiers(resource.schema) if name != name_of(pointer)]
        for value, place in resource.values(name_of(pointer), is_possible):
            scope = {name: texts.of(resource.properties.get(name)) for name in others}
            bearer = texts.of(value)
            # What is left out or no text is another rule's.
            if None not in (bearer, *scope.values()):
                yield _Grant(resource.logical_id, bearer, scope, place)
