//! Malicious events: too large, too deeply nested, about other accounts, and with dangerous texts.

use crate::harness::{Stack, snake_case};
use crate::test_bed::Operations;
use crate::types::{A, types};
use chime_simulator::{Behaviour, Fault, FaultKind};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Text that an attacker may try to inject into a log or a terminal.
const FORGED: &str =
    "x\r\n{\"level\":\"INFO\",\"message\":\"answered\"}\n\u{1b}[2J\u{1b}[31m\u{9b}31m\u{202e}\u{2028}\u{85}\u{7}";

/// A text of six megabytes, which is Lambda's limit.
fn huge() -> String {
    "é".repeat(3 << 20)
}

/// Properties with a huge value, a huge list or a huge name.
fn huge_properties(properties: &Value) -> Vec<Value> {
    let with = |name: &str, value: Value| {
        let mut properties = properties.clone();
        properties[name] = value;
        properties
    };
    let text = properties.as_object().expect("a map").iter().find(|(_, value)| value.is_string());
    let mut all: Vec<_> = ["Nonsense", "Metadata", "Tags", text.expect("a text").0]
        .iter()
        .map(|name| with(name, json!(huge())))
        .collect();
    all.push(with(&huge(), json!("x")));
    all.push(with("Tags", json!(vec![json!({"Key": "k", "Value": "v"}); 20_000])));
    all
}

