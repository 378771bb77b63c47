//! Lambda, and all that may become of an event on its way: environments that are killed, deliveries that come again.

use super::plan::Course;
use super::things::before;
use crate::harness::PACE;
use crate::test_bed::Environment;
use chime_simulator::TimeScale;
use chime_simulator::{Behaviour, Fault, Options, Simulator};
use cloudformation_local::Runner;
use cloudformation_local::{Delivery, Reaction, ResponseBucket};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{sleep, timeout};

/// How long the function has for an event, as in template.yaml: half of that is more than two calls that hang, a create that takes its time and a
/// lag together.
const TIMEOUT: Duration = Duration::from_secs(300);

/// How much longer than its time an event may take on a busy machine, by the clock.
const SLACK: Duration = Duration::from_millis(1500);

/// How old an event is that may be delivered again: no longer fresh, and within what clocks may differ by.
const AGE: Duration = Duration::from_secs(6);

/// How a history's Chime is started.
pub fn options(behaviour: Behaviour) -> Options {
    Options { behaviour, seed: before(), time_scale: TimeScale::times(PACE), ..Options::default() }
}

/// So many tenths of a second of the function's time.
pub fn tenths(tenths: u64) -> Duration {
    Duration::from_millis(100 * tenths) / PACE
}

/// The answer that CloudFormation acts on.
pub struct Answer {
    pub is_success: bool,
    pub id: String,
}

/// The function's environments, with Chime on one side and CloudFormation's bucket on the other.
pub struct Lambda {
    pub simulator: Simulator,
    bucket: ResponseBucket,
    environments: RefCell<Vec<Rc<Runner>>>,
    under_way: RefCell<Vec<JoinHandle<()>>>,
    late: RefCell<Vec<(Value, Rc<Runner>)>>,
    /// The logical resources of which there has been an event.
    known: RefCell<BTreeSet<String>>,
    told: RefCell<Vec<String>>,
    /// How much had been told when this step began.
    told_before: Cell<usize>,
    /// The requests of this step that an answer has to come to.
    open: RefCell<BTreeMap<String, String>>,
    wrong: RefCell<Vec<String>>,
}

impl Lambda {
    pub fn start(behaviour: Behaviour) -> Rc<Self> {
        let simulator = Simulator::start(options(behaviour)).expect("it starts");
        let bucket = ResponseBucket::start(0).expect("it starts");
        let lambda = Self {
            simulator,
            bucket,
            environments: RefCell::default(),
            under_way: RefCell::default(),
            late: RefCell::default(),
            known: RefCell::default(),
            told: RefCell::default(),
            told_before: Cell::default(),
            open: RefCell::default(),
            wrong: RefCell::default(),
        };
        let environments = (0..3).map(|_| lambda.environment()).collect();
        Rc::new(Self { environments: RefCell::new(environments), ..lambda })
    }

    /// A new environment, which remembers nothing.
    fn environment(&self) -> Rc<Runner> {
        let (hosts, time_scale) = (self.bucket.host(), TimeScale::times(PACE));
        Rc::new(Environment { time_scale, ..Environment::new(&self.simulator.url(), &hosts) }.in_process())
    }

    /// Notes that a step begins.
    pub fn begin(&self, step: String) {
        self.told_before.set(self.told.borrow().len());
        self.tell(step);
    }

    /// Whether the function has run out of time in this step: on a machine that is busy with something else, it may.
    pub fn is_out_of_time(&self) -> bool {
        self.told.borrow()[self.told_before.get()..].iter().any(|told| told.contains("(its Timeout) was up"))
    }

    /// Notes what has happened.
    pub fn tell(&self, what: String) {
        self.told.borrow_mut().push(what);
    }

    /// All that has happened.
    pub fn told(&self) -> String {
        self.told.borrow().join("\n  ")
    }

    /// Delivers an event; the first answer that reaches the bucket, or none once nothing more can come.
    ///
    /// An event `is_remembered` where Chime itself knows of a second delivery, by its token.
    pub async fn send(self: &Rc<Self>, mut event: Value, mut course: Course, is_remembered: bool) -> Option<Answer> {
        let of = format!("{} {}", event["StackId"], event["LogicalResourceId"]);
        if !self.known.borrow_mut().insert(of) && event["RequestType"] == "Create" {
            // It cannot be older than the Delete before it.
            course = Course { killed: None, twice: None, answers: Vec::new(), ..course };
        }
        // What may be delivered again is as old as if that came a minute later: the function goes by the clock there.
        let sent = SystemTime::now() - if course.is_single() { Duration::ZERO } else { AGE };
        let url = self.bucket.response_url_sent(&event, sent);
        event["ResponseURL"] = json!(url);
        let name = named(&event);
        if let Some((kind, after, times)) = &course.fault {
            self.tell(format!("{name}: fault {kind:?} after {after}, {times} times"));
            self.simulator.inject(Fault::once("*", kind.clone()).after(*after).times(*times));
        }
        if !course.answers.is_empty() {
            self.tell(format!("{name}: answers {:?}", course.answers));
            self.bucket.respond_to(&url, course.answers.clone());
        }
        if course.is_late {
            let environment = Rc::clone(&self.environments.borrow()[course.environment]);
            self.late.borrow_mut().push((event.clone(), environment));
        }
        // Of three deliveries, one is killed, and two meet a bucket that refuses for good.
        let refusals = course.answers.iter().filter(|reaction| **reaction == Reaction::Status(403)).count();
        let request_id = event["RequestId"].as_str().unwrap_or_default().to_owned();
        if course.killed.is_none() || course.twice.is_some() || refusals < 2 {
            self.open.borrow_mut().insert(request_id.clone(), name.clone());
        }
        let left = Rc::new(Cell::new(0));
        self.start_delivery(&left, Duration::ZERO, &event, course.clone());
        if let Some(after) = course.twice {
            self.tell(format!("{name}: twice, after {after} tenths"));
            let again = Course { environment: (course.environment + 1) % 3, ..Course::default() };
            self.start_delivery(&left, tenths(after.into()), &event, again);
        }
        let is_over = async {
            all_ended(&left).await;
            self.bucket.wait_for(&request_id, Duration::ZERO).await
        };
        let delivery = tokio::select! {
            delivery = self.bucket.wait_for(&request_id, TIMEOUT * 2) => delivery,
            delivery = is_over => delivery,
        };
        let mut answer = delivery?.answer;
        // Documented limits: another environment cannot know that an Update comes again after the next one; that a Create does after its Delete,
        // where Chime has no token to tell; nor that it has failed, and been given up. All deliveries end here before CloudFormation acts.
        let is_known = is_remembered && answer["Status"] == "SUCCESS";
        if event["RequestType"] == "Update" || event["RequestType"] == "Create" && !is_known {
            all_ended(&left).await;
            let of_it = |delivery: &Delivery| delivery.stored() && delivery.request_id.as_deref() == Some(&request_id);
            answer = self.bucket.deliveries().into_iter().rfind(of_it).map_or(answer, |last| last.answer);
        }
        self.tell(format!("{name}: {} {} {}", answer["Status"], answer["PhysicalResourceId"], answer["Reason"]));
        let id = answer["PhysicalResourceId"].as_str().unwrap_or_default().to_owned();
        Some(Answer { is_success: answer["Status"] == "SUCCESS", id })
    }

