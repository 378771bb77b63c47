//! Endpoints of users, for push notifications.

use crate::arn::uuid;
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The most endpoints that one user can have.
const LIMIT: usize = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub endpoint_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(rename = "Type")]
    pub kind: String,
    pub resource_arn: String,
    pub endpoint_attributes: Json,
    pub allow_messages: String,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl Endpoint {
    fn summary(&self, user: &str) -> Json {
        json!({
            "AppInstanceUserArn": user,
            "EndpointId": self.endpoint_id,
            "Name": self.name,
            "Type": self.kind,
            "AllowMessages": self.allow_messages,
            "EndpointState": {"Status": "ACTIVE"},
        })
    }
}

impl Turn<'_> {
    fn endpoint(&mut self) -> Result<&mut Endpoint, ApiError> {
        let id = self.text("EndpointId");
        let missing = self.missing(&id);
        let endpoints = &mut self.user()?.endpoints;
        endpoints.iter_mut().find(|endpoint| endpoint.endpoint_id == id).ok_or(missing)
    }
}

pub(crate) fn register(turn: &mut Turn) -> Answer {
    let endpoint = Endpoint {
        endpoint_id: uuid(),
        name: turn.optional("Name"),
        kind: turn.text("Type"),
        resource_arn: turn.text("ResourceArn"),
        endpoint_attributes: turn.value("EndpointAttributes"),
        allow_messages: turn.optional("AllowMessages").unwrap_or_else(|| "ALL".into()),
        stamp: Stamp::default(),
    };
    let user = turn.user()?;
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

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let user = turn.text("AppInstanceUserArn");
    let endpoint = turn.endpoint()?;
    let mut described = endpoint.summary(&user);
    described["ResourceArn"] = endpoint.resource_arn.as_str().into();
    described["EndpointAttributes"] = endpoint.endpoint_attributes.clone();
    described["CreatedTimestamp"] = endpoint.stamp.created.into();
    described["LastUpdatedTimestamp"] = endpoint.stamp.updated.into();
    Ok(json!({"AppInstanceUserEndpoint": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    let (name, allow) = (turn.optional("Name"), turn.optional("AllowMessages"));
    let user = turn.text("AppInstanceUserArn");
    let endpoint = turn.endpoint()?;
    if name.is_some() {
        endpoint.name = name;
    }
    if let Some(allow) = allow {
        endpoint.allow_messages = allow;
    }
    endpoint.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user, "EndpointId": endpoint.endpoint_id}))
}

pub(crate) fn deregister(turn: &mut Turn) -> Answer {
    let id = turn.text("EndpointId");
    if turn.endpoint().is_err() {
        return turn.delete_missing(&id);
    }
    turn.user()?.endpoints.retain(|endpoint| endpoint.endpoint_id != id);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let user = turn.user()?;
    let arn = user.app_instance_user_arn.clone();
    let endpoints = user.endpoints.iter().map(|endpoint| endpoint.summary(&arn)).collect();
    let (page, next) = turn.page(endpoints)?;
    Ok(json!({"AppInstanceUserEndpoints": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};
    use identity::types::{AllowMessages, AppInstanceUserEndpointType, EndpointAttributes};

    #[tokio::test]
    async fn an_endpoint_lives_and_dies() {
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
