//! A synthesized CDK app: the folder `cdk.out`, whose `manifest.json` lists the stacks of the app and of its Stages, their regions and what
//! each depends on. <https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema>

use crate::stack::planned_stack::PlannedStack;
use cloudformation_local::RunFolder;
use cloudformation_local::workspace::target;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The list of an app.
const MANIFEST: &str = "manifest.json";

/// Where the CDK CLI puts a synthesized app.
const OUTPUT: &str = "cdk.out";

/// An app that was synthesized for a run.
#[derive(Debug)]
pub struct Synthesized {
    /// The folder that was made for it. It goes with this.
    _temporary: RunFolder,
    /// The folder that it is in.
    pub folder: PathBuf,
}

/// Synthesizes an app by a command of the user's: one that runs the app, or the CDK CLI.
///
/// # Errors
/// The command fails, or there is no synthesized app afterwards.
pub fn synthesize(command: &str) -> Result<Synthesized, String> {
    let temporary = RunFolder::create(&target().join("synthesized")).map_err(|error| error.to_string())?;
    let output = temporary.path().join(OUTPUT);
    let begun = SystemTime::now();
    // An app writes to CDK_OUTDIR, and the CDK CLI to cdk.out.
    let status = Command::new("sh").args(["-c", command]).env("CDK_OUTDIR", &output).status();
    let status = status.map_err(|error| format!("{command}: {error}"))?;
    if !status.success() {
        return Err(format!("{command}: {status}"));
    }
    let is_new = |folder: &PathBuf| {
        let saved = std::fs::metadata(folder.join(MANIFEST)).and_then(|file| file.modified());
        // Some file systems keep whole seconds.
        saved.is_ok_and(|saved| saved + Duration::from_secs(1) >= begun)
    };
    match [output, PathBuf::from(OUTPUT)].into_iter().find(is_new) {
        Some(folder) => Ok(Synthesized { _temporary: temporary, folder }),
        None => Err(format!("{command}: it synthesized no app, neither into $CDK_OUTDIR nor into {OUTPUT}")),
    }
}

/// The stacks of the app in a folder, in the order of their deployment. Those that do not state a region are in `region`.
///
/// # Errors
/// The folder is not a synthesized app, or its stacks depend on each other.
pub fn stacks(folder: &Path, region: &str) -> Result<Vec<PlannedStack>, String> {
    let path = folder.join(MANIFEST);
    let broken = |why: &str| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            broken("there is none; a folder has to be a synthesized CDK app, such as cdk.out")
        }
        _ => broken(&error.to_string()),
    })?;
    let manifest: Json = serde_json::from_str(&text).map_err(|error| broken(&error.to_string()))?;
    let artifacts = manifest["artifacts"].as_object().ok_or_else(|| broken("it has no artifacts"))?;
    let mut order = Order { artifacts, sorted: Vec::new(), done: BTreeSet::new(), open: Vec::new() };
    for id in artifacts.keys() {
        order.visit(id).map_err(|why| broken(&why))?;
    }
    let mut stacks = Vec::new();
    for id in order.sorted {
        let artifact = &artifacts[id];
        let property = |name: &str| artifact["properties"][name].as_str();
        match artifact["type"].as_str() {
            Some("aws:cloudformation:stack") => {
                let file = property("templateFile").ok_or_else(|| broken("a stack has no templateFile"))?;
                let parameters = artifact["properties"]["parameters"].as_object().into_iter().flatten();
                stacks.push(PlannedStack {
                    name: property("stackName").unwrap_or(id).to_owned(),
                    region: region_of(artifact).unwrap_or(region).to_owned(),
                    template: folder.join(file),
                    parameters: parameters
                        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                        .collect(),
                });
            }
            Some("cdk:cloud-assembly") => {
                let directory = property("directoryName").ok_or_else(|| broken("a Stage has no directoryName"))?;
                stacks.extend(self::stacks(&folder.join(directory), region)?);
            }
            _ => {}
        }
    }
    if stacks.is_empty() {
        return Err(broken("the app has no stacks"));
    }
    Ok(stacks)
}

