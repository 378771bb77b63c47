//! App instances, which hold everything else.

use crate::admin::Admin;
use crate::arn::{self, uuid};
use crate::behaviour::AppInstanceDelete;
use crate::bot::Bot;
use crate::channel::Channel;
use crate::channel_flow::ChannelFlow;
use crate::error::Answer;
use crate::state::Stamp;
use crate::tags::Tag;
use crate::turn::Turn;
use crate::user::User;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::time::Instant;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AppInstance {
    pub app_instance_arn: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub admins: Vec<Admin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bots: Vec<Bot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streaming_configurations: Vec<Json>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_flows: Vec<ChannelFlow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl AppInstance {
    /// Removes a user or bot, that is no more, from all that it took part in.
    pub fn forget(&mut self, arn: &str) {
        self.admins.retain(|admin| admin.arn != arn);
        for channel in &mut self.channels {
            channel.memberships.retain(|membership| membership.member_arn != arn);
            channel.moderators.retain(|moderator| moderator.arn != arn);
            channel.bans.retain(|ban| ban.arn != arn);
        }
    }

    /// What is wrong with one that is put in place by hand.
    pub fn problem(&self) -> Option<String> {
        let own = &self.app_instance_arn;
        if arn::kind(own) != Some("app-instance") {
            return Some(format!("{own} is not the ARN of an app instance"));
        }
        let users = self.users.iter().map(|user| ("user", &user.app_instance_user_arn));
        let bots = self.bots.iter().map(|bot| ("bot", &bot.app_instance_bot_arn));
        let flows = self.channel_flows.iter().map(|flow| ("channel-flow", &flow.channel_flow_arn));
        let channels = self.channels.iter().map(|channel| ("channel", &channel.channel_arn));
        let stray = users
            .chain(bots)
            .chain(flows)
            .chain(channels)
            .find(|(kind, arn)| arn::app_instance(arn) != Some(own) || arn::kind(arn) != Some(kind));
        if let Some((kind, arn)) = stray {
            return Some(format!("{arn} is not the ARN of a {kind} of {own}"));
        }
        let known = |arn: &String| {
            self.users.iter().any(|user| user.app_instance_user_arn == *arn)
                || self.bots.iter().any(|bot| bot.app_instance_bot_arn == *arn)
        };
        let nobody = self.admins.iter().find(|admin| !known(&admin.arn));
        nobody.map(|admin| format!("the admin {} is not among the users or bots", admin.arn))
    }

    fn summary(&self) -> Json {
        json!({
            "AppInstanceArn": self.app_instance_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let (region, account) = (turn.region, turn.account);
    let arn = format!("arn:aws:chime:{region}:{account}:app-instance/{}", uuid());
    let instance = AppInstance {
        app_instance_arn: arn.clone(),
        name: turn.text("Name"),
        metadata: turn.metadata(),
        tags: turn.tags()?,
        users: Vec::new(),
        admins: Vec::new(),
        bots: Vec::new(),
        retention_days: None,
        streaming_configurations: Vec::new(),
        channel_flows: Vec::new(),
        channels: Vec::new(),
        stamp: Stamp::default(),
    };
    turn.state.app_instances.push(instance);
    Ok(json!({"AppInstanceArn": arn}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?;
    let mut described = instance.summary();
    described["CreatedTimestamp"] = instance.stamp.created.into();
    described["LastUpdatedTimestamp"] = instance.stamp.updated.into();
    Ok(json!({"AppInstance": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    let (name, metadata) = (turn.text("Name"), turn.metadata());
    let instance = turn.app_instance()?;
    instance.name = name;
    instance.metadata = metadata;
    instance.stamp.touch();
    Ok(json!({"AppInstanceArn": instance.app_instance_arn}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("AppInstanceArn");
    let all = &mut turn.state.app_instances;
    let Some(index) = all.iter().position(|instance| instance.app_instance_arn == arn) else {
        return turn.delete_missing(&arn);
    };
    let instance = all.remove(index);
    if let AppInstanceDelete::Asynchronous { listed_for } = turn.behaviour.app_instance_delete {
        turn.state.deleting.push((instance, Instant::now() + turn.time_scale.of(listed_for)));
    }
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let now = Instant::now();
    let present = &turn.state.app_instances;
    let deleting = turn.state.deleting.iter().filter(|(_, until)| *until > now).map(|(instance, _)| instance);
    let deleting = deleting.filter(|gone| present.iter().all(|one| one.app_instance_arn != gone.app_instance_arn));
    let all = present.iter().chain(deleting);
    let (page, next) = turn.page(all.map(AppInstance::summary).collect())?;
    Ok(json!({"AppInstances": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, identity, is};

    #[tokio::test]
    async fn an_app_instance_lives_and_dies() {
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
    async fn deleting_an_app_instance_takes_all_in_it_along() {
        let account = Account::new();
        let arn = account.app_instance().await;
        let user = account.user(&arn, "u").await;
        account.identity.delete_app_instance().app_instance_arn(&arn).send().await.unwrap();
        let gone = account.identity.describe_app_instance_user().app_instance_user_arn(user);
        assert_eq!(failure(gone.send().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn the_arn_of_something_inside_does_not_stand_for_the_app_instance() {
        let account = Account::new();
        let user = account.user(&account.app_instance().await, "u").await;
        let wrong = account.identity.describe_app_instance().app_instance_arn(&user).send().await;
        assert_eq!(failure(wrong), is(404, "NotFound"));
        let wrong = account.identity.delete_app_instance().app_instance_arn(&user).send().await;
        assert_eq!(failure(wrong), is(404, "NotFound"));
    }
}
