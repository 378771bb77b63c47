//! What is to happen, drawn at random before any of it does: a plan is data, so that a smaller one can be tried.

use super::things::things;
use chime_simulator::{
    AppInstanceDelete, AssociationExists, BatchMemberExists, Behaviour, ChannelFlowSwap, DeleteMissing, FaultKind,
    ListedNames, Missing, TokenReplay,
};
use cloudformation_local::Reaction;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use std::time::Duration;

/// How many stacks there are.
pub const STACKS: usize = 2;

#[derive(Clone, Debug)]
pub struct History {
    /// How Chime behaves.
    pub chime: Behaviour,
    /// Whether the stacks speak the second dialect, where it has a word for a thing.
    pub has_constructs: bool,
    /// The things that the templates are made of, by their places in the list of all.
    pub things: Vec<usize>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Step {
    /// Whose.
    pub stack: usize,
    pub what: What,
    /// The way of each event in its turn; those after them go undisturbed.
    pub courses: Vec<Course>,
}

#[derive(Clone, Debug)]
pub enum What {
    /// A template with these differences is deployed.
    Deploy {
        edits: Vec<Edit>,
        /// A replacement is rolled back by an Update from new to old, not by a Delete of the new.
        is_back_by_update: bool,
        /// Something else in the stack fails after so many seconds.
        cancelled_after: Option<u8>,
    },
    /// The stack is deleted.
    Delete,
    /// Somebody removes our marks, as an update of a native resource's Tags does.
    Unmark,
}

/// A difference of a template. Things are given by their places among those of the history.
#[derive(Clone, Debug)]
pub enum Edit {
    /// The thing is stated, in this state.
    State(usize, usize),
    /// It is stated so that it fails.
    Poison(usize),
    /// It is not stated any more.
    Remove(usize),
    /// It is stated under another logical id.
    Rename(usize),
}

/// The way of an event.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// A call fails: so many calls of all go through first, and so many fail.
    pub fault: Option<(FaultKind, u32, u32)>,
    /// The environment is killed after so many tenths of a second, and Lambda delivers the event again after so many seconds.
    pub killed: Option<(u8, u8)>,
    /// It is delivered to another environment too, so many tenths of a second later.
    pub twice: Option<u8>,
    /// What becomes of the answers.
    pub answers: Vec<Reaction>,
    /// A Create or a Delete is delivered once more when the step is done.
    pub is_late: bool,
    /// Where it is delivered.
    pub environment: usize,
}

impl Course {
    /// Whether the event is surely delivered once.
    pub fn is_single(&self) -> bool {
        self.killed.is_none() && self.twice.is_none() && self.answers.is_empty()
    }
}

