//! Resources that do not wait for the rights of their bearer, although the same template gives it these rights.
//!
//! The linter's rule W9905 is the same, and knows more: conditions and `Fn::If`. What is under a condition is left alone here.

use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A resource whose bearer may not have its rights yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingDependency {
    /// The resource.
    logical_id: String,
    /// Its property with the bearer.
    bearer: String,
    /// The resource that gives the bearer its rights.
    grant: String,
}

impl fmt::Display for MissingDependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { logical_id, bearer, grant } = self;
        write!(
            f,
            "{logical_id}: {bearer} gets its rights from {grant}, and nothing puts {grant} first: add DependsOn: {grant}"
        )
    }
}

/// A resource that makes a user or bot an admin or a moderator.
struct Grant<'a> {
    logical_id: &'a str,
    bearer: String,
    /// What the rights are for, by property; nothing for the whole app instance.
    scope: Vec<(String, String)>,
}

/// The missing dependencies of a template. A resource is not reported if it depends on a reported one: it waits as soon as that does.
///
/// The schemas say which property names the bearer, and which types give rights.
pub fn warnings(template: &Json, schemas: &[Json]) -> Vec<MissingDependency> {
    let template = Template::of(template, schemas);
    let grants: Vec<_> = template.resources.keys().filter_map(|logical_id| template.grant(logical_id)).collect();
    let found: Vec<_> = template.resources.keys().filter_map(|id| template.missing(id, &grants)).collect();
    let is_reported = |one: &&MissingDependency| {
        let before = template.before(&one.logical_id);
        !found.iter().any(|other| other.grant == one.grant && before.contains(other.logical_id.as_str()))
    };
    found.iter().filter(is_reported).cloned().collect()
}

struct Template<'a> {
    /// The resources without a condition.
    resources: BTreeMap<&'a str, &'a Json>,
    schemas: BTreeMap<&'a str, &'a Json>,
}

impl<'a> Template<'a> {
    fn of(template: &'a Json, schemas: &'a [Json]) -> Self {
        let resources = template["Resources"].as_object().into_iter().flatten();
        Self {
            resources: resources
                .filter(|(_, resource)| resource.get("Condition").is_none())
                .map(|(logical_id, resource)| (logical_id.as_str(), resource))
                .collect(),
            schemas: schemas.iter().filter_map(|schema| Some((schema["typeName"].as_str()?, schema))).collect(),
        }
    }

