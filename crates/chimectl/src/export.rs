//! `chimectl export`: a template of what an app instance holds.

mod cdk;
mod collect;
mod extent;
mod logical_id;
mod member_lists;
mod native;
mod statable;
mod template;
mod yaml_template;

use crate::account::app_instance;
use crate::account::progress::{INTERRUPTED, spinner, unless_interrupted};
use crate::account::session::{AccountArguments, Session};
use crate::export::cdk::Language;
use crate::export::collect::{Collected, Collector};
use crate::export::extent::Extent;
use crate::export::native::Native;
use crate::export::template::Template;
use crate::export::yaml_template::Purpose;
use crate::terminal::{BAD, complain, say, styled};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most resources of a stack.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_RESOURCES: usize = 500;

/// The arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The app instance; its settings, admins, bots and channel flows come with it
    #[arg(value_name = "APP_INSTANCE_ARN")]
    app_instance: String,
    /// Also its users
    #[arg(long)]
    users: bool,
    /// Also its channels, with their flows
    #[arg(long)]
    channels: bool,
    /// Also the members, moderators and bans of its channels
    #[arg(long)]
    members: bool,
    /// All of these
    #[arg(long)]
    all: bool,
    /// AWS's own types where there are any, with the files for their import; needs --out
    #[arg(long, requires = "out", conflicts_with = "cdk")]
    native: bool,
    /// A CDK app with the constructs of this project, instead of a template
    #[arg(long, value_name = "LANGUAGE")]
    cdk: Option<Language>,
    /// Write to this file, or with --native to this folder; by default to the standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Who manages the channels; by default, an admin of the app instance
    #[arg(long, value_name = "ARN")]
    bearer: Option<String>,
    /// Another region whose stacks are asked for; those that tags name are asked for anyway
    #[arg(long, value_name = "REGION")]
    stack_region: Vec<String>,
    #[command(flatten)]
    account: AccountArguments,
}

/// Writes the export. The exit status is 2 if something could not be read, or if there is more than a stack can have.
///
/// # Errors
/// The app instance is not named by its ARN or cannot be read, or a file cannot be written.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    app_instance::check(&arguments.app_instance)?;
    let session = Session::open(&arguments.account).await?;
    app_instance::check_region(&arguments.app_instance, session.region())?;
    let bar = spinner();
    let all = arguments.all;
    let extent = Extent {
        users: all || arguments.users,
        channels: all || arguments.channels,
        members: all || arguments.members,
    };
    let progress = |place: &str| bar.set_message(place.to_owned());
    let (bearer, regions) = (arguments.bearer.clone(), arguments.stack_region.clone());
    let collector = Collector::new(&session, &arguments.app_instance, extent, bearer, regions, &progress);
    let collected = unless_interrupted(collector.run()).await;
    bar.finish_and_clear();
    let Some(collected) = collected else {
        complain!("Interrupted: nothing is written.");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let Collected { template, unread } = collected?;
    write(&template, &arguments, session.region())?;
    let mut status = ExitCode::SUCCESS;
    for unread in unread {
        complain!("{} {}: {}", styled(BAD, "not read:"), unread.what, unread.why);
        status = ExitCode::from(2);
    }
    let count = template.resources.len();
    if count == 0 {
        complain!("There is nothing to bring in: the comments say why each thing is left out.");
    }
    if count > MOST_RESOURCES {
        let limit = format!("a stack has at most {MOST_RESOURCES} resources, and this has {count}");
        complain!("{} {limit}: leave out users, channels or members, or split it", styled(BAD, "too many:"));
        status = ExitCode::from(2);
    }
    Ok(status)
}

fn write(template: &Template, arguments: &Arguments, region: &str) -> Result<(), String> {
    if let (true, Some(folder)) = (arguments.native, &arguments.out) {
        return write_native(template, Native::in_region(region), folder);
    }
    let text = match arguments.cdk {
        Some(language) => cdk::write(template, language),
        None => yaml_template::write(template, Native::Never, Purpose::Adoption),
    };
    match &arguments.out {
        Some(path) => write_file(path, &text),
        None => {
            say!("{text}");
            Ok(())
        }
    }
}

/// An import creates nothing, and so it has a template of its own: the stack gets the rest with its first update.
fn write_native(template: &Template, native: Native, folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let import = yaml_template::write(template, native, Purpose::Import);
    write_file(&folder.join("import.yaml"), &import)?;
    let resources = serde_json::to_string_pretty(&native.resources_to_import(template)).map_err(|e| e.to_string())?;
    write_file(&folder.join("resources-to-import.json"), &format!("{resources}\n"))?;
    write_file(&folder.join("template.yaml"), &yaml_template::write(template, native, Purpose::Adoption))
}

fn write_file(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
