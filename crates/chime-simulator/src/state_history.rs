//! Former states of the account, for reads that lag behind.

use crate::state::State;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Former states of the account.
#[derive(Debug, Default)]
pub(crate) struct StateHistory {
    /// The states, each with its beginning; the last is the present one.
    states: VecDeque<(Instant, State)>,
    /// The state before a deletion, and how long the deleted entity is shown.
    deletions: Vec<(Instant, State)>,
}

impl StateHistory {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.states.clear();
        self.deletions.clear();
    }

    /// Records that `before` has just become `after`. Nothing older than `longest` is needed.
    pub fn record(&mut self, before: State, after: State, longest: Duration) {
        let now = Instant::now();
        while self.states.get(1).is_some_and(|(since, _)| since.elapsed() >= longest) {
            self.states.pop_front();
        }
        if self.states.is_empty() {
            self.states.push_back((now, before));
        }
        self.states.push_back((now, after));
    }

    /// Records a deletion just now; the deleted entity is still shown for `time`.
    pub fn record_deletion(&mut self, before: State, time: Duration) {
        self.deletions.push((Instant::now() + time, before));
    }

    /// The state as it was `lag` ago, unless that is the present one.
    pub fn at(&self, lag: Duration) -> Option<State> {
        if lag.is_zero() {
            return None;
        }
        let stood = self.states.iter().rev().find(|(since, _)| since.elapsed() >= lag);
        stood.or_else(|| self.states.front()).map(|(_, state)| state.clone())
    }

    /// The state with everything that is deleted but still shown, if there is any.
    pub fn with_deleted(&mut self, state: &State) -> Option<State> {
        let now = Instant::now();
        self.deletions.retain(|(until, _)| *until > now);
        (!self.deletions.is_empty()).then(|| {
            let mut shown = state.clone();
            for (_, before) in &self.deletions {
                shown.restore(before);
            }
            shown
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::behaviour::Behaviour;
    use crate::simulator::Options;
    use crate::testing::{Account, failure, identity, is};
    use crate::time_scale::TimeScale;
    use serde_json::Value as Json;
    use std::time::{Duration, Instant};

    const LAG: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn reads_may_lag_behind_writes() {
        let account = Account::with(Behaviour { read_after_write: LAG, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let describe = || chime.describe_app_instance().app_instance_arn(&instance).send();
        let list = async || chime.list_app_instances().send().await.unwrap().app_instances.unwrap().len();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
        assert_eq!(list().await, 0);
        // Writes see the present state.
        account.user(&instance, "u").await;
        tokio::time::sleep(LAG).await;
        describe().await.unwrap();
        chime.delete_app_instance().app_instance_arn(&instance).send().await.unwrap();
        assert_eq!(list().await, 1);
        tokio::time::sleep(LAG).await;
        assert_eq!(list().await, 0);
    }

    #[tokio::test]
    async fn lists_and_tags_may_lag_more_than_describe() {
        let account = Account::with(Behaviour { list_lag: LAG, tags_lag: 2 * LAG, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let list = async || chime.list_app_instances().send().await.unwrap().app_instances.unwrap().len();
        let tags = || chime.list_tags_for_resource().resource_arn(&instance).send();
        chime.describe_app_instance().app_instance_arn(&instance).send().await.unwrap();
        assert_eq!(list().await, 0);
        assert_eq!(failure(tags().await), is(404, "NotFound"));
        tokio::time::sleep(LAG).await;
        assert_eq!(list().await, 1);
        assert_eq!(failure(tags().await), is(404, "NotFound"));
        tokio::time::sleep(LAG).await;
        tags().await.unwrap();
    }

    #[tokio::test]
    async fn tags_may_be_empty_at_first() {
        let account = Account::with(Behaviour { tags_lag: LAG, tags_empty_in_lag: true, ..Behaviour::default() });
        let chime = &account.identity;
        let tag = identity::types::Tag::builder().key("k").value("v").build().unwrap();
        let made = chime.create_app_instance().name("n").tags(tag).send().await.unwrap();
        let instance = made.app_instance_arn.unwrap();
        let tags = async |arn: &str| chime.list_tags_for_resource().resource_arn(arn).send().await;
        assert_eq!(tags(&instance).await.unwrap().tags, None);
        assert_eq!(failure(tags(&format!("{instance}/user/nobody")).await), is(404, "NotFound"));
        tokio::time::sleep(LAG).await;
        assert_eq!(tags(&instance).await.unwrap().tags.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_lag_is_scaled() {
        let behaviour = Behaviour { read_after_write: 100 * LAG, ..Behaviour::default() };
        let account =
            Account::of(Options { behaviour, time_scale: TimeScale::times(100), ..Options::default() }, "us-east-1");
        let instance = account.app_instance().await;
        let describe = || account.identity.describe_app_instance().app_instance_arn(&instance).send();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
        tokio::time::sleep(LAG).await;
        describe().await.unwrap();
    }

    #[tokio::test]
    async fn a_deleted_entity_may_be_shown_for_a_while() {
        let account = Account::with(Behaviour { delete_time: LAG, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let user = account.user(&instance, "u").await;
        account.admin(&instance, &user).await;
        let delete = || chime.delete_app_instance_user().app_instance_user_arn(&user).send();
        let create = || {
            let create = chime.create_app_instance_user().app_instance_arn(&instance);
            create.app_instance_user_id("u").name("u").send()
        };
        let describe = || chime.describe_app_instance_user().app_instance_user_arn(&user).send();
        let list = async || {
            let list = chime.list_app_instance_users().app_instance_arn(&instance).send().await;
            list.unwrap().app_instance_users.unwrap().len()
        };
        let before = Instant::now();
        delete().await.unwrap();
        assert!(before.elapsed() < LAG);
        describe().await.unwrap();
        assert_eq!(list().await, 1);
        chime.list_tags_for_resource().resource_arn(&user).send().await.unwrap();
        assert_eq!(failure(create().await), is(409, "Conflict"));
        assert_eq!(failure(delete().await), is(404, "NotFound"));
        assert_eq!(account.simulator.holds()[0]["Users"], Json::Null);
        tokio::time::sleep(LAG).await;
        assert_eq!(failure(describe().await), is(404, "NotFound"));
        assert_eq!(list().await, 0);
        create().await.unwrap();
    }
}
