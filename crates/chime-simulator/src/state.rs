//! Everything that the simulated account holds.

use crate::app_instance::AppInstance;
use crate::arn;
use crate::tags::Tag;
use crate::thing;
use serde_json::{Value as Json, json};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The account.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub app_instances: Vec<AppInstance>,
    /// Deleted, but listed until then.
    pub deleting: Vec<(AppInstance, Instant)>,
}

impl State {
    /// The app instance in which `arn` lies, or which it is.
    pub fn around(&self, arn: &str) -> Option<&AppInstance> {
        let wanted = arn::app_instance(arn)?;
        self.app_instances.iter().find(|instance| instance.app_instance_arn == wanted)
    }

    /// The same, to be changed.
    pub fn around_mut(&mut self, arn: &str) -> Option<&mut AppInstance> {
        let wanted = arn::app_instance(arn)?;
        self.app_instances.iter_mut().find(|instance| instance.app_instance_arn == wanted)
    }

    /// `{"Arn", "Name"}` of a user or bot that exists.
    pub fn identity(&self, arn: &str) -> Option<Json> {
        let instance = self.around(arn)?;
        let users = instance.users.iter().map(|user| (&user.app_instance_user_arn, &user.name));
        let bots = instance.bots.iter().map(|bot| (&bot.app_instance_bot_arn, &bot.name));
        let mut both = users.chain(bots);
        both.find(|(found, _)| *found == arn).map(|(arn, name)| json!({"Arn": arn, "Name": name}))
    }

    /// Whether what a Create or Register answered so about is there.
    pub fn has_made(&mut self, answer: &Json) -> bool {
        let text = |member: &str| answer[member].as_str();
        if let (Some(user), Some(id)) = (text("AppInstanceUserArn"), text("EndpointId")) {
            let users = self.around(user).map_or(&[][..], |instance| &instance.users);
            let user = users.iter().find(|found| found.app_instance_user_arn == user);
            return user.is_some_and(|user| user.endpoints.iter().any(|endpoint| endpoint.endpoint_id == id));
        }
        let arns = ["AppInstanceUserArn", "AppInstanceBotArn", "ChannelFlowArn", "ChannelArn", "AppInstanceArn"];
        arns.into_iter().find_map(text).is_some_and(|arn| self.tags_mut(arn).is_some())
    }

    /// Puts back what was in the former state and is no more.
    pub fn restore(&mut self, former: &Self) {
        thing::restore(&mut self.app_instances, &former.app_instances);
    }

    /// Gives what was in the former state the times that it had there.
    pub fn keep_times(&mut self, former: &Self) {
        thing::keep_times(&mut self.app_instances, &former.app_instances);
    }

    /// The tags of a resource that exists.
    pub fn tags_mut(&mut self, arn: &str) -> Option<&mut Vec<Tag>> {
        let instance = self.around_mut(arn)?;
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

/// When a thing was made and last changed, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub created: f64,
    pub updated: f64,
}

impl Default for Stamp {
    fn default() -> Self {
        let now = now();
        Self { created: now, updated: now }
    }
}

impl Stamp {
    /// It was changed just now.
    pub fn touch(&mut self) {
        self.updated = now();
    }
}

/// Seconds since 1970, to the millisecond, as the APIs give times.
pub(crate) fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as f64 / 1000.0
}
