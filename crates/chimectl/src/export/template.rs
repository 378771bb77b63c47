//! What an export writes, before it is YAML or code: resources with references to each other.

use serde_json::{Map, Value as Json, json};

/// A resource of the export.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its logical id.
    pub logical_id: String,
    /// The noun of its type: `ChimeChannel` for `Custom::ChimeChannel`.
    pub type_name: &'static str,
    /// The id of what it adopts, as `Ref` returns it.
    pub physical_id: String,
    /// Its properties, with ARNs in full, and without those of every type.
    pub properties: Map<String, Json>,
    /// The logical ids that it depends on without naming them.
    pub depends_on: Vec<String>,
    /// What of it is not in the template, and why.
    pub comments: Vec<String>,
}

/// What is not in the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is.
    pub what: String,
    /// Why it is left out, and what to do.
    pub why: String,
}

/// An export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// The ARN of the app instance.
    pub app_instance: String,
    /// Its name.
    pub name: String,
    /// In the order of the reference.
    pub resources: Vec<Resource>,
    /// What is left out of everything, and what was not asked for.
    pub notes: Vec<String>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
}

/// A reference to a resource of the template, in place of an ARN.
#[derive(Clone, Debug, PartialEq)]
pub enum Reference<'a> {
    /// The ARN of a resource.
    To(&'a Resource),
    /// The ARN of something in a resource: that resource, and the rest of the ARN.
    Within(&'a Resource, &'a str),
}

impl Template {
    /// The resource that adopts what has this ARN.
    pub fn resource(&self, arn: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.physical_id == arn)
    }

    /// The reference that stands for a text. `None` if it names nothing that the template has.
    pub fn reference<'a>(&'a self, text: &'a str) -> Option<Reference<'a>> {
        if let Some(resource) = self.resource(text) {
            return Some(Reference::To(resource));
        }
        let rest = text.strip_prefix(self.app_instance.as_str()).filter(|rest| rest.starts_with('/'))?;
        self.resource(&self.app_instance).map(|resource| Reference::Within(resource, rest))
    }

    /// The value of a property with references in place of ARNs. Free text stays as it is, whatever it contains.
    pub fn with_references(&self, name: &str, value: &Json, write: &impl Fn(&Reference<'_>) -> Json) -> Json {
        match value {
            _ if ["Name", "Metadata", "Tags"].contains(&name) => value.clone(),
            Json::String(text) => self.reference(text).map_or_else(|| value.clone(), |reference| write(&reference)),
            Json::Array(items) => items.iter().map(|item| self.with_references(name, item, write)).collect(),
            Json::Object(map) => {
                let entries = map.iter().map(|(name, value)| (name.clone(), self.with_references(name, value, write)));
                Json::Object(entries.collect())
            }
            other => other.clone(),
        }
    }
}

/// A reference as a template's short form is read: `{"Ref": "App"}` or `{"Fn::Sub": "${App}/user/x"}`.
pub fn intrinsic(reference: &Reference<'_>) -> Json {
    match reference {
        Reference::To(resource) => json!({"Ref": resource.logical_id}),
        // A user's id has no character that means something to Fn::Sub.
        Reference::Within(resource, rest) => json!({"Fn::Sub": format!("${{{}}}{rest}", resource.logical_id)}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn template() -> Template {
        let resource = |logical_id: &str, physical_id: String| Resource {
            logical_id: logical_id.to_owned(),
            type_name: "ChimeAppInstance",
            physical_id,
            properties: Map::new(),
            depends_on: Vec::new(),
            comments: Vec::new(),
        };
        let resources = vec![resource("AppInstance", APP.to_owned()), resource("Ada", format!("{APP}/user/ada"))];
        Template { app_instance: APP.to_owned(), resources, ..Template::default() }
    }

    #[test]
    fn an_arn_becomes_a_reference_at_every_depth_and_free_text_does_not() {
        let (ada, eve, other) = (format!("{APP}/user/ada"), format!("{APP}/user/eve"), format!("{APP}x/user/ada"));
        let value = json!({"List": [ada, eve, other], "Name": APP});
        let written = template().with_references("P", &value, &|reference| intrinsic(reference));
        assert_eq!(
            written,
            json!({"List": [{"Ref": "Ada"}, {"Fn::Sub": "${AppInstance}/user/eve"}, other], "Name": APP})
        );
    }
}
