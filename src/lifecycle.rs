//! The life of a resource, from CloudFormation's point of view: what each request promises, and keeps on a bad day.
//!
//! - A request ends before its deadline, with an answer, even if the code below panics.
//! - A create that fails names what it made, so that the rollback's Delete removes it: by its id, or, where no answer from
//!   Chime says what became of the call, as [`UNFINISHED`]. Only what was surely not made is [`NOT_CREATED`].
//! - A create that meets what an earlier delivery of the same request made, or an earlier life of the same logical resource,
//!   adopts it. It never adopts what belongs to another stack or to none.
//! - Whether an update replaces is decided between the new properties and the id. The old properties may be those of a
//!   failed update, or nonsense: they only tell what need not be said to Chime again.
//! - A replacement leaves the old resource alone. CloudFormation deletes it once the whole stack has succeeded, or keeps it
//!   when the stack rolls back. A replacement that fails removes what it made.
//! - A delete succeeds if there is nothing left, whoever removed it, and fails if nobody can say so.

use crate::error::{Error, Kind, Result, sentence};
use crate::properties;
use crate::request::{Action, Request};
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::response::Response;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The id of what a failed create did not make. It parses as no resource's id.
pub const NOT_CREATED: &str = "not-created:";

/// The id of what a failed create may have made, with the request that may have made it.
pub const UNFINISHED: &str = "unfinished:";

/// Pauses while Chime comes round to what it has just done: lists lag behind creates, and deletes go on in the background.
const PAUSES: [Duration; 6] = [ms(100), ms(200), ms(400), ms(800), ms(1600), ms(3200)];

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// How long an adoption searches. A removal, which must leave nothing behind, takes half the time that there is.
const ADOPTION: Duration = ms(1600);

/// Until when a request may do what.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// The request's own work.
    pub work: Instant,
    /// The removal of what a failed replacement has made.
    pub removal: Instant,
}

/// Does what a request asks of a resource of type `R`.
pub async fn conclude<R: Resource>(cx: &Context, request: &Request, deadlines: Deadlines) -> Response {
    match &request.action {
        Action::Create => create::<R>(cx, request, deadlines).await,
        Action::Update { physical_resource_id, old_properties } => {
            let before = properties::read(old_properties).ok();
            update::<R>(cx, request, physical_resource_id, before.as_ref(), deadlines).await
        }
        Action::Delete { physical_resource_id } => delete::<R>(cx, request, physical_resource_id, deadlines).await,
    }
}

/// The answer to a request that nothing can be done for. What was never created is deleted all the same: the Delete that
/// follows a refused Create must not fail for the same reason.
pub fn refuse(request: &Request, reason: impl Into<String>) -> Response {
    let reason = sentence(&reason.into());
    match &request.action {
        Action::Delete { physical_resource_id: id } if !id.starts_with("arn:") && !id.starts_with(UNFINISHED) => {
            Response::success(id, Vec::new())
        }
        Action::Delete { physical_resource_id } | Action::Update { physical_resource_id, .. } => {
            Response::failed(physical_resource_id, reason)
        }
        Action::Create => Response::failed(not_created(request), reason),
    }
}

async fn create<R: Resource>(cx: &Context, request: &Request, deadlines: Deadlines) -> Response {
    let wanted = match properties::read::<R::Properties>(&request.properties) {
        Ok(wanted) => wanted,
        Err(problems) => return refuse(request, problems.to_string()),
    };
    match guarded(deadlines.work, make::<R>(cx, request, &wanted)).await {
        Ok(live) => Response::success(live.id, live.attributes),
        Err(error) => {
            let id = match cx.claimed() {
                Some(id) => id,
                None if cx.is_outcome_unknown() => format!("{UNFINISHED}{}", request.request_id),
                None => not_created(request),
            };
            Response::failed(id, error.reason())
        }
    }
}