    /// Starts a delivery that goes on whoever waits for it, and counts it among those that are `left`.
    fn start_delivery(self: &Rc<Self>, left: &Rc<Cell<u32>>, after: Duration, event: &Value, course: Course) {
        let (lambda, left, event) = (Rc::clone(self), Rc::clone(left), event.clone());
        left.set(left.get() + 1);
        self.under_way.borrow_mut().push(spawn_local(async move {
            sleep(after).await;
            lambda.deliver(event, course).await;
            left.set(left.get() - 1);
        }));
    }

    /// Delivers an event as Lambda does, three times at most until the function has not failed.
    async fn deliver(&self, event: Value, course: Course) {
        let mut killed = course.killed;
        for _ in 0..3 {
            let environment = Rc::clone(&self.environments.borrow()[course.environment]);
            let began = Instant::now();
            let run = environment.run(&event, TIMEOUT / PACE);
            let outcome = match killed {
                Some((after, _)) => timeout(tenths(after.into()), run).await.ok(),
                None => Some(run.await),
            };
            if outcome.is_some() && began.elapsed() > TIMEOUT / PACE + SLACK {
                self.wrong.borrow_mut().push(format!("{} took {:?}", named(&event), began.elapsed()));
            }
            let pause = match outcome {
                Some(Ok(())) => return,
                Some(Err(failure)) => {
                    self.tell(format!("{}: {failure}", named(&event)));
                    6
                }
                None => {
                    self.environments.borrow_mut()[course.environment] = self.environment();
                    let pause = killed.map_or(0, |(_, pause)| pause);
                    self.tell(format!("{}: killed, and delivered again after {pause} seconds", named(&event)));
                    pause
                }
            };
            killed = None;
            sleep(tenths(10 * u64::from(pause))).await;
        }
    }

    /// Waits until all deliveries of all events have come to an end.
    pub async fn come_to_rest(&self) {
        loop {
            let Some(next) = self.under_way.borrow_mut().pop() else { break };
            if let Err(error) = next.await {
                self.wrong.borrow_mut().push(error.to_string());
            }
        }
        self.calm();
    }

    /// Nothing fails from now on.
    pub fn calm(&self) {
        self.simulator.clear_faults();
    }

    /// Delivers once more what is to come late, if it is `still` to come, to where it was delivered first.
    pub async fn deliver_late(&self, still: impl Fn(&Value) -> bool) {
        let late = std::mem::take(&mut *self.late.borrow_mut());
        for (event, environment) in late.into_iter().filter(|(event, _)| still(event)) {
            let outcome = environment.run(&event, TIMEOUT / PACE).await;
            self.tell(format!("{} once more: {outcome:?}", named(&event)));
        }
    }

    /// What is wrong with the answers since the last time, with how long they took, and who got none.
    pub fn take_wrong(&self) -> Vec<String> {
        let mut wrong = std::mem::take(&mut *self.wrong.borrow_mut());
        let (deliveries, mut open) = (self.bucket.take_deliveries(), std::mem::take(&mut *self.open.borrow_mut()));
        for delivery in deliveries.iter().filter(|delivery| delivery.stored()) {
            open.remove(delivery.request_id.as_deref().unwrap_or_default());
        }
        wrong.extend(open.values().map(|name| format!("{name} was never answered")));
        wrong.extend(deliveries.into_iter().flat_map(|delivery| delivery.problems));
        self.simulator.take_calls();
        wrong
    }
}

async fn all_ended(left: &Cell<u32>) {
    while left.get() > 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

/// What an event is about, for whoever reads of it.
fn named(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let stack = text("StackId").rsplit(['/', ':']).nth(1).unwrap_or_default().to_owned();
    let request = text("RequestId").rsplit('-').next().unwrap_or_default().trim_start_matches('0').to_owned();
    format!("[{request}] {} {stack}.{} {}", text("RequestType"), text("LogicalResourceId"), text("PhysicalResourceId"))
}
