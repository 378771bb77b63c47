//! Compares our types with CloudFormation's native types of the same name. Every difference has a reason.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use crate::registry::schemas;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Differences as `Noun.kind.name`, with `*` for any noun. A `-` means that only the native type has it, a `+` that
/// only ours does.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("-*.readOnly.CreatedTimestamp", "a create would need another call for it"),
    ("-*.readOnly.LastUpdatedTimestamp", "each create and update would need another call for it"),
    ("-Channel.readOnly.LastMessageTimestamp", "it changes outside the stack"),
    ("-Channel.readOnly.CreatedBy", "it is the ChimeBearer of the create"),
    ("-Channel.readOnly.ChannelFlowArn", "it is the ChannelFlowArn of the association, which is a separate resource"),
    ("-Channel.property.MemberArns", "members are separate resources"),
    ("-Channel.property.ModeratorArns", "moderators are separate resources"),
    ("-Channel.createOnly.MemberArns", "members are separate resources"),
    ("-Channel.createOnly.ModeratorArns", "moderators are separate resources"),
    ("-Channel.createOnly.ChimeBearer", "another bearer can manage an existing channel"),
    ("-Channel.ref.ChimeBearer", "the bearer does not identify the channel"),
    ("-AppInstance.required.Name", "it has a default"),
    ("-ChannelFlow.required.Name", "it has a default"),
    ("+AppInstance.readOnly.AppInstanceId", "the last part of the ARN, which policies need"),
    ("+ChannelFlow.readOnly.ChannelFlowArn", "the name that Chime's API and the other types use"),
    ("+Channel.readOnly.ChannelArn", "the name that Chime's API and the other types use"),
    ("-*.limit.AppInstanceArn minLength 5", "the pattern requires more"),
    ("-Channel.limit.ChimeBearer minLength 5", "the pattern requires more"),
    (
        "-ChannelFlow.limit.Processors[].Configuration.Lambda.InvocationType required",
        "it has a default, which is the only value",
    ),
    (
        "+ChannelFlow.limit.Processors[].Configuration.Lambda.InvocationType optional",
        "it has a default, which is the only value",
    ),
    ("-ChannelFlow.limit.Processors[].Configuration.Lambda.ResourceArn minLength 15", "the pattern requires more"),
    ("-ChannelFlow.limit.Processors[].Configuration.Lambda.ResourceArn maxLength 2048", "one limit for every ARN"),
    ("+ChannelFlow.limit.Processors[].Configuration.Lambda.ResourceArn maxLength 1600", "no function has a longer ARN"),
    ("-AppInstanceBot.limit.Configuration.Lex.LexBotAliasArn minLength 15", "the pattern requires more"),
    ("-AppInstanceBot.limit.Configuration.Lex.LexBotAliasArn maxLength 2048", "one limit for every ARN"),
    ("+AppInstanceBot.limit.Configuration.Lex.LexBotAliasArn maxLength 1600", "no alias has a longer ARN"),
    ("+AppInstanceBot.limit.Configuration.Lex.LocaleId minLength 1", "an empty locale is invalid"),
    ("+AppInstanceBot.limit.Configuration.Lex.LocaleId maxLength 256", "no locale is longer"),
    ("+AppInstanceUser.limit.Name minLength 1", "Chime's API requires it"),
    ("-AppInstanceUser.limit.Name maxLength 256", "Chime's API allows a hundred"),
    ("+AppInstanceUser.limit.Name maxLength 100", "Chime's API allows a hundred"),
    (
        "+Channel.limit.ElasticChannelConfiguration.MaximumSubChannels maximum 2147483647",
        "Chime's API uses 32-bit integers",
    ),
    (
        "+Channel.limit.ElasticChannelConfiguration.TargetMembershipsPerSubChannel maximum 2147483647",
        "Chime's API uses 32-bit integers",
    ),
    ("-*.limit.Tags maxItems 50", "six of the fifty are reserved for ownership"),
    ("+*.limit.Tags maxItems 44", "six of the fifty are reserved for ownership"),
    ("+AppInstanceUser.limit.Tags[].Value minLength 1", "Chime's API rejects empty values"),
];

/// The limits that are compared for properties with the same name.
const LIMITS: [&str; 6] = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"];

fn native() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/chime-simulator/model/native.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("JSON")
}

