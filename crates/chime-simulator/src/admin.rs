//! App instance admins: users and bots that were promoted.

use crate::arn;
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// In JSON just the ARN.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Admin {
    pub arn: String,
    /// Who made it a moderator, or banned it; where nobody says, whoever created the channel.
    pub by: Option<String>,
    pub stamp: Stamp,
}

impl Admin {
    /// One that `bearer` makes just now.
    pub fn made_by(arn: String, bearer: String) -> Self {
        Self { by: Some(bearer), ..arn.into() }
    }
}

impl From<String> for Admin {
    fn from(arn: String) -> Self {
        Self { arn, by: None, stamp: Stamp::default() }
    }
}

impl From<Admin> for String {
    fn from(admin: Admin) -> Self {
        admin.arn
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let wanted = turn.text("AppInstanceAdminArn");
    let instance = turn.app_instance()?.app_instance_arn.clone();
    if arn::app_instance(&wanted) != Some(&instance) {
        return Err(ApiError::bad_request("The AppInstanceAdmin is not of this AppInstance"));
    }
    let identity = turn.identity(&wanted)?;
    let made = json!({"AppInstanceAdmin": identity, "AppInstanceArn": instance});
    let admins = &mut turn.app_instance()?.admins;
    if admins.iter().any(|admin| admin.arn == wanted) {
        return turn.associated(made, format!("{wanted} is already an AppInstanceAdmin"));
    }
    admins.push(wanted.into());
    Ok(made)
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let wanted = turn.text("AppInstanceAdminArn");
    let missing = turn.missing(&wanted);
    let instance = turn.app_instance()?;
    let admin = instance.admins.iter().find(|admin| admin.arn == wanted).ok_or(missing)?;
    let created = admin.stamp.created;
    let instance = instance.app_instance_arn.clone();
    let described = json!({
        "Admin": turn.identity(&wanted)?,
        "AppInstanceArn": instance,
        "CreatedTimestamp": created,
    });
    Ok(json!({"AppInstanceAdmin": described}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let wanted = turn.text("AppInstanceAdminArn");
    let admins = turn.app_instance().map(|instance| &mut instance.admins);
    let index = admins.iter().flat_map(|admins| admins.iter());
    let index = index.into_iter().position(|admin| admin.arn == wanted);
    match (admins, index) {
        (Ok(admins), Some(index)) => {
            admins.remove(index);
            Ok(Json::Null)
        }
        _ => turn.delete_missing(&wanted),
    }
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?;
    let arn = instance.app_instance_arn.clone();
    let arns: Vec<String> = instance.admins.iter().map(|admin| admin.arn.clone()).collect();
    let known = arns.iter().filter_map(|arn| turn.state.identity(arn));
    let (page, next) = turn.page(known.map(|identity| json!({"Admin": identity})).collect())?;
    Ok(json!({"AppInstanceArn": arn, "AppInstanceAdmins": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn users_and_bots_are_promoted_once_and_demoted() {
        let account = Account::new();
        let chime = &account.identity;
        let instance = account.app_instance().await;
        for arn in [account.user(&instance, "u").await, account.bot(&instance).await] {
            let create = || {
                let create = chime.create_app_instance_admin().app_instance_arn(&instance);
                create.app_instance_admin_arn(&arn).send()
            };
            let made = create().await.unwrap();
            assert_eq!(made.app_instance_admin.unwrap().arn.as_ref(), Some(&arn));
            assert_eq!(failure(create().await), is(409, "Conflict"));

            let list = chime.list_app_instance_admins().app_instance_arn(&instance).send().await;
            let listed = list.unwrap().app_instance_admins.unwrap();
            assert_eq!(listed[0].admin.as_ref().unwrap().arn.as_ref(), Some(&arn));

            let describe = || {
                let describe = chime.describe_app_instance_admin().app_instance_arn(&instance);
                describe.app_instance_admin_arn(&arn).send()
            };
            let described = describe().await.unwrap().app_instance_admin.unwrap();
            assert!(described.admin.unwrap().name.is_some());
            let delete = chime.delete_app_instance_admin().app_instance_arn(&instance);
            delete.app_instance_admin_arn(&arn).send().await.unwrap();
            assert_eq!(failure(describe().await), is(404, "NotFound"));
        }
    }

    #[tokio::test]
    async fn only_somebody_who_exists_can_be_promoted() {
        let account = Account::new();
        let (one, other) = (account.app_instance().await, account.app_instance().await);
        let promote = async |arn: &str| {
            let create = account.identity.create_app_instance_admin().app_instance_arn(&one);
            failure(create.app_instance_admin_arn(arn).send().await)
        };
        assert_eq!(promote(&format!("{one}/user/nobody")).await, is(404, "NotFound"));
        let elsewhere = account.user(&other, "u").await;
        assert_eq!(promote(&elsewhere).await, is(400, "BadRequest"));
    }

    #[tokio::test]
    async fn who_is_deleted_is_no_admin_any_more() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        account.admin(&instance, &user).await;
        let delete = account.identity.delete_app_instance_user().app_instance_user_arn(&user);
        delete.send().await.unwrap();
        let list = account.identity.list_app_instance_admins().app_instance_arn(&instance);
        assert!(list.send().await.unwrap().app_instance_admins.unwrap().is_empty());
        assert!(account.simulator.holds()[0].get("Admins").is_none());
    }
}
