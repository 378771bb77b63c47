//! The registry: every `Custom::…` type that there is. A new one is a file in `resources/` and a line here.

use crate::properties::problems::{Problems, did_you_mean};
use crate::resource::erased::{DynResource, Erased};
use crate::resource::schema;
use crate::resources::app_instance::AppInstance;
use crate::resources::app_instance_admin::AppInstanceAdmin;
use crate::resources::app_instance_bot::AppInstanceBot;
use crate::resources::app_instance_retention_settings::AppInstanceRetentionSettings;
use crate::resources::app_instance_user::AppInstanceUser;
use crate::resources::app_instance_user_endpoint::AppInstanceUserEndpoint;
use crate::resources::channel::Channel;
use crate::resources::channel_ban::ChannelBan;
use crate::resources::channel_flow::ChannelFlow;
use crate::resources::channel_flow_association::ChannelFlowAssociation;
use crate::resources::channel_membership::ChannelMembership;
use crate::resources::channel_memberships::ChannelMemberships;
use crate::resources::channel_moderator::ChannelModerator;
use crate::resources::messaging_streaming_configurations::MessagingStreamingConfigurations;
use serde_json::Value as Json;

/// The faces and the schemas of these types. No face gives its schema: the function builds none, and the linker leaves out what only the
/// schemas need.
macro_rules! types {
    ($($resource:ident,)*) => {
        /// Every type.
        static RESOURCE_TYPES: &[&dyn DynResource] = &[$(&Erased::<$resource>::new()),*];

        /// The schemas of all types, in the order of [`types`].
        pub fn schemas() -> Vec<Json> {
            vec![$(schema::of::<$resource>()),*]
        }
    };
}

types! {
    AppInstance,
    AppInstanceUser,
    AppInstanceAdmin,
    AppInstanceBot,
    AppInstanceRetentionSettings,
    MessagingStreamingConfigurations,
    ChannelFlow,
    Channel,
    ChannelMembership,
    ChannelMemberships,
    ChannelModerator,
    ChannelBan,
    ChannelFlowAssociation,
    AppInstanceUserEndpoint,
}

/// The names of all types, without the leading `Custom::`.
pub fn types() -> Vec<&'static str> {
    RESOURCE_TYPES.iter().map(|face| face.type_name()).collect()
}

/// The type of this name, without the leading `Custom::`.
///
/// # Errors
/// There is none; the problem says which was probably meant.
pub(crate) fn find(name: &str) -> Result<&'static dyn DynResource, Problems> {
    match RESOURCE_TYPES.iter().find(|face| face.type_name() == name) {
        Some(face) => Ok(*face),
        None => Err(Problems::of(match did_you_mean(name, &types()) {
            Some(meant) => format!("Custom::{name} is not a type, did you mean Custom::{meant}?"),
            None => {
                let types: Vec<_> = types().iter().map(|name| format!("Custom::{name}")).collect();
                format!("Custom::{name} is not a type (there are {})", types.join(", "))
            }
        })),
    }
}
