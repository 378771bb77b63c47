//! App instance users.

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::entity::Stamp;
use crate::state::user::User;
use serde_json::json;

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("CreateAppInstanceUser", create),
    ("DescribeAppInstanceUser", describe),
    ("UpdateAppInstanceUser", update),
    ("DeleteAppInstanceUser", delete),
    ("ListAppInstanceUsers", list),
];

fn create(cx: &mut OperationContext) -> Answer {
    let id = cx.text("AppInstanceUserId");
    let arn = format!("{}/user/{id}", cx.text("AppInstanceArn"));
    let user = User {
        app_instance_user_arn: arn.clone(),
        name: cx.text("Name"),
        metadata: cx.metadata(),
        expiration_settings: cx.value("ExpirationSettings"),
        tags: cx.tags()?,
        endpoints: Vec::new(),
        stamp: Stamp::default(),
    };
    let users = &mut cx.app_instance()?.users;
    if users.iter().any(|found| found.app_instance_user_arn == arn) {
        return Err(ApiError::conflict(format!("AppInstanceUser {id} already exists")));
    }
    users.push(user);
    Ok(json!({"AppInstanceUserArn": arn}))
}

fn describe(cx: &mut OperationContext) -> Answer {
    let user = cx.user()?;
    let mut described = user.summary();
    user.stamp.write_to(&mut described);
    described["ExpirationSettings"] = user.expiration_settings.clone();
    Ok(json!({"AppInstanceUser": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    let (name, metadata) = (cx.text("Name"), cx.metadata());
    let user = cx.user()?;
    user.name = name;
    user.metadata = metadata;
    user.stamp.touch();
    Ok(json!({"AppInstanceUserArn": user.app_instance_user_arn}))
}

fn delete(cx: &mut OperationContext) -> Answer {
    cx.delete_identity("AppInstanceUserArn", |instance| &mut instance.users)
}

fn list(cx: &mut OperationContext) -> Answer {
    let instance = cx.app_instance()?;
    let arn = instance.app_instance_arn.clone();
    let users = instance.users.iter().map(User::summary).collect();
    cx.page(json!({"AppInstanceArn": arn}), "AppInstanceUsers", users)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};
    use identity::types::{ExpirationCriterion, ExpirationSettings};

    #[tokio::test]
    async fn a_user_is_created_updated_listed_and_deleted() {
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
    async fn a_user_in_a_missing_app_instance_is_rejected() {
        let account = Account::new();
        let instance = "arn:aws:chime:us-east-1:123456789012:app-instance/none";
        let create = account.identity.create_app_instance_user().app_instance_arn(instance);
        let create = create.app_instance_user_id("u").name("u").send().await;
        assert_eq!(failure(create), is(404, "NotFound"));
    }
}
