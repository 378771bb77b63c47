//! CloudFormation: stacks that are deployed, rolled back and deleted, resource by resource at the same time.

use super::held::{Facts, MARKS, before_as_held, brought, difference, facts, unmarked};
use super::lambda::{Answer, Lambda, tenths};
use super::plan::{Course, Edit, History, STACKS, Step, What};
use super::things::{construct, things};
use cloudformation_local::LogicalResource;
use futures_util::future::{join, join_all, try_join_all};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// A resource as a template states it.
#[derive(Clone, Debug, PartialEq)]
struct Stated {
    thing: usize,
    properties: Value,
}

/// A resource as it is.
#[derive(Clone, Debug)]
struct Resource {
    stated: Stated,
    id: String,
}

/// The resources of a stack, or of a template, by logical id.
type Of<T> = BTreeMap<String, T>;

/// How a request ended, as far as CloudFormation knows.
enum Ended {
    Done(String),
    Failed(String),
    /// It was not waited for, or never answered.
    Unknown,
}

/// The stacks of an account.
pub struct Account {
    lambda: Rc<Lambda>,
    has_constructs: bool,
    pause: Duration,
    stacks: Vec<Of<Resource>>,
    courses: RefCell<VecDeque<Course>>,
    /// Whether somebody has removed marks.
    is_unmarked: Cell<bool>,
    /// Whether nothing goes wrong in this step.
    is_calm: Cell<bool>,
    renames: usize,
}

impl Account {
    pub fn new(history: &History) -> Self {
        let chime = &history.chime;
        Self {
            lambda: Lambda::start(chime.clone()),
            has_constructs: history.has_constructs,
            // The next deployment comes once Chime has come round.
            pause: chime.read_after_write.max(chime.list_lag).max(chime.tags_lag).max(chime.delete_time),
            stacks: vec![Of::new(); STACKS],
            courses: RefCell::default(),
            is_unmarked: Cell::new(false),
            is_calm: Cell::new(false),
            renames: 0,
        }
    }

    /// Carries out a history.
    ///
    /// # Errors
    /// What did not hold after which step, and all that had happened by then.
    pub async fn live(mut self, history: &History) -> Result<(), String> {
        for (at, step) in history.steps.iter().enumerate() {
            self.lambda.begin(format!("step {at}: {:?} of stack {}", step.what, step.stack));
            let outcome = self.step(history, step).await;
            let checked = match outcome {
                Ok(()) => self.check().await,
                Err(error) => Err(error),
            };
            checked.map_err(|error| format!("after step {at}: {error}\n  {}", self.lambda.told()))?;
        }
        Ok(())
    }

    async fn step(&mut self, history: &History, step: &Step) -> Result<(), String> {
        *self.courses.borrow_mut() = step.courses.clone().into();
        self.is_calm.set(step.courses.iter().all(is_calm));
        match &step.what {
            What::Deploy { edits, is_back_by_update, cancelled_after } => {
                let (wanted, may_fail) = self.edited(history, step.stack, edits);
                let is_calm = !may_fail && cancelled_after.is_none() && self.is_calm.get();
                let is_done = self.deploy(step.stack, wanted, *is_back_by_update, *cancelled_after).await?;
                if is_calm && !is_done && !self.lambda.is_out_of_time() {
                    return Err("nothing was in the way, and the deployment failed".to_owned());
                }
            }
            What::Delete => {
                let gone = std::mem::take(&mut self.stacks[step.stack]);
                let deletes =
                    gone.iter().map(|(logical_id, old)| self.delete(step.stack, logical_id, &old.id, &old.stated));
                try_join_all(deletes).await?;
            }
            What::Unmark => {
                self.is_unmarked.set(true);
                self.lambda.simulator.change(without_marks)?;
            }
        }
        Ok(())
    }

