//! Random plans. A plan is drawn completely before anything happens, so that it can be shrunk.

use super::things::entities;
use chime_simulator::{
    AppInstanceDelete, AssociationExists, BatchMemberExists, Behaviour, ChannelFlowSwap, DeleteMissing, FaultKind,
    ListedNames, Missing, TokenReplay,
};
use cloudformation_local::Reaction;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use std::time::Duration;

/// The number of stacks.
pub const STACKS: usize = 2;

#[derive(Clone, Debug)]
pub struct History {
    /// Chime's behaviour.
    pub chime: Behaviour,
    /// Whether the stacks use the legacy CDK constructs, where there is one for a type.
    pub has_constructs: bool,
    /// The entities in the templates, as indexes into the list of all entities.
    pub entities: Vec<usize>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Step {
    /// The stack.
    pub stack: usize,
    pub change: Change,
    /// What happens to each event in turn. Further events run without faults.
    pub event_plans: Vec<EventPlan>,
}

#[derive(Clone, Debug)]
pub enum Change {
    /// Deploys a template with these edits.
    Deploy {
        edits: Vec<Edit>,
        /// Whether a replacement is rolled back by an Update from new to old, instead of a Delete of the new resource.
        is_rolled_back_by_update: bool,
        /// After how many seconds another resource of the stack fails.
        cancelled_after: Option<u8>,
        /// The entities with `DeletionPolicy: RetainExceptOnCreate` and `UpdateReplacePolicy: Retain`.
        kept: Vec<usize>,
    },
    /// Deletes the stack, except for these entities.
    Delete { kept: Vec<usize> },
    /// Somebody changes the account by hand, hours before the next step.
    ByHand(Vec<HandEdit>),
    /// Somebody removes our marks, as an update of a native resource's Tags does.
    Unmark,
}

/// An edit of a template. Entities are indexes into the history's list.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Sets the entity to this state.
    State(usize, usize),
    /// Makes its properties invalid.
    Invalidate(usize),
    /// Removes it.
    Remove(usize),
    /// Changes its logical id.
    Rename(usize),
    /// Changes its logical id, with AdoptExisting.
    RenameByAdoption(usize),
    /// Takes over what no template states, or else states AdoptExisting for what it has.
    Adopt(usize, usize),
    /// Removes AdoptExisting.
    Disown(usize),
    /// Changes Resync.
    Resync(usize),
    /// Changes nothing but the ServiceTimeout.
    Touch(usize),
}

impl Edit {
    /// The entity.
    pub fn entity(&self) -> usize {
        match *self {
            Self::State(at, _) | Self::Adopt(at, _) => at,
            Self::Invalidate(at) | Self::Remove(at) | Self::Rename(at) | Self::RenameByAdoption(at) => at,
            Self::Disown(at) | Self::Resync(at) | Self::Touch(at) => at,
        }
    }
}

/// What somebody does by hand with an entity.
#[derive(Clone, Debug)]
pub enum HandEdit {
    /// Makes it, in this state.
    Make(usize, usize),
    /// Deletes it.
    Delete(usize),
    /// Changes its name or its value.
    Alter(usize),
}

/// What happens to an event on its way.
#[derive(Clone, Debug, Default)]
pub struct EventPlan {
    /// A fault, after how many calls it starts, and how many calls it affects.
    pub fault: Option<(FaultKind, u32, u32)>,
    /// The environment is killed after so many tenths of a second, and Lambda delivers the event again after so many
    /// seconds.
    pub killed: Option<(u8, u8)>,
    /// The event is also delivered to another environment, so many tenths of a second later.
    pub twice: Option<u8>,
    /// What happens to the responses.
    pub answers: Vec<Reaction>,
    /// A Create or Delete is delivered once more after the step.
    pub is_late: bool,
    /// A Delete is delivered once more after the next step.
    pub is_very_late: bool,
    /// How often what a create stands on is not there yet.
    pub not_yet: Option<(FaultKind, u32)>,
    /// The environment that handles it.
    pub environment: usize,
}

impl EventPlan {
    /// The same without a false permanent error.
    pub fn without_lies(self) -> Self {
        let is_lie = |kind: &FaultKind| {
            matches!(
                kind,
                FaultKind::Conflict
                    | FaultKind::Forbidden
                    | FaultKind::Unauthorized
                    | FaultKind::BadRequest(_)
                    | FaultKind::ResourceLimitExceeded
            )
        };
        Self { fault: self.fault.filter(|(kind, ..)| !is_lie(kind)), ..self }
    }

