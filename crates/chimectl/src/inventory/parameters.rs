//! The parameters of the older library: which of them name what is no longer there.

use crate::inventory::entry::{Entry, Kind};
use crate::ownership::older_library::Parameter;
use crate::ownership::owners::Owners;
use std::collections::BTreeSet;

/// What the walk has met of what parameters name, and what it could not look at.
#[derive(Debug, Default)]
pub struct Parameters {
    /// What was met, by its ARN and whether it is the admin rights of that.
    met: BTreeSet<(String, bool)>,
    /// The kinds that were not walked through, by their app instances. An empty ARN stands for all of them.
    unseen: BTreeSet<(Kind, String)>,
}

impl Parameters {
    /// The resource of this parameter is there.
    pub fn meet(&mut self, parameter: &Parameter) {
        self.met.insert((parameter.arn.clone(), parameter.is_of_admin()));
    }

    /// What is of this kind in an app instance was not walked through.
    pub fn leave_unseen(&mut self, kind: Kind, app_instance: &str) {
        self.unseen.insert((kind, app_instance.to_owned()));
    }

    /// The parameters that name something in one of these app instances, or all of them if there are none.
    pub fn entries(&self, owners: &Owners<'_>, app_instances: &[String]) -> Vec<Entry> {
        let is_asked_for =
            |arn: &str| app_instances.is_empty() || app_instances.iter().any(|named| arn.starts_with(named.as_str()));
        let all = owners.older_library().parameters().iter().filter(|parameter| is_asked_for(&parameter.arn));
        let entry = all.map(|parameter| {
            let what = match self.is_gone(parameter) {
                true => format!("{}, which is gone", parameter.arn),
                false => parameter.arn.clone(),
            };
            Entry::new(Kind::Parameter, &parameter.name, owners.of_parameter(parameter)).with(what)
        });
        entry.collect()
    }

    fn is_gone(&self, parameter: &Parameter) -> bool {
        let end = parameter.arn.match_indices('/').nth(1).map_or(parameter.arn.len(), |(at, _)| at);
        let app_instance = &parameter.arn[..end];
        let is_unseen = |kind| {
            self.unseen.contains(&(kind, String::new())) || self.unseen.contains(&(kind, app_instance.to_owned()))
        };
        let is_met = self.met.contains(&(parameter.arn.clone(), parameter.is_of_admin()));
        !is_met && !is_unseen(Kind::AppInstance) && !is_unseen(kind_of(parameter))
    }
}

fn kind_of(parameter: &Parameter) -> Kind {
    let is_in = |path: &str| parameter.arn.contains(path);
    match parameter.is_of_admin() {
        true => Kind::Admin,
        false if is_in("/user/") => Kind::User,
        false if is_in("/bot/") => Kind::Bot,
        false if is_in("/channel-flow/") => Kind::Flow,
        false => Kind::AppInstance,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn parameter(path: &str, what: &str) -> Parameter {
        Parameter { name: format!("/chime/{path}/Uid"), arn: format!("{APP}{what}") }
    }

    #[test]
    fn only_what_was_looked_for_and_not_met_is_gone() {
        let (user, admin) = (parameter("appInstanceUserId", "/user/u"), parameter("appInstanceAdminArn", "/user/u"));
        let mut parameters = Parameters::default();
        assert!(parameters.is_gone(&user) && parameters.is_gone(&admin));
        parameters.meet(&user);
        assert!(!parameters.is_gone(&user) && parameters.is_gone(&admin));
        parameters.leave_unseen(Kind::Admin, APP);
        assert!(!parameters.is_gone(&admin));
        let (bot, app) = (parameter("appInstanceBotId", "/bot/b"), parameter("appInstanceArn", ""));
        assert!(parameters.is_gone(&bot) && parameters.is_gone(&app));
        parameters.leave_unseen(Kind::AppInstance, "");
        assert!(!parameters.is_gone(&bot) && !parameters.is_gone(&app));
    }
}
