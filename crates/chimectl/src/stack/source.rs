//! A template as its author wrote it: what is wrong with its text, and where it names files of this machine.

use saphyr::{MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::Parser;
use std::ops::Range;

/// What stands in the place of a file's name once the file is in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `s3://BUCKET/KEY`.
    Uri,
    /// An object with S3Bucket and S3Key.
    Object,
    /// The https URL of a template.
    TemplateUrl,
}

/// The properties that may name a file, by their types: those that `aws cloudformation package` and SAM package.
const PROPERTIES: [(&str, &str, Place); 6] = [
    ("AWS::CloudFormation::Stack", "TemplateURL", Place::TemplateUrl),
    ("AWS::Lambda::Function", "Code", Place::Object),
    ("AWS::Lambda::LayerVersion", "Content", Place::Object),
    ("AWS::Serverless::Application", "Location", Place::TemplateUrl),
    ("AWS::Serverless::Function", "CodeUri", Place::Uri),
    ("AWS::Serverless::LayerVersion", "ContentUri", Place::Uri),
];

/// The beginnings of what is not on this machine.
const ELSEWHERE: [&str; 3] = ["s3://", "https://", "http://"];

/// A file that a template names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Where the name stands in the text, in bytes.
    pub at: Range<usize>,
    /// The name, relative to the template.
    pub name: String,
    /// What is to stand there.
    pub place: Place,
    /// The logical id of the resource.
    pub logical_id: String,
    /// How SAM has to build it first, and the binary that this gives, if the resource says so.
    pub build: Option<(String, Option<String>)>,
}

/// Checks what CloudFormation rejects in a text and MiniStack does not: repeated keys, and no resources. All else that is wrong with a template
/// is for the engine to say.
///
/// # Errors
/// The text has one of these.
pub fn check(text: &str) -> Result<(), String> {
    let template = match parse(text) {
        Ok(template) => template,
        Err(error) if error.contains("duplicated key") => {
            return Err(format!("Template format error: {error}"));
        }
        Err(_) => return Ok(()),
    };
    let resources = template.as_ref().and_then(|template| member(template, "Resources"));
    match resources.map(|resources| &resources.data) {
        Some(YamlData::Mapping(resources)) if !resources.is_empty() => Ok(()),
        Some(YamlData::Mapping(_) | YamlData::Representation(..)) | None => {
            Err("Template format error: At least one Resources member must be defined.".to_owned())
        }
        Some(_) => Ok(()),
    }
}

/// The files of this machine that a template names, in the order of the text.
pub fn local_files(text: &str) -> Vec<LocalFile> {
    let Ok(Some(template)) = parse(text) else { return Vec::new() };
    let Some(YamlData::Mapping(resources)) = member(&template, "Resources").map(|it| &it.data) else {
        return Vec::new();
    };
    let mut files: Vec<_> = resources.iter().filter_map(|(id, resource)| local_file(text, id, resource)).collect();
    files.sort_by_key(|file| file.at.start);
    files
}

fn local_file(text: &str, id: &MarkedYaml<'_>, resource: &MarkedYaml<'_>) -> Option<LocalFile> {
    let resource_type = scalar(member(resource, "Type")?)?;
    let (_, property, place) = PROPERTIES.into_iter().find(|(own, _, _)| *own == resource_type)?;
    let value = member(member(resource, "Properties")?, property)?;
    let name = scalar(value)?;
    if ELSEWHERE.iter().any(|start| name.starts_with(start)) {
        return None;
    }
    let metadata = member(resource, "Metadata");
    let method = metadata.and_then(|it| scalar(member(it, "BuildMethod")?));
    let binary = metadata.and_then(|it| scalar(member(member(it, "BuildProperties")?, "Binary")?));
    Some(LocalFile {
        at: bytes(text, value),
        name: name.to_owned(),
        place,
        logical_id: scalar(id)?.to_owned(),
        build: method.map(|method| (method.to_owned(), binary.map(str::to_owned))),
    })
}

fn parse(text: &str) -> Result<Option<MarkedYaml<'_>>, String> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, false).map_err(|error| error.to_string())?;
    if let Some(error) = loader.error() {
        return Err(error.to_string());
    }
    Ok(loader.into_documents().into_iter().next())
}

