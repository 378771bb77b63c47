//! Carries out a Create, and the making half of a replacement.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::Window;
use crate::lifecycle::decide::create::{CreateAction, CreateFacts, Met, Question, Rejection, decide_create};
use crate::lifecycle::decide::search::Depth;
use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::lifecycle::execute::rejection::Rejected;
use crate::lifecycle::find::{Finding, Recency, Search};
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::physical_id::{not_created, outcome_unknown};
use crate::lifecycle::region::check_properties;
use crate::lifecycle::{Operation, reject};
use crate::resource::Locator;
use crate::resource::erased::{Compared, Desired, Outputs};
use crate::resource::observed::Observation;
use crate::resource::ownership::owner::{Handover, Ownership, Tracking};
use crate::resource::ownership::store::read_ownership;
use crate::response::Response;

/// What a Create knows of what it is to make.
struct CreateInquiry<'a> {
    operation: &'a Operation<'a>,
    desired: &'a dyn Desired,
    facts: CreateFacts,
    /// The id of what it has met.
    met_id: Option<String>,
    /// What Chime shows of that.
    observation: Option<Observation>,
    /// The Conflict, or the refusal to read the owner.
    refusal: Option<Error>,
    /// Opens with the first Conflict: until then nobody has waited for anything.
    consistency: Option<Window>,
    patient: Window,
}

impl<'a> CreateInquiry<'a> {
    fn new(operation: &'a Operation<'a>, desired: &'a dyn Desired) -> Self {
        let facts = CreateFacts {
            request: operation.request.request_id.clone(),
            tracking: operation.resource.tracking(),
            has_template_id: operation.resource.has_template_id(),
            has_conflict: false,
            windows: OpenWindows { consistency: true, patient: true },
            met: None,
            is_as_stated: None,
        };
        Self {
            operation,
            desired,
            facts,
            met_id: None,
            observation: None,
            refusal: None,
            consistency: None,
            patient: Window::until(operation.deadlines.ninety_percent()),
        }
    }

    fn conflict(&mut self, conflict: Error) {
        (self.facts.has_conflict, self.facts.met) = (true, None);
        self.refusal = Some(conflict);
        self.open_window();
        if self.facts.tracking == Tracking::Tags || !self.facts.has_template_id {
            // Until its tags say whose it is, it may be what an earlier delivery of this request made.
            self.operation.cx.set_outcome_unknown();
        }
    }

    fn open_window(&mut self) {
        let operation = self.operation;
        self.consistency.get_or_insert_with(|| operation.consistency_window());
    }

    /// What is there, and who owns it.
    async fn look(&mut self) -> Result<Met> {
        let operation = self.operation;
        let request = &operation.request.request_id;
        let made_by = (self.facts.tracking == Tracking::Tags || !self.facts.has_template_id).then_some(request);
        match operation.resource.locate(&operation.raw(), made_by) {
            Some(Locator::ById(id)) if self.facts.tracking == Tracking::Untracked => {
                let observed = self.desired.observe(operation.cx, &id, Compared::Properties).await;
                self.met_id = Some(id);
                match observed {
                    Ok(Some(observation)) => {
                        let is_another = observation.is_another;
                        self.observation = Some(observation);
                        Ok(Met::Present { is_another })
                    }
                    Ok(None) => Ok(Met::Unseen),
                    Err(error) if error.could_be_not_found() => Ok(Met::Unseen),
                    Err(error) => Err(error),
                }
            }
            Some(Locator::ById(id)) => {
                let owner = read_ownership(operation.cx, operation.resource, &id).await;
                self.met_id = Some(id);
                match owner {
                    Ok(owner) => Ok(Met::Owner(owner)),
                    Err(error) if error.could_be_not_found() => {
                        self.refusal.get_or_insert(error);
                        self.open_window();
                        Ok(Met::Unseen)
                    }
                    Err(error) => Err(error),
                }
            }
            Some(Locator::InParent(parent)) => {
                let properties = &operation.request.properties;
                let search = Search { properties, made_by: Some(request), except: &[], recency: Recency::Unanswered };
                match operation.search(&parent, search, Depth::LikelyNames).await? {
                    Finding::Resource(id) => {
                        self.met_id = Some(id);
                        let (cause, handover) = (request.clone(), Handover::None);
                        Ok(Met::Owner(Ownership::Ours { cause, noted_at: None, handover }))
                    }
                    Finding::Nothing | Finding::Unreadable(_) => Ok(Met::Unseen),
                }
            }
            None => Ok(Met::Unseen),
        }
    }

    fn rejected(&mut self, rejection: Rejection) -> Error {
        let operation = self.operation;
        if matches!(rejection, Rejection::Foreign { .. } | Rejection::Different(_)) {
            // It surely is no earlier delivery's.
            operation.cx.set_outcome_known();
        }
        let id = self.met_id.clone().unwrap_or_default();
        let rejected = Rejected {
            id: &id,
            owner_arn: &operation.resource.owner_arn(&id),
            tracking: self.facts.tracking,
            differences: self.observation.as_ref().map_or(&[], |observation| &observation.differences),
            refusal: self.refusal.take(),
        };
        rejected.because(rejection)
    }

