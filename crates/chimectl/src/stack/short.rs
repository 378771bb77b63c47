//! Short names: within an app instance, an ARN that begins with that of the app instance is its path in it.

use serde_json::Value as Json;

/// The same contents, in which each app instance has its ARN once, and what is in it the rest of theirs.
pub fn shortened(held: Json) -> Json {
    match held {
        Json::Array(instances) => instances.into_iter().map(of_instance).collect(),
        other => other,
    }
}

fn of_instance(instance: Json) -> Json {
    let start = instance["AppInstanceArn"].as_str().map(|arn| format!("{arn}/"));
    start.map_or(instance.clone(), |start| without(instance, &start))
}

fn without(json: Json, start: &str) -> Json {
    match json {
        Json::String(text) => Json::String(text.strip_prefix(start).map(str::to_owned).unwrap_or(text)),
        Json::Array(items) => items.into_iter().map(|item| without(item, start)).collect(),
        Json::Object(members) => members.into_iter().map(|(name, value)| (name, without(value, start))).collect(),
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_arn_of_an_app_instance_stands_there_once() {
        let held = json!([{"AppInstanceArn": "arn:a", "Admins": ["arn:a/user/x"], "Bots": [{"AppInstanceBotArn": "arn:b/bot/y"}]}]);
        let short = json!([{"AppInstanceArn": "arn:a", "Admins": ["user/x"], "Bots": [{"AppInstanceBotArn": "arn:b/bot/y"}]}]);
        assert_eq!(shortened(held), short);
    }
}
