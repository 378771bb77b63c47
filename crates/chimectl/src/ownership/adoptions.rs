//! Which resources of a stack its template says to adopt. Tags do not tell: an adopted resource has the same as one that the stack has made.

use crate::account::failure::failure;
use crate::account::session::Session;
use crate::drift::template;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// The adopting logical ids of stacks. Each stack's template is read once.
#[derive(Debug, Default)]
pub struct Adoptions {
    stacks: HashMap<String, BTreeSet<String>>,
}

impl Adoptions {
    /// Whether a stack's template has `AdoptExisting` in this resource.
    ///
    /// # Errors
    /// The template cannot be read. It is said once; after that, the stack adopts nothing.
    pub async fn has(&mut self, session: &Session, stack_id: &str, logical_id: &str) -> Result<bool, String> {
        if let Some(adopting) = self.stacks.get(stack_id) {
            return Ok(adopting.contains(logical_id));
        }
        let read = read(session, stack_id).await;
        let adopting = self.stacks.entry(stack_id.to_owned()).or_default();
        *adopting = read?;
        Ok(adopting.contains(logical_id))
    }
}

async fn read(session: &Session, stack_id: &str) -> Result<BTreeSet<String>, String> {
    let region = stack_id.split(':').nth(3).unwrap_or_default();
    let found = session.cloudformation(region).get_template().stack_name(stack_id).send().await;
    let found = found.map_err(|error| failure("GetTemplate", &error))?;
    let template = template::read(found.template_body().unwrap_or_default())?;
    let resources = template["Resources"].as_object().into_iter().flatten();
    let adopting = resources.filter(|(_, resource)| resource["Properties"].get("AdoptExisting").is_some_and(is_stated));
    Ok(adopting.map(|(logical_id, _)| logical_id.clone()).collect())
}

fn is_stated(value: &Json) -> bool {
    !value.is_null() && value["Ref"] != "AWS::NoValue"
}
