//! What a CDK app needs beside its template: the files that `cdk deploy` would publish first.

use super::client::REGION;
use super::{Account, Error, Result};
use serde_json::Value as Json;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Publishes the assets of a synthesized template `NAME.template.json`, which `NAME.assets.json` beside it lists, as
/// `cdk deploy` does, in a bootstrapped account. Gives how many there were; for any other template there are none.
///
/// # Errors
/// The list or an asset cannot be read.
pub async fn publish(account: &Account, template: &Path) -> Result<usize> {
    // The rule in every synthesized template reads it, wherever it lies, to see that the account is bootstrapped.
    account.put_parameter("/cdk-bootstrap/hnb659fds/version", "21").await?;
    let name = template.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(stem) = name.strip_suffix(".template.json") else { return Ok(0) };
    let list = template.with_file_name(format!("{stem}.assets.json"));
    if !list.exists() {
        return Ok(0);
    }
    let broken = |why: String| Error::new(format!("{}: {why}", list.display()));
    let manifest: Json =
        serde_json::from_str(&fs::read_to_string(&list)?).map_err(|error| broken(error.to_string()))?;
    let mut published = 0;
    for file in manifest["files"].as_object().into_iter().flatten().map(|(_, file)| file) {
        let text =
            |value: &Json| value.as_str().map(str::to_owned).ok_or_else(|| broken("it is no list of assets".into()));
        let source = template.with_file_name(text(&file["source"]["path"])?);
        let content = if file["source"]["packaging"] == "zip" { zipped(&source)? } else { fs::read(&source)? };
        for destination in file["destinations"].as_object().into_iter().flatten().map(|(_, destination)| destination) {
            let concrete = |text: String| {
                let text = text.replace("${AWS::AccountId}", account.id());
                text.replace("${AWS::Region}", REGION).replace("${AWS::Partition}", "aws")
            };
            let bucket = concrete(text(&destination["bucketName"])?);
            account.put_object(&bucket, &concrete(text(&destination["objectKey"])?), content.clone()).await?;
        }
        published += 1;
    }
    Ok(published)
}

fn zipped(directory: &Path) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut zip, directory, "")?;
    Ok(zip.finish().map_err(|error| Error::new(error.to_string()))?.into_inner())
}

fn add(zip: &mut ZipWriter<Cursor<Vec<u8>>>, directory: &Path, prefix: &str) -> Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            add(zip, &entry.path(), &format!("{name}/"))?;
        } else {
            zip.start_file(name, options).map_err(|error| Error::new(error.to_string()))?;
            zip.write_all(&fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
