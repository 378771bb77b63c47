//! Names in Lists, which may differ from the real ones.

use crate::behaviour::ListedNames;
use crate::model::Model;
use serde_json::Value as Json;

/// Changes the names in a List's answer. The names of a flow's processors stay: the model requires them.
pub(crate) fn list(model: &Model, shape: &str, names: ListedNames, answer: &mut Json) {
    let Some(shape) = model.shapes.get(shape).filter(|_| names != ListedNames::AsGiven) else { return };
    match answer {
        Json::Array(items) => {
            let member = shape.member.as_deref().unwrap_or_default();
            items.iter_mut().for_each(|item| list(model, member, names, item));
        }
        Json::Object(members) => {
            if !shape.required.iter().any(|required| required == "Name") {
                if let (Some(Json::String(name)), ListedNames::TrailingBlank) = (members.get_mut("Name"), names) {
                    name.push(' ');
                } else {
                    members.remove("Name");
                }
            }
            for (name, value) in members {
                if let Some(member) = shape.members.get(name) {
                    list(model, &member.shape, names, value);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::testing::Account;

    #[tokio::test]
    async fn lists_may_change_names_or_leave_them_out() {
        let account = Account::new();
        let (identity, messaging) = (&account.identity, &account.messaging);
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        account.admin(&instance, &user).await;
        account.channel_flow(&instance).await;
        for (listed_names, instance_name, user_name) in [
            (ListedNames::AsGiven, Some("instance"), Some("u")),
            (ListedNames::TrailingBlank, Some("instance "), Some("u ")),
            (ListedNames::LeftOut, None, None),
        ] {
            account.simulator.set_behaviour(Behaviour { listed_names, ..Behaviour::default() });
            let instances = identity.list_app_instances().send().await.unwrap().app_instances.unwrap();
            assert_eq!(instances[0].name(), instance_name);
            let admins = identity.list_app_instance_admins().app_instance_arn(&instance).send().await.unwrap();
            assert_eq!(admins.app_instance_admins.unwrap()[0].admin().unwrap().name(), user_name);
            let flows = messaging.list_channel_flows().app_instance_arn(&instance).send().await.unwrap();
            assert_eq!(flows.channel_flows.unwrap()[0].processors()[0].name(), "processor");
            let described = identity.describe_app_instance().app_instance_arn(&instance).send().await.unwrap();
            assert_eq!(described.app_instance.unwrap().name(), Some("instance"));
        }
    }
}
