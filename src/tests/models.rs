//! The declared limits are those of the published service models of both APIs. Every difference has a reason.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use crate::properties::values::arns::{
    AppInstanceArn, AppInstanceBotArn, AppInstanceMemberArn, AppInstanceUserArn, ChannelFlowArn, LambdaFunctionArn,
    LexBotAliasArn, MessagingStreamArn,
};
use crate::properties::values::text::{LexIntentName, ResourceId, Text, UserName};
use crate::properties::{Value as Property, read};
use crate::registry::schemas;
use chime_simulator::model::{Apis, Service};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The create operation of each type and its API. The last field is the path to the nested input that contains the
/// properties.
const CREATES: [(&str, &str, &str, &[&str]); 14] = [
    ("ChimeAppInstance", "identity", "CreateAppInstance", &[]),
    ("ChimeAppInstanceUser", "identity", "CreateAppInstanceUser", &[]),
    ("ChimeAppInstanceAdmin", "identity", "CreateAppInstanceAdmin", &[]),
    ("ChimeAppInstanceBot", "identity", "CreateAppInstanceBot", &[]),
    (
        "ChimeAppInstanceRetentionSettings",
        "identity",
        "PutAppInstanceRetentionSettings",
        &["AppInstanceRetentionSettings", "ChannelRetentionSettings"],
    ),
    ("ChimeMessagingStreamingConfigurations", "messaging", "PutMessagingStreamingConfigurations", &[]),
    ("ChimeChannelFlow", "messaging", "CreateChannelFlow", &[]),
    ("ChimeChannel", "messaging", "CreateChannel", &[]),
    ("ChimeChannelMembership", "messaging", "CreateChannelMembership", &[]),
    ("ChimeChannelMemberships", "messaging", "BatchCreateChannelMembership", &[]),
    ("ChimeChannelModerator", "messaging", "CreateChannelModerator", &[]),
    ("ChimeChannelBan", "messaging", "CreateChannelBan", &[]),
    ("ChimeChannelFlowAssociation", "messaging", "AssociateChannelFlow", &[]),
    ("ChimeAppInstanceUserEndpoint", "identity", "RegisterAppInstanceUserEndpoint", &[]),
];

/// The differences from the model: the property, the keyword and the reason. The path of a list's item ends with `[]`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("*.Tags", "maxItems", "six of the fifty tags are reserved for ownership, handover and marks"),
    ("*.Tags", "minItems", "a template may contain an empty list of tags"),
    ("*.Tags[].Key", "pattern", "aws: and cfn: are reserved"),
    (
        "*.Name",
        "pattern",
        "the reader checks the characters of a name; see the_readers_accept_the_same_values_as_the_models",
    ),
    ("*.Metadata", "pattern", "the model's .* allows everything"),
    (
        "*.AppInstanceUserId",
        "pattern",
        "the same pattern, written for JSON Schema; see the_readers_accept_the_same_values_as_the_models",
    ),
    ("*.AppInstanceArn", "pattern", "stricter than ChimeArn: only an app instance"),
    ("*.AppInstanceAdminArn", "pattern", "stricter than ChimeArn: only a user or bot"),
    (
        "*.StreamingConfigurations[].ResourceArn",
        "pattern",
        "stricter than ChimeArn: only a Kinesis stream with the prefix",
    ),
    ("*.Processors[].Configuration.Lambda.ResourceArn", "pattern", "the same pattern, written for JSON Schema"),
    ("*.Configuration.Lex.LexBotAliasArn", "pattern", "the same pattern, written for JSON Schema"),
    (
        "*.Processors[].Configuration.Lambda.ResourceArn",
        "maxLength",
        "an ARN that matches the pattern is shorter than both limits",
    ),
    ("*.Configuration.Lex.LexBotAliasArn", "maxLength", "an ARN that matches the pattern is shorter than both limits"),
    ("*Arn", "minLength", "the pattern requires more"),
    ("*.Configuration.Lex.LocaleId", "minLength", "an empty locale is invalid"),
    ("*.Configuration.Lex.LocaleId", "maxLength", "the model has no limit; a locale has only a few letters"),
    ("*.Processors[].Configuration.Lambda.InvocationType", "required", "ASYNC is the only value, and the default"),
    ("*.RetentionDays", "required", "omitting it turns retention off, which is what deleting the resource does"),
    ("*.Name", "required", "a name has a default"),
    ("ChimeAppInstanceAdmin.AppInstanceArn", "required", "the admin's ARN contains it"),
    (
        "*.ChannelId",
        "pattern",
        "the same pattern, written for JSON Schema; see every_accepted_value_is_valid_in_the_model",
    ),
    ("*.ChimeBearer", "pattern", "stricter than ChimeArn: only a user or bot"),
    ("*.ChimeBearer", "minLength", "the pattern requires more"),
    ("*.ChannelArn", "pattern", "stricter than ChimeArn: only a channel"),
    ("*.MemberArn", "pattern", "stricter than ChimeArn: only a user or bot"),
    ("*.ChannelModeratorArn", "pattern", "stricter than ChimeArn: only a user or bot"),
    ("*.ChannelFlowArn", "pattern", "stricter than ChimeArn: only a channel flow"),
    ("*.AppInstanceUserArn", "pattern", "stricter than ChimeArn: only a user"),
    (
        "ChimeAppInstanceUserEndpoint.ResourceArn",
        "pattern",
        "stricter than ChimeArn: only an application for push notifications",
    ),
    ("*DeviceToken", "pattern", "the same pattern, written for JSON Schema"),
    ("*.MaximumSubChannels", "maximum", "the SDK's integers have 32 bits"),
    ("*.TargetMembershipsPerSubChannel", "maximum", "the SDK's integers have 32 bits"),
    ("ChimeChannel.MemberArns", "missing", "members are separate resources"),
    ("ChimeChannel.ModeratorArns", "missing", "moderators are separate resources"),
    ("ChimeChannelMembership.Preferences", "unknown", "PutChannelMembershipPreferences sets them"),
    ("ChimeChannelMemberships.MemberArns", "maxItems", "they are sent in batches of a hundred"),
    ("ChimeChannelMemberships.MemberArns", "minItems", "a list may be empty"),
    ("ChimeChannelMembership.Type", "required", "it has a default"),
    ("ChimeChannelMemberships.SubChannelId", "missing", "Chime manages sub-channels automatically"),
    ("*.MemberArns[]", "minLength", "the pattern requires more"),
    ("*.MemberArns[]", "pattern", "stricter than ChimeArn: only a user or bot"),
    ("ChimeChannelMembership.SubChannelId", "missing", "Chime manages sub-channels automatically"),
];

