//! `chimectl inventory`: what Chime holds, and whose it is.

mod channel;
mod entry;
mod line;
mod orphans;
mod parameters;
mod walk;

use crate::account::app_instance;
use crate::account::progress::{INTERRUPTED, spinner, unless_interrupted};
use crate::account::release::Target;
use crate::account::session::{AccountArguments, Session};
use crate::inventory::entry::{Entry, Event, Kind};
use crate::inventory::line::Line;
use crate::inventory::orphans::commands;
use crate::inventory::walk::{Listener, Walk, WalkOptions};
use crate::ownership::owner::Owner;
use crate::terminal::{BAD, BOLD, DIM, GOOD, complain, say_line, styled};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;

/// The arguments of `inventory`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only these app instances, also those that ListAppInstances does not show
    #[arg(value_name = "APP_INSTANCE_ARN")]
    app_instances: Vec<String>,
    /// Show only what no stack manages, with the commands that delete it or release it; exit 1 if there is any
    #[arg(long)]
    orphans: bool,
    /// Show each member, moderator and ban of the channels
    #[arg(long, conflicts_with = "counts")]
    members: bool,
    /// Count users and channels, a call for fifty of them, instead of reading each
    #[arg(long, conflicts_with = "orphans")]
    counts: bool,
    /// Who reads the channels; by default, an admin of their app instance
    #[arg(long, value_name = "ARN")]
    bearer: Option<String>,
    /// Another region whose stacks are asked for; those that tags name are asked for anyway
    #[arg(long, value_name = "REGION")]
    stack_region: Vec<String>,
    /// Print a line of JSON for each (docs/schemas/chimectl-inventory.json)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    account: AccountArguments,
}

/// Walks through the account and prints what is there. The exit status is 2 if something could not be told, and 1 if there are orphans and
/// they were asked for.
///
/// # Errors
/// An app instance is not named by its ARN, or there are no credentials, or no region.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    arguments.app_instances.iter().try_for_each(|argument| app_instance::check(argument))?;
    let session = Session::open(&arguments.account).await?;
    arguments.app_instances.iter().try_for_each(|arn| app_instance::check_region(arn, session.region()))?;
    let options = WalkOptions {
        app_instances: arguments.app_instances.clone(),
        bearer: arguments.bearer.clone(),
        members: arguments.members,
        counts: arguments.counts,
        stack_regions: arguments.stack_region.clone(),
    };
    let mut printer = Printer::new(&arguments, session.target().clone());
    let walk = Walk::new(&session, &options, &mut printer);
    if unless_interrupted(walk.run()).await.is_none() {
        printer.bar.finish_and_clear();
        complain!("Interrupted: what is shown is not all.");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(printer.finish(session.chime().calls().sent() as usize))
}

/// Prints what the walk meets, and counts it.
struct Printer {
    is_json: bool,
    only_orphans: bool,
    target: Target,
    bar: ProgressBar,
    things: usize,
    orphans: usize,
    unknown: usize,
}

impl Printer {
    fn new(arguments: &Arguments, target: Target) -> Self {
        let bar = spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        let (is_json, only_orphans) = (arguments.json, arguments.orphans);
        Self { is_json, only_orphans, target, bar, things: 0, orphans: 0, unknown: 0 }
    }

    fn line(&self, line: &str) {
        self.bar.suspend(|| say_line!("{line}"));
    }

    fn entry(&mut self, entry: &Entry) {
        self.things += 1;
        self.orphans += usize::from(entry.owner.is_orphan());
        self.unknown += usize::from(entry.owner.is_unknown());
        if self.only_orphans && !entry.owner.is_orphan() && !entry.owner.is_unknown() {
            return;
        }
        let commands = if entry.owner.is_orphan() { commands(entry, &self.target) } else { Vec::new() };
        if self.is_json {
            let commands = if self.only_orphans { commands } else { Vec::new() };
            return self.json(&Line::thing(entry, commands));
        }
        let depth = if self.only_orphans { 0 } else { entry.kind.depth() };
        self.line(&tree_line(entry, depth, self.only_orphans));
        if self.only_orphans {
            for command in commands {
                self.line(&format!("    {}", styled(DIM, format!("# {}", command.what))));
                self.line(&format!("    {}", command.line));
            }
        }
    }

    fn json(&self, line: &Line) {
        // Nothing in a line has keys that are no text.
        self.line(&serde_json::to_string(line).unwrap_or_default());
    }

    /// Says how much there was, and returns the exit status.
    fn finish(self, calls: usize) -> ExitCode {
        self.bar.finish_and_clear();
        if !self.is_json {
            let unknown = if self.unknown == 0 { String::new() } else { format!(", {} not told", self.unknown) };
            let (things, calls) = (counted(self.things, "thing"), counted(calls, "call"));
            let text = format!("{things}, {} that no stack manages{unknown}; {calls} to Chime", self.orphans);
            say_line!("{}", styled(DIM, text));
        }
        match (self.unknown, self.orphans) {
            (1.., _) => ExitCode::from(2),
            (0, 1..) if self.only_orphans => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        }
    }
}

impl Listener for Printer {
    fn event(&mut self, event: Event) {
        match event {
            Event::Entry(entry) => self.entry(&entry),
            Event::Counted { kind, parent, count } => {
                self.things += count;
                match self.is_json {
                    true => self.json(&Line::Counted { of: kind, parent, count }),
                    false => self.line(&format!("  {}, counted", kind.counted(count))),
                }
            }
            Event::Unread { what, why } => {
                self.unknown += 1;
                match self.is_json {
                    true => self.json(&Line::Unread { what, why }),
                    false => self.line(&format!("  {}", styled(BAD, format!("not read: {what}: {why}")))),
                }
            }
        }
    }

    fn at(&self, place: &str) {
        self.bar.set_message(place.to_owned());
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A line of the tree: what it is, its name and details, and whose it is.
fn tree_line(entry: &Entry, depth: usize, in_full: bool) -> String {
    let id = if in_full { entry.id.as_str() } else { entry.short_id() };
    let name = entry.name.as_deref().filter(|name| *name != id).map(|name| format!("{name:?}"));
    let detail = entry.detail.as_deref().map(|detail| match entry.kind {
        Kind::FlowAssociation => detail.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => detail.to_owned(),
    });
    let words: Vec<String> =
        [Some(id.to_owned()), name, detail].into_iter().flatten().filter(|word| !word.is_empty()).collect();
    let style = match &entry.owner {
        Owner::Stack { .. } => GOOD,
        Owner::Unknown { .. } | Owner::GoneStack { .. } | Owner::StackWithoutIt { .. } => BAD,
        Owner::Perhaps { .. } | Owner::Unowned => DIM,
    };
    let recorded = match (&entry.parameter, &entry.owner) {
        (Some(parameter), Owner::Unowned) => format!(" (made by cdk-amazon-chime-resources: {parameter})"),
        _ => String::new(),
    };
    let kind =
        if entry.kind == Kind::AppInstance { styled(BOLD, entry.kind.word()) } else { entry.kind.word().to_owned() };
    format!(
        "{:indent$}{kind} {}  {}",
        "",
        words.join("  "),
        styled(style, format!("{}{recorded}", entry.owner)),
        indent = 2 * depth
    )
}
