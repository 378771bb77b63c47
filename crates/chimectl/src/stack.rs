//! `chimectl stack`: creates, updates and deletes the stack of a template, in a CloudFormation engine on this machine.

mod calls;
mod dependencies;
mod diff;
mod file_watch;
mod presence;
mod resources;

use crate::build;
use crate::function_stack::{deploy_function, start_ministack, with_endpoints};
use crate::lint;
use crate::terminal::{BAD, BOLD, DIM, GOOD, print_call, styled};
use crate::yaml::{Style, yaml};
use chime_simulator::{Options, Simulator, without_tags};
use cloudformation_local::{Account, Deployment, MiniStack, Python, Stack, StackEvent, publish};
use file_watch::{Event, FileWatch};
use resources::Resources;
use serde_json::Value as Json;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// The account of the simulator and of MiniStack.
const ACCOUNT: &str = "123456789012";

/// The arguments of `stack`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The stack is created from the first template, updated to the others in order, and deleted
    #[arg(required = true, value_name = "TEMPLATE")]
    templates: Vec<PathBuf>,
    /// Before the deletion, update the stack whenever the last template is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// The stack's name; by default, the name of the first template's file
    #[arg(long, value_name = "NAME", value_parser = stack_name)]
    stack_name: Option<String>,
    /// Parameters of the templates; the templates go before this option
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., value_parser = parameter)]
    parameter_overrides: Vec<(String, String)>,
    /// After each deployment, show its Chime calls by the logical id of the resource
    #[arg(long)]
    calls: bool,
    /// Deploy this built function; by default, it is built first
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    #[command(flatten)]
    lint: lint::LintArguments,
}

/// Runs the stack. Whatever happens, nothing is left running.
///
/// # Errors
/// A template cannot be read or is invalid, or the engine cannot be started.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    tokio::select! {
        outcome = run_stack(&arguments) => outcome,
        // Only during a deployment: the first interrupt ends the watch of a template.
        () = interrupted() => {
            anstream::println!("\nInterrupted. Nothing is left running.");
            Ok(ExitCode::from(130))
        }
    }
}

/// Waits for an interrupt, but for one that ends the watch.
async fn interrupted() {
    loop {
        if tokio::signal::ctrl_c().await.is_err() || !file_watch::take_interrupt() {
            return;
        }
    }
}

