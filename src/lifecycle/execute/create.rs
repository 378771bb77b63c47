//! Carries out a Create, and the making half of a replacement.

use crate::chime::error::{Error, Kind, Result};
use crate::chime::poll::{Poll, Window, poll};
use crate::lifecycle::decide::create::{CreateAction, CreateFacts, Mark, Met, Question, Rejection, decide_create};
use crate::lifecycle::decide::delete::Sighting;
use crate::lifecycle::decide::search::Depth;
use crate::lifecycle::decide::{OpenWindows, Step, Wait};
use crate::lifecycle::find::{Finding, Recency, Search};
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::physical_id::{not_created, outcome_unknown};
use crate::lifecycle::region::check_properties;
use crate::lifecycle::{Operation, reject};
use crate::properties::differences::listed;
use crate::request::Action;
use crate::request::logical_id::LogicalId;
use crate::resource::Locator;
use crate::resource::erased::{Compared, Desired, From, Outputs};
use crate::resource::observed::Observation;
use crate::resource::ownership::owner::{Handover, Ownership, Tracking};
use crate::resource::ownership::store::{read_ownership, record_owner, remove_mark};
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
                CreateAction::Reject(rejection) => return Err(self.rejection(&mut inquiry, rejection)),
            }
        }
    }

    /// Whether a create looks whether the resource is there before it makes it: then it is not the answer to an old request.
    fn is_looked_at_before(&self) -> bool {
        self.resource.tracking() == Tracking::Untracked && self.resource.has_template_id()
    }

    fn rejection(&self, inquiry: &mut CreateInquiry<'_>, rejection: Rejection) -> Error {
        let id = inquiry.met_id.clone().unwrap_or_default();
        let conflict = |what: String| Error::new(Kind::Conflict, what);
        let refusal = inquiry.refusal.take().unwrap_or_else(|| conflict(format!("{id} already exists")));
        match (rejection, inquiry.facts.tracking) {
            (Rejection::Foreign { stack, logical_id }, Tracking::ParentTag(key)) => {
                conflict(format!("{id} already exists and belongs to another stack: {logical_id} of {stack}")).with_advice(
                    format!(
                        "State it in one stack. If that stack is no more, remove the mark that it left behind: UntagResource of {} \
                         with the key {key}.",
                        self.resource.owner_arn(&id)
                    ),
                )
            }
            (Rejection::Foreign { stack, logical_id }, _) => {
                self.cx.set_outcome_known();
                refusal.with_advice(format!(
                    "{id} already exists and belongs to another stack: its tags name {logical_id} of {stack}. Choose another id, \
                     or delete it first."
                ))
            }
            (Rejection::Unowned, _) => refusal.with_advice(
                "It already exists, and belongs to another stack or to none, for it bears no tags of this one: choose another id, or \
                 delete it first.",
            ),
            (Rejection::Different(owner), _) => {
                self.cx.set_outcome_known();
                let differences = inquiry.observation.as_ref().map(|observation| listed(&observation.differences));
                let differences = differences.filter(|differences| !differences.is_empty());
                let how = differences.map(|differences| format!(": {differences}")).unwrap_or_default();
                conflict(format!(
                    "{id} already exists and belongs to the logical id {owner} of this stack, with other properties{how}"
                ))
                .with_advice(
                    "Rename and change in two deployments: first the new logical id alone, then the new properties.",
                )
            }
            (Rejection::Unseen, Tracking::Untracked) if inquiry.facts.has_template_id => refusal,
            (Rejection::Unseen, _) => refusal.with_advice(
                "Chime says that it exists, or that this very request has been carried out, and does not show what it made: \
                 deploy again.",
            ),
            (Rejection::CannotChange, _) => {
                let differences = inquiry.observation.as_ref().map(|observation| listed(&observation.differences));
                conflict(format!(
                    "{id} exists already, and not as it is stated here: {}",
                    differences.unwrap_or_default()
                ))
                .with_advice("Chime cannot change that: remove it first, or state it as it is.")
            }
            (Rejection::Unreadable, _) => refusal,
        }
    }

    /// Makes sure that what Chime says it has made is there. A used token may have been answered with the ARN of a resource that has
    /// been removed since.
    async fn confirmed(&self, outputs: Outputs) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || {
            let shown = match self.resource.tracking() {
                Tracking::Untracked => {
                    self.observe_as(&outputs.id, self.raw()).await.map(|_| Ownership::Unowned)
                }
                _ => read_ownership(self.cx, self.resource, &outputs.id).await,
            };
            let error = match shown {
                Ok(Ownership::Foreign { .. } | Ownership::SameStack { .. }) => None,
                Ok(Ownership::Ours { .. } | Ownership::Unowned) => return Ok(Poll::Ready(())),
                Err(error) if error.could_be_not_found() => Some(error),
                Err(error) => return Err(error),
            };
            if window.is_open() {
                return Ok(Poll::Again(window));
            }
            self.cx.release_claim();
            self.cx.set_outcome_unknown();
            let foreign = || Error::new(Kind::Conflict, format!("{} belongs to somebody else", outputs.id));
            Err(error.unwrap_or_else(foreign).with_advice(
                "Chime has answered an old request with what that request once made, and it is no longer there: deploy again.",
            ))
        })
        .await?;
        Ok(outputs)
    }

    /// Goes on with what this logical resource made before. With a `handover` to be noted, it lives on this request from now on.
    pub(super) async fn adopt(&self, desired: &dyn Desired, id: &str, note: Option<&Handover>) -> Result<Outputs> {
        self.claim_in_a_create(id);
        if let Some(handover) = note {
            record_owner(self.cx, self.resource, id, handover).await?;
        }
        self.update_from_observed(desired, id).await
    }

    /// Brings what exists to what is desired, from what Chime shows; it may not show it yet.
    pub(super) async fn update_from_observed(&self, desired: &dyn Desired, id: &str) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match desired.update(self.cx, id, From::Observed).await {
            Err(error) if error.kind() == Kind::NotFound && window.is_open() => Ok(Poll::Again(window)),
            updated => updated.map(Poll::Ready),
        })
        .await
    }

    /// Takes over what another logical id of the same stack owns, as a renamed resource does. It is as stated.
    async fn accept_handover(&self, desired: &dyn Desired, id: &str, from: LogicalId) -> Result<Outputs> {
        record_owner(self.cx, self.resource, id, &Handover::From(from)).await?;
        self.claim_in_a_create(id);
        self.until_shown(id, |owner| matches!(owner, Ownership::Ours { .. })).await?;
        desired.update(self.cx, id, From::Previous(&self.request.properties)).await
    }

    /// A failed Create reports what it has taken, so that the rollback's Delete settles whose it is. An Update reports the id that
    /// it was given, and must not remove what was there before.
    fn claim_in_a_create(&self, id: &str) {
        if self.request.action == Action::Create {
            self.cx.claim(id);
        }
    }

    /// Goes on with what is there and bears no note.
    async fn join(&self, desired: &dyn Desired, id: &str, observation: Option<Observation>) -> Result<Outputs> {
        // An earlier delivery of this request may have made it; what is older was there before.
        let clock = self.cx.clock();
        let is_own = observation.as_ref().is_some_and(|observation| {
            self.is_unanswered_trace(observation)
                && observation.created.is_some_and(|created| clock.may_have_made(created))
        });
        if is_own {
            self.cx.set_outcome_unknown()
        } else {
            self.cx.set_outcome_known()
        }
        match observation {
            Some(observation) if observation.differences.is_empty() => {
                desired.update(self.cx, id, From::Previous(&self.request.properties)).await
            }
            _ => self.update_from_observed(desired, id).await,
        }
    }

    /// Marks a setting and sets it. The mark comes first: what is set without one, nobody would clean up.
    async fn set(&self, desired: &dyn Desired, id: &str, mark: Mark) -> Result<Outputs> {
        let is_new = mark == Mark::New;
        if let Mark::Renew(handover) = &mark {
            record_owner(self.cx, self.resource, id, handover).await?;
        }
        // From here on a mark may be left behind, whatever happens: the rollback settles what it says.
        self.cx.set_outcome_unknown();
        if is_new {
            let marked = record_owner(self.cx, self.resource, id, &Handover::None).await;
            marked.inspect_err(|_| self.cx.set_outcome_known())?;
        }
        let error = match self.set_marked(desired, id, &mark).await {
            Ok(outputs) if self.cx.calls().was_outcome_unknown() => return self.still_marked(outputs).await,
            Ok(outputs) => return Ok(outputs),
            Err(error) => error,
        };
        // Surely not set by this request: what may have been there before must not be taken for its own. An event that is not fresh may have
        // been carried out before, and marked what is there by now: the rollback's Delete finds out.
        if is_new
            && self.cx.clock().is_fresh()
            && !self.cx.calls().is_outcome_unknown()
            && remove_mark(self.cx, self.resource, id).await.is_ok()
        {
            self.cx.set_outcome_known();
        }
        Err(error)
    }

    /// Sets what is marked. A Conflict means that it is there already: as an earlier create left it, or Chime may not show it yet.
    async fn set_marked(&self, desired: &dyn Desired, id: &str, mark: &Mark) -> Result<Outputs> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match desired.create(self.cx).await {
            Err(error) if error.kind() == Kind::Conflict && *mark != Mark::New => {
                desired.update(self.cx, id, From::Observed).await.map(Poll::Ready)
            }
            Err(error) if error.kind() == Kind::Conflict && window.is_open() => Ok(Poll::Again(window)),
            outcome => outcome.map(Poll::Ready),
        })
        .await
    }

    /// Makes sure that what has been set is still marked. An attempt without an answer may have been carried out, and removed with its mark by
    /// the Delete of a create that is not waited for any more, before the next attempt has set it again: nobody would remove that.
    async fn still_marked(&self, outputs: Outputs) -> Result<Outputs> {
        let window = Window::until(self.deadlines.ninety_percent());
        let is_marked = poll(self.time_scale(), async || {
            Ok(match read_ownership(self.cx, self.resource, &outputs.id).await? {
                Ownership::Ours { .. } => Poll::Ready(true),
                Ownership::Unowned if window.is_open() => Poll::Again(window),
                Ownership::Unowned => {
                    self.remove_unmarked(&outputs.id, self.raw(), Sighting::Seen).await?;
                    Poll::Ready(false)
                }
                // It has been handed over meanwhile, or it is another's.
                Ownership::SameStack { .. } | Ownership::Foreign { .. } => Poll::Ready(false),
            })
        })
        .await?;
        if is_marked {
            return Ok(outputs);
        }
        self.cx.release_claim();
        let error = Error::new(Kind::Conflict, format!("{} was removed while it was being made", outputs.id));
        Err(error.with_advice("CloudFormation has given this request up: deploy again."))
    }
}
