//! An app instance, which holds everything else.

use crate::arn;
use crate::state::association::Association;
use crate::state::bot::Bot;
use crate::state::channel::Channel;
use crate::state::channel_flow::ChannelFlow;
use crate::state::entity::{Entity, Stamp, grow_older, keep_times, restore};
use crate::state::tag::Tag;
use crate::state::user::User;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

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
    pub admins: Vec<Association>,
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

impl Entity for AppInstance {
    fn id(&self) -> &str {
        &self.app_instance_arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn restore(&mut self, former: &Self) {
        restore(&mut self.users, &former.users);
        restore(&mut self.admins, &former.admins);
        restore(&mut self.bots, &former.bots);
        restore(&mut self.channel_flows, &former.channel_flows);
        restore(&mut self.channels, &former.channels);
        if self.streaming_configurations.is_empty() {
            self.streaming_configurations.clone_from(&former.streaming_configurations);
        }
    }

    fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.users, &former.users);
        keep_times(&mut self.admins, &former.admins);
        keep_times(&mut self.bots, &former.bots);
        keep_times(&mut self.channel_flows, &former.channel_flows);
        keep_times(&mut self.channels, &former.channels);
    }

    fn grow_older(&mut self, seconds: f64) {
        grow_older(&mut self.users, seconds);
        grow_older(&mut self.admins, seconds);
        grow_older(&mut self.bots, seconds);
        grow_older(&mut self.channel_flows, seconds);
        grow_older(&mut self.channels, seconds);
    }
}

impl AppInstance {
    /// A new app instance, without anything in it.
    pub fn new(arn: String, name: String, metadata: Option<String>, tags: Vec<Tag>) -> Self {
        Self {
            app_instance_arn: arn,
            name,
            metadata,
            tags,
            users: Vec::new(),
            admins: Vec::new(),
            bots: Vec::new(),
            retention_days: None,
            streaming_configurations: Vec::new(),
            channel_flows: Vec::new(),
            channels: Vec::new(),
            stamp: Stamp::default(),
        }
    }

    /// Its entry in a List.
    pub fn summary(&self) -> Json {
        json!({
            "AppInstanceArn": self.app_instance_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }

    /// Removes a deleted user or bot from all lists.
    pub fn forget(&mut self, arn: &str) {
        self.admins.retain(|admin| admin.arn != arn);
        self.channels.iter_mut().for_each(|channel| channel.forget(arn));
    }

    /// The ARN and the name of every user and bot.
    pub fn identities(&self) -> impl Iterator<Item = (&str, &str)> {
        let users = self.users.iter().map(|user| (&*user.app_instance_user_arn, &*user.name));
        users.chain(self.bots.iter().map(|bot| (&*bot.app_instance_bot_arn, &*bot.name)))
    }

    /// The reason why it is impossible, if somebody made it by hand.
    pub fn problem(&self) -> Option<String> {
        let own = &self.app_instance_arn;
        if arn::kind(own) != Some("app-instance") {
            return Some(format!("{own} is not the ARN of an app instance"));
        }
        let users = self.users.iter().map(|user| ("user", user.id()));
        let bots = self.bots.iter().map(|bot| ("bot", bot.id()));
        let flows = self.channel_flows.iter().map(|flow| ("channel-flow", flow.id()));
        let channels = self.channels.iter().map(|channel| ("channel", channel.id()));
        let mut all = users.chain(bots).chain(flows).chain(channels);
        let stray = all.find(|(kind, arn)| arn::app_instance(arn) != Some(own) || arn::kind(arn) != Some(kind));
        if let Some((kind, arn)) = stray {
            return Some(format!("{arn} is not the ARN of a {kind} of {own}"));
        }
        let is_known = |admin: &&Association| self.identities().any(|(arn, _)| arn == admin.arn);
        let nobody = self.admins.iter().find(|admin| !is_known(admin));
        nobody.map(|admin| format!("the admin {} is not among the users or bots", admin.arn))
    }
}
