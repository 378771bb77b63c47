//! Ours beside CloudFormation's own types of the same noun: the same names, or a listed reason.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use crate::registry::schemas;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `Noun.kind.name`, `*` for any noun: what is only theirs (`-`) or only ours (`+`), and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("-*.readOnly.CreatedTimestamp", "a create would have to ask Chime once more for it"),
    ("-*.readOnly.LastUpdatedTimestamp", "each create and update would have to ask Chime once more for it"),
    ("-Channel.readOnly.LastMessageTimestamp", "it changes without the stack"),
    ("-Channel.readOnly.CreatedBy", "it is the ChimeBearer of the create"),
    ("-Channel.readOnly.ChannelFlowArn", "it is the ChannelFlowArn of the association, which is a resource of its own"),
    ("-Channel.property.MemberArns", "members are resources of their own, before and after the create"),
    ("-Channel.property.ModeratorArns", "moderators are resources of their own, before and after the create"),
    ("-Channel.createOnly.MemberArns", "members are resources of their own, before and after the create"),
    ("-Channel.createOnly.ModeratorArns", "moderators are resources of their own, before and after the create"),
    ("-Channel.createOnly.ChimeBearer", "another may act for what is there"),
    ("-Channel.ref.ChimeBearer", "whoever may act, the channel is the same"),
    ("-AppInstance.required.Name", "it has a default"),
    ("-ChannelFlow.required.Name", "it has a default"),
    ("+AppInstance.readOnly.AppInstanceId", "the last part of the ARN, which policies ask for"),
    ("+ChannelFlow.readOnly.ChannelFlowArn", "the name that Chime's API and the other types use"),
    ("+Channel.readOnly.ChannelArn", "the name that Chime's API and the other types use"),
];

fn native() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("local/model/native.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("JSON")
}

fn set(names: &Json) -> BTreeSet<String> {
    let names = names.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name"));
    names.map(|name| name.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

/// What of a schema of ours is compared, by kind.
fn of_ours(schema: &Json) -> [(&'static str, BTreeSet<String>); 4] {
    let everywhere = ["ServiceToken", "ServiceTimeout", "ClientRequestToken"];
    let read_only = set(&schema["readOnlyProperties"]);
    let properties = schema["properties"].as_object().expect("properties").keys();
    let properties = properties.filter(|name| !everywhere.contains(&name.as_str()) && !read_only.contains(*name));
    let required = set(&schema["required"]).into_iter().filter(|name| !everywhere.contains(&name.as_str()));
    [
        ("property", properties.cloned().collect()),
        ("required", required.collect()),
        ("createOnly", set(&schema["createOnlyProperties"])),
        ("readOnly", read_only),
    ]
}

fn of_theirs(native: &Json) -> [(&'static str, BTreeSet<String>); 4] {
    let read_only = set(&native["readOnly"]);
    [
        ("property", set(&native["properties"]).difference(&read_only).cloned().collect()),
        ("required", set(&native["required"])),
        ("createOnly", set(&native["createOnly"])),
        ("readOnly", read_only),
    ]
}

#[test]
fn every_difference_from_a_type_of_aws_is_listed_with_its_reason() {
    let native = native();
    let mut differences = BTreeSet::new();
    for (noun, theirs) in native["types"].as_object().expect("types") {
        let name = format!("Custom::Chime{noun}");
        let ours = schemas().into_iter().find(|schema| schema["typeName"] == name.as_str()).expect("a type");
        for ((kind, ours), (_, theirs)) in of_ours(&ours).into_iter().zip(of_theirs(theirs)) {
            differences.extend(theirs.difference(&ours).map(|name| format!("-{noun}.{kind}.{name}")));
            differences.extend(ours.difference(&theirs).map(|name| format!("+{noun}.{kind}.{name}")));
        }
        // Ours gives one ARN; theirs is what identifies the thing.
        let more = set(&theirs["ref"]).into_iter().filter(|name| !name.ends_with("Arn"));
        differences.extend(more.map(|name| format!("-{noun}.ref.{name}")));
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
