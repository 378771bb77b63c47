//! One engine for all tests of the file, and for each test an account of its own in it, with its own function and its own Chime.

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

/// The stack's name in each test that does not have another.
const NAME: &str = "chat";

/// An account with the function deployed.
pub struct World {
    id: String,
    name: &'static str,
    pub simulator: Simulator,
    pub account: Account,
}

/// A stack's physical ids by logical id.
pub type Ids = BTreeMap<String, String>;

/// How many accounts there are: one for each test, and a few more.
const ACCOUNTS: usize = 19;

/// MiniStack, and the simulators of the accounts that no test has taken yet.
struct Shared {
    /// Ends with the process of the tests: its input is a pipe that the process holds.
    ministack: MiniStack,
    free: Mutex<Vec<(String, Simulator)>>,
}

/// All accounts are made ready before the first test begins: a function that is created in one account of MiniStack stops
/// those of the same name in all others, whatever they are at.
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
        started.join().unwrap().unwrap_or_else(|error| panic!("MiniStack is needed for these tests. {error}"))
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

    /// The same with another name for the stack. A function that CloudFormation names has that in its name, and must have one of its own,
    /// whichever account it is in.
    pub fn of_stack(name: &'static str) -> Self {
        let shared = shared();
        let (id, simulator) = shared.free.lock().unwrap().pop().expect("ACCOUNTS is too small");
        // A client of its own, because its connections belong to the runtime of the test.
        Self { account: shared.ministack.account(&id), simulator, id, name }
    }

    pub fn stack(&self) -> Stack<'_> {
        Stack::new(&self.account, self.name)
    }

    /// Deploys a template, whether that goes well or not.
    pub async fn try_deploy(&self, template: &Value) -> Deployment {
        self.simulator.take_calls();
        self.stack().deploy(&template.to_string(), &[], |_| ()).await.unwrap()
    }

    /// Deploys a template, which has to succeed, and gives what there is then.
    pub async fn deploy(&self, template: &Value) -> Ids {
        let deployment = self.try_deploy(template).await;
        assert!(deployment.succeeded(), "{}: {:#?}", deployment.status, deployment.events);
        self.ids().await
    }

    /// Deploys a template that is in a file, with all that belongs to it.
    pub async fn deploy_file(&self, template: &Path) -> Ids {
        publish(&self.account, template).await.unwrap();
        let body = std::fs::read_to_string(template).unwrap();
        // The only example that cannot do without.
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

    /// Deletes the stack, after which nothing may be left.
    pub async fn delete(&self) {
        let deployment = self.stack().delete(|_| ()).await.unwrap();
        assert_eq!(deployment.status, "DELETE_COMPLETE", "{:#?}", deployment.events);
        assert_eq!(self.simulator.holds(), json!([]));
    }

    /// All that Chime holds, with the tags in order and without the id of the request that made each thing. Each setting that is there has
    /// its mark, and no other has one; the marks are left out.
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
        settle(&mut held);
        held
    }

    /// The names of the operations that change something, in order.
    pub fn changes(&self) -> Vec<String> {
        let calls = self.simulator.calls().into_iter().filter(|call: &Call| call.changing);
        calls.map(|call| call.operation).collect()
    }
}

/// A setting is there if and only if its mark is.
#[track_caller]
fn take_mark(thing: &mut Value, key: &str, setting: &str) {
    let is_set = thing.get(setting).is_some_and(|setting| !setting.is_null());
    assert_eq!(remove_tag(thing, key), is_set, "{key}: {thing:#}");
}

fn remove_tag(thing: &mut Value, key: &str) -> bool {
    let Some(tags) = thing.get_mut("Tags").and_then(Value::as_array_mut) else { return false };
    let count = tags.len();
    tags.retain(|tag| tag["Key"] != key);
    tags.len() < count
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(tags)) = members.get_mut("Tags") {
                let count = tags.len();
                tags.retain(|tag| tag["Key"] != "cfn:request-id");
                assert_eq!(count - tags.len(), 1, "each thing says once which request made it: {members:#?}");
                if let Some(Value::Array(tags)) = members.get_mut("Tags") {
                    tags.sort_by_key(|tag| tag["Key"].to_string());
                }
            }
            members.values_mut().for_each(settle);
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Where a file of the project is.
pub fn file(name: &str) -> PathBuf {
    root().join(name)
}
