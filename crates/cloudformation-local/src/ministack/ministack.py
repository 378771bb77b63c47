"""Runs MiniStack, and every process of a Lambda function, until standard input ends.

Standard input is a pipe of the parent process, so no process outlives the parent, however that ends.

The first argument is an extension: Python code that runs before MiniStack starts, in the namespace of this file.

MiniStack ignores the encryption of a data stream and changes of its shards, which Chime checks, and its events lack the properties of
custom resources. This file implements all three. It also ends a wait for an answer that will not come: that of a function that failed.
"""

import json
import os
import runpy
import signal
import sys
import threading
from xml.sax.saxutils import escape

import ministack.services.cloudformation as cloudformation
from ministack.core import persistence
from ministack.core.responses import get_account_id, get_region
from ministack.services import kinesis, lambda_svc
from ministack.services.cloudformation import custom_resource, engine, handlers, provisioners, stacks

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
SECTIONS = {
    "AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules",
}
RESOURCE_ATTRIBUTES = {
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy",
}


def end_with_the_parent():
    # The parent writes a word if what is there is to be kept.
    if sys.stdin.buffer.read():
        from ministack import app

        persistence.save_all(app._build_persistence_save_dict())
    os.killpg(0, signal.SIGKILL)


def keeping_retained(delete):
    """Wraps the deletion of a nested stack so that its resources with a DeletionPolicy of Retain stay, as in AWS."""

    def deleted(physical_id, props, *rest, **named):
        child = cloudformation._stacks.get(provisioners._nested_stack_lookup_name(physical_id)) or {}
        definitions = (child.get("_template") or {}).get("Resources") or {}
        for logical_id, resource in list(child.get("_resources", {}).items()):
            policy = stacks._resource_policy(
                definitions.get(logical_id), "DeletionPolicy", child["_resources"], child.get("_resolved_params", {}),
                child.get("_conditions", {}), child["_template"].get("Mappings", {}), child["StackName"], child["StackId"],
            )
            if policy in stacks._RETAINING_POLICIES:
                stacks._add_event(
                    child["StackId"], child["StackName"], logical_id, resource["ResourceType"], "DELETE_SKIPPED",
                    physical_id=resource["PhysicalResourceId"],
                )
                del child["_resources"][logical_id]
        return delete(physical_id, props, *rest, **named)

    return deleted


def stream_created(create):
    """Wraps a handler so that the stream gets the encryption and shards of the template."""

    def created(logical_id, props, stack_name):
        made = create(logical_id, props, stack_name)
        keep_stream(made[0], props)
        return made

    return created


def stream_updated(update):
    """Wraps a handler so that the stream gets the encryption and shards of the template."""

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
        # Records are lost, but there are none.
        stream["shards"] = kinesis._build_shards(shards)


# The properties of the last successful create or update of each custom resource, by stack id and logical id.
last_properties = {}


def remembered(invoke):
    """Wraps the invocation of a custom resource so that its properties are known when the event is recorded."""

    def invoked(request_type, logical_id, props, stack_name, stack_id, *rest, **named):
        if not props.get("ServiceToken"):
            raise ValueError(
                "ServiceToken is missing: the ARN of the function that provides the resource, which its stack exports (Fn::ImportValue)"
            )
        answer = invoke(request_type, logical_id, props, stack_name, stack_id, *rest, **named)
        if request_type != "Delete":
            properties = custom_resource._normalise_resource_properties(props)
            last_properties[stack_id, logical_id] = json.dumps(properties)
        return answer

    return invoked


def with_properties(add_event):
    """Wraps the recording of an event so that the success of a custom resource has its properties."""

    def added(stack_id, stack_name, logical_id, resource_type, status, *rest, **named):
        add_event(stack_id, stack_name, logical_id, resource_type, status, *rest, **named)
        properties = last_properties.get((stack_id, logical_id)) or recorded_properties(stack_id, logical_id)
        if properties and status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            cloudformation._stack_events[stack_id][-1]["ResourceProperties"] = properties

    return added


