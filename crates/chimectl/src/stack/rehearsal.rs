//! The machinery of a rehearsal: MiniStack, the Chime APIs of each of their regions, and the function in each region that has a stack.

use crate::build;
use crate::function_stack::{FUNCTION_STACK, deploy_copy, start_ministack_with_chime};
use crate::stack::dependencies;
use crate::stack::holdings::with_short_names;
use crate::stack::output::{Events, print_event, step};
use chime_messaging_resources::CHIME_REGIONS;
use chime_simulator::{Call, Options, Simulator, without_tags};
use cloudformation_local::{Account, MiniStack, Python};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime};

/// The account of the simulators and of MiniStack.
pub const ACCOUNT: &str = "123456789012";

/// The region of the stacks, unless they name another, and of the Chime calls from regions without Chime.
pub const HOME: &str = CHIME_REGIONS[0];

/// The machinery. All of it ends when dropped.
pub struct Rehearsal {
    /// The Chime APIs in [`HOME`].
    simulator: Simulator,
    /// Those in the other regions.
    others: BTreeMap<&'static str, Simulator>,
    binary: PathBuf,
    /// The regions that have the function.
    regions: RefCell<BTreeSet<String>>,
    ministack: MiniStack,
    /// Where what is there is kept, if it is.
    keep: Option<PathBuf>,
}

impl Rehearsal {
    /// Starts everything, with what an earlier run left in the folder `keep`, if there is one; the function is `binary`, or else it is built.
    ///
    /// # Errors
    /// Python, the function or a port is missing, or what was left cannot be read.
    pub async fn start(binary: Option<&Path>, keep: Option<PathBuf>) -> Result<Self, String> {
        let begun = Instant::now();
        let python = Python::prepare(|what| step(&format!("{what} ..."))).map_err(text)?;
        let binary = match binary {
            Some(binary) => binary.to_owned(),
            None => build::function(step).await?,
        };
        step("Starting MiniStack ...");
        let accounts: BTreeMap<&str, Arc<OnceLock<Account>>> =
            CHIME_REGIONS.iter().map(|region| (*region, Arc::default())).collect();
        let start = |region: &str| {
            let data_streams = accounts.get(region).map(|account| dependencies::data_streams(Arc::clone(account)));
            let seed = keep.as_deref().map_or(Ok(Json::Null), |keep| kept(keep, region))?;
            let (account, region) = (ACCOUNT.into(), region.into());
            Simulator::start(Options { account, region, seed, data_streams, ..Options::default() }).map_err(text)
        };
        let simulator = start(HOME)?;
        let mut others = BTreeMap::new();
        for region in CHIME_REGIONS.into_iter().filter(|region| *region != HOME) {
            others.insert(region, start(region)?);
        }
        let mut chime_urls: BTreeMap<String, String> =
            others.iter().map(|(region, simulator)| ((*region).to_owned(), simulator.url())).collect();
        chime_urls.insert(HOME.to_owned(), simulator.url());
        let waiting = Events::wait();
        let ministack = start_ministack_with_chime(&python, &chime_urls, keep.as_deref()).await.map_err(text)?;
        drop(waiting);
        for (region, account) in &accounts {
            // A client of its own: its connections belong to the simulator's runtime.
            let _ = account.set(ministack.account(ACCOUNT).in_region(region));
        }
        let this = Self { simulator, others, binary, regions: RefCell::default(), ministack, keep };
        this.deploy_function(HOME).await?;
        step(&format!("Ready after {:.1} s.", begun.elapsed().as_secs_f32()));
        step(&format!("The Chime APIs: {} MiniStack: {}", this.simulator.url(), this.ministack.url()));
        Ok(this)
    }

    /// With a folder to keep what is there, leaves it there for the next run, and returns the folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&mut self) -> Result<Option<&Path>, String> {
        let Some(folder) = self.keep.as_deref() else { return Ok(None) };
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let all = self.others.iter().map(|(region, simulator)| (*region, simulator));
        for (region, simulator) in all.chain([(HOME, &self.simulator)]) {
            let file = file(folder, region);
            std::fs::write(&file, simulator.holds().to_string())
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        self.ministack.keep().map_err(text)?;
        Ok(Some(folder))
    }

    /// The commands of a shell after which the AWS CLI and `chimectl` work on this account.
    pub fn exports(&self) -> String {
        let (chime, others) = (self.simulator.url(), self.ministack.url());
        format!(
            "export AWS_ENDPOINT_URL={others} AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY={chime} AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING={chime}\n\
             export AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=any AWS_REGION={HOME}"
        )
    }

    /// The built function.
    pub fn function(&self) -> &Path {
        &self.binary
    }

    /// The account in a region.
    pub fn account(&self, region: &str) -> Account {
        self.ministack.account(ACCOUNT).in_region(region)
    }

    /// Deploys the function in a region that does not have it yet.
    ///
    /// # Errors
    /// It cannot be deployed.
    pub async fn deploy_function(&self, region: &str) -> Result<(), String> {
        if self.regions.borrow().contains(region) {
            return Ok(());
        }
        let place = if region == HOME { String::new() } else { format!(" in {region}") };
        step(&format!("Deploying template.yaml{place} ..."));
        // As a user does it where there is no Chime.
        let elsewhere = (chime_region(region) != region).then(|| ("ChimeRegion".to_owned(), HOME.to_owned()));
        let (account, parameters) = (self.account(region), Vec::from_iter(elsewhere));
        let waiting = Events::wait();
        let deployed = deploy_copy(&account, &self.binary, "", FUNCTION_STACK, &parameters, |_| ()).await;
        drop(waiting);
        let deployment = deployed.map_err(text)?;
        if !deployment.succeeded() {
            deployment.events.iter().for_each(print_event);
            return Err(format!("the function's own stack failed{place}"));
        }
        self.regions.borrow_mut().insert(region.to_owned());
        Ok(())
    }

    /// The Chime APIs that the stacks of a region use.
    pub fn simulator(&self, region: &str) -> &Simulator {
        self.others.get(region).unwrap_or(&self.simulator)
    }

    fn simulators(&self) -> impl Iterator<Item = &Simulator> {
        std::iter::once(&self.simulator).chain(self.others.values())
    }

    /// What Chime holds in all regions, with all tags.
    pub fn holds(&self) -> Json {
        let all = self.simulators().map(Simulator::holds);
        all.filter_map(|held| held.as_array().cloned()).flatten().collect()
    }

    /// What Chime holds in all regions, for people: without ownership tags, and with short names.
    pub fn holdings(&self) -> Json {
        with_short_names(without_tags(self.holds(), "cfn:"))
    }

    /// The calls since the last time, and when each came.
    pub fn take_calls(&self) -> Vec<(Call, SystemTime)> {
        let mut calls = Vec::new();
        for simulator in self.simulators() {
            calls.extend(simulator.take_calls().into_iter().map(|call| {
                let time = simulator.time_of(&call);
                (call, time)
            }));
        }
        calls.sort_by_key(|(_, time)| *time);
        calls
    }
}

/// The region of the Chime calls of a region's stacks.
pub fn chime_region(region: &str) -> &str {
    if CHIME_REGIONS.contains(&region) { region } else { HOME }
}

/// The file with what Chime holds in a region.
fn file(folder: &Path, region: &str) -> PathBuf {
    folder.join(format!("chime-{region}.json"))
}

/// What an earlier run has left of Chime.
fn kept(folder: &Path, region: &str) -> Result<Json, String> {
    let file = file(folder, region);
    match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Json::Null),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// An error for people.
pub fn text(error: impl Display) -> String {
    error.to_string()
}
