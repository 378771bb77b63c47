//! Used ClientRequestTokens.

use crate::behaviour::TokenReplay;
use crate::error::{Answer, ApiError};
use crate::model::Members;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// An operation and a token. Another operation may use the same token.
pub(crate) type Key = (&'static str, String);

/// The tokens of requests that succeeded, and of requests in flight.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    done: BTreeMap<Key, (Members, Json)>,
    in_flight: BTreeSet<Key>,
}

impl Tokens {
    /// The answer to a used token; none for a new one, which is in flight from now on.
    pub fn begin(&mut self, key: &Key, input: &Members, replay: TokenReplay) -> Option<Answer> {
        let conflict = || ApiError::conflict("Resource creation in progress or has already been created.");
        match self.done.get(key) {
            Some((first, answer)) if first == input && replay != TokenReplay::Conflict409 => Some(Ok(answer.clone())),
            Some(_) => Some(Err(conflict())),
            None if self.in_flight.insert(key.clone()) => None,
            None => Some(Err(conflict())),
        }
    }

    /// Ends a request in flight. Its token is used only if it succeeded.
    pub fn end(&mut self, key: Key, success: Option<(Members, Json)>) {
        self.in_flight.remove(&key);
        if let Some(success) = success {
            self.done.insert(key, success);
        }
    }

    /// Keeps the tokens whose answer passes.
    pub fn retain(&mut self, mut keep: impl FnMut(&Json) -> bool) {
        self.done.retain(|_, (_, answer)| keep(answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::testing::{Account, failure, is};
    use std::time::Duration;

    #[tokio::test]
    async fn a_used_token_returns_the_first_result_or_a_conflict() {
        for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409, TokenReplay::Forgotten] {
            let account = Account::with(Behaviour { token_replay, ..Behaviour::default() });
            let create = |name: &str, token: &str| {
                let create = account.identity.create_app_instance().name(name);
                create.client_request_token(token).send()
            };
            let first = create("n", "token-1").await.unwrap().app_instance_arn;
            let again = create("n", "token-1").await;
            match token_replay {
                TokenReplay::FirstResult201 | TokenReplay::Forgotten => {
                    assert_eq!(again.unwrap().app_instance_arn, first)
                }
                TokenReplay::Conflict409 => assert_eq!(failure(again), is(409, "Conflict")),
            }
            assert_eq!(failure(create("other", "token-1").await), is(409, "Conflict"));
            assert_ne!(create("n", "token-2").await.unwrap().app_instance_arn, first);
            assert_eq!(account.simulator.holds().as_array().unwrap().len(), 2);
        }
    }

    #[tokio::test]
    async fn a_failed_request_does_not_use_up_its_token() {
        let account = Account::new();
        let create = |instance: &str| {
            let create = account.identity.create_app_instance_user().app_instance_arn(instance);
            create.app_instance_user_id("u").name("u").client_request_token("token").send()
        };
        let none = "arn:aws:chime:us-east-1:123456789012:app-instance/none";
        assert_eq!(failure(create(none).await), is(404, "NotFound"));
        create(&account.app_instance().await).await.unwrap();
    }

    #[tokio::test]
    async fn a_token_may_be_forgotten_when_its_entity_is_deleted() {
        let account = Account::with(Behaviour { token_replay: TokenReplay::Forgotten, ..Behaviour::default() });
        let instance = account.app_instance().await;
        let create = || {
            let create = account.identity.create_app_instance_bot().app_instance_arn(&instance).name("b");
            create.configuration(crate::testing::lex("en_US")).client_request_token("token").send()
        };
        let first = create().await.unwrap().app_instance_bot_arn.unwrap();
        assert_eq!(create().await.unwrap().app_instance_bot_arn.as_ref(), Some(&first));
        account.identity.delete_app_instance_bot().app_instance_bot_arn(&first).send().await.unwrap();
        assert_ne!(create().await.unwrap().app_instance_bot_arn.unwrap(), first);
    }

    #[tokio::test]
    async fn a_slow_create_goes_on_without_its_client() {
        let time = Duration::from_millis(450);
        let account = Account::with(Behaviour { create_time: time, ..Behaviour::default() });
        let create = || account.identity.create_app_instance().name("n").client_request_token("token").send();
        assert!(tokio::time::timeout(time / 3, create()).await.is_err());
        assert!(account.simulator.is_empty());
        assert_eq!(failure(create().await), is(409, "Conflict"));
        assert_eq!(account.take_calls(), ["CreateAppInstance -", "CreateAppInstance 409"]);
        tokio::time::sleep(time).await;
        assert_eq!(account.simulator.holds().as_array().unwrap().len(), 1);
        create().await.unwrap();
        assert_eq!(account.simulator.holds().as_array().unwrap().len(), 1);
        let before = std::time::Instant::now();
        account.app_instance().await;
        assert!(before.elapsed() >= time);
        assert_eq!(account.take_calls(), ["CreateAppInstance 201", "CreateAppInstance 201"]);
    }
}