def recorded_properties(stack_id, logical_id):
    """The properties in the last event of a resource that has any: of an earlier run, whose state was kept."""
    for event in reversed(cloudformation._stack_events.get(stack_id, [])):
        if event["LogicalResourceId"] == logical_id and "ResourceProperties" in event:
            return event["ResourceProperties"]
    return None


def showing_properties(describe):
    """Wraps DescribeStackEvents so that it shows what the events hold."""

    def described(params):
        status, headers, body = describe(params)
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        for event in cloudformation._stack_events.get(stack.get("StackId"), []):
            if "ResourceProperties" in event:
                identity = f"<EventId>{event['EventId']}</EventId>"
                shown = f"{identity}<ResourceProperties>{escape(event['ResourceProperties'])}</ResourceProperties>"
                body = body.replace(identity.encode(), shown.encode())
        return status, headers, body

    return described


# How many lines of a function's log are shown when it failed.
LOG_LINES = 8

# How much of each line is shown.
LOG_WIDTH = 300


def answering(execute):
    """Wraps the execution of a function so that CloudFormation does not wait for the answer of one that failed.

    In AWS, Lambda runs such a function twice more, and CloudFormation waits until the ServiceTimeout.
    """

    def executed(function, event):
        try:
            result = execute(function, event)
        except Exception as error:
            result = {"error": True, "body": {"errorMessage": str(error)}}
        if not is_awaited(event):
            return result
        name = (function.get("config") or {}).get("FunctionName", "")
        if result.get("error") or result.get("throttle"):
            reason = f"The function {name} failed without an answer to CloudFormation: {failure_in(result)}"
            custom_resource.deliver_response(token_of(event), {"Status": "FAILED", "Reason": reason})
        else:
            note_missing_answer(name, event)
        return result

    return executed


def token_of(event):
    """The last part of the ResponseURL of a custom resource's event."""
    url = event.get("ResponseURL") if isinstance(event, dict) else None
    return url.rpartition("/")[2] if isinstance(url, str) else None


def is_awaited(event):
    """Whether CloudFormation still waits for the answer to an event."""
    return (custom_resource._pending.get(token_of(event)) or {"result": {}})["result"] is None


def failure_in(result):
    """What a failed function said, and the end of its log."""
    body = result.get("body")
    message = str(body.get("errorMessage") or body) if isinstance(body, dict) else str(body)
    lines = [line.rstrip()[:LOG_WIDTH] for line in (result.get("log") or "").splitlines() if line.strip()]
    lines = [line for line in lines if line.strip() != message.strip()][-LOG_LINES:]
    return "\n".join([message, *lines])


def note_missing_answer(name, event):
    """An event of the stack: the function has ended, and its answer may still come from elsewhere."""
    status = {"Create": "CREATE_IN_PROGRESS", "Update": "UPDATE_IN_PROGRESS"}.get(event["RequestType"], "DELETE_IN_PROGRESS")
    timeout = (event.get("ResourceProperties") or {}).get("ServiceTimeout", "3600")
    reason = f"The function {name} has ended without an answer. CloudFormation waits for one, for {timeout} seconds at most."
    stack_id = event["StackId"]
    stacks._add_event(
        stack_id, stack_id.split("/")[1], event["LogicalResourceId"], event["ResourceType"], status, reason,
        event.get("PhysicalResourceId", ""),
    )


def naming_attributes(message):
    """Wraps the message about an unknown attribute so that it has the names of those there are."""

    def named(resource, logical_id, attribute):
        names = ", ".join(sorted(resource.get("Attributes") or {})) or "none"
        return f"{message(resource, logical_id, attribute)} (the attributes of {logical_id} are: {names})"

    return named


def strict(action):
    """Wraps an action so that it rejects what CloudFormation rejects: unknown parameters and names, circular dependencies, a changed Type."""

    def checked(params):
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        body, _ = handlers._resolve_template(params)
        try:
            template = handlers._parse_template(body) if body else None
        except Exception:  # The action itself reports a malformed template.
            template = None
        problem = problem_in(params, template, stack) if isinstance(template, dict) else None
        return handlers._error("ValidationError", problem) if problem else action(params)

    return checked


