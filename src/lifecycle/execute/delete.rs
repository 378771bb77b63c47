//! Carries out a Delete.

use crate::chime::error::{Error, Result};
use crate::chime::poll::{CONSISTENCY_WINDOW, Poll, Window, poll};
use crate::lifecycle::Operation;
use crate::lifecycle::decide::absence::{Absence, Refusal};
use crate::lifecycle::decide::delete::{
    Age, DeleteAction, DeleteFacts, Question, Reading, Sighting, Target, Then, decide_delete,
};
use crate::lifecycle::decide::{OpenWindows, Progress, Step, Wait};
use crate::lifecycle::execute::absence::AbsenceCheck;
use crate::lifecycle::inquiry::{Inquiry, inquire};
use crate::lifecycle::physical_id::PhysicalIdKind;
use crate::lifecycle::region::{check_properties, check_region};
use crate::properties::problems::ADOPT_EXISTING;
use crate::properties::raw::RawProperties;
use crate::request::clock::Sequence;
use crate::request::logical_id::LogicalId;
use crate::resource::ownership::store::{finish_handover, read_ownership, release};
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use crate::response::Response;
use std::time::SystemTime;

/// How often in a row a resource has to be seen as ours alone before it is removed. See [`Operation::end_handover`].
const LOOKS_AFTER_A_HANDOVER: u32 = 3;

/// Collects the facts for the Delete of one resource.
struct DeleteInquiry<'a> {
    operation: &'a Operation<'a>,
    id: &'a str,
    facts: DeleteFacts,
    consistency: Window,
    patient: Window,
    absence: AbsenceCheck<'a>,
    /// Chime's refusal to show the owner.
    refusal: Option<Error>,
    /// Whether the resource existed before the stack, according to the note of its owner.
    standing: Standing,
}

impl<'a> DeleteInquiry<'a> {
    fn new(operation: &'a Operation<'a>, id: &'a str, target: Target, patient: Window) -> Self {
        let clock = operation.cx.clock();
        let facts = DeleteFacts {
            target,
            me: operation.request.logical_id.clone(),
            tracking: operation.resource.tracking(),
            has_template_id: operation.resource.has_template_id(),
            age: match clock.age() {
                _ if clock.is_fresh() => Age::Fresh,
                age if age <= CONSISTENCY_WINDOW => Age::Recent,
                _ => Age::Old,
            },
            windows: OpenWindows { consistency: true, patient: true },
            gives_back: false,
            is_found: operation.resource.standing(id) == Standing::Found,
            progress: Progress::Begun,
            was_carried_out: false,
            reading: None,
            sequence: Sequence::Unknown,
            is_handover_over: false,
            absence: None,
            exists: None,
            is_recreated: None,
            is_of_later_life: None,
        };
        Self {
            operation,
            id,
            facts,
            consistency: operation.consistency_window(),
            patient,
            absence: AbsenceCheck::new(operation, id, Sighting::Unseen),
            refusal: None,
            standing: Standing::Made,
        }
    }

    async fn read_owner(&mut self) -> Result<Reading> {
        let operation = self.operation;
        let read = read_ownership(operation.cx, operation.resource, self.id).await;
        // Another delivery may have given the resource back while this one waited.
        self.facts.was_carried_out = operation.history.has_deleted(operation.request);
        match read {
            Ok(owner) => {
                let clock = operation.cx.clock();
                if let Ownership::Ours { cause, standing, .. } | Ownership::SameStack { cause, standing, .. } = &owner {
                    self.standing = *standing;
                    self.facts.sequence = clock.sequence(cause.sent);
                    self.facts.is_handover_over = clock.is_over(cause.sent);
                }
                Ok(Reading::Owner(owner))
            }
            Err(error) if error.could_be_not_found() => {
                let refusal = Refusal::of(error.kind());
                self.refusal =
                    Some(error.with_advice("It exists, but its owner cannot be read, so it was left alone."));
                Ok(Reading::Unreadable(refusal))
            }
            Err(error) => Err(error),
        }
    }

    fn unreadable(&mut self) -> Error {
        self.refusal.take().unwrap_or_else(|| Error::bug(format!("The owner of {} was never read", self.id)))
    }

    async fn check_absence(&mut self) -> Result<Absence> {
        match &self.refusal {
            Some(error) => self.absence.look(error).await,
            None => Err(Error::bug(format!("No refusal about {} was recorded", self.id))),
        }
    }
}

