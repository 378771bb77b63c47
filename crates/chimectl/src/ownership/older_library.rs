//! What cdk-amazon-chime-resources leaves behind: its parameters in Systems Manager, and the stacks that still have its constructs.
//!
//! The library writes the ARN of what it has made to `/chime/<kind>/<uid>`. The uid stands in the template of the construct's stack.

use crate::account::failure::failure;
use crate::account::session::Session;
use crate::ownership::stacks::Stacks;
use chime_messaging_resources::account::StackId;

/// Where the library's parameters are.
const PATH: &str = "/chime";

/// A parameter of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The ARN of what the library has made. For an admin, it is that of the user or bot.
    pub arn: String,
}

impl Parameter {
    /// What identifies the construct in its stack's template.
    fn uid(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it stands for the admin rights of what it names, and not for the thing itself.
    pub fn is_of_admin(&self) -> bool {
        self.name.contains("/appInstanceAdminArn/")
    }
}

/// The library's parameters and stacks.
#[derive(Clone, Debug, Default)]
pub struct OlderLibrary {
    parameters: Vec<Parameter>,
    /// Whether there may be more parameters.
    is_incomplete: bool,
    /// The stacks with constructs of the library, and their templates. `None` is one that could not be read.
    templates: Vec<(StackId, Option<String>)>,
}

impl OlderLibrary {
    /// Reads the parameters and, if there are any stacks of the library, their templates.
    ///
    /// # Errors
    /// All calls that failed. What could be read is in the result as well.
    pub async fn read(session: &Session, stacks: &Stacks) -> (Self, Vec<String>) {
        let (mut this, mut problems) = (Self::default(), Vec::new());
        let ssm = session.ssm();
        let mut pages = ssm.get_parameters_by_path().path(PATH).recursive(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => this.parameters.extend(page.parameters().iter().filter_map(|found| {
                    let (name, arn) = (found.name()?.to_owned(), found.value()?.to_owned());
                    arn.starts_with("arn:").then_some(Parameter { name, arn })
                })),
                Err(error) => {
                    this.is_incomplete = true;
                    problems.push(failure("GetParametersByPath", &error));
                    break;
                }
            }
        }
        for stack in stacks.stacks().filter(|stack| stack.has_older_library()) {
            let client = session.cloudformation(stack.id.region());
            let template = match client.get_template().stack_name(stack.id.as_str()).send().await {
                Ok(found) => Some(found.template_body().unwrap_or_default().to_owned()),
                Err(error) => {
                    problems.push(failure("GetTemplate", &error));
                    None
                }
            };
            this.templates.push((stack.id.clone(), template));
        }
        this.templates.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
        (this, problems)
    }

    /// What is known without asking: parameters by name and value, and stacks with their templates.
    #[cfg(test)]
    pub fn known<const P: usize, const S: usize>(
        parameters: [(&str, &str); P],
        stacks: [(&str, Option<&str>); S],
    ) -> Self {
        let stack = |name| StackId::new(format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/uuid"));
        let parameter = |(name, arn): (&str, &str)| Parameter { name: name.to_owned(), arn: arn.to_owned() };
        Self {
            parameters: parameters.into_iter().map(parameter).collect(),
            is_incomplete: false,
            templates: stacks.into_iter().map(|(name, template)| (stack(name), template.map(str::to_owned))).collect(),
        }
    }

    /// All parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter that names what has this ARN, or its admin rights.
    pub fn parameter(&self, arn: &str, is_of_admin: bool) -> Option<&Parameter> {
        self.parameters.iter().find(|found| found.arn == arn && found.is_of_admin() == is_of_admin)
    }

    /// The stack that still has the construct of a parameter.
    pub fn stack_of(&self, parameter: &Parameter) -> Option<&StackId> {
        self.stack_with(parameter.uid())
    }

    /// The stack that has the construct of the app instance `arn`, and one of this kind: its parameters do not name a setting.
    pub fn stack_with_setting(&self, arn: &str, resource_type: &str) -> Option<&StackId> {
        let stack = self.stack_of(self.parameter(arn, false)?)?;
        let (_, template) = self.templates.iter().find(|(found, _)| found == stack)?;
        template.as_ref()?.contains(resource_type).then_some(stack)
    }

    /// A stack that may have what no parameter names: not all parameters or templates could be read, or two stacks write to one parameter,
    /// which holds what was written last.
    pub fn stack_in_doubt(&self) -> Option<&StackId> {
        let mut stacks = self.templates.iter();
        let found = match self.is_incomplete {
            true => stacks.next(),
            false => stacks.find(|(_, template)| match template {
                None => true,
                Some(template) => self.parameters.iter().any(|parameter| {
                    template.contains(parameter.uid()) && self.stacks_with(parameter.uid()).count() > 1
                }),
            }),
        };
        found.map(|(stack, _)| stack)
    }

    fn stack_with(&self, text: &str) -> Option<&StackId> {
        self.stacks_with(text).next()
    }

    fn stacks_with(&self, text: &str) -> impl Iterator<Item = &StackId> {
        let with =
            self.templates.iter().filter(move |(_, template)| template.as_ref().is_some_and(|it| it.contains(text)));
        with.map(|(stack, _)| stack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameters_construct_is_in_the_template_that_has_its_uid() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let parameter = |name: &str| Parameter { name: name.to_owned(), arn: app.to_owned() };
        let stack = StackId::new("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid");
        let template = r#"{"uid": "chatApp12", "resourceType": "AppInstance"}, {"resourceType": "DataRetention"}"#;
        let library = OlderLibrary::known([("/chime/appInstanceArn/chatApp12", app)], [("chat", Some(template))]);
        assert_eq!(library.stack_in_doubt(), None);
        assert_eq!(library.stack_of(&parameter("/chime/appInstanceArn/chatApp12")), Some(&stack));
        assert_eq!(library.stack_of(&parameter("/chime/appInstanceArn/chatOther")), None);
        assert_eq!(library.stack_with_setting(app, "DataRetention"), Some(&stack));
        assert_eq!(library.stack_with_setting(app, "StreamingConfig"), None);
        assert_eq!(library.stack_with_setting("arn:another", "DataRetention"), None);
        assert!(library.parameter(app, true).is_none() && library.parameter(app, false).is_some());
    }

    #[test]
    fn what_no_parameter_names_is_in_doubt_if_not_all_is_known() {
        let parameters = [("/chime/appInstanceArn/chatApp12", "arn:a")];
        let doubt = |library: &OlderLibrary| library.stack_in_doubt().map(|stack| stack.stack_name().to_owned());
        let dev = ("dev", Some("chatApp12"));
        let known = OlderLibrary::known(parameters, [dev, ("other", Some("x"))]);
        assert_eq!(doubt(&known), None);
        assert_eq!(doubt(&OlderLibrary { is_incomplete: true, ..known }).as_deref(), Some("dev"));
        assert_eq!(doubt(&OlderLibrary { is_incomplete: true, ..OlderLibrary::default() }), None);
        assert_eq!(doubt(&OlderLibrary::known(parameters, [dev, ("other", None)])).as_deref(), Some("other"));
        assert_eq!(doubt(&OlderLibrary::known(parameters, [dev, ("prod", Some("chatApp12"))])).as_deref(), Some("dev"));
    }
}
