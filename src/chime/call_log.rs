//! What became of the calls of one request: how many, whether one of them is in doubt, and what Chime said last.

use crate::chime::error::{LastFailure, code, said};
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

/// What became of the calls.
#[derive(Debug, Default)]
pub struct CallLog {
    sent: AtomicU32,
    throttled: AtomicU32,
    /// Changing calls that are under way. They stay so when the deadline drops them.
    pending: AtomicU32,
    /// A changing call ended without an answer that settles it.
    is_lost: AtomicBool,
    /// One has at some time, even if a later attempt has settled it.
    was_lost: AtomicBool,
    /// The attempts that are under way.
    in_flight: Mutex<Vec<InFlight>>,
    last_failure: Mutex<Option<LastFailure>>,
}

impl CallLog {
    /// How many requests were sent, retries among them.
    pub fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many of them Chime throttled.
    pub fn throttled(&self) -> u32 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// Whether a changing call was sent of which nobody knows what became: no answer came, or a failure of Chime's own.
    pub fn is_outcome_unknown(&self) -> bool {
        self.pending.load(Ordering::Relaxed) > 0 || self.is_lost.load(Ordering::Relaxed)
    }

    /// Whether an attempt at a changing call has ended without an answer that settles it, even if a later one has. It may have been carried
    /// out long before that, and seen by others.
    pub fn was_outcome_unknown(&self) -> bool {
        self.was_lost.load(Ordering::Relaxed)
    }

    /// The latest attempt that is under way, or was when the time was up.
    pub fn in_flight(&self) -> Option<InFlight> {
        lock(&self.in_flight).last().cloned()
    }

    /// What Chime said last, where that was not yes.
    pub fn last_failure(&self) -> Option<LastFailure> {
        lock(&self.last_failure).clone()
    }
}

/// An attempt that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
}

/// An attempt at a changing call that nothing has settled yet.
#[derive(Debug)]
struct Pending;

impl Storable for Pending {
    type Storer = StoreReplace<Self>;
}

impl CallLog {
    /// Whether the attempt was pending; it is not any more.
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

/// The interceptor that keeps [`CallLog`] up to date.
#[derive(Debug)]
pub struct CallObserver {
    log: Arc<CallLog>,
    service: Service,
}

impl CallObserver {
    /// An observer of the calls to `service`. Only those to Chime are counted.
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
        if context.request().method() != "GET" {
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
        // A yes settles it only once it has been read. A time-out on Chime's side settles nothing, nor does a no that is not Chime's.
        let is_no = matches!(context.response().status().as_u16(), 300..=407 | 409..=499);
        if is_no && !code(context.response()).is_empty() {
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
            // A yes settles what became of the attempts before it: each call can be made again, or has a token.
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
                Some(response) => said(self.service, operation, response),
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
