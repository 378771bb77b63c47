//! App instance users.

use crate::endpoint::Endpoint;
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::tags::Tag;
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct User {
    pub app_instance_user_arn: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub expiration_settings: Json,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl User {
    fn summary(&self) -> Json {
        json!({
            "AppInstanceUserArn": self.app_instance_user_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }
}

impl Turn<'_> {
    /// The user that the request names.
    pub fn user(&mut self) -> Result<&mut User, ApiError> {
        let arn = self.text("AppInstanceUserArn");
        let missing = self.missing(&arn);
        let users = &mut self.around("AppInstanceUserArn")?.users;
        users.iter_mut().find(|user| user.app_instance_user_arn == arn).ok_or(missing)
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let id = turn.text("AppInstanceUserId");
    let arn = Turn::arn_in(&turn.text("AppInstanceArn"), "user", &id);
    let user = User {
        app_instance_user_arn: arn.clone(),
        name: turn.text("Name"),
        metadata: turn.metadata(),
        expiration_settings: turn.value("ExpirationSettings"),
        tags: turn.tags()?,
        endpoints: Vec::new(),
        stamp: Stamp::default(),
    };
    let users = &mut turn.app_instance()?.users;
    if users.iter().any(|found| found.app_instance_user_arn == arn) {
        return Err(ApiError::conflict(format!("AppInstanceUser {id} already exists")));
    }
    users.push(user);
    Ok(json!({"AppInstanceUserArn": arn}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let user = turn.user()?;
    let mut described = user.summary();
    described["CreatedTimestamp"] = user.stamp.created.into();
    described["LastUpdatedTimestamp"] = user.stamp.updated.into();
    described["ExpirationSettings"] = user.expiration_settings.clone();
    Ok(json!({"AppInstanceUser": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    let (name, metadata) = (turn.text("Name"), turn.metadata());
    let user = turn.user()?;
    user.name = name;
    user.metadata = metadata;
    user.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user.app_instance_user_arn}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("AppInstanceUserArn");
    if turn.user().is_err() {
        return turn.delete_missing(&arn);
    }
    let instance = turn.around("AppInstanceUserArn")?;
    instance.users.retain(|user| user.app_instance_user_arn != arn);
    instance.forget(&arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?;
    let arn = instance.app_instance_arn.clone();
    let users = instance.users.iter().map(User::summary).collect();
    let (page, next) = turn.page(users)?;
    Ok(json!({"AppInstanceArn": arn, "AppInstanceUsers": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};
    use identity::types::{ExpirationCriterion, ExpirationSettings};

    #[tokio::test]
    async fn a_user_lives_and_dies() {
        let account = Account::new();
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let arn = account.user(&instance, "a.b@c").await;
        assert_eq!(arn, format!("{instance}/user/a.b@c"));

        let update = chime.update_app_instance_user().app_instance_user_arn(&arn);
        update.name("New").metadata("m").send().await.unwrap();
        let days = ExpirationSettings::builder()
            .expiration_days(7)
            .expiration_criterion(ExpirationCriterion::CreatedTimestamp)
            .build()
            .unwrap();
        let expire = chime.put_app_instance_user_expiration_settings().app_instance_user_arn(&arn);
        expire.expiration_settings(days.clone()).send().await.unwrap();
        let user = chime.describe_app_instance_user().app_instance_user_arn(&arn).send().await;
        let user = user.unwrap().app_instance_user.unwrap();
        assert_eq!((user.name(), user.metadata()), (Some("New"), Some("m")));
        assert_eq!(user.expiration_settings, Some(days));

        let never = chime.put_app_instance_user_expiration_settings().app_instance_user_arn(&arn);
        never.send().await.unwrap();
        let user = chime.describe_app_instance_user().app_instance_user_arn(&arn).send().await;
        assert_eq!(user.unwrap().app_instance_user.unwrap().expiration_settings, None);

        chime.delete_app_instance_user().app_instance_user_arn(&arn).send().await.unwrap();
        let listed = chime.list_app_instance_users().app_instance_arn(&instance).send().await;
        assert!(listed.unwrap().app_instance_users.unwrap().is_empty());
        let again = chime.delete_app_instance_user().app_instance_user_arn(&arn).send().await;
        assert_eq!(failure(again), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn an_id_is_taken_until_its_user_is_deleted() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let arn = account.user(&instance, "u").await;
        let create = || {
            let create = account.identity.create_app_instance_user().app_instance_arn(&instance);
            create.app_instance_user_id("u").name("u").send()
        };
        assert_eq!(failure(create().await), is(409, "Conflict"));
        let delete = account.identity.delete_app_instance_user().app_instance_user_arn(&arn);
        delete.send().await.unwrap();
        create().await.unwrap();
    }

    #[tokio::test]
    async fn a_user_of_a_missing_app_instance_is_refused() {
        let account = Account::new();
        let instance = "arn:aws:chime:us-east-1:123456789012:app-instance/none";
        let create = account.identity.create_app_instance_user().app_instance_arn(instance);
        let create = create.app_instance_user_id("u").name("u").send().await;
        assert_eq!(failure(create), is(404, "NotFound"));
    }
}
