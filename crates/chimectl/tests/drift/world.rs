//! One CloudFormation engine and one Chime for all tests of this file. Each test has stacks and app instances of its own.

#![allow(dead_code)] // Each test binary uses a part of it.

use chime_messaging_resources::{Chime, Settings, http_client};
use chime_simulator::{Call, Fault, FaultKind, Options, Simulator};
use chimectl::build;
use chimectl::function_stack::deploy_function;
use cloudformation_local::{Account, MiniStack, Python, Stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const CHIMECTL: &str = env!("CARGO_BIN_EXE_chimectl");

/// The account of both.
const ACCOUNT: &str = "123456789012";

/// The function's exported token.
const TOKEN: &str = "chime-messaging-resources-ServiceToken";

/// The stack of this name has events without properties, as those of a stack in AWS whose last events are older than 90 days.
pub const WITHOUT_EVENTS: &str = "without-events";

/// The stack of this name has events that nobody may read, once [`World::deny_events`] was called.
pub const WITHOUT_RIGHTS: &str = "without-rights";

/// Code for MiniStack that removes these properties, and denies these events.
const EXTENSION: &str = r#"
add_event = stacks._add_event

def forgetful(stack_id, stack_name, *rest, **named):
    add_event(stack_id, stack_name, *rest, **named)
    if stack_name == "without-events":
        cloudformation._stack_events[stack_id][-1].pop("ResourceProperties", None)

stacks._add_event = forgetful
show_events = handlers._ACTION_HANDLERS["DescribeStackEvents"]

def denying(params):
    if "/without-rights/" in handlers._p(params, "StackName") and os.path.exists("DENIED"):
        return handlers._error("AccessDenied", "User: ada is not authorized to perform: cloudformation:DescribeStackEvents", 403)
    return show_events(params)

handlers._ACTION_HANDLERS["DescribeStackEvents"] = denying
"#;

/// A file that exists once the events are denied.
fn denied() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("events-are-denied-{}", std::process::id()))
}

struct Shared {
    /// Ends with the test process, which holds the other end of its standard input.
    ministack: MiniStack,
    simulator: Simulator,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let started = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let python = Python::prepare(|step| eprintln!("{step}")).unwrap();
            let extension = EXTENSION.replace("DENIED", &denied().display().to_string());
            runtime.block_on(async {
                let ministack = MiniStack::start_extended(&python, &extension).await.unwrap();
                let simulator =
                    Simulator::start(Options { account: ACCOUNT.to_owned(), ..Options::default() }).unwrap();
                let account = ministack.account(ACCOUNT);
                let deployed = deploy_function(&account, &function().await, &simulator.url(), |_| ()).await.unwrap();
                assert!(deployed.succeeded(), "{:#?}", deployed.events);
                Shared { ministack, simulator }
            })
        });
        started.join().unwrap()
    })
}

async fn function() -> PathBuf {
    // `cargo test --workspace` has built it already.
    let function = Path::new(CHIMECTL).with_file_name("chime-messaging-resources");
    if function.exists() { function } else { build::function(|step| eprintln!("{step}")).await.unwrap() }
}

/// A stack of a test, and its Chime.
pub struct World {
    name: String,
    pub account: Account,
    pub chime: Chime,
    pub simulator: &'static Simulator,
}

/// What a run of `chimectl drift` printed.
pub struct Printed {
    pub status: i32,
    pub text: String,
}

impl World {
    /// A stack of this name, which no other test may use.
    pub fn of_stack(name: &str) -> Self {
        let shared = shared();
        let url = Some(shared.simulator.url());
        let credentials = aws_sdk_chimesdkidentity::config::Credentials::new(ACCOUNT, "secret", None, None, "test");
        let settings = Settings {
            region: Some("us-east-1".to_owned()),
            credentials: Some(credentials),
            identity_endpoint: url.clone(),
            messaging_endpoint: url,
            ..Settings::default()
        };
        Self {
            name: name.to_owned(),
            account: shared.ministack.account(ACCOUNT),
            chime: Chime::new(Arc::new(settings), http_client(None).unwrap(), Duration::from_secs(20)),
            simulator: &shared.simulator,
        }
    }

    /// From now on, nobody may read the events of [`WITHOUT_RIGHTS`].
    pub fn deny_events() {
        std::fs::write(denied(), "").unwrap();
    }

