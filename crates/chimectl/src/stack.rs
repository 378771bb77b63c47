//! `chimectl stack`: creates, updates and deletes the stacks of templates or of a CDK app, in a CloudFormation engine on this machine.

mod assembly;
mod by_hand;
mod calls;
mod comparison;
mod dependencies;
mod deployment;
mod diff;
mod file_watch;
mod holdings;
mod kept;
mod output;
mod packaging;
mod parameters;
mod plan;
mod planned_stack;
mod presence;
mod preview;
mod rehearsal;
mod resources;
mod source;
mod template_change;

use crate::lint;
use crate::terminal::{BAD, DIM, complain, say_line, styled};
use by_hand::ByHand;
use cloudformation_local::workspace::target;
use deployment::{Deployer, Shown};
use file_watch::{Event, FileWatch};
use output::last_line;
use plan::Naming;
use planned_stack::Version;
use rehearsal::Rehearsal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `stack`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Templates: the stack is created from the first one, updated to the others in order, and deleted. Or folders that a CDK app was
    /// synthesized into (cdk.out): all its stacks are deployed in their order; a second folder is an update
    #[arg(required_unless_present = "app", value_name = "TEMPLATE|CDK.OUT")]
    templates: Vec<PathBuf>,
    /// Synthesize a CDK app with this command, such as "npx cdk synth", and deploy it (after the templates)
    #[arg(long, value_name = "COMMAND")]
    app: Option<String>,
    /// Another template, which is deployed before each template as a stack of its own, for what it exports
    #[arg(long, value_name = "TEMPLATE")]
    with: Vec<PathBuf>,
    /// Before the deletion, update the stack whenever the last template is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// The stack's name; by default, the name of the first template's file
    #[arg(long, value_name = "NAME", value_parser = plan::stack_name)]
    stack_name: Option<String>,
    /// The region of the stacks that do not state one; by default us-east-1
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Parameters of the templates; the templates go before this option
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., value_parser = parameters::parameter)]
    parameter_overrides: Vec<(String, String)>,
    /// A parameter of Systems Manager that the templates read
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameters::parameter)]
    ssm_parameter: Vec<(String, String)>,
    /// After the first deployment, delete what this resource is in Chime, behind the stack's back
    #[arg(long, value_name = "LOGICAL_ID")]
    vanish: Vec<String>,
    /// After the first deployment, change properties of this resource in Chime, behind the stack's back
    #[arg(long, num_args = 2.., value_names = ["LOGICAL_ID", "PROPERTY=VALUE"], action = clap::ArgAction::Append)]
    change: Vec<String>,
    /// Do not delete the stacks: leave what is there in this folder (by default target/rehearsed), and begin with what the last run left there
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    keep: Option<String>,
    /// After each deployment, show its Chime calls by the logical id of the resource
    #[arg(long)]
    calls: bool,
    /// After an update, show everything that Chime holds, not what has changed alone
    #[arg(long)]
    all: bool,
    /// Deploy this built function; by default, it is built first
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    #[command(flatten)]
    lint: lint::LintArguments,
}

/// Runs the stacks. Whatever happens, nothing is left running.
///
/// # Errors
/// A template cannot be read or is invalid, or the engine cannot be started.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    tokio::select! {
        outcome = run_stacks(&arguments) => outcome,
        // Only during a deployment: the first interrupt ends the watch of a template.
        () = interrupted() => {
            say_line!("\nInterrupted. Nothing is left running.");
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

async fn run_stacks(arguments: &Arguments) -> Result<ExitCode, String> {
    let by_hand = by_hand::all(&arguments.vanish, &arguments.change)?;
    let app = arguments.app.as_deref().map(assembly::synthesize).transpose()?;
    let folder = app.as_ref().map(|app| app.folder.clone());
    let sources: Vec<PathBuf> = arguments.templates.iter().cloned().chain(folder).collect();
    let naming = Naming { stack_name: arguments.stack_name.as_deref(), region: arguments.region.as_deref() };
    let versions = plan::versions(&sources, &arguments.with, naming)?;
    let templates: Vec<_> = versions.iter().flatten().map(|stack| &stack.template).collect();
    lint::check(&arguments.lint, &templates)?;
    let folder = |keep: &String| if keep.is_empty() { target().join("rehearsed") } else { PathBuf::from(keep) };
    let keep = arguments.keep.as_ref().map(folder);
    let mut rehearsal = Rehearsal::start(arguments.binary.as_deref(), keep).await?;
    let problems = rehearse(arguments, &rehearsal, &versions, &by_hand).await?;
    if let Some(folder) = rehearsal.keep()? {
        say_line!("\nWhat is there is kept in {}, for the next run with --keep.", folder.display());
    }
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    complain!("{}", styled(BAD, last_line(&problems)));
    Ok(ExitCode::FAILURE)
}

/// Deploys the versions one after the other, and deletes the stacks. Returns what was not as it should be.
async fn rehearse(
    arguments: &Arguments,
    rehearsal: &Rehearsal,
    versions: &[Version],
    by_hand: &[ByHand],
) -> Result<Vec<String>, String> {
    let parameters = parameters::Parameters::of(&arguments.parameter_overrides, versions)?;
    let mut deployer = Deployer::new(rehearsal, parameters, Shown { calls: arguments.calls, all: arguments.all });
    for (name, value) in &arguments.ssm_parameter {
        deployer.put_ssm_parameter(name, value, versions).await?;
    }
    // What is saved during the deployments counts too.
    let watched = versions.last().filter(|_| arguments.watch).and_then(|last| Some((last, last.last()?)));
    let watched = watched.map(|(last, stack)| (last, FileWatch::new(&stack.template), &stack.template));
    for (at, version) in versions.iter().enumerate() {
        if deployer.has_failed() {
            for stack in version {
                say_line!("\n{}", styled(DIM, format!("{} is not deployed.", stack.template.display())));
            }
            continue;
        }
        deployer.deploy(version).await?;
        if at == 0 && !deployer.has_failed() {
            deployer.play(by_hand).await?;
        }
    }
    if let Some((last, file, template)) = watched {
        say_line!("\n{}", styled(DIM, "In another shell, after this, the AWS CLI and chimectl work on the rehearsal:"));
        say_line!("{}", rehearsal.exports());
        watch(&mut deployer, last, file, template).await?;
    }
    if arguments.keep.is_none() {
        deployer.delete().await?;
    }
    Ok(deployer.into_problems())
}

/// Deploys a version whenever its last template is saved, until an interrupt.
async fn watch(
    deployer: &mut Deployer<'_>,
    version: &Version,
    mut file: FileWatch,
    template: &Path,
) -> Result<(), String> {
    loop {
        let what = format!("\nSave {} to update the stack; interrupt (Ctrl-C) to delete it.", template.display());
        say_line!("{}", styled(DIM, what));
        if file.next().await == Event::Interrupted {
            return Ok(());
        }
        // A template may be broken for a moment.
        if let Err(error) = deployer.redeploy(version).await {
            say_line!("{} {error}", styled(BAD, "error:"));
        }
    }
}
