//! Tags of app instances, users, bots, channels and channel flows.

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use serde_json::{Value as Json, json};

/// The most tags that one resource can have.
const LIMIT: usize = 50;

pub(super) const OPERATIONS: [(&str, Operation); 3] =
    [("TagResource", tag), ("UntagResource", untag), ("ListTagsForResource", list)];

fn tag(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("ResourceARN");
    let given = cx.tags()?;
    let missing = cx.missing(&arn);
    let tags = cx.state.tags_mut(&arn).ok_or(missing)?;
    let mut changed = tags.clone();
    for tag in given {
        match changed.iter_mut().find(|found| found.key == tag.key) {
            Some(found) => found.value = tag.value,
            None => changed.push(tag),
        }
    }
    if changed.len() > LIMIT {
        return Err(ApiError::limit(format!("A resource can have at most {LIMIT} tags")));
    }
    *tags = changed;
    Ok(Json::Null)
}

fn untag(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("ResourceARN");
    let keys: Vec<String> = cx.read("TagKeys");
    let missing = cx.missing(&arn);
    let tags = cx.state.tags_mut(&arn).ok_or(missing)?;
    tags.retain(|tag| !keys.contains(&tag.key));
    Ok(Json::Null)
}

fn list(cx: &mut OperationContext) -> Answer {
    let arn = cx.text("ResourceARN");
    let missing = cx.missing(&arn);
    let tags = cx.state.tags_mut(&arn).ok_or(missing)?;
    // The model's list of tags has at least one item, so there is no empty list.
    Ok(if tags.is_empty() { json!({}) } else { json!({"Tags": tags}) })
}

#[cfg(test)]
mod tests {
    use crate::model::Service;
    use crate::testing::{Account, failure, identity, is, messaging};

    #[tokio::test]
    async fn every_kind_of_resource_is_tagged_and_untagged_by_either_api() {
        let account = Account::new();
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        let channel = account.channel(&instance, &user, "c").await;
        let all = [account.bot(&instance).await, account.channel_flow(&instance).await, channel, user, instance];
        for arn in all {
            let tag = |key: &str| identity::types::Tag::builder().key(key).value("1").build();
            let request = account.identity.tag_resource().resource_arn(&arn);
            request.tags(tag("a").unwrap()).tags(tag("b").unwrap()).send().await.unwrap();
            let tag = messaging::types::Tag::builder().key("b").value("2").build().unwrap();
            account.messaging.tag_resource().resource_arn(&arn).tags(tag).send().await.unwrap();
            let untag = account.messaging.untag_resource().resource_arn(&arn);
            untag.tag_keys("a").tag_keys("none").send().await.unwrap();
            let list = account.identity.list_tags_for_resource().resource_arn(&arn).send().await;
            let tags = list.unwrap().tags.unwrap();
            assert_eq!(tags.len(), 1);
            assert_eq!((tags[0].key(), tags[0].value()), ("b", "2"));
            let services: Vec<Service> =
                account.simulator.take_calls().iter().rev().take(4).map(|c| c.service).collect();
            let (identity, messaging) = (Service::Identity, Service::Messaging);
            assert_eq!(services, [identity, messaging, messaging, identity]);
        }
    }

    #[tokio::test]
    async fn invalid_tags_are_rejected() {
        let account = Account::new();
        let arn = account.app_instance().await;
        let tag = async |tags: Vec<(String, &str)>| {
            let tags = tags
                .into_iter()
                .map(|(key, value)| identity::types::Tag::builder().key(key).value(value).build().unwrap());
            let request = account.identity.tag_resource().resource_arn(&arn);
            failure(request.set_tags(Some(tags.collect())).send().await)
        };
        assert_eq!(tag(vec![("a".into(), "")]).await, is(400, "BadRequest"));
        assert_eq!(tag(vec![("aws:a".into(), "1")]).await, is(400, "BadRequest"));
        let twice = vec![("a".into(), "1"), ("a".into(), "2")];
        assert_eq!(tag(twice).await, is(400, "BadRequest"));
        let all =
            (0..50).map(|number| identity::types::Tag::builder().key(format!("k{number}")).value("v").build().unwrap());
        let request = account.identity.tag_resource().resource_arn(&arn);
        request.set_tags(Some(all.collect())).send().await.unwrap();
        assert_eq!(tag(vec![("more".into(), "1")]).await, is(400, "ResourceLimitExceeded"));
        let list = account.identity.list_tags_for_resource().resource_arn(&arn);
        assert_eq!(list.send().await.unwrap().tags.unwrap().len(), 50);
    }
}
