//! `Custom::ChimeAppInstanceUserEndpoint`: a device that gets a user's messages as push notifications.
//!
//! Chime chooses its id, and it carries no tags: where an answer was lost it is found by its device token, which no log and no reason
//! shows.

use crate::properties::chime::endpoint::{AllowMessages, EndpointAttributes, EndpointType};
use crate::properties::values::arns::{AppInstanceUserArn, PushAppArn};
use crate::properties::values::text::Line;
use crate::resource::ids::{EndpointId, relation};
use crate::resource::prelude::*;
use crate::resource::sdk_types::endpoint_attributes;

properties! {
    /// A device that gets a user's messages as push notifications. Deleting the resource deregisters it.
    pub struct AppInstanceUserEndpointProperties {
        /// The user.
        app_instance_user_arn: AppInstanceUserArn => "AppInstanceUserArn" replaces,
        /// Whose push service it is.
        endpoint_type: EndpointType => "Type" replaces,
        /// The application that sends the notifications.
        resource_arn: PushAppArn => "ResourceArn" replaces,
        /// What the push service knows the device by.
        endpoint_attributes: EndpointAttributes => "EndpointAttributes" replaces,
        /// Its name.
        name: Option<Line<0, 1600>> => "Name",
        /// Which messages it gets.
        allow_messages: AllowMessages => "AllowMessages" default "ALL",
    }
}

impl AppInstanceUserEndpointProperties {
    fn name(&self) -> &str {
        self.name.as_ref().map_or("", Line::as_str)
    }
}

relation! {
    /// The path of an endpoint.
    pub struct AppInstanceUserEndpointId {
        user: AppInstanceUserArn => "AppInstanceUserArn",
        "/endpoints/",
        endpoint: EndpointId => "EndpointId",
    }
}

/// An endpoint.
#[derive(Debug)]
pub struct AppInstanceUserEndpoint;

impl Resource for AppInstanceUserEndpoint {
    const TYPE: &'static str = "ChimeAppInstanceUserEndpoint";
    const REF: &'static str = "`<AppInstanceUserArn>/endpoints/<EndpointId>`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("AppInstanceUserArn", "The ARN of the user.", |id| id.user.to_string()),
        Attribute::of_id("EndpointId", "The id that Chime gave it.", |id| id.endpoint.to_string()),
    ];
    const NOTED: Noted = Noted::Nowhere;
    const IS_NAMED: bool = false;
    type Id = AppInstanceUserEndpointId;
    type Properties = AppInstanceUserEndpointProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        Some(Place::In(stated.get::<AppInstanceUserArn>("AppInstanceUserArn")?.to_string()))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let register = cx.identity().register_app_instance_user_endpoint();
        let output = register
            .app_instance_user_arn(properties.app_instance_user_arn.as_str())
            .r#type(properties.endpoint_type.as_str().into())
            .resource_arn(properties.resource_arn.as_str())
            .endpoint_attributes(endpoint_attributes(&properties.endpoint_attributes)?)
            .set_name(Some(properties.name().to_owned()).filter(|name| !name.is_empty()))
            .allow_messages(properties.allow_messages.as_str().into())
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        let id = output.endpoint_id().map(|id| format!("{}/endpoints/{id}", properties.app_instance_user_arn));
        cx.made(id.as_deref())
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        if change.differs(|properties| (properties.name(), properties.allow_messages)) {
            let update = cx.identity().update_app_instance_user_endpoint().app_instance_user_arn(id.user.as_str());
            let update = update.endpoint_id(id.endpoint.to_string()).name(change.wanted.name());
            update.allow_messages(change.wanted.allow_messages.as_str().into()).send().await?;
        }
        Ok(Live::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &Stated<'_>) -> Result<()> {
        let deregister = cx.identity().deregister_app_instance_user_endpoint();
        let deregister = deregister.app_instance_user_arn(id.user.as_str()).endpoint_id(id.endpoint.to_string());
        deregister.send().await?;
        Ok(())
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &Stated<'_>) -> Result<Page> {
        let list = cx.identity().list_app_instance_user_endpoints().app_instance_user_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let found = page.app_instance_user_endpoints().iter().filter_map(|endpoint| endpoint.endpoint_id());
        Ok(Page::of_paths(parent, "endpoints", found, page.next_token()))
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, stated: &Stated<'_>) -> Result<Seen> {
        let describe = cx.identity().describe_app_instance_user_endpoint().app_instance_user_arn(id.user.as_str());
        let output = describe.endpoint_id(id.endpoint.to_string()).send().await?;
        let Some(found) = output.app_instance_user_endpoint() else { return Ok(Seen::NOTHING) };
        let device = stated.get::<EndpointAttributes>("EndpointAttributes");
        let device = device.as_ref().map(endpoint_attributes).transpose()?;
        let app = stated.get::<PushAppArn>("ResourceArn").map(|arn| arn.to_string());
        let is_as_stated = device.is_some()
            && found.endpoint_attributes() == device.as_ref()
            && found.resource_arn() == app.as_deref();
        let seen = Seen::beside(found.created_timestamp(), wanted, |wanted| {
            Ok(found.name().unwrap_or_default() == wanted.name()
                && found.allow_messages().is_none_or(|allow| allow.as_str() == wanted.allow_messages.as_str()))
        })?;
        let is_meant = wanted.is_some_and(|wanted| {
            is_as_stated && found.r#type().is_none_or(|kind| kind.as_str() == wanted.endpoint_type.as_str())
        });
        Ok(seen.meant(is_meant).stated(is_as_stated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn a_device_token_is_shown_by_nothing() {
        let user = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/u";
        let of = |token: &str, kind: &str| {
            read::<AppInstanceUserEndpointProperties>(&json!({"AppInstanceUserArn": user, "Type": kind,
                "ResourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a",
                "EndpointAttributes": {"DeviceToken": token}}))
        };
        let right = of("a secret token", "GCM").expect("right");
        assert!(!format!("{right:?}").contains("secret"), "{right:?}");
        let wrong = of("a secret\ntoken", "FCM").expect_err("wrong").to_string();
        assert_eq!(
            wrong,
            "Type must be APNS or APNS_SANDBOX or GCM, not \"FCM\", did you mean GCM?; \
             EndpointAttributes.DeviceToken must be text of 1 to 1600 characters on one line"
        );
    }
}
