//! What is in Chime: of a template, made by hand, or kept when a template no longer has it.

use super::held::{Facts, as_found, contributed_facts, only_notes, without_notes};
use super::template::{TemplateResource, resource};
use super::things::entities;
use cloudformation_local::LogicalResource;
use serde_json::{Map, Value, json};

/// The logical resource that the tags or the mark of something name.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub stack: usize,
    pub logical_id: String,
    /// Whether it was there before. A setting's mark says so; of what bears no mark, the id does.
    pub is_found: bool,
}

/// Something in Chime.
#[derive(Clone, Debug, PartialEq)]
pub struct Existing {
    pub entity: usize,
    /// What it is like. The bearer is who made it.
    pub properties: Value,
    /// Its physical id, without what that says about it.
    pub id: String,
    pub note: Option<Note>,
    /// Otherwise somebody has deleted it. The mark of a setting is still there then.
    pub is_there: bool,
}

/// The names of the properties that determine which thing is meant.
const IDENTIFYING: [&str; 9] = [
    "AppInstanceArn",
    "AppInstanceUserId",
    "AppInstanceAdminArn",
    "ChannelArn",
    "ChannelId",
    "MemberArn",
    "ChannelModeratorArn",
    "AppInstanceUserArn",
    "EndpointAttributes",
];

/// What identifies a thing with these properties: the thing itself, or where Chime makes it.
pub fn place(properties: &Value) -> Value {
    IDENTIFYING.iter().map(|name| properties[name].clone()).collect()
}

/// The properties that Chime shows.
pub fn shown(properties: &Value) -> Value {
    let hidden = ["AdoptExisting", "Resync", "ServiceTimeout", "Nonsense"];
    let all = properties.as_object().into_iter().flatten();
    all.filter(|(name, _)| !hidden.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// The physical id of a thing, without what it says about that.
pub fn plain(id: &str) -> &str {
    id.trim_end_matches("/found")
}

impl Existing {
    pub fn is_at(&self, stated: &TemplateResource) -> bool {
        self.entity == stated.entity && place(&self.properties) == place(&stated.properties)
    }

    /// Whether the note names this logical resource.
    pub fn is_of(&self, stack: usize, logical_id: &str) -> bool {
        self.note.as_ref().is_some_and(|note| note.stack == stack && note.logical_id == logical_id)
    }

    /// Whether it is as the template states, whoever made it.
    pub fn is_as_stated(&self, stated: &TemplateResource) -> bool {
        let (mut own, mut other) = (self.properties.clone(), shown(&stated.properties));
        (own["ChimeBearer"], other["ChimeBearer"]) = (json!(null), json!(null));
        if other.get("Preferences").is_none() {
            // Preferences that are not stated may be any.
            own.as_object_mut().expect("properties").remove("Preferences");
        }
        self.is_there && own == other
    }

    /// The same after an Update from these properties to those, or after a create that goes on with it.
    pub fn updated(&self, old: Option<&Value>, new: &Value) -> Self {
        let mut properties = shown(new);
        if let (true, Some(maker)) = (self.is_there, self.properties.get("ChimeBearer")) {
            properties["ChimeBearer"] = maker.clone();
        }
        // Preferences that neither template states are the member's own.
        let states_some = |of: &Value| of.get("Preferences").is_some();
        if let (true, Some(own)) = (self.is_there, self.properties.get("Preferences"))
            && !states_some(new)
            && !old.is_some_and(states_some)
        {
            properties["Preferences"] = own.clone();
        }
        // Tags that the template did not have are somebody else's.
        let tags = |of: &Value| of["Tags"].as_array().cloned().unwrap_or_default();
        let keys: Vec<_> =
            old.iter().flat_map(|old| tags(old)).chain(tags(new)).map(|tag| tag["Key"].clone()).collect();
        let others = tags(&self.properties).into_iter().filter(|tag| self.is_there && !keys.contains(&tag["Key"]));
        let all: Vec<_> = others.chain(tags(new)).collect();
        if !all.is_empty() {
            properties["Tags"] = json!(all);
        }
        Self { properties, is_there: true, ..self.clone() }
    }

    /// The same without an owner.
    pub fn given_back(&self) -> Self {
        Self { note: None, ..self.clone() }
    }

    /// The same where it has been deleted by hand.
    pub fn gone(&self) -> Self {
        Self { is_there: false, ..self.clone() }
    }

    /// Whether anything of it is in Chime.
    pub fn is_anything(&self) -> bool {
        self.is_there || self.note.is_some() && entities()[self.entity].of.has_mark()
    }

    /// What would make it: its owner, or somebody by hand.
    pub fn as_resource(&self, has_constructs: bool) -> (LogicalResource, Value) {
        let stated = TemplateResource { entity: self.entity, properties: self.properties.clone() };
        match &self.note {
            Some(note) => resource(note.stack, &note.logical_id, &stated, has_constructs),
            None => resource(0, "ByHand", &stated, false),
        }
    }

    /// The facts about it.
    pub async fn facts(&self, has_constructs: bool) -> Facts {
        let (of, properties) = self.as_resource(has_constructs);
        let all = contributed_facts(&of, &properties).await;
        let mut facts = if self.is_there { without_notes(all.clone()) } else { Facts::new() };
        if let (Some(note), true) = (&self.note, self.is_anything()) {
            let notes = only_notes(all);
            facts.extend(if note.is_found { as_found(notes) } else { notes });
        }
        facts
    }
}
