//! The course of a rehearsal: the stacks of a version are deployed, shown and compared with Chime, and all of them are deleted at the end.

use crate::account::failure::failure;
use crate::account::session::Session;
use crate::drift::template;
use crate::stack::by_hand::ByHand;
use crate::stack::kept::Kept;
use crate::stack::output::{Events, cause, print_end, title, warn};
use crate::stack::packaging::packaged;
use crate::stack::parameters::{Parameters, Values, read};
use crate::stack::planned_stack::{PlannedStack, Version};
use crate::stack::preview::{self, Line};
use crate::stack::rehearsal::{ACCOUNT, Rehearsal, chime_region, text};
use crate::stack::{calls, comparison, dependencies, diff, resources, source, template_change};
use crate::terminal::{DIM, print_call, say, say_line, styled};
use crate::yaml::{Style, yaml};
use cloudformation_local::{Account, Deployment, Stack, publish};
use std::collections::BTreeSet;

/// What is shown besides.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The Chime calls of each deployment.
    pub calls: bool,
    /// Everything that Chime holds, also after an update.
    pub all: bool,
}

/// A run, with what it has deployed so far.
pub struct Deployer<'a> {
    rehearsal: &'a Rehearsal,
    parameters: Parameters,
    shown: Shown,
    /// The stacks by name and region, in the order of their first deployment.
    stacks: Vec<(String, String)>,
    kept: Kept,
    /// What is not as it should be, each as a clause of the last line.
    problems: Vec<String>,
}

impl<'a> Deployer<'a> {
    /// A run that has deployed nothing.
    pub fn new(rehearsal: &'a Rehearsal, parameters: Parameters, shown: Shown) -> Self {
        let kept = Kept::there_before(&rehearsal.holds());
        Self { rehearsal, parameters, shown, stacks: Vec::new(), kept, problems: Vec::new() }
    }

    /// Whether something is not as it should be. What comes later is not deployed then.
    pub fn has_failed(&self) -> bool {
        !self.problems.is_empty()
    }

    /// What is not as it should be.
    pub fn into_problems(self) -> Vec<String> {
        self.problems
    }

    /// Puts a parameter of Systems Manager into each region of the stacks.
    ///
    /// # Errors
    /// MiniStack rejects it.
    pub async fn put_ssm_parameter(&self, name: &str, value: &str, versions: &[Version]) -> Result<(), String> {
        let regions: BTreeSet<&str> = versions.iter().flatten().map(|stack| &*stack.region).collect();
        for region in regions {
            self.rehearsal.account(region).put_parameter(name, value).await.map_err(text)?;
        }
        Ok(())
    }

    /// Deploys the stacks of a version in their order, and shows how it went, what there is then, and what is not as it should be.
    ///
    /// # Errors
    /// A template is invalid, or MiniStack does not answer.
    pub async fn deploy(&mut self, version: &Version) -> Result<(), String> {
        let before = self.rehearsal.holdings();
        let mut is_update = false;
        for (at, stack) in version.iter().enumerate() {
            self.rehearsal.deploy_function(&stack.region).await?;
            let deployment = self.deploy_stack(stack).await?;
            is_update |= is_update_of(&deployment) || deployment.events.is_empty();
            if !deployment.succeeded() {
                self.problems.push(format!("{}: {}", stack.template.display(), cause(&deployment)));
                for other in &version[at + 1..] {
                    say_line!("\n{}", styled(DIM, format!("{} is not deployed.", other.template.display())));
                }
                break;
            }
        }
        if is_update {
            let diff = diff::between(&before, &self.rehearsal.holdings());
            title(if diff.is_empty() { "Nothing has changed in Chime" } else { "Chime has changed" }, "");
            say!("{diff}");
        }
        if !is_update || self.shown.all {
            self.print_holdings();
        }
        if !self.has_failed() {
            for stack in version {
                let found = comparison::compare(self.rehearsal, &stack.region, &stack.name).await?;
                self.tell(&format!("after {}", stack.template.display()), found.mismatches);
                print_uncompared(&found.uncompared);
            }
        }
        let account_in = |region: &str| self.rehearsal.account(region);
        let found = dependencies::problems(account_in, &self.rehearsal.holds()).await.map_err(text)?;
        self.tell("Chime", found);
        Ok(())
    }

