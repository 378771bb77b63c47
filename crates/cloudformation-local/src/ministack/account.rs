//! An account in MiniStack, and the few requests that it needs, in the wire formats of AWS.

use crate::error::{Error, Result};
use crate::ministack::http_client::{HttpClient, Reply};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The region of all requests.
pub(crate) const REGION: &str = "us-east-1";

/// An account in MiniStack.
#[derive(Debug, Clone)]
pub struct Account {
    http: HttpClient,
    url: String,
    id: String,
}

impl Account {
    pub(crate) fn new(url: &str, id: &str) -> Self {
        Self { http: HttpClient::new(), url: url.to_owned(), id: id.to_owned() }
    }

    /// The account's number.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// MiniStack's address: `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// An action of CloudFormation. Returns the XML of the answer.
    pub(crate) async fn cloudformation(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String> {
        let mut form = format!("Version=2010-05-15&Action={action}");
        for (name, value) in parameters {
            let _ = write!(form, "&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        let kind = "application/x-www-form-urlencoded";
        let reply = self.send("cloudformation", Method::POST, "/", &[("content-type", kind)], form.into()).await?;
        if reply.status.is_success() {
            return Ok(reply.body);
        }
        let message = roxmltree::Document::parse(&reply.body).ok().and_then(|xml| {
            let message =
                xml.descendants().find(|node| node.has_tag_name("Message") || node.tag_name().name() == "Message");
            message.and_then(|message| message.text()).map(str::to_owned)
        });
        Err(Error::new(message.unwrap_or(format!("{action}: {} {}", reply.status, reply.body))))
    }

    /// Puts an object into a bucket, which is created if it does not exist.
    ///
    /// # Errors
    /// MiniStack does not answer, or rejects it.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        let made = self.send("s3", Method::PUT, &format!("/{bucket}"), &[], Vec::new()).await?;
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
        let scope = format!("{}/20260101/{REGION}/{service}/aws4_request", self.id);
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