    /// The template of a stack after some edits, and whether its deployment may fail by itself.
    fn edited(&mut self, history: &History, stack: usize, edits: &[Edit]) -> (Of<Stated>, bool) {
        let mut wanted: Of<Stated> =
            self.stacks[stack].iter().map(|(id, resource)| (id.clone(), resource.stated.clone())).collect();
        let mut may_fail = false;
        for edit in edits {
            let (Edit::State(at, _) | Edit::Poison(at) | Edit::Remove(at) | Edit::Rename(at)) = edit;
            let thing = history.things[at % history.things.len()];
            let of = &things()[thing].of;
            let own = wanted.iter().find(|(_, stated)| stated.thing == thing).map(|(id, _)| id.clone());
            let is_anothers = self.stacks.iter().enumerate().any(|(other, resources)| {
                other != stack && resources.values().any(|resource| resource.stated.thing == thing)
            });
            let is_there = self.stacks[stack].values().any(|resource| resource.stated.thing == thing);
            let is_bare = self.is_unmarked.get() && of.has_mark();
            match (edit, own) {
                // What nobody notes an owner of would be shared.
                (Edit::State(..), own)
                    if is_anothers && (of.is_unmarked() || is_bare) || own.is_none() && is_there && is_bare => {}
                (Edit::State(_, state), own) => {
                    // Under another logical id than before, and in another state, it may be refused.
                    let is_moved =
                        own.is_none() && self.stacks[stack].values().any(|resource| resource.stated.thing == thing);
                    may_fail |= is_anothers && of.is_named() || is_moved;
                    let properties = things()[thing].states[state % things()[thing].states.len()].clone();
                    let logical_id = own.unwrap_or_else(|| things()[thing].logical_id.to_owned());
                    wanted.insert(logical_id, Stated { thing, properties });
                }
                (Edit::Poison(_), Some(id)) => {
                    may_fail = true;
                    wanted.entry(id).and_modify(|stated| stated.properties["Nonsense"] = json!("x"));
                }
                (Edit::Remove(_), Some(id)) => {
                    wanted.remove(&id);
                }
                (Edit::Rename(_), Some(id)) if !(of.is_unmarked() || is_bare) => {
                    // Renamed and changed at once may be refused.
                    may_fail = true;
                    self.renames += 1;
                    if let Some(stated) = wanted.remove(&id) {
                        wanted.insert(format!("{}{}", things()[thing].logical_id, self.renames), stated);
                    }
                }
                (Edit::Poison(_) | Edit::Remove(_) | Edit::Rename(_), _) => {}
            }
        }
        (wanted, may_fail)
    }

    fn resource(&self, stack: usize, logical_id: &str, stated: &Stated) -> (LogicalResource, Value) {
        let of = &things()[stated.thing].of;
        let construct = construct(of, logical_id, &stated.properties).filter(|_| self.has_constructs);
        let resource_type =
            if construct.is_some() { "AWS::CloudFormation::CustomResource".to_owned() } else { of.resource_type() };
        let stack_id = format!(
            "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/00000000-0000-4000-8000-00000000000{stack}"
        );
        let resource = LogicalResource::new(&resource_type).renamed(logical_id).of_stack(&stack_id);
        (resource, construct.unwrap_or_else(|| stated.properties.clone()))
    }

    fn next_course(&self) -> Course {
        self.courses.borrow_mut().pop_front().unwrap_or_default()
    }

    fn update(&self, stack: usize, logical_id: &str, id: &str, old: &Stated, new: &Stated) -> Value {
        let ((_, old), (resource, new)) =
            (self.resource(stack, logical_id, old), self.resource(stack, logical_id, new));
        resource.update(id, &old, &new)
    }

