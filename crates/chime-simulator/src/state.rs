//! Everything that the simulated account holds.

pub(crate) mod app_instance;
pub(crate) mod association;
pub(crate) mod bot;
pub(crate) mod channel;
pub(crate) mod channel_flow;
pub(crate) mod endpoint;
pub(crate) mod entity;
pub(crate) mod membership;
pub(crate) mod tag;
pub(crate) mod user;

use crate::arn;
use crate::state::app_instance::AppInstance;
use crate::state::entity::{keep_times, restore};
use crate::state::tag::Tag;
use serde_json::{Value as Json, json};
use std::time::Instant;

/// The account.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub app_instances: Vec<AppInstance>,
    /// Deleted, but listed until then.
    pub deleting: Vec<(AppInstance, Instant)>,
}

impl State {
    /// The app instance that `arn` names, or in which it names something.
    pub fn app_instance(&self, arn: &str) -> Option<&AppInstance> {
        let wanted = arn::app_instance(arn)?;
        self.app_instances.iter().find(|instance| instance.app_instance_arn == wanted)
    }

    /// The same, to be changed.
    pub fn app_instance_mut(&mut self, arn: &str) -> Option<&mut AppInstance> {
        let wanted = arn::app_instance(arn)?;
        self.app_instances.iter_mut().find(|instance| instance.app_instance_arn == wanted)
    }

    /// `{"Arn", "Name"}` of a user or bot that exists.
    pub fn identity(&self, arn: &str) -> Option<Json> {
        let mut identities = self.app_instance(arn)?.identities();
        identities.find(|(found, _)| *found == arn).map(|(arn, name)| json!({"Arn": arn, "Name": name}))
    }

    /// Whether a user or bot is an admin of its app instance.
    pub fn is_admin(&self, arn: &str) -> bool {
        self.app_instance(arn).is_some_and(|instance| instance.admins.iter().any(|admin| admin.arn == arn))
    }

    /// Whether what a Create or Register answered so about is there.
    pub fn has_made(&mut self, answer: &Json) -> bool {
        let text = |member: &str| answer[member].as_str();
        if let (Some(user), Some(id)) = (text("AppInstanceUserArn"), text("EndpointId")) {
            let users = self.app_instance(user).map_or(&[][..], |instance| &instance.users);
            let user = users.iter().find(|found| found.app_instance_user_arn == user);
            return user.is_some_and(|user| user.endpoints.iter().any(|endpoint| endpoint.endpoint_id == id));
        }
        let arns = ["AppInstanceUserArn", "AppInstanceBotArn", "ChannelFlowArn", "ChannelArn", "AppInstanceArn"];
        arns.into_iter().find_map(text).is_some_and(|arn| self.tags_mut(arn).is_some())
    }

    /// Puts back what was in the former state and is gone.
    pub fn restore(&mut self, former: &Self) {
        restore(&mut self.app_instances, &former.app_instances);
    }

    /// Gives what was in the former state the times that it had there.
    pub fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.app_instances, &former.app_instances);
    }

    /// The tags of a resource that exists.
    pub fn tags_mut(&mut self, arn: &str) -> Option<&mut Vec<Tag>> {
        let instance = self.app_instance_mut(arn)?;
        if instance.app_instance_arn == arn {
            return Some(&mut instance.tags);
        }
        let users = instance.users.iter_mut().map(|x| (&x.app_instance_user_arn, &mut x.tags));
        let bots = instance.bots.iter_mut().map(|x| (&x.app_instance_bot_arn, &mut x.tags));
        let flows = instance.channel_flows.iter_mut().map(|x| (&x.channel_flow_arn, &mut x.tags));
        let channels = instance.channels.iter_mut().map(|x| (&x.channel_arn, &mut x.tags));
        let mut all = users.chain(bots).chain(flows).chain(channels);
        all.find(|(found, _)| *found == arn).map(|(_, tags)| tags)
    }
}