fn member<'a, 'y>(node: &'a MarkedYaml<'y>, name: &str) -> Option<&'a MarkedYaml<'y>> {
    let YamlData::Mapping(members) = &node.data else { return None };
    members.iter().find(|(key, _)| scalar(key) == Some(name)).map(|(_, value)| value)
}

/// The text of a scalar without a tag.
fn scalar<'a>(node: &'a MarkedYaml<'_>) -> Option<&'a str> {
    match &node.data {
        YamlData::Representation(text, _, None) => Some(text),
        _ => None,
    }
}

/// Where a scalar stands in a text. The parser counts characters, and the blanks behind a scalar too.
fn bytes(text: &str, node: &MarkedYaml<'_>) -> Range<usize> {
    let byte = |characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte);
    let start = byte(node.span.start.index());
    let end = match &node.data {
        YamlData::Representation(value, ScalarStyle::Plain, _) if text[start..].starts_with(&**value) => {
            start + value.len()
        }
        _ => byte(node.span.end.index()),
    };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `…` in the place of each file.
    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        for file in local_files(text).iter().rev() {
            marked.replace_range(file.at.clone(), "…");
        }
        marked
    }

    #[test]
    fn files_are_found_in_both_notations_and_in_their_places() {
        let yaml = "Description: größer\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata:\n      BuildMethod: rust-cargolambda\n      \
                    BuildProperties: {Binary: b}\n    Properties:\n      CodeUri: src/ # here\n  N:\n    Type: AWS::CloudFormation::Stack\n    \
                    Properties: {TemplateURL: \"in ner.yaml\", Parameters: {Code: x}}\n";
        let files = local_files(yaml);
        let told: Vec<_> = files.iter().map(|file| (&*file.logical_id, &*file.name, file.place)).collect();
        assert_eq!(told, [("F", "src/", Place::Uri), ("N", "in ner.yaml", Place::TemplateUrl)]);
        assert_eq!(files[0].build, Some(("rust-cargolambda".to_owned(), Some("b".to_owned()))));
        assert_eq!(marked(yaml), yaml.replace("src/", "…").replace("\"in ner.yaml\"", "…"));
        let json =
            r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "src", "Role": "x"}}}}"#;
        assert_eq!(marked(json), json.replace("\"src\"", "…"));
        let quoted = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: 'a b' , Role: x}}}";
        assert_eq!(marked(quoted), quoted.replace("'a b' ", "…"));
    }

    #[test]
    fn what_is_elsewhere_or_is_no_name_is_no_file() {
        for code in ["{ZipFile: x}", "{S3Bucket: b, S3Key: k}", "!Ref Code"] {
            let text = format!("Resources: {{F: {{Type: AWS::Lambda::Function, Properties: {{Code: {code}}}}}}}");
            assert_eq!(local_files(&text), [], "{code}");
        }
        for url in ["s3://b/k", "https://s3.amazonaws.com/b/k"] {
            let text =
                format!("Resources: {{F: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}}}");
            assert_eq!(local_files(&text), [], "{url}");
        }
        assert_eq!(local_files("Resources: ["), []);
    }

    #[test]
    fn repeated_keys_and_missing_resources_are_errors() {
        let thing = "{Type: AWS::SNS::Topic}";
        let repeated = check(&format!("Resources:\n  A: {thing}\n  B: {thing}\n  A: {thing}\n")).unwrap_err();
        assert!(repeated.starts_with("Template format error: ") && repeated.contains("line 4"), "{repeated}");
        assert!(check(r#"{"Resources": {"A": 1, "A": 2}}"#).unwrap_err().contains("duplicated key"));
        for text in ["Resources: {}", "Resources:\n", "{}", "", "Outputs: {}"] {
            assert!(check(text).unwrap_err().ends_with("At least one Resources member must be defined."), "{text}");
        }
        assert_eq!(check(&format!("Resources: {{A: {thing}}}")), Ok(()));
        assert_eq!(check("Resources: ["), Ok(()), "the engine says so");
    }
}