    fn schema(&self, logical_id: &str) -> Option<&'a Json> {
        self.schemas.get(self.resources.get(logical_id)?["Type"].as_str()?).copied()
    }

    /// The text of a property of a resource, if it has one.
    fn property(&self, logical_id: &str, name: &str) -> Option<String> {
        self.text(self.resources.get(logical_id)?["Properties"].get(name)?, &mut vec![])
    }

    fn grant(&self, logical_id: &'a str) -> Option<Grant<'a>> {
        let schema = self.schema(logical_id)?;
        let authorized = name(&schema["authorizes"])?;
        let others = schema["additionalIdentifiers"][0].as_array()?.iter().filter_map(name);
        let scope = others
            .filter(|name| *name != authorized)
            .map(|name| Some((name.to_owned(), self.property(logical_id, name)?)))
            .collect::<Option<_>>()?;
        Some(Grant { logical_id, bearer: self.property(logical_id, authorized)?, scope })
    }

    /// What the resource should depend on, if it should and does not.
    fn missing(&self, logical_id: &str, grants: &[Grant<'_>]) -> Option<MissingDependency> {
        let bearer = name(&self.schema(logical_id)?["bearer"])?;
        let acting = self.property(logical_id, bearer)?;
        let before = self.before(logical_id);
        let usable: Vec<_> = grants
            .iter()
            .filter(|grant| grant.bearer == acting && grant.logical_id != logical_id)
            .filter(|grant| {
                grant.scope.iter().all(|(name, text)| self.property(logical_id, name).as_ref() == Some(text))
            })
            .filter(|grant| !self.before(grant.logical_id).contains(logical_id))
            .collect();
        if usable.iter().any(|grant| before.contains(grant.logical_id)) {
            return None;
        }
        // An admin may do more than a moderator.
        let grant = usable.iter().min_by_key(|grant| grant.scope.len())?.logical_id.to_owned();
        Some(MissingDependency { logical_id: logical_id.to_owned(), bearer: bearer.to_owned(), grant })
    }

    /// What CloudFormation makes before a resource, because of references and `DependsOn`.
    fn before(&self, logical_id: &str) -> BTreeSet<&'a str> {
        let (mut before, mut pending) = (BTreeSet::new(), vec![logical_id]);
        while let Some(next) = pending.pop() {
            let resource = self.resources.get(next).copied().unwrap_or(&Json::Null);
            let mut named = Vec::new();
            references(resource, &mut named);
            let depends_on = &resource["DependsOn"];
            named.extend(depends_on.as_str());
            named.extend(depends_on.as_array().into_iter().flatten().filter_map(Json::as_str));
            for name in named {
                if let Some((name, _)) = self.resources.get_key_value(name)
                    && before.insert(*name)
                {
                    pending.push(name);
                }
            }
        }
        before
    }

    /// The text that a value comes to: values with the same text are the same once they are deployed. What only CloudFormation knows
    /// stands in it as `${…}`.
    fn text(&self, value: &Json, reading: &mut Vec<String>) -> Option<String> {
        let Json::Object(map) = value else { return value.as_str().map(str::to_owned) };
        let (function, argument) = map.iter().next().filter(|_| map.len() == 1)?;
        match (function.as_str(), argument) {
            ("Ref", Json::String(name)) => Some(self.read(name, None, reading)),
            ("Fn::GetAtt", Json::Array(parts)) => match parts.as_slice() {
                [Json::String(name), Json::String(attribute)] => Some(self.read(name, Some(attribute), reading)),
                _ => None,
            },
            ("Fn::Sub", Json::String(text)) => Some(self.substituted(text, reading)),
            // Which branch it is, a condition says.
            ("Fn::If", _) => None,
            _ => Some(format!("${{{value}}}")),
        }
    }

    /// The text of what a reference gives.
    fn read(&self, logical_id: &str, attribute: Option<&str>, reading: &mut Vec<String>) -> String {
        let unknown = match attribute {
            Some(attribute) => format!("${{{logical_id}.{attribute}}}"),
            None => format!("${{{logical_id}}}"),
        };
        let (Some(schema), false) = (self.schema(logical_id), reading.iter().any(|one| one == logical_id)) else {
            return unknown;
        };
        let own = schema["typeName"].as_str().and_then(|name| name.strip_prefix("Custom::Chime"));
        let own = own.map(|noun| format!("{noun}Arn"));
        let properties = &self.resources[logical_id]["Properties"];
        reading.push(logical_id.to_owned());
        let text = match attribute {
            None => self.arn(schema, properties, reading).unwrap_or_else(|| format!("${{{logical_id}}}")),
            Some(attribute) if own.as_deref() == Some(attribute) && properties.get(attribute).is_none() => {
                self.arn(schema, properties, reading).unwrap_or_else(|| format!("${{{logical_id}}}"))
            }
            // An attribute with the name of a property gives what the property states.
            Some(attribute) => properties.get(attribute).and_then(|value| self.text(value, reading)).unwrap_or(unknown),
        };
        reading.pop();
        text
    }

    /// The ARN of a user or channel, whose id the template states.
    fn arn(&self, schema: &Json, properties: &Json, reading: &mut Vec<String>) -> Option<String> {
        let (path, id) = match schema["typeName"].as_str()? {
            "Custom::ChimeAppInstanceUser" => ("user", "AppInstanceUserId"),
            "Custom::ChimeChannel" => ("channel", "ChannelId"),
            _ => return None,
        };
        let app_instance = self.text(properties.get("AppInstanceArn")?, reading)?;
        Some(format!("{app_instance}/{path}/{}", self.text(properties.get(id)?, reading)?))
    }

    fn substituted(&self, text: &str, reading: &mut Vec<String>) -> String {
        let (mut rest, mut result) = (text, String::new());
        while let Some((before, (name, after))) =
            rest.split_once("${").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            result.push_str(before);
            match name.split_once('.') {
                _ if name.starts_with('!') => result.push_str(&format!("${{{name}}}")),
                Some((name, attribute)) => result.push_str(&self.read(name, Some(attribute), reading)),
                None => result.push_str(&self.read(name, None, reading)),
            }
            rest = after;
        }
        result + rest
    }
}

/// The name of the property that a schema points to.
fn name(pointer: &Json) -> Option<&str> {
    pointer.as_str()?.strip_prefix("/properties/")
}