    /// Brings a stack to a template, or back to what it was; whether it was the former.
    async fn deploy(
        &mut self,
        stack: usize,
        wanted: Of<Stated>,
        is_back_by_update: bool,
        cancelled_after: Option<u8>,
    ) -> Result<bool, String> {
        let old = self.stacks[stack].clone();
        let changes: Vec<_> =
            wanted.iter().filter(|(id, stated)| old.get(*id).is_none_or(|old| old.stated != **stated)).collect();
        let (cancel, cancelled) = watch::channel(false);
        let carried_out = join_all(
            changes.iter().map(|(id, stated)| self.change(stack, id, old.get(*id), stated, &cancel, cancelled.clone())),
        );
        let cancelling = async {
            if let Some(seconds) = cancelled_after {
                sleep(tenths(10 * u64::from(seconds))).await;
                cancel.send_replace(true);
            }
        };
        let (ended, ()) = join(carried_out, cancelling).await;
        let is_done = ended.iter().all(|ended| matches!(ended, Ended::Done(_)));
        self.lambda.tell(if is_done { "cleanup" } else { "rollback" }.to_owned());
        if !is_done {
            let back = changes
                .iter()
                .zip(&ended)
                .map(|((id, stated), ended)| self.back(stack, id, old.get(*id), stated, ended, is_back_by_update));
            let back = try_join_all(back).await?;
            for ((id, _), kept) in changes.iter().zip(back) {
                if let (Some(kept), Some(resource)) = (kept, self.stacks[stack].get_mut(*id)) {
                    resource.id = kept;
                }
            }
            return Ok(false);
        }
        let mut new = old.clone();
        for ((id, stated), ended) in changes.iter().zip(ended) {
            let Ended::Done(physical) = ended else { continue };
            new.insert((*id).clone(), Resource { stated: (*stated).clone(), id: physical });
        }
        new.retain(|id, _| wanted.contains_key(id));
        let is_left = |(id, old): &(&String, &Resource)| new.get(*id).is_none_or(|new| new.id != old.id);
        try_join_all(old.iter().filter(is_left).map(|(id, old)| self.delete(stack, id, &old.id, &old.stated))).await?;
        self.stacks[stack] = new;
        Ok(true)
    }

    /// Creates or updates a resource, unless another fails first.
    async fn change(
        &self,
        stack: usize,
        logical_id: &str,
        old: Option<&Resource>,
        new: &Stated,
        cancel: &watch::Sender<bool>,
        mut cancelled: watch::Receiver<bool>,
    ) -> Ended {
        let (resource, properties) = self.resource(stack, logical_id, new);
        let event = match old {
            None => resource.create(&properties),
            Some(old) => self.update(stack, logical_id, &old.id, &old.stated, new),
        };
        let course = self.next_course();
        let of = &things()[new.thing].of;
        let is_renamed =
            old.is_none() && self.stacks[stack].values().any(|resource| resource.stated.thing == new.thing);
        let is_remembered = (of.has_tags() || !of.is_named()) && !is_renamed;
        let is_waited_for = !course.is_single() && !is_remembered;
        let answer = self.lambda.send(event, course, is_remembered);
        let answer = match old {
            None if !is_waited_for => tokio::select! {
                answer = answer => answer,
                _ = cancelled.wait_for(|is_cancelled| *is_cancelled) => None,
            },
            // What two Updates at the same time come to, nobody can say, nor what a Create without a token does that is delivered again after
            // the Delete that has cancelled it: the end is waited for, and the answer is not.
            _ => answer.await.filter(|answer| !answer.is_success || !*cancelled.borrow()),
        };
        let ended = match answer {
            Some(Answer { is_success: true, id }) => Ended::Done(id),
            Some(Answer { id, .. }) => Ended::Failed(id),
            None => Ended::Unknown,
        };
        if !matches!(ended, Ended::Done(_)) {
            cancel.send_replace(true);
        }
        ended
    }

