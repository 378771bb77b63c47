//! The registry: every `Custom::…` type that there is. A new one is a file in `resources/` and a line here.

use crate::resource::face::{Face, FaceOf};
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
use crate::resources::channel_moderator::ChannelModerator;
use crate::resources::messaging_streaming_configurations::MessagingStreamingConfigurations;
use crate::template::problems::{Problems, did_you_mean};
use serde_json::Value as Json;

/// Every type.
static FACES: &[&dyn Face] = &[
    &FaceOf::<AppInstance>::new(),
    &FaceOf::<AppInstanceUser>::new(),
    &FaceOf::<AppInstanceAdmin>::new(),
    &FaceOf::<AppInstanceBot>::new(),
    &FaceOf::<AppInstanceRetentionSettings>::new(),
    &FaceOf::<MessagingStreamingConfigurations>::new(),
    &FaceOf::<ChannelFlow>::new(),
    &FaceOf::<Channel>::new(),
    &FaceOf::<ChannelMembership>::new(),
    &FaceOf::<ChannelModerator>::new(),
    &FaceOf::<ChannelBan>::new(),
    &FaceOf::<ChannelFlowAssociation>::new(),
    &FaceOf::<AppInstanceUserEndpoint>::new(),
];

/// The names of all types, without the leading `Custom::`.
pub fn types() -> Vec<&'static str> {
    FACES.iter().map(|face| face.type_name()).collect()
}

/// The schemas of all types, in the same order.
pub fn schemas() -> Vec<Json> {
    FACES.iter().map(|face| face.schema()).collect()
}

/// The type of this name, without the leading `Custom::`.
///
/// # Errors
/// There is none; the problem says which was probably meant.
pub(crate) fn find(name: &str) -> Result<&'static dyn Face, Problems> {
    match FACES.iter().find(|face| face.type_name() == name) {
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