def problem_in(params, template, stack):
    given = [given["Key"] for given in handlers._extract_members(params, "Parameters")]
    unknown = [name for name in given if name not in (template.get("Parameters") or {})]
    if unknown:
        return f"Parameters: [{', '.join(unknown)}] do not exist in the template"
    # The result of a transform is unknown.
    if template.get("Transform") or contains_key("Fn::Transform", template):
        return None
    exists = stack.get("StackStatus") not in (None, "DELETE_COMPLETE")
    before = ((stack.get("_template") or {}).get("Resources") or {}) if exists else {}
    after = template.get("Resources") or {}
    changed = [name for name in after if name in before and before[name].get("Type") != after[name].get("Type")]
    if changed:
        return (
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(changed)}]"
        )
    if not isinstance(after, dict) or not all(isinstance(definition, dict) for definition in after.values()):
        return None
    return unresolved_in(template, after) or cycle_in(after)


def contains_key(key, value):
    if isinstance(value, dict):
        return key in value or any(contains_key(key, item) for item in value.values())
    return isinstance(value, list) and any(contains_key(key, item) for item in value)


def unresolved_in(template, resources):
    """CloudFormation's error for a template with unknown sections, attributes, references or conditions."""
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
        # A parameter has no attributes and cannot stand in DependsOn.
        named = {name for name, attribute in references if attribute or name not in parameters}
        if block == "Resources":
            named.update(name for definition in definitions for name in dependencies_of(definition))
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


def dependencies_of(definition):
    depends_on = definition.get("DependsOn") or []
    return [name for name in ([depends_on] if isinstance(depends_on, str) else depends_on) if isinstance(name, str)]


def conditions_in(value):
    """The conditions of all Fn::If."""
    if isinstance(value, dict) and isinstance(value.get("Fn::If"), list):
        yield from value["Fn::If"][:1]
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from conditions_in(item)


def cycle_in(resources):
    """CloudFormation's error for circular dependencies. MiniStack reports it too, but then hangs.

    Conditional resources and values are ignored, because their condition may be false.
    """
    certain = {name: without_branches(it) for name, it in resources.items() if "Condition" not in it}
    own = [name for name, it in certain.items() if name in engine._extract_deps(it, {name})]
    if own:
        return f"Circular dependency between resources: [{', '.join(own)}]"
    try:
        engine._topological_sort(certain, {})
    except ValueError as cycle:
        return f"Circular dependency between resources: [{str(cycle).partition(': ')[2]}]"
    return None


def without_branches(value):
    if isinstance(value, dict):
        return {key: without_branches(item) for key, item in value.items() if key != "Fn::If"}
    return [without_branches(item) for item in value] if isinstance(value, list) else value


streams = provisioners._RESOURCE_HANDLERS["AWS::Kinesis::Stream"]
streams["create"] = stream_created(streams["create"])
streams["update"] = stream_updated(streams["update"])
nested = provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]
nested["delete"] = keeping_retained(nested["delete"])
custom_resource.invoke_custom_resource = remembered(custom_resource.invoke_custom_resource)
lambda_svc._execute_function_with_config_scope = answering(lambda_svc._execute_function_with_config_scope)
engine._unknown_attribute_message = naming_attributes(engine._unknown_attribute_message)
stacks._add_event = with_properties(stacks._add_event)
describe_stack_events = handlers._ACTION_HANDLERS["DescribeStackEvents"]
handlers._ACTION_HANDLERS["DescribeStackEvents"] = showing_properties(describe_stack_events)
for action in ["CreateStack", "UpdateStack"]:
    handlers._ACTION_HANDLERS[action] = strict(handlers._ACTION_HANDLERS[action])
# The extension is removed from the arguments because MiniStack reads them too.
exec(sys.argv.pop())

threading.Thread(target=end_with_the_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
