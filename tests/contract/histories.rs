//! Random histories of one resource: whatever fails, is lost or comes twice, Chime holds in the end what the template says.
//!
//! `HISTORIES` says how many there are for each type, and `SEED` with which one they begin: a failure names the seed and the steps.

use crate::harness::{Stack, seconds, seed_as_held};
use chime_local::logical_resource::LogicalResource;
use chime_local::rehearsal::Rehearsed;
use chime_local::simulator::{Behaviour, DeleteMissing, Fault, FaultKind, Missing, TokenReplay};
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

/// How many steps a history has.
const STEPS: usize = 5;

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What the template says at present.
struct Present {
    resource: LogicalResource,
    id: String,
    properties: Value,
}

struct History<'a> {
    stack: &'a Stack,
    rng: Rng,
    present: Option<Present>,
    told: Vec<String>,
    expected: BTreeMap<String, Value>,
}

impl History<'_> {
    /// Sends an event, now and then with a fault on the way, and now and then twice.
    async fn send(&mut self, what: &str, event: &Value, is_disturbed: bool) -> Rehearsed {
        if is_disturbed && self.rng.bool() {
            let kind = match self.rng.u8(0..8) {
                0 => FaultKind::Throttle,
                1 => FaultKind::InternalFailure,
                2 => FaultKind::ReplyLost,
                3 => FaultKind::ResetBefore,
                4 => FaultKind::AccessDenied,
                5 => FaultKind::HangAfter,
                6 => FaultKind::Hang(None),
                _ => FaultKind::Garbled,
            };
            self.told.push(format!("fault {kind:?}"));
            let fault = Fault::once("*", kind).after(self.rng.u32(0..3)).times(self.rng.u32(1..3));
            self.stack.inject(fault);
        }
        let mut sent = self.stack.send(event).await;
        self.stack.clear_faults();
        if sent.status() == "SUCCESS" && self.rng.u8(0..4) == 0 {
            let again = self.stack.send(event).await;
            self.told.push(format!("{what} again: {} {}", again.status(), again.id()));
            sent = if again.status() == "SUCCESS" { again } else { sent };
        }
        self.told.push(format!("{what}: {} {} {}", sent.status(), sent.id(), sent.reason()));
        sent
    }

    async fn must(&mut self, what: &str, event: &Value) -> Rehearsed {
        let sent = self.send(what, event, false).await;
        assert_eq!(sent.status(), "SUCCESS", "{}: {:#?}", self.stack.of.name, self.told);
        sent
    }

    /// A resource comes to be, or its create fails or is cancelled and leaves nothing.
    async fn create(&mut self, properties: Value) {
        let resource = self.stack.resource.clone();
        let created = self.send("create", &resource.create(&properties), true).await;
        let is_cancelled = self.rng.u8(0..4) == 0;
        if is_cancelled || created.status() != "SUCCESS" {
            let id = if is_cancelled { resource.made_up_id() } else { created.id().to_owned() };
            self.must("rollback", &resource.delete(&id, &properties)).await;
        } else {
            self.present = Some(Present { resource, id: created.id().to_owned(), properties });
        }
    }

    /// An update, in place or by replacement, and one of the ways that it may end.
    async fn update(&mut self, Present { resource, id, properties }: Present, wanted: Value) {
        let updated = self.send("update", &resource.update(&id, &properties, &wanted), true).await;
        let (is_kept, way) = (updated.id() == id, self.rng.u8(0..5));
        let new = updated.id().to_owned();
        let keeps = |id: String, properties: Value| Present { resource: resource.clone(), id, properties };
        if updated.status() != "SUCCESS" || way == 0 {
            // It failed, or was not waited for: back to the old properties, under the old id.
            let back = self.must("back", &resource.update(&id, &wanted, &properties)).await;
            self.present = Some(keeps(back.id().to_owned(), properties));
            return;
        }
        if way == 1 && !is_kept {
            self.must("rollback by delete", &resource.delete(&new, &wanted)).await;
            self.present = Some(keeps(id, properties));
        } else if way == 2 && !is_kept {
            let back = self.must("rollback by update", &resource.update(&new, &wanted, &properties)).await;
            self.must("its cleanup", &resource.delete(&new, &wanted)).await;
            self.present = Some(keeps(back.id().to_owned(), properties));
        } else {
            if !is_kept {
                self.must("cleanup", &resource.delete(&id, &properties)).await;
            }
            self.present = Some(keeps(new, wanted));
        }
    }

    /// Another logical id for the same thing, for good or rolled back.
    async fn rename(&mut self, Present { resource, id, properties }: Present) {
        let other = resource.renamed(if resource.logical_id == "Other" { "Resource" } else { "Other" });
        let created = self.send("rename", &other.create(&properties), true).await;
        if created.status() != "SUCCESS" || self.rng.bool() {
            self.must("rollback of the rename", &other.delete(created.id(), &properties)).await;
            self.present = Some(Present { resource, id, properties });
        } else {
            self.must("cleanup of the rename", &resource.delete(&id, &properties)).await;
            self.present = Some(Present { resource: other, id: created.id().to_owned(), properties });
        }
    }

    /// Chime holds what the template says. The next deployment comes once its lists and tags have come round.
    async fn check(&mut self) {
        seconds(9).await;
        let expected = match &self.present {
            None => seed_as_held(),
            Some(present) => {
                let key = format!("{} {}", present.resource.logical_id, present.properties);
                if !self.expected.contains_key(&key) {
                    let other = self.stack.anew(Behaviour::default());
                    other.succeed(&present.resource.create(&present.properties)).await;
                    self.expected.insert(key.clone(), other.holds());
                }
                self.expected[&key].clone()
            }
        };
        assert_eq!(self.stack.holds(), expected, "{}: {:#?}", self.stack.of.name, self.told);
    }

    async fn run(&mut self) {
        let of = &self.stack.of;
        let all: Vec<Value> =
            [Some(of.properties.clone()), of.changed.clone(), of.replaced.clone()].into_iter().flatten().collect();
        for _ in 0..STEPS {
            let wanted = all[self.rng.usize(0..all.len())].clone();
            match (self.present.take(), self.rng.u8(0..4)) {
                (None, _) => self.create(wanted).await,
                (Some(present), 0) => {
                    let delete = present.resource.delete(&present.id, &present.properties);
                    let deleted = self.send("delete", &delete, true).await;
                    if deleted.status() != "SUCCESS" {
                        self.must("delete once more", &delete).await;
                    }
                }
                (Some(present), 1) if !self.stack.of.is_unmarked() => self.rename(present).await,
                (Some(present), _) if present.properties == wanted => self.present = Some(present),
                (Some(present), _) => self.update(present, wanted).await,
            }
            self.check().await;
        }
    }
}

case! {
    async fn chime_holds_what_the_template_says(stack) {
        let (first, histories) = (number("SEED", 1), number("HISTORIES", 2));
        for seed in first..first + histories {
            let mut rng = Rng::with_seed(seed);
            let mut choose = |odds: u8| rng.u8(0..odds) == 0;
            let behaviour = Behaviour {
                token_replay: if choose(2) { TokenReplay::Conflict409 } else { TokenReplay::FirstResult201 },
                missing: if choose(2) { Missing::Forbidden403 } else { Missing::NotFound404 },
                delete_missing: if choose(2) { DeleteMissing::Forbidden403 } else { DeleteMissing::NotFound404 },
                list_lag: Duration::from_secs(if choose(3) { 8 } else { 0 }),
                tags_lag: Duration::from_secs(if choose(3) { 8 } else { 0 }),
                ..Behaviour::default()
            };
            let stack = stack.anew(behaviour.clone());
            let told = vec![format!("SEED={seed} HISTORIES=1, {behaviour:?}")];
            History { stack: &stack, rng, present: None, told, expected: BTreeMap::new() }.run().await;
        }
    }
}
