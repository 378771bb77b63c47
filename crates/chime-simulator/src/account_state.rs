//! The mutable state of a simulator.

use crate::behaviour::{Behaviour, TokenReplay};
use crate::call::Call;
use crate::fault::Fault;
use crate::rate::Bucket;
use crate::seed::{seed, snapshot};
use crate::state::State;
use crate::state::entity::grow_older;
use crate::state_history::StateHistory;
use crate::time_scale::TimeScale;
use crate::tokens::Tokens;
use serde_json::Value as Json;
use std::time::Duration;

/// The account, its former states, and how Chime behaves.
#[derive(Debug, Default)]
pub(crate) struct AccountState {
    pub state: State,
    /// What `state` is reset to.
    initial: State,
    pub behaviour: Behaviour,
    pub time_scale: TimeScale,
    pub faults: Vec<Fault>,
    pub calls: Vec<Call>,
    pub tokens: Tokens,
    history: StateHistory,
    bucket: Bucket,
}

impl AccountState {
    pub fn new(initial: State, behaviour: Behaviour, time_scale: TimeScale) -> Self {
        Self { state: initial.clone(), initial, behaviour, time_scale, ..Self::default() }
    }

    /// Resets everything but the behaviour.
    pub fn reset(&mut self) {
        let (initial, behaviour) = (std::mem::take(&mut self.initial), std::mem::take(&mut self.behaviour));
        *self = Self::new(initial, behaviour, self.time_scale);
    }

    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
        self.bucket = Bucket::default();
        self.forget_history();
    }

    /// Puts app instances in place. They are visible at once.
    pub fn seed(&mut self, app_instances: Json) -> Result<(), String> {
        seed(&mut self.state, app_instances)?;
        self.forget_history();
        Ok(())
    }

    /// Replaces everything with what `f` makes of it. The result is visible at once.
    pub fn change(&mut self, f: impl FnOnce(Json) -> Json) -> Result<(), String> {
        let mut changed = State::default();
        seed(&mut changed, f(snapshot(&self.state)))?;
        changed.keep_times(&self.state);
        self.state.app_instances = changed.app_instances;
        self.forget_history();
        Ok(())
    }

    /// Lets everything have been there for longer.
    pub fn grow_older(&mut self, by: Duration) {
        grow_older(&mut self.state.app_instances, by.as_secs_f64());
        self.forget_history();
    }

    /// Whether one more call is within the rate; otherwise it is throttled.
    pub fn allows_call(&mut self) -> bool {
        let second = self.time_scale.of(Duration::from_secs(1));
        self.behaviour.rate.is_none_or(|rate| self.bucket.allows(rate, second))
    }

    /// The state that a reading operation sees, unless it is the present one.
    pub fn visible_state(&mut self, operation: &str) -> Option<State> {
        let lagging = self.history.at(self.time_scale.of(self.behaviour.lag(operation)));
        self.history.with_deleted(lagging.as_ref().unwrap_or(&self.state)).or(lagging)
    }

    /// The present state with everything that is deleted but still shown, if there is any.
    pub fn state_with_deleted(&mut self) -> Option<State> {
        self.history.with_deleted(&self.state)
    }

    /// Whether former states are needed.
    pub fn keeps_history(&self) -> bool {
        !self.behaviour.longest_lag().is_zero() || !self.behaviour.delete_time.is_zero()
    }

    /// Records a change of `before` to the present state.
    pub fn record(&mut self, operation: &str, before: Option<State>) {
        self.forget_tokens();
        let Some(before) = before else { return };
        let (longest, delete_time) = (self.behaviour.longest_lag(), self.behaviour.delete_time);
        if operation.starts_with("Delete") && !delete_time.is_zero() {
            self.history.record_deletion(before.clone(), self.time_scale.of(delete_time));
        }
        if !longest.is_zero() {
            self.history.record(before, self.state.clone(), self.time_scale.of(longest));
        }
    }

    /// Forgets all former states.
    fn forget_history(&mut self) {
        self.history.clear();
        self.forget_tokens();
    }

    fn forget_tokens(&mut self) {
        if self.behaviour.token_replay == TokenReplay::Forgotten {
            self.tokens.retain(|answer| self.state.has_made(answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::behaviour::Behaviour;
    use crate::testing::{Account, identity};
    use serde_json::json;
    use std::time::Duration;

    #[tokio::test]
    async fn a_change_by_hand_is_visible_at_once_and_keeps_timestamps() {
        let lag = Duration::from_secs(60);
        let account = Account::with(Behaviour { read_after_write: lag, ..Behaviour::default() });
        let chime = &account.identity;
        let (instance, other) = (account.app_instance().await, account.app_instance().await);
        let user = account.user(&instance, "u").await;
        let tag = |key: &str| identity::types::Tag::builder().key(key).value("v").build().unwrap();
        let request = chime.tag_resource().resource_arn(&user).tags(tag("a")).tags(tag("b"));
        request.send().await.unwrap();
        let describe = async || {
            let user = chime.describe_app_instance_user().app_instance_user_arn(&user).send().await.unwrap();
            user.app_instance_user.unwrap()
        };
        account.simulator.change(|held| held).unwrap();
        let created = describe().await.created_timestamp;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let changed = account.simulator.change(|mut held| {
            held[0]["Users"][0]["Tags"] = json!([{"Key": "b", "Value": "v"}]);
            held.as_array_mut().unwrap().remove(1);
            held
        });
        changed.unwrap();
        let tags = chime.list_tags_for_resource().resource_arn(&user).send().await.unwrap().tags.unwrap();
        assert_eq!(tags.iter().map(|tag| tag.key()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(describe().await.created_timestamp, created);
        let listed = chime.list_app_instances().send().await.unwrap().app_instances.unwrap();
        assert!(listed.iter().all(|one| one.app_instance_arn.as_ref() != Some(&other)));
        assert!(account.simulator.change(|_| json!([{"Name": "n"}])).is_err());
        assert_eq!(account.simulator.holds().as_array().unwrap().len(), 1);
    }
}
