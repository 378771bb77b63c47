//! Our own template, deployed as a user deploys it, with the built function in it.

use crate::template;
use cloudformation_local::archive::{Compression, zip};
use cloudformation_local::{Account, Deployment, Error, MiniStack, Python, Stack, StackEvent};
use serde_json::{Value as Json, json};
use std::path::Path;

/// The stack of the function.
pub const FUNCTION_STACK: &str = "chime-messaging-resources";

/// AWS's own types of the Chime SDK messaging, which MiniStack does not know: handed to the function.
const NATIVE_TYPES: &str = include_str!("function_stack/native_types.py");

/// The object that holds the package.
const KEY: &str = "function.zip";

type Result<T> = std::result::Result<T, Error>;

/// Starts a MiniStack that knows AWS's own types of the Chime SDK messaging as well, once the function is deployed in it.
///
/// # Errors
/// As of [`MiniStack::start`].
pub async fn start_ministack(python: &Python) -> Result<MiniStack> {
    MiniStack::start_extended(python, NATIVE_TYPES).await
}

/// Deploys `template.yaml` with the function `binary`, whose Chime calls go to `chime_url`.
///
/// # Errors
/// The binary is not there, or the engine does not take the template. A deployment that failed is no error.
pub async fn deploy_function(
    account: &Account,
    binary: &Path,
    chime_url: &str,
    on_event: impl FnMut(&StackEvent),
) -> Result<Deployment> {
    deploy_copy(account, binary, chime_url, FUNCTION_STACK, &[], on_event).await
}

/// The same as the stack `name`, with these parameters: with another NamePrefix, it stands beside the first.
///
/// # Errors
/// As of [`deploy_function`].
pub async fn deploy_copy(
    account: &Account,
    binary: &Path,
    chime_url: &str,
    name: &str,
    parameters: &[(String, String)],
    on_event: impl FnMut(&StackEvent),
) -> Result<Deployment> {
    let binary = binary.canonicalize().map_err(|error| Error::new(format!("{}: {error}", binary.display())))?;
    // A bucket's name is nobody else's in the world.
    let bucket = format!("chime-messaging-resources-{}", account.id());
    account.put_object(&bucket, KEY, package(&binary)?).await?;
    let template = template::filled(&[
        // As `sam package` does.
        ("CodeUri: .\n", format!("CodeUri: s3://{bucket}/{KEY}\n")),
        // As `sam local invoke --env-vars` does.
        ("AWS_ENDPOINT_URL: \"\"\n", format!("AWS_ENDPOINT_URL: {chime_url}\n")),
        ("RESPONSE_URL_HOSTS: \"\"\n", format!("RESPONSE_URL_HOSTS: {}\n", account.host())),
    ])
    .map_err(Error::new)?;
    Stack::new(account, name).deploy(&template, parameters, on_event).await
}

/// A template as it is deployed here. CDK's construct for the function puts it into a template of the user's own: its Chime calls go to
/// `chime_url` then, and it answers at `host`. Any other template stays as it is.
pub fn with_endpoints(template: &str, chime_url: &str, host: &str) -> String {
    // CDK writes JSON.
    let Ok(mut json) = serde_json::from_str::<Json>(template) else { return template.to_owned() };
    let Some(resources) = json.get_mut("Resources").and_then(Json::as_object_mut) else { return template.to_owned() };
    let mut has_function = false;
    for resource in resources.values_mut() {
        let Some(variables) = resource.pointer_mut("/Properties/Environment/Variables") else { continue };
        // Both are declared and empty in our function alone.
        if variables["AWS_ENDPOINT_URL"] == "" && variables["RESPONSE_URL_HOSTS"] == "" {
            variables["AWS_ENDPOINT_URL"] = json!(chime_url);
            variables["RESPONSE_URL_HOSTS"] = json!(host);
            has_function = true;
        }
    }
    if has_function { json.to_string() } else { template.to_owned() }
}

/// A package whose bootstrap becomes `binary`: MiniStack runs it on this machine, and a copy of a debug build is large.
///
/// # Errors
/// None, unless memory is out.
pub fn package(binary: &Path) -> Result<Vec<u8>> {
    let path = binary.display().to_string();
    let script = format!("#!/bin/sh\nexec '{}'\n", path.replace('\'', r"'\''"));
    Ok(zip([("bootstrap", script.into_bytes())], Compression::Deflate)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_with_the_function_in_it_gets_the_addresses_and_no_other_does() {
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
