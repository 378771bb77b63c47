//! App instance admins: promoted users and bots.

use crate::arn;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::operations::relation::Relation;
use crate::state::association::Association;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 4] = [
    ("CreateAppInstanceAdmin", create),
    ("DescribeAppInstanceAdmin", Admins::describe),
    ("DeleteAppInstanceAdmin", Admins::delete),
    ("ListAppInstanceAdmins", Admins::list),
];

struct Admins;

impl Relation for Admins {
    type Entry = Association;
    const PERSON: &'static str = "AppInstanceAdminArn";
    const SHOWN_AS: &'static str = "Admin";
    const DESCRIBED_AS: &'static str = "AppInstanceAdmin";
    const LISTED_AS: &'static str = "AppInstanceAdmins";
    const PARENT: &'static str = "AppInstanceArn";

    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Association>, ApiError> {
        Ok(&mut cx.app_instance()?.admins)
    }

    fn id(cx: &OperationContext) -> String {
        cx.text(Self::PERSON)
    }

    fn check_reader(_: &mut OperationContext) -> Result<(), ApiError> {
        Ok(())
    }

    fn check_bearer(_: &OperationContext) -> Result<(), ApiError> {
        Ok(())
    }

    fn check_remover(_: &mut OperationContext) -> Result<(), ApiError> {
        Ok(())
    }

    fn details(_: &mut OperationContext, admin: &Association) -> Result<Json, ApiError> {
        Ok(json!({"CreatedTimestamp": admin.stamp.created}))
    }
}

fn create(cx: &mut OperationContext) -> Answer {
    let wanted = cx.text("AppInstanceAdminArn");
    let instance = cx.app_instance()?.app_instance_arn.clone();
    if arn::app_instance(&wanted) != Some(&instance) {
        return Err(ApiError::bad_request("The AppInstanceAdmin is not of this AppInstance"));
    }
    let made = json!({"AppInstanceAdmin": cx.identity(&wanted)?, "AppInstanceArn": instance});
    if cx.state.is_admin(&wanted) {
        return cx.associated(made, format!("{wanted} is already an AppInstanceAdmin"));
    }
    cx.app_instance()?.admins.push(wanted.into());
    Ok(made)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn users_and_bots_are_promoted_and_demoted() {
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
    async fn only_an_existing_user_of_the_app_instance_can_be_promoted() {
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
    async fn a_deleted_user_is_no_longer_an_admin() {
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
