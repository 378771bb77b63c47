//! The questions, each with its calls and the switches of the simulator that it decides.

use crate::probe::answer::Abort;
use crate::probe::notes::Notes;
use crate::probe::session::{ProbeOptions, Session};
use crate::probe::{associations, flows, lags, limits, lists, missing, settings, streaming, tokens};
use futures_util::future::LocalBoxFuture;

/// The future of a question: its observations are in the notes, so that it returns nothing, or why it was aborted.
type Asking<'a> = LocalBoxFuture<'a, Result<(), Abort>>;

/// An open question about Chime.
#[derive(Clone, Copy)]
pub struct Question {
    /// Its name, for `--only` and in docs/unknowns.md.
    pub id: &'static str,
    /// The question.
    pub asks: &'static str,
    /// The switches of the simulator that the answer sets.
    pub switches: &'static [&'static str],
    /// The operations that it calls, a few times each.
    pub calls: &'static [&'static str],
    /// How to give an option that it needs, if that is missing.
    pub needs: fn(&ProbeOptions) -> Option<&'static str>,
    /// Asks the question.
    pub ask: for<'a> fn(&'a Session, &'a mut Notes) -> Asking<'a>,
}

/// The operations that are called before the first question.
pub const BEFORE: [&str; 7] = [
    "ListAppInstances",
    "CreateAppInstance",
    "CreateAppInstanceUser",
    "CreateAppInstanceAdmin",
    "CreateChannel",
    "DescribeChannel",
    "ListAppInstanceUsers",
];

/// The operations that are called after the last one, whatever happened; the second only in case of doubt.
pub const AFTER: [&str; 2] = ["DeleteAppInstance", "ListAppInstances"];

/// The switches of the simulator that no question decides, with the reason.
pub const NOT_ASKED: [(&str, &str); 1] =
    [("rate", "finding a limit takes hundreds of calls, which would throttle everything else in the account")];

fn nothing(_: &ProbeOptions) -> Option<&'static str> {
    None
}

fn a_stream(options: &ProbeOptions) -> Option<&'static str> {
    let how = "give --stream-arn, a Kinesis data stream whose name begins with chime-messaging-; run it with less and less \
               rights at the stream to find the fewest that do";
    options.stream_arn.is_none().then_some(how)
}

macro_rules! question {
    ($id:literal, $asks:literal, [$($switch:literal),*], [$($call:literal),*], $ask:path) => {
        question!($id, $asks, [$($switch),*], [$($call),*], $ask, nothing)
    };
    ($id:literal, $asks:literal, [$($switch:literal),*], [$($call:literal),*], $ask:path, $needs:path) => {
        Question {
            id: $id,
            asks: $asks,
            switches: &[$($switch),*],
            calls: &[$($call),*],
            needs: $needs,
            ask: |cx, notes| Box::pin($ask(cx, notes)),
        }
    };
}

