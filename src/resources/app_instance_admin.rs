//! `Custom::ChimeAppInstanceAdmin`: a user or a bot that may do everything in its app instance.

use super::app_instance::nothing_if_gone;
use crate::arns::{AppInstanceArn, AppInstanceMemberArn, InAppInstance, NotThatArn};
use crate::chime::list;
use crate::error::Result;
use crate::ownership::Owner;
use crate::properties::Problems;
use crate::resource::{Change, Context, Identity, Live, Resource};
use std::fmt;
use std::str::FromStr;

crate::properties! {
    /// A user or a bot that may do everything in its app instance. Deleting the resource demotes it.
    pub struct AppInstanceAdminProperties where is_in_its_app_instance {
        /// The user or bot that becomes an admin.
        app_instance_admin_arn: AppInstanceMemberArn => "AppInstanceAdminArn" replaces,
        /// Its app instance. May be left out: the admin's ARN names it.
        app_instance_arn: Option<AppInstanceArn> => "AppInstanceArn" replaces,
    }
}

/// An admin is one of its own app instance.
fn is_in_its_app_instance(properties: &AppInstanceAdminProperties, problems: &mut Problems) {
    let own = properties.app_instance_admin_arn.app_instance_arn();
    if properties.app_instance_arn.as_ref().is_some_and(|stated| *stated != own) {
        problems.within("AppInstanceArn", |problems| {
            problems.add(format_args!("must be {own}, the app instance of AppInstanceAdminArn, or be left out"));
        });
    }
}

/// The path of an admin in the Chime REST API, which gives it no ARN of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppInstanceAdminId {
    app_instance: AppInstanceArn,
    admin: AppInstanceMemberArn,
}

const ADMINS: &str = "/admins/";

impl fmt::Display for AppInstanceAdminId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{ADMINS}{}", self.app_instance, self.admin)
    }
}

impl FromStr for AppInstanceAdminId {
    type Err = NotThatArn;

    fn from_str(text: &str) -> Result<Self, NotThatArn> {
        let (app_instance, admin) = text.split_once(ADMINS).ok_or(NotThatArn)?;
        Ok(Self { app_instance: app_instance.parse()?, admin: admin.parse()? })
    }
}

impl AppInstanceAdminId {
    fn of(properties: &AppInstanceAdminProperties) -> Self {
        let admin = properties.app_instance_admin_arn.clone();
        Self { app_instance: admin.app_instance_arn(), admin }
    }

    fn live(&self, name: Option<&str>) -> Live {
        Live::new(
            self,
            [
                ("AppInstanceAdminArn", self.admin.to_string()),
                ("AppInstanceAdminName", name.unwrap_or_default().to_owned()),
                ("AppInstanceArn", self.app_instance.to_string()),
            ],
        )
    }

    /// The admin as Chime describes it. Its name is known to Chime alone.
    async fn describe(&self, cx: &Context) -> Result<Live> {
        let describe = cx.identity().describe_app_instance_admin().app_instance_arn(self.app_instance.as_str());
        let output = describe.app_instance_admin_arn(self.admin.as_str()).send().await?;
        let admin = output.app_instance_admin().and_then(|described| described.admin());
        Ok(self.live(admin.and_then(|admin| admin.name())))
    }
}

/// An admin.
#[derive(Debug)]
pub struct AppInstanceAdmin;

impl Resource for AppInstanceAdmin {
    const TYPE: &'static str = "ChimeAppInstanceAdmin";
    const IDENTITY: Identity = Identity::Shared;
    const REF: &'static str = "`<AppInstanceArn>/admins/<AppInstanceAdminArn>`";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] = &[
        ("AppInstanceAdminArn", "The ARN of the user or bot."),
        ("AppInstanceAdminName", "The name of the user or bot."),
        ("AppInstanceArn", "The ARN of the app instance."),
    ];
    type Id = AppInstanceAdminId;
    type Properties = AppInstanceAdminProperties;

    fn replaces(id: &AppInstanceAdminId, properties: &AppInstanceAdminProperties) -> bool {
        *id != AppInstanceAdminId::of(properties)
    }

    async fn create(cx: &Context, properties: &AppInstanceAdminProperties) -> Result<Live> {
        let id = AppInstanceAdminId::of(properties);
        let create = cx.identity().create_app_instance_admin().app_instance_arn(id.app_instance.as_str());
        let output = create.app_instance_admin_arn(id.admin.as_str()).send().await?;
        cx.claim(&id);
        Ok(id.live(output.app_instance_admin().and_then(|admin| admin.name())))
    }

    async fn update(
        cx: &Context,
        id: &AppInstanceAdminId,
        _: &Change<'_, AppInstanceAdminProperties>,
    ) -> Result<Live> {
        id.describe(cx).await
    }

    async fn delete(cx: &Context, id: &AppInstanceAdminId) -> Result<()> {
        let delete = cx.identity().delete_app_instance_admin().app_instance_arn(id.app_instance.as_str());
        delete.app_instance_admin_arn(id.admin.as_str()).send().await?;
        Ok(())
    }

    async fn is_listed(cx: &Context, id: &AppInstanceAdminId) -> Result<bool> {
        let request = cx.identity().list_app_instance_admins().app_instance_arn(id.app_instance.as_str());
        match list!(request, app_instance_admins) {
            Ok(admins) => {
                let mut admins = admins.iter().filter_map(|summary| summary.admin()?.arn());
                Ok(admins.any(|arn| arn == id.admin.as_str()))
            }
            Err(error) => nothing_if_gone(cx, &id.app_instance, error).await,
        }
    }

    /// An admin carries no tags. Being one is what was asked for, and so the owner's.
    async fn find(cx: &Context, properties: &AppInstanceAdminProperties, _: &Owner) -> Result<Vec<AppInstanceAdminId>> {
        let id = AppInstanceAdminId::of(properties);
        let is_listed = Self::is_listed(cx, &id).await?;
        Ok(Some(id).filter(|_| is_listed).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
    const B: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";

    #[test]
    fn the_admins_arn_names_the_app_instance() {
        let admin = format!("{A}/user/u");
        let without = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin})).expect("right");
        let id = AppInstanceAdminId::of(&without);
        assert_eq!(id.to_string(), format!("{A}/admins/{admin}"));
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        let with = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin, "AppInstanceArn": A}));
        assert!(!AppInstanceAdmin::replaces(&id, &with.expect("right")));
        let wrong = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin, "AppInstanceArn": B}));
        assert_eq!(
            wrong.expect_err("wrong").to_string(),
            format!("AppInstanceArn must be {A}, the app instance of AppInstanceAdminArn, or be left out")
        );
    }

    #[test]
    fn a_bot_can_be_an_admin_and_an_app_instance_cannot() {
        assert!(read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": format!("{A}/bot/b")})).is_ok());
        assert!(read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": A})).is_err());
    }
}
