"""Whose a ServiceToken is, as far as a template tells."""

import difflib
import re

# What the function is called unless it is given another NamePrefix.
_NAME = "chime-messaging-resources"
_EXPORT = f"{_NAME}-ServiceToken"


def is_ours(token, template):
    """True for an ARN or an import of ours, False for one of another provider's, None where the template does not tell."""
    if isinstance(token, str):
        function = re.match(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)", token)
        return _NAME in function[1] if function else None
    if not isinstance(token, dict) or len(token) != 1:
        return None
    ((name, argument),) = token.items()
    if name == "Fn::ImportValue":
        text = _text(argument)
        return None if text is None else _NAME in text or (None if "${" in text or _is_misspelled(text) else False)
    if name == "Fn::Sub":
        text = _text(token)
        # Its account and region are open, and the function's name may be.
        function = text and re.search(r":function:([^:]+)", text)
        return None if not function or "${" in function[1] else _NAME in function[1]
    if name == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else argument
        resource = (template.get("Resources") or {}).get(parts[0]) if parts and isinstance(parts[0], str) else None
        return _is_our_function(resource) if isinstance(resource, dict) else None
    if name == "Ref" and isinstance(argument, str):
        parameter = (template.get("Parameters") or {}).get(argument)
        default = parameter.get("Default") if isinstance(parameter, dict) else None
        return is_ours(default, template) if isinstance(default, str) else None
    return None


def meant_import(token):
    """The name that a ServiceToken imports, and that of the function's export, where the first is nearly the second; otherwise None."""
    name = _text(token.get("Fn::ImportValue")) if isinstance(token, dict) and len(token) == 1 else None
    if name is None or "${" in name or name.endswith(_EXPORT):
        return None
    if _NAME in name:
        # What stands before and after the name is the author's own.
        return name, f"{name[: name.index(_NAME)]}{_EXPORT}"
    return (name, _EXPORT) if _is_misspelled(name) else None


def _is_misspelled(name):
    """Whether an export is named nearly as ours is: a slip of the pen is likelier than another provider."""
    return difflib.SequenceMatcher(None, name, _EXPORT).ratio() > 0.9


def _is_our_function(resource):
    """Whose a function of the same template is: another's, unless its name says ours or is open."""
    if resource.get("Type") not in ("AWS::Lambda::Function", "AWS::Serverless::Function"):
        return None  # A nested stack, say.
    name = (resource.get("Properties") or {}).get("FunctionName", "")
    return _NAME in name if isinstance(name, str) else None


def _text(value):
    """The text of a string or of an Fn::Sub, or None."""
    if isinstance(value, dict) and len(value) == 1:
        value = value.get("Fn::Sub")
        value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else None
