//! App instances.

use crate::arn::uuid;
use crate::behaviour::AppInstanceDelete;
use crate::context::{Operation, OperationContext};
use crate::error::Answer;
use crate::state::app_instance::AppInstance;
use serde_json::{Value as Json, json};
use std::time::Instant;

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("CreateAppInstance", create),
    ("DescribeAppInstance", describe),
    ("UpdateAppInstance", update),
    ("DeleteAppInstance", delete),
    ("ListAppInstances", list),
];

fn create(cx: &mut OperationContext) -> Answer {
    let (region, account) = (cx.region, cx.account);
    let arn = format!("arn:aws:chime:{region}:{account}:app-instance/{}", uuid());
    let instance = AppInstance::new(arn.clone(), cx.text("Name"), cx.metadata(), cx.tags()?);
    cx.state.app_instances.push(instance);
    Ok(json!({"AppInstanceArn": arn}))
}

fn describe(cx: &mut OperationContext) -> Answer {
    let instance = cx.app_instance()?;
    let mut described = instance.summary();
    instance.stamp.write_to(&mut described);
    Ok(json!({"AppInstance": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    let (name, metadata) = (cx.text("Name"), cx.metadata());
    let instance = cx.app_instance()?;
    instance.name = name;
    instance.metadata = metadata;
    instance.stamp.touch();
    Ok(json!({"AppInstanceArn": instance.app_instance_arn}))
}

fn delete(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("AppInstanceArn");
    let all = &mut cx.state.app_instances;
    let Some(index) = all.iter().position(|instance| instance.app_instance_arn == arn) else {
        return cx.delete_missing(&arn);
    };
    let instance = all.remove(index);
    if let AppInstanceDelete::Asynchronous { listed_for } = cx.behaviour.app_instance_delete {
        cx.state.deleting.push((instance, Instant::now() + cx.time_scale.of(listed_for)));
    }
    Ok(Json::Null)
}

fn list(cx: &mut OperationContext) -> Answer {
    let now = Instant::now();
    let present = &cx.state.app_instances;
    let deleting = cx.state.deleting.iter().filter(|(_, until)| *until > now).map(|(instance, _)| instance);
    let deleting = deleting.filter(|gone| present.iter().all(|one| one.app_instance_arn != gone.app_instance_arn));
    let all = present.iter().chain(deleting);
    cx.page(json!({}), "AppInstances", all.map(AppInstance::summary).collect())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};

    #[tokio::test]
    async fn an_app_instance_is_created_updated_listed_and_deleted() {
        let account = Account::new();
        let chime = &account.identity;
        let tag = identity::types::Tag::builder().key("k").value("v").build().unwrap();
        let create = chime.create_app_instance().name("caf\u{e9} \u{1F980}").tags(tag);
        let arn = create.metadata("m").send().await.unwrap().app_instance_arn.unwrap();
        assert!(arn.starts_with("arn:aws:chime:us-east-1:123456789012:app-instance/"), "{arn}");

        let described = chime.describe_app_instance().app_instance_arn(&arn).send().await.unwrap();
        let described = described.app_instance.unwrap();
        assert_eq!(described.name.as_deref(), Some("caf\u{e9} \u{1F980}"));
        assert_eq!(described.metadata.as_deref(), Some("m"));
        assert!(described.created_timestamp.unwrap().secs() > 1_700_000_000);

        let update = chime.update_app_instance().app_instance_arn(&arn).name("new").metadata("");
        update.send().await.unwrap();
        let listed = chime.list_app_instances().send().await.unwrap().app_instances.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].name(), listed[0].metadata()), (Some("new"), None));

        chime.delete_app_instance().app_instance_arn(&arn).send().await.unwrap();
        assert!(account.simulator.is_empty());
        let gone = chime.describe_app_instance().app_instance_arn(&arn).send().await;
        assert_eq!(failure(gone), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn deleting_an_app_instance_deletes_everything_in_it() {
        let account = Account::new();
        let arn = account.app_instance().await;
        let user = account.user(&arn, "u").await;
        account.identity.delete_app_instance().app_instance_arn(&arn).send().await.unwrap();
        let gone = account.identity.describe_app_instance_user().app_instance_user_arn(user);
        assert_eq!(failure(gone.send().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn the_arn_of_a_user_does_not_name_its_app_instance() {
        let account = Account::new();
        let user = account.user(&account.app_instance().await, "u").await;
        let wrong = account.identity.describe_app_instance().app_instance_arn(&user).send().await;
        assert_eq!(failure(wrong), is(404, "NotFound"));
        let wrong = account.identity.delete_app_instance().app_instance_arn(&user).send().await;
        assert_eq!(failure(wrong), is(404, "NotFound"));
    }
}
