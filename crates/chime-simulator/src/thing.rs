//! What all that the account holds has in common: an id, and times.

use crate::admin::Admin;
use crate::app_instance::AppInstance;
use crate::bot::Bot;
use crate::channel::Channel;
use crate::channel_flow::ChannelFlow;
use crate::endpoint::Endpoint;
use crate::membership::Membership;
use crate::state::Stamp;
use crate::user::User;

/// Something that is one among its like by an id.
pub(crate) trait Thing: Clone {
    /// Its ARN, or whatever it is known by.
    fn id(&self) -> &str;

    /// When it was made and changed.
    fn stamp(&mut self) -> &mut Stamp;

    /// Puts back what it held in its former state and has lost since.
    fn restore(&mut self, _former: &Self) {}

    /// Gives all that it holds the times of its former state.
    fn keep_times(&mut self, _former: &Self) {}
}

/// Puts back those that are no more, and what the others have lost.
pub(crate) fn restore<T: Thing>(things: &mut Vec<T>, former: &[T]) {
    for old in former {
        match things.iter_mut().find(|thing| thing.id() == old.id()) {
            Some(thing) => thing.restore(old),
            None => things.push(old.clone()),
        }
    }
}

/// Gives those that were there before their former times.
pub(crate) fn keep_times<T: Thing>(things: &mut [T], former: &[T]) {
    for thing in things {
        if let Some(old) = former.iter().find(|old| old.id() == thing.id()) {
            *thing.stamp() = *old.clone().stamp();
            thing.keep_times(old);
        }
    }
}

impl Thing for AppInstance {
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
}

impl Thing for Channel {
    fn id(&self) -> &str {
        &self.channel_arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn restore(&mut self, former: &Self) {
        restore(&mut self.memberships, &former.memberships);
        restore(&mut self.moderators, &former.moderators);
        restore(&mut self.bans, &former.bans);
    }

    fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.memberships, &former.memberships);
        keep_times(&mut self.moderators, &former.moderators);
        keep_times(&mut self.bans, &former.bans);
    }
}

impl Thing for User {
    fn id(&self) -> &str {
        &self.app_instance_user_arn
    }

    fn stamp(&mut self) -> &mut Stamp {
        &mut self.stamp
    }

    fn keep_times(&mut self, former: &Self) {
        keep_times(&mut self.endpoints, &former.endpoints);
    }
}

/// The things that hold no others.
macro_rules! alone {
    ($($thing:ident by $id:ident),*) => {$(
        impl Thing for $thing {
            fn id(&self) -> &str {
                &self.$id
            }

            fn stamp(&mut self) -> &mut Stamp {
                &mut self.stamp
            }
        }
    )*};
}

alone!(
    Admin by arn,
    Bot by app_instance_bot_arn,
    ChannelFlow by channel_flow_arn,
    Endpoint by endpoint_id,
    Membership by member_arn
);
