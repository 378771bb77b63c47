//! A simulated Lambda: it kills environments and delivers events more than once.

use super::plan::EventPlan;
use super::things::before;
use crate::pace::pace;
use crate::test_bed::Environment;
use chime_simulator::TimeScale;
use chime_simulator::{Behaviour, Call, Fault, FaultKind, Options, Simulator};
use cloudformation_local::Runner;
use cloudformation_local::{Delivery, Reaction, ResponseBucket};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{sleep, timeout};

/// The function's timeout, as in template.yaml. Half of it is longer than two hanging calls, a slow create and a lag
/// together.
const TIMEOUT: Duration = Duration::from_secs(300);

/// How much longer than its timeout an event may take on a busy machine, by the clock.
const SLACK: Duration = Duration::from_millis(1500);

/// The age of the events of a step in which some are delivered again: no longer fresh, but within the allowed clock skew. They all have it,
/// because the function goes by the order in which they were sent.
const AGE: Duration = Duration::from_secs(6);

/// After a minute without an answer, a create tries again. At a lower pace, that is later than the allowed clock skew after an event of this
/// [`AGE`] was sent: for its Delete, the next attempt is a later request's.
const LEAST_PACE_OF_SILENCE: u32 = 18;

/// The age of a Delete that is delivered again after the next step: less than since the step before, and more than the
/// precision of its time (docs/behaviour.md, limit 6).
const AGE_OF_VERY_LATE: Duration = Duration::from_secs(30);

/// The options for the simulator of a history.
pub fn options(behaviour: Behaviour) -> Options {
    Options { behaviour, seed: before(), time_scale: TimeScale::times(pace()), ..Options::default() }
}

/// So many tenths of a second of the function's time.
pub fn tenths(tenths: u64) -> Duration {
    Duration::from_millis(100 * tenths) / pace()
}

/// The response that CloudFormation acts on.
pub struct Answer {
    pub is_success: bool,
    pub id: String,
}

/// An event that is delivered again.
struct Late {
    event: Value,
    /// The environment that has handled it.
    environment: Rc<Runner>,
    /// After how many more steps.
    steps: u32,
}

/// The function's environments, between Chime and CloudFormation's response bucket.
pub struct Lambda {
    pub simulator: Simulator,
    bucket: ResponseBucket,
    environments: RefCell<Vec<Rc<Runner>>>,
    deliveries_in_flight: RefCell<Vec<JoinHandle<()>>>,
    late: RefCell<Vec<Late>>,
    /// The logical resources that have had an event.
    seen: RefCell<BTreeSet<String>>,
    log: RefCell<Vec<String>>,
    /// The age of this step's events.
    age: Cell<Duration>,
    /// The length of the log when this step began.
    step_start: Cell<usize>,
    /// The requests of this step that must get a response.
    pending: RefCell<BTreeMap<String, String>>,
    problems: RefCell<Vec<String>>,
    /// The calls of the step that has just been checked.
    calls: RefCell<Vec<Call>>,
}

impl Lambda {
    pub fn start(behaviour: Behaviour) -> Rc<Self> {
        let simulator = Simulator::start(options(behaviour)).expect("it starts");
        // Events may be some seconds older than the account.
        simulator.grow_older(10 * AGE);
        let bucket = ResponseBucket::start(0).expect("it starts");
        let lambda = Self {
            simulator,
            bucket,
            environments: RefCell::default(),
            deliveries_in_flight: RefCell::default(),
            late: RefCell::default(),
            seen: RefCell::default(),
            log: RefCell::default(),
            age: Cell::default(),
            step_start: Cell::default(),
            pending: RefCell::default(),
            problems: RefCell::default(),
            calls: RefCell::default(),
        };
        let environments = (0..3).map(|_| lambda.environment()).collect();
        Rc::new(Self { environments: RefCell::new(environments), ..lambda })
    }

    /// A new environment without any memory.
    fn environment(&self) -> Rc<Runner> {
        let (hosts, time_scale) = (self.bucket.host(), TimeScale::times(pace()));
        Rc::new(
            Environment { time_scale, ..Environment::new(&self.simulator.url(), &hosts) }
                .in_process()
                .expect("it starts"),
        )
    }

    /// Begins a step with these plans for its events, and logs it.
    pub fn begin(&self, step: String, event_plans: &[EventPlan]) {
        let are_fresh = event_plans.iter().all(EventPlan::is_single);
        self.age.set(if are_fresh { Duration::ZERO } else { AGE });
        self.step_start.set(self.log.borrow().len());
        self.calls.borrow_mut().clear();
        self.record(step);
    }

    /// Whether each event of this step is delivered once, moments after it was sent.
    pub fn are_events_fresh(&self) -> bool {
        self.age.get().is_zero()
    }

    /// Whether the function has run out of time in this step. This may happen on a busy machine.
    pub fn is_out_of_time(&self) -> bool {
        self.log.borrow()[self.step_start.get()..].iter().any(|entry| entry.contains("(its Timeout) was up"))
    }

