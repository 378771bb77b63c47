//! For tests: a simulator, and the real SDK clients that talk to it.

use crate::behaviour::Behaviour;
use crate::simulator::{Options, Simulator};
use aws_sdk_chimesdkidentity::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_chimesdkidentity::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_chimesdkidentity::types::{Configuration, LexConfiguration};
use aws_sdk_chimesdkidentity::types::{InvokedBy, StandardMessages, TargetedMessages};
use aws_sdk_chimesdkmessaging::types::{
    FallbackAction, InvocationType, LambdaConfiguration, Processor, ProcessorConfiguration,
};
use aws_smithy_types::retry::RetryConfig;

pub(crate) use aws_sdk_chimesdkidentity as identity;
pub(crate) use aws_sdk_chimesdkmessaging as messaging;

/// A simulated account, and clients that never retry.
pub(crate) struct Account {
    pub simulator: Simulator,
    pub identity: identity::Client,
    pub messaging: messaging::Client,
}

impl Account {
    pub fn new() -> Self {
        Self::with(Behaviour::default())
    }

    pub fn with(behaviour: Behaviour) -> Self {
        Self::of(Options { behaviour, ..Options::default() }, "us-east-1")
    }

    /// With clients for a region, which may differ from the simulator's.
    pub fn of(options: Options, region: &'static str) -> Self {
        let simulator = Simulator::start(options).unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let http = aws_smithy_http_client::Builder::new().build_http();
        let identity = identity::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(simulator.url())
            .credentials_provider(credentials.clone())
            .retry_config(RetryConfig::disabled())
            .http_client(http.clone())
            .build();
        let messaging = messaging::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(simulator.url())
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .http_client(http)
            .build();
        Self {
            simulator,
            identity: identity::Client::from_conf(identity),
            messaging: messaging::Client::from_conf(messaging),
        }
    }

    pub async fn app_instance(&self) -> String {
        let made = self.identity.create_app_instance().name("instance").send().await.unwrap();
        made.app_instance_arn.unwrap()
    }

    pub async fn user(&self, app_instance: &str, id: &str) -> String {
        let request = self.identity.create_app_instance_user().app_instance_arn(app_instance);
        let made = request.app_instance_user_id(id).name(id).send().await.unwrap();
        made.app_instance_user_arn.unwrap()
    }

    pub async fn bot(&self, app_instance: &str) -> String {
        let request = self.identity.create_app_instance_bot().app_instance_arn(app_instance);
        let made = request.name("bot").configuration(lex("en_US")).send().await.unwrap();
        made.app_instance_bot_arn.unwrap()
    }

    pub async fn admin(&self, app_instance: &str, arn: &str) {
        let request = self.identity.create_app_instance_admin().app_instance_arn(app_instance);
        request.app_instance_admin_arn(arn).send().await.unwrap();
    }

    pub async fn channel_flow(&self, app_instance: &str) -> String {
        let request = self.messaging.create_channel_flow().app_instance_arn(app_instance);
        let made = request.name("flow").processors(processor(1)).send().await.unwrap();
        made.channel_flow_arn.unwrap()
    }

    pub async fn channel(&self, app_instance: &str, bearer: &str, id: &str) -> String {
        let request = self.messaging.create_channel().app_instance_arn(app_instance);
        let made = request.name(id).channel_id(id).chime_bearer(bearer).send().await.unwrap();
        made.channel_arn.unwrap()
    }

    /// The operation and the status of each call since the last time.
    pub fn take_calls(&self) -> Vec<String> {
        let calls = self.simulator.take_calls();
        let told = calls.iter().map(|call| {
            let status = call.status.map_or("-".into(), |status| status.to_string());
            format!("{} {status}", call.operation)
        });
        told.collect()
    }
}

/// The status and the exception of a failed call; 0 and the kind of failure if there was no answer.
pub(crate) fn failure<T, E, R>(result: Result<T, SdkError<E, R>>) -> (u16, String)
where
    T: std::fmt::Debug,
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + HasStatus,
{
    match result {
        Ok(success) => panic!("succeeded: {success:?}"),
        Err(SdkError::ServiceError(error)) => (error.raw().status(), error.err().code().unwrap_or_default().to_owned()),
        Err(SdkError::DispatchFailure(_)) => (0, "DispatchFailure".into()),
        Err(SdkError::TimeoutError(_)) => (0, "TimeoutError".into()),
        Err(_) => (0, "other".into()),
    }
}

/// A raw answer.
pub(crate) trait HasStatus {
    fn status(&self) -> u16;
}

impl HasStatus for identity::config::http::HttpResponse {
    fn status(&self) -> u16 {
        Self::status(self).as_u16()
    }
}

/// A status and the name of an exception.
pub(crate) fn is(status: u16, name: &str) -> (u16, String) {
    (status, format!("{name}Exception"))
}

pub(crate) fn lex(locale: &str) -> Configuration {
    lex_of("arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID", locale)
}

pub(crate) fn lex_of(alias: &str, locale: &str) -> Configuration {
    let invoked_by = InvokedBy::builder()
        .standard_messages(StandardMessages::All)
        .targeted_messages(TargetedMessages::None)
        .build()
        .unwrap();
    let lex =
        LexConfiguration::builder().lex_bot_alias_arn(alias).locale_id(locale).invoked_by(invoked_by).build().unwrap();
    Configuration::builder().lex(lex).build()
}

pub(crate) fn processor(order: i32) -> Processor {
    processor_of(order, "arn:aws:lambda:us-east-1:123456789012:function:processor")
}

pub(crate) fn processor_of(order: i32, function: &str) -> Processor {
    let lambda =
        LambdaConfiguration::builder().resource_arn(function).invocation_type(InvocationType::Async).build().unwrap();
    Processor::builder()
        .name("processor")
        .execution_order(order)
        .fallback_action(FallbackAction::Continue)
        .configuration(ProcessorConfiguration::builder().lambda(lambda).build())
        .build()
        .unwrap()
}