impl Inquiry for DeleteInquiry<'_> {
    type Question = Question;
    type Action = DeleteAction;

    fn decide(&mut self) -> Step<Question, DeleteAction> {
        self.facts.windows = OpenWindows { consistency: self.consistency.is_open(), patient: self.patient.is_open() };
        decide_delete(&self.facts)
    }

    async fn learn(&mut self, question: Question) -> Result<()> {
        let operation = self.operation;
        match question {
            Question::Owner => {
                let window = self.consistency;
                let reading = poll(operation.time_scale(), async || {
                    let reading = self.read_owner().await?;
                    let is_stale = matches!(&reading, Reading::Owner(Ownership::Ours { cause, .. })
                        if operation.history.has_noted_since(operation.request, cause));
                    // Chime still shows the note from before a create that this process has answered.
                    Ok(if is_stale && window.is_open() { Poll::Again(window) } else { Poll::Ready(reading) })
                });
                self.facts.reading = Some(reading.await?);
            }
            Question::Absence => self.facts.absence = Some(self.check_absence().await?),
            Question::Existence => self.facts.exists = Some(operation.exists(self.id).await?),
            Question::Recreated => {
                let clock = operation.cx.clock();
                let created = operation.created(self.id).await?;
                self.facts.is_recreated = Some(created.is_some_and(|created| !clock.is_older(created)));
            }
            Question::LaterLife => self.facts.is_of_later_life = Some(operation.is_of_a_later_life(self.id).await?),
        }
        Ok(())
    }

    fn forget(&mut self) {
        (self.facts.reading, self.facts.absence, self.facts.exists) = (None, None, None);
        (self.facts.is_recreated, self.facts.is_of_later_life) = (None, None);
        (self.facts.sequence, self.facts.is_handover_over) = (Sequence::Unknown, false);
        self.facts.progress = self.facts.progress.after_a_pause();
    }

    fn window(&self, wait: Wait) -> Window {
        match (wait, &self.facts.target) {
            (Wait::Patient, Target::Resource) => self.absence.window(wait),
            (Wait::Patient, _) => self.patient,
            (Wait::Consistency, _) => self.consistency,
            (Wait::Confirm, _) => self.absence.window(wait),
        }
    }
}

