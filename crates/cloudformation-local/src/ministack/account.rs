//! An account in MiniStack: AWS's client for CloudFormation, and the few requests to other services that a stack's surroundings need.
//!
//! The latter are written in the wire formats of AWS. The SDK has a crate for each of the four services, and the one for
//! Systems Manager alone takes longer to compile than everything else here together.

use crate::error::{Error, Result};
use crate::ministack::http_client::{HttpClient, Reply};
use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_types::retry::RetryConfig;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// The region of an account's requests, unless another is asked for.
const REGION: &str = "us-east-1";

/// An account in MiniStack, in one region.
#[derive(Debug, Clone)]
pub struct Account {
    cloudformation: aws_sdk_cloudformation::Client,
    http: HttpClient,
    url: String,
    id: String,
    region: String,
}

impl Account {
    pub(crate) fn new(url: &str, id: &str) -> Self {
        Self::of_region(url, id, REGION)
    }

    fn of_region(url: &str, id: &str, region: &str) -> Self {
        let config = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url(url)
            // MiniStack takes the key's id for the account.
            .credentials_provider(Credentials::new(id, "secret", None, None, "MiniStack"))
            // An engine on this machine throttles nobody, and it may be busy for longer than AWS ever is.
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        Self {
            cloudformation: aws_sdk_cloudformation::Client::from_conf(config.build()),
            http: HttpClient::new(),
            url: url.to_owned(),
            id: id.to_owned(),
            region: region.to_owned(),
        }
    }

    /// The same account in another region. Regions share nothing but the names of buckets.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self::of_region(&self.url, &self.id, region)
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// MiniStack's endpoint for all services: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The account's number.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// MiniStack's address: `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// AWS's client for CloudFormation in this account.
    pub(crate) fn cloudformation(&self) -> &aws_sdk_cloudformation::Client {
        &self.cloudformation
    }

    /// Puts an object into a bucket, which is created if it does not exist.
    ///
    /// # Errors
    /// MiniStack does not answer, or rejects it.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        // In the first region alone, a bucket's place is not stated.
        let place = match self.region.as_str() {
            REGION => String::new(),
            region => format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let made = self.send("s3", Method::PUT, &format!("/{bucket}"), &[], place.into()).await?;
        if !made.status.is_success() && made.status != StatusCode::CONFLICT {
            return Err(rejected("CreateBucket", &made));
        }
        let put = self.send("s3", Method::PUT, &format!("/{bucket}/{key}"), &[], body).await?;
        if put.status.is_success() { Ok(()) } else { Err(rejected("PutObject", &put)) }
    }

    /// Sets a parameter of Systems Manager.
    ///
    /// # Errors
    /// MiniStack does not answer, or rejects it.
    pub async fn put_parameter(&self, name: &str, value: &str) -> Result<()> {
        self.ssm("PutParameter", &json!({"Name": name, "Value": value, "Type": "String", "Overwrite": true}))
            .await
            .map(drop)
    }

    /// Deletes a parameter of Systems Manager.
    ///
    /// # Errors
    /// MiniStack does not answer, or there is no such parameter.
    pub async fn delete_parameter(&self, name: &str) -> Result<()> {
        self.ssm("DeleteParameter", &json!({"Name": name})).await.map(drop)
    }

    /// The parameters of Systems Manager below `path`, by name.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn parameters(&self, path: &str) -> Result<BTreeMap<String, String>> {
        let (mut found, mut token) = (BTreeMap::new(), Json::Null);
        loop {
            let mut input = json!({"Path": path, "Recursive": true});
            if !token.is_null() {
                input["NextToken"] = token;
            }
            let page = self.ssm("GetParametersByPath", &input).await?;
            let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
            let parameters = page["Parameters"].as_array().into_iter().flatten();
            found.extend(parameters.map(|parameter| (text(&parameter["Name"]), text(&parameter["Value"]))));
            token = page["NextToken"].clone();
            if token.is_null() {
                return Ok(found);
            }
        }
    }

    async fn ssm(&self, operation: &str, input: &Json) -> Result<Json> {
        let target = format!("AmazonSSM.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let reply = self.send("ssm", Method::POST, "/", &headers, input.to_string().into()).await?;
        if !reply.status.is_success() {
            return Err(rejected(operation, &reply));
        }
        Ok(serde_json::from_str(&reply.body).unwrap_or_default())
    }

    /// Kinesis's summary of a data stream, if the stream exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn stream(&self, name: &str) -> Result<Option<Json>> {
        let target = ("x-amz-target", "Kinesis_20131202.DescribeStreamSummary");
        let headers = [("content-type", "application/x-amz-json-1.1"), target];
        let body = json!({"StreamName": name}).to_string();
        let reply = self.send("kinesis", Method::POST, "/", &headers, body.into()).await?;
        let said: Json = serde_json::from_str(&reply.body).unwrap_or_default();
        Ok(reply.status.is_success().then(|| said["StreamDescriptionSummary"].clone()))
    }

    /// The text of a function's policy, which may be empty, if the function exists.
    ///
    /// # Errors
    /// MiniStack does not answer.
    pub async fn function_policy(&self, name: &str) -> Result<Option<String>> {
        let path = format!("/2015-03-31/functions/{name}");
        if !self.send("lambda", Method::GET, &path, &[], Vec::new()).await?.status.is_success() {
            return Ok(None);
        }
        let policy = self.send("lambda", Method::GET, &format!("{path}/policy"), &[], Vec::new()).await?;
        let said: Json = serde_json::from_str(&policy.body).unwrap_or_default();
        Ok(Some(said["Policy"].as_str().unwrap_or_default().to_owned()))
    }

    async fn send(
        &self,
        service: &str,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Result<Reply> {
        // MiniStack does not check the signature, but reads the account and the service in it.
        let scope = format!("{}/20260101/{}/{service}/aws4_request", self.id, self.region);
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        request = request.header(AUTHORIZATION, signature);
        if !headers.iter().any(|(name, _)| *name == CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/octet-stream");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| Error::new(error.to_string()))?;
        let reply = self.http.send(request).await;
        reply.map_err(|error| Error::new(format!("MiniStack does not answer: {error}")))
    }
}

fn rejected(action: &str, reply: &Reply) -> Error {
    Error::new(format!("{action}: {} {}", reply.status, reply.body))
}

/// CloudFormation's own message; where there is none, why no answer came.
pub(crate) fn error<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: Debug,
{
    match error.message() {
        Some(message) => Error::new(message),
        None => Error::new(format!("CloudFormation in MiniStack: {}", DisplayErrorContext(error))),
    }
}
