//! The registry: every `Custom::…` type that there is. A new one is a file beside this one and a line below.

use crate::lifecycle::{self, Deadlines};
use crate::properties::did_you_mean;
use crate::request::Request;
use crate::resource::{Context, Resource};
use crate::response::Response;
use crate::schema;
use serde_json::Value as Json;

macro_rules! registry {
    ($($module:ident::$resource:ident,)*) => {
        $(pub mod $module;)*

        /// The names of all types, without the leading `Custom::`.
        pub const TYPES: &[&str] = &[$(<$module::$resource as Resource>::TYPE),*];

        /// The schemas of all types, in the same order.
        pub fn schemas() -> Vec<Json> {
            vec![$(schema::of::<$module::$resource>()),*]
        }

        /// Does what a request asks, by its type.
        pub async fn conclude(cx: &Context, request: &Request, deadlines: Deadlines) -> Response {
            match request.resource_type.as_str() {
                $(<$module::$resource as Resource>::TYPE => {
                    // Boxed, or each request would set aside room for the largest of all types.
                    Box::pin(lifecycle::conclude::<$module::$resource>(cx, request, deadlines)).await
                })*
                unknown => lifecycle::refuse(request, unknown_type(unknown)),
            }
        }
    };
}

registry! {
    app_instance::AppInstance,
    app_instance_user::AppInstanceUser,
    app_instance_admin::AppInstanceAdmin,
    app_instance_bot::AppInstanceBot,
    app_instance_retention_settings::AppInstanceRetentionSettings,
    messaging_streaming_configurations::MessagingStreamingConfigurations,
    channel_flow::ChannelFlow,
}

fn unknown_type(name: &str) -> String {
    match did_you_mean(name, TYPES) {
        Some(meant) => format!("Custom::{name} is not a type, did you mean Custom::{meant}?"),
        None => {
            let types: Vec<_> = TYPES.iter().map(|name| format!("Custom::{name}")).collect();
            format!("Custom::{name} is not a type (there are {})", types.join(", "))
        }
    }
}
