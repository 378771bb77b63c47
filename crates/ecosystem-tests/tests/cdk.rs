//! The construct library of `cdk/`: its jest tests, its packages installed in empty projects, and `chimectl stack` with its templates.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use chime_simulator::{Options, Simulator};
use chimectl::function_stack::package;
use cloudformation_local::workspace::root;
use cloudformation_local::{MiniStack, Python};
use ecosystem_tests::constructs::{self, PYTHON_PACKAGE, TYPESCRIPT_PACKAGE, folder};
use ecosystem_tests::programs::{chimectl, function};
use ecosystem_tests::{python_tools, run};
use serde_json::{Value, json};

/// The library, with each of its packages installed in an empty project beside it, `typescript` and `python`. They are installed again only if
/// the sources have changed.
fn built() -> &'static Path {
    // After a failure, the other tests do not try again.
    static LIBRARY: LazyLock<&Path> = LazyLock::new(|| {
        let library = constructs::library();
        let (sources, stamp) = (constructs::sources(), folder().join("installed"));
        if fs::read(&stamp).is_ok_and(|installed| installed == sources) {
            return library;
        }
        install_in_typescript(library);
        install_in_python(library);
        fs::write(stamp, sources).unwrap();
        library
    });
    &LIBRARY
}

fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder);
    npm
}

/// The version of a package in the library's devDependencies.
fn version(library: &Path, package: &str) -> String {
    let json: Value = serde_json::from_slice(&fs::read(library.join("package.json")).unwrap()).unwrap();
    json["devDependencies"][package].as_str().unwrap().to_owned()
}

fn install_in_typescript(library: &Path) {
    let app = folder().join("typescript");
    let _ = fs::remove_dir_all(&app);
    fs::create_dir(&app).unwrap();
    fs::write(app.join("package.json"), "{}").unwrap();
    let mut install = npm(&app);
    install.args(["install", "--prefer-offline", "--no-audit", "--no-fund"]).arg(library.join(TYPESCRIPT_PACKAGE));
    for package in ["aws-cdk-lib", "constructs", "typescript", "@types/node"] {
        install.arg(format!("{package}@{}", version(library, package)));
    }
    run(&mut install);
}

