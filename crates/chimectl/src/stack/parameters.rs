//! The parameters of templates: those of the command line, and those that an earlier deployment of the run gave as outputs.

use crate::drift::template;
use crate::stack::planned_stack::{PlannedStack, Version};
use cloudformation_local::Output;
use std::collections::{BTreeMap, BTreeSet};

/// The values of a run.
#[derive(Debug)]
pub struct Parameters {
    given: Vec<(String, String)>,
    /// The names that some template declares.
    declared: BTreeSet<String>,
    outputs: BTreeMap<String, String>,
}

/// The values of a template's parameters.
#[derive(Debug)]
pub struct Values {
    /// Each parameter and its value.
    pub values: Vec<(String, String)>,
    /// The parameters that take the output of an earlier stack.
    pub taken: Vec<String>,
}

impl Parameters {
    /// The values of the command line, for these versions.
    ///
    /// # Errors
    /// A template cannot be read.
    pub fn of(given: &[(String, String)], versions: &[Version]) -> Result<Self, String> {
        let mut declared = BTreeSet::new();
        for stack in versions.iter().flatten() {
            declared.extend(declarations(&read(stack)?).into_keys());
        }
        Ok(Self { given: given.to_vec(), declared, outputs: BTreeMap::new() })
    }

    /// Takes the outputs of a stack, for templates that come later.
    pub fn learn(&mut self, outputs: &[Output]) {
        self.outputs.extend(outputs.iter().map(|output| (output.key.clone(), output.value.clone())));
    }

    /// The values for a template: what the command line gives, what the app states, and for a parameter without either and without a default,
    /// the last output of the same name.
    ///
    /// # Errors
    /// A parameter has no value.
    pub fn values(&self, stack: &PlannedStack, text: &str) -> Result<Values, String> {
        let declarations = declarations(text);
        // What no template declares is given to each, so that CloudFormation says so.
        let is_meant = |key: &String| declarations.contains_key(key) || !self.declared.contains(key);
        let mut values: Vec<_> = self.given.iter().filter(|(key, _)| is_meant(key)).cloned().collect();
        let is_given = |values: &[(String, String)], key: &str| values.iter().any(|(given, _)| given == key);
        for (key, value) in &stack.parameters {
            if !is_given(&values, key) {
                values.push((key.clone(), value.clone()));
            }
        }
        let (mut taken, mut missing) = (Vec::new(), Vec::new());
        for (key, has_default) in declarations {
            if has_default || is_given(&values, &key) {
                continue;
            }
            match self.outputs.get(&key) {
                Some(value) => {
                    values.push((key.clone(), value.clone()));
                    taken.push(key);
                }
                None => missing.push(key),
            }
        }
        if missing.is_empty() {
            return Ok(Values { values, taken });
        }
        let options: Vec<_> = missing.iter().map(|key| format!("{key}=VALUE")).collect();
        let names: Vec<_> = missing.iter().map(|key| format!("'{key}'")).collect();
        let (noun, verb) = if missing.len() == 1 { ("Parameter", "has") } else { ("Parameters", "have") };
        Err(format!(
            "{noun} {} of {} {verb} no value and no default: --parameter-overrides {}, after the templates",
            names.join(", "),
            stack.template.display(),
            options.join(" ")
        ))
    }
}

/// The text of a template.
///
/// # Errors
/// The file cannot be read.
pub fn read(stack: &PlannedStack) -> Result<String, String> {
    std::fs::read_to_string(&stack.template).map_err(|error| format!("{}: {error}", stack.template.display()))
}

/// The parameters that a template declares, and whether each has a default. CloudFormation itself reports a template that cannot be read.
fn declarations(text: &str) -> BTreeMap<String, bool> {
    let template = template::read(text).unwrap_or_default();
    let declared = template["Parameters"].as_object().into_iter().flatten();
    declared.map(|(key, it)| (key.clone(), it.get("Default").is_some())).collect()
}

/// Reads `KEY=VALUE`.
///
/// # Errors
/// It has no equals sign: it may be a template.
pub fn parameter(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or("a parameter is KEY=VALUE; templates go before --parameter-overrides")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameters_value_may_contain_equals_signs() {
        assert_eq!(parameter("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!(parameter("A").is_err());
    }

    #[test]
    fn a_parameter_without_a_value_takes_the_output_of_the_same_name_or_is_missing() {
        let text = "Parameters: {App: {Type: String}, Days: {Type: Number, Default: 3}, Other: {Type: String}}";
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let stack = PlannedStack {
            name: "s".to_owned(),
            region: "us-east-1".to_owned(),
            template: "t.yaml".into(),
            parameters: vec![pair("Other", "app's")],
        };
        let declared = ["App", "Days", "Other", "Elsewhere"].map(str::to_owned).into();
        let given = vec![pair("Elsewhere", "x"), pair("Unknown", "y")];
        let mut parameters = Parameters { given, declared, outputs: BTreeMap::new() };
        let missing = parameters.values(&stack, text).unwrap_err();
        assert_eq!(
            missing,
            "Parameter 'App' of t.yaml has no value and no default: --parameter-overrides App=VALUE, after the templates"
        );
        parameters.learn(&[Output { key: "App".to_owned(), value: "arn".to_owned() }]);
        let Values { values, taken } = parameters.values(&stack, text).unwrap();
        assert_eq!(values, [pair("Unknown", "y"), pair("Other", "app's"), pair("App", "arn")]);
        assert_eq!(taken, ["App"]);
    }
}
