//! One run of a command on an account: where its credentials come from, and its clients.

use crate::account::reads::ReadsOnly;
use crate::account::release::Target;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::profile::region::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, SharedRetryClassifier,
};
use chime_messaging_resources::account::Reader;
use chime_messaging_resources::{Access, CHIME_REGIONS, Chime, SdkHttpClient, Settings, http_client};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long one attempt at a call may take.
const ATTEMPT: Duration = Duration::from_secs(30);

/// How often in a row no connection may be made before that is final.
const MOST_UNREACHABLE: u32 = 4;

/// Which account, and how to reach it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AccountArguments {
    /// The profile of the AWS configuration; by default AWS_PROFILE, or the environment's credentials
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region of the Chime calls; by default CHIME_REGION, AWS_REGION or the profile's
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The address of all services, unless AWS_ENDPOINT_URL_<SERVICE> names another one for a service
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub endpoint_url: Option<String>,
}

/// The clients of one run. None of them can send a call that changes something.
#[derive(Debug)]
pub struct Session {
    config: SdkConfig,
    reader: Reader,
    target: Target,
    classifier: SharedRetryClassifier,
    endpoints: Endpoints,
    cloudformation: RefCell<BTreeMap<String, aws_sdk_cloudformation::Client>>,
}

/// The endpoints of services of their own, which win over that of all services.
#[derive(Debug, Default)]
struct Endpoints {
    cloudformation: Option<String>,
    ssm: Option<String>,
}

/// The configuration of a client besides those of Chime. Throttling is waited out: there are as many attempts as the function makes.
macro_rules! client {
    ($session:expr, $sdk:ident, $region:expr, $endpoint:expr) => {{
        let mut config = $sdk::config::Builder::from(&$session.config)
            .region(Region::new($region.to_owned()))
            .retry_config($session.chime().retries())
            .retry_classifier($session.classifier.clone())
            .timeout_config($session.chime().timeouts())
            .interceptor(ReadsOnly);
        if let Some(endpoint) = &$endpoint {
            config = config.endpoint_url(endpoint);
        }
        config.build()
    }};
}

