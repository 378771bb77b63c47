//! Lists in pages.

use crate::error::ApiError;
use crate::turn::Turn;
use serde_json::Value as Json;

impl Turn<'_> {
    /// The page of `items` that MaxResults and NextToken ask for, and the token of the next.
    pub fn page(&self, items: Vec<Json>) -> Result<(Vec<Json>, Option<String>), ApiError> {
        let asked = self.input.get("MaxResults").and_then(Json::as_u64).unwrap_or(50) as usize;
        let size = asked.min(self.behaviour.page_size).max(1);
        let given = self.optional("NextToken");
        let start = match &given {
            None => 0,
            Some(token) => token
                .strip_prefix("page-from-")
                .and_then(|start| start.parse::<usize>().ok())
                .ok_or_else(|| ApiError::bad_request("Invalid NextToken"))?,
        };
        let more = items.len() > start + size;
        let page = items.into_iter().skip(start).take(size).collect();
        let next = format!("page-from-{}", start + size);
        match self.behaviour.looping_next_token {
            true => Ok((page, Some(given.unwrap_or(next)))),
            false => Ok((page, more.then_some(next))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::behaviour::Behaviour;
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn lists_come_in_pages() {
        let account = Account::with(Behaviour { page_size: 2, ..Behaviour::default() });
        let chime = &account.identity;
        let instance = account.app_instance().await;
        for id in ["a", "b", "c"] {
            account.user(&instance, id).await;
        }
        let list = |token: Option<String>| {
            let list = chime.list_app_instance_users().app_instance_arn(&instance);
            list.max_results(50).set_next_token(token).send()
        };
        let first = list(None).await.unwrap();
        assert_eq!(first.app_instance_users.unwrap().len(), 2);
        let second = list(first.next_token).await.unwrap();
        assert_eq!(second.app_instance_users.unwrap().len(), 1);
        assert_eq!(second.next_token, None);
        assert_eq!(failure(list(Some("nonsense".into())).await), is(400, "BadRequest"));
        for _ in 0..50 {
            account.app_instance().await;
        }
        account.simulator.set_behaviour(Behaviour::default());
        let full = chime.list_app_instances().send().await.unwrap();
        assert_eq!(full.app_instances.unwrap().len(), 50);
        assert!(full.next_token.is_some());
        let too_many = chime.list_app_instances().max_results(51).send().await;
        assert_eq!(failure(too_many), is(400, "BadRequest"));
    }

    #[tokio::test]
    async fn a_next_token_may_lead_round_in_a_circle() {
        let account = Account::with(Behaviour { looping_next_token: true, ..Behaviour::default() });
        account.app_instance().await;
        let list = async |token: Option<String>| {
            account.identity.list_app_instances().set_next_token(token).send().await.unwrap()
        };
        let first = list(None).await;
        assert_eq!(first.app_instances.unwrap().len(), 1);
        let second = list(first.next_token.clone()).await;
        assert_eq!(second.next_token, first.next_token);
        assert_eq!(list(second.next_token).await.next_token, first.next_token);
        assert!(first.next_token.is_some());
    }
}
