//! What Chime holds, as people read it.

use serde_json::Value as Json;

/// The same contents, in which what is in an app instance is named by the rest of its ARN: `user/ada`. The ARN of the app instance stands
/// once, as its own.
pub fn with_short_names(holds: Json) -> Json {
    let Json::Array(app_instances) = holds else { return holds };
    app_instances
        .into_iter()
        .map(|app_instance| match app_instance["AppInstanceArn"].as_str() {
            Some(arn) => {
                let start = format!("{arn}/");
                shortened(app_instance, &start)
            }
            None => app_instance,
        })
        .collect()
}

fn shortened(json: Json, start: &str) -> Json {
    match json {
        Json::String(text) => Json::String(text.strip_prefix(start).map(str::to_owned).unwrap_or(text)),
        Json::Array(items) => items.into_iter().map(|item| shortened(item, start)).collect(),
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(name, value)| (name, shortened(value, start))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_arn_of_an_app_instance_stands_once() {
        const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let other = "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a";
        let holds = json!([{"AppInstanceArn": A, "Name": "Chat", "Admins": [format!("{A}/user/x")], "Stream": other,
            "Channels": [{"ChannelArn": format!("{A}/channel/c"), "Memberships": [{"MemberArn": format!("{A}/user/y")}]}]}]);
        let shown = with_short_names(holds);
        assert_eq!(
            shown,
            json!([{"AppInstanceArn": A, "Name": "Chat", "Admins": ["user/x"], "Stream": other,
                "Channels": [{"ChannelArn": "channel/c", "Memberships": [{"MemberArn": "user/y"}]}]}])
        );
        assert_eq!(with_short_names(json!([])), json!([]));
    }
}
