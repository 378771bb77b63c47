//! The parameters of AWS Systems Manager: reading, writing and deleting one, its history, and those below a path.
//!
//! They are at the same address as Chime, because `AWS_ENDPOINT_URL` is the address of all services.

use crate::signature;
use loopback_server::{Reply, Request};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The beginning of the header `x-amz-target`.
const TARGET: &str = "AmazonSSM.";

/// The parameters of the account.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// The versions of each parameter, the newest last: its value and its writer.
    held: BTreeMap<String, Vec<(String, String)>>,
    /// The operations called so far.
    pub calls: Vec<String>,
    /// The status and the code of the error that every call gets, if any.
    pub error: Option<(u16, &'static str)>,
}

/// An error's status, code and message.
type Refused = (u16, &'static str, String);

impl Parameters {
    /// Whether a request is for Systems Manager.
    pub fn are_meant_by(request: &Request) -> bool {
        request.header("x-amz-target").is_some_and(|target| target.starts_with(TARGET))
    }

    /// The newest values, by name.
    pub fn values(&self) -> BTreeMap<String, String> {
        let last = |written: &Vec<(String, String)>| written.last().map(|(value, _)| value.clone()).unwrap_or_default();
        self.held.iter().map(|(name, written)| (name.clone(), last(written))).collect()
    }

    /// Writes a parameter and returns its version; the first is 1.
    pub fn put(&mut self, name: &str, value: &str, writer: &str) -> usize {
        let written = self.held.entry(name.to_owned()).or_default();
        written.push((value.to_owned(), writer.to_owned()));
        written.len()
    }

    /// Deletes all of them.
    pub fn clear(&mut self) {
        self.held.clear();
    }

    pub fn answer(&mut self, request: &Request, region: &str) -> Reply {
        let operation =
            request.header("x-amz-target").and_then(|target| target.strip_prefix(TARGET)).unwrap_or_default();
        self.calls.push(operation.to_owned());
        match self.perform(operation, request, region) {
            Ok(answer) => reply(200, &answer),
            Err((status, code, message)) => reply(status, &json!({"__type": code, "message": message})),
        }
    }

    fn perform(&mut self, operation: &str, request: &Request, region: &str) -> Result<Json, Refused> {
        signature::check(request.header("authorization"), "ssm", region)
            .map_err(|error| (error.status, error.name, error.message))?;
        if let Some((status, code)) = self.error {
            return Err((status, code, code.to_owned()));
        }
        let input: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        let (name, value) = (input["Name"].as_str().unwrap_or_default(), input["Value"].as_str().unwrap_or_default());
        let missing = || (400, "ParameterNotFound", String::new());
        match operation {
            "GetParameter" => {
                let (value, _) = self.held.get(name).and_then(|written| written.last()).ok_or_else(missing)?;
                Ok(json!({"Parameter": {"Name": name, "Type": "String", "Value": value}}))
            }
            "GetParametersByPath" => {
                let path = format!("{}/", input["Path"].as_str().unwrap_or_default().trim_end_matches('/'));
                let is_below = |name: &str| {
                    let rest = name.strip_prefix(&path);
                    rest.is_some_and(|rest| input["Recursive"] == true || !rest.contains('/'))
                };
                let from = input["NextToken"].as_str().and_then(|from| from.parse().ok()).unwrap_or(0);
                let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(10);
                let below: Vec<_> = self.values().into_iter().filter(|(name, _)| is_below(name)).collect();
                let parameter =
                    |(name, value): &(String, String)| json!({"Name": name, "Type": "String", "Value": value});
                let page: Vec<Json> = below.iter().skip(from).take(size).map(parameter).collect();
                let next = Some(from + size).filter(|next| *next < below.len()).map(|next| next.to_string());
                Ok(json!({"Parameters": page, "NextToken": next}))
            }
            "GetParameterHistory" => {
                let (written, from) = (self.held.get(name).ok_or_else(missing)?, input["NextToken"].as_str());
                let from = from.and_then(|from| from.parse().ok()).unwrap_or(0);
                let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(50);
                let version = |(at, (value, writer)): (usize, &(String, String))| json!({"Name": name, "Type": "String", "Value": value, "Version": at + 1, "LastModifiedUser": writer});
                let page: Vec<Json> = written.iter().enumerate().skip(from).take(size).map(version).collect();
                let next = Some(from + size).filter(|next| *next < written.len()).map(|next| next.to_string());
                Ok(json!({"Parameters": page, "NextToken": next}))
            }
            "PutParameter" if self.held.contains_key(name) && input["Overwrite"] != true => {
                Err((400, "ParameterAlreadyExists", "The parameter already exists.".to_owned()))
            }
            "PutParameter" => Ok(json!({"Version": self.put(name, value, ""), "Tier": "Standard"})),
            "DeleteParameter" => self.held.remove(name).map(|_| json!({})).ok_or_else(missing),
            _ => Err((501, "InternalServerError", format!("{operation} is not simulated"))),
        }
    }
}

fn reply(status: u16, body: &Json) -> Reply {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Reply { status, headers, body: body.to_string().into_bytes() }
}
