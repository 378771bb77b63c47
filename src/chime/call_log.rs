//! Records the calls of one request: how many there were, whether the outcome of one is unknown, and the last failure.

use crate::chime::error::{LastFailure, code, last_failure};
use crate::chime::service::Service;
use crate::chime::transport::NotSent;
use crate::sync::lock;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// The calls of one request.
#[derive(Debug, Default)]
pub struct CallLog {
    sent: AtomicU32,
    throttled: AtomicU32,
    /// Changing calls in flight. They stay pending if the deadline drops them.
    pending: AtomicU32,
    /// A changing call ended and its outcome is unknown.
    is_lost: AtomicBool,
    /// Whether this ever happened, even if a later attempt settled the outcome.
    was_lost: AtomicBool,
    /// The attempts in flight.
    in_flight: Mutex<Vec<InFlight>>,
    last_failure: Mutex<Option<LastFailure>>,
}

impl CallLog {
    /// How many requests were sent, including retries.
    pub fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many of them Chime throttled.
    pub fn throttled(&self) -> u32 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// Whether the outcome of a changing call is unknown: there was no response, or a failure on Chime's side.
    pub fn is_outcome_unknown(&self) -> bool {
        self.pending.load(Ordering::Relaxed) > 0 || self.is_lost.load(Ordering::Relaxed)
    }

    /// Whether an attempt at a changing call ended with an unknown outcome, even if a later attempt settled it. Chime
    /// may have carried it out earlier, and others may have seen the result.
    pub fn was_outcome_unknown(&self) -> bool {
        self.was_lost.load(Ordering::Relaxed)
    }

    /// The latest attempt in flight, now or when time ran out.
    pub fn in_flight(&self) -> Option<InFlight> {
        lock(&self.in_flight).last().cloned()
    }

    /// The last failure that a service reported.
    pub fn last_failure(&self) -> Option<LastFailure> {
        lock(&self.last_failure).clone()
    }
}

/// An attempt in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
}

/// Marks an attempt at a changing call whose outcome is not known yet.
#[derive(Debug)]
struct Pending;

impl Storable for Pending {
    type Storer = StoreReplace<Self>;
}

impl CallLog {
    /// Marks the attempt as settled. Returns whether it was pending.
    fn settle(&self, config: &mut ConfigBag) -> bool {
        let was_pending = config.load::<Pending>().is_some();
        if was_pending {
            config.interceptor_state().unset::<Pending>();
            self.pending.fetch_sub(1, Ordering::Relaxed);
        }
        was_pending
    }
}

fn operation(config: &ConfigBag) -> &str {
    config.load::<Metadata>().map_or("a call", Metadata::name)
}

/// The interceptor that updates [`CallLog`].
#[derive(Debug)]
pub struct CallObserver {
    log: Arc<CallLog>,
    service: Service,
}

impl CallObserver {
    /// An observer of the calls to `service`. Only calls to Chime are counted.
    pub fn new(log: Arc<CallLog>, service: Service) -> Self {
        Self { log, service }
    }
}

#[dyn_dispatch_hint]
impl Intercept for CallObserver {
    fn name(&self) -> &'static str {
        "CallObserver"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = InFlight { service: self.service, operation: operation(config).to_owned() };
        lock(&self.log.in_flight).push(attempt);
        self.log.sent.fetch_add(u32::from(self.service == Service::Chime), Ordering::Relaxed);
        // Systems Manager is only asked. Its protocol makes every call a POST.
        if self.service == Service::Chime && context.request().method() != "GET" {
            config.interceptor_state().store_put(Pending);
            self.log.pending.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A success settles the outcome only after it has been parsed. Neither a time-out on Chime's side nor an error
        // that Chime did not send settles it.
        let is_rejection = matches!(context.response().status().as_u16(), 300..=407 | 409..=499);
        if is_rejection && !code(context.response()).is_empty() {
            self.log.settle(config);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let was_pending = self.log.settle(config);
        let failure = context.output_or_error().and_then(|outcome| outcome.err());
        let was_sent = !failure.and_then(|error| error.as_connector_error()).is_some_and(|error| is_not_sent(error));
        match failure {
            Some(_) if was_pending && was_sent => {
                self.log.is_lost.store(true, Ordering::Relaxed);
                self.log.was_lost.store(true, Ordering::Relaxed);
            }
            // A success also settles the attempts before it, because every call is either idempotent or carries a
            // token.
            None if was_pending => self.log.is_lost.store(false, Ordering::Relaxed),
            _ => {}
        }
        let operation = operation(config);
        let mut in_flight = lock(&self.log.in_flight);
        if let Some(at) = in_flight.iter().position(|other| other.operation == operation) {
            in_flight.remove(at);
        }
        drop(in_flight);
        if failure.is_some() {
            let last = match context.response() {
                Some(response) => last_failure(self.service, operation, response),
                None if was_sent => LastFailure::of(self.service, operation, "did not answer"),
                None => LastFailure::of(self.service, operation, "could not be reached"),
            };
            let is_counted = last.is_throttling && self.service == Service::Chime;
            self.log.throttled.fetch_add(u32::from(is_counted), Ordering::Relaxed);
            *lock(&self.log.last_failure) = Some(last);
        }
        Ok(())
    }
}

fn is_not_sent(error: &(dyn StdError + 'static)) -> bool {
    error.is::<NotSent>() || error.source().is_some_and(is_not_sent)
}
