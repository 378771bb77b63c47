//! Endpoints of users, for push notifications.

use crate::arn::uuid;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::endpoint::Endpoint;
use crate::state::entity::Stamp;
use serde_json::{Value as Json, json};

/// The most endpoints that one user can have.
const LIMIT: usize = 10;

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("RegisterAppInstanceUserEndpoint", register),
    ("DescribeAppInstanceUserEndpoint", describe),
    ("UpdateAppInstanceUserEndpoint", update),
    ("DeregisterAppInstanceUserEndpoint", deregister),
    ("ListAppInstanceUserEndpoints", list),
];

fn register(cx: &mut OperationContext) -> Answer {
    let endpoint = Endpoint {
        endpoint_id: uuid(),
        name: cx.optional("Name"),
        kind: cx.text("Type"),
        resource_arn: cx.text("ResourceArn"),
        endpoint_attributes: cx.value("EndpointAttributes"),
        allow_messages: cx.optional("AllowMessages").unwrap_or_else(|| "ALL".into()),
        stamp: Stamp::default(),
    };
    let user = cx.user()?;
    if user.endpoints.len() >= LIMIT {
        return Err(ApiError::limit(format!("A user can have at most {LIMIT} endpoints")));
    }
    let answer = json!({
        "AppInstanceUserArn": user.app_instance_user_arn,
        "EndpointId": endpoint.endpoint_id,
    });
    user.endpoints.push(endpoint);
    Ok(answer)
}

fn describe(cx: &mut OperationContext) -> Answer {
    let user = cx.text("AppInstanceUserArn");
    let endpoint = endpoint(cx)?;
    let mut described = endpoint.summary(&user);
    described["ResourceArn"] = endpoint.resource_arn.as_str().into();
    described["EndpointAttributes"] = endpoint.endpoint_attributes.clone();
    endpoint.stamp.write_to(&mut described);
    Ok(json!({"AppInstanceUserEndpoint": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    let (name, allow) = (cx.optional("Name"), cx.optional("AllowMessages"));
    let user = cx.text("AppInstanceUserArn");
    let endpoint = endpoint(cx)?;
    if name.is_some() {
        endpoint.name = name;
    }
    if let Some(allow) = allow {
        endpoint.allow_messages = allow;
    }
    endpoint.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user, "EndpointId": endpoint.endpoint_id}))
}

fn deregister(cx: &mut OperationContext) -> Answer {
    let id = cx.text("EndpointId");
    if endpoint(cx).is_err() {
        return cx.delete_missing(&id);
    }
    cx.user()?.endpoints.retain(|endpoint| endpoint.endpoint_id != id);
    Ok(Json::Null)
}

fn list(cx: &mut OperationContext) -> Answer {
    let user = cx.user()?;
    let arn = user.app_instance_user_arn.clone();
    let endpoints = user.endpoints.iter().map(|endpoint| endpoint.summary(&arn)).collect();
    cx.page(json!({}), "AppInstanceUserEndpoints", endpoints)
}

/// The endpoint that the request names.
fn endpoint<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Endpoint, ApiError> {
    let id = cx.text("EndpointId");
    let missing = cx.missing(&id);
    cx.user()?.endpoints.iter_mut().find(|endpoint| endpoint.endpoint_id == id).ok_or(missing)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};
    use identity::types::{AllowMessages, AppInstanceUserEndpointType, EndpointAttributes};

    #[tokio::test]
    async fn an_endpoint_is_registered_updated_listed_and_deregistered() {
        let account = Account::new();
        let chime = &account.identity;
        let user = account.user(&account.app_instance().await, "u").await;
        let attributes = EndpointAttributes::builder().device_token("token").build().unwrap();
        let register = chime.register_app_instance_user_endpoint().app_instance_user_arn(&user);
        let register = register
            .r#type(AppInstanceUserEndpointType::Gcm)
            .resource_arn("arn:aws:mobiletargeting:us-east-1:123456789012:apps/a")
            .endpoint_attributes(attributes.clone());
        let id = register.send().await.unwrap().endpoint_id.unwrap();
        let update = chime.update_app_instance_user_endpoint().app_instance_user_arn(&user);
        let update = update.endpoint_id(&id).name("n").allow_messages(AllowMessages::None);
        update.send().await.unwrap();
        let describe = || {
            let describe = chime.describe_app_instance_user_endpoint();
            describe.app_instance_user_arn(&user).endpoint_id(&id).send()
        };
        let endpoint = describe().await.unwrap().app_instance_user_endpoint.unwrap();
        assert_eq!(endpoint.name(), Some("n"));
        assert_eq!(endpoint.allow_messages, Some(AllowMessages::None));
        assert_eq!(endpoint.endpoint_attributes, Some(attributes));
        let list = chime.list_app_instance_user_endpoints().app_instance_user_arn(&user);
        assert_eq!(list.send().await.unwrap().app_instance_user_endpoints.unwrap().len(), 1);
        let deregister = chime.deregister_app_instance_user_endpoint();
        deregister.app_instance_user_arn(&user).endpoint_id(&id).send().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }
}
