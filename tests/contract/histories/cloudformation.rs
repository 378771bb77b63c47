//! A simulated CloudFormation: it deploys, rolls back and deletes stacks, with all resources of a stack concurrently.

use super::edits::Edited;
use super::existing::Existing;
use super::held::MARKS;
use super::lambda::{Answer, Lambda, tenths};
use super::plan::{Change, EventPlan, History, STACKS, Step};
use super::template::{Of, TemplateResource, resource};
use super::things::entities;
use cloudformation_local::LogicalResource;
use futures_util::future::{join, join_all, try_join_all};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// A deployed resource.
#[derive(Clone, Debug)]
pub struct Resource {
    pub stated: TemplateResource,
    pub id: String,
    /// What Chime holds of it: the ways that are possible after a rollback, and only one after the check.
    pub held: Vec<Existing>,
}

/// How a request ended, as far as CloudFormation knows.
enum RequestResult {
    Done(String),
    Failed(String),
    /// CloudFormation did not wait for it, or there was no response.
    Unknown,
}

/// The stacks of an account.
pub struct Account {
    pub(super) lambda: Rc<Lambda>,
    pub(super) has_constructs: bool,
    pub(super) pause: Duration,
    pub(super) stacks: Vec<Of<Resource>>,
    /// What is there and in no template. Of each, the ways in which it may be there after a rollback: only one after the check.
    pub(super) unmanaged: Vec<Vec<Existing>>,
    event_plans: RefCell<VecDeque<EventPlan>>,
    /// Whether somebody has removed marks.
    pub(super) is_unmarked: Cell<bool>,
    /// Whether this step has no faults.
    is_undisturbed: Cell<bool>,
    /// Whether hours pass before the next step.
    pub(super) are_hours_to_pass: bool,
    pub(super) renames: usize,
    /// How many ids have been chosen for what was made by hand.
    pub(super) made: usize,
}

impl Account {
    pub fn new(history: &History) -> Self {
        let chime = &history.chime;
        Self {
            lambda: Lambda::start(chime.clone()),
            has_constructs: history.has_constructs,
            // The next deployment starts after Chime's lags have passed.
            pause: chime.read_after_write.max(chime.list_lag).max(chime.tags_lag).max(chime.delete_time),
            stacks: vec![Of::new(); STACKS],
            unmanaged: Vec::new(),
            event_plans: RefCell::default(),
            is_unmarked: Cell::new(false),
            is_undisturbed: Cell::new(false),
            are_hours_to_pass: false,
            renames: 0,
            made: 0,
        }
    }

    /// Carries out a history.
    ///
    /// # Errors
    /// The violated condition and the step after which it was found, and everything that happened before.
    pub async fn run(mut self, history: &History) -> Result<(), String> {
        for (at, step) in history.steps.iter().enumerate() {
            self.lambda.begin(format!("step {at}: {:?} of stack {}", step.change, step.stack), &step.event_plans);
            let outcome = self.step(history, step).await;
            let mut checked = match outcome {
                Ok(()) => self.check().await,
                Err(error) => Err(error),
            };
            if checked.is_ok() {
                checked = self.wait();
            }
            checked.map_err(|error| format!("after step {at}: {error}\n  {}", self.lambda.log_text()))?;
        }
        Ok(())
    }

    async fn step(&mut self, history: &History, step: &Step) -> Result<(), String> {
        *self.event_plans.borrow_mut() = step.event_plans.clone().into();
        self.is_undisturbed.set(step.event_plans.iter().all(is_undisturbed));
        match &step.change {
            Change::Deploy { edits, is_rolled_back_by_update, cancelled_after, kept } => {
                let kept = kept_entities(history, kept);
                let Edited { wanted, may_fail } = self.apply_edits(history, step.stack, edits);
                let refused = self.refused(step.stack, &wanted);
                if self.meets_something(step.stack, &wanted) {
                    // What a false error hides cannot be told from what is not there.
                    let calm = step.event_plans.iter().cloned().map(EventPlan::without_lies);
                    *self.event_plans.borrow_mut() = calm.collect();
                }
                let may_fail = may_fail || !refused.is_empty();
                let is_undisturbed = !may_fail && cancelled_after.is_none() && self.is_undisturbed.get();
                let is_done =
                    self.deploy(step.stack, wanted, &kept, *is_rolled_back_by_update, *cancelled_after).await?;
                if is_undisturbed && !is_done && !self.lambda.is_out_of_time() {
                    return Err("the deployment failed without a fault".to_owned());
                }
                if is_done && !refused.is_empty() {
                    return Err(format!("these should have been refused: {refused:?}"));
                }
            }
            Change::Delete { kept } => {
                let kept = kept_entities(history, kept);
                let gone = std::mem::take(&mut self.stacks[step.stack]);
                self.clean_up(step.stack, gone.into_iter().collect(), &kept).await?;
            }
            Change::ByHand(edits) => {
                self.are_hours_to_pass = true;
                self.by_hand(history, edits).await?;
            }
            // A setting without a mark is deleted, whoever set it.
            Change::Unmark if !self.has_others_settings() => {
                self.is_unmarked.set(true);
                self.lambda.forget_late();
                self.lambda.simulator.change(without_marks)?;
            }
            Change::Unmark => {}
        }
        Ok(())
    }

