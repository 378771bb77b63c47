//! The names of a CDK app: those of the construct library, and those of its variables.

/// Names that the app has itself, and words of the languages that a logical id could become.
pub const RESERVED: [&str; 71] = [
    "and",
    "any",
    "app",
    "arguments",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "chime",
    "class",
    "const",
    "continue",
    "debugger",
    "def",
    "default",
    "del",
    "delete",
    "do",
    "elif",
    "else",
    "enum",
    "eval",
    "except",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "from",
    "function",
    "global",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "is",
    "lambda",
    "let",
    "match",
    "new",
    "nonlocal",
    "not",
    "null",
    "or",
    "package",
    "pass",
    "private",
    "protected",
    "public",
    "raise",
    "return",
    "stack",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// The names of structs and enums, as `cdk/generate.js` gives them.
pub struct Names {
    /// What the struct or enum is called that is the value.
    pub own: String,
    /// What the names within it begin with: the class, or the nearest item of a list. What lies between is left out.
    pub base: String,
}

impl Names {
    /// Those of a property's value.
    pub fn of(base: &str, property: &str) -> Self {
        Self { own: nested_name(base, property), base: base.to_owned() }
    }

    /// Those of an item, if the value is a list.
    pub fn of_item(&self) -> Self {
        let item = self.own.strip_suffix('s').unwrap_or(&self.own);
        Self { own: item.to_owned(), base: item.to_owned() }
    }
}

/// `base` and `property` in one name. Words that `base` ends with are not repeated.
fn nested_name(base: &str, property: &str) -> String {
    let starts = property.char_indices().filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at).skip(1);
    let ends = starts.chain([property.len()]);
    let shared = ends.filter(|end| base.ends_with(&property[..*end])).max().unwrap_or_default();
    format!("{base}{}", &property[shared..])
}

/// A name as TypeScript spells it: `camelCase`.
pub fn camel(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase().to_string() + characters.as_str()).unwrap_or_default()
}

/// A name as Python spells it: `snake_case`.
pub fn snake(name: &str) -> String {
    let mut written = String::new();
    for (at, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && at > 0 {
            written.push('_');
        }
        written.push(c.to_ascii_lowercase());
    }
    written
}

/// The keyword argument of a property. jsii appends an underscore to a word of Python's.
pub fn argument(name: &str) -> String {
    let name = snake(name);
    if name == "lambda" { format!("{name}_") } else { name }
}

/// The member of an enum: `CREATED_TIMESTAMP` for itself, `CHANNEL_MESSAGE` for `ChannelMessage`.
pub fn constant(value: &str) -> String {
    let parts = value.split('_').map(|part| {
        let is_upper = part.chars().all(|c| !c.is_ascii_lowercase());
        if is_upper { part.to_owned() } else { snake(part).to_ascii_uppercase() }
    });
    parts.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_construct_library() {
        assert_eq!(constant("CREATED_TIMESTAMP"), "CREATED_TIMESTAMP");
        assert_eq!(constant("ChannelMessage"), "CHANNEL_MESSAGE");
        assert_eq!(constant("PUBLIC"), "PUBLIC");
        assert_eq!(
            (camel("LexBotAliasArn"), argument("LexBotAliasArn")),
            ("lexBotAliasArn".into(), "lex_bot_alias_arn".into())
        );
        assert_eq!(nested_name("ChimeAppInstanceBot", "Configuration"), "ChimeAppInstanceBotConfiguration");
        assert_eq!(
            nested_name("ChimeMessagingStreamingConfigurations", "StreamingConfigurations"),
            "ChimeMessagingStreamingConfigurations"
        );
        assert_eq!(
            nested_name("ChimeAppInstanceUserEndpoint", "EndpointAttributes"),
            "ChimeAppInstanceUserEndpointAttributes"
        );
        let processors = Names::of("ChimeChannelFlow", "Processors").of_item();
        assert_eq!(processors.own, "ChimeChannelFlowProcessor");
        let lambda = Names::of(&processors.base, "Configuration");
        assert_eq!(Names::of(&lambda.base, "Lambda").own, "ChimeChannelFlowProcessorLambda");
    }
}