pub fn history() -> impl Strategy<Value = History> {
    let things = proptest::sample::subsequence((0..things().len()).collect::<Vec<_>>(), 1..=5);
    (chime(), any::<bool>(), things, vec(step(), 1..=6)).prop_map(|(chime, has_constructs, things, steps)| History {
        chime,
        has_constructs,
        things,
        steps,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let edit = prop_oneof![
        10 => (0..5usize, 0..3usize).prop_map(|(thing, state)| Edit::State(thing, state)),
        1 => (0..5usize).prop_map(Edit::Poison),
        2 => (0..5usize).prop_map(Edit::Remove),
        2 => (0..5usize).prop_map(Edit::Rename),
    ];
    let deploy = (vec(edit, 1..=6), any::<bool>(), weighted(0.15, 0..12u8));
    let what = prop_oneof![
        12 => deploy.prop_map(|(edits, is_back_by_update, cancelled_after)| What::Deploy { edits, is_back_by_update, cancelled_after }),
        2 => Just(What::Delete),
        1 => Just(What::Unmark),
    ];
    (0..STACKS, what, vec(course(), 0..=10)).prop_map(|(stack, what, courses)| Step { stack, what, courses })
}

/// Half of the events go undisturbed.
fn course() -> impl Strategy<Value = Course> {
    let answer = prop_oneof![
        Just(Reaction::Status(503)),
        Just(Reaction::Status(403)),
        Just(Reaction::Reset),
        Just(Reaction::Lost),
        (1..9u64).prop_map(|tenths| Reaction::Hang(Duration::from_millis(100 * tenths))),
        (1..9u64).prop_map(|tenths| Reaction::Drip(Duration::from_millis(100 * tenths))),
    ];
    let disturbed = (
        weighted(0.6, (fault(), 0..4u32)),
        weighted(0.2, (0..60u8, 0..12u8)),
        weighted(0.15, 0..40u8),
        vec(answer, 0..=2),
        prop::bool::weighted(0.15),
    );
    (of(disturbed), 0..3usize).prop_map(|(disturbed, environment)| match disturbed {
        None => Course { environment, ..Course::default() },
        Some((fault, killed, twice, answers, is_late)) => {
            let fault = fault.map(|((kind, times), after)| (kind, after, times));
            Course { fault, killed, twice, answers, is_late, environment }
        }
    })
}

/// What is passing may come three times; what is a lie for good would be the truth if it came twice.
fn fault() -> impl Strategy<Value = (FaultKind, u32)> {
    let passing = prop_oneof![
        Just(FaultKind::Throttle),
        Just(FaultKind::InternalFailure),
        Just(FaultKind::Unavailable),
        Just(FaultKind::ResetBefore),
        Just(FaultKind::ReplyLost),
        Just(FaultKind::Garbled),
        Just(FaultKind::AccessDenied),
        (1..12u64).prop_map(|seconds| FaultKind::Delay(Duration::from_secs(seconds))),
        prop::sample::select(vec![502u16, 503, 200]).prop_map(|status| FaultKind::Status {
            status,
            content_type: "text/html".to_owned(),
            body: "<html><body>a proxy's page</body></html>".to_owned(),
        }),
    ];
    // Chime is silent for a minute each time: for longer than half of the function's time, a Delete does not wait for a create.
    let silent = prop_oneof![Just(FaultKind::Hang(None)), Just(FaultKind::HangAfter)];
    let lie = prop_oneof![
        Just(FaultKind::Conflict),
        Just(FaultKind::Forbidden),
        Just(FaultKind::Unauthorized),
        Just(FaultKind::BadRequest("no".to_owned())),
        Just(FaultKind::ResourceLimitExceeded),
    ];
    prop_oneof![6 => (passing, 1..4u32), 1 => (silent, Just(1u32)), 2 => (lie, Just(1u32))]
}

fn chime() -> impl Strategy<Value = Behaviour> {
    let lag = || prop_oneof![3 => Just(0u64), 1 => 1..=15u64].prop_map(Duration::from_secs);
    let missing = prop::sample::select(vec![
        Missing::NotFound404,
        Missing::Forbidden403,
        Missing::BadRequest400,
        Missing::Unauthorized401,
    ]);
    let delete_missing = prop::sample::select(vec![
        DeleteMissing::NotFound404,
        DeleteMissing::Forbidden403,
        DeleteMissing::Success204,
        DeleteMissing::BadRequest400,
        DeleteMissing::Unauthorized401,
        DeleteMissing::Conflict409,
    ]);
    let replay = prop::sample::select(vec![TokenReplay::FirstResult201, TokenReplay::Conflict409]);
    let names = prop::sample::select(vec![ListedNames::AsGiven, ListedNames::TrailingBlank, ListedNames::LeftOut]);
    let batch =
        prop::sample::select(vec![BatchMemberExists::Conflict, BatchMemberExists::Success, BatchMemberExists::LeftOut]);
    let choices = (any::<bool>(), any::<bool>(), any::<bool>(), prop::sample::select(vec![1usize, 3, 50]), batch);
    let few = |longest: u64| prop_oneof![3 => Just(0u64), 1 => 1..longest];
    let times = (few(4), lag(), lag(), few(5), few(8));
    (missing, delete_missing, replay, names, choices, times).prop_map(
        |(missing, delete_missing, token_replay, listed_names, choices, times)| {
            let (association_exists, is_conflicting, tags_empty_in_lag, page_size, batch_member_exists) = choices;
            let (read_after_write, list_lag, tags_lag, create, delete) = times;
            Behaviour {
                missing,
                delete_missing,
                token_replay,
                listed_names,
                association_exists: if association_exists {
                    AssociationExists::Conflict409
                } else {
                    AssociationExists::Success201
                },
                channel_flow_swap: if is_conflicting {
                    ChannelFlowSwap::Conflict409
                } else {
                    ChannelFlowSwap::Replaces200
                },
                app_instance_delete: AppInstanceDelete::Asynchronous { listed_for: Duration::from_secs(delete) },
                batch_member_exists,
                tags_empty_in_lag,
                page_size,
                read_after_write: Duration::from_secs(read_after_write),
                list_lag,
                tags_lag,
                create_time: Duration::from_secs(create),
                delete_time: Duration::from_secs(delete),
                ..Behaviour::default()
            }
        },
    )
}
