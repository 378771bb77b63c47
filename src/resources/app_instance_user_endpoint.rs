//! `Custom::ChimeAppInstanceUserEndpoint`: a device that receives a user's messages as push notifications.
//!
//! Chime chooses its id, and it cannot be tagged. If a response is lost, the endpoint is found by its device token,
//! which never appears in a log line or a reason.

use crate::properties::chime::endpoint::{AllowMessages, EndpointAttributes, EndpointType};
use crate::properties::problems::Problems;
use crate::properties::same_app_instance::{app_instance_of, must_be_in_scope_of};
use crate::properties::values::arns::{AppInstanceUserArn, PushAppArn};
use crate::properties::values::text::SingleLine;
use crate::resource::ids::{EndpointId, relation};
use crate::resource::prelude::*;
use crate::resource::sdk_types::{endpoint_attributes, observed_endpoint_attributes};

properties! {
    /// A device that receives a user's messages as push notifications. Deleting the resource deregisters the device.
    pub struct AppInstanceUserEndpointProperties where fit_together {
        /// The user.
        app_instance_user_arn: AppInstanceUserArn => "AppInstanceUserArn" create_only,
        /// Whose push service it is.
        endpoint_type: EndpointType => "Type" create_only,
        /// The application that sends the notifications.
        resource_arn: PushAppArn => "ResourceArn" create_only,
        /// How the push service identifies the device.
        endpoint_attributes: EndpointAttributes => "EndpointAttributes" create_only,
        /// The name.
        name: Option<SingleLine<0, 1600>> => "Name",
        /// Which messages the device receives.
        allow_messages: AllowMessages => "AllowMessages" default "ALL",
    }
}

/// The application is in the region and the account of the user's app instance.
fn fit_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    let app_instance = app_instance_of::<AppInstanceUserArn>(raw, "AppInstanceUserArn");
    must_be_in_scope_of::<PushAppArn>(raw, "ResourceArn", app_instance.as_ref(), problems);
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
        Attribute::of_id("EndpointId", "The id chosen by Chime.", |id| id.endpoint.to_string()),
    ];
    const ADOPTION_NOTE: &'static str =
        " Chime does not always show `Type` and `AllowMessages`; one that is missing counts as equal.";
    const TRACKING: Tracking = Tracking::Untracked;
    const HAS_TEMPLATE_ID: bool = false;
    type Id = AppInstanceUserEndpointId;
    type Properties = AppInstanceUserEndpointProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::InParent(raw.get::<AppInstanceUserArn>("AppInstanceUserArn")?.to_string()))
    }

    /// An empty name means no name.
    fn desired(_: &Context, stated: &Self::Properties) -> Self::Properties {
        let name = stated.name.clone().filter(|name| !name.as_str().is_empty());
        AppInstanceUserEndpointProperties { name, ..stated.clone() }
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let register = cx.identity().register_app_instance_user_endpoint();
        let output = register
            .app_instance_user_arn(desired.app_instance_user_arn.as_str())
            .r#type(desired.endpoint_type.as_str().into())
            .resource_arn(desired.resource_arn.as_str())
            .endpoint_attributes(endpoint_attributes(&desired.endpoint_attributes)?)
            .set_name(desired.name.as_ref().map(|name| name.as_str().to_owned()))
            .allow_messages(desired.allow_messages.as_str().into())
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        let id = output.endpoint_id().map(|id| format!("{}/endpoints/{id}", desired.app_instance_user_arn));
        cx.made(id.as_deref(), Some(desired.app_instance_user_arn.as_str()))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let desired = change.desired;
        if change.differs(|properties| (&properties.name, &properties.allow_messages)) {
            let update = cx.identity().update_app_instance_user_endpoint().app_instance_user_arn(id.user.as_str());
            let name = desired.name.as_ref().map_or("", SingleLine::as_str);
            let update = update.endpoint_id(id.endpoint.to_string()).name(name);
            update.allow_messages(desired.allow_messages.as_str().into()).send().await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        let deregister = cx.identity().deregister_app_instance_user_endpoint();
        let deregister = deregister.app_instance_user_arn(id.user.as_str()).endpoint_id(id.endpoint.to_string());
        deregister.send().await?;
        Ok(())
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        stated: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let describe = cx.identity().describe_app_instance_user_endpoint().app_instance_user_arn(id.user.as_str());
        let output = describe.endpoint_id(id.endpoint.to_string()).send().await?;
        let Some(found) = output.app_instance_user_endpoint() else { return Ok(None) };
        // Chime does not always show these two. If they are missing, the template's values are used.
        let endpoint_type = found.r#type().map(|kind| EndpointType::unchecked(kind.as_str()));
        let endpoint_type = endpoint_type.or_else(|| stated.map(|stated| stated.endpoint_type.clone()));
        let allow_messages = found.allow_messages().map(|allow| AllowMessages::unchecked(allow.as_str()));
        let allow_messages = allow_messages.or_else(|| stated.map(|stated| stated.allow_messages.clone()));
        let device = found.endpoint_attributes().map(observed_endpoint_attributes);
        let properties = AppInstanceUserEndpointProperties {
            app_instance_user_arn: id.user.clone(),
            endpoint_type: endpoint_type.unwrap_or_else(|| EndpointType::unchecked("")),
            resource_arn: PushAppArn::unchecked(found.resource_arn().unwrap_or_default()),
            endpoint_attributes: device.unwrap_or_else(EndpointAttributes::unknown),
            name: found.name().filter(|name| !name.is_empty()).map(SingleLine::unchecked),
            allow_messages: allow_messages.unwrap_or_else(|| AllowMessages::unchecked("")),
        };
        Ok(Some(Observed::new(properties, found.created_timestamp())))
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        let list = cx.identity().list_app_instance_user_endpoints().app_instance_user_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let found = page.app_instance_user_endpoints().iter().filter_map(|endpoint| endpoint.endpoint_id());
        Ok(Page::of_paths(parent, "endpoints", found, page.next_token()))
    }

    /// The device identifies the endpoint.
    fn is_trace(_: &Self::Id, observed: &Observed<Self::Properties>, raw: &RawProperties<'_>) -> bool {
        let observed = &observed.properties;
        raw.get("EndpointAttributes").is_some_and(|device: EndpointAttributes| observed.endpoint_attributes == device)
            && raw.get("ResourceArn").is_some_and(|app: PushAppArn| observed.resource_arn == app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn a_device_token_is_never_shown() {
        let user = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/u";
        let of = |token: &str, kind: &str| {
            read::<AppInstanceUserEndpointProperties>(&json!({"AppInstanceUserArn": user, "Type": kind,
                "ResourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a",
                "EndpointAttributes": {"DeviceToken": token}}))
        };
        let valid = of("a secret token", "GCM").expect("valid");
        assert!(!format!("{valid:?}").contains("secret"), "{valid:?}");
        let wrong = of("a secret\ntoken", "FCM").expect_err("wrong").to_string();
        assert_eq!(
            wrong,
            "Type must be APNS or APNS_SANDBOX or GCM, not \"FCM\", did you mean GCM?; \
             EndpointAttributes.DeviceToken must be text of 1 to 1600 characters on one line"
        );
    }
}
