//! The function's own stack: `template.yaml`, deployed as a user deploys it, with the built function.

use crate::template;
use cloudformation_local::archive::{Compression, zip};
use cloudformation_local::{Account, Deployment, Error, MiniStack, Python, Stack, StackEvent};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The stack of the function.
pub const FUNCTION_STACK: &str = "chime-messaging-resources";

/// Passes AWS's own types of the Chime SDK messaging, which MiniStack does not know, to the function.
const NATIVE_TYPES: &str = include_str!("function_stack/native_types.py");

/// Gives each function the addresses of this machine.
const ADDRESSES: &str = include_str!("function_stack/addresses.py");

type Result<T> = std::result::Result<T, Error>;

/// Starts a MiniStack that also has AWS's own types of the Chime SDK messaging, once the function is deployed in it.
///
/// # Errors
/// See [`MiniStack::start`].
pub async fn start_ministack(python: &Python) -> Result<MiniStack> {
    MiniStack::start_extended(python, NATIVE_TYPES).await
}

/// The same, and every function in it has the addresses of this machine, unless its template states others: those of the Chime APIs
/// (`chime_urls`, by region), of Systems Manager in MiniStack, and of the answers to CloudFormation. `state` is the folder of an earlier run's
/// state, if that is to be kept.
///
/// # Errors
/// See [`MiniStack::start`].
pub async fn start_ministack_with_chime(
    python: &Python,
    chime_urls: &BTreeMap<String, String>,
    state: Option<&Path>,
) -> Result<MiniStack> {
    // An object of texts in JSON is one in Python too.
    let urls = serde_json::to_string(chime_urls).map_err(|error| Error::new(error.to_string()))?;
    let extension = format!("CHIME_URLS = {urls}\n{ADDRESSES}\n{NATIVE_TYPES}");
    MiniStack::start_from(python, &extension, state).await
}

/// Deploys `template.yaml` with the function `binary`, whose Chime calls go to `chime_url`; if that is empty, they go where MiniStack lets them
/// go ([`start_ministack_with_chime`]).
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
    // The names of buckets are unique across all accounts and regions.
    let bucket = format!("chime-messaging-resources-{}-{}", account.id(), account.region());
    let package = package(&binary)?;
    // As `sam package` names it, so that another build is another object.
    let mut hasher = DefaultHasher::new();
    package.hash(&mut hasher);
    let key = format!("{:016x}.zip", hasher.finish());
    account.put_object(&bucket, &key, package).await?;
    let template = template::filled(&[
        // Like `sam package`.
        ("CodeUri: .\n", format!("CodeUri: s3://{bucket}/{key}\n")),
        // Like `sam local invoke --env-vars`.
        ("AWS_ENDPOINT_URL: \"\"\n", format!("AWS_ENDPOINT_URL: \"{chime_url}\"\n")),
        ("RESPONSE_URL_HOSTS: !Ref ResponseBuckets\n", format!("RESPONSE_URL_HOSTS: {}\n", account.host())),
    ])
    .map_err(Error::new)?;
    Stack::new(account, name).deploy(&template, parameters, on_event).await
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