    /// Deploys a version again, which has failed before perhaps. What is wrong with it is shown, and not counted.
    ///
    /// # Errors
    /// See [`deploy`](Self::deploy).
    pub async fn redeploy(&mut self, version: &Version) -> Result<(), String> {
        let problems = std::mem::take(&mut self.problems);
        let outcome = self.deploy(version).await;
        self.problems = problems;
        outcome
    }

    /// Deletes a stack whose creation was rolled back, because CloudFormation cannot update it. Returns the deletion if it failed.
    async fn delete_rolled_back(&mut self, stack: &Stack<'_>) -> Result<Option<Deployment>, String> {
        if stack.status().await.map_err(text)?.as_deref() != Some("ROLLBACK_COMPLETE") {
            return Ok(None);
        }
        say_line!("The stack is in ROLLBACK_COMPLETE. CloudFormation cannot update it: it is deleted first.");
        let events = Events::wait();
        let deleted = stack.delete(|event| events.print(event)).await.map_err(text)?;
        drop(events);
        print_end(&deleted);
        self.print_calls(&deleted);
        self.print_kept(&deleted);
        Ok(Some(deleted).filter(|deleted| !deleted.succeeded()))
    }

    async fn deploy_stack(&mut self, planned: &PlannedStack) -> Result<Deployment, String> {
        let account = self.rehearsal.account(&planned.region);
        let stack = Stack::new(&account, &planned.name);
        let body = read(planned)?;
        let Values { values, taken } = self.parameters.values(planned, &body)?;
        let invalid = |why| format!("{}: {why}", planned.template.display());
        source::check(&body).map_err(invalid)?;
        publish(&account, &planned.template).await.map_err(text)?;
        let body = packaged(&account, &planned.template, &body, self.rehearsal.function()).await?;
        title("Deploying", planned.template.display());
        for key in taken {
            say_line!("{}", styled(DIM, format!("{key} is the output of an earlier deployment.")));
        }
        if let Some(failed) = self.delete_rolled_back(&stack).await? {
            return Ok(failed);
        }
        let before = match stack.id().await.map_err(text)? {
            Some(_) => stack.resources().await.map_err(text)?,
            None => Vec::new(),
        };
        if !before.is_empty() {
            preview(&account, &planned.name, &body, &values).await?;
        }
        let events = Events::wait();
        let deployment = stack.deploy(&body, &values, |event| events.print(event)).await.map_err(text)?;
        drop(events);
        let key = (planned.name.clone(), planned.region.clone());
        if !self.stacks.contains(&key) {
            self.stacks.push(key);
        }
        print_end(&deployment);
        if deployment.events.is_empty() {
            say_line!("No updates are to be performed.");
        }
        if deployment.succeeded() {
            let outputs = stack.outputs().await.map_err(text)?;
            let width = outputs.iter().map(|output| output.key.len()).max().unwrap_or_default();
            if !outputs.is_empty() {
                title("Outputs", "");
            }
            for output in &outputs {
                say_line!("  {:<width$}  {}", output.key, output.value);
            }
            self.parameters.learn(&outputs);
        }
        self.print_calls(&deployment);
        if is_update_of(&deployment) {
            let changes = resources::changes(&before, &stack.resources().await.map_err(text)?);
            if !changes.is_empty() {
                title("The stack has changed", "");
                say!("{changes}");
            }
        }
        self.print_kept(&deployment);
        Ok(deployment)
    }

    /// Does to Chime what somebody does by hand.
    ///
    /// # Errors
    /// It cannot be done.
    pub async fn play(&mut self, by_hand: &[ByHand]) -> Result<(), String> {
        let before = self.rehearsal.holdings();
        for deed in by_hand {
            deed.carry_out(self.rehearsal, &self.stacks).await?;
            title("By hand:", deed.sentence());
        }
        if !by_hand.is_empty() {
            say!("{}", diff::between(&before, &self.rehearsal.holdings()));
        }
        Ok(())
    }

