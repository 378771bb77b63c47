//! `Custom::ChimeAppInstanceAdmin`: a user or bot with full access to its app instance.

use crate::properties::problems::Problems;
use crate::properties::same_app_instance::app_instance_of;
use crate::properties::values::arns::{AppInstanceArn, AppInstanceMemberArn, InAppInstance};
use crate::resource::ids::relation;
use crate::resource::prelude::*;

properties! {
    /// A user or bot with full access to its app instance. Deleting the resource removes the admin rights.
    pub struct AppInstanceAdminProperties where is_in_its_app_instance {
        /// The user or bot that becomes an admin.
        app_instance_admin_arn: AppInstanceMemberArn => "AppInstanceAdminArn" create_only,
        /// The app instance. It can be omitted, because the admin's ARN contains it.
        app_instance_arn: Option<AppInstanceArn> => "AppInstanceArn" create_only,
    }
}

/// An admin must belong to the app instance it administers.
fn is_in_its_app_instance(raw: &RawProperties<'_>, problems: &mut Problems) {
    let own = app_instance_of::<AppInstanceMemberArn>(raw, "AppInstanceAdminArn");
    if let (Some(own), Some(stated)) = (own, raw.get::<AppInstanceArn>("AppInstanceArn"))
        && own != stated
    {
        problems.within("AppInstanceArn", |problems| {
            problems.add(format_args!("must be {own}, the app instance of AppInstanceAdminArn, or be omitted"));
        });
    }
}

relation! {
    /// The path of an admin in the Chime REST API. An admin has no ARN of its own.
    pub struct AppInstanceAdminId {
        app_instance: AppInstanceArn => "AppInstanceArn",
        "/admins/",
        admin: AppInstanceMemberArn => "AppInstanceAdminArn",
    }
}

impl AppInstanceAdminId {
    fn of(admin: &AppInstanceMemberArn) -> Self {
        Self { app_instance: admin.app_instance_arn(), admin: admin.clone() }
    }
}

/// An admin.
#[derive(Debug)]
pub struct AppInstanceAdmin;

impl Resource for AppInstanceAdmin {
    const TYPE: &'static str = "ChimeAppInstanceAdmin";
    const REF: &'static str = "`<AppInstanceArn>/admins/<AppInstanceAdminArn>`";
    const ATTRIBUTES: Attributes<Self> = &[
        Attribute::of_id("AppInstanceAdminArn", "The ARN of the user or bot.", |id| id.admin.to_string()),
        Attribute::observed(NAME, "The name of the user or bot."),
        Attribute::of_id("AppInstanceArn", "The ARN of the app instance.", |id| id.app_instance.to_string()),
    ];
    const TRACKING: Tracking = Tracking::ParentTag("cfn:admin");
    const HAS_TEMPLATE_ID: bool = true;
    const IDENTIFIERS: &'static [&'static str] = &["AppInstanceAdminArn"];
    const AUTHORIZES: Option<&'static str> = Some("AppInstanceAdminArn");
    type Id = AppInstanceAdminId;
    type Properties = AppInstanceAdminProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::ById(AppInstanceAdminId::of(&raw.get("AppInstanceAdminArn")?)))
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let id = AppInstanceAdminId::of(&desired.app_instance_admin_arn);
        let create = cx.identity().create_app_instance_admin().app_instance_arn(id.app_instance.as_str());
        match create.app_instance_admin_arn(id.admin.as_str()).send().await.map_err(Error::from) {
            Ok(output) => {
                cx.claim(&id);
                Ok(Provisioned::new(id).with(NAME, output.app_instance_admin().and_then(|admin| admin.name())))
            }
            // Somebody has already promoted it. Chime may not show it yet.
            Err(conflict) if conflict.kind() == Kind::Conflict => {
                describe(cx, &id).await.map_err(|error| if error.could_be_not_found() { conflict } else { error })
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing can change in place. The name is read again.
    async fn update(cx: &Context, id: &Self::Id, _: &Change<'_, Self::Properties>) -> Result<Provisioned<Self::Id>> {
        describe(cx, id).await
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        let delete = cx.identity().delete_app_instance_admin().app_instance_arn(id.app_instance.as_str());
        delete.app_instance_admin_arn(id.admin.as_str()).send().await?;
        Ok(())
    }

    /// An admin has no properties besides its ids.
    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        stated: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        match describe(cx, id).await {
            Ok(_) => {
                // If the template omits it, the admin's ARN determines it.
                let is_stated = stated.is_none_or(|stated| stated.app_instance_arn.is_some());
                let app_instance_arn = is_stated.then(|| id.app_instance.clone());
                let properties =
                    AppInstanceAdminProperties { app_instance_admin_arn: id.admin.clone(), app_instance_arn };
                Ok(Some(Observed::new(properties, None)))
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        let list = cx.identity().list_app_instance_admins().app_instance_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let admins = page.app_instance_admins().iter().filter_map(|summary| summary.admin()?.arn());
        Ok(Page::of_paths(parent, "admins", admins, page.next_token()))
    }

    fn owner_arn(id: &Self::Id) -> String {
        id.admin.to_string()
    }
}

const NAME: &str = "AppInstanceAdminName";

/// Describes the admin. Only Chime knows its name.
async fn describe(cx: &Context, id: &AppInstanceAdminId) -> Result<Provisioned<AppInstanceAdminId>> {
    let describe = cx.identity().describe_app_instance_admin().app_instance_arn(id.app_instance.as_str());
    let output = describe.app_instance_admin_arn(id.admin.as_str()).send().await?;
    let admin = output.app_instance_admin().and_then(|described| described.admin());
    Ok(Provisioned::new(id.clone()).with(NAME, admin.and_then(|admin| admin.name())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use crate::resource::PhysicalId;
    use serde_json::json;

    const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
    const B: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/b";

    #[test]
    fn the_admins_arn_contains_the_app_instance() {
        let admin = format!("{A}/user/u");
        let without = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin})).expect("valid");
        let id = AppInstanceAdminId::of(&without.app_instance_admin_arn);
        assert_eq!(id.to_string(), format!("{A}/admins/{admin}"));
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        let with = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin, "AppInstanceArn": A}));
        assert_eq!(AppInstanceAdminId::of(&with.expect("valid").app_instance_admin_arn), id);
        assert_eq!(id.property("AppInstanceArn").as_deref(), Some(A));
        assert_eq!(id.property("AppInstanceAdminArn"), Some(admin.clone()));
        let wrong = read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": admin, "AppInstanceArn": B}));
        assert_eq!(
            wrong.expect_err("wrong").to_string(),
            format!("AppInstanceArn must be {A}, the app instance of AppInstanceAdminArn, or be omitted")
        );
    }

    #[test]
    fn a_bot_can_be_an_admin_and_an_app_instance_cannot() {
        assert!(read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": format!("{A}/bot/b")})).is_ok());
        assert!(read::<AppInstanceAdminProperties>(&json!({"AppInstanceAdminArn": A})).is_err());
    }
}
