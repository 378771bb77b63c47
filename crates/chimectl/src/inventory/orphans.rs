//! The commands that delete an orphan or release it. They are printed, and nobody runs them here.

use crate::account::release::{Target, quoted, release, untag};
use crate::inventory::entry::{Entry, Kind};
use crate::ownership::owner::Owner;
use schemars::JsonSchema;
use serde::Serialize;

/// A command, and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// What it does, in words.
    pub what: &'static str,
    /// The command, for a shell with the AWS CLI.
    #[serde(rename = "command")]
    pub line: String,
}

/// The commands for an orphan: first the one that removes a note of a stack, so that another stack can adopt it, then the one that deletes
/// it.
pub fn commands(entry: &Entry, target: &Target) -> Vec<Command> {
    let line = |command: String| target.line(&command);
    let mut commands = Vec::new();
    if !matches!(entry.owner, Owner::Unowned)
        && let Some(release) = entry.kind.type_name().and_then(|name| release(name, &entry.id))
    {
        let is_sure = !matches!(&entry.owner, Owner::GoneStack { not_in, .. } if !not_in.is_empty());
        let what = if is_sure { "release it" } else { "release it, if the stack is in no other region either" };
        commands.push(Command { what, line: line(release) });
    }
    if let Some(delete) = delete(entry) {
        commands.push(Command { what: delete_words(entry.kind), line: line(delete) });
    }
    commands
}

const IDENTITY: &str = "aws chime-sdk-identity";
const MESSAGING: &str = "aws chime-sdk-messaging";

fn delete_words(kind: Kind) -> &'static str {
    match kind {
        Kind::AppInstance => "delete it, with everything in it",
        Kind::Channel => "delete it, with its messages",
        Kind::Retention => "turn it off: messages are kept forever",
        Kind::Streaming => "turn it off",
        Kind::Mark => "remove it",
        _ => "delete it",
    }
}

fn delete(entry: &Entry) -> Option<String> {
    let id = entry.id.as_str();
    let bearer = entry.bearer.as_deref().unwrap_or("BEARER_ARN");
    let relation = |path: &str| id.split_once(path);
    Some(match entry.kind {
        Kind::AppInstance => format!("{IDENTITY} delete-app-instance --app-instance-arn {id}"),
        Kind::User => format!("{IDENTITY} delete-app-instance-user --app-instance-user-arn {id}"),
        Kind::Bot => format!("{IDENTITY} delete-app-instance-bot --app-instance-bot-arn {id}"),
        Kind::Flow => format!("{MESSAGING} delete-channel-flow --channel-flow-arn {id}"),
        Kind::Channel => format!("{MESSAGING} delete-channel --channel-arn {id} --chime-bearer {bearer}"),
        Kind::Retention => {
            let app_instance = id.strip_suffix("/retention-settings")?;
            format!(
                "{IDENTITY} put-app-instance-retention-settings --app-instance-arn {app_instance} \
                 --app-instance-retention-settings '{{\"ChannelRetentionSettings\":{{}}}}'"
            )
        }
        Kind::Streaming => {
            let app_instance = id.strip_suffix("/streaming-configurations")?;
            format!("{MESSAGING} delete-messaging-streaming-configurations --app-instance-arn {app_instance}")
        }
        Kind::Admin => {
            let (app_instance, admin) = relation("/admins/")?;
            format!(
                "{IDENTITY} delete-app-instance-admin --app-instance-arn {app_instance} --app-instance-admin-arn {admin}"
            )
        }
        Kind::FlowAssociation => {
            let channel = id.strip_suffix("/channel-flow")?;
            let flow = entry.detail.as_deref()?;
            format!(
                "{MESSAGING} disassociate-channel-flow --channel-arn {channel} --channel-flow-arn {flow} \
                 --chime-bearer {bearer}"
            )
        }
        Kind::Membership => {
            let (channel, member) = relation("/memberships/")?;
            format!(
                "{MESSAGING} delete-channel-membership --channel-arn {channel} --member-arn {member} --chime-bearer {bearer}"
            )
        }
        Kind::Moderator => {
            let (channel, member) = relation("/moderators/")?;
            format!(
                "{MESSAGING} delete-channel-moderator --channel-arn {channel} --channel-moderator-arn {member} \
                 --chime-bearer {bearer}"
            )
        }
        Kind::Ban => {
            let (channel, member) = relation("/bans/")?;
            format!(
                "{MESSAGING} delete-channel-ban --channel-arn {channel} --member-arn {member} --chime-bearer {bearer}"
            )
        }
        Kind::Mark => untag(id, entry.mark.as_deref()?),
        Kind::Parameter => format!("aws ssm delete-parameter --name {}", quoted(id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    fn lines(entry: &Entry) -> Vec<String> {
        let target = Target { region: "us-east-1".into(), profile: Some("o'ps".into()) };
        commands(entry, &target).into_iter().map(|command| command.line).collect()
    }

    fn gone() -> Owner {
        Owner::GoneStack { stack: "chat".into(), logical_id: "X".into(), not_in: Vec::new() }
    }

    #[test]
    fn what_a_gone_stack_owns_can_be_given_free_or_deleted() {
        let retention = Entry::new(Kind::Retention, format!("{APP}/retention-settings"), gone());
        assert_eq!(
            lines(&retention),
            [
                format!(
                    "aws chime-sdk-identity untag-resource --resource-arn {APP} --tag-keys cfn:retention-settings \
                     --region us-east-1 --profile 'o'\\''ps'"
                ),
                format!(
                    "aws chime-sdk-identity put-app-instance-retention-settings --app-instance-arn {APP} \
                     --app-instance-retention-settings '{{\"ChannelRetentionSettings\":{{}}}}' --region us-east-1 \
                     --profile 'o'\\''ps'"
                ),
            ]
        );
        let channel = Entry::new(Kind::Channel, format!("{APP}/channel/c"), gone()).read_by("B");
        assert!(lines(&channel)[0].contains("messaging untag-resource"), "{:?}", lines(&channel));
        assert!(lines(&channel)[0].contains("cfn:stack-id cfn:logical-id cfn:request-id cfn:former-logical-id"));
        assert!(
            lines(&channel)[1].contains("delete-channel --channel-arn")
                && lines(&channel)[1].contains("--chime-bearer B")
        );
    }

    #[test]
    fn what_is_unowned_can_only_be_deleted() {
        let admin = Entry::new(Kind::Admin, format!("{APP}/admins/{APP}/user/u"), Owner::Unowned);
        assert_eq!(lines(&admin).len(), 1);
        assert!(lines(&admin)[0].contains(&format!("--app-instance-arn {APP} --app-instance-admin-arn {APP}/user/u")));
    }

    #[test]
    fn every_kind_has_a_command() {
        for (kind, id) in [
            (Kind::User, "/user/u"),
            (Kind::Bot, "/bot/b"),
            (Kind::Flow, "/channel-flow/f"),
            (Kind::Streaming, "/streaming-configurations"),
            (Kind::FlowAssociation, "/channel/c/channel-flow"),
            (Kind::Membership, "/channel/c/memberships/M"),
            (Kind::Moderator, "/channel/c/moderators/M"),
            (Kind::Ban, "/channel/c/bans/M"),
            (Kind::Parameter, ""),
        ] {
            let entry = Entry::new(kind, format!("{APP}{id}"), Owner::Unowned).with("flow");
            assert_eq!(lines(&entry).len(), 1, "{kind:?}");
        }
    }
}
