//! The function's own stack: `template.yaml`, deployed as a user deploys it, with the built function.

use crate::template;
use cloudformation_local::archive::{Compression, zip};
use cloudformation_local::{Account, Deployment, Error, MiniStack, Python, Stack, StackEvent};
use serde_json::{Value as Json, json};
use std::path::Path;

/// The stack of the function.
pub const FUNCTION_STACK: &str = "chime-messaging-resources";

/// Passes AWS's own types of the Chime SDK messaging, which MiniStack does not know, to the function.
const NATIVE_TYPES: &str = include_str!("function_stack/native_types.py");

/// The key of the package in its bucket.
const KEY: &str = "function.zip";

type Result<T> = std::result::Result<T, Error>;

/// Starts a MiniStack that also has AWS's own types of the Chime SDK messaging, once the function is deployed in it.
///
/// # Errors
/// See [`MiniStack::start`].
pub async fn start_ministack(python: &Python) -> Result<MiniStack> {
    MiniStack::start_extended(python, NATIVE_TYPES).await
}

/// Deploys `template.yaml` with the function `binary`, whose Chime calls go to `chime_url`.
///
/// # Errors
/// The binary does not exist, or the engine rejects the template. A deployment that fails is not an error.
pub async fn deploy_function(
    account: &Account,
    binary: &Path,
    chime_url: &str,
    on_event: impl FnMut(&StackEvent),
) -> Result<Deployment> {
    deploy_copy(account, binary, chime_url, FUNCTION_STACK, &[], on_event).await
}

/// The same as the stack `name`, with parameters: with another NamePrefix, it can be deployed beside the first.
///
/// # Errors
/// See [`deploy_function`].
pub async fn deploy_copy(
    account: &Account,
    binary: &Path,
    chime_url: &str,
    name: &str,
    parameters: &[(String, String)],
    on_event: impl FnMut(&StackEvent),
) -> Result<Deployment> {
    let binary = binary.canonicalize().map_err(|error| Error::new(format!("{}: {error}", binary.display())))?;
    // The names of buckets are unique across all accounts.
    let bucket = format!("chime-messaging-resources-{}", account.id());
    account.put_object(&bucket, KEY, package(&binary)?).await?;
    let template = template::filled(&[
        // Like `sam package`.
        ("CodeUri: .\n", format!("CodeUri: s3://{bucket}/{KEY}\n")),
        // Like `sam local invoke --env-vars`.
        ("AWS_ENDPOINT_URL: \"\"\n", format!("AWS_ENDPOINT_URL: {chime_url}\n")),
        ("RESPONSE_URL_HOSTS: !Ref ResponseBuckets\n", format!("RESPONSE_URL_HOSTS: {}\n", account.host())),
    ])
    .map_err(Error::new)?;
    Stack::new(account, name).deploy(&template, parameters, on_event).await
}

/// Adapts a template to this machine. If the user's own template has the function in it, by CDK's construct, its Chime calls go to
/// `chime_url` and its answers to `host`. Other templates do not change.
pub fn with_endpoints(template: &str, chime_url: &str, host: &str) -> String {
    // CDK writes JSON.
    let Ok(mut json) = serde_json::from_str::<Json>(template) else { return template.to_owned() };
    let Some(resources) = json.get_mut("Resources").and_then(Json::as_object_mut) else { return template.to_owned() };
    let mut has_function = false;
    for resource in resources.values_mut() {
        let Some(variables) = resource.pointer_mut("/Properties/Environment/Variables") else { continue };
        // Only our function declares both and leaves them empty.
        if variables["AWS_ENDPOINT_URL"] == "" && variables["RESPONSE_URL_HOSTS"] == "" {
            variables["AWS_ENDPOINT_URL"] = json!(chime_url);
            variables["RESPONSE_URL_HOSTS"] = json!(host);
            has_function = true;
        }
    }
    if has_function { json.to_string() } else { template.to_owned() }
}

/// A package whose bootstrap runs `binary`: MiniStack runs it on this machine, and a copy of a debug build would be large.
///
/// # Errors
/// None, unless there is no memory left.
pub fn package(binary: &Path) -> Result<Vec<u8>> {
    let path = binary.display().to_string();
    let script = format!("#!/bin/sh\nexec '{}'\n", path.replace('\'', r"'\''"));
    Ok(zip([("bootstrap", script.into_bytes())], Compression::Deflate)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_template_with_the_function_in_it_gets_the_addresses() {
        let of =
            |variables: Json| json!({"Resources": {"F": {"Properties": {"Environment": {"Variables": variables}}}}});
        let ours = of(json!({"CHIME_REGION": "", "AWS_ENDPOINT_URL": "", "RESPONSE_URL_HOSTS": ""})).to_string();
        let filled = of(json!({"CHIME_REGION": "", "AWS_ENDPOINT_URL": "http://c", "RESPONSE_URL_HOSTS": "h"}));
        assert_eq!(with_endpoints(&ours, "http://c", "h"), filled.to_string());
        let stated = of(json!({"AWS_ENDPOINT_URL": "http://mine", "RESPONSE_URL_HOSTS": ""})).to_string();
        for other in [&stated, "Resources: {}\n", "{ \"Resources\": {\"T\": {\"Type\": \"AWS::SNS::Topic\"}} }", "[]"] {
            assert_eq!(with_endpoints(other, "http://c", "h"), other);
        }
    }
}
