//! The registry of all `Custom::…` types. To add a type, add a file to `resources/` and a line here.

use crate::properties::problems::{Problems, did_you_mean};
use crate::resource::erased::DynResource;
use crate::resource::erased::adapter::Erased;
use crate::resource::readable::Readable;
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

/// Declares the registered types, their schemas and their readable form. [`DynResource`] has no method for a schema or
/// for what Chime shows in full: the function needs neither, and this way the linker drops their code.
macro_rules! types {
    ($($resource:ident,)*) => {
        /// All types.
        static RESOURCE_TYPES: &[&dyn DynResource] = &[$(&Erased::<$resource>::new()),*];

        /// All types, to read them outside of a request.
        static READABLE_TYPES: &[&dyn Readable] = &[$(&Erased::<$resource>::new()),*];

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
    RESOURCE_TYPES.iter().map(|resource| resource.type_name()).collect()
}

/// Checks the name of a type, without the leading `Custom::`.
///
/// # Errors
/// There is no such type. The text suggests the one that was probably meant.
pub fn check(name: &str) -> Result<(), String> {
    find(name).map(drop).map_err(|problems| problems.to_string())
}

/// Finds a type by its name without the leading `Custom::`.
///
/// # Errors
/// There is no such type. The problem suggests the one that was probably meant.
pub(crate) fn find(name: &str) -> Result<&'static dyn DynResource, Problems> {
    match RESOURCE_TYPES.iter().find(|resource| resource.type_name() == name) {
        Some(resource) => Ok(*resource),
        None => Err(Problems::of(match did_you_mean(name, &types()) {
            Some(meant) => format!("Custom::{name} is not a type, did you mean Custom::{meant}?"),
            None => {
                let types: Vec<_> = types().iter().map(|name| format!("Custom::{name}")).collect();
                format!("Custom::{name} is not a type (there are {})", types.join(", "))
            }
        })),
    }
}

/// Finds a type by its name without the leading `Custom::`, to read it outside of a request.
pub(crate) fn readable(name: &str) -> Option<&'static dyn Readable> {
    READABLE_TYPES.iter().find(|resource| resource.type_name() == name).copied()
}
