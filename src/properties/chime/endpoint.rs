//! What a device's endpoint for push notifications is like.

use crate::properties::values::enums::choices;
use crate::properties::values::secrets::DeviceToken;
use crate::properties::{Fixed, properties};

choices! {
    /// Whose push service it is.
    EndpointType = "APNS" | "APNS_SANDBOX" | "GCM"
}

choices! {
    /// Which messages it gets.
    AllowMessages = "ALL" | "NONE"
}

properties! {
    /// What the push service knows the device by.
    pub struct EndpointAttributes {
        /// The device's token.
        device_token: DeviceToken => "DeviceToken",
        /// Its token for calls.
        voip_device_token: Option<DeviceToken> => "VoipDeviceToken",
    }
}

impl Fixed for EndpointAttributes {
    /// For comparison alone: nothing shows it.
    fn text(&self) -> Option<String> {
        let voip = self.voip_device_token.as_ref().map_or("", DeviceToken::expose);
        Some(format!("{}\n{voip}", self.device_token.expose()))
    }
}