fn model(api: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/chime-simulator/model").join(format!("{api}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("a model")).expect("JSON")
}

/// All differences between one of our schemas and a shape of a model: the path, the keyword and both values.
fn differences(path: &str, ours: &Value, shape: &Value, model: &Value, found: &mut Vec<(String, String, String)>) {
    let mut compare = |keyword: &str, ours: &Value, theirs: &Value| {
        if ours != theirs {
            found.push((path.to_owned(), keyword.to_owned(), format!("{ours} instead of {theirs}")));
        }
    };
    let of = |name: &str| &shape[name];
    match shape["type"].as_str().expect("a type") {
        "structure" => {
            let members = of("members").as_object().expect("members");
            let required = |list: &Value| -> BTreeSet<String> {
                list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let (we_require, they_require) = (required(&ours["required"]), required(of("required")));
            for (name, property) in ours["properties"].as_object().expect("properties") {
                let inner = format!("{path}.{name}");
                let Some(member) = members.get(name) else {
                    found.push((inner, "unknown".to_owned(), "the model has no such member".to_owned()));
                    continue;
                };
                if we_require.contains(name) != they_require.contains(name) {
                    found.push((inner.clone(), "required".to_owned(), they_require.contains(name).to_string()));
                }
                let shape = &model["shapes"][member["shape"].as_str().expect("a shape")];
                differences(&inner, property, shape, model, found);
            }
            for missing in members.keys().filter(|name| ours["properties"].get(*name).is_none()) {
                found.push((
                    format!("{path}.{missing}"),
                    "missing".to_owned(),
                    "our schema has no such property".to_owned(),
                ));
            }
        }
        "list" => {
            compare("minItems", &ours["minItems"], of("min"));
            compare("maxItems", &ours["maxItems"], of("max"));
            let item = &model["shapes"][shape["member"].as_str().expect("a shape")];
            differences(&format!("{path}[]"), &ours["items"], item, model, found);
        }
        "integer" => {
            compare("minimum", &ours["minimum"], of("min"));
            compare("maximum", &ours["maximum"], of("max"));
        }
        "string" if shape.get("enum").is_some() => compare("enum", &ours["enum"], of("enum")),
        "string" => {
            compare("minLength", &ours["minLength"], of("min"));
            compare("maxLength", &ours["maxLength"], of("max"));
            compare("pattern", &ours["pattern"], of("pattern"));
        }
        other => panic!("{path}: a {other}"),
    }
}

fn find_exception(path: &str, keyword: &str) -> Option<usize> {
    let fits = |pattern: &str| path.ends_with(pattern.trim_start_matches('*'));
    EXCEPTIONS.iter().position(|(pattern, of, _)| *of == keyword && fits(pattern))
}

#[test]
fn every_limit_matches_the_model_or_a_listed_exception() {
    let schemas = schemas();
    assert_eq!(schemas.len(), CREATES.len());
    let (mut found, mut used) = (Vec::new(), BTreeSet::new());
    for (schema, (name, api, operation, within)) in schemas.iter().zip(CREATES) {
        assert_eq!(schema["typeName"], format!("Custom::{name}"));
        let mut ours = schema.clone();
        let properties = ours["properties"].as_object_mut().expect("properties");
        let read_only = schema["readOnlyProperties"].as_array().expect("a list").iter().filter_map(Value::as_str);
        let others: Vec<_> = read_only.map(|pointer| pointer.trim_start_matches("/properties/")).collect();
        properties.retain(|name, _| {
            !["ServiceToken", "ServiceTimeout", "ClientRequestToken", "AdoptExisting", "Resync"].contains(&&**name)
                && !others.contains(&&**name)
        });
        let model = model(api);
        let input = model["operations"][operation]["input"].as_str().expect("an input");
        let mut shape = model["shapes"][input].clone();
        shape["members"].as_object_mut().expect("members").remove("ClientRequestToken");
        for name in within {
            let inner = shape["members"][*name]["shape"].as_str().expect("a shape");
            shape = model["shapes"][inner].clone();
            // In Chime's input, the app instance is in the path and not among the settings.
            ours["properties"].as_object_mut().expect("properties").remove("AppInstanceArn");
        }
        let mut differ = Vec::new();
        differences(name, &ours, &shape, &model, &mut differ);
        for (path, keyword, what) in differ {
            match find_exception(&path, &keyword) {
                Some(at) => drop(used.insert(at)),
                None => found.push(format!("{path} {keyword}: {what}")),
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let unused: Vec<_> = EXCEPTIONS.iter().enumerate().filter(|(at, _)| !used.contains(at)).collect();
    assert!(unused.is_empty(), "unused exceptions: {unused:?}");
}

/// Whether our reader and the model accept `value` for `member` of an operation's input.
fn verdicts<T: Property>(service: Service, operation: &str, member: &str, value: &str) -> (bool, bool) {
    let apis = Apis::load().expect("the models");
    let shape = model(if service == Service::Identity { "identity" } else { "messaging" });
    let input = shape["operations"][operation]["input"].as_str().expect("an input").to_owned();
    let about = |violation: &String| violation.to_lowercase().contains(&format!("'{}'", member.to_lowercase()));
    let members = json!({member: value}).as_object().expect("a map").clone().into_iter().collect();
    let violations = apis.of(service).violations(&input, &members);
    (read::<T>(&json!(value)).is_ok(), !violations.iter().any(about))
}

#[test]
fn the_readers_accept_the_same_values_as_the_models() {
    let characters = "\t\n\r\u{0}\u{b}\u{1f} ~\u{7f}\u{80}\u{84}\u{85}\u{86}\u{9f}\u{a0}\u{d7ff}\u{e000}\u{fffd}\u{fffe}\u{ffff}\u{10000}\u{10ffff}";
    let mut accepted = BTreeSet::new();
    for c in characters.chars() {
        let (ours, theirs) = verdicts::<Text<1, 256>>(Service::Identity, "CreateAppInstance", "Name", &c.to_string());
        assert_eq!(ours, theirs, "{c:?}");
        accepted.insert(ours);
    }
    for id in ["a", "", "a.b", ".a", "a.", "a:b-c_d.e@f", "ä", "a b", "a/b", &"a".repeat(64), &"a".repeat(65)] {
        let (ours, theirs) =
            verdicts::<ResourceId>(Service::Identity, "CreateAppInstanceUser", "AppInstanceUserId", id);
        assert_eq!(ours, theirs, "{id:?}");
        accepted.insert(ours);
    }
    for name in [" ", "a", " a ", "", "ä", &"a".repeat(100), &"a".repeat(101), &"ä".repeat(100)] {
        let (ours, theirs) = verdicts::<UserName>(Service::Identity, "CreateAppInstanceUser", "Name", name);
        assert_eq!(ours, theirs, "{name:?}");
        accepted.insert(ours);
    }
    assert_eq!(accepted.len(), 2, "some values must be accepted and some rejected");
}

#[test]
fn the_pattern_in_a_schema_accepts_what_the_reader_accepts() {
    let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
    let samples = [
        app.to_owned(),
        format!("{app}/user/u:v@w"),
        format!("{app}/bot/b"),
        format!("{app}/channel-flow/f"),
        format!("{app}/user/u/v"),
        format!("{app}/user/"),
        format!("{app} /user/u"),
        "arn:aws:sns:us-east-1:123456789012:app-instance/a".to_owned(),
        "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a".to_owned(),
        "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-".to_owned(),
        "arn:aws:kinesis:us-east-1:123456789012:stream/other".to_owned(),
        "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
        "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST".to_owned(),
        "arn:aws:lambda:us-east-1:123456789012:function:f:a:b".to_owned(),
        "arn:aws-cn:lambda:us-east-1:123456789012:function:f".to_owned(),
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID".to_owned(),
        "arn:aws:lex:us-east-1:123456789012:bot-alias/abcde12345/TSTALIASID".to_owned(),
        "Hello_There".to_owned(),
        "_Hello".to_owned(),
        "a__b".to_owned(),
        "a1".to_owned(),
    ];
    fn check_pattern<T: Property>(samples: &[String]) {
        let pattern = T::schema()["pattern"].as_str().expect("a pattern").to_owned();
        let compiled = Regex::new(&pattern).expect("a pattern");
        let accepted = |text: &&String| read::<T>(&json!(text)).is_ok();
        for text in samples {
            assert_eq!(compiled.is_match(text), accepted(&text), "{pattern}: {text}");
        }
        assert!(samples.iter().any(|text| accepted(&text)), "{pattern} accepts none of the samples");
    }
    check_pattern::<AppInstanceArn>(&samples);
    check_pattern::<AppInstanceUserArn>(&samples);
    check_pattern::<AppInstanceBotArn>(&samples);
    check_pattern::<AppInstanceMemberArn>(&samples);
    check_pattern::<ChannelFlowArn>(&samples);
    check_pattern::<MessagingStreamArn>(&samples);
    check_pattern::<LambdaFunctionArn>(&samples);
    check_pattern::<LexBotAliasArn>(&samples);
    check_pattern::<LexIntentName>(&samples);
    check_pattern::<ResourceId>(&samples);
}

/// The paths of all texts in `json`.
fn texts(json: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match json {
        Value::String(_) => found.push(path.clone()),
        Value::Object(map) => {
            for (name, value) in map {
                path.push(name.clone());
                texts(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(at.to_string());
                texts(item, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Sample texts for patterns and lengths. Some contain `original`.
fn samples(original: &str) -> Vec<String> {
    let characters = "\n\r\u{85}\u{2028}\u{2029}\t\u{b}\u{0}\u{7f}\u{a0}\u{fffe}\u{e000} é\u{1F980}_-./:@%A1";
    let of_characters = characters
        .chars()
        .flat_map(|c| [format!("{c}"), format!("a{c}b"), format!("{original}{c}"), format!("{c}{original}")]);
    let lengths = [0, 1, 2, 64, 65, 100, 101, 128, 129, 256, 257, 1024, 1025, 1600, 1601];
    of_characters
        .chain(lengths.map(|length| "a".repeat(length)))
        .chain(lengths.map(|length| "é".repeat(length)))
        .collect()
}

#[test]
fn every_accepted_value_is_valid_in_the_model() {
    let apis = Apis::load().expect("the models");
    let mut accepted = 0;
    for (name, api, operation, within) in CREATES {
        let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("events").join(name).join("1-create.json");
        let event: Value = serde_json::from_str(&fs::read_to_string(event).expect("an event")).expect("JSON");
        let example = event["ResourceProperties"].clone();
        let resource = crate::registry::find(name).expect("a type");
        let service = if api == "identity" { Service::Identity } else { Service::Messaging };
        let input = model(api)["operations"][operation]["input"].as_str().expect("an input").to_owned();
        let violations = |properties: &Value| -> BTreeSet<String> {
            let mut members = properties.as_object().expect("a map").clone();
            for outer in within.iter().rev() {
                members = json!({*outer: members, "AppInstanceArn": members["AppInstanceArn"]})
                    .as_object()
                    .expect("a map")
                    .clone();
            }
            apis.of(service).violations(&input, &members.into_iter().collect()).into_iter().collect()
        };
        assert!(resource.read(&example).is_ok(), "{name}");
        let before = violations(&example);
        let mut paths = Vec::new();
        texts(&example, &mut Vec::new(), &mut paths);
        for path in paths.iter().filter(|path| path[0] != "ServiceToken" && path[0] != "ServiceTimeout") {
            let pointer = format!("/{}", path.join("/"));
            let original = example.pointer(&pointer).and_then(Value::as_str).expect("a text").to_owned();
            for sample in samples(&original) {
                let mut changed = example.clone();
                *changed.pointer_mut(&pointer).expect("a value") = json!(sample);
                if resource.read(&changed).is_ok() {
                    let rejected: Vec<_> = violations(&changed).difference(&before).cloned().collect();
                    assert!(rejected.is_empty(), "{name}{pointer} {sample:?}: {rejected:?}");
                    accepted += 1;
                }
            }
        }
    }
    assert!(accepted > 200, "{accepted}");
}
