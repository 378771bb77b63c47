//! What happens to the account between the steps, without CloudFormation.

use super::cloudformation::Account;
use super::existing::{Existing, place, plain};
use super::pieces::Pieces;
use super::plan::{HandEdit, History};
use super::template::TemplateResource;
use super::things::entities;
use serde_json::{Value, json};
use std::time::Duration;

/// How long after a deployment the next one is.
const MINUTE: Duration = Duration::from_secs(60);

/// How long after a change by hand it is. What is older than an hour is no attempt's of the same deployment.
const HOURS: Duration = Duration::from_secs(3 * 3600);

/// What somebody changes of something by hand: its name, or the value of a setting. `None` if there is nothing.
fn altered(name: &str, properties: &Value) -> Option<Value> {
    let mut altered = properties.clone();
    match name {
        "ChimeAppInstanceRetentionSettings" => altered["RetentionDays"] = json!("99"),
        "ChimeMessagingStreamingConfigurations" => {
            for configuration in altered["StreamingConfigurations"].as_array_mut()? {
                configuration["ResourceArn"] =
                    json!("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-other");
            }
        }
        "ChimeChannelFlowAssociation" => {
            let flow = properties["ChannelFlowArn"].as_str()?;
            let (one, two) = ("channel-flow/one", "channel-flow/two");
            altered["ChannelFlowArn"] =
                json!(if flow.ends_with(one) { flow.replace(one, two) } else { flow.replace(two, one) });
        }
        _ => {
            properties.get("Name")?;
            altered["Name"] = json!("By hand");
        }
    }
    Some(altered)
}

/// The same, with times in the notes of owners and in ids that are earlier by `by`.
fn older(json: Value, by: Duration) -> Value {
    match json {
        Value::String(text) => json!(older_text(&text, by)),
        Value::Array(items) => items.into_iter().map(|item| older(item, by)).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, older(value, by))).collect(),
        other => other,
    }
}

fn older_text(text: &str, by: Duration) -> String {
    let is_time = |part: &str| part.len() == 10 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_inclusive(['/', '@']).map(|part| {
        let number = part.trim_end_matches(['/', '@']);
        match number.parse::<u64>() {
            Ok(seconds) if is_time(number) => part.replace(number, &(seconds - by.as_secs()).to_string()),
            _ => part.to_owned(),
        }
    });
    parts.collect()
}

impl Account {
    /// Carries out what somebody does by hand.
    pub(super) async fn by_hand(&mut self, history: &History, edits: &[HandEdit]) -> Result<(), String> {
        // A Delete by a real id also takes what bears no mark.
        self.lambda.forget_late();
        for edit in edits {
            let (HandEdit::Make(at, _) | HandEdit::Delete(at) | HandEdit::Alter(at)) = edit;
            let entity = history.entities[at % history.entities.len()];
            // A list of members is made of things that have no names in the template. A construct's resource that is gone
            // fails its update, because an id of the predecessor cannot tell two lives apart.
            if entities()[entity].of.is_list() || matches!(edit, HandEdit::Delete(_)) && self.is_construct(entity) {
                continue;
            }
            match edit {
                HandEdit::Make(_, state) => self.make(entity, *state).await?,
                HandEdit::Delete(_) => self.delete_by_hand(entity).await?,
                HandEdit::Alter(_) => self.alter(entity).await?,
            }
        }
        self.unmanaged.retain(|ways| ways[0].is_anything());
        Ok(())
    }