impl Session {
    /// Finds credentials and region as every AWS tool does: in the arguments, the environment, the profile (SSO and roles included), or the
    /// machine's role. No call is made yet, except those that credentials need.
    ///
    /// # Errors
    /// There are no credentials, Chime has no messaging control plane in the region, or a variable is no address.
    pub async fn open(arguments: &AccountArguments) -> Result<Self, String> {
        check_endpoints(std::env::vars())?;
        let mut settings = Settings::from_env();
        let endpoint = arguments.endpoint_url.clone();
        if let Some(endpoint) = &endpoint {
            settings.identity_endpoint = Some(own_endpoint("CHIME_SDK_IDENTITY").unwrap_or_else(|| endpoint.clone()));
            settings.messaging_endpoint = Some(own_endpoint("CHIME_SDK_MESSAGING").unwrap_or_else(|| endpoint.clone()));
            settings.ssm_endpoint = Some(own_endpoint("SSM").unwrap_or_else(|| endpoint.clone()));
        }
        let http = http_client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string())?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(SdkHttpClient(http.clone()));
        if let Some(profile) = &arguments.profile {
            // A profile that is named wins over the environment's credentials, as in the AWS CLI. By default, the environment would.
            loader = loader
                .profile_name(profile)
                .credentials_provider(of_profile(profile, SdkHttpClient(http.clone()), arguments).await);
        }
        if let Some(region) = arguments.region.clone().or(settings.region.clone()) {
            loader = loader.region(Region::new(region));
        }
        if let Some(endpoint) = &endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let is_here = settings.identity_endpoint.as_deref().is_some_and(is_local);
        if is_here && settings.credentials.is_none() && arguments.profile.is_none() {
            // A simulator needs some credentials, and any will do.
            let local = aws_sdk_chimesdkidentity::config::Credentials::new("local", "local", None, None, "local");
            loader = loader.credentials_provider(local);
        }
        let config = loader.load().await;
        let found = config.region().map(ToString::to_string);
        settings.region = arguments.region.clone().or(settings.region).or(found);
        let region = match &settings.region {
            Some(region) if CHIME_REGIONS.contains(&&**region) => region.clone(),
            None if is_here => CHIME_REGIONS[0].to_owned(),
            Some(region) => {
                let regions = CHIME_REGIONS.join(" and ");
                return Err(format!("Chime's messaging control plane is in {regions}, not in {region}: --region"));
            }
            None => return Err(format!("there is no region: --region {}", CHIME_REGIONS.join(" or "))),
        };
        settings.region = Some(region.clone());
        let target = Target { region, profile: arguments.profile.clone() };
        let endpoints = Endpoints { cloudformation: own_endpoint("CLOUDFORMATION"), ssm: own_endpoint("SSM") };
        Self::with(config, settings, SdkHttpClient(http), target, endpoints).await
    }

    /// A session on this machine, whatever the environment says: with the Chime APIs and an engine that has all other services, in which
    /// the id of the access key is the account.
    ///
    /// # Errors
    /// None, unless the system has no certificates that can be read.
    pub async fn local(chime_url: &str, engine_url: &str, account: &str, region: &str) -> Result<Self, String> {
        let credentials = aws_sdk_chimesdkidentity::config::Credentials::new(account, "local", None, None, "local");
        let http = http_client(None).map_err(|error| error.to_string())?;
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(SdkHttpClient(http.clone()))
            .region(Region::new(region.to_owned()))
            .endpoint_url(engine_url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let settings = Settings {
            region: Some(region.to_owned()),
            identity_endpoint: Some(chime_url.to_owned()),
            messaging_endpoint: Some(chime_url.to_owned()),
            ssm_endpoint: Some(engine_url.to_owned()),
            ..Settings::default()
        };
        let target = Target { region: region.to_owned(), profile: None };
        Self::with(config, settings, SdkHttpClient(http), target, Endpoints::default()).await
    }

    async fn with(
        config: SdkConfig,
        settings: Settings,
        http: SdkHttpClient,
        target: Target,
        endpoints: Endpoints,
    ) -> Result<Self, String> {
        let credentials = config.credentials_provider().ok_or("there is no source of AWS credentials")?;
        provide(&credentials).await?;
        let classifier = SharedRetryClassifier::new(Unreachable::default());
        let access = Access {
            credentials,
            interceptor: SharedInterceptor::new(ReadsOnly),
            retry_classifier: classifier.clone(),
        };
        let chime = Chime::new(Arc::new(settings), http.0, ATTEMPT).with_access(access);
        Ok(Self {
            config,
            reader: Reader::new(&chime),
            target,
            classifier,
            endpoints,
            cloudformation: RefCell::default(),
        })
    }

    /// Reads Chime in terms of the resource types.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The clients of the Chime APIs.
    pub fn chime(&self) -> &Chime {
        self.reader.chime()
    }

    /// The region of the Chime calls.
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// Where commands go that somebody is to run with the same credentials.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The client of CloudFormation in a region.
    pub fn cloudformation(&self, region: &str) -> aws_sdk_cloudformation::Client {
        let mut clients = self.cloudformation.borrow_mut();
        let client = clients.entry(region.to_owned()).or_insert_with(|| {
            aws_sdk_cloudformation::Client::from_conf(client!(
                self,
                aws_sdk_cloudformation,
                region,
                self.endpoints.cloudformation
            ))
        });
        client.clone()
    }

    /// The client of Systems Manager, where the older library keeps its parameters.
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::from_conf(client!(self, aws_sdk_ssm, self.region(), self.endpoints.ssm))
    }
}

/// The credentials of a profile: its keys, its role, or its single sign-on.
async fn of_profile(
    profile: &str,
    http: SdkHttpClient,
    arguments: &AccountArguments,
) -> ProfileFileCredentialsProvider {
    let stated = arguments.region.clone().map(Region::new);
    let region = match stated {
        Some(region) => Some(region),
        None => ProfileFileRegionProvider::builder().profile_name(profile).build().region().await,
    };
    let config = ProviderConfig::without_region().with_http_client(http).with_region(region);
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build()
}

/// Reads an address.
fn endpoint(text: &str) -> Result<String, String> {
    let is_address = ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if is_address { Ok(text.to_owned()) } else { Err("an address begins with http:// or https://".to_owned()) }
}

/// Checks the variables that hold addresses. The SDK would panic at the first call.
fn check_endpoints(variables: impl Iterator<Item = (String, String)>) -> Result<(), String> {
    for (name, value) in variables.filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL")) {
        endpoint(&value).map_err(|why| format!("{name} is {value:?}, and {why}. Unset it, or give it one"))?;
    }
    Ok(())
}