    /// Rolls a resource back; the id that it has then, if it was there before.
    async fn back(
        &self,
        stack: usize,
        logical_id: &str,
        old: Option<&Resource>,
        new: &Stated,
        ended: &Ended,
        is_back_by_update: bool,
    ) -> Result<Option<String>, String> {
        let Some(old) = old else {
            let made_up = || self.resource(stack, logical_id, new).0.placeholder_id();
            let id = match ended {
                Ended::Done(id) | Ended::Failed(id) => id.clone(),
                Ended::Unknown => made_up(),
            };
            self.delete(stack, logical_id, &id, new).await?;
            return Ok(None);
        };
        let given = match ended {
            Ended::Done(id) if *id != old.id => {
                if !is_back_by_update {
                    self.delete(stack, logical_id, id, new).await?;
                    return Ok(Some(old.id.clone()));
                }
                id
            }
            Ended::Failed(id) if *id != old.id => return Err(format!("a failed Update of {} reports {id}", old.id)),
            _ => &old.id,
        };
        let id = self.must(|| self.update(stack, logical_id, given, new, &old.stated)).await?;
        if id != *given {
            self.delete(stack, logical_id, given, new).await?;
        }
        Ok(Some(id))
    }

    async fn delete(&self, stack: usize, logical_id: &str, id: &str, stated: &Stated) -> Result<(), String> {
        let (resource, properties) = self.resource(stack, logical_id, stated);
        self.must(|| resource.delete(id, &properties)).await.map(drop)
    }

    /// Sends a request, and where something goes wrong again, as whoever continues a rollback or a deletion does; in the end it has to succeed.
    async fn must(&self, event: impl Fn() -> Value) -> Result<String, String> {
        for attempt in 0..4 {
            let course = if attempt == 0 { self.next_course() } else { Course::default() };
            if attempt > 1 {
                self.lambda.calm();
            }
            match self.lambda.send(event(), course, false).await {
                Some(Answer { is_success: true, id }) => return Ok(id),
                _ if self.is_calm.get() && !self.lambda.is_out_of_time() => break,
                _ => self.lambda.tell("once more".to_owned()),
            }
        }
        Err(format!("it fails for good: {}", event()))
    }

    /// Chime holds what the templates say, and every answer was in order.
    async fn check(&self) -> Result<(), String> {
        self.lambda.come_to_rest().await;
        self.lambda.deliver_late(|event| self.may_come_late(event)).await;
        let wrong = self.lambda.take_wrong();
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        let mut expected: Facts = facts(before_as_held());
        for (stack, resources) in self.stacks.iter().enumerate() {
            for (logical_id, resource) in resources {
                let (of, properties) = self.resource(stack, logical_id, &resource.stated);
                for (fact, times) in brought(&of, &properties).await {
                    *expected.entry(fact).or_default() += times;
                }
            }
        }
        let mut held = facts(self.lambda.simulator.holds());
        if self.is_unmarked.get() {
            (expected, held) = (unmarked(expected), unmarked(held));
        }
        let wrong = difference(&held, &expected);
        if !wrong.is_empty() {
            return Err(format!("Chime holds, too often (or, below zero, too seldom): {wrong:#?}"));
        }
        sleep(tenths(20) + self.pause / crate::harness::PACE).await;
        Ok(())
    }

    /// A Delete may come late; a Create only where it is what the template says: each environment remembers what it has done alone.
    fn may_come_late(&self, event: &Value) -> bool {
        let is_stated = |(stack, resources): (usize, &Of<Resource>)| {
            resources.iter().any(|(logical_id, resource)| {
                let (of, properties) = self.resource(stack, logical_id, &resource.stated);
                event["StackId"] == of.stack_id.as_str()
                    && event["LogicalResourceId"] == logical_id.as_str()
                    && of.create(&properties)["ResourceProperties"] == event["ResourceProperties"]
            })
        };
        match event["RequestType"].as_str() {
            Some("Create") => self.stacks.iter().enumerate().any(is_stated),
            Some("Delete") => true,
            _ => false,
        }
    }
}

fn is_calm(course: &Course) -> bool {
    course.fault.is_none() && course.is_single()
}

fn without_marks(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let is_mark = |item: &Value| MARKS.iter().any(|mark| item["Key"] == *mark);
            items.into_iter().filter(|item| !is_mark(item)).map(without_marks).collect()
        }
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, without_marks(value))).collect(),
        other => other,
    }
}