    /// Deletes all stacks, the last one first, and shows what is left.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn delete(&mut self) -> Result<(), String> {
        let mut has_failed = false;
        for (name, region) in std::mem::take(&mut self.stacks).into_iter().rev() {
            title("Deleting the stack", &name);
            let account = self.rehearsal.account(&region);
            let events = Events::wait();
            let deleted = Stack::new(&account, &name).delete(|event| events.print(event)).await.map_err(text)?;
            drop(events);
            print_end(&deleted);
            self.print_calls(&deleted);
            self.print_kept(&deleted);
            if !deleted.succeeded() {
                has_failed = true;
                self.problems.push(format!("the deletion of {name}: {}", cause(&deleted)));
            }
        }
        self.print_holdings();
        let held = self.rehearsal.holds();
        let leftovers = self.kept.leftovers(&held);
        if !has_failed && !leftovers.is_empty() {
            let found = format!("The stack is gone, and Chime still holds {}.", leftovers.join(", "));
            self.tell("after the deletion", vec![found]);
        }
        Ok(())
    }

    /// Prints problems, and notes them for the last line.
    fn tell(&mut self, when: &str, found: Vec<String>) {
        for (at, problem) in found.into_iter().enumerate() {
            if at == 0 {
                say_line!();
            }
            warn(&problem);
            self.problems.push(format!("{when}: {}", problem.trim_end_matches('.')));
        }
    }

    fn print_kept(&mut self, deployment: &Deployment) {
        let lines = self.kept.learn(&deployment.events);
        if !lines.is_empty() {
            title("Kept, as its policy says", "");
            lines.iter().for_each(|line| say_line!("  {line}"));
        }
    }

    fn print_holdings(&self) {
        let holdings = self.rehearsal.holdings();
        if holdings.as_array().is_none_or(Vec::is_empty) {
            title("Chime holds", "nothing");
        } else {
            title("Chime holds", "");
            say!("{}", yaml(&holdings, 1, Style::Overview));
        }
    }

    /// With `--calls`, shows the calls since the last time by the resource that made them.
    fn print_calls(&self, deployment: &Deployment) {
        let calls = self.rehearsal.take_calls();
        if self.shown.calls {
            title("Chime calls", if calls.is_empty() { "none" } else { "" });
            for (path, calls) in calls::grouped(&calls, &deployment.events) {
                if let Some(path) = path {
                    say_line!("  {path}");
                }
                calls.into_iter().for_each(print_call);
            }
        }
    }
}

/// Says what could not be compared with Chime, which is no failure.
fn print_uncompared(uncompared: &[String]) {
    for (at, what) in uncompared.iter().enumerate() {
        if at == 0 {
            title("Not compared with Chime", "");
        }
        say_line!("  {what}");
    }
}

/// Shows what an update is about to do. An invalid template is for the update itself to report.
async fn preview(account: &Account, name: &str, body: &str, values: &[(String, String)]) -> Result<(), String> {
    let Ok(changes) = Stack::new(account, name).changes(body, values).await else { return Ok(()) };
    let session = Session::local(account.url(), account.url(), ACCOUNT, chime_region(account.region())).await?;
    let client = session.cloudformation(account.region());
    let got = client.get_template().stack_name(name).send().await.map_err(|it| failure("GetTemplate", &it))?;
    let described = client.describe_stacks().stack_name(name).send().await;
    let described = described.map_err(|error| failure("DescribeStacks", &error))?;
    let parameters = described.stacks().iter().flat_map(|stack| stack.parameters());
    let parameters =
        parameters.filter_map(|it| Some((it.parameter_key()?.to_owned(), it.parameter_value()?.to_owned())));
    let before = template_change::Version::new(template::read(got.template_body().unwrap_or_default())?, parameters);
    let after = template_change::Version::new(template::read(body)?, values.to_vec());
    let lines = preview::lines(&changes, &before, &after);
    if !lines.is_empty() {
        title("This update", "");
    }
    for line in lines {
        match line {
            Line::Change(text) => say_line!("{text}"),
            Line::Loss(text) => warn(text),
        }
    }
    Ok(())
}

fn is_update_of(deployment: &Deployment) -> bool {
    let own = deployment.events.iter().filter(|event| event.nested_in.is_empty() && event.is_of_stack());
    own.into_iter().any(|event| event.resource_status.starts_with("UPDATE"))
}