fn set(names: &Json) -> BTreeSet<String> {
    let names = names.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name"));
    names.map(|name| name.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

/// The parts of our schema that are compared, by kind.
fn our_lists(schema: &Json) -> [(&'static str, BTreeSet<String>); 4] {
    let common = ["ServiceToken", "ServiceTimeout", "ClientRequestToken", "AdoptExisting", "Resync"];
    let read_only = set(&schema["readOnlyProperties"]);
    let properties = schema["properties"].as_object().expect("properties").keys();
    let properties = properties.filter(|name| !common.contains(&name.as_str()) && !read_only.contains(*name));
    let required = set(&schema["required"]).into_iter().filter(|name| !common.contains(&name.as_str()));
    [
        ("property", properties.cloned().collect()),
        ("required", required.collect()),
        ("createOnly", set(&schema["createOnlyProperties"])),
        ("readOnly", read_only),
    ]
}

/// The limits of a property and of everything within it, such as `Tags[].Key maxLength 128`. They include whether
/// nested properties are required. For the property itself, the schema's list of required properties is compared.
fn limits(properties: &Json, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_limits(name, &properties[name], &mut found);
    found
}

fn collect_limits(path: &str, property: &Json, found: &mut BTreeSet<String>) {
    // A minimum of zero is no limit.
    let stated = LIMITS.iter().filter_map(|limit| Some((limit, property.get(limit).filter(|value| **value != 0)?)));
    found.extend(stated.map(|(limit, value)| format!("{path} {limit} {value}")));
    let words = property["enum"].as_array().into_iter().flatten().filter_map(Json::as_str);
    found.extend(words.map(|word| format!("{path} enum {word}")));
    if let Some(items) = property.get("items") {
        collect_limits(&format!("{path}[]"), items, found);
    }
    for (name, inner) in property["properties"].as_object().into_iter().flatten() {
        let is_required = property["required"].as_array().is_some_and(|names| names.iter().any(|found| found == name));
        let path = format!("{path}.{name}");
        found.insert(format!("{path} {}", if is_required { "required" } else { "optional" }));
        collect_limits(&path, inner, found);
    }
}

fn native_lists(native: &Json) -> [(&'static str, BTreeSet<String>); 4] {
    let read_only = set(&native["readOnly"]);
    [
        ("property", set(&native["properties"]).difference(&read_only).cloned().collect()),
        ("required", set(&native["required"])),
        ("createOnly", set(&native["createOnly"])),
        ("readOnly", read_only),
    ]
}

#[test]
fn every_difference_from_a_native_type_is_listed_with_its_reason() {
    let native = native();
    let mut differences = BTreeSet::new();
    for (noun, theirs) in native["types"].as_object().expect("types") {
        let name = format!("Custom::Chime{noun}");
        let ours = schemas().into_iter().find(|schema| schema["typeName"] == name.as_str()).expect("a type");
        let mut compare = |kind: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            differences.extend(theirs.difference(ours).map(|name| format!("-{noun}.{kind}.{name}")));
            differences.extend(ours.difference(theirs).map(|name| format!("+{noun}.{kind}.{name}")));
        };
        let kinds = our_lists(&ours).into_iter().zip(native_lists(theirs));
        kinds.for_each(|((kind, ours), (_, theirs))| compare(kind, &ours, &theirs));
        // Properties that only one of the two has are compared by name, above.
        for name in set(&theirs["properties"]).iter().filter(|name| ours["properties"].get(*name).is_some()) {
            compare("limit", &limits(&ours["properties"], name), &limits(&theirs["shapes"], name));
        }
        // Our Ref is a single ARN. The native Ref contains all identifying properties.
        let others = set(&theirs["ref"]).into_iter().filter(|name| !name.ends_with("Arn"));
        differences.extend(others.map(|name| format!("-{noun}.ref.{name}")));
    }
    let is_listed = |difference: &String, exception: &str| {
        let (sign, rest) = exception.split_at(1);
        match rest.strip_prefix("*.") {
            Some(rest) => difference.starts_with(sign) && difference.ends_with(&format!(".{rest}")),
            None => difference == exception,
        }
    };
    let unlisted: Vec<_> =
        differences.iter().filter(|found| !EXCEPTIONS.iter().any(|(listed, _)| is_listed(found, listed))).collect();
    assert_eq!(unlisted, Vec::<&String>::new());
    let unused: Vec<_> =
        EXCEPTIONS.iter().filter(|(listed, _)| !differences.iter().any(|found| is_listed(found, listed))).collect();
    assert_eq!(unused, Vec::<&(&str, &str)>::new());
}
