//! The assets of a CDK app: the files that `cdk deploy` publishes before the template.

use crate::archive::{Compression, zip};
use crate::error::{Error, Result};
use crate::ministack::account::Account;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;

/// Publishes the assets of a synthesized template `NAME.template.json`, which `NAME.assets.json` beside it lists, as `cdk deploy` does in
/// a bootstrapped account. Returns how many there were; other templates have none.
///
/// # Errors
/// The list or an asset cannot be read.
pub async fn publish(account: &Account, template: &Path) -> Result<usize> {
    // Every synthesized template has a rule that reads it to check whether the account is bootstrapped.
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
            |value: &Json| value.as_str().map(str::to_owned).ok_or_else(|| broken("it is not a list of assets".into()));
        let source = template.with_file_name(text(&file["source"]["path"])?);
        let content = if file["source"]["packaging"] == "zip" { zipped(&source)? } else { fs::read(&source)? };
        for destination in file["destinations"].as_object().into_iter().flatten().map(|(_, destination)| destination) {
            let concrete = |text: String| {
                let text = text.replace("${AWS::AccountId}", account.id());
                text.replace("${AWS::Region}", account.region()).replace("${AWS::Partition}", "aws")
            };
            let bucket = concrete(text(&destination["bucketName"])?);
            account.put_object(&bucket, &concrete(text(&destination["objectKey"])?), content.clone()).await?;
        }
        published += 1;
    }
    Ok(published)
}

/// A file or a folder as Lambda takes code: a zip as it is, and everything else in a zip.
///
/// # Errors
/// It cannot be read.
pub fn packed(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        return zipped(path);
    }
    let content = fs::read(path)?;
    if path.extension().is_some_and(|extension| extension == "zip" || extension == "jar") {
        return Ok(content);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(zip([(name, content)], Compression::Stored)?)
}

fn zipped(directory: &Path) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    collect(directory, "", &mut files)?;
    Ok(zip(files, Compression::Stored)?)
}

/// The files in a directory and below, by their paths in it.
fn collect(directory: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, fs::read(entry.path())?));
        }
    }
    Ok(())
}
