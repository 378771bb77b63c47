//! Carries out a Create, and the creating half of a replacement.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Backoff, Window};
use crate::lifecycle::decide::create::{
    Comparison, CreateAction, CreateFacts, Met, Origin, Purpose, Question, Rejection, decide_create,
};
use crate::lifecycle::decide::search::Depth;
use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::lifecycle::execute::rejection::Rejected;
use crate::lifecycle::find::{Finding, Recency, Search};
use crate::lifecycle::inquiry::{Inquiry, inquire_from};
use crate::lifecycle::physical_id::{not_created, outcome_unknown};
use crate::lifecycle::region::check_properties;
use crate::lifecycle::{Operation, reject};
use crate::request::Action;
use crate::request::cause::Cause;
use crate::resource::Locator;
use crate::resource::erased::{Compared, Desired, Outputs};
use crate::resource::observed::Observation;
use crate::resource::ownership::store::read_ownership;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use crate::response::Response;

/// Whether a create takes over what AdoptExisting names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adoption {
    /// If the template says so.
    AsStated,
    /// What was taken over is gone, and is created again.
    Gone,
}

/// Collects the facts for a create.
struct CreateInquiry<'a> {
    operation: &'a Operation<'a>,
    desired: &'a dyn Desired,
    facts: CreateFacts,
    /// The id that AdoptExisting names.
    adopted: Option<String>,
    /// The id of the existing resource.
    met_id: Option<String>,
    /// What Chime shows of the existing resource.
    observation: Option<Observation>,
    /// The Conflict, or Chime's refusal to show the owner.
    refusal: Option<Error>,
    /// Opens when the create first has something to wait for.
    consistency: Option<Window>,
    patient: Window,
}

impl<'a> CreateInquiry<'a> {
    fn new(operation: &'a Operation<'a>, desired: &'a dyn Desired, adoption: Adoption) -> Self {
        let adopted = operation.raw().adopts().filter(|_| adoption == Adoption::AsStated);
        let adopted = adopted.map(|id| operation.resource.with_standing(&id, Standing::Made));
        let is_create = operation.request.action == Action::Create;
        let facts = CreateFacts {
            request: operation.request.request_id.clone(),
            purpose: if is_create { Purpose::New } else { Purpose::Replacement },
            tracking: operation.resource.tracking(),
            has_template_id: operation.resource.has_template_id(),
            adopts: adopted.is_some(),
            is_first_attempt: operation.cx.clock().is_fresh(),
            has_conflict: false,
            is_outcome_unknown: false,
            windows: OpenWindows { consistency: true, patient: true },
            met: None,
            is_kept: false,
            comparison: None,
        };
        Self {
            operation,
            desired,
            facts,
            adopted,
            met_id: None,
            observation: None,
            refusal: None,
            consistency: None,
            patient: Window::until(operation.deadlines.ninety_percent()),
        }
    }

    fn conflict(&mut self, conflict: Error) {
        (self.facts.has_conflict, self.facts.met, self.facts.comparison) = (true, None, None);
        self.refusal = Some(conflict);
        if self.is_created_by_request() {
            // An earlier delivery of this request may have created it. Only its tags can tell.
            self.operation.cx.set_outcome_unknown();
        }
    }

    /// Whether the create call carries a token of this request.
    fn is_created_by_request(&self) -> bool {
        self.facts.tracking == Tracking::Tags || !self.facts.has_template_id
    }

