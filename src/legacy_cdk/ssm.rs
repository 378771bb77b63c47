//! The parameters of AWS Systems Manager that the library keeps its ARNs in: what was written into one, and deleting one.
//!
//! Two operations out of a hundred and fifty. The SDK's client for them makes the package 0.19 MB larger (measured), for everyone; this is the
//! SDK's own runtime, signer and retries, with the two requests written by hand.

use crate::chime::error::{Error, Kind, Result, answered, code};
use crate::chime::retry::TransientClassifier;
use crate::chime::service::Service;
use crate::resource::context::Context;
use crate::resource::pages::{Page, pages};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value as Json, json};
use std::fmt;

/// A value that was written into a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What was written.
    pub value: String,
    /// By whom: of a function, the ARN of its role's session, which has the function's name at its end.
    /// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterHistory.html>
    pub writer: String,
}

/// What was written into the parameter `name` since it was made, the last at the end; nothing if there is no such parameter.
///
/// # Errors
/// Those of GetParameterHistory.
pub async fn history(cx: &Context, name: &str) -> Result<Vec<Version>> {
    let list = |token: Option<String>| -> LocalBoxFuture<'_, Result<Page<Version>>> {
        Box::pin(async move {
            let mut input = json!({"Name": name, "MaxResults": MOST_VERSIONS});
            if let Some(token) = token {
                input["NextToken"] = json!(token);
            }
            Ok(call(cx, "GetParameterHistory", &input).await?.map(|page| versions(&page)).unwrap_or_default())
        })
    };
    let pages: Vec<Page<Version>> = pages(list).try_collect().await?;
    Ok(pages.into_iter().flat_map(|page| page.items).collect())
}

fn versions(page: &Json) -> Page<Version> {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let version = |it: &Json| Version { value: text(&it["Value"]), writer: text(&it["LastModifiedUser"]) };
    let items = page["Parameters"].as_array().into_iter().flatten().map(version).collect();
    Page { items, next_token: page["NextToken"].as_str().map(str::to_owned) }
}

/// The most on a page. SSM keeps a hundred versions.
const MOST_VERSIONS: u32 = 50;

/// Deletes the parameter `name`, if there is one.
///
/// # Errors
/// Those of DeleteParameter.
pub async fn delete(cx: &Context, name: &str) -> Result<()> {
    call(cx, "DeleteParameter", &json!({"Name": name})).await.map(|_| ())
}

/// An answer that is a no.
#[derive(Debug)]
struct No;

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for No {}

/// Calls `operation`; `None` where there is no such parameter.
async fn call(cx: &Context, operation: &'static str, input: &Json) -> Result<Option<Json>> {
    let failed = |kind, what: &str| Err(Error::new(kind, format!("{operation}: AWS Systems Manager {what}")));
    match request(cx, operation)?.invoke(input.to_string()).await {
        Ok(answer) => Ok(Some(answer)),
        Err(SdkError::ServiceError(no)) if code(no.raw()) == "ParameterNotFound" => Ok(None),
        Err(SdkError::ServiceError(no)) => Err(answered(Service::SystemsManager, operation, no.raw())),
        Err(SdkError::ResponseError(unreadable)) => Err(answered(Service::SystemsManager, operation, unreadable.raw())),
        Err(SdkError::TimeoutError(_)) => failed(Kind::TimedOut, "did not answer in time"),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => {
            failed(Kind::TimedOut, "did not answer in time")
        }
        Err(SdkError::DispatchFailure(_)) => failed(Kind::Unavailable, "could not be reached"),
        Err(_) => Err(Error::bug(format!("The request of {operation} could not be made"))),
    }
}

/// `operation`, ready to be invoked with its input. It is in the region of the things, as the library is.
fn request(cx: &Context, operation: &'static str) -> Result<Operation<String, Json, No>> {
    let settings = cx.settings();
    let region = settings.region.clone().unwrap_or_default();
    let Some(credentials) = settings.credentials.clone() else {
        return Err(Error::new(Kind::Denied, format!("{operation}: the function has no credentials")));
    };
    let own = format!("https://ssm.{region}.amazonaws.com");
    let signing = SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(Region::new(region))),
        name: Some(SigningName::from_static("ssm")),
        signing_options: SigningOptions::default(),
        ..SigV4OperationSigningConfig::default()
    };
    let mut layer = Layer::new("signing");
    layer.store_put(signing);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
        .with_identity_cache(Some(IdentityCache::no_cache()))
        .with_identity_resolver(SCHEME_ID, SharedCredentialsProvider::new(credentials));
    let signing = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
    let chime = cx.chime();
    Ok(Operation::builder()
        .service_name("ssm")
        .operation_name(operation)
        .http_client(chime.http().clone())
        .endpoint_url(settings.ssm_endpoint.as_deref().unwrap_or(&own))
        .standard_retry(&chime.retries())
        .retry_classifier(TransientClassifier)
        .retry_classifier(TransientErrorClassifier::<No>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(chime.timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(chime.observer(Service::SystemsManager))
        .runtime_plugin(signing)
        .serializer(move |input: String| written(operation, input))
        .deserializer(read)
        .build())
}

fn written(operation: &str, input: String) -> Result<HttpRequest, BoxError> {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AmazonSSM.{operation}"))
        .body(SdkBody::from(input))?;
    Ok(request.try_into()?)
}

fn read(answer: &HttpResponse) -> Result<Json, OrchestratorError<No>> {
    if !answer.status().is_success() {
        return Err(OrchestratorError::operation(No));
    }
    let body = answer.body().bytes().unwrap_or_default();
    serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()))
}
