"""Runs MiniStack until standard input ends, and with it every process of a Lambda function.

Standard input is a pipe that the parent holds: however the parent ends, nothing of this outlives it.

The first argument is an extension: Python that runs before MiniStack starts, with all that this file imports and defines.

Of a data stream MiniStack forgets the encryption and changes of the shards, which Chime asks about. Both are kept here.
"""

import os
import runpy
import signal
import sys
import threading

from ministack.core.responses import get_account_id, get_region
from ministack.services import kinesis
from ministack.services.cloudformation import engine, handlers, provisioners, stacks

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
SECTIONS = {
    "AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules",
}
RESOURCE_ATTRIBUTES = {
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy",
}


def end_with_the_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def stream_created(create):
    """The same, and the stream is as the template says."""

    def created(logical_id, props, stack_name):
        made = create(logical_id, props, stack_name)
        keep_stream(made[0], props)
        return made

    return created


def stream_updated(update):
    """The same, and the stream is as the template says."""

    def updated(physical_id, old_props, new_props, stack_name):
        made = update(physical_id, old_props, new_props, stack_name)
        keep_stream(made[0], new_props)
        return made

    return updated


def keep_stream(name, props):
    stream = kinesis._streams[name]
    encryption = props.get("StreamEncryption") or {}
    stream["EncryptionType"] = encryption.get("EncryptionType", "NONE")
    stream["KeyId"] = encryption.get("KeyId")
    shards = int(props.get("ShardCount") or len(stream["shards"]))
    if shards != len(stream["shards"]):
        # Without their records: nothing streams any here.
        stream["shards"] = kinesis._build_shards(shards)


def strict(action):
    """The same, but as in CloudFormation it refuses parameters and names that there are none of, circles, and another type for a resource."""

    def checked(params):
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        body, _ = handlers._resolve_template(params)
        try:
            template = handlers._parse_template(body) if body else None
        except Exception:  # What is no template is told by the action itself.
            template = None
        refusal = refusal_of(params, template, stack) if isinstance(template, dict) else None
        return handlers._error("ValidationError", refusal) if refusal else action(params)

    return checked


def refusal_of(params, template, stack):
    given = [given["Key"] for given in handlers._extract_members(params, "Parameters")]
    unknown = [name for name in given if name not in (template.get("Parameters") or {})]
    if unknown:
        return f"Parameters: [{', '.join(unknown)}] do not exist in the template"
    is_there = stack.get("StackStatus") not in (None, "DELETE_COMPLETE")
    before = ((stack.get("_template") or {}).get("Resources") or {}) if is_there else {}
    after = template.get("Resources") or {}
    changed = [name for name in after if name in before and before[name].get("Type") != after[name].get("Type")]
    if changed:
        return (
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(changed)}]"
        )
    # What a transform makes of a template is not known here.
    if template.get("Transform") or is_anywhere("Fn::Transform", template):
        return None
    if not isinstance(after, dict) or not all(isinstance(definition, dict) for definition in after.values()):
        return None
    return unresolved_in(template, after) or circle_in(after)


def is_anywhere(key, value):
    if isinstance(value, dict):
        return key in value or any(is_anywhere(key, item) for item in value.values())
    return isinstance(value, list) and any(is_anywhere(key, item) for item in value)


def unresolved_in(template, resources):
    """What CloudFormation says of a template that names what is not there."""
    unknown = sorted(set(template) - SECTIONS)
    if unknown:
        return f"Template format error: Invalid template property or properties [{', '.join(unknown)}]"
    for definition in resources.values():
        for attribute in sorted(set(definition) - RESOURCE_ATTRIBUTES):
            return f"Template format error: Invalid template resource property '{attribute}'"
    parameters = template.get("Parameters") or {}
    conditions = template.get("Conditions") or {}
    for block in ["Resources", "Outputs"]:
        definitions = [it for it in (template.get(block) or {}).values() if isinstance(it, dict)]
        references = list(engine._intrinsic_references(definitions))
        # A parameter has no attributes, and nothing waits for it.
        named = {name for name, attribute in references if attribute or name not in parameters}
        if block == "Resources":
            named.update(name for definition in definitions for name in waits_for(definition))
        missing = sorted(name for name in named if name not in resources and not name.startswith("AWS::"))
        if missing:
            return (
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the {block} block of "
                "the template"
            )
        used = [it.get("Condition") for it in definitions] + list(conditions_in(definitions))
        for condition in used:
            if isinstance(condition, str) and condition not in conditions:
                return f"Template format error: Unresolved condition dependency {condition} in the {block} block of the template"
    return None


def waits_for(definition):
    depends_on = definition.get("DependsOn") or []
    return [name for name in ([depends_on] if isinstance(depends_on, str) else depends_on) if isinstance(name, str)]


def conditions_in(value):
    """The conditions of each Fn::If."""
    if isinstance(value, dict) and isinstance(value.get("Fn::If"), list):
        yield from value["Fn::If"][:1]
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from conditions_in(item)


def circle_in(resources):
    """What CloudFormation says of resources of which each needs another first. MiniStack says it too, and then waits for ever.

    What is there on a condition may close no circle.
    """
    certain = {name: without_branches(it) for name, it in resources.items() if "Condition" not in it}
    selfish = [name for name, it in certain.items() if name in engine._extract_deps(it, {name})]
    if selfish:
        return f"Circular dependency between resources: [{', '.join(selfish)}]"
    try:
        engine._topological_sort(certain, {})
    except ValueError as circle:
        return f"Circular dependency between resources: [{str(circle).partition(': ')[2]}]"
    return None


def without_branches(value):
    if isinstance(value, dict):
        return {key: without_branches(item) for key, item in value.items() if key != "Fn::If"}
    return [without_branches(item) for item in value] if isinstance(value, list) else value


streams = provisioners._RESOURCE_HANDLERS["AWS::Kinesis::Stream"]
streams["create"] = stream_created(streams["create"])
streams["update"] = stream_updated(streams["update"])
for action in ["CreateStack", "UpdateStack"]:
    handlers._ACTION_HANDLERS[action] = strict(handlers._ACTION_HANDLERS[action])
# MiniStack reads the arguments too.
exec(sys.argv.pop())

threading.Thread(target=end_with_the_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