/// All questions, in their order.
pub const QUESTIONS: [Question; 23] = [
    question!(
        "read-after-write",
        "How long until Describe sees what was just made?",
        ["read_after_write_ms"],
        ["CreateAppInstanceUser", "DescribeAppInstanceUser", "CreateChannel", "DescribeChannel"],
        lags::read_after_write
    ),
    question!(
        "list-lag",
        "How long until a List holds what was just made?",
        ["list_lag_ms"],
        ["CreateAppInstanceUser", "ListAppInstanceUsers", "CreateChannelMembership", "ListChannelMemberships"],
        lags::list_lag
    ),
    question!(
        "tags-at-once",
        "How long until the tags of a create are seen, and what is said until then?",
        ["tags_lag_ms", "tags_empty_in_lag"],
        ["CreateAppInstanceUser", "ListTagsForResource"],
        lags::tags
    ),
    question!(
        "made-up-ids",
        "What is the answer about what never was: Forbidden or NotFound?",
        ["missing", "missing_parent", "delete_missing_parent"],
        [
            "CreateAppInstanceUser",
            "DescribeAppInstanceUser",
            "UpdateAppInstanceUser",
            "ListTagsForResource",
            "DescribeAppInstanceBot",
            "DescribeAppInstanceAdmin",
            "CreateAppInstanceAdmin",
            "DescribeChannelFlow",
            "DescribeChannel",
            "DescribeChannelMembership",
            "DescribeChannelModerator",
            "DescribeChannelBan",
            "DescribeAppInstance",
            "ListAppInstanceUsers",
            "DeleteAppInstanceUser"
        ],
        missing::made_up
    ),
    question!(
        "second-delete",
        "What is the answer to the deletion of what is gone, or was never there?",
        ["delete_missing"],
        [
            "CreateAppInstanceUser",
            "DeleteAppInstanceUser",
            "CreateChannel",
            "DeleteChannel",
            "DeleteAppInstanceAdmin",
            "DeregisterAppInstanceUserEndpoint",
            "DeleteChannelMembership",
            "DeleteChannelModerator",
            "DeleteChannelBan",
            "DeleteChannelFlow",
            "DisassociateChannelFlow",
            "DeleteMessagingStreamingConfigurations"
        ],
        missing::second_delete
    ),
    question!(
        "deleted-app-instance",
        "How long is a deleted app instance seen, and what is the answer about what was in it?",
        ["app_instance_delete", "missing_parent", "delete_missing_parent"],
        [
            "CreateAppInstance",
            "CreateAppInstanceUser",
            "ListAppInstances",
            "DeleteAppInstance",
            "DescribeAppInstance",
            "DescribeAppInstanceUser",
            "DeleteAppInstanceUser"
        ],
        missing::deleted_parent
    ),
    question!(
        "deleted-id",
        "How long is the id of a deleted user taken?",
        ["delete_time_ms"],
        ["CreateAppInstanceUser", "DeleteAppInstanceUser"],
        lags::deleted_id
    ),
    question!(
        "deleted-user",
        "Does a deleted user go from the lists of admins and members?",
        [],
        [
            "CreateAppInstanceUser",
            "CreateAppInstanceAdmin",
            "CreateChannelMembership",
            "DeleteAppInstanceUser",
            "ListAppInstanceAdmins",
            "ListChannelMemberships"
        ],
        associations::deleted_user
    ),
    question!(
        "token-replay",
        "What is the answer to a ClientRequestToken that was used, before and after the deletion of what it made?",
        ["token_replay"],
        ["CreateChannel", "DeleteChannel", "CreateAppInstance", "DeleteAppInstance", "CreateAppInstanceUser"],
        tokens::replay
    ),
    question!(
        "token-other-parameters",
        "What is the answer to a used ClientRequestToken with other parameters?",
        [],
        ["CreateChannel"],
        tokens::other_parameters
    ),
    question!(
        "token-at-once",
        "What is the answer to the second of two creates at once with one ClientRequestToken?",
        ["create_time_ms"],
        ["CreateAppInstanceUser"],
        tokens::at_once
    ),
    question!(
        "already-there",
        "What is the answer to an admin, a member, a moderator or a ban that is there already?",
        ["association_exists"],
        [
            "CreateAppInstanceUser",
            "CreateAppInstanceAdmin",
            "CreateChannelMembership",
            "CreateChannelModerator",
            "CreateChannelBan"
        ],
        associations::already
    ),
    question!(
        "batch-member",
        "What does BatchCreateChannelMembership say of a member?",
        ["batch_member_exists"],
        ["CreateAppInstanceUser", "CreateChannelMembership", "BatchCreateChannelMembership"],
        associations::batch
    ),
    question!(
        "two-processors",
        "What is the answer to a channel flow with two processors?",
        [],
        ["CreateChannelFlow"],
        flows::two_processors
    ),
    question!(
        "flow-swap",
        "Does a channel flow take the place of another, and can one in use be deleted?",
        ["channel_flow_swap", "association_exists"],
        ["CreateChannelFlow", "CreateChannel", "AssociateChannelFlow", "DeleteChannelFlow"],
        flows::swap
    ),
    question!(
        "listed-names",
        "Do Lists give names as they were given?",
        ["listed_names"],
        ["CreateAppInstanceUser", "ListAppInstanceUsers"],
        lists::names
    ),
    question!(
        "pages",
        "Is a page as large as was asked for, and does the last one come?",
        ["page_size", "looping_next_token"],
        ["CreateAppInstanceUser", "ListAppInstanceUsers"],
        lists::pages
    ),
    question!(
        "name-limits",
        "Are the limits of names and metadata those of the models?",
        [],
        ["CreateAppInstanceUser", "CreateChannel", "UpdateAppInstanceUser", "UpdateChannel"],
        limits::names
    ),
    question!(
        "ownership-tags",
        "Does Chime take the tags by which the function knows what is its own?",
        [],
        ["CreateAppInstanceUser", "TagResource", "ListTagsForResource"],
        limits::tags
    ),
    question!(
        "empty-retention",
        "Do empty ChannelRetentionSettings turn retention off?",
        [],
        ["PutAppInstanceRetentionSettings", "GetAppInstanceRetentionSettings"],
        settings::retention
    ),
    question!(
        "no-expiration",
        "Does leaving out ExpirationSettings turn expiration off?",
        [],
        ["CreateAppInstanceUser", "PutAppInstanceUserExpirationSettings", "DescribeAppInstanceUser"],
        settings::expiration
    ),
    question!(
        "refusals",
        "What does Chime say to a bearer that is nobody and of streaming that is not set, and what does an error look like?",
        [],
        ["DescribeChannel", "GetMessagingStreamingConfigurations"],
        settings::refusals
    ),
    question!(
        "kinesis-rights",
        "Which rights at the stream does PutMessagingStreamingConfigurations want?",
        [],
        ["PutMessagingStreamingConfigurations", "DeleteMessagingStreamingConfigurations"],
        streaming::kinesis_rights,
        a_stream
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use chime_simulator::Behaviour;
    use serde_json::{Value as Json, json};
    use std::collections::BTreeSet;

    /// The page with all unknowns.
    const UNKNOWNS: &str = include_str!("../../../../docs/unknowns.md");

    /// The headings of questions.
    fn headings() -> BTreeSet<&'static str> {
        UNKNOWNS.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect()
    }

    #[test]
    fn the_page_has_exactly_these_questions() {
        let questions: BTreeSet<_> = QUESTIONS.iter().map(|question| question.id).collect();
        assert_eq!(questions.len(), QUESTIONS.len());
        assert_eq!(headings(), questions);
        for question in QUESTIONS {
            let (_, section) = UNKNOWNS.split_once(&format!("### `{}`\n", question.id)).unwrap();
            let section = section.split("\n### ").next().unwrap();
            assert!(section.contains(question.asks), "{}: {}", question.id, question.asks);
            for switch in question.switches {
                assert!(section.contains(&format!("`{switch}`")), "{}: {switch}", question.id);
            }
            let says_none = section.contains("Switch: none");
            assert_eq!(says_none, question.switches.is_empty(), "{}: {section}", question.id);
        }
    }

    #[test]
    fn each_switch_has_a_question_or_a_reason_and_the_page_has_its_default() {
        let Json::Object(switches) = json!(Behaviour::default()) else { panic!("an object") };
        let asked = QUESTIONS.iter().flat_map(|question| question.switches.iter().copied());
        let all: BTreeSet<_> = asked.chain(NOT_ASKED.map(|(switch, _)| switch)).collect();
        assert_eq!(switches.keys().map(String::as_str).collect::<BTreeSet<_>>(), all);
        for (switch, default) in switches {
            let entry = format!("`{switch}`, by default `{}`", default.to_string().replace('"', ""));
            assert!(UNKNOWNS.contains(&entry), "{entry}");
        }
    }
}
