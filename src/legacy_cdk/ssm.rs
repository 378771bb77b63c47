//! The SSM parameters in which the library stores its ARNs: reads their history and deletes them.
//!
//! The function needs two of some 150 operations. The SDK's SSM client would make the package 0.19 MB larger
//! (measured). This module instead writes the two requests by hand and uses the SDK's runtime, signer and retries.

use crate::chime::error::{Error, Kind, Result, code, error_response};
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

/// One version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The value.
    pub value: String,
    /// Who wrote it. For a function, this is the ARN of its role's session, which ends with the function's name.
    /// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterHistory.html>
    pub writer: String,
}

/// All versions of the parameter `name`, oldest first. Empty if there is no such parameter.
///
/// # Errors
/// Those of GetParameterHistory.
pub async fn history(cx: &Context, name: &str) -> Result<Vec<Version>> {
    let list = |token: Option<String>| -> LocalBoxFuture<'_, Result<Page<Version>>> {
        Box::pin(async move {
            let mut input = json!({"Name": name, "MaxResults": PAGE_SIZE});
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
    let version = |json: &Json| Version { value: text(&json["Value"]), writer: text(&json["LastModifiedUser"]) };
    let items = page["Parameters"].as_array().into_iter().flatten().map(version).collect();
    Page { items, next_token: page["NextToken"].as_str().filter(|token| !token.is_empty()).map(str::to_owned) }
}

/// The largest page size of GetParameterHistory. SSM keeps a hundred versions.
const PAGE_SIZE: u32 = 50;

/// Deletes the parameter `name` if it exists.
///
/// # Errors
/// Those of DeleteParameter.
pub async fn delete(cx: &Context, name: &str) -> Result<()> {
    call(cx, "DeleteParameter", &json!({"Name": name})).await.map(|_| ())
}

/// An error response.
#[derive(Debug)]
struct ErrorResponse;

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error response")
    }
}

impl std::error::Error for ErrorResponse {}

/// Calls `operation`. `None` if the parameter does not exist.
async fn call(cx: &Context, operation: &'static str, input: &Json) -> Result<Option<Json>> {
    let failed = |kind, what: &str| Err(Error::new(kind, format!("{operation}: AWS Systems Manager {what}")));
    match request(cx, operation)?.invoke(input.to_string()).await {
        Ok(output) => Ok(Some(output)),
        Err(SdkError::ServiceError(error)) if code(error.raw()) == "ParameterNotFound" => Ok(None),
        Err(SdkError::ServiceError(error)) => Err(error_response(Service::SystemsManager, operation, error.raw())),
        Err(SdkError::ResponseError(unreadable)) => {
            Err(error_response(Service::SystemsManager, operation, unreadable.raw()))
        }
        Err(SdkError::TimeoutError(_)) => failed(Kind::TimedOut, "did not answer in time"),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => {
            failed(Kind::TimedOut, "did not answer in time")
        }
        Err(SdkError::DispatchFailure(_)) => failed(Kind::Unavailable, "could not be reached"),
        Err(_) => Err(Error::bug(format!("The {operation} request could not be built"))),
    }
}

/// Prepares `operation` for its input. It uses the region of the Chime resources, as the library does.
fn request(cx: &Context, operation: &'static str) -> Result<Operation<String, Json, ErrorResponse>> {
    let settings = cx.settings();
    let region = settings.region.clone().unwrap_or_default();
    let access = cx.chime().access();
    let own = settings.credentials.clone().map(SharedCredentialsProvider::new);
    let Some(credentials) = access.map(|access| access.credentials.clone()).or(own) else {
        return Err(Error::new(Kind::Denied, format!("{operation}: the function has no credentials")));
    };
    let default_endpoint = format!("https://ssm.{region}.amazonaws.com");
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
        .with_identity_resolver(SCHEME_ID, credentials);
    let components = access.into_iter().fold(components, |components, access| {
        components.with_interceptor(access.interceptor.clone()).with_retry_classifier(access.retry_classifier.clone())
    });
    let signing = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
    let chime = cx.chime();
    Ok(Operation::builder()
        .service_name("SSM")
        .operation_name(operation)
        .http_client(chime.http().clone())
        .endpoint_url(settings.ssm_endpoint.as_deref().unwrap_or(&default_endpoint))
        .standard_retry(&chime.retries())
        .retry_classifier(TransientClassifier)
        .retry_classifier(TransientErrorClassifier::<ErrorResponse>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(chime.timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(chime.observer(Service::SystemsManager))
        .runtime_plugin(signing)
        .serializer(move |input: String| serialize(operation, input))
        .deserializer(deserialize)
        .build())
}

fn serialize(operation: &str, input: String) -> Result<HttpRequest, BoxError> {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AmazonSSM.{operation}"))
        .body(SdkBody::from(input))?;
    Ok(request.try_into()?)
}

fn deserialize(response: &HttpResponse) -> Result<Json, OrchestratorError<ErrorResponse>> {
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(ErrorResponse));
    }
    let body = response.body().bytes().unwrap_or_default();
    serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()))
}
