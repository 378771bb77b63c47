"""An extension of MiniStack with AWS's own types for Chime SDK messaging, which MiniStack lacks.

The function of the stack chime-messaging-resources provisions them as the custom resources of the same name. Events show AWS's types.
"""

NATIVE = ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow", "Channel"]


class Native:
    """An AWS type that the function provisions."""

    def __init__(self, noun):
        self.noun = noun
        # MiniStack does not pass the stack's name to a deletion.
        self.stack_names = {}

    def handlers(self):
        return {
            "create": self.create,
            "update": self.update,
            "update_with_logical_id": True,
            "delete": self.delete,
            "delete_with_logical_id": True,
        }

    def create(self, logical_id, props, stack_name):
        created = provisioners._custom_resource_create(
            logical_id, self.custom_properties(props), stack_name, f"Custom::Chime{self.noun}"
        )
        return self.native_result(created, props, stack_name)

    def update(self, physical_id, old_props, new_props, stack_name, logical_id):
        updated = provisioners._custom_resource_update(
            self.arn(physical_id),
            self.custom_properties(old_props),
            self.custom_properties(new_props),
            stack_name,
            logical_id=logical_id,
            resource_type=f"Custom::Chime{self.noun}",
        )
        # An update in place does not change the bearer that created the channel.
        is_kept = updated[0] == self.arn(physical_id)
        return self.native_result(updated, old_props if is_kept else new_props, stack_name)

    def delete(self, physical_id, props, logical_id):
        provisioners._custom_resource_delete(
            self.arn(physical_id),
            self.custom_properties(props),
            stack_name=self.stack_names.get(physical_id),
            logical_id=logical_id,
            resource_type=f"Custom::Chime{self.noun}",
        )

    def custom_properties(self, props):
        token = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:chime-messaging-resources"
        return {**props, "ServiceToken": token, "ServiceTimeout": 600}

    def native_result(self, result, props, stack_name):
        arn, attributes = result
        # The Ref of AWS::Chime::Channel is its primary identifier: the ARN and the bearer.
        physical_id = f"{arn}|{props['ChimeBearer']}" if self.noun == "Channel" else arn
        self.stack_names[physical_id] = stack_name
        return physical_id, attributes

    @staticmethod
    def arn(physical_id):
        return physical_id.split("|")[0]


def includes_native(is_custom):
    """Extends a predicate about custom resources to the AWS types above."""
    return lambda resource_type: resource_type.startswith("AWS::Chime::") or is_custom(resource_type)


for noun in NATIVE:
    provisioners._RESOURCE_HANDLERS[f"AWS::Chime::{noun}"] = Native(noun).handlers()
stacks._runs_on_worker_thread = includes_native(stacks._runs_on_worker_thread)
stacks._sends_back_failed_update = includes_native(stacks._sends_back_failed_update)
