//! What a device's endpoint for push notifications is like.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::secrets::DeviceToken;

string_enum! {
    /// Whose push service it is.
    EndpointType = "APNS" | "APNS_SANDBOX" | "GCM"
}

string_enum! {
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

impl EndpointAttributes {
    /// Those of a device that Chime does not show.
    pub fn unknown() -> Self {
        Self { device_token: DeviceToken::observed(""), voip_device_token: None }
    }
}