/// The region of a stack, if the app states one: `aws://ACCOUNT/REGION`.
fn region_of(artifact: &Json) -> Option<&str> {
    let region = artifact["environment"].as_str()?.strip_prefix("aws://")?.split('/').nth(1)?;
    (region != "unknown-region").then_some(region)
}

/// The artifacts, each after those that it depends on.
struct Order<'a> {
    artifacts: &'a Map<String, Json>,
    sorted: Vec<&'a str>,
    done: BTreeSet<&'a str>,
    open: Vec<&'a str>,
}

impl<'a> Order<'a> {
    fn visit(&mut self, id: &'a str) -> Result<(), String> {
        if self.done.contains(id) {
            return Ok(());
        }
        if self.open.contains(&id) {
            return Err(format!("{} depend on each other", self.open.join(" and ")));
        }
        self.open.push(id);
        let artifact: Option<&'a Json> = self.artifacts.get(id);
        for dependency in artifact.into_iter().flat_map(|it| it["dependencies"].as_array().into_iter().flatten()) {
            self.visit(dependency.as_str().unwrap_or_default())?;
        }
        self.open.pop();
        self.done.insert(id);
        if artifact.is_some() {
            self.sorted.push(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn folder(name: &str, manifest: &Json) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("chimectl-assembly-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(MANIFEST), manifest.to_string()).unwrap();
        folder
    }

    fn stack(template: &str, environment: &str, dependencies: &[&str]) -> Json {
        json!({"type": "aws:cloudformation:stack", "environment": environment, "dependencies": dependencies,
            "properties": {"templateFile": template, "parameters": {"A": "b"}}})
    }

    #[test]
    fn stacks_follow_those_that_they_depend_on_each_in_its_region() {
        let here = "aws://unknown-account/unknown-region";
        let outer = folder(
            "outer",
            &json!({"artifacts": {
                "App": stack("App.template.json", "aws://123456789012/eu-central-1", &["App.assets", "Base", "assembly-Prod"]),
                "App.assets": {"type": "cdk:asset-manifest"},
                "Base": stack("Base.template.json", here, &[]),
                "assembly-Prod": {"type": "cdk:cloud-assembly", "dependencies": ["Base"], "properties": {"directoryName": "Prod"}},
            }}),
        );
        let mut named = stack("ProdChat.template.json", here, &[]);
        named["properties"]["stackName"] = json!("Prod-Chat");
        std::fs::create_dir_all(outer.join("Prod")).unwrap();
        std::fs::write(outer.join("Prod").join(MANIFEST), json!({"artifacts": {"ProdChat123": named}}).to_string())
            .unwrap();
        let stacks = stacks(&outer, "us-east-1").unwrap();
        let told: Vec<_> = stacks.iter().map(|stack| (&*stack.name, &*stack.region)).collect();
        assert_eq!(told, [("Base", "us-east-1"), ("Prod-Chat", "us-east-1"), ("App", "eu-central-1")]);
        assert_eq!(stacks[1].template, outer.join("Prod/ProdChat.template.json"));
        assert_eq!(stacks[0].parameters, [("A".to_owned(), "b".to_owned())]);
        std::fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn an_app_is_synthesized_by_a_command_into_a_folder_that_goes_with_the_run() {
        let app = synthesize(r#"mkdir "$CDK_OUTDIR" && echo {} > "$CDK_OUTDIR/manifest.json""#).unwrap();
        let folder = app.folder.clone();
        assert!(folder.join(MANIFEST).exists());
        drop(app);
        assert!(!folder.exists());
        assert!(synthesize("exit 3").unwrap_err().contains("exit status: 3"));
        assert!(synthesize("true").unwrap_err().contains("it synthesized no app"));
    }

    #[test]
    fn a_folder_that_is_no_app_is_an_error() {
        let error = stacks(Path::new("src"), "us-east-1").unwrap_err();
        assert!(error.starts_with("src/manifest.json: there is none; a folder has to be"), "{error}");
        let circle = json!({"artifacts": {"A": stack("a", "", &["B"]), "B": stack("b", "", &["A"])}});
        let circle = folder("circle", &circle);
        assert!(stacks(&circle, "us-east-1").unwrap_err().ends_with("A and B depend on each other"));
        std::fs::remove_dir_all(circle).unwrap();
    }
}
