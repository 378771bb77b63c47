//! `editor/template.schema.json` in yaml-language-server, which VS Code's YAML extension uses.

#![allow(clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::root;
use ecosystem_tests::node::node_modules;
use ecosystem_tests::run;

/// The server's diagnostics for these templates with the settings of `editor/README.md`: `NAME:LINE MESSAGE`.
fn diagnostics(templates: &[(String, String)]) -> Vec<String> {
    let readme = fs::read_to_string(root().join("editor/README.md")).expect("editor/README.md");
    let (_, after) = readme.split_once("\"yaml.customTags\": ").expect("the setting in editor/README.md");
    let (tags, _) = after.split_once("]\n").expect("the end of the setting");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("editor-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let schema = root().join("editor/template.schema.json");
    let files = templates.iter().map(|(name, template)| {
        let path = folder.join(name);
        let line = format!("# yaml-language-server: $schema={}\n", schema.display());
        fs::write(&path, line + template).expect("a file");
        path
    });
    let files: Vec<PathBuf> = files.collect();
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/yaml-diagnostics.mjs"));
    node.arg(node_modules().join("yaml-language-server/bin/yaml-language-server")).arg(format!("{tags}]")).args(files);
    let said = run(&mut node);
    let mut lines: Vec<_> = said.lines().map(|line| line.replace(&format!("{}/", folder.display()), "")).collect();
    fs::remove_dir_all(folder).expect("the folder is removed");
    lines.sort();
    lines
}

#[test]
fn an_editor_marks_wrong_names_and_nothing_else() {
    let folders = ["examples", "examples/drift-check", "examples/production", "examples/tutorial"];
    let examples = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).expect("a folder"));
    let examples = examples.map(|entry| entry.expect("an entry").path());
    let examples = examples.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a template"))
    };
    let mut templates: Vec<_> = examples.map(read).collect();
    assert!(templates.len() >= 5, "{templates:?}");
    let (_, messaging) = templates.iter().find(|(name, _)| name == "messaging.yaml").expect("the example").clone();
    let wrong = messaging.replace("AppInstanceUserId: agent", "AppInstanceUserID: agent");
    templates.push(("wrong.yaml".to_owned(), wrong));
    let functions = "Resources:
  It:
    Type: Custom::ChimeAppInstance
    Properties:
      ServiceToken: !Ref Token
      ServiceTimeout: !If [Live, 60, 600]
      Name: !Sub ${AWS::StackName}-chat
      Tags: !If [Live, [{Key: a, Value: b}], !Ref AWS::NoValue]
  Fn::ForEach::Users:
    - Id
    - !Ref Ids
    - User${Id}: {Type: Custom::ChimeAppInstanceUser, Properties: {Fn::Transform: {Name: Macro}}}
  Theirs: {Type: Custom::ChimeMeeting, Properties: {ServiceToken: x, Anything: y}}
";
    templates.push(("functions.yaml".to_owned(), functions.to_owned()));
    let said = diagnostics(&templates);
    let marks: Vec<_> = said.iter().filter_map(|line| line.split_once(' ')).map(|(_, message)| message).collect();
    assert!(said.iter().all(|line| line.starts_with("wrong.yaml:")), "{said:#?}");
    assert_eq!(marks, ["Missing property \"AppInstanceUserId\".", "Property AppInstanceUserID is not allowed."]);
}