impl Operation<'_> {
    pub async fn delete(&self, physical_id: &str) -> Response {
        match self.with_deadline(self.deadlines.work, self.delete_target(physical_id)).await {
            Ok(()) => {
                self.history.note_delete(self.request);
                Response::success(physical_id, Vec::new())
            }
            Err(error) => Response::failed(physical_id, error),
        }
    }

    async fn delete_target(&self, physical_id: &str) -> Result<()> {
        match PhysicalIdKind::of(self.resource, physical_id) {
            PhysicalIdKind::NotCreated => Ok(()),
            PhysicalIdKind::Resource => {
                check_region(self.cx, [(String::new(), physical_id)])?;
                self.delete_by_owner(physical_id, self.raw(), Target::Resource, self.half_window()).await
            }
            PhysicalIdKind::OutcomeUnknown(cause) => {
                check_properties(self.cx, &self.request.properties)?;
                self.clean_up_after_create(Target::MadeBy(cause)).await
            }
            // A create whose properties name another region was rejected and created nothing.
            PhysicalIdKind::Placeholder if check_properties(self.cx, &self.request.properties).is_err() => Ok(()),
            PhysicalIdKind::Placeholder => self.clean_up_after_create(Target::MadeByAny).await,
        }
    }

    pub(super) fn half_window(&self) -> Window {
        Window::until(self.deadlines.half_remaining())
    }

    /// Deletes the resource `id` if its owner says that it is the `target` of this Delete.
    pub(super) async fn delete_by_owner(
        &self,
        id: &str,
        raw: RawProperties<'_>,
        target: Target,
        window: Window,
    ) -> Result<()> {
        if target != Target::Resource && self.resource.tracking() == Tracking::Untracked {
            // An adopted untracked resource has no note to remove.
            return Ok(());
        }
        let mut inquiry = DeleteInquiry::new(self, id, target, window);
        inquiry.facts.gives_back = self.gives_back(id, raw).await;
        loop {
            let then = match inquire(self.time_scale(), &mut inquiry).await? {
                DeleteAction::Keep => Then::Done,
                DeleteAction::Fail => return Err(inquiry.unreadable()),
                DeleteAction::Remove { sighting, then } => {
                    self.remove(id, sighting).await?;
                    then
                }
                DeleteAction::GiveBack { then } => {
                    self.give_back(id).await?;
                    then
                }
                DeleteAction::EndHandover { in_favour_of, then } => {
                    self.end_handover(id, &in_favour_of, inquiry.standing).await?;
                    then
                }
                DeleteAction::FinishGivingBack { owner, then } => {
                    finish_handover(self.cx, self.resource, id, &owner, inquiry.standing).await?;
                    then
                }
            };
            if then == Then::CheckOnce && self.exists(id).await? {
                return self.remove(id, Sighting::Unseen).await;
            }
            if then != Then::LookOn {
                return Ok(());
            }
            inquiry.facts.progress = Progress::JustActed;
        }
    }

    /// Whether AdoptExisting stands in these properties, so that a Delete gives `id` back.
    ///
    /// After a failed update the property may be nonsense, or name another resource. Giving back loses nothing, so it wins in doubt. Only if
    /// what the property names is gone, `id` was created in its place, and is the stack's own.
    async fn gives_back(&self, id: &str, raw: RawProperties<'_>) -> bool {
        if !raw.has(ADOPT_EXISTING) || !self.resource.is_adoptable() {
            return false;
        }
        match raw.adopts() {
            Some(adopted) if !self.is_same(&adopted, id) && self.resource.is_id(&adopted) => {
                let is_here = check_region(self.cx, [(String::new(), adopted.as_str())]).is_ok();
                !is_here || self.exists(&adopted).await.unwrap_or(true)
            }
            _ => true,
        }
    }

    /// Removes the note that a resource is ours. Succeeds if the resource is gone.
    async fn give_back(&self, id: &str) -> Result<()> {
        let listed = self.consistency_window();
        poll(self.time_scale(), async || {
            let Err(error) = release(self.cx, self.resource, id).await else { return Ok(Poll::Ready(())) };
            let could_be_gone = error.could_be_not_found();
            match self.unless_gone(error, id).await {
                // The List may still show what is gone.
                Err(_) if could_be_gone && listed.is_open() => Ok(Poll::Again(listed)),
                settled => settled.map(Poll::Ready),
            }
        })
        .await
    }

    /// `error`, unless the resource `id`, about which Chime answered so, no longer exists.
    async fn unless_gone(&self, error: Error, id: &str) -> Result<()> {
        let is_gone = error.could_be_not_found() && !self.exists_after(&error, id).await?;
        if is_gone { Ok(()) } else { Err(error) }
    }

    /// Whether two ids name the same resource, apart from its [`Standing`].
    pub(super) fn is_same(&self, one: &str, other: &str) -> bool {
        let id = |id: &str| self.resource.with_standing(id, Standing::Made);
        id(one) == id(other)
    }

    /// Ends a handover in favour of `logical_id`.
    ///
    /// Both logical ids may be deleted at the same time. Each then finds the handover and leaves the resource to the other, and one note
    /// overwrites the other. So each reads the note again a moment later. If it names the reader, the other has left the resource to an owner
    /// that is being deleted, and the reader removes the resource.
    async fn end_handover(&self, id: &str, logical_id: &LogicalId, standing: Standing) -> Result<()> {
        if let Err(error) = finish_handover(self.cx, self.resource, id, logical_id, standing).await {
            // The other Delete may have already removed it.
            return self.unless_gone(error, id).await;
        }
        self.until_shown(id, |owner| !owner.is_being_handed_over()).await?;
        let (mut looks, mut has_paused) = (0, false);
        let is_ours = poll(self.time_scale(), async || {
            // The other Delete may write its note a moment later.
            if !has_paused {
                has_paused = true;
                return Ok(Poll::Confirm);
            }
            match read_ownership(self.cx, self.resource, id).await {
                Ok(Ownership::Ours { handover: Handover::None, .. }) => {
                    looks += 1;
                    Ok(if looks == LOOKS_AFTER_A_HANDOVER { Poll::Ready(true) } else { Poll::Confirm })
                }
                Err(error) if !error.could_be_not_found() => Err(error),
                _ => Ok(Poll::Ready(false)),
            }
        })
        .await?;
        if is_ours { self.remove(id, Sighting::by(self.resource.tracking())).await } else { Ok(()) }
    }

    /// Waits until the tags of `id` show the current owner, or until the consistency window closes. The next event relies on them.
    pub(super) async fn until_shown(&self, id: &str, is_shown: impl Fn(&Ownership) -> bool) -> Result<()> {
        let window = self.consistency_window();
        poll(self.time_scale(), async || match read_ownership(self.cx, self.resource, id).await {
            Ok(owner) if is_shown(&owner) => Ok(Poll::Ready(())),
            Err(error) if !error.could_be_not_found() => Err(error),
            _ if window.is_open() => Ok(Poll::Again(window)),
            _ => Ok(Poll::Ready(())),
        })
        .await
    }

    /// When the resource `id` was created, if Chime shows that.
    pub(super) async fn created(&self, id: &str) -> Result<Option<SystemTime>> {
        match self.observe_as(id, self.raw()).await {
            Ok(observation) => Ok(observation.and_then(|observation| observation.created)),
            Err(error) if error.could_be_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the resource `id` belongs to a later incarnation: it was created long after this request was sent.
    pub(super) async fn is_of_a_later_life(&self, id: &str) -> Result<bool> {
        let clock = self.cx.clock();
        if !clock.could_meet_a_later_life() {
            return Ok(false);
        }
        Ok(self.created(id).await?.is_some_and(|created| clock.is_of_a_later_life(created)))
    }
}
