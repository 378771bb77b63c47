//! What a rehearsal deploys: the versions of an app, each of them a list of stacks in their order.

use crate::stack::assembly;
use crate::stack::planned_stack::{PlannedStack, Version};
use crate::stack::rehearsal::HOME;
use std::path::{Path, PathBuf};

/// How stacks are named and placed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming<'a> {
    /// The name of the stack of plain templates.
    pub stack_name: Option<&'a str>,
    /// The region of stacks that do not state one.
    pub region: Option<&'a str>,
}

/// The versions of an app: one for each argument, which is a template, or a folder that a CDK app was synthesized into. A plain template
/// updates the stack of the first one; the templates `with` are stacks of their own, and deployed before it.
///
/// # Errors
/// A folder is not a synthesized app, a file does not exist, or two stacks of a version have the same name.
pub fn versions(arguments: &[PathBuf], with: &[PathBuf], naming: Naming<'_>) -> Result<Vec<Version>, String> {
    let region = naming.region.unwrap_or(HOME);
    let first = arguments.iter().find(|argument| !argument.is_dir());
    let name = naming.stack_name.map(str::to_owned).or_else(|| first.map(|template| name_of(template)));
    let plain = |template: &Path, name: String| {
        let found = std::fs::metadata(template).map_err(|error| format!("{}: {error}", template.display()));
        found.map(|_| PlannedStack {
            name,
            region: region.to_owned(),
            template: template.to_owned(),
            parameters: Vec::new(),
        })
    };
    let mut versions = Vec::new();
    for argument in arguments {
        let others = with.iter().map(|template| plain(template, name_of(template)));
        let mut version = others.collect::<Result<Version, _>>()?;
        if argument.is_dir() {
            version.extend(assembly::stacks(argument, region)?);
        } else {
            version.push(plain(argument, name.clone().unwrap_or_else(|| name_of(argument)))?);
        }
        let is_twin = |(at, stack): (usize, &PlannedStack)| {
            version[..at].iter().any(|other| (&other.name, &other.region) == (&stack.name, &stack.region))
        };
        if let Some((_, twin)) = version.iter().enumerate().find(|(at, stack)| is_twin((*at, stack))) {
            return Err(format!("{}: there are two stacks {} in {}", argument.display(), twin.name, twin.region));
        }
        versions.push(version);
    }
    Ok(versions)
}

/// Checks the name of a stack.
///
/// # Errors
/// CloudFormation would not accept it.
pub fn stack_name(text: &str) -> Result<String, String> {
    let is_fine = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 128
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_fine { Ok(text.to_owned()) } else { Err("a letter, then up to 127 letters, digits and hyphens".to_owned()) }
}

/// The default name of a stack: `chat` for `templates/chat.template.json`, and `stack-1` for `1.yaml`.
fn name_of(template: &Path) -> String {
    let file = template.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let stem = file.trim_start_matches('.').split('.').next().unwrap_or_default();
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = match plain.trim_matches('-') {
        "" => "stack".to_owned(),
        plain if plain.starts_with(|c: char| c.is_ascii_digit()) => format!("stack-{plain}"),
        plain => plain.to_owned(),
    };
    name.chars().take(128).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_has_the_name_of_its_template() {
        for (file, name) in [
            ("examples/messaging.yaml", "messaging"),
            ("cdk.out/My_Chat.template.json", "My-Chat"),
            ("1.yaml", "stack-1"),
            ("_chat v2_.yaml", "chat-v2"),
            (".chat.yaml", "chat"),
            ("größe.yaml", "gr--e"),
            ("ß.yaml", "stack"),
        ] {
            assert_eq!(name_of(Path::new(file)), name, "{file}");
            assert!(stack_name(name).is_ok());
        }
        assert_eq!(name_of(Path::new(&"x".repeat(200))).len(), 128);
        assert!(stack_name("a b").is_err() && stack_name("").is_err() && stack_name("a-1").is_ok());
    }

    #[test]
    fn plain_templates_update_one_stack_and_others_stand_beside_it() {
        let folder = std::env::temp_dir().join(format!("chimectl-plan-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let [a, b, c] = ["a.yaml", "b.yaml", "c.yaml"].map(|name| folder.join(name));
        [&a, &b, &c].into_iter().for_each(|file| std::fs::write(file, "").unwrap());
        let planned = versions(&[a.clone(), b], std::slice::from_ref(&c), Naming::default()).unwrap();
        let names: Vec<Vec<_>> = planned.iter().map(|it| it.iter().map(|stack| &*stack.name).collect()).collect();
        assert_eq!(names, [["c", "a"], ["c", "a"]]);
        let elsewhere = Naming { region: Some("eu-central-1"), stack_name: Some("chat") };
        assert_eq!(versions(std::slice::from_ref(&a), &[], elsewhere).unwrap()[0][0].region, "eu-central-1");
        let twins = versions(std::slice::from_ref(&a), std::slice::from_ref(&a), Naming::default()).unwrap_err();
        assert!(twins.ends_with("there are two stacks a in us-east-1"), "{twins}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