    /// Another stack in the same account.
    pub fn stack(&self, name: &str) -> Stack<'_> {
        Stack::new(&self.account, name)
    }

    /// Deploys resources, which must succeed. Returns the physical ids.
    pub async fn deploy(&self, resources: Value) -> BTreeMap<String, String> {
        self.deploy_template(&json!({"Resources": resources}), &[]).await
    }

    /// Deploys a template, which must succeed, with parameters. Returns the physical ids.
    pub async fn deploy_template(&self, template: &Value, parameters: &[(String, String)]) -> BTreeMap<String, String> {
        self.deploy_with(&template.to_string(), parameters).await
    }

    /// Deploys the text of a template, which must succeed.
    pub async fn deploy_text(&self, template: &str) {
        self.deploy_with(template, &[]).await;
    }

    async fn deploy_with(&self, template: &str, parameters: &[(String, String)]) -> BTreeMap<String, String> {
        let stack = self.stack(&self.name);
        let deployed = stack.deploy(template, parameters, |_| ()).await.unwrap();
        assert!(deployed.succeeded(), "{template}\n{:#?}", deployed.events);
        stack.resources().await.unwrap().into_iter().collect()
    }

    /// Runs `chimectl drift` on the stack.
    pub async fn drift(&self, options: &[&str]) -> Printed {
        self.run(&[&["drift", &self.name], options].concat()).await
    }

    /// Runs `chimectl drift --json` on the stack. Returns the exit status and the report.
    pub async fn report(&self) -> (i32, Value) {
        let Printed { status, text } = self.drift(&["--json"]).await;
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// Runs `chimectl` in the account.
    pub async fn run(&self, arguments: &[&str]) -> Printed {
        self.run_with(arguments, &[]).await
    }

    pub async fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Printed {
        let mut command = Self::command(arguments);
        command.envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let Output { status, stdout, stderr } = output;
        let text = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        Printed { status: status.code().unwrap(), text }
    }

    /// Runs `chimectl`, and interrupts it while a call about `about` hangs. Returns the status and both outputs.
    pub async fn interrupted(&self, arguments: &[&str], operation: &str, about: &str) -> (Option<i32>, String, String) {
        self.simulator.inject(Fault::always(operation, FaultKind::Hang(None)).about(about));
        let mut child = self.start(arguments);
        let started = Instant::now();
        let is_of_it =
            |call: &Call| call.operation == operation && format!("{} {}", call.path, call.input).contains(about);
        while !self.simulator.calls().iter().any(is_of_it) {
            assert!(started.elapsed() < Duration::from_secs(60), "it does not get there");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let ended = tokio::task::spawn_blocking(move || {
            let status = child.wait().unwrap().code();
            let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
            (status, std::io::read_to_string(stdout).unwrap(), std::io::read_to_string(stderr).unwrap())
        });
        ended.await.unwrap()
    }

    /// Starts `chimectl` in the account.
    pub fn start(&self, arguments: &[&str]) -> Child {
        Self::command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command(arguments: &[&str]) -> Command {
        let shared = shared();
        let mut command = Command::new(CHIMECTL);
        command.args(arguments).env_clear();
        command.envs([
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
        ]);
        command.env("AWS_ENDPOINT_URL", shared.ministack.url());
        command.env("AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY", shared.simulator.url());
        command.env("AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING", shared.simulator.url());
        command.env("AWS_ENDPOINT_URL_SSM", shared.simulator.url());
        command
    }
}

/// A resource of a template.
pub fn resource(resource_type: &str, mut properties: Value) -> Value {
    properties["ServiceToken"] = json!({"Fn::ImportValue": TOKEN});
    properties["ServiceTimeout"] = json!(600);
    json!({"Type": resource_type, "Properties": properties})
}

/// The report on a resource.
#[track_caller]
pub fn of<'a>(report: &'a Value, logical_id: &str) -> &'a Value {
    let mut resources =
        report["stacks"].as_array().unwrap().iter().flat_map(|stack| stack["resources"].as_array().unwrap());
    let found = resources.find(|resource| resource["logicalId"] == logical_id);
    found.unwrap_or_else(|| panic!("{logical_id} is not in {report:#}"))
}

/// The paths of the properties of a resource with a verdict.
pub fn paths<'a>(resource: &'a Value, verdict: &str) -> Vec<&'a str> {
    let properties = resource["properties"].as_array().into_iter().flatten();
    properties.filter(|it| it["verdict"] == verdict).map(|it| it["path"].as_str().unwrap()).collect()
}