async fn update<R: Resource>(
    cx: &Context,
    request: &Request,
    given: &str,
    before: Option<&R::Properties>,
    deadlines: Deadlines,
) -> Response {
    let wanted = match properties::read::<R::Properties>(&request.properties) {
        Ok(wanted) => wanted,
        Err(problems) => return refuse(request, problems.to_string()),
    };
    let kept = given.parse::<R::Id>().ok().filter(|id| !R::replaces(id, &wanted));
    let outcome = match &kept {
        Some(id) => {
            // Old properties that name another thing are those of a replacement that failed: they say nothing about this one.
            let before = before.filter(|before| !R::replaces(id, before));
            guarded(deadlines.work, R::update(cx, id, &Change { wanted: &wanted, before })).await
        }
        None => guarded(deadlines.work, replace::<R>(cx, request, &wanted)).await,
    };
    match outcome {
        Ok(live) => Response::success(live.id, live.attributes),
        Err(error) => {
            let mut reason = error.reason();
            if kept.is_none()
                && let Err(left) =
                    guarded(deadlines.removal, discard::<R>(cx, request, &wanted, deadlines.removal)).await
            {
                reason = format!("{reason} What it may have made in its place is left behind: {}", left.reason());
            }
            Response::failed(given, reason)
        }
    }
}

async fn delete<R: Resource>(cx: &Context, request: &Request, given: &str, deadlines: Deadlines) -> Response {
    let removal = async {
        match (given.strip_prefix(UNFINISHED), given.parse::<R::Id>()) {
            (Some(request_id), _) => remove_unfinished::<R>(cx, request, request_id, deadlines.work).await,
            (None, Ok(id)) => remove::<R>(cx, &id).await,
            (None, Err(_)) => Ok(()),
        }
    };
    match guarded(deadlines.work, removal).await {
        Ok(()) => Response::success(given, Vec::new()),
        Err(error) => Response::failed(given, error.reason()),
    }
}

fn not_created(request: &Request) -> String {
    format!("{NOT_CREATED}{}", request.request_id)
}

/// Lets `work` end by `by`, and turns a panic into an error: whatever happens, an answer follows.
async fn guarded<T>(by: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout_at(by, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Error::bug("The function panicked")),
        Err(_) => Err(Error::new(Kind::TimedOut, "The function's time was up before Chime had answered")),
    }
}

/// Creates, or adopts what a create has met.
async fn make<R: Resource>(cx: &Context, request: &Request, wanted: &R::Properties) -> Result<Live> {
    let conflict = match R::create(cx, wanted).await {
        Err(error) if error.kind() == Kind::Conflict => error,
        outcome => return outcome,
    };
    // Until its tags say whose it is, it may be what an earlier delivery of this request made.
    cx.doubt(true);
    let met = match search(Instant::now() + ADOPTION, || R::find(cx, wanted, cx.owner())).await {
        Ok(met) => met,
        Err(error) => return Err(conflict.advise(format!("Whose it is could not be found out: {}", error.reason()))),
    };
    if let Some(id) = met.first() {
        if request.action == Action::Create {
            cx.claim(id);
        }
        return R::update(cx, id, &Change { wanted, before: None }).await;
    }
    // The token is this request's own: what Chime chose an id for is ours, though Chime does not show it yet.
    cx.doubt(R::IDENTITY == Identity::ChosenByChime);
    Err(match R::IDENTITY {
        Identity::ChosenByChime => conflict.advise(
            "Chime says that it has carried out this very request, and does not show what it made: deploy again.",
        ),
        Identity::ChosenByTemplate => conflict.advise(
            "It already exists and belongs to another stack (or to none): choose another id, or delete it first.",
        ),
        Identity::Shared => conflict,
    })
}

/// Makes what takes the place of another resource. The rollback of a replacement comes this way too, and what it wants to
/// have back still exists: where Chime would make a second one without complaint, the first is looked for.
async fn replace<R: Resource>(cx: &Context, request: &Request, wanted: &R::Properties) -> Result<Live> {
    if R::IDENTITY == Identity::ChosenByChime
        && let Some(id) = R::find(cx, wanted, cx.owner()).await?.first()
    {
        return R::update(cx, id, &Change { wanted, before: None }).await;
    }
    make::<R>(cx, request, wanted).await
}

