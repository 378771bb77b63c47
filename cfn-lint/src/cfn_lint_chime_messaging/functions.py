"""Intrinsic functions: which values are known before a stack is deployed, and under which conditions."""

from dataclasses import dataclass, field, replace


class _Marker:
    """A value that is no value of a template."""


# What `Ref: AWS::NoValue` stands for: the property is left out.
LEFT_OUT = _Marker()
# What every other intrinsic function stands for: CloudFormation alone knows.
UNKNOWN = _Marker()


@dataclass(frozen=True)
class Place:
    """A place in a template: its path, its name in a message, the conditions that have to hold for it to count, and the function whose
    value is not known that stands there.
    """

    path: tuple
    name: str = ""
    conditions: dict = field(default_factory=dict)
    read: object = None

    def within(self, part):
        """The place of a property, by its name, or of an item, by its index."""
        if isinstance(part, int):
            name = f"{self.name}[{part}]"
        else:
            name = f"{self.name}.{part}" if self.name else part
        return replace(self, path=(*self.path, part), name=name)

    def is_item(self):
        """Whether it is an item of a list."""
        return self.name.endswith("]")

    def branches(self, value, is_possible):
        """Each (value, place) that a value can come to: itself, or what the branches of an Fn::If come to.

        `is_possible` says of conditions, by their names, whether they can hold together.
        """
        name = _function(value)
        arguments = value[name] if name else None
        if value is None or (name and name != "Fn::If" and value != {"Ref": "AWS::NoValue"}):
            yield UNKNOWN, replace(self, read=value)
        elif not name:
            yield value, self
        elif name == "Ref":
            yield LEFT_OUT, self
        elif not isinstance(arguments, list) or len(arguments) != 3 or not isinstance(arguments[0], str):
            yield UNKNOWN, self  # cfn-lint itself has a rule for that.
        else:
            for at, holds in ((1, True), (2, False)):
                conditions = {**self.conditions, arguments[0]: holds}
                if self.conditions.get(arguments[0], holds) is holds and is_possible(conditions):
                    branch = replace(self, path=(*self.path, name, at), conditions=conditions)
                    yield from branch.branches(arguments[at], is_possible)


def is_open(names):
    """Whether a macro or a loop puts more into a map of these names."""
    return any(str(name).startswith("Fn::") for name in names)


def _function(value):
    """The name of the intrinsic function that a value is, or None."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (name,) = value
    return name if name == "Ref" or is_open([name]) else None
