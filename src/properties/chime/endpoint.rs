//! Properties of a device's endpoint for push notifications.

use crate::properties::properties;
use crate::properties::values::enums::string_enum;
use crate::properties::values::secrets::DeviceToken;

string_enum! {
    /// Whose push service it is.
    EndpointType = "APNS" | "APNS_SANDBOX" | "GCM"
}

string_enum! {
    /// Which messages the endpoint receives.
    AllowMessages = "ALL" | "NONE"
}

properties! {
    /// How the push service identifies the device.
    pub struct EndpointAttributes {
        /// The device token.
        device_token: DeviceToken => "DeviceToken",
        /// The device token for calls.
        voip_device_token: Option<DeviceToken> => "VoipDeviceToken",
    }
}

impl EndpointAttributes {
    /// Attributes of a device that Chime does not show.
    pub fn unknown() -> Self {
        Self { device_token: DeviceToken::observed(""), voip_device_token: None }
    }
}
