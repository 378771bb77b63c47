//! What happens behind a stack's back: something is deleted or changed by hand, and CloudFormation is not told.
//!
//! The function itself plays the hand, with the same calls to Chime as for the stack. The tags that name owners stay as they were: nobody
//! changes those by hand.

use crate::account::session::Session;
use crate::drift::compare_all;
use crate::drift::statement::{self, StackResource, Statement};
use crate::drift::verdict::Verdict;
use crate::stack::presence::arn_in;
use crate::stack::rehearsal::{ACCOUNT, Rehearsal, chime_region, text};
use crate::test_bed::Environment;
use cloudformation_local::{NoCalls, ResponseBucket, TestBed};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// What somebody does by hand to the resource with a logical id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    /// It is deleted.
    Vanish(String),
    /// Properties of it get other values.
    Change(String, Vec<(String, Json)>),
}

/// Reads the values of `--vanish`, and those of `--change`: a logical id, then properties with their values, which are JSON or text. What
/// vanishes comes first.
///
/// # Errors
/// A change has no property.
pub fn all(vanish: &[String], change: &[String]) -> Result<Vec<ByHand>, String> {
    let mut all: Vec<_> = vanish.iter().cloned().map(ByHand::Vanish).collect();
    for text in change {
        match (text.split_once('='), all.last_mut()) {
            (None, _) => all.push(ByHand::Change(text.clone(), Vec::new())),
            (Some((name, value)), Some(ByHand::Change(_, properties))) => {
                // A number of Chime's is text in CloudFormation.
                let json = serde_json::from_str::<Json>(value).ok().filter(|it| it.is_array() || it.is_object());
                properties.push((name.to_owned(), json.unwrap_or_else(|| json!(value))));
            }
            (Some(_), _) => return Err(USAGE.to_owned()),
        }
    }
    let is_empty = |deed: &ByHand| matches!(deed, ByHand::Change(_, properties) if properties.is_empty());
    if all.iter().any(is_empty) { Err(USAGE.to_owned()) } else { Ok(all) }
}

impl ByHand {
    /// The logical id.
    pub fn logical_id(&self) -> &str {
        let (Self::Vanish(logical_id) | Self::Change(logical_id, _)) = self;
        logical_id
    }

    /// What is printed.
    pub fn sentence(&self) -> String {
        match self {
            Self::Vanish(logical_id) => format!("{logical_id} is deleted in Chime; the stack is not told"),
            Self::Change(logical_id, properties) => {
                let names: Vec<_> = properties.iter().map(|(name, _)| name.as_str()).collect();
                format!("{logical_id} is changed in Chime ({}); the stack is not told", names.join(", "))
            }
        }
    }

    /// Does it to a resource of the stacks, which are given by name and region.
    ///
    /// # Errors
    /// No stack has such a resource, or several have, or it is of another type than this function's, or Chime refuses it.
    pub async fn carry_out(&self, rehearsal: &Rehearsal, stacks: &[(String, String)]) -> Result<(), String> {
        let mut found = Vec::new();
        for (stack, region) in stacks {
            let (account, simulator) = (rehearsal.account(region), rehearsal.simulator(region));
            let session = Session::local(&simulator.url(), account.url(), ACCOUNT, chime_region(region)).await?;
            let is_wanted = |kind: &str| own_type(kind).is_some();
            let stated = statement::read_with(&session.cloudformation(region), stack, is_wanted).await?;
            let own = stated.resources.into_iter().filter(|resource| resource.logical_id == self.logical_id());
            found.extend(own.map(|resource| (stated.id.clone(), region, resource)));
        }
        match found.as_slice() {
            [(stack_id, region, resource)] => self.play(rehearsal, region, stack_id, resource).await,
            [] => Err(format!("{}: no stack of this run has a resource of this name", self.logical_id())),
            _ => Err(format!("{}: several stacks of this run have a resource of this name", self.logical_id())),
        }
    }