    /// The same without a call that Chime leaves without an answer.
    pub fn without_silence(self) -> Self {
        let is_silent = |kind: &FaultKind| matches!(kind, FaultKind::Hang(_) | FaultKind::HangAfter);
        Self { fault: self.fault.filter(|(kind, ..)| !is_silent(kind)), ..self }
    }

    /// The same without a delivery to another environment, which would not know of the first one.
    pub fn in_one_environment(self) -> Self {
        Self { killed: None, twice: None, ..self }
    }

    /// The same plan with a single delivery.
    fn once(self) -> Self {
        Self { killed: None, twice: None, answers: Vec::new(), is_late: false, is_very_late: false, ..self }
    }

    /// Whether the event is certainly delivered only once.
    pub fn is_single(&self) -> bool {
        self.killed.is_none() && self.twice.is_none() && self.answers.is_empty()
    }
}

pub fn history() -> impl Strategy<Value = History> {
    let entities = proptest::sample::subsequence((0..entities().len()).collect::<Vec<_>>(), 1..=5);
    (chime(), any::<bool>(), entities, vec(step(), 1..=6))
        .prop_map(|(chime, has_constructs, entities, steps)| History { chime, has_constructs, entities, steps })
}

fn step() -> impl Strategy<Value = Step> {
    let edit = prop_oneof![
        10 => (0..5usize, 0..3usize).prop_map(|(entity, state)| Edit::State(entity, state)),
        1 => (0..5usize).prop_map(Edit::Invalidate),
        2 => (0..5usize).prop_map(Edit::Remove),
        1 => (0..5usize).prop_map(Edit::Rename),
        1 => (0..5usize).prop_map(Edit::RenameByAdoption),
        2 => (0..5usize, 0..3usize).prop_map(|(entity, state)| Edit::Adopt(entity, state)),
        1 => (0..5usize).prop_map(Edit::Disown),
        1 => (0..5usize).prop_map(Edit::Resync),
        1 => (0..5usize).prop_map(Edit::Touch),
    ];
    let deploy = (vec(edit, 1..=6), any::<bool>(), weighted(0.15, 0..12u8), kept());
    let change = prop_oneof![
        12 => deploy.prop_map(|(edits, is_rolled_back_by_update, cancelled_after, kept)| Change::Deploy { edits, is_rolled_back_by_update, cancelled_after, kept }),
        2 => kept().prop_map(|kept| Change::Delete { kept }),
        4 => vec(hand_edit(), 1..=4).prop_map(Change::ByHand),
        1 => Just(Change::Unmark),
    ];
    // A third of the steps delivers each event once, so that all of them are fresh.
    let event_plans = prop_oneof![
        2 => vec(event_plan(), 0..=10),
        1 => vec(event_plan().prop_map(EventPlan::once), 0..=10),
    ];
    (0..STACKS, change, event_plans).prop_map(|(stack, change, event_plans)| Step { stack, change, event_plans })
}

fn kept() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![3 => Just(Vec::new()), 1 => vec(0..5usize, 1..=3)]
}

fn hand_edit() -> impl Strategy<Value = HandEdit> {
    prop_oneof![
        2 => (0..5usize, 0..3usize).prop_map(|(entity, state)| HandEdit::Make(entity, state)),
        2 => (0..5usize).prop_map(HandEdit::Delete),
        1 => (0..5usize).prop_map(HandEdit::Alter),
    ]
}

/// What Chime and IAM say of a parent, a bearer or a policy that is not there yet.
fn not_yet() -> impl Strategy<Value = (FaultKind, u32)> {
    let kinds = vec![FaultKind::AccessDenied, FaultKind::NotFound, FaultKind::Forbidden];
    (prop::sample::select(kinds), 1..5u32)
}

/// Half of the events run without faults.
fn event_plan() -> impl Strategy<Value = EventPlan> {
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
    (of(disturbed), weighted(0.1, not_yet()), prop::bool::weighted(0.1), 0..3usize).prop_map(
        |(disturbed, not_yet, is_very_late, environment)| {
            let calm = EventPlan { environment, not_yet, is_very_late, ..EventPlan::default() };
            let Some((fault, killed, twice, answers, is_late)) = disturbed else { return calm };
            let fault = fault.map(|((kind, times), after)| (kind, after, times));
            EventPlan { fault, killed, twice, answers, is_late, ..calm }
        },
    )
}

/// Transient faults may occur three times. A false permanent error occurs once, because a repeated one would have to be
/// believed.
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
    // Chime does not respond for a minute each time. A Delete waits for a create no longer than half of the function's
    // timeout.
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
