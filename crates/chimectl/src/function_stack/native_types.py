"""An extension of MiniStack, which knows none of AWS's own types of the Chime SDK messaging.

Each is handed to the function of the stack chime-messaging-resources, as the custom resource that has the same noun, and shown
under AWS's name.
"""

NATIVE = ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow", "Channel"]


class Native:
    """A type of AWS's own, provisioned by the function."""

    def __init__(self, noun):
        self.noun = noun
        # A deletion does not say whose stack it is of.
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
        made = provisioners._custom_resource_create(
            logical_id, self.ours(props), stack_name, f"Custom::Chime{self.noun}"
        )
        return self.theirs(made, props, stack_name)

    def update(self, physical_id, old_props, new_props, stack_name, logical_id):
        updated = provisioners._custom_resource_update(
            self.arn(physical_id),
            self.ours(old_props),
            self.ours(new_props),
            stack_name,
            logical_id=logical_id,
            resource_type=f"Custom::Chime{self.noun}",
        )
        # Who made a channel does not change.
        is_kept = updated[0] == self.arn(physical_id)
        return self.theirs(updated, old_props if is_kept else new_props, stack_name)

    def delete(self, physical_id, props, logical_id):
        provisioners._custom_resource_delete(
            self.arn(physical_id),
            self.ours(props),
            stack_name=self.stack_names.get(physical_id),
            logical_id=logical_id,
            resource_type=f"Custom::Chime{self.noun}",
        )

    def ours(self, props):
        token = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:chime-messaging-resources"
        return {**props, "ServiceToken": token, "ServiceTimeout": 600}

    def theirs(self, answer, props, stack_name):
        arn, attributes = answer
        # The Ref of a channel of AWS's is its primary identifier: the ARN and the bearer.
        physical_id = f"{arn}|{props['ChimeBearer']}" if self.noun == "Channel" else arn
        self.stack_names[physical_id] = stack_name
        return physical_id, attributes

    @staticmethod
    def arn(physical_id):
        return physical_id.split("|")[0]


def is_custom_too(is_custom):
    """The same of a custom resource and of what is handed to the function."""
    return lambda resource_type: resource_type.startswith("AWS::Chime::") or is_custom(resource_type)


for noun in NATIVE:
    provisioners._RESOURCE_HANDLERS[f"AWS::Chime::{noun}"] = Native(noun).handlers()
stacks._runs_on_worker_thread = is_custom_too(stacks._runs_on_worker_thread)
stacks._sends_back_failed_update = is_custom_too(stacks._sends_back_failed_update)