/// Removes what a failed replacement made, and nothing that was there before it.
async fn discard<R: Resource>(cx: &Context, request: &Request, wanted: &R::Properties, by: Instant) -> Result<()> {
    if let Some(id) = cx.claimed().and_then(|id| id.parse::<R::Id>().ok()) {
        return remove::<R>(cx, &id).await;
    }
    if cx.is_outcome_unknown() {
        return remove_made_by::<R>(cx, wanted, &request.request_id, by).await;
    }
    Ok(())
}

/// Removes what a create made of which nobody knew. Properties that are wrong were refused before any call.
async fn remove_unfinished<R: Resource>(cx: &Context, request: &Request, request_id: &str, by: Instant) -> Result<()> {
    match properties::read::<R::Properties>(&request.properties) {
        Ok(wanted) => remove_made_by::<R>(cx, &wanted, request_id, by).await,
        Err(_) => Ok(()),
    }
}

async fn remove_made_by<R: Resource>(
    cx: &Context,
    wanted: &R::Properties,
    request_id: &str,
    by: Instant,
) -> Result<()> {
    let owner = cx.owner().of_request(request_id);
    for id in search(halfway(by), || R::find(cx, wanted, &owner)).await? {
        remove::<R>(cx, &id).await?;
    }
    Ok(())
}

/// Searches until something is found, or it is safe to say that there is nothing.
async fn search<T, S: Future<Output = Result<Vec<T>>>>(until: Instant, find: impl Fn() -> S) -> Result<Vec<T>> {
    for pause in PAUSES {
        let found = find().await?;
        if !found.is_empty() || Instant::now() + pause > until {
            return Ok(found);
        }
        sleep(pause).await;
    }
    find().await
}

fn halfway(to: Instant) -> Instant {
    let now = Instant::now();
    now + to.saturating_duration_since(now) / 2
}

/// Removes a resource, unless it is gone already. Chime's Forbidden may mean that; it does if the parent's List agrees.
async fn remove<R: Resource>(cx: &Context, id: &R::Id) -> Result<()> {
    let mut pauses = PAUSES.iter();
    loop {
        let error = match R::delete(cx, id).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let is_left = match error.kind() {
            Kind::NotFound => false,
            Kind::Forbidden => match R::is_listed(cx, id).await {
                Ok(is_listed) => is_listed,
                // Its parent may be on its way out: still listed, and nothing in it to be seen any more.
                Err(second) if second.kind() == Kind::Forbidden => true,
                Err(second) => {
                    let doubt = format!("Whether it still exists could not be found out: {}", second.reason());
                    return Err(error.advise(doubt));
                }
            },
            Kind::Conflict => true,
            _ => return Err(error),
        };
        match pauses.next() {
            _ if !is_left => return Ok(()),
            Some(pause) => sleep(*pause).await,
            None => return Err(error),
        }
    }
}

