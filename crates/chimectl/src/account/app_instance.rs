//! The app instance that a command line names.

use chime_messaging_resources::inspection::attribute;

/// Checks an argument that has to be the ARN of an app instance.
///
/// # Errors
/// It is another text.
pub fn check(argument: &str) -> Result<(), String> {
    match attribute("Custom::ChimeAppInstance", argument, "AppInstanceArn") {
        Some(_) => Ok(()),
        None => Err(format!("{argument} is not the ARN of an app instance")),
    }
}
