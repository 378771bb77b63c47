//! ARNs: those of Chime, which contain the app instance, and those of other services that Chime uses.

use crate::properties::Value;
use crate::properties::problems::{Problems, scalar};
use serde_json::{Value as Json, json};
use std::fmt;
use std::str::FromStr;

/// The maximum length of an ARN in the Chime API (`ChimeArn`).
const MAX: usize = 1600;

/// The error for a text that is not the expected type of ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of the expected type")
    }
}

impl std::error::Error for InvalidId {}

/// The six fields of an ARN: `arn:partition:service:region:account:resource`.
struct Fields<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut fields = text.splitn(6, ':');
        let (arn, partition) = (fields.next()?, fields.next()?);
        let (service, region, account) = (fields.next()?, fields.next()?, fields.next()?);
        let resource = fields.next()?;
        let is_field =
            |field: &str| field.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.".contains(&c));
        let fits = arn == "arn"
            && !partition.is_empty()
            && [partition, service, region, account].into_iter().all(is_field)
            && !resource.is_empty()
            && text.chars().count() <= MAX
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        fits.then_some(Self { partition, service, region, account, resource })
    }
}

/// The partition, region and account of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArnScope<'a> {
    /// Such as `aws`.
    pub partition: &'a str,
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// The twelve digits.
    pub account: &'a str,
}

/// The partition, region and account of `arn`. `None` if it is not an ARN.
pub fn arn_scope(arn: &str) -> Option<ArnScope<'_>> {
    Fields::of(arn).map(|Fields { partition, region, account, .. }| ArnScope { partition, region, account })
}

/// The Chime ARNs in `text`. An ARN contains itself; a path contains the two ARNs it consists of.
pub fn chime_arns(text: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> =
        text.match_indices("arn:").map(|(at, _)| at).filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'/').collect();
    let ends = starts.iter().skip(1).map(|at| at - 1).chain([text.len()]).collect::<Vec<_>>();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| &text[start..end])
        .filter(|arn| arn.split(':').nth(2) == Some("chime"))
}

/// Splits the resource of a Chime ARN into the app instance's id, and the type and id of a resource within it.
fn chime(text: &str) -> Option<(&str, Option<(&str, &str)>)> {
    let fields = Fields::of(text).filter(|fields| fields.service == "chime")?;
    let mut parts = fields.resource.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    let child = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => None,
        (Some(kind), Some(id), None) if !kind.is_empty() && !id.is_empty() => Some((kind, id)),
        _ => return None,
    };
    (kind == "app-instance" && !id.is_empty()).then_some((id, child))
}

/// Reads a text that must parse as `T`. `wanted` describes `T` in the problem.
fn read<T: FromStr>(json: &Json, wanted: &str, problems: &mut Problems) -> Option<T> {
    let parsed = scalar(json).and_then(|text| text.parse().ok());
    if parsed.is_none() {
        problems.must_be(wanted, json);
    }
    parsed
}