fn install_in_python(library: &Path) {
    let app = folder().join("python");
    let _ = fs::remove_dir_all(&app);
    run(Command::new("python3").args(["-m", "venv"]).arg(&app));
    let mut install = Command::new(app.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check"]).arg(library.join(PYTHON_PACKAGE));
    install.arg(format!("aws-cdk-lib=={}", version(library, "aws-cdk-lib")));
    run(&mut install);
}

/// The first block of the library's README in this language, which is a complete app.
fn example(language: &str) -> String {
    let readme = fs::read_to_string(root().join("cdk/README.md")).unwrap();
    let (_, after) = readme.split_once(&format!("```{language}\n")).unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

/// Runs an app, which synthesizes into the folder `output`, and returns that folder.
fn synthesize(app: &mut Command, output: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(output);
    // CDK's own validator takes eight seconds for an app, and no test is about it.
    run(app.env("CDK_OUTDIR", output).env("CDK_VALIDATION", "false"));
    output.to_owned()
}

fn read(template: &Path) -> Value {
    serde_json::from_slice(&fs::read(template).unwrap()).unwrap()
}

/// A zip with a bootstrap that executes the built function, since MiniStack runs it on this machine.
fn zip() -> PathBuf {
    let path = folder().join("bootstrap.zip");
    fs::create_dir_all(folder()).unwrap();
    fs::write(&path, package(&function()).unwrap()).unwrap();
    path
}

/// The app with three stacks from the library's tests.
fn app() -> &'static Path {
    static APP: LazyLock<PathBuf> = LazyLock::new(|| {
        let library = built();
        run(Command::new("node").arg("test/snippets.js").current_dir(library));
        run(Command::new("node").args(["node_modules/typescript/bin/tsc", "-p", "test"]).current_dir(library));
        let mut app = Command::new("node");
        app.arg("build/app.js").current_dir(library).env("CHIME_MESSAGING_ZIP", zip());
        synthesize(&mut app, &folder().join("cdk.out"))
    });
    &APP
}

/// Runs `chimectl stack` with a template and returns its output.
fn run_stack(template: &Path) -> String {
    let said = run(Command::new(chimectl()).arg("stack").arg(template).arg("--binary").arg(function()));
    assert!(said.contains("Chime holds nothing"), "{said}");
    said
}

#[test]
fn the_library_passes_its_own_tests() {
    // The tests are compiled together with the app.
    app();
    // The tests leave their templates in the folder for temporary files.
    let temporary = folder().join("tmp");
    let _ = fs::remove_dir_all(&temporary);
    fs::create_dir(&temporary).unwrap();
    let jest = ["node_modules/jest/bin/jest.js"];
    let said = run(Command::new("node").args(jest).current_dir(built()).env("TMPDIR", temporary));
    let count = said.lines().find_map(|line| line.strip_prefix("Tests:")?.trim().split(' ').next()?.parse().ok());
    assert!(count.is_some_and(|count: usize| count > 100), "{said}");
}

#[test]
fn every_class_is_deployed_with_the_function_in_the_same_stack() {
    let said = run_stack(&app().join("Everything.template.json"));
    for name in chime_messaging_resources::registry::types() {
        let line = format!("CREATE_COMPLETE      Custom::{name} ");
        assert!(said.contains(&line), "{name}: {said}");
    }
    assert!(said.contains("MemberName  Agent"), "{said}");
}

#[test]
fn the_predecessors_snippets_are_deployed_with_the_accounts_function() {
    let said = run_stack(&app().join("Snippets.template.json"));
    for part in ["Name: MessagingAppInstanceExample", "RetentionDays: 2", "DataType: Channel", "Name: channelFlowName"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_typescript_and_python_packages_synthesize_the_same_stack() {
    built();
    let one = synthesize_in_typescript(&example("ts"), "app");
    let other = synthesize_in_python(&example("python"), "app");
    let template = "Chat.template.json";
    assert_eq!(read(&one.join(template)), read(&other.join(template)));
    let said = run_stack(&one.join(template));
    assert!(said.contains("LobbyArn  arn:aws:chime:us-east-1:123456789012:app-instance/"), "{said}");

    // With the function in the stack, its zip is the only asset.
    let served = format!("chime.ChimeMessagingProvider(stack, 'Provider', zip='{}').serve(stack)", zip().display());
    let with_function = example("python").replace("app.synth()", &format!("{served}\napp.synth()"));
    let output = synthesize_in_python(&with_function, "with_function");
    let assets = fs::read_to_string(output.join("Chat.assets.json")).unwrap();
    assert!(assets.contains(".zip") && !assets.contains("node_modules"), "{assets}");
    run_stack(&output.join(template));
}

/// Here it is only generated: constructs.yml compiles it, where the compilers and their registries are.
#[test]
fn there_is_code_for_java_dotnet_and_go() {
    let library = built();
    run(npm(library).args(["run", "code"]));
    for (file, part) in [
        ("java/pom.xml", "<artifactId>chime-messaging-resources</artifactId>"),
        ("java/src/main/java/io/github/chimemessagingresources/MessagingChannel.java", " addMember("),
        (
            "dotnet/ChimeMessagingResources/ChimeMessagingResources.csproj",
            "<PackageId>ChimeMessagingResources</PackageId>",
        ),
        ("dotnet/ChimeMessagingResources/ChimeMessagingResources/MessagingChannel.cs", " AddMember("),
        ("go/chimemessagingresources/go.mod", "/chime-messaging-resources-go/chimemessagingresources\n"),
        ("go/chimemessagingresources/MessagingChannel.go", " AddMember("),
    ] {
        let code =
            fs::read_to_string(library.join("dist/code").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(code.contains(part), "{part} in {file}");
    }
}

#[tokio::test]
async fn exported_apps_synthesize_the_resources_of_the_exported_template() {
    built();
    // It has no stacks: everything is free.
    let python = Python::prepare(|step| eprintln!("{step}")).unwrap();
    let ministack = MiniStack::start(&python).await.unwrap();
    let app_instance = "arn:aws:chime:us-east-1:123456789012:app-instance/8d1e9c52-0a3f-4c8e-9d0b-1f6a2b3c4d5e";
    let seed = chime_simulator::sample_seed().unwrap();
    let simulator = Simulator::start(Options { seed, ..Options::default() }).unwrap();
    let export = |options: &[&str]| {
        let mut export = Command::new(chimectl());
        export.args(["export", app_instance, "--all", "--endpoint-url", &simulator.url()]).args(options);
        export.env_remove("AWS_PROFILE").env("AWS_ENDPOINT_URL_CLOUDFORMATION", ministack.url());
        let output = export.output().unwrap();
        let [exported, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!((output.status.code(), &*errors), (Some(0), ""));
        exported
    };
    let template = "Chat.template.json";
    let typescript = read(&synthesize_in_typescript(&export(&["--cdk", "typescript"]), "exported").join(template));
    let python = read(&synthesize_in_python(&export(&["--cdk", "python"]), "exported").join(template));
    assert_eq!(typescript, python);
    let resources = typescript["Resources"].as_object().unwrap();
    let exported = export(&[]);
    assert_eq!(exported.matches("    Type: Custom::Chime").count(), resources.len());
    assert!(resources.len() > 20, "{}", resources.len());
    for (logical_id, resource) in resources {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (resource_type, policy) = (text(&resource["Type"]), text(&resource["DeletionPolicy"]));
        let head = format!("  {logical_id}:\n");
        let body = exported.split(&head).nth(1).unwrap_or_else(|| panic!("{logical_id} is not in {exported}"));
        let body = body.split("\n\n").next().unwrap();
        assert!(body.contains(&format!("    Type: {resource_type}\n    DeletionPolicy: {policy}\n")), "{body}");
        let adopted = text(&resource["Properties"]["AdoptExisting"]);
        assert!(body.contains(&format!("      AdoptExisting: {adopted}\n")), "{body}");
    }
}

fn synthesize_in_typescript(text: &str, name: &str) -> PathBuf {
    let folder = folder().join("typescript");
    fs::write(folder.join(format!("{name}.ts")), text).unwrap();
    let mut compile = Command::new("node");
    compile.args(["node_modules/typescript/bin/tsc", "--strict", "--skipLibCheck", "--module", "commonjs"]);
    run(compile.args(["--target", "es2022", &format!("{name}.ts")]).current_dir(&folder));
    let mut app = Command::new("node");
    synthesize(app.arg(format!("{name}.js")).current_dir(&folder), &folder.join(format!("{name}.out")))
}

fn synthesize_in_python(text: &str, name: &str) -> PathBuf {
    let folder = folder().join("python");
    let script = folder.join(format!("{name}.py"));
    fs::write(&script, text).unwrap();
    let mut python = Command::new(folder.join("bin/python"));
    // The default cache is in the home folder.
    python.env("JSII_RUNTIME_PACKAGE_CACHE_ROOT", folder.join("jsii"));
    synthesize(python.arg(script).current_dir(&folder), &folder.join(format!("{name}.out")))
}

#[test]
fn a_shared_provider_synthesizes_the_resources_of_template_yaml() {
    let mut expand = Command::new(python_tools().join("python"));
    expand.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expanded.py")).arg(root().join("template.yaml"));
    let expanded = run(expand.env("AWS_DEFAULT_REGION", "us-east-1"));
    let template: Value = serde_json::from_str(&expanded).unwrap();
    let synthesized = read(&app().join("Provider.template.json"));
    let (wanted, found) = (comparable(&template), comparable(&synthesized));
    assert_eq!(wanted.len(), 10, "nine resources and the output");
    for (name, resource) in &wanted {
        assert_eq!(found.get(name), Some(resource), "{name}");
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
}

/// The resources of a template and its output in a normalized form. A resource's key is its type and metric, which must be unique.
fn comparable(template: &Value) -> BTreeMap<String, Value> {
    let resources = template["Resources"].as_object().unwrap();
    let mut names: BTreeMap<&str, String> =
        resources.iter().map(|(id, resource)| (id.as_str(), resource["Type"].as_str().unwrap().to_owned())).collect();
    for (name, parameter) in template["Parameters"].as_object().into_iter().flatten() {
        names.insert(name, parameter["Default"].as_str().map_or(parameter["Default"].to_string(), str::to_owned));
    }
    let mut comparable = BTreeMap::new();
    for resource in resources.values() {
        let mut resource = by_default(resource);
        let it = resource.as_object_mut().unwrap();
        it.retain(|name, _| ["Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy"].contains(&name.as_str()));
        if it["Type"] == "AWS::Lambda::Function" {
            // The location of the zip and the tool that deployed it differ.
            it["Properties"].as_object_mut().unwrap().retain(|name, _| name != "Code" && name != "Tags");
        }
        let of = &resource["Properties"];
        let metric = of["MetricName"].as_str().or(of["MetricTransformations"][0]["MetricName"].as_str());
        let kind = format!("{} {}", resource["Type"].as_str().unwrap(), metric.unwrap_or_default());
        assert!(comparable.insert(kind.clone(), plain(&resource, &names)).is_none(), "several {kind}");
    }
    let outputs: Vec<_> = template["Outputs"].as_object().unwrap().values().collect();
    assert_eq!(outputs.len(), 1);
    comparable.insert("Output".into(), plain(outputs[0], &names));
    comparable
}

/// A template with the defaults of its parameters, for which all conditions are false.
fn by_default(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("Fn::If") {
            Some(branches) => by_default(&branches[2]),
            None => {
                let members = members.iter().map(|(name, value)| (name.clone(), by_default(value)));
                members.filter(|(_, value)| *value != json!({"Ref": "AWS::NoValue"})).collect()
            }
        },
        Value::Array(items) => items.iter().map(by_default).collect(),
        scalar => scalar.clone(),
    }
}

/// A normalized value: a reference becomes a text with the type of its target, a list of one its only item, and empty maps are left out.
fn plain(value: &Value, names: &BTreeMap<&str, String>) -> Value {
    let named = |text: &str| {
        let (id, attribute) = text.split_once('.').map_or((text, String::new()), |(id, it)| (id, format!(".{it}")));
        match names.get(id) {
            // A reference to a parameter becomes its default.
            Some(name) if attribute.is_empty() && !name.starts_with("AWS::") => name.clone(),
            Some(name) => format!("${{{name}{attribute}}}"),
            None => format!("${{{text}}}"),
        }
    };
    let text = |value: &Value| plain(value, names).as_str().unwrap().to_owned();
    match value {
        Value::Object(members) if members.len() == 1 => match members.iter().next().unwrap() {
            (name, Value::String(id)) if name == "Ref" => json!(named(id)),
            (name, Value::Array(path)) if name == "Fn::GetAtt" => {
                json!(named(&path.iter().map(text).collect::<Vec<_>>().join(".")))
            }
            (name, Value::Array(parts)) if name == "Fn::Join" && parts[0] == "" => {
                json!(parts[1].as_array().unwrap().iter().map(text).collect::<String>())
            }
            (name, Value::Array(parts)) if name == "Fn::Sub" => {
                let values = parts[1].as_object().unwrap().iter();
                let whole = values.fold(parts[0].as_str().unwrap().to_owned(), |whole, (variable, value)| {
                    whole.replace(&format!("${{{variable}}}"), &text(value))
                });
                plain(&json!({"Fn::Sub": whole}), names)
            }
            (name, Value::String(pattern)) if name == "Fn::Sub" => {
                let mut parts = pattern.split("${");
                let mut whole = parts.next().unwrap().to_owned();
                for part in parts {
                    let (reference, rest) = part.split_once('}').unwrap();
                    whole += &named(reference);
                    whole += rest;
                }
                json!(whole)
            }
            (name, value) => json!({name: plain(value, names)}),
        },
        Value::Object(members) => {
            let stated = members.iter().filter(|(_, value)| **value != json!({}));
            stated.map(|(name, value)| (name.clone(), plain(value, names))).collect()
        }
        Value::Array(items) if items.len() == 1 => plain(&items[0], names),
        Value::Array(items) => items.iter().map(|item| plain(item, names)).collect(),
        Value::String(text) => json!(text),
        Value::Null => Value::Null,
        scalar => json!(scalar.to_string()),
    }
}