/// A service's own endpoint, which wins over that of all services.
fn own_endpoint(service: &str) -> Option<String> {
    std::env::var(format!("AWS_ENDPOINT_URL_{service}")).ok().filter(|url| !url.is_empty())
}

/// Fails early, and with the reason, if there are no credentials.
async fn provide(credentials: &SharedCredentialsProvider) -> Result<(), String> {
    use aws_credential_types::provider::ProvideCredentials;
    credentials.provide_credentials().await.map(drop).map_err(|error| {
        let mut text = format!("there are no AWS credentials: {error}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        text
    })
}

/// Whether an endpoint is on this machine.
pub fn is_local(endpoint: &str) -> bool {
    ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].iter().any(|here| endpoint.starts_with(here))
}

/// Makes a failure final if no connection could be made several times in a row. Everything else is tried again for as long as it may pass.
#[derive(Debug, Default)]
struct Unreachable {
    in_a_row: AtomicU32,
}

impl ClassifyRetry for Unreachable {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failure = context.output_or_error().and_then(|outcome| outcome.err());
        let has_response = context.response().is_some();
        if has_response || failure.and_then(|error| error.as_connector_error()).is_none() {
            self.in_a_row.store(0, Ordering::Relaxed);
            return RetryAction::NoActionIndicated;
        }
        match self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1 {
            MOST_UNREACHABLE.. => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Unreachable"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_simulator::{Options, Simulator};
    use std::error::Error;

    fn at(url: &str) -> AccountArguments {
        AccountArguments { endpoint_url: Some(url.to_owned()), ..AccountArguments::default() }
    }

    /// The error and its sources.
    fn in_full(error: &dyn Error) -> String {
        error.source().map_or(error.to_string(), |source| format!("{error}: {}", in_full(source)))
    }

    #[tokio::test]
    async fn a_call_that_is_not_a_read_is_refused_and_never_sent() {
        let simulator = Simulator::start(Options::default()).expect("it starts");
        let session = Session::open(&at(&simulator.url())).await.expect("a session");
        let identity = session.chime().identity();
        let error =
            identity.create_app_instance().name("x").client_request_token("to").send().await.expect_err("refused");
        assert!(in_full(&error).contains("CreateAppInstance is not among the reading calls"), "{}", in_full(&error));
        let messaging = session.chime().messaging();
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a/channel-flow/f";
        let error = messaging.untag_resource().resource_arn(arn).tag_keys("k").send().await.expect_err("refused");
        assert!(in_full(&error).contains("UntagResource is not among"), "{}", in_full(&error));
        let error =
            session.cloudformation("us-east-1").delete_stack().stack_name("s").send().await.expect_err("refused");
        assert!(in_full(&error).contains("DeleteStack is not among"), "{}", in_full(&error));
        let error = session.ssm().delete_parameter().name("/chime/x").send().await.expect_err("refused");
        assert!(in_full(&error).contains("DeleteParameter is not among"), "{}", in_full(&error));
        assert_eq!(simulator.calls().len(), 0);
        assert_eq!(simulator.connections(), 0);
        identity.list_app_instances().send().await.expect("a read");
        assert_eq!(simulator.calls().len(), 1);
    }

    #[test]
    fn an_address_that_is_none_is_an_error_that_names_it() {
        let check = |value: &str| check_endpoints([("AWS_ENDPOINT_URL_SSM".to_owned(), value.to_owned())].into_iter());
        assert_eq!(check("http://127.0.0.1:1"), Ok(()));
        let empty =
            r#"AWS_ENDPOINT_URL_SSM is "", and an address begins with http:// or https://. Unset it, or give it one"#;
        assert_eq!(check(""), Err(empty.to_owned()));
        assert!(check("localhost:1").is_err() && check("http://").is_err());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_an_error_within_seconds() {
        let url = Simulator::start(Options::default()).expect("it starts").url();
        let session = Session::open(&at(&url)).await.expect("a session");
        let started = std::time::Instant::now();
        session.chime().identity().list_app_instances().send().await.expect_err("nobody listens");
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn another_region_is_refused_with_those_that_there_are() {
        let arguments = AccountArguments { region: Some("eu-west-1".into()), ..at("http://127.0.0.1:1") };
        let error = Session::open(&arguments).await.expect_err("no region of Chime's");
        assert_eq!(
            error,
            "Chime's messaging control plane is in us-east-1 and eu-central-1, not in eu-west-1: --region"
        );
    }
}
