//! The HTTP client for the Chime APIs and for the responses to CloudFormation.
//!
//! There is only one, because a second client needs a second TLS configuration, and loading root certificates dominates
//! a cold start. The roots are compiled in, already parsed. A PEM bundle is read only if the settings name one.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

type BoxError = Box<dyn StdError + Send + Sync>;

/// The timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The maximum size of a Chime response in bytes. A page of fifty users with full metadata has a twentieth of that.
const MAX_RESPONSE: usize = 4 << 20;

/// Shorter than the time after which load balancers close idle connections.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Builds the client. It does not follow redirects, and the caller sets the request timeout.
///
/// # Errors
/// The PEM bundle cannot be read, or contains no certificate.
pub fn client(ca_bundle: Option<&Path>) -> Result<reqwest::Client, BoxError> {
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(ca_bundle)?)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()?;
    Ok(client)
}

fn roots(ca_bundle: Option<&Path>) -> Result<RootCertStore, BoxError> {
    let Some(path) = ca_bundle else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let with_bundle = |error: &dyn std::fmt::Display| format!("the certificate bundle {}: {error}", path.display());
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| with_bundle(&error))? {
        store.add(certificate.map_err(|error| with_bundle(&error))?)?;
    }
    if store.is_empty() { Err(with_bundle(&"it contains no certificate").into()) } else { Ok(store) }
}

/// Adapts the client to the SDKs.
#[derive(Clone, Debug)]
pub struct SdkHttpClient(pub reqwest::Client);

impl HttpClient for SdkHttpClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { send(&client, request).await })
    }
}

async fn send(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error: BoxError| ConnectorError::user(error);
    let (head, body) = request.try_into_http1x().map_err(|error| user(error.into()))?.into_parts();
    let body =
        body.bytes().map(<[u8]>::to_vec).ok_or_else(|| user("streaming request bodies are not supported".into()))?;
    let request =
        http::Request::from_parts(head, body).try_into().map_err(|error: reqwest::Error| user(error.into()))?;
    let mut response = client.execute(request).await.map_err(connector_error)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let is_html = headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if status.is_success() && is_html {
        return Err(ConnectorError::other("an HTML page instead of a Chime response".into(), None));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(connector_error)? {
        if body.len() + chunk.len() > MAX_RESPONSE {
            return Err(ConnectorError::other(format!("a response of more than {MAX_RESPONSE} bytes").into(), None));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = http::Response::new(SdkBody::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
        .try_into()
        .map_err(|error: aws_smithy_runtime_api::http::HttpError| ConnectorError::other(error.into(), None))
}

/// If the connection failed, the request was not sent. [`NotSent`] marks such an error, because then a create cannot
/// have had an effect.
fn connector_error(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_connect() {
        ConnectorError::io(NotSent(error).into()).never_connected()
    } else if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// The request was not sent, so it had no effect.
#[derive(Debug)]
pub struct NotSent(reqwest::Error);

impl std::fmt::Display for NotSent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no connection")
    }
}

impl StdError for NotSent {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_certificate_is_an_error_naming_the_file() {
        let path = std::env::temp_dir().join(format!("no-certificate-{}.pem", std::process::id()));
        std::fs::write(&path, "nothing").expect("the file is written");
        let error = client(Some(&path)).expect_err("no certificate").to_string();
        std::fs::remove_file(&path).expect("the file is removed");
        assert!(error.contains("no-certificate") && error.contains("it contains no certificate"), "{error}");
    }
}