    /// Somebody makes what a template could state, as another user of the app instance.
    async fn make(&mut self, entity: usize, state: usize) -> Result<(), String> {
        let of = &entities()[entity].of;
        let states = &entities()[entity].states;
        let mut properties = states[state % states.len()].clone();
        let is_held = |existing: &Existing| {
            existing.entity == entity && (!of.has_template_id() || place(&existing.properties) == place(&properties))
        };
        let is_stated = self.resources().any(|resource| {
            resource.stated.entity == entity && place(&resource.stated.properties) == place(&properties)
        });
        if self.unmanaged.iter().any(|ways| is_held(&ways[0]))
            || is_stated && of.has_template_id()
            || self.is_unmarked.get() && of.has_mark()
        {
            return Ok(());
        }
        if of.is_untracked() && properties.get("ChimeBearer").is_some() {
            let bearer = properties["ChimeBearer"].as_str().unwrap_or_default().replace("/user/boss", "/user/chief");
            properties["ChimeBearer"] = json!(bearer);
        }
        let existing = Existing { entity, properties, id: String::new(), note: None, is_there: true };
        let mut pieces = Pieces::of(&existing, self.has_constructs).await;
        if !of.has_template_id() {
            self.made += 1;
            let parent = pieces.id.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            pieces = pieces.with_id(&format!("{parent}/00000000-0000-4000-a000-{:012}", self.made));
        }
        self.lambda.simulator.change(|held| pieces.add_to(held))?;
        let existing = Existing { id: plain(&pieces.id).to_owned(), ..existing };
        self.lambda.record(format!("made by hand: {}", existing.id));
        self.unmanaged.push(vec![existing]);
        Ok(())
    }

    async fn delete_by_hand(&mut self, entity: usize) -> Result<(), String> {
        let Some(existing) = self.existing_mut(entity).map(|existing| existing.clone()) else { return Ok(()) };
        let pieces = Pieces::of(&existing, self.has_constructs).await.with_id(&existing.id);
        self.lambda.simulator.change(|held| pieces.remove_from(held))?;
        self.lambda.record(format!("deleted by hand: {}", existing.id));
        if let Some(held) = self.existing_mut(entity) {
            *held = existing.gone();
        }
        Ok(())
    }

    async fn alter(&mut self, entity: usize) -> Result<(), String> {
        let Some(existing) = self.existing_mut(entity).map(|existing| existing.clone()) else { return Ok(()) };
        let Some(properties) = altered(entities()[entity].of.name, &existing.properties) else { return Ok(()) };
        let altered = Existing { properties, ..existing };
        let pieces = Pieces::of(&altered, self.has_constructs).await.with_id(&altered.id);
        self.lambda.simulator.change(|held| pieces.write_over(held))?;
        self.lambda.record(format!("changed by hand: {}", altered.id));
        if let Some(held) = self.existing_mut(entity) {
            *held = altered;
        }
        Ok(())
    }

    /// What is there of an entity: that of a stack, or else what no template states. What is adopted and then deleted would
    /// have to be made by another way than by adoption.
    fn existing_mut(&mut self, entity: usize) -> Option<&mut Existing> {
        let stated = self.stacks.iter_mut().flat_map(|resources| resources.values_mut());
        let of_stacks = stated
            .filter(|resource| resource.stated.properties.get("AdoptExisting").is_none())
            .filter_map(|resource| resource.held.first_mut());
        let others = self.unmanaged.iter_mut().filter_map(|ways| ways.first_mut());
        of_stacks.chain(others).find(|existing| existing.entity == entity && existing.is_there)
    }

    /// Lets time pass until the next step. Everything in the account is older afterwards, and so are the requests that its notes and ids
    /// name.
    pub(super) fn wait(&mut self) -> Result<(), String> {
        let by = if std::mem::take(&mut self.are_hours_to_pass) {
            self.lambda.record("hours pass".to_owned());
            self.lambda.forget_late();
            HOURS
        } else {
            MINUTE
        };
        self.lambda.simulator.grow_older(by);
        self.lambda.simulator.change(|held| older(held, by))?;
        for resource in self.stacks.iter_mut().flat_map(|resources| resources.values_mut()) {
            resource.id = older_text(&resource.id, by);
            for held in &mut resource.held {
                held.id = older_text(&held.id, by);
            }
        }
        Ok(())
    }

    /// Whether the stacks use a construct for this entity.
    pub(super) fn is_construct(&self, entity: usize) -> bool {
        let stated = TemplateResource { entity, properties: entities()[entity].states[0].clone() };
        self.resource(0, "Any", &stated).0.resource_type.starts_with("AWS::")
    }
}