async fn run_stack(arguments: &Arguments) -> Result<ExitCode, String> {
    let first = arguments.templates.first().ok_or("no template")?;
    for template in &arguments.templates {
        read(template)?;
    }
    lint::check(&arguments.lint, &arguments.templates)?;
    let name = arguments.stack_name.clone().unwrap_or_else(|| name_of(first));
    let run = StackRun::start(arguments).await?;
    let stack = Stack::new(&run.account, &name);
    let mut failed = false;
    for template in &arguments.templates {
        if failed {
            anstream::println!("\n{}", styled(DIM, format!("{} is not deployed.", template.display())));
        } else {
            failed = !run.deploy(&stack, template).await?;
        }
    }
    let last = arguments.templates.last().unwrap_or(first);
    if arguments.watch {
        run.watch(&stack, last).await?;
    }
    title("Deleting the stack", &name);
    let deleted = stack.delete(print_event).await.map_err(text)?;
    print_end(&deleted);
    run.print_calls(&deleted);
    run.print_holdings();
    let is_left_behind = deleted.succeeded() && !run.simulator.is_empty();
    if is_left_behind {
        warn("The stack is gone, and Chime still holds what is shown above.");
    }
    Ok(if failed || !deleted.succeeded() || is_left_behind { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The engine with the function in it, and the Chime APIs.
struct StackRun<'a> {
    arguments: &'a Arguments,
    simulator: Simulator,
    account: Account,
    /// Ends with the run.
    _ministack: MiniStack,
}

impl<'a> StackRun<'a> {
    async fn start(arguments: &'a Arguments) -> Result<Self, String> {
        let begun = Instant::now();
        let python = Python::prepare(|what| step(&format!("{what} ..."))).map_err(text)?;
        let binary = match &arguments.binary {
            Some(binary) => binary.clone(),
            None => build::function(step).await?,
        };
        step("Starting MiniStack ...");
        let ministack = start_ministack(&python).await.map_err(text)?;
        let account = ministack.account(ACCOUNT);
        // A client of its own: its connections belong to the simulator's runtime.
        let data_streams = Some(dependencies::data_streams(ministack.account(ACCOUNT)));
        let options = Options { account: ACCOUNT.into(), data_streams, ..Options::default() };
        let simulator = Simulator::start(options).map_err(text)?;
        step("Deploying template.yaml ...");
        let deployment = deploy_function(&account, &binary, &simulator.url(), |_| ()).await.map_err(text)?;
        if !deployment.succeeded() {
            deployment.events.iter().for_each(print_event);
            return Err("the function's own stack failed".to_owned());
        }
        step(&format!("Ready after {:.1} s.", begun.elapsed().as_secs_f32()));
        step(&format!("MiniStack is at {}, the Chime APIs are at {}.", ministack.url(), simulator.url()));
        Ok(Self { arguments, simulator, account, _ministack: ministack })
    }

    /// Deploys a template, and shows how it went and what there is then. Returns whether everything is as it should be.
    async fn deploy(&self, stack: &Stack<'_>, template: &Path) -> Result<bool, String> {
        let body = with_endpoints(&read(template)?, &self.simulator.url(), self.account.host());
        let before = self.holdings();
        let resources = match stack.id().await.map_err(text)? {
            Some(_) => stack.resources().await.map_err(text)?,
            None => Vec::new(),
        };
        publish(&self.account, template).await.map_err(text)?;
        title("Deploying", template.display());
        let deployment = stack.deploy(&body, &self.arguments.parameter_overrides, print_event).await.map_err(text)?;
        print_end(&deployment);
        if deployment.events.is_empty() {
            anstream::println!("No updates are to be performed.");
        }
        if deployment.succeeded() {
            let outputs = stack.outputs().await.map_err(text)?;
            let width = outputs.iter().map(|output| output.key.len()).max().unwrap_or_default();
            if !outputs.is_empty() {
                title("Outputs", "");
            }
            for output in outputs {
                anstream::println!("  {:<width$}  {}", output.key, output.value);
            }
        }
        self.print_calls(&deployment);
        let is_update =
            deployment.events.iter().any(|event| event.is_of_stack() && event.resource_status.starts_with("UPDATE"));
        if is_update {
            let changes = resources::changes(&resources, &stack.resources().await.map_err(text)?);
            if !changes.is_empty() {
                title("The stack has changed", "");
                anstream::print!("{changes}");
            }
            let diff = diff::between(&before, &self.holdings());
            title(if diff.is_empty() { "Nothing has changed in Chime" } else { "Chime has changed" }, "");
            anstream::print!("{diff}");
        }
        self.print_holdings();
        let missing = if deployment.succeeded() { self.missing(stack).await? } else { Vec::new() };
        for (logical_id, physical_id) in &missing {
            warn(format!("The stack has {logical_id}, and Chime does not hold {physical_id}."));
        }
        let problems = dependencies::problems(&self.account, &self.simulator.holds()).await.map_err(text)?;
        problems.iter().for_each(warn);
        Ok(deployment.succeeded() && missing.is_empty() && problems.is_empty())
    }

    /// The resources of the stack that are missing in Chime, by logical and physical id.
    async fn missing(&self, stack: &Stack<'_>) -> Result<Resources, String> {
        let held = self.simulator.holds();
        let mut resources = stack.resources().await.map_err(text)?;
        resources.retain(|(_, id)| !presence::is_present(&held, id));
        Ok(resources)
    }

    /// Deploys the template whenever it is saved, until an interrupt.
    async fn watch(&self, stack: &Stack<'_>, template: &Path) -> Result<(), String> {
        let mut watch = FileWatch::new(template);
        loop {
            let what = format!("\nSave {} to update the stack; interrupt (Ctrl-C) to delete it.", template.display());
            anstream::println!("{}", styled(DIM, what));
            if watch.next().await == Event::Interrupted {
                return Ok(());
            }
            // A template may be broken for a moment.
            if let Err(error) = self.redeploy(stack, template).await {
                anstream::println!("{} {error}", styled(BAD, "error:"));
            }
        }
    }

    async fn redeploy(&self, stack: &Stack<'_>, template: &Path) -> Result<(), String> {
        // CloudFormation cannot update a stack whose creation was rolled back: it has to be deleted first.
        if stack.status().await.map_err(text)?.as_deref() == Some("ROLLBACK_COMPLETE") {
            stack.delete(|_| ()).await.map_err(text)?;
        }
        self.deploy(stack, template).await.map(drop)
    }

    /// What Chime holds, without ownership tags.
    fn holdings(&self) -> Json {
        without_tags(self.simulator.holds(), "cfn:")
    }

    fn print_holdings(&self) {
        if self.simulator.is_empty() {
            title("Chime holds", "nothing");
        } else {
            title("Chime holds", "");
            anstream::print!("{}", yaml(&self.holdings(), 1, Style::Overview));
        }
    }

    /// With `--calls`, shows the calls since the last time by the resource that made them.
    fn print_calls(&self, deployment: &Deployment) {
        let calls = self.simulator.take_calls();
        if self.arguments.calls {
            title("Chime calls", if calls.is_empty() { "none" } else { "" });
            for (logical_id, calls) in calls::grouped(&calls, &deployment.events, |call| self.simulator.time_of(call)) {
                if let Some(logical_id) = logical_id {
                    anstream::println!("  {logical_id}");
                }
                calls.into_iter().for_each(print_call);
            }
        }
    }
}

fn read(template: &Path) -> Result<String, String> {
    std::fs::read_to_string(template).map_err(|error| format!("{}: {error}", template.display()))
}

fn text(error: impl Display) -> String {
    error.to_string()
}

fn warn(what: impl Display) {
    anstream::println!("\n{}", styled(BAD, what));
}

fn step(what: &str) {
    anstream::println!("{}", styled(DIM, what));
    let _ = std::io::stdout().flush();
}

fn title(what: &str, name: impl Display) {
    let name = format!(" {name}");
    anstream::println!("\n{}{}", styled(BOLD, what), name.trim_end());
}

fn print_event(event: &StackEvent) {
    let style = match &*event.resource_status {
        status if status.ends_with("_FAILED") || status.contains("ROLLBACK") => BAD,
        status if status.ends_with("_COMPLETE") => GOOD,
        _ => DIM,
    };
    // Padded first, because the characters for a colour would count.
    let status = styled(style, format!("{:<20}", event.resource_status));
    anstream::println!("  {status} {:<46} {}", event.resource_type, event.logical_resource_id);
    if !event.resource_status_reason.is_empty() {
        let style = if event.is_failure() { BAD } else { DIM };
        anstream::println!("    {}", styled(style, &event.resource_status_reason));
    }
}

fn print_end(deployment: &Deployment) {
    if !deployment.succeeded() {
        anstream::println!("{}", styled(BAD, format!("The stack is in {}.", deployment.status)));
    }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or("a parameter is KEY=VALUE; templates go before --parameter-overrides")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn stack_name(text: &str) -> Result<String, String> {
    let is_fine = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 128
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_fine { Ok(text.to_owned()) } else { Err("a letter, then up to 127 letters, digits and hyphens".to_owned()) }
}

/// The default name of a stack: `chat` for `templates/chat.template.json`.
fn name_of(template: &Path) -> String {
    let file = template.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem: String = file.split('.').next().unwrap_or_default().chars().take(128).collect();
    let name = stem.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    if stack_name(&name).is_ok() { name } else { "stack".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_has_the_name_of_its_template() {
        assert_eq!(name_of(Path::new("examples/messaging.yaml")), "messaging");
        assert_eq!(name_of(Path::new("cdk.out/My_Chat.template.json")), "My-Chat");
        assert_eq!(name_of(Path::new("1.yaml")), "stack");
    }

    #[test]
    fn a_parameters_value_may_contain_equals_signs() {
        assert_eq!(parameter("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!(parameter("A").is_err());
        assert!(stack_name("a b").is_err() && stack_name("").is_err() && stack_name("a-1").is_ok());
    }
}