    /// Looks for an existing resource and its owner.
    async fn look(&mut self) -> Result<Met> {
        let operation = self.operation;
        let request = &operation.request.request_id;
        let located = match self.adopted.clone() {
            Some(id) => Some(Locator::ById(id)),
            None => operation.resource.locate(&operation.raw(), self.is_created_by_request().then_some(request)),
        };
        match located {
            Some(Locator::ById(id)) if self.facts.tracking == Tracking::Untracked => {
                let observed = self.desired.observe(operation.cx, &id, Compared::Properties).await;
                self.met_id = Some(id);
                let observation = match observed {
                    Ok(observation) => observation,
                    Err(error) if error.could_be_not_found() => None,
                    Err(error) => return Err(error),
                };
                let Some(observation) = observation else { return Ok(Met::Unseen) };
                let origin = self.origin(&observation);
                self.compare_with(Some(observation));
                Ok(Met::Present(origin))
            }
            Some(Locator::ById(id)) => {
                let owner = read_ownership(operation.cx, operation.resource, &id).await;
                self.met_id = Some(id);
                match owner {
                    Ok(owner) => {
                        if let Ownership::Ours { cause, .. } = &owner {
                            self.facts.is_kept = operation.cx.clock().is_of_an_earlier_deployment(cause.sent);
                        }
                        Ok(Met::Owner(owner))
                    }
                    Err(error) if error.could_be_not_found() => {
                        self.refusal.get_or_insert(error);
                        Ok(Met::Unseen)
                    }
                    Err(error) => Err(error),
                }
            }
            Some(Locator::InParent(parent)) => self.search(&parent).await,
            None => Ok(Met::Unseen),
        }
    }

    /// Searches the parent for a resource that this request created.
    async fn search(&mut self, parent: &str) -> Result<Met> {
        let operation = self.operation;
        let cause = Cause::new(operation.request.request_id.clone(), Some(operation.cx.clock().sent()));
        let properties = &operation.request.properties;
        let search = Search { properties, made_by: Some(&cause), except: &[], recency: Recency::Unanswered };
        match operation.search(parent, search, Depth::LikelyNames).await? {
            Finding::Resource(id) => {
                self.met_id = Some(id);
                Ok(Met::Owner(Ownership::Ours { cause, handover: Handover::None, standing: Standing::Made }))
            }
            Finding::Nothing | Finding::Unreadable(_) => Ok(Met::Unseen),
        }
    }

    /// Who created an untracked resource. For a Create it is ours if an earlier delivery of the same request can have created it; anything
    /// older existed before. An Update that replaces may be a rollback, so anything that this logical resource created is ours.
    fn origin(&self, observation: &Observation) -> Origin {
        let clock = self.operation.cx.clock();
        let is_own = observation.is_trace
            && match self.facts.purpose {
                Purpose::New => observation.created.is_some_and(|created| clock.may_have_made(created)),
                Purpose::Replacement => true,
            };
        if is_own { Origin::Own } else { Origin::Foreign }
    }

    fn compare_with(&mut self, observation: Option<Observation>) {
        self.facts.comparison = Some(match &observation {
            None => Comparison::Absent,
            Some(observation) if observation.is_another => Comparison::Another,
            Some(observation) if observation.differences.is_empty() => Comparison::AsStated,
            Some(_) => Comparison::Different,
        });
        self.observation = observation;
    }

    /// Whether the setting `id` may exist although Chime refuses to show it with `error`. For an adoption, and for everything that carries a
    /// note of its own, invisible counts as absent.
    async fn is_hidden(&self, error: &Error, id: &str) -> Result<bool> {
        if self.facts.adopts || !matches!(self.facts.tracking, Tracking::ParentTag(_)) {
            return Ok(false);
        }
        match self.operation.exists_after(error, id).await {
            Err(second) if second.could_be_not_found() => Ok(true),
            outcome => outcome,
        }
    }

