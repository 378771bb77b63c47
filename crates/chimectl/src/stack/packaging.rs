//! Puts the files that a template names into a bucket, as `aws cloudformation package` and `sam deploy` do: nested templates, and code.

use crate::function_stack::package as package_of_function;
use crate::stack::rehearsal::text as words;
use crate::stack::source::{LocalFile, Place, local_files};
use cloudformation_local::{Account, packed};
use serde_json::json;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The executable of this project's function, which SAM would build.
const FUNCTION: &str = "chime-messaging-resources";

/// The text of a template in which each file of this machine is an object in a bucket. `function` is the built function of this project, for
/// a template that has it in it.
///
/// # Errors
/// A file cannot be read, or has to be built first.
pub async fn packaged(account: &Account, template: &Path, text: &str, function: &Path) -> Result<String, String> {
    let bucket = format!("packaged-{}-{}", account.id(), account.region());
    let folder = template.parent().unwrap_or(Path::new(""));
    let mut packaged = text.to_owned();
    // From the end, so that the places before stay where they are.
    for file in local_files(text).into_iter().rev() {
        let path = folder.join(&file.name);
        let broken = |why: String| format!("{}: {} names {}: {why}", template.display(), file.logical_id, file.name);
        let content = content(account, &file, &path, function).await.map_err(broken)?;
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let key = format!("{:016x}", hasher.finish());
        account.put_object(&bucket, &key, content).await.map_err(words)?;
        let value = match file.place {
            Place::Uri => json!(format!("s3://{bucket}/{key}")),
            Place::Object => json!({"S3Bucket": bucket, "S3Key": key}),
            Place::TemplateUrl => json!(format!("https://s3.{}.amazonaws.com/{bucket}/{key}", account.region())),
        };
        // JSON is YAML too.
        packaged.replace_range(file.at, &value.to_string());
    }
    Ok(packaged)
}

async fn content(account: &Account, file: &LocalFile, path: &Path, function: &Path) -> Result<Vec<u8>, String> {
    match (&file.build, file.place) {
        (_, Place::TemplateUrl) => {
            let text = std::fs::read_to_string(path).map_err(words)?;
            // A nested template names files of its own.
            Box::pin(packaged(account, path, &text, function)).await.map(String::into_bytes)
        }
        (Some((_, Some(binary))), _) if binary == FUNCTION => {
            let function = function.canonicalize().map_err(|error| format!("{}: {error}", function.display()))?;
            package_of_function(&function).map_err(words)
        }
        (Some((method, _)), _) => Err(format!(
            "it has to be built first ({method}): run sam build, and rehearse .aws-sam/build/template.yaml"
        )),
        (None, _) => packed(path).map_err(words),
    }
}
