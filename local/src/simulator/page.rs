//! Lists in pages.

use serde_json::Value;

use super::error::ApiError;
use super::turn::Turn;

impl Turn<'_> {
    /// The page of `items` that MaxResults and NextToken ask for, and the token of the next.
    pub fn page(&self, items: Vec<Value>) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let asked = self.input.get("MaxResults").and_then(Value::as_u64).unwrap_or(50) as usize;
        let size = asked.min(self.behaviour.page_size).max(1);
        let start = match self.optional("NextToken") {
            None => 0,
            Some(token) => token
                .strip_prefix("page-from-")
                .and_then(|start| start.parse::<usize>().ok())
                .ok_or_else(|| ApiError::bad_request("Invalid NextToken"))?,
        };
        let more = items.len() > start + size;
        let page = items.into_iter().skip(start).take(size).collect();
        Ok((page, more.then(|| format!("page-from-{}", start + size))))
    }
}
