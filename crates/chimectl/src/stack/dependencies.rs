//! What Chime depends on in the same account: data streams, and the functions of channel flows. Chime notices some problems with them
//! only when there are messages.

use chime_simulator::DataStreams;
use cloudformation_local::{Account, Error};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// The principal that invokes the function of a channel flow.
/// <https://docs.aws.amazon.com/chime-sdk/latest/dg/processor-setup.html>
const CHIME: &str = "messaging.chime.amazonaws.com";

/// The data streams of an account that may become known later. All its requests have to come from the same runtime.
pub fn data_streams(account: Arc<OnceLock<Account>>) -> DataStreams {
    DataStreams::new(move |name| {
        let account = account.get().cloned();
        async move {
            match account {
                Some(account) => account.stream(&name).await.map_err(|error| error.to_string()),
                None => Ok(None),
            }
        }
    })
}

/// A sentence for each stream or function that Chime, with these contents, could not use. `account_in` is the account in a region.
///
/// # Errors
/// MiniStack does not answer.
pub async fn problems(account_in: impl Fn(&str) -> Account, holds: &Json) -> Result<Vec<String>, Error> {
    let mut problems = Vec::new();
    let account_of = |arn: &str| account_in(arn.split(':').nth(3).unwrap_or_default());
    // Chime checks a stream when it is configured, and not when it changes afterwards.
    for arn in named(holds, "StreamingConfigurations", &["ResourceArn"]) {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let streams = data_streams(Arc::new(OnceLock::from(account_of(arn))));
        let rejection = streams.rejection(name).await.map_err(Error::new)?;
        problems.extend(rejection.map(|why| format!("Chime could not stream what it is told to: {why}.")));
    }
    for arn in named(holds, "Processors", &["Configuration", "Lambda", "ResourceArn"]) {
        // An alias or a version may follow the name.
        let name = arn.split(':').nth(6).unwrap_or_default();
        problems.extend(of_function(name, account_of(arn).function_policy(name).await?.as_deref()));
    }
    Ok(problems)
}

/// Why Chime could not invoke a processor's function. Chime accepts such a function, and fails only when there are messages.
fn of_function(name: &str, policy: Option<&str>) -> Option<String> {
    match policy {
        None => Some(format!(
            "Chime could not invoke the function {name}: there is none of this name in the stack's account."
        )),
        Some(policy) if !policy.contains(CHIME) => {
            Some(format!("Chime could not invoke the function {name}: no AWS::Lambda::Permission of it names {CHIME}."))
        }
        Some(_) => None,
    }
}

/// All texts at `path` in the items of all lists with the name `list`.
fn named<'a>(json: &'a Json, list: &str, path: &[&str]) -> BTreeSet<&'a str> {
    match json {
        Json::Object(members) => {
            let own = members.get(list).and_then(Json::as_array).into_iter().flatten();
            let own = own.filter_map(|item| path.iter().fold(item, |at, name| &at[*name]).as_str());
            own.chain(members.values().flat_map(|value| named(value, list, path))).collect()
        }
        Json::Array(items) => items.iter().flat_map(|item| named(item, list, path)).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_must_exist_and_permit_chime() {
        assert_eq!(of_function("f", Some(r#"{"Principal": {"Service": "messaging.chime.amazonaws.com"}}"#)), None);
        assert!(of_function("f", Some("")).is_some_and(|why| why.contains("AWS::Lambda::Permission")));
        assert!(of_function("f", None).is_some_and(|why| why.contains("there is none")));
    }
}