    /// Adds an entry to the log.
    pub fn record(&self, entry: String) {
        self.log.borrow_mut().push(entry);
    }

    /// The whole log, and the calls of the last step. Their times are the function's seconds since the account began.
    pub fn log_text(&self) -> String {
        let mut calls = std::mem::take(&mut *self.calls.borrow_mut());
        calls.extend(self.simulator.take_calls());
        let lines = calls.iter().map(|call| {
            let Call { at, operation, path, status, error, fault, .. } = call;
            let (at, path) = ((*at * pace()).as_secs_f32(), percent_decoded(path));
            format!("{at:.1} {operation} {path} {} {}", text(status.as_ref()), text(error.as_ref().or(fault.as_ref())))
        });
        self.log.borrow().iter().cloned().chain(lines).collect::<Vec<_>>().join("\n  ")
    }

    /// Delivers an event. Returns the first response that reaches the bucket, or `None` once no more can come.
    ///
    /// `is_remembered` means that Chime recognizes a repeated delivery by its token.
    pub async fn send(
        self: &Rc<Self>,
        mut event: Value,
        mut event_plan: EventPlan,
        is_remembered: bool,
    ) -> Option<Answer> {
        let of = format!("{} {}", event["StackId"], event["LogicalResourceId"]);
        if !self.seen.borrow_mut().insert(of) && event["RequestType"] == "Create" {
            // It cannot be older than the Delete before it.
            event_plan = EventPlan { killed: None, twice: None, answers: Vec::new(), ..event_plan };
        }
        if !self.are_events_fresh() && pace() < LEAST_PACE_OF_SILENCE {
            event_plan = event_plan.without_silence();
        }
        let is_very_late = event_plan.is_very_late && event_plan.is_single() && event["RequestType"] == "Delete";
        // An event gets an older time, as if its repetition came later.
        let age = if is_very_late { AGE_OF_VERY_LATE } else { self.age.get() };
        let sent = SystemTime::now() - age;
        let url = self.bucket.response_url_sent(&event, sent);
        event["ResponseURL"] = json!(url);
        let name = describe(&event);
        if let Some((kind, after, times)) = &event_plan.fault {
            self.record(format!("{name}: fault {kind:?} after {after} calls, {times} times"));
            self.simulator.inject(Fault::once("*", kind.clone()).after(*after).times(*times));
        }
        if !event_plan.answers.is_empty() {
            self.record(format!("{name}: responses {:?}", event_plan.answers));
            self.bucket.respond_to(&url, event_plan.answers.clone());
        }
        // Another environment would go by the times alone, which does not tell enough of what bears no mark.
        if event_plan.is_late || is_very_late {
            let environment = Rc::clone(&self.environments.borrow()[event_plan.environment]);
            self.late.borrow_mut().push(Late { event: event.clone(), environment, steps: is_very_late.into() });
        }
        // Of three deliveries, one is killed and two meet a bucket that rejects them permanently.
        let refusals = event_plan.answers.iter().filter(|reaction| **reaction == Reaction::Status(403)).count();
        let request_id = event["RequestId"].as_str().unwrap_or_default().to_owned();
        if event_plan.killed.is_none() || event_plan.twice.is_some() || refusals < 2 {
            self.pending.borrow_mut().insert(request_id.clone(), name.clone());
        }
        let running = Rc::new(Cell::new(0));
        self.start_delivery(&running, Duration::ZERO, &event, event_plan.clone());
        if let Some(after) = event_plan.twice {
            self.record(format!("{name}: delivered twice, {after} tenths apart"));
            let again = EventPlan { environment: (event_plan.environment + 1) % 3, ..EventPlan::default() };
            self.start_delivery(&running, tenths(after.into()), &event, again);
        }
        let no_more_deliveries = async {
            wait_for_deliveries(&running).await;
            self.bucket.wait_for(&request_id, Duration::ZERO).await
        };
        let delivery = tokio::select! {
            delivery = self.bucket.wait_for(&request_id, TIMEOUT * 2) => delivery,
            delivery = no_more_deliveries => delivery,
        };
        let mut answer = delivery?.answer;
        // Documented limits: another environment cannot know that an Update arrives again after a later one, that a
        // Create arrives again after its Delete (if Chime has no token for it), or that a Create failed and was given
        // up. Here all deliveries therefore end before CloudFormation acts.
        let is_known = is_remembered && answer["Status"] == "SUCCESS";
        if event["RequestType"] == "Update" || event["RequestType"] == "Create" && !is_known {
            wait_for_deliveries(&running).await;
            let is_stored =
                |delivery: &Delivery| delivery.stored() && delivery.request_id.as_deref() == Some(&request_id);
            answer = self.bucket.deliveries().into_iter().rfind(is_stored).map_or(answer, |last| last.answer);
        }
        self.record(format!("{name}: {} {} {}", answer["Status"], answer["PhysicalResourceId"], answer["Reason"]));
        let id = answer["PhysicalResourceId"].as_str().unwrap_or_default().to_owned();
        Some(Answer { is_success: answer["Status"] == "SUCCESS", id })
    }