    /// The id of what it has met.
    fn met_id(&self) -> Result<String> {
        self.met_id.clone().ok_or_else(|| Error::bug("What a create has met has no id"))
    }
}

impl Inquiry for CreateInquiry<'_> {
    type Question = Question;
    type Action = CreateAction;

    fn decide(&mut self) -> Step<Question, CreateAction> {
        let consistency = self.consistency.is_none_or(|window| window.is_open());
        self.facts.windows = OpenWindows { consistency, patient: self.patient.is_open() };
        decide_create(&self.facts)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        match question {
            Question::Met => {
                let met = self.look().await;
                self.facts.met = Some(match (met, self.refusal.take()) {
                    (Ok(met), refusal) => {
                        self.refusal = refusal;
                        met
                    }
                    (Err(error), Some(conflict)) if conflict.kind() == Kind::Conflict => {
                        let why = format!("Its owner could not be read: {}", error.reason());
                        return Err(conflict.with_advice(why));
                    }
                    (Err(error), _) => return Err(error),
                });
            }
            Question::Comparison => {
                let id = self.met_id()?;
                let observation = self.desired.observe(self.operation.cx, &id, Compared::PropertiesAndTags).await?;
                self.facts.is_as_stated = Some(observation.as_ref().is_some_and(|it| it.differences.is_empty()));
                self.observation = observation;
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.has_conflict, self.facts.met, self.facts.is_as_stated) = (false, None, None);
    }

    fn window(&self, wait: Wait) -> Window {
        match wait {
            Wait::Patient => self.patient,
            Wait::Consistency | Wait::Confirm => self.consistency.unwrap_or(self.patient),
        }
    }
}

impl Operation<'_> {
    pub async fn create(&self) -> Response {
        let desired = match self.accepted() {
            Ok(desired) => desired,
            Err(rejected) => return rejected,
        };
        if self.history.is_over(self.request) {
            return reject(
                self.request,
                "This request has been carried out, and what it made has been deleted since: it is a second delivery, and makes \
                 nothing",
            );
        }
        match self.with_deadline(self.deadlines.work, self.provision(&*desired)).await {
            Ok(outputs) => {
                self.history.note_create(self.request);
                Response::success(outputs.id, outputs.attributes)
            }
            Err(error) => {
                let id = match self.cx.claimed() {
                    Some(id) => id,
                    // An earlier delivery may have been killed half-way.
                    None if self.cx.is_outcome_unknown() || !self.cx.clock().is_fresh() => {
                        outcome_unknown(self.request)
                    }
                    None => not_created(self.request),
                };
                Response::failed(id, error)
            }
        }
    }

    /// The properties of a Create or an Update that something can be done for.
    ///
    /// # Errors
    /// The answer to one that nothing can be done for.
    pub fn accepted(&self) -> Result<Box<dyn Desired + '_>, Response> {
        let is_here = check_properties(self.cx, &self.request.properties);
        let desired = match (self.resource.read(&self.request.properties), is_here) {
            (Ok(desired), Ok(())) => desired,
            (Ok(_), Err(elsewhere)) => return Err(reject(self.request, elsewhere.reason())),
            (Err(problems), Ok(())) => return Err(reject(self.request, problems)),
            (Err(problems), Err(elsewhere)) => {
                return Err(reject(self.request, format!("{problems}; {}", elsewhere.reason())));
            }
        };
        match self.cx.clock().expired() {
            None => Ok(desired),
            Some(by) => Err(reject(
                self.request,
                format!(
                    "CloudFormation gave this request up {} seconds before it reached the function, and nothing was done for it. \
                     The function was busy, or its concurrency is limited",
                    by.as_secs()
                ),
            )),
        }
    }

    /// Creates, or goes on with what a create has met.
    pub(super) async fn provision(&self, desired: &dyn Desired) -> Result<Outputs> {
        let mut inquiry = CreateInquiry::new(self, desired);
        loop {
            match inquire(self.time_scale(), &mut inquiry).await? {
                CreateAction::Create => match desired.create(self.cx).await {
                    Ok(outputs) if self.cx.clock().is_fresh() || self.is_looked_at_before() => return Ok(outputs),
                    Ok(outputs) => return self.confirmed(outputs).await,
                    Err(error) if error.kind() == Kind::Conflict => inquiry.conflict(error),
                    Err(error) => return Err(error),
                },
                CreateAction::Adopt { handover, is_noted } => {
                    let id = inquiry.met_id()?;
                    return self.adopt(desired, &id, (!is_noted).then_some(&handover)).await;
                }
                CreateAction::Join => {
                    let id = inquiry.met_id()?;
                    return self.join(desired, &id, inquiry.observation.take()).await;
                }
                CreateAction::Set(mark) => {
                    let id = inquiry.met_id()?;
                    return self.set(desired, &id, mark).await;
                }
                CreateAction::AcceptHandover { from } => {
                    let id = inquiry.met_id()?;
                    return self.accept_handover(desired, &id, from).await;
                }
                CreateAction::Reject(rejection) => return Err(inquiry.rejected(rejection)),
            }
        }
    }

    /// Whether a create looks whether the resource is there before it makes it: then it is not the answer to an old request.
    fn is_looked_at_before(&self) -> bool {
        self.resource.tracking() == Tracking::Untracked && self.resource.has_template_id()
    }
}