    async fn play(
        &self,
        rehearsal: &Rehearsal,
        region: &str,
        stack_id: &str,
        resource: &StackResource,
    ) -> Result<(), String> {
        let logical_id = self.logical_id();
        let Some(kind) = own_type(&resource.resource_type) else {
            let kind = &resource.resource_type;
            return Err(format!("{logical_id} is of the type {kind}, which is none of this function's"));
        };
        let stated = match &resource.stated {
            Ok(Statement { properties, .. }) => properties,
            Err(why) => return Err(format!("{logical_id}: {why}")),
        };
        let mut event = json!({
            "RequestType": "Delete", "RequestId": format!("by-hand-{:016x}", fastrand::u64(..)), "StackId": stack_id,
            "LogicalResourceId": logical_id, "ResourceType": kind, "PhysicalResourceId": arn_in(&resource.physical_id),
            "ResourceProperties": stated,
        });
        // What was adopted goes too: its Delete would give it back.
        if let Some(properties) = event["ResourceProperties"].as_object_mut() {
            properties.remove("AdoptExisting");
        }
        if let Self::Change(_, properties) = self {
            event["RequestType"] = json!("Update");
            event["OldResourceProperties"] = event["ResourceProperties"].clone();
            for (name, value) in properties {
                event["ResourceProperties"][name] = value.clone();
            }
        }
        let simulator = rehearsal.simulator(region);
        let before = simulator.holds();
        let (bucket, url) = (ResponseBucket::start(0).map_err(text)?, simulator.url());
        let hosts = bucket.host();
        let environment = Environment { region: chime_region(region), ..Environment::new(&url, &hosts) };
        let bed: TestBed<()> = TestBed::new(environment.in_process().map_err(text)?, bucket, NoCalls);
        let outcome = bed.invoke(&event).await;
        rehearsal.take_calls();
        if outcome.status() != "SUCCESS" {
            return Err(format!("{logical_id}: {}", outcome.reason()));
        }
        if matches!(self, Self::Change(..)) && outcome.id() != arn_in(&resource.physical_id) {
            return Err(format!(
                "{logical_id}: nobody can change this by hand, because Chime cannot: it would be another resource"
            ));
        }
        simulator.change(|held| with_tags(held, &tags(&before)))?;
        let has_changed = simulator.holds() != before;
        let session =
            Session::local(&simulator.url(), rehearsal.account(region).url(), ACCOUNT, chime_region(region)).await?;
        let reports = compare_all(&session, region, &[stack_id.to_owned()]).await;
        rehearsal.take_calls();
        let own = reports.iter().flat_map(|report| &report.resources).find(|it| it.logical_id == logical_id);
        match (self, own.map(|report| report.verdict)) {
            (Self::Vanish(_), Some(Verdict::Gone | Verdict::NotCompared)) | (Self::Change(..), _) => Ok(()),
            // A list exists as long as its channel does: it vanishes with its members.
            (Self::Vanish(_), Some(Verdict::Changed)) if has_changed => Ok(()),
            (Self::Vanish(_), _) => {
                Err(format!("{logical_id}: it was in Chime before the stack, and so the function leaves it"))
            }
        }
    }
}

/// The type of this function's that plays the hand for a type.
fn own_type(resource_type: &str) -> Option<String> {
    let kind = resource_type.replace("AWS::Chime::", "Custom::Chime");
    kind.starts_with("Custom::Chime").then_some(kind)
}

/// How `--change` is used.
const USAGE: &str = "--change takes a logical id, then PROPERTY=VALUE for each property";

/// The tags of each entity, by the entity's own ARN.
fn tags(held: &Json) -> BTreeMap<String, Json> {
    let mut all = BTreeMap::new();
    collect(held, &mut all);
    all
}

fn collect(json: &Json, all: &mut BTreeMap<String, Json>) {
    match json {
        Json::Object(members) => {
            if let Some(arn) = own_arn(members) {
                all.insert(arn.to_owned(), members.get("Tags").cloned().unwrap_or_else(|| json!([])));
            }
            members.values().for_each(|value| collect(value, all));
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, all)),
        _ => {}
    }
}

/// The same contents, in which each entity has its former tags.
fn with_tags(held: Json, tags: &BTreeMap<String, Json>) -> Json {
    match held {
        Json::Object(mut members) => {
            if let Some(former) = own_arn(&members).and_then(|arn| tags.get(arn)).cloned() {
                members.insert("Tags".to_owned(), former);
            }
            Json::Object(members.into_iter().map(|(name, value)| (name, with_tags(value, tags))).collect())
        }
        Json::Array(items) => items.into_iter().map(|item| with_tags(item, tags)).collect(),
        scalar => scalar,
    }
}

fn own_arn(members: &Map<String, Json>) -> Option<&str> {
    crate::stack::presence::ARNS.iter().find_map(|name| members.get(*name)).and_then(Json::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_logical_id_and_properties_with_values() {
        let text = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let change = |id: &str, name: &str, value: Json| ByHand::Change(id.to_owned(), vec![(name.to_owned(), value)]);
        let read = all(
            &text(&["Gone"]),
            &text(&["It", "Name=a=b", "Members", r#"MemberArns=["x"]"#, "Kept", "RetentionDays=3"]),
        );
        let expected = [
            ByHand::Vanish("Gone".to_owned()),
            change("It", "Name", json!("a=b")),
            change("Members", "MemberArns", json!(["x"])),
            change("Kept", "RetentionDays", json!("3")),
        ];
        assert_eq!(read.unwrap(), expected);
        for wrong in [&["It"][..], &["Name=x", "y=z"], &["It", "Name=x", "Other"]] {
            assert_eq!(all(&text(&["Gone"]), &text(wrong)), Err(USAGE.to_owned()), "{wrong:?}");
        }
    }

    #[test]
    fn entities_get_their_former_tags_back() {
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let before = json!([{"AppInstanceArn": arn, "Tags": [{"Key": "cfn:retention-settings", "Value": "x"}]}]);
        let after = json!([{"AppInstanceArn": arn, "Tags": [], "Users": [{"AppInstanceUserArn": "u", "Tags": [{"Key": "k", "Value": "v"}]}]}]);
        let restored = with_tags(after, &tags(&before));
        assert_eq!(restored[0]["Tags"], before[0]["Tags"]);
        assert_eq!(restored[0]["Users"][0]["Tags"][0]["Key"], "k");
    }
}