    /// Starts a delivery in the background and counts it in `left`.
    fn start_delivery(self: &Rc<Self>, running: &Rc<Cell<u32>>, after: Duration, event: &Value, event_plan: EventPlan) {
        let (lambda, running, event) = (Rc::clone(self), Rc::clone(running), event.clone());
        running.set(running.get() + 1);
        self.deliveries_in_flight.borrow_mut().push(spawn_local(async move {
            sleep(after).await;
            lambda.deliver(event, event_plan).await;
            running.set(running.get() - 1);
        }));
    }

    /// Delivers an event like Lambda: up to three times, until the function does not fail.
    async fn deliver(&self, event: Value, event_plan: EventPlan) {
        let mut killed = event_plan.killed;
        for _ in 0..3 {
            let environment = Rc::clone(&self.environments.borrow()[event_plan.environment]);
            let began = Instant::now();
            let run = environment.run(&event, TIMEOUT / pace());
            let outcome = match killed {
                Some((after, _)) => timeout(tenths(after.into()), run).await.ok(),
                None => Some(run.await),
            };
            if outcome.is_some() && began.elapsed() > TIMEOUT / pace() + SLACK {
                self.problems.borrow_mut().push(format!("{} took {:?}", describe(&event), began.elapsed()));
            }
            let pause = match outcome {
                Some(Ok(())) => return,
                Some(Err(failure)) => {
                    self.record(format!("{}: {failure}", describe(&event)));
                    6
                }
                None => {
                    self.environments.borrow_mut()[event_plan.environment] = self.environment();
                    let pause = killed.map_or(0, |(_, pause)| pause);
                    self.record(format!("{}: killed, delivered again after {pause} seconds", describe(&event)));
                    pause
                }
            };
            killed = None;
            sleep(tenths(10 * u64::from(pause))).await;
        }
    }

    /// Waits until all deliveries of all events have ended.
    pub async fn wait_until_idle(&self) {
        loop {
            let Some(next) = self.deliveries_in_flight.borrow_mut().pop() else { break };
            if let Err(error) = next.await {
                self.problems.borrow_mut().push(error.to_string());
            }
        }
        self.stop_faults();
    }

    /// Stops all faults.
    pub fn stop_faults(&self) {
        self.simulator.clear_faults();
    }

    /// Delivers the late events of this step once more to their first environment, if `still` allows it.
    pub async fn deliver_late(&self, still: impl Fn(&Value) -> bool) {
        let mut late = std::mem::take(&mut *self.late.borrow_mut());
        for late in late.extract_if(.., |late| late.steps == 0).filter(|late| still(&late.event)) {
            let outcome = late.environment.run(&late.event, TIMEOUT / pace()).await;
            self.record(format!("{} delivered again: {outcome:?}", describe(&late.event)));
        }
        late.iter_mut().for_each(|late| late.steps -= 1);
        *self.late.borrow_mut() = late;
    }

    /// Delivers no event of before again.
    pub fn forget_late(&self) {
        self.late.borrow_mut().clear();
    }

    /// Lets Chime refuse an operation some times.
    pub fn refuse(&self, operation: &str, (kind, times): &(FaultKind, u32)) {
        self.record(format!("{operation}: {kind:?}, {times} times"));
        self.simulator.inject(Fault::once(operation, kind.clone()).times(*times));
    }

    /// The problems since the last call: invalid responses, responses that took too long, and missing ones.
    pub fn take_problems(&self) -> Vec<String> {
        let mut problems = std::mem::take(&mut *self.problems.borrow_mut());
        let (deliveries, mut pending) =
            (self.bucket.take_deliveries(), std::mem::take(&mut *self.pending.borrow_mut()));
        for delivery in deliveries.iter().filter(|delivery| delivery.stored()) {
            pending.remove(delivery.request_id.as_deref().unwrap_or_default());
        }
        problems.extend(pending.values().map(|name| format!("{name} got no response")));
        problems.extend(deliveries.into_iter().flat_map(|delivery| delivery.problems));
        self.calls.borrow_mut().extend(self.simulator.take_calls());
        problems
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// A path of a call as people read it.
fn percent_decoded(path: &str) -> String {
    path.replace("%3A", ":").replace("%2F", "/").replace("arn:aws:chime:us-east-1:123456789012:", "")
}

async fn wait_for_deliveries(running: &Cell<u32>) {
    while running.get() > 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

/// A readable description of an event.
fn describe(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let stack = text("StackId").rsplit(['/', ':']).nth(1).unwrap_or_default().to_owned();
    let request = text("RequestId").rsplit('-').next().unwrap_or_default().trim_start_matches('0').to_owned();
    format!("[{request}] {} {stack}.{} {}", text("RequestType"), text("LogicalResourceId"), text("PhysicalResourceId"))
}