    /// A resource as CloudFormation sends it, and its properties.
    pub(super) fn resource(
        &self,
        stack: usize,
        logical_id: &str,
        stated: &TemplateResource,
    ) -> (LogicalResource, Value) {
        resource(stack, logical_id, stated, self.has_constructs)
    }

    /// All resources of all stacks.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.stacks.iter().flat_map(|resources| resources.values())
    }

    pub(super) fn next_event_plan(&self) -> EventPlan {
        self.event_plans.borrow_mut().pop_front().unwrap_or_default()
    }

    fn update(
        &self,
        stack: usize,
        logical_id: &str,
        id: &str,
        old: &TemplateResource,
        new: &TemplateResource,
    ) -> Value {
        let ((_, old), (resource, new)) =
            (self.resource(stack, logical_id, old), self.resource(stack, logical_id, new));
        resource.update(id, &old, &new)
    }

    /// Deploys a template, or rolls back if that fails. Returns whether the deployment succeeded.
    async fn deploy(
        &mut self,
        stack: usize,
        wanted: Of<TemplateResource>,
        kept: &[usize],
        is_rolled_back_by_update: bool,
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
        let is_done = ended.iter().all(|ended| matches!(ended, RequestResult::Done(_)));
        self.lambda.record(if is_done { "cleanup" } else { "rollback" }.to_owned());
        if !is_done {
            let back = changes.iter().zip(&ended).map(|((id, stated), ended)| {
                self.roll_back(stack, id, old.get(*id), stated, ended, is_rolled_back_by_update)
            });
            let back = try_join_all(back).await?;
            for ((id, stated), physical) in changes.iter().zip(back) {
                self.rolled_back(stack, id, stated, physical);
            }
            return Ok(false);
        }
        let mut new = old.clone();
        for ((id, stated), ended) in changes.iter().zip(ended) {
            let RequestResult::Done(physical) = ended else { continue };
            new.insert((*id).clone(), self.after(stack, id, old.get(*id), stated, physical));
        }
        self.forget_met(stack, &changes, &old);
        new.retain(|id, _| wanted.contains_key(id));
        let is_left = |(id, old): &(String, Resource)| new.get(id).is_none_or(|new| new.id != old.id);
        let left = old.into_iter().filter(is_left).collect();
        self.stacks[stack] = new;
        self.clean_up(stack, left, kept).await?;
        Ok(true)
    }

    /// Creates or updates a resource, unless another one fails first.
    async fn change(
        &self,
        stack: usize,
        logical_id: &str,
        old: Option<&Resource>,
        new: &TemplateResource,
        cancel: &watch::Sender<bool>,
        mut cancelled: watch::Receiver<bool>,
    ) -> RequestResult {
        let (resource, properties) = self.resource(stack, logical_id, new);
        let event = match old {
            None => resource.create(&properties),
            Some(old) => self.update(stack, logical_id, &old.id, &old.stated, new),
        };
        let event_plan = self.next_event_plan();
        let of = &entities()[new.entity].of;
        if let (Some(not_yet), None, true) = (&event_plan.not_yet, old, self.lambda.are_events_fresh()) {
            self.let_it_lag(stack, logical_id, new, not_yet);
        }
        let is_renamed =
            old.is_none() && self.stacks[stack].values().any(|resource| resource.stated.entity == new.entity);
        // The members of a list are added without a token.
        let is_remembered = (of.has_tags() || !of.has_template_id()) && !of.is_list() && !is_renamed;
        let is_waited_for = !event_plan.is_single() && !is_remembered;
        let answer = self.lambda.send(event, event_plan, is_remembered);
        let answer = match old {
            None if !is_waited_for => tokio::select! {
                answer = answer => answer,
                _ = cancelled.wait_for(|is_cancelled| *is_cancelled) => None,
            },
            // The result of two concurrent Updates is undefined. So is a Create without a token that is delivered again
            // after the Delete that cancelled it. Therefore this waits for the end, even though CloudFormation does not
            // use the response.
            _ => answer.await.filter(|answer| !answer.is_success || !*cancelled.borrow()),
        };
        let ended = match answer {
            Some(Answer { is_success: true, id }) => RequestResult::Done(id),
            Some(Answer { id, .. }) => RequestResult::Failed(id),
            None => RequestResult::Unknown,
        };
        if !matches!(ended, RequestResult::Done(_)) {
            cancel.send_replace(true);
        }
        ended
    }

    /// Rolls back a resource. Returns its id afterwards, if it existed before.
    async fn roll_back(
        &self,
        stack: usize,
        logical_id: &str,
        old: Option<&Resource>,
        new: &TemplateResource,
        ended: &RequestResult,
        is_rolled_back_by_update: bool,
    ) -> Result<Option<String>, String> {
        let Some(old) = old else {
            let made_up = || self.resource(stack, logical_id, new).0.placeholder_id();
            let id = match ended {
                RequestResult::Done(id) | RequestResult::Failed(id) => id.clone(),
                RequestResult::Unknown => made_up(),
            };
            self.delete(stack, logical_id, &id, new).await?;
            return Ok(None);
        };
        let given = match ended {
            RequestResult::Done(id) if *id != old.id => {
                if !is_rolled_back_by_update {
                    self.delete(stack, logical_id, id, new).await?;
                    return Ok(Some(old.id.clone()));
                }
                id
            }
            RequestResult::Failed(id) if *id != old.id => {
                return Err(format!("a failed Update of {} reports {id}", old.id));
            }
            _ => &old.id,
        };
        let id = self
            .retry_until_success(|| self.update(stack, logical_id, given, new, &old.stated), self.next_event_plan())
            .await?;
        if id != *given {
            self.delete(stack, logical_id, given, new).await?;
        }
        Ok(Some(id))
    }

    /// Deletes a resource in a rollback.
    async fn delete(&self, stack: usize, logical_id: &str, id: &str, stated: &TemplateResource) -> Result<(), String> {
        // A known limit (docs/behaviour.md, limit 11): a Delete of before leaves what was made after it was sent, and what is rolled back was.
        let event_plan = EventPlan { is_very_late: false, ..self.next_event_plan() };
        let event_plan = if self.may_be_found(stated) { event_plan.in_one_environment() } else { event_plan };
        self.delete_as(stack, logical_id, id, stated, event_plan).await
    }

    /// Deletes a resource, with this event plan for the first attempt.
    pub(super) async fn delete_as(
        &self,
        stack: usize,
        logical_id: &str,
        id: &str,
        stated: &TemplateResource,
        event_plan: EventPlan,
    ) -> Result<(), String> {
        let (resource, properties) = self.resource(stack, logical_id, stated);
        self.retry_until_success(|| resource.delete(id, &properties), event_plan).await.map(drop)
    }

    /// Sends a request and repeats it after a failure, like a user who continues a rollback or a deletion. It must
    /// succeed in the end.
    async fn retry_until_success(&self, event: impl Fn() -> Value, first: EventPlan) -> Result<String, String> {
        let mut first = Some(first);
        for attempt in 0..4 {
            let event_plan = first.take().unwrap_or_default();
            if attempt > 1 {
                self.lambda.stop_faults();
            }
            match self.lambda.send(event(), event_plan, false).await {
                Some(Answer { is_success: true, id }) => return Ok(id),
                _ if self.is_undisturbed.get() && !self.lambda.is_out_of_time() => break,
                _ => self.lambda.record("retry".to_owned()),
            }
        }
        Err(format!("it keeps failing: {}", event()))
    }
}

/// The entities that a policy keeps.
fn kept_entities(history: &History, kept: &[usize]) -> Vec<usize> {
    kept.iter().map(|at| history.entities[at % history.entities.len()]).collect()
}

fn is_undisturbed(event_plan: &EventPlan) -> bool {
    event_plan.fault.is_none() && event_plan.is_single()
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