    fn rejected(&mut self, rejection: Rejection) -> Error {
        let operation = self.operation;
        let is_known = match rejection {
            Rejection::Unseen | Rejection::Unreadable => false,
            // Its tags have been read for as long as they may lag.
            Rejection::Unowned => !self.facts.is_outcome_unknown,
            // No earlier delivery of this request created it.
            _ => true,
        };
        if is_known {
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

    /// The id to compare: that of the existing resource, or that of the setting in the properties.
    fn compared_id(&mut self) -> Result<String> {
        if self.met_id.is_none()
            && let Some(Locator::ById(id)) = self.operation.resource.locate(&self.operation.raw(), None)
        {
            self.met_id = Some(id);
        }
        self.met_id.clone().ok_or_else(|| Error::bug("The resource to compare with has no id"))
    }
}

impl Inquiry for CreateInquiry<'_> {
    type Question = Question;
    type Action = CreateAction;

    fn decide(&mut self) -> Step<Question, CreateAction> {
        let operation = self.operation;
        let has_looked = self.facts.has_conflict || self.facts.met.is_some();
        let consistency = match has_looked {
            true => self.consistency.get_or_insert_with(|| operation.consistency_window()).is_open(),
            false => true,
        };
        self.facts.windows = OpenWindows { consistency, patient: self.patient.is_open() };
        self.facts.is_outcome_unknown = operation.cx.calls().was_outcome_unknown();
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
                let compared = match self.facts.tracking {
                    Tracking::Tags => Compared::PropertiesAndTags,
                    Tracking::ParentTag(_) | Tracking::Untracked => Compared::Properties,
                };
                let id = self.compared_id()?;
                match self.desired.observe(self.operation.cx, &id, compared).await {
                    Ok(observation) => self.compare_with(observation),
                    Err(error) if error.could_be_not_found() => {
                        // A refusal alone does not prove that nothing is set, so the mark is read as well.
                        self.facts.is_first_attempt &= error.kind() == Kind::NotFound;
                        if self.is_hidden(&error, &id).await? {
                            self.facts.comparison = Some(Comparison::Refused);
                            self.refusal = Some(error);
                        } else {
                            self.compare_with(None);
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.has_conflict, self.facts.met, self.facts.comparison) = (false, None, None);
        self.facts.is_first_attempt = false;
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
                "This is a second delivery of a request that was already carried out, and its resource has been deleted since. Nothing \
                 was created",
            );
        }
        match self.with_deadline(self.deadlines.work, self.provision(&*desired, Adoption::AsStated)).await {
            Ok(outputs) => {
                self.history.note_create(self.request, &outputs.id);
                Response::success(outputs.id, outputs.attributes)
            }
            Err(error) => {
                let id = match self.cx.claimed() {
                    Some(id) => id,
                    // An earlier delivery may have been killed halfway.
                    None if self.cx.is_outcome_unknown() || !self.cx.clock().is_fresh() => {
                        outcome_unknown(self.request)
                    }
                    None => not_created(self.request),
                };
                Response::failed(id, error)
            }
        }
    }

    /// The properties of a Create or an Update, if they are valid, in the right region, and the request has not expired.
    ///
    /// # Errors
    /// The answer that rejects the request.
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
                    "CloudFormation gave up on this request {} seconds before it reached the function, so nothing was done. The \
                     function was busy, or its concurrency is limited",
                    by.as_secs()
                ),
            )),
        }
    }

    /// Creates the resource, or continues with an existing one.
    pub(super) async fn provision(&self, desired: &dyn Desired, adoption: Adoption) -> Result<Outputs> {
        let (mut inquiry, mut backoff) = (CreateInquiry::new(self, desired, adoption), Backoff::default());
        loop {
            let is_denied = |error: &Error| error.kind() == Kind::Denied;
            let action = self
                .when_ready(is_denied, async || inquire_from(&mut backoff, self.time_scale(), &mut inquiry).await)
                .await?;
            let id = inquiry.met_id.clone().unwrap_or_default();
            return match action {
                CreateAction::Create => match self.create_when_ready(desired).await {
                    Ok(outputs) if self.cx.clock().is_fresh() || self.is_looked_at_before() => Ok(outputs),
                    Ok(outputs) => self.confirmed(outputs).await,
                    Err(error) if error.kind() == Kind::Conflict => {
                        inquiry.conflict(error);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                CreateAction::Continue(renewed) => self.go_on(desired, &id, renewed).await,
                CreateAction::Adopt => self.take_over(desired, &id).await,
                CreateAction::Find => self.find(desired, &id).await,
                CreateAction::Set(note) => self.set(desired, &id, note).await,
                CreateAction::AcceptHandover { from, standing } => {
                    self.accept_handover(desired, &id, from, standing).await
                }
                CreateAction::Reject(rejection) => Err(inquiry.rejected(rejection)),
            };
        }
    }

    /// Whether the create has looked for the resource before creating it. If so, Chime's answer cannot be that to an old request.
    fn is_looked_at_before(&self) -> bool {
        self.resource.tracking() == Tracking::Untracked && self.resource.has_template_id()
    }
}
