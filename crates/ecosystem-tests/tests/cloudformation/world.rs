//! One engine for all tests of this file. Each test has its own account with its own function and its own Chime.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use chime_simulator::{Call, Options, Simulator};
use chimectl::function_stack::{deploy_function, start_ministack};
use cloudformation_local::workspace::root;
use cloudformation_local::{Account, Deployment, Error, MiniStack, Python, Stack, publish};
use ecosystem_tests::programs::function;
use serde_json::{Value, json};

use super::chat::bot_alias_of;

/// The default name of a test's stack.
const NAME: &str = "chat";

/// An account with the deployed function.
pub struct World {
    id: String,
    name: &'static str,
    pub simulator: Simulator,
    pub account: Account,
}

/// A stack's physical ids by logical id.
pub type Ids = BTreeMap<String, String>;

/// The number of accounts: one for each test, and a few more.
const ACCOUNTS: usize = 22;

/// MiniStack, and the simulators of the accounts that are not in use yet.
struct Shared {
    /// Ends with the test process, which holds the other end of its standard input.
    ministack: MiniStack,
    free: Mutex<Vec<(String, Simulator)>>,
}

/// Prepares all accounts before the first test begins: when a function is created in one account, MiniStack stops the functions with the same
/// name in all others.
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let started = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let python = Python::prepare(|step| eprintln!("{step}"))?;
            runtime.block_on(async {
                let ministack = start_ministack(&python).await?;
                let mut free = Vec::new();
                for number in 1..=ACCOUNTS {
                    let id = format!("{number:012}");
                    let simulator = Simulator::start(Options { account: id.clone(), ..Options::default() })?;
                    deploy_to(&ministack.account(&id), &simulator).await;
                    free.push((id, simulator));
                }
                Ok::<_, Error>(Shared { ministack, free: Mutex::new(free) })
            })
        });
        started.join().unwrap().unwrap_or_else(|error| panic!("these tests need MiniStack: {error}"))
    })
}

async fn deploy_to(account: &Account, simulator: &Simulator) {
    let deployment = deploy_function(account, &function(), &simulator.url(), |_| ()).await.unwrap();
    assert_eq!(deployment.status, "CREATE_COMPLETE", "{:#?}", deployment.events);
}

impl World {
    pub fn new() -> Self {
        Self::of_stack(NAME)
    }

    /// An account whose stack has this name. The name is part of the names of the stack's functions, which must be unique across accounts.
    pub fn of_stack(name: &'static str) -> Self {
        let shared = shared();
        let (id, simulator) = shared.free.lock().unwrap().pop().expect("ACCOUNTS is too small");
        // A new client, because connections belong to the runtime of the test.
        Self { account: shared.ministack.account(&id), simulator, id, name }
    }

    pub fn stack(&self) -> Stack<'_> {
        Stack::new(&self.account, self.name)
    }

    /// Deploys a template, which may fail.
    pub async fn try_deploy(&self, template: &Value) -> Deployment {
        self.simulator.take_calls();
        self.stack().deploy(&template.to_string(), &[], |_| ()).await.unwrap()
    }

    /// Deploys a template, which must succeed, and returns the physical IDs.
    pub async fn deploy(&self, template: &Value) -> Ids {
        let deployment = self.try_deploy(template).await;
        assert!(deployment.succeeded(), "{}: {:#?}", deployment.status, deployment.events);
        self.ids().await
    }

    /// Deploys the template in a file together with its assets.
    pub async fn deploy_file(&self, template: &Path) -> Ids {
        publish(&self.account, template).await.unwrap();
        let body = std::fs::read_to_string(template).unwrap();
        // The only example with a required parameter.
        let parameters = match body.contains("  LexBotAliasArn:\n") {
            true => vec![("LexBotAliasArn".to_owned(), bot_alias_of(&self.id))],
            false => Vec::new(),
        };
        let deployment = self.stack().deploy(&body, &parameters, |_| ()).await.unwrap();
        let name = template.display();
        assert!(deployment.succeeded(), "{name}: {}: {:#?}", deployment.status, deployment.events);
        self.ids().await
    }

    pub async fn ids(&self) -> Ids {
        self.stack().resources().await.unwrap().into_iter().collect()
    }

    pub async fn outputs(&self) -> BTreeMap<String, String> {
        let outputs = self.stack().outputs().await.unwrap();
        outputs.into_iter().map(|output| (output.key, output.value)).collect()
    }

    /// Deletes the stack, after which Chime must be empty.
    pub async fn delete(&self) {
        let deployment = self.stack().delete(|_| ()).await.unwrap();
        assert_eq!(deployment.status, "DELETE_COMPLETE", "{:#?}", deployment.events);
        assert_eq!(self.simulator.holds(), json!([]));
    }

    /// The state of Chime with sorted tags, without marks and request IDs. Asserts that exactly the existing settings have a mark.
    #[track_caller]
    pub fn holds(&self) -> Value {
        let mut held = self.simulator.holds();
        for instance in held.as_array_mut().unwrap() {
            take_mark(instance, "cfn:retention-settings", "RetentionDays");
            take_mark(instance, "cfn:streaming-configurations", "StreamingConfigurations");
            let admins = instance.get("Admins").cloned().unwrap_or_default();
            for kind in ["Users", "Bots"] {
                for member in instance.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten() {
                    let is_admin = admins.as_array().is_some_and(|admins| {
                        admins.iter().any(|admin| member.as_object().unwrap().values().any(|value| value == admin))
                    });
                    assert_eq!(remove_tag(member, "cfn:admin"), is_admin, "{member:#}");
                }
            }
        }
        normalize(&mut held);
        held
    }

    /// The names of the mutating operations so far, in order.
    pub fn changes(&self) -> Vec<String> {
        let calls = self.simulator.calls().into_iter().filter(|call: &Call| call.changing);
        calls.map(|call| call.operation).collect()
    }
}

/// Removes the mark of a setting after asserting that it exists if and only if the setting does.
#[track_caller]
fn take_mark(entity: &mut Value, key: &str, setting: &str) {
    let is_set = entity.get(setting).is_some_and(|setting| !setting.is_null());
    assert_eq!(remove_tag(entity, key), is_set, "{key}: {entity:#}");
}

fn remove_tag(entity: &mut Value, key: &str) -> bool {
    let Some(tags) = entity.get_mut("Tags").and_then(Value::as_array_mut) else { return false };
    let count = tags.len();
    tags.retain(|tag| tag["Key"] != key);
    tags.len() < count
}

fn normalize(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(tags)) = members.get_mut("Tags") {
                let count = tags.len();
                tags.retain(|tag| tag["Key"] != "cfn:request-id");
                assert_eq!(count - tags.len(), 1, "an entity has one request ID: {members:#?}");
                if let Some(Value::Array(tags)) = members.get_mut("Tags") {
                    tags.sort_by_key(|tag| tag["Key"].to_string());
                }
            }
            members.values_mut().for_each(normalize);
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        _ => {}
    }
}

/// The path of a file of the project.
pub fn file(name: &str) -> PathBuf {
    root().join(name)
}