/// What no simulator can bring about: panics, and failures between Chime's yes and the end of a create. Everything else
/// about the lifecycle is in `tests/contract`, for every type.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::chime::Chime;
    use crate::ownership::Owner;
    use crate::response::Outcome;
    use crate::settings::Settings;
    use crate::values::Text;
    use serde_json::{Value as Json, json};
    use std::sync::Arc;

    crate::properties! {
        /// A number, and what its creation comes to.
        pub struct NumberProperties {
            /// The number.
            number: Text<1, 9> => "Number",
            /// How its creation ends.
            ends: Text<1, 9> => "Ends",
        }
    }

    /// A resource that exists nowhere, and fails as its properties say.
    struct Number;

    impl Resource for Number {
        const TYPE: &'static str = "Number";
        const IDENTITY: Identity = Identity::ChosenByTemplate;
        const REF: &'static str = "The number.";
        const ATTRIBUTES: &'static [(&'static str, &'static str)] = &[];
        type Id = u8;
        type Properties = NumberProperties;

        fn replaces(id: &u8, properties: &NumberProperties) -> bool {
            id.to_string() != properties.number.as_str()
        }

        async fn create(cx: &Context, properties: &NumberProperties) -> Result<Live> {
            let end = properties.ends.as_str();
            if end != "panic" {
                cx.claim(properties.number.as_str());
            }
            match end {
                "error" => Err(Error::new(Kind::Invalid, "Too odd")),
                "never" => std::future::pending().await,
                "well" => Ok(Live::new(properties.number.as_str(), [])),
                _ => panic!("a panic with something secret"),
            }
        }

        async fn update(_: &Context, id: &u8, _: &Change<'_, NumberProperties>) -> Result<Live> {
            Ok(Live::new(id, []))
        }

        async fn delete(_: &Context, id: &u8) -> Result<()> {
            let forbidden = || Err(Error::new(Kind::Forbidden, "Forbidden"));
            match id {
                4 | 5 => forbidden(),
                6 => Err(Error::new(Kind::Denied, "Not you")),
                _ => Err(Error::new(Kind::NotFound, "No such number")),
            }
        }

        async fn is_listed(_: &Context, id: &u8) -> Result<bool> {
            Ok(*id == 5)
        }

        async fn find(_: &Context, _: &NumberProperties, _: &Owner) -> Result<Vec<u8>> {
            Ok(Vec::new())
        }
    }

    async fn conclude(request_type: &str, id: &str, properties: Json, old: Json) -> Response {
        let request = Request::read(json!({
            "RequestType": request_type, "RequestId": "r", "ResponseURL": "https://host/", "StackId": "s",
            "LogicalResourceId": "l", "ResourceType": "Custom::Number", "PhysicalResourceId": id,
            "ResourceProperties": properties, "OldResourceProperties": old,
        }))
        .expect("a request");
        let http = crate::http::client(None).expect("a client");
        let cx = Context::new(Chime::new(Arc::new(Settings::default()), http, Duration::from_secs(1)), &request);
        let now = Instant::now();
        let (work, removal) = (now + Duration::from_secs(20), now + Duration::from_secs(30));
        super::conclude::<Number>(&cx, &request, Deadlines { work, removal }).await
    }

    fn reason(response: &Response) -> &str {
        assert!(matches!(response.outcome, Outcome::Failed(_)), "{response:?}");
        response.reason()
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_fails_after_chimes_yes_reports_what_it_made() {
        for (end, why) in [("error", "Too odd"), ("never", "time was up"), ("late", "defect")] {
            let response = conclude("Create", "", json!({"Number": "1", "Ends": end}), json!({})).await;
            assert!(reason(&response).contains(why), "{response:?}");
            assert_eq!(response.physical_resource_id, "1");
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_that_does_not_repeat_it() {
        let response = conclude("Create", "", json!({"Number": "1", "Ends": "panic"}), json!({})).await;
        assert!(reason(&response).contains("defect") && !reason(&response).contains("secret"), "{response:?}");
        assert_eq!(response.physical_resource_id, "not-created:r");
    }

    #[tokio::test(start_paused = true)]
    async fn a_replacement_that_fails_after_chimes_yes_is_removed_and_the_old_id_kept() {
        let old = json!({"Number": "1", "Ends": "well"});
        for end in ["error", "never", "late"] {
            let response = conclude("Update", "1", json!({"Number": "2", "Ends": end}), old.clone()).await;
            assert_eq!(response.physical_resource_id, "1");
            assert!(!reason(&response).contains("left behind"), "{response:?}");
        }
        let response = conclude("Update", "1", json!({"Number": "6", "Ends": "error"}), old).await;
        assert!(reason(&response).contains("Too odd. What it may have made in its place is left behind: Not you."));
    }

    #[tokio::test(start_paused = true)]
    async fn forbidden_is_gone_only_if_the_list_agrees() {
        for (id, is_gone) in [("3", true), ("4", true), ("5", false), ("6", false), ("not-a-number", true)] {
            let response = conclude("Delete", id, json!({}), json!({})).await;
            assert_eq!(response.status() == "SUCCESS", is_gone, "{response:?}");
            assert_eq!(response.physical_resource_id, id);
        }
    }

    #[tokio::test]
    async fn old_properties_that_are_nonsense_do_not_stop_a_rollback() {
        let wanted = json!({"Number": "1", "Ends": "well"});
        for old in [json!({"Number": []}), json!(7), json!({})] {
            assert_eq!(conclude("Update", "1", wanted.clone(), old).await.status(), "SUCCESS");
        }
    }
}