/// Collects what a value refers to: the names in `Ref`, `Fn::GetAtt` and `Fn::Sub`.
fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        Json::Object(map) => {
            for (name, value) in map {
                let text = match (name.as_str(), value) {
                    ("Fn::GetAtt" | "Fn::Sub", Json::Array(parts)) => parts.first().and_then(Json::as_str),
                    _ => value.as_str(),
                };
                match (name.as_str(), text) {
                    ("Ref", Some(name)) => found.push(name),
                    ("Fn::GetAtt", Some(text)) => found.extend(text.split('.').next()),
                    ("Fn::Sub", Some(text)) => found
                        .extend(text.split("${").skip(1).filter_map(|part| part.split_once('}')?.0.split('.').next())),
                    _ => {}
                }
                references(value, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::template::read;
    use chime_messaging_resources::registry::schemas;

    const BASE: &str = "
  Instance: {Type: 'Custom::ChimeAppInstance', Properties: {Name: Chat}}
  Boss: {Type: 'Custom::ChimeAppInstanceUser', Properties: {AppInstanceArn: !Ref Instance, AppInstanceUserId: boss}}
  Bob: {Type: 'Custom::ChimeAppInstanceUser', Properties: {AppInstanceArn: !Ref Instance, AppInstanceUserId: bob}}
  Lobby:
    Type: Custom::ChimeChannel
    WAITS
    Properties: {AppInstanceArn: !Ref Instance, ChimeBearer: BEARER, ChannelId: lobby, Name: Lobby}
  BobInLobby:
    Type: Custom::ChimeChannelMembership
    Properties: {ChannelArn: !Ref Lobby, MemberArn: !Ref Bob, ChimeBearer: BEARER}
";
    const ADMIN: &str =
        "  BossIsAdmin: {Type: 'Custom::ChimeAppInstanceAdmin', Properties: {AppInstanceAdminArn: !Ref Boss}}\n";

    fn found(resources: &str, waits: &str, bearer: &str) -> Vec<String> {
        let text = format!("Resources:{}", resources.replace("WAITS", waits).replace("BEARER", bearer));
        warnings(&read(&text).expect("YAML"), &schemas()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_channel_that_does_not_wait_for_its_bearers_rights_is_reported_and_its_members_are_not() {
        let template = format!("{BASE}{ADMIN}");
        let said = "Lobby: ChimeBearer gets its rights from BossIsAdmin, and nothing puts BossIsAdmin first: add DependsOn: BossIsAdmin";
        for bearer in ["!Ref Boss", "!GetAtt Boss.AppInstanceUserArn", "!Sub '${Instance}/user/boss'", "!Sub '${Boss}'"]
        {
            assert_eq!(found(&template, "", bearer), [said], "{bearer}");
            for waits in
                ["DependsOn: BossIsAdmin", "DependsOn: [Bob, BossIsAdmin]", "Metadata: {For: !Sub 'x${BossIsAdmin}'}"]
            {
                assert_eq!(found(&template, waits, bearer), [""; 0], "{bearer} {waits}");
            }
        }
    }

    #[test]
    fn a_bearer_that_the_template_gives_no_rights_is_left_alone() {
        assert_eq!(found(BASE, "", "!Ref Boss"), [""; 0]);
        let template = format!("{BASE}{ADMIN}");
        for bearer in ["!Ref Bob", "!Ref Given", "!ImportValue boss", "!If [Live, !Ref Boss, !Ref Bob]"] {
            assert_eq!(found(&template, "", bearer), [""; 0], "{bearer}");
        }
    }

    #[test]
    fn what_is_under_a_condition_or_cannot_wait_is_left_alone() {
        let admin = |with: &str| format!("{BASE}{}", ADMIN.replace("Properties:", &format!("{with}, Properties:")));
        assert_eq!(found(&admin("Condition: Live"), "", "!Ref Boss"), [""; 0]);
        assert_eq!(found(&admin("DependsOn: BobInLobby"), "", "!Ref Boss"), [""; 0]);
    }

    #[test]
    fn a_moderator_has_rights_in_one_channel() {
        let moderator = "  BobModerates:
    Type: Custom::ChimeChannelModerator
    Properties: {ChannelArn: !Ref Lobby, ChannelModeratorArn: !Ref Bob, ChimeBearer: !Ref Boss}
  Banned:
    Type: Custom::ChimeChannelBan
    Properties: {ChannelArn: CHANNEL, MemberArn: !Ref Boss, ChimeBearer: !Ref Bob}
";
        let said = "Banned: ChimeBearer gets its rights from BobModerates, and nothing puts BobModerates first: add DependsOn: BobModerates";
        let of = |channel: &str| found(&format!("{BASE}{}", moderator.replace("CHANNEL", channel)), "", "!Ref Boss");
        assert_eq!(of("!GetAtt Lobby.ChannelArn"), [said]);
        assert_eq!(of("!Ref Hall"), [""; 0]);
    }

    #[test]
    fn the_projects_examples_are_in_order() {
        let examples = cloudformation_local::workspace::root().join("examples");
        let mut checked = 0;
        for folder in [examples.clone(), examples.join("tutorial"), examples.join("production")] {
            for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if path.extension().is_some_and(|extension| extension == "yaml") {
                    let template = read(&std::fs::read_to_string(&path).expect("a template")).expect("YAML");
                    assert_eq!(warnings(&template, &schemas()), [], "{}", path.display());
                    checked += 1;
                }
            }
        }
        assert!(checked > 8, "{checked}");
    }
}
