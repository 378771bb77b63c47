//! Our own template, deployed as a user deploys it, with the built function in it.

use super::stack::{Deployment, Stack, StackEvent};
use super::{Account, Error, Result};
use std::io::{Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The stack of the function.
pub const FUNCTION_STACK: &str = "chime-messaging-resources";

/// The template that users deploy.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The object that holds the package.
const KEY: &str = "function.zip";

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
    let binary = binary.canonicalize().map_err(|error| Error::new(format!("{}: {error}", binary.display())))?;
    // A bucket's name is nobody else's in the world.
    let bucket = format!("chime-messaging-resources-{}", account.id());
    account.put_object(&bucket, KEY, package(&binary)?).await?;
    let template = filled(&[
        // As `sam package` does.
        ("CodeUri: .\n", format!("CodeUri: s3://{bucket}/{KEY}\n")),
        // As `sam local invoke --env-vars` does.
        ("AWS_ENDPOINT_URL: \"\"\n", format!("AWS_ENDPOINT_URL: {chime_url}\n")),
        ("RESPONSE_URL_HOSTS: \"\"\n", format!("RESPONSE_URL_HOSTS: {}\n", account.host())),
    ])?;
    Stack::new(account, FUNCTION_STACK).deploy(&template, &[], on_event).await
}

/// The template with other lines in it, each of which has to stand there once.
fn filled(replacements: &[(&str, String)]) -> Result<String> {
    let mut template = TEMPLATE.to_owned();
    for (line, replacement) in replacements {
        if template.matches(line).count() != 1 {
            return Err(Error::new(format!("template.yaml does not say {:?} once", line.trim())));
        }
        template = template.replace(line, replacement);
    }
    Ok(template)
}

/// A package whose bootstrap becomes `binary`: MiniStack runs it on this machine, and a copy of a debug build is large.
///
/// # Errors
/// None, unless memory is out.
pub fn package(binary: &Path) -> Result<Vec<u8>> {
    let path = binary.display().to_string();
    let bootstrap = format!("#!/bin/sh\nexec '{}'\n", path.replace('\'', r"'\''"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
    zip.start_file("bootstrap", options).map_err(|error| Error::new(error.to_string()))?;
    zip.write_all(bootstrap.as_bytes())?;
    Ok(zip.finish().map_err(|error| Error::new(error.to_string()))?.into_inner())
}