macro_rules! arns {
    ($($(#[$meta:meta])* $name:ident, $wanted:literal, $pattern:literal, $is:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The ARN as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// An ARN that does not come from the template: Chime shows it, or it is derived.
            #[allow(dead_code)] // Some types occur only in templates.
            pub fn unchecked(arn: &str) -> Self {
                Self(arn.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let is: fn(&str) -> Option<bool> = $is;
                if is(text) == Some(true) { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
            }
        }

        impl Value for $name {
            fn schema() -> Json {
                json!({
                    "type": "string",
                    "maxLength": MAX,
                    "pattern": $pattern,
                    "patternErrorMessage": concat!("must be ", $wanted),
                })
            }

            fn write(&self) -> Json {
                self.as_str().into()
            }

            fn read(json: &Json, problems: &mut Problems) -> Option<Self> {
                read(json, $wanted, problems)
            }

            fn key(&self) -> Option<&str> {
                Some(self.as_str())
            }
        }
    )*};
}

arns! {
    /// An app instance.
    AppInstanceArn,
    "the ARN of an app instance (arn:aws:chime:<region>:<account>:app-instance/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+$",
    |text| Some(chime(text)?.1.is_none());

    /// A user of an app instance.
    AppInstanceUserArn,
    "the ARN of an app instance user (arn:aws:chime:<region>:<account>:app-instance/<id>/user/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+/user/[^/\s]+$",
    |text| Some(chime(text)?.1?.0 == "user");

    /// A bot of an app instance.
    AppInstanceBotArn,
    "the ARN of an app instance bot (arn:aws:chime:<region>:<account>:app-instance/<id>/bot/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+/bot/[^/\s]+$",
    |text| Some(chime(text)?.1?.0 == "bot");

    /// A user or a bot. Either can be an admin of its app instance.
    AppInstanceMemberArn,
    "the ARN of an app instance user or bot (arn:aws:chime:<region>:<account>:app-instance/<id>/user/<id>, or …/bot/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+/(user|bot)/[^/\s]+$",
    |text| Some(matches!(chime(text)?.1?.0, "user" | "bot"));

    /// A channel flow.
    ChannelFlowArn,
    "the ARN of a channel flow (arn:aws:chime:<region>:<account>:app-instance/<id>/channel-flow/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+/channel-flow/[^/\s]+$",
    |text| Some(chime(text)?.1?.0 == "channel-flow");

    /// A channel.
    ChannelArn,
    "the ARN of a channel (arn:aws:chime:<region>:<account>:app-instance/<id>/channel/<id>)",
    r"^arn:[a-z0-9.-]+:chime:[a-z0-9.-]*:[a-z0-9.-]*:app-instance/[^/\s]+/channel/[^/\s]+$",
    |text| Some(chime(text)?.1?.0 == "channel");

    /// The application that sends push notifications.
    PushAppArn,
    "the ARN of an AWS End User Messaging push application (arn:aws:mobiletargeting:<region>:<account>:apps/<id>)",
    r"^arn:[a-z0-9.-]+:mobiletargeting:[a-z0-9.-]*:[a-z0-9.-]*:apps/[^/\s]+$",
    |text| {
        let fields = Fields::of(text)?;
        let id = fields.resource.strip_prefix("apps/")?;
        Some(fields.service == "mobiletargeting" && !id.is_empty() && !id.contains('/'))
    };

    /// A Kinesis data stream with the name prefix that Chime requires.
    MessagingStreamArn,
    "the ARN of a Kinesis data stream whose name begins with chime-messaging- \
     (arn:aws:kinesis:<region>:<account>:stream/chime-messaging-<name>)",
    r"^arn:[a-z0-9.-]+:kinesis:[a-z0-9.-]+:[a-z0-9.-]*:stream/chime-messaging-[A-Za-z0-9_.-]+$",
    |text| {
        let fields = Fields::of(text)?;
        let name = fields.resource.strip_prefix("stream/chime-messaging-")?;
        Some(fields.service == "kinesis" && !fields.region.is_empty() && !name.is_empty() && is_word(name, "-_."))
    };

    /// A Lambda function, or a version or alias of one.
    LambdaFunctionArn,
    "the ARN of a Lambda function (arn:aws:lambda:<region>:<account>:function:<name>, optionally with :<version or alias>)",
    r"^arn:aws:lambda:[a-z]{2}-[a-z]+-[0-9]:[0-9]{12}:function:[A-Za-z0-9._-]+(:(\$LATEST|[A-Za-z0-9_-]+))?$",
    |text| {
        let fields = Fields::of(text)?;
        let mut parts = fields.resource.strip_prefix("function:")?.split(':');
        let (name, qualifier, end) = (parts.next()?, parts.next(), parts.next());
        let is_qualifier = |text: &str| text == "$LATEST" || is_word(text, "-_");
        Some(fields.is_valid_for("lambda")
            && is_word(name, "-_.") && qualifier.is_none_or(is_qualifier) && end.is_none())
    };

    /// An alias of a Lex V2 bot.
    LexBotAliasArn,
    "the ARN of a Lex V2 bot alias (arn:aws:lex:<region>:<account>:bot-alias/<bot id>/<alias id>)",
    r"^arn:aws:lex:[a-z]{2}-[a-z]+-[0-9]:[0-9]{12}:bot-alias/[A-Z0-9]{10}/[A-Z0-9]{10}$",
    |text| {
        let fields = Fields::of(text)?;
        let (bot, alias) = fields.resource.strip_prefix("bot-alias/")?.split_once('/')?;
        let is_id = |id: &str| id.len() == 10 && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        Some(fields.is_valid_for("lex") && is_id(bot) && is_id(alias))
    };
}

/// Whether `text` is not empty and consists of letters, digits and `others`.
fn is_word(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

impl Fields<'_> {
    /// Chime's patterns for the ARNs of other services require the partition `aws`, a region and an account of 12
    /// digits.
    fn is_valid_for(&self, service: &str) -> bool {
        self.partition == "aws"
            && self.service == service
            && is_region(self.region)
            && self.account.len() == 12
            && self.account.bytes().all(|c| c.is_ascii_digit())
    }
}

/// `[a-z]{2}-[a-z]+-[0-9]`, as in `eu-central-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(area), Some(place), Some(number), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase());
    area.len() == 2
        && letters(area)
        && letters(place)
        && number.len() == 1
        && number.bytes().all(|c| c.is_ascii_digit())
}

impl AppInstanceArn {
    /// The ARN of a user of this app instance.
    pub fn user(&self, id: &str) -> AppInstanceUserArn {
        AppInstanceUserArn(format!("{self}/user/{id}"))
    }

    /// The ARN of a channel of this app instance.
    pub fn channel(&self, id: &str) -> ChannelArn {
        ChannelArn(format!("{self}/channel/{id}"))
    }
}

macro_rules! ids {
    ($($name:ident),*) => {$(
        impl $name {
            /// The last part of the ARN: the id that Chime or the template's author chose.
            pub fn id(&self) -> &str {
                self.0.rsplit('/').next().unwrap_or_default()
            }
        }
    )*};
}

ids!(AppInstanceArn, AppInstanceUserArn, ChannelArn, ChannelFlowArn);

/// A resource in an app instance. Its ARN begins with the app instance's ARN.
pub trait InAppInstance: fmt::Display {
    /// The app instance.
    fn app_instance_arn(&self) -> AppInstanceArn {
        let text = self.to_string();
        let end = text.match_indices('/').nth(1).map_or(text.len(), |(at, _)| at);
        AppInstanceArn(text[..end].to_owned())
    }
}

impl InAppInstance for AppInstanceArn {}
impl InAppInstance for AppInstanceUserArn {}
impl InAppInstance for AppInstanceBotArn {}
impl InAppInstance for AppInstanceMemberArn {}
impl InAppInstance for ChannelFlowArn {}
impl InAppInstance for ChannelArn {}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/8f3b";

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn a_chime_arn_has_exactly_one_type() {
        let user = format!("{APP}/user/ada:lovelace@example.com");
        let bot = format!("{APP}/bot/1");
        assert!(is::<AppInstanceArn>(APP) && !is::<AppInstanceArn>(&user));
        assert!(is::<AppInstanceUserArn>(&user) && !is::<AppInstanceUserArn>(&bot) && !is::<AppInstanceUserArn>(APP));
        assert!(is::<AppInstanceMemberArn>(&user) && is::<AppInstanceMemberArn>(&bot));
        assert!(!is::<AppInstanceMemberArn>(&format!("{APP}/channel-flow/1")));
        assert!(is::<ChannelFlowArn>(&format!("{APP}/channel-flow/1")));
    }

    #[test]
    fn other_ids_and_malformed_arns_are_rejected() {
        for id in ["not-created:1", "unfinished:1", "/aws/lambda/x", "", "arn:aws:chime:us-east-1:1:app-instance/"] {
            assert!(!is::<AppInstanceArn>(id), "{id}");
        }
        for wrong in
            [format!("{APP}/user"), format!("{APP}/user/"), format!("{APP}/user/a/b"), format!("{APP} /user/a")]
        {
            assert!(!is::<AppInstanceUserArn>(&wrong), "{wrong}");
        }
        assert!(!is::<AppInstanceArn>("arn:aws:sns:us-east-1:123456789012:app-instance/1"));
    }

    #[test]
    fn a_chime_arn_contains_its_app_instance_and_scope() {
        let user: AppInstanceUserArn = format!("{APP}/user/a:b").parse().expect("a user");
        assert_eq!(user.app_instance_arn().as_str(), APP);
        assert_eq!(user.id(), "a:b");
        assert_eq!(user.app_instance_arn().id(), "8f3b");
        assert_eq!(user.app_instance_arn().user("a:b"), user);
        let scope = arn_scope(user.as_str()).expect("an ARN");
        assert_eq!((scope.partition, scope.region, scope.account), ("aws", "us-east-1", "123456789012"));
        let path = format!("{APP}/admins/{user}");
        assert_eq!(chime_arns(&path).collect::<Vec<_>>(), [&format!("{APP}/admins"), user.as_str()]);
    }

    #[test]
    fn the_arns_of_other_services_fit_the_patterns_of_the_chime_api() {
        for (right, wrong) in [
            (
                "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a",
                "arn:aws:kinesis:us-east-1:123456789012:stream/a",
            ),
            (
                "arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-a",
                "arn:aws:firehose:us-east-1:123456789012:stream/chime-messaging-a",
            ),
        ] {
            assert!(is::<MessagingStreamArn>(right) && !is::<MessagingStreamArn>(wrong), "{wrong}");
        }
        for (right, wrong) in [
            ("arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:lambda:us-east-1:12345678901:function:f"),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
                "arn:aws:lambda:us-east-1:123456789012:function:f:1:2",
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:live",
                "arn:aws-cn:lambda:us-east-1:123456789012:function:f",
            ),
        ] {
            assert!(is::<LambdaFunctionArn>(right) && !is::<LambdaFunctionArn>(wrong), "{wrong}");
        }
        let alias = "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID";
        assert!(is::<LexBotAliasArn>(alias) && !is::<LexBotAliasArn>(&alias.to_lowercase()));
    }
}
