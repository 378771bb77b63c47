//! A simulated CloudFormation: it deploys, rolls back and deletes stacks, with all resources of a stack concurrently.

use super::held::{Facts, MARKS, before_as_held, contributed_facts, difference, facts, without_mark_facts};
use super::lambda::{Answer, Lambda, tenths};
use super::plan::{Change, Edit, EventPlan, History, STACKS, Step};
use super::things::{construct, entities};
use cloudformation_local::LogicalResource;
use futures_util::future::{join, join_all, try_join_all};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// A resource in a template.
#[derive(Clone, Debug, PartialEq)]
struct TemplateResource {
    entity: usize,
    properties: Value,
}

/// A deployed resource.
#[derive(Clone, Debug)]
struct Resource {
    stated: TemplateResource,
    id: String,
}

/// The resources of a stack or a template, by logical id.
type Of<T> = BTreeMap<String, T>;

/// How a request ended, as far as CloudFormation knows.
enum RequestResult {
    Done(String),
    Failed(String),
    /// CloudFormation did not wait for it, or there was no response.
    Unknown,
}

/// The stacks of an account.
pub struct Account {
    lambda: Rc<Lambda>,
    has_constructs: bool,
    pause: Duration,
    stacks: Vec<Of<Resource>>,
    event_plans: RefCell<VecDeque<EventPlan>>,
    /// Whether somebody has removed marks.
    is_unmarked: Cell<bool>,
    /// Whether this step has no faults.
    is_undisturbed: Cell<bool>,
    renames: usize,
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
            event_plans: RefCell::default(),
            is_unmarked: Cell::new(false),
            is_undisturbed: Cell::new(false),
            renames: 0,
        }
    }

    /// Carries out a history.
    ///
    /// # Errors
    /// The violated condition and the step after which it was found, and everything that happened before.
    pub async fn run(mut self, history: &History) -> Result<(), String> {
        for (at, step) in history.steps.iter().enumerate() {
            self.lambda.begin(format!("step {at}: {:?} of stack {}", step.change, step.stack));
            let outcome = self.step(history, step).await;
            let checked = match outcome {
                Ok(()) => self.check().await,
                Err(error) => Err(error),
            };
            checked.map_err(|error| format!("after step {at}: {error}\n  {}", self.lambda.log_text()))?;
        }
        Ok(())
    }

    async fn step(&mut self, history: &History, step: &Step) -> Result<(), String> {
        *self.event_plans.borrow_mut() = step.event_plans.clone().into();
        self.is_undisturbed.set(step.event_plans.iter().all(is_undisturbed));
        match &step.change {
            Change::Deploy { edits, is_rolled_back_by_update, cancelled_after } => {
                let (wanted, may_fail) = self.apply_edits(history, step.stack, edits);
                let is_undisturbed = !may_fail && cancelled_after.is_none() && self.is_undisturbed.get();
                let is_done = self.deploy(step.stack, wanted, *is_rolled_back_by_update, *cancelled_after).await?;
                if is_undisturbed && !is_done && !self.lambda.is_out_of_time() {
                    return Err("the deployment failed without a fault".to_owned());
                }
            }
            Change::Delete => {
                let gone = std::mem::take(&mut self.stacks[step.stack]);
                let deletes =
                    gone.iter().map(|(logical_id, old)| self.delete(step.stack, logical_id, &old.id, &old.stated));
                try_join_all(deletes).await?;
            }
            Change::Unmark => {
                self.is_unmarked.set(true);
                self.lambda.simulator.change(without_marks)?;
            }
        }
        Ok(())
    }

    /// The stack's template after some edits, and whether its deployment may fail on its own.
    fn apply_edits(&mut self, history: &History, stack: usize, edits: &[Edit]) -> (Of<TemplateResource>, bool) {
        let mut wanted: Of<TemplateResource> =
            self.stacks[stack].iter().map(|(id, resource)| (id.clone(), resource.stated.clone())).collect();
        let mut may_fail = false;
        for edit in edits {
            let (Edit::State(at, _) | Edit::Invalidate(at) | Edit::Remove(at) | Edit::Rename(at)) = edit;
            let entity = history.entities[at % history.entities.len()];
            let of = &entities()[entity].of;
            let own = wanted.iter().find(|(_, stated)| stated.entity == entity).map(|(id, _)| id.clone());
            let is_in_other_stack = self.stacks.iter().enumerate().any(|(other, resources)| {
                other != stack && resources.values().any(|resource| resource.stated.entity == entity)
            });
            let is_deployed = self.stacks[stack].values().any(|resource| resource.stated.entity == entity);
            let has_no_mark = self.is_unmarked.get() && of.has_mark();
            match (edit, own) {
                // Without a recorded owner, two stacks would share the resource.
                (Edit::State(..), own)
                    if is_in_other_stack && (of.is_untracked() || has_no_mark)
                        || own.is_none() && is_deployed && has_no_mark => {}
                (Edit::State(_, state), own) => {
                    // With a new logical id and a new state, it may be rejected.
                    let is_renamed =
                        own.is_none() && self.stacks[stack].values().any(|resource| resource.stated.entity == entity);
                    may_fail |= is_in_other_stack && of.has_template_id() || is_renamed;
                    let properties = entities()[entity].states[state % entities()[entity].states.len()].clone();
                    let logical_id = own.unwrap_or_else(|| entities()[entity].logical_id.to_owned());
                    wanted.insert(logical_id, TemplateResource { entity, properties });
                }
                (Edit::Invalidate(_), Some(id)) => {
                    may_fail = true;
                    wanted.entry(id).and_modify(|stated| stated.properties["Nonsense"] = json!("x"));
                }
                (Edit::Remove(_), Some(id)) => {
                    wanted.remove(&id);
                }
                (Edit::Rename(_), Some(id)) if !(of.is_untracked() || has_no_mark) => {
                    // A simultaneous rename and change may be rejected.
                    may_fail = true;
                    self.renames += 1;
                    if let Some(stated) = wanted.remove(&id) {
                        wanted.insert(format!("{}{}", entities()[entity].logical_id, self.renames), stated);
                    }
                }
                (Edit::Invalidate(_) | Edit::Remove(_) | Edit::Rename(_), _) => {}
            }
        }
        (wanted, may_fail)
    }

    fn resource(&self, stack: usize, logical_id: &str, stated: &TemplateResource) -> (LogicalResource, Value) {
        let of = &entities()[stated.entity].of;
        let construct = construct(of, logical_id, &stated.properties).filter(|_| self.has_constructs);
        let resource_type =
            if construct.is_some() { "AWS::CloudFormation::CustomResource".to_owned() } else { of.resource_type() };
        let stack_id = format!(
            "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/00000000-0000-4000-8000-00000000000{stack}"
        );
        let resource = LogicalResource::new(&resource_type).renamed(logical_id).of_stack(&stack_id);
        (resource, construct.unwrap_or_else(|| stated.properties.clone()))
    }

    fn next_event_plan(&self) -> EventPlan {
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
            for ((id, _), kept) in changes.iter().zip(back) {
                if let (Some(kept), Some(resource)) = (kept, self.stacks[stack].get_mut(*id)) {
                    resource.id = kept;
                }
            }
            return Ok(false);
        }
        let mut new = old.clone();
        for ((id, stated), ended) in changes.iter().zip(ended) {
            let RequestResult::Done(physical) = ended else { continue };
            new.insert((*id).clone(), Resource { stated: (*stated).clone(), id: physical });
        }
        new.retain(|id, _| wanted.contains_key(id));
        let is_left = |(id, old): &(&String, &Resource)| new.get(*id).is_none_or(|new| new.id != old.id);
        try_join_all(old.iter().filter(is_left).map(|(id, old)| self.delete(stack, id, &old.id, &old.stated))).await?;
        self.stacks[stack] = new;
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
        let is_renamed =
            old.is_none() && self.stacks[stack].values().any(|resource| resource.stated.entity == new.entity);
        let is_remembered = (of.has_tags() || !of.has_template_id()) && !is_renamed;
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
        let id = self.retry_until_success(|| self.update(stack, logical_id, given, new, &old.stated)).await?;
        if id != *given {
            self.delete(stack, logical_id, given, new).await?;
        }
        Ok(Some(id))
    }

    async fn delete(&self, stack: usize, logical_id: &str, id: &str, stated: &TemplateResource) -> Result<(), String> {
        let (resource, properties) = self.resource(stack, logical_id, stated);
        self.retry_until_success(|| resource.delete(id, &properties)).await.map(drop)
    }

    /// Sends a request and repeats it after a failure, like a user who continues a rollback or a deletion. It must
    /// succeed in the end.
    async fn retry_until_success(&self, event: impl Fn() -> Value) -> Result<String, String> {
        for attempt in 0..4 {
            let event_plan = if attempt == 0 { self.next_event_plan() } else { EventPlan::default() };
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

    /// Checks that Chime contains what the templates say, and that every response was valid.
    async fn check(&self) -> Result<(), String> {
        self.lambda.wait_until_idle().await;
        self.lambda.deliver_late(|event| self.may_come_late(event)).await;
        let problems = self.lambda.take_problems();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let mut expected: Facts = facts(before_as_held());
        for (stack, resources) in self.stacks.iter().enumerate() {
            for (logical_id, resource) in resources {
                let (of, properties) = self.resource(stack, logical_id, &resource.stated);
                for (fact, times) in contributed_facts(&of, &properties).await {
                    *expected.entry(fact).or_default() += times;
                }
            }
        }
        let mut held = facts(self.lambda.simulator.holds());
        if self.is_unmarked.get() {
            (expected, held) = (without_mark_facts(expected), without_mark_facts(held));
        }
        let problems = difference(&held, &expected);
        if !problems.is_empty() {
            return Err(format!("Chime contains these facts too often (negative: too rarely): {problems:#?}"));
        }
        sleep(tenths(20) + self.pause / crate::pace::pace()).await;
        Ok(())
    }

    /// A Delete may arrive late. A Create may do so only if it matches the current template, because each environment
    /// remembers only its own events.
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