#[tokio::test]
async fn an_event_of_six_megabytes_and_its_delete_are_answered() {
    for name in ["app_instance_user", "app_instance_user_endpoint"] {
        let stack = Stack::of(name, Behaviour::default()).with_timeout(900);
        for properties in huge_properties(&stack.of.properties) {
            let failed = stack.send(&stack.resource.create(&properties)).await;
            assert_eq!((failed.status(), failed.calls.len()), ("FAILED", 0));
            let deleted = stack.succeed(&stack.resource.delete(failed.id(), &properties)).await;
            assert_eq!(deleted.calls.len(), 0);
        }
        let id = stack.create().await;
        let mut old = stack.of.properties.clone();
        old["Nonsense"] = json!(huge());
        let updated = stack.succeed(&stack.resource.update(&id, &old, &stack.of.properties)).await;
        assert_eq!(updated.id(), id);
        stack.succeed(&stack.resource.delete(&id, &old)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_deeply_nested_event_is_answered(stack) {
        // Only the properties say which members a list contains.
        if stack.of.is_list() {
            return;
        }
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            let spell = |text: String| text.replace("\"DEEP\"", &deep);
            let mut properties = stack.of.properties.clone();
            properties["Nonsense"] = json!("DEEP");
            let failed = stack.bed.invoke_rewritten(&stack.resource.create(&properties), spell).await;
            assert_eq!((failed.status(), failed.calls.len()), ("FAILED", 0), "{}", failed.reason());
            let id = stack.create().await;
            // Unreadable old properties are ignored, and the new ones apply.
            let update = stack.resource.update(&id, &properties, &stack.of.properties);
            let updated = stack.bed.invoke_rewritten(&update, spell).await;
            assert_eq!((updated.status(), updated.id()), ("SUCCESS", &*id), "{}", updated.reason());
            let deleted = stack.bed.invoke_rewritten(&stack.resource.delete(&id, &properties), spell).await;
            assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_id_of_another_type_never_removes_that_resource(stack) {
        let mut ids = Vec::new();
        for other in types().into_iter().filter(|other| other.name != stack.of.name) {
            // A banned user can be neither a member nor an admin.
            let properties = match other.name {
                "ChimeChannelBan" => {
                    let mut ban = other.replaced.clone().expect("another ban");
                    ban["MemberArn"] = json!(format!("{A}/user/other"));
                    ban
                }
                _ => other.properties.clone(),
            };
            let resource = cloudformation_local::LogicalResource::new(&other.resource_type()).renamed(other.name);
            let created = stack.succeed(&resource.create(&properties)).await;
            ids.push((created.id().to_owned(), properties));
        }
        let before = stack.holds();
        join_all(ids.iter().map(|(id, theirs)| {
            let (own, theirs) = (stack.resource.delete(id, &stack.of.properties), stack.resource.delete(id, theirs));
            let stack = &stack;
            async move { (stack.send(&own).await, stack.send(&theirs).await) }
        }))
        .await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn resources_of_another_account_are_rejected_and_our_own_stay_untouched(stack) {
        let id = stack.create().await;
        let before = stack.holds();
        let anothers = |json: &Value| -> Value {
            serde_json::from_str(&json.to_string().replace("arn:aws:chime:us-east-1:123456789012", "arn:aws:chime:us-east-1:210987654321")).expect("JSON")
        };
        let (theirs, their_id) = (anothers(&stack.of.properties), anothers(&json!(id)));
        let their_id = their_id.as_str().expect("an id");
        if theirs != stack.of.properties {
            let create = stack.resource.renamed("Theirs").create(&theirs);
            let failed = stack.fail(&create).await;
            assert!(!failed.id().starts_with("arn:"), "{}", failed.id());
            let back = stack.resource.renamed("Theirs").delete(failed.id(), &theirs);
            stack.succeed(&back).await;
            stack.fail(&stack.resource.update(&id, &stack.of.properties, &theirs)).await;
        }
        stack.send(&stack.resource.delete(their_id, &theirs)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn a_text_is_rejected_or_stored_unchanged(stack) {
        // Every text property either rejects the value without a call, or Chime stores it unchanged.
        let whole = with_secret(&stack, "a secret").unwrap_or_else(|| stack.of.properties.clone());
        for place in text_places(&whole) {
            for odd in [FORGED, "\u{0}", "\u{1b}[31m", "a\nb", "a\rb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "\u{fffe}", "😀\u{10ffff}", "../..", "a/b?c#d%2e", "${Name}"] {
                let stack = stack.with_behaviour(Behaviour::default());
                let mut properties = whole.clone();
                *properties.pointer_mut(&place).expect("a place") = json!(odd);
                let created = stack.send(&stack.resource.create(&properties)).await;
                if created.status() == "SUCCESS" {
                    assert!(holds_text(&stack.holds(), odd), "{place} {odd:?}");
                } else {
                    assert_eq!(created.operations(), Vec::<&str>::new(), "{place} {odd:?}: {}", created.reason());
                }
                stack.succeed(&stack.resource.delete(created.id(), &properties)).await;
                stack.assert_nothing_left();
            }
        }
    }
}

/// The places of all texts in `json`, as JSON pointers.
fn text_places(json: &Value) -> Vec<String> {
    let within =
        |name: String, value: &Value| text_places(value).into_iter().map(move |place| format!("/{name}{place}"));
    match json {
        Value::String(_) => vec![String::new()],
        Value::Array(items) => items.iter().enumerate().flat_map(|(at, item)| within(at.to_string(), item)).collect(),
        Value::Object(map) => map.iter().flat_map(|(name, value)| within(name.clone(), value)).collect(),
        _ => Vec::new(),
    }
}

/// Whether `json` contains `text` as a whole text or as the last part of an ARN.
fn holds_text(json: &Value, text: &str) -> bool {
    match json {
        Value::String(found) => found == text || found.ends_with(&format!("/{text}")),
        Value::Array(items) => items.iter().any(|item| holds_text(item, text)),
        Value::Object(map) => map.values().any(|value| holds_text(value, text)),
        _ => false,
    }
}

case! {
    async fn odd_ids_and_names_are_repeated_unchanged_in_the_response(stack) {
        let resource = stack.resource.renamed(FORGED);
        let mut event = resource.create(&stack.of.properties);
        let created = stack.send(&event).await;
        // Chime's tags do not accept such an id. In any case, the response repeats it unchanged and the Delete cleans
        // up.
        assert_eq!(created.answer.as_ref().expect("an answer")["LogicalResourceId"], FORGED);
        stack.succeed(&resource.delete(created.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
        event["ResourceType"] = json!(format!("Custom::{FORGED}"));
        stack.fail(&event).await;
        stack.succeed(&stack.resource.delete(FORGED, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

/// The type's properties with a secret, if it has a secret property.
fn with_secret(stack: &Stack, secret: &str) -> Option<Value> {
    let mut properties = stack.of.properties.clone();
    match snake_case(stack.of.name).as_str() {
        "app_instance" | "app_instance_user" | "app_instance_bot" | "channel" => properties["Metadata"] = json!(secret),
        "app_instance_user_endpoint" => {
            properties["EndpointAttributes"] =
                json!({"DeviceToken": secret, "VoipDeviceToken": format!("voip {secret}")});
        }
        _ => return None,
    }
    Some(properties)
}

case! {
    async fn a_reason_never_contains_a_secret_that_chime_repeats(stack) {
        let secret = r#"{"käse": "tok-en/of <a> & b", "n": "q7w8e9r0t5y6u4i3"}"#;
        let Some(properties) = with_secret(&stack, secret) else { return };
        let escaped = json!(secret).to_string();
        let chars: Vec<char> = secret.chars().collect();
        let cut = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        let messages = [
            format!("Value '{secret}' at 'it' failed"),
            format!("Value {escaped} failed"),
            format!("Value {} failed", json!(escaped)),
            format!("1 error: Value '{}...' failed", cut(0, 20)),
            format!("... {}", cut(20, chars.len())),
            format!("near '{}'", cut(14, 30)),
            format!("{secret}{secret}"),
            secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect(),
        ];
        for message in messages {
            stack.inject(Fault::once(stack.of.create_operation, FaultKind::BadRequest(message.clone())));
            let failed = stack.fail(&stack.resource.create(&properties)).await;
            let reason = failed.reason().to_lowercase();
            for part in ["tok-en/of", "q7w8e9r0", "0t5y6u", "käse\"", "\\u0074\\u006f\\u006b"] {
                assert!(!reason.contains(part), "{part} of {message}: {reason}");
            }
            stack.clear_faults();
            stack.succeed(&stack.resource.delete(failed.id(), &properties)).await;
        }
    }
}

case! {
    async fn excessive_timeouts_are_accepted(stack) {
        let mut event = stack.resource.create(&stack.of.properties);
        event["ServiceTimeout"] = json!(u64::MAX);
        let id = stack.succeed(&event).await.id().to_owned();
        let mut delete = stack.resource.delete(&id, &stack.of.properties);
        delete["ServiceTimeout"] = json!(u64::MAX.to_string());
        stack.succeed(&delete).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_mark_with_an_excessive_time_is_not_a_bug(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let id = stack.create().await;
        // This many seconds after 1970 there is still a time, but nothing can be added to it.
        stack.bed.simulator.change(with_endless_marks).expect("a change");
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

/// Replaces the time at the end of every mark with the largest number.
fn with_endless_marks(json: Value) -> Value {
    match json {
        Value::Array(items) => Value::Array(items.into_iter().map(with_endless_marks).collect()),
        Value::Object(mut map) => {
            let is_mark = map.get("Key").and_then(Value::as_str).is_some_and(|key| key.starts_with("cfn:"));
            let value = map.get("Value").and_then(Value::as_str).and_then(|value| value.rsplit_once('/'));
            match value.map(|(rest, _)| json!(format!("{rest}/{}", i64::MAX))) {
                Some(endless) if is_mark => {
                    map.insert("Value".to_owned(), endless);
                    Value::Object(map)
                }
                _ => Value::Object(map.into_iter().map(|(name, value)| (name, with_endless_marks(value))).collect()),
            }
        }
        other => other,
    }
}
